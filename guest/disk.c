/* Disk images: their partitions, loop devices over them, and the mounts of those. */
#include "disk.h"

#include <blkid/blkid.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512u /* libblkid counts in these whatever the disk has */

PRINTF_LIKE(4, 5)
static int refuse(int error, char *why, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, size, fmt, args);
	va_end(args);
	return error;
}

static uint64_t start_of(blkid_partition p)
{
	return (uint64_t)blkid_partition_get_start(p);
}

static uint64_t end_of(blkid_partition p)
{
	return start_of(p) + (uint64_t)blkid_partition_get_size(p);
}

/* An MBR's extended partition is there to hold others. */
static bool holds_others(blkid_partition p)
{
	return blkid_partition_is_extended(p) != 0;
}

static int partition_take(blkid_partlist list, unsigned number, uint64_t sectors,
			  struct disk_range *range, char *why, size_t size)
{
	blkid_partition p = blkid_partlist_get_partition_by_partno(list, (int)number);
	int count = blkid_partlist_numof_partitions(list);

	if (!p)
		return refuse(-ENOENT, why, size, "it has no partition %u", number);
	if (holds_others(p))
		return refuse(-EINVAL, why, size, "partition %u only holds others",
			      number);
	if (end_of(p) <= start_of(p) || start_of(p) == 0 || end_of(p) > sectors)
		return refuse(-ERANGE, why, size, "partition %u is not inside the image",
			      number);
	for (int i = 0; i < count; i++) {
		blkid_partition other = blkid_partlist_get_partition(list, i);

		if (!other || other == p || holds_others(other))
			continue;
		if (start_of(other) < end_of(p) && start_of(p) < end_of(other))
			return refuse(-ERANGE, why, size, "partitions %u and %d overlap",
				      number, blkid_partition_get_partno(other));
	}
	range->offset = start_of(p) * SECTOR;
	range->size = (end_of(p) - start_of(p)) * SECTOR;
	return 0;
}

int disk_range(int image, unsigned number, struct disk_range *range, char *why,
	       size_t size)
{
	blkid_probe probe;
	blkid_partlist list = NULL;
	struct stat st;
	int result;

	if (fstat(image, &st))
		return refuse(-errno, why, size, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(-EINVAL, why, size, "it is no file");
	if (st.st_size < (off_t)SECTOR)
		return refuse(-ERANGE, why, size, "it is empty");
	*range = (struct disk_range){ .size = (uint64_t)st.st_size };
	if (number == 0)
		return 0;
	probe = blkid_new_probe();
	if (!probe || blkid_probe_set_device(probe, image, 0, st.st_size) ||
	    blkid_probe_enable_partitions(probe, 1) ||
	    blkid_probe_enable_superblocks(probe, 0))
		result = refuse(-ENOMEM, why, size, "libblkid does not take it");
	else if (blkid_do_fullprobe(probe) || !(list = blkid_probe_get_partitions(probe)))
		result = refuse(-ENOENT, why, size, "it has no partition table");
	else
		result = partition_take(list, number, (uint64_t)st.st_size / SECTOR,
					range, why, size);
	if (probe)
		blkid_free_probe(probe);
	return result;
}

bool disk_type_known(const char *type)
{
	size_t len = strlen(type);

	for (const char *at = DISK_TYPES; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (!strncmp(at, type, len) && (at[len] == ' ' || !at[len]))
			return true;
	}
	return false;
}

static uint64_t number_at(int image, const struct disk_range *range, uint64_t at,
			  size_t size)
{
	uint64_t value = 0;

	if (at + size > range->size ||
	    pread(image, &value, size, (off_t)(range->offset + at)) != (ssize_t)size)
		return 0;
	return le64toh(value);
}

/*
 * It has a part on another device, which the kernel would open and write to by itself, be it the
 * guest's or not. ext4: fs/ext4/ext4.h, s_feature_compat (bit 2: there is a journal), s_journal_inum,
 * s_journal_dev. btrfs: struct btrfs_super_block at 64 KiB, num_devices.
 */
static bool leads_out(int image, const struct disk_range *range, const char *type)
{
	if (!strncmp(type, "ext", 3))
		return number_at(image, range, 1024 + 0xe4, 4) != 0 ||
		       (number_at(image, range, 1024 + 0x5c, 4) & 4 &&
			number_at(image, range, 1024 + 0xe0, 4) == 0);
	return !strcmp(type, "btrfs") &&
	       number_at(image, range, (64u << 10) + 0x88, 8) != 1;
}

int disk_type(int image, const struct disk_range *range, char type[16], char *why,
	      size_t size)
{
	blkid_probe probe = blkid_new_probe();
	const char *found = NULL;
	int result = 0;

	if (!probe ||
	    blkid_probe_set_device(probe, image, (blkid_loff_t)range->offset,
				   (blkid_loff_t)range->size) ||
	    blkid_probe_enable_superblocks(probe, 1) ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE))
		result = refuse(-ENOMEM, why, size, "libblkid does not take it");
	else if (blkid_do_safeprobe(probe) ||
		 blkid_probe_lookup_value(probe, "TYPE", &found, NULL))
		result = refuse(-EMEDIUMTYPE, why, size, "no file system is found there");
	else if (!disk_type_known(found) || strlen(found) >= 16)
		result = refuse(-EMEDIUMTYPE, why, size,
				"a file system of type \"%.32s\" is not mounted", found);
	else if (leads_out(image, range, found))
		result = refuse(-EMEDIUMTYPE, why, size,
				"a part of its file system is on another device: it is "
				"not mounted");
	else
		(void)stpcpy(type, found);
	if (probe)
		blkid_free_probe(probe);
	return result;
}

int disk_hold(int image, bool write)
{
	if (!flock(image, (write ? LOCK_EX : LOCK_SH) | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

int disk_mount(int number, const char *type, const char *folder, bool nosuid)
{
	AUTO_FREE char *source = xasprintf("/dev/loop%d", number);
	AUTO_CLOSE int fs = fsopen(type, FSOPEN_CLOEXEC);
	AUTO_CLOSE int mount = -1;
	unsigned attrs = MOUNT_ATTR_NODEV | (nosuid ? MOUNT_ATTR_NOSUID : 0);
	bool read_only = !strcmp(type, "squashfs") || !strcmp(type, "erofs");

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0))
		return -errno;
	/* What the image itself says may be "panic". */
	if (!strncmp(type, "ext", 3) &&
	    fsconfig(fs, FSCONFIG_SET_STRING, "errors", "remount-ro", 0))
		return -errno;
	if (read_only && fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0))
		return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, attrs);
	if (mount < 0 || move_mount(mount, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH))
		return -errno;
	return 0;
}
