/* The mounts that a guest's own /etc/fstab asks for. */
#ifndef BEE_GUEST_NS_FSTAB_H
#define BEE_GUEST_NS_FSTAB_H

/* Calls `each` with device and place of every line of ROOT/etc/fstab that names both by an
 * absolute path, until it returns something else than 0. The file is the guest's: it is
 * looked up inside, and at most its first 64 KiB are read. */
void fstab_each(const char *root,
		int (*each)(const char *device, const char *at, void *data), void *data);

#endif
