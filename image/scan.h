/*
 * Takes paths of a reference tree into a set of objects, each with the folders above it, the
 * links on the way and what they lead to. The tree is looked at as by a process whose root it
 * is: nothing outside it is ever opened.
 */
#ifndef BEE_IMAGE_SCAN_H
#define BEE_IMAGE_SCAN_H

#include "causes.h"
#include "drops.h"
#include "outputs.h"

#include <sys/types.h>

#define SCAN_TOLD_MAX 100 /* lines; what comes after is counted */

struct scan {
	int top; /* the tree; borrowed */
	struct objects *objects;
	struct causes causes;
	char *const *drops; /* globs of what is left out, ended by NULL */
	bool dry;           /* nothing is taken now, only looked up */
	bool below; /* what is taken now was found in a folder, and not named itself */
	unsigned told;
	bool incomplete; /* something that was named could not be taken */
	bool refused;    /* for want of rights */
	char *folder;    /* owned; the one looked into last, for the next name in it */
	int folder_fd;   /* where folder is not NULL */
	struct drops dropped;
	struct outputs outputs;
};

void scan_done(struct scan *scan);

/* An object that was named: "/usr/bin/x" and "./usr/bin/x" are "usr/bin/x". */
enum scan_need {
	SCAN_NEEDED,   /* told where it is not there, and incomplete */
	SCAN_OPTIONAL, /* it may not be there */
};
void scan_take(struct scan *scan, const char *path, enum scan_need need);
/* All that a glob (glob(7)) matches, folders with all they hold. */
void scan_add(struct scan *scan, const char *glob);

/* Where `path` leads to in the tree, links followed, of malloc; nothing is taken. NULL: errno. */
char *scan_real(struct scan *scan, const char *path);
/* The names in a folder, "." and ".." left out; of malloc, ended by NULL. NULL: errno. */
char **scan_names(const struct scan *scan, const char *path);
void scan_names_free(char **names);
/* Opened by its name in the tree (without links in it); -1: errno. */
int scan_open(const struct scan *scan, const char *path, int flags);
/* The same, of one object after the other of a folder: the way to it is walked once. */
int scan_open_object(struct scan *scan, const char *path, int flags);

/* One line of what was not taken as it is; `path` is shown as names.h does. */
PRINTF_LIKE(3, 4)
void scan_tell(struct scan *scan, const char *path, const char *fmt, ...);
/* The same of errno; and `incomplete`. */
void scan_fail(struct scan *scan, const char *path);
bool scan_is_dropped(struct scan *scan, const char *path);

#endif
