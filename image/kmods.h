/*
 * The modules of one kernel, with what each says of itself: names, aliases, dependencies,
 * firmware (modinfo.h). Loadable ones are files below lib/modules/VERSION; the kernel's own are
 * named in modules.builtin and described in modules.builtin.modinfo (kbuild/kbuild.rst).
 */
#ifndef BEE_IMAGE_KMODS_H
#define BEE_IMAGE_KMODS_H

#include "modinfo.h"

struct kmod {
	char *name; /* owned; with "_" for each "-" */
	char *path; /* owned; below the kernel's folder; NULL: the kernel's own */
	char *info; /* owned; NULL: not known yet, or not to be had */
	size_t info_len;
	unsigned order; /* of modules.order, where it has a line */
	bool listed;    /* in modules.builtin: other kernels may have it as a module */
	bool chosen;
	bool present; /* it is in the image */
};

struct kmods {
	struct kmod *all; /* owned; sorted by name after kmods_sort */
	size_t count, room;
};

#define KMODS_MAX 100000u  /* modules of one kernel; Debian's has 4,000 */
#define KMOD_NAME_MAX 256u /* bytes, as of a file's name */

/* A module's name from its path or from any spelling; false: none is so long. */
bool kmod_name(const char *path, char name[KMOD_NAME_MAX]);
/* "x.ko", "x.ko.xz" ... */
bool kmod_is_file(const char *path);

/* `path` NULL: the kernel's own, of that name. Copies both. */
void kmods_add(struct kmods *mods, const char *name, const char *path);
/* The lines of modules.builtin, and the texts of modules.builtin.modinfo, which sorts. */
void kmods_add_builtin(struct kmods *mods, const char *lines, size_t len);
void kmods_describe_builtin(struct kmods *mods, const char *info, size_t len);
/* The lines of modules.order (after kmods_sort). */
void kmods_order(struct kmods *mods, const char *lines, size_t len);
/* By name; of two files of a name the one in updates/ counts, as for depmod(8). */
void kmods_sort(struct kmods *mods);
/* In any spelling; NULL: there is none. */
struct kmod *kmods_find(const struct kmods *mods, const char *name);
void kmods_done(struct kmods *mods);

/* One of its aliases stands for the device (fnmatch(3), as modprobe(8) does it). */
bool kmod_takes(const struct kmod *mod, const char *modalias);

/*
 * Calls `each` for the names it needs: `depends`, without which it does not load, and with
 * `soft` those it asks for besides (softdep before and after, weakdep).
 */
void kmod_each_need(const struct kmod *mod, bool soft,
		    void (*each)(void *context, const char *name), void *context);

#endif
