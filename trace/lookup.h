/*
 * Follows a name as the kernel would for a traced task: from its root or folder, through each
 * link, to an object or to the name that is not there. All of it may hang with a file system.
 */
#ifndef BEE_TRACE_LOOKUP_H
#define BEE_TRACE_LOOKUP_H

#include "board.h"
#include "mountinfo.h"

#include <sys/types.h>

/* The root folder of some tasks, or of names that openat2(2) is told to keep in a folder. */
struct lookup_root {
	uint64_t key;
	nsec_t read;
	int fd;     /* O_PATH */
	char *text; /* owned; where it is, seen from its namespace's root: "" is that */
	char *task; /* owned; the same of the task's own root */
	bool inner; /* such a folder: what /proc/self leads to is refused there */
};

struct lookup_task {
	pid_t tid; /* 0: the row is free */
	nsec_t read;
	unsigned root;    /* index of a struct lookup_root */
	unsigned program; /* index of a program's name */
};

#define LOOKUP_TASKS 1024u
#define LOOKUP_ROOT_MAX 64u
#define LOOKUP_LINKS 40u /* on the way of a name: path_resolution(7) */
#define LOOKUP_CHANGES 16u
#define LOOKUP_MEMORY (1u << 16) /* rows of what is remembered of names */

#define LOOKUP_LASTS 4096u /* last names that are told apart, by hash */

/* What is remembered of a name, for as long as nothing on its way, or of its last name, changes. */
struct lookup_row {
	uint64_t key;
	nsec_t put;    /* 0: it never holds */
	unsigned last; /* which last name, without links, it has; 0: of a folder */
};

struct lookup_memory {
	struct lookup_row row;
	char *target; /* owned; of a link; NULL: no link */
	uint64_t
		mount; /* of a folder: which one it is of, as struct mount_info has it; 0: not known */
};

struct lookup {
	struct board *board;
	struct mounts mounts;
	char self[PATH_MAX]; /* this program */
	struct lookup_root roots[LOOKUP_ROOT_MAX];
	unsigned root_count;
	int outermost; /* the run's own root */
	struct lookup_task tasks[LOOKUP_TASKS];
	char **programs; /* owned */
	unsigned program_count;
	struct lookup_memory *names; /* owned; canonical names: links, or none */
	struct lookup_row *done; /* owned; whole lookups that need not be made again */
	nsec_t *removed; /* owned; when some file of a last name was moved or removed */
	uint64_t *told;  /* owned; hashes of what is in the log */
	size_t told_count, told_room;
	/* Calls that were let through and may not have happened yet. */
	struct lookup_change {
		pid_t tid;
		nsec_t since;
		enum lookup_changes {
			LOOKUP_NAMES = 1,  /* a folder or a link was moved or removed */
			LOOKUP_ROOTS = 2,  /* a task's root */
			LOOKUP_PLACES = 4, /* where something is mounted */
			LOOKUP_LAST = 8,   /* a file of one of these names, no more */
		} what;
	} changes[LOOKUP_CHANGES];
	unsigned change_count, changing; /* all that are under way, as one */
	nsec_t rooted, changed;          /* when the last of these had happened */
	/* Of the call that is looked at. */
	pid_t tid;
	nsec_t now;
	const struct lookup_root *root;
	bool beneath; /* no name may leave that root: EXDEV */
	const char *program;
	uint64_t program_key; /* which one it is, mixed */
	unsigned links;       /* that may be on the way */
};

enum lookup_result {
	LOOKUP_FOUND,
	LOOKUP_MISSING, /* it is not there, or what should be its folder */
	LOOKUP_FAILED, /* nothing is known; errno EOVERFLOW: whole it is longer than PATH_MAX */
};

struct lookup_object {
	bool open;     /* set before: `fd` is wanted */
	int fd;        /* O_PATH; owned; -1 unless FOUND and wanted */
	unsigned mode; /* its type */
	bool own_proc; /* by a link of a process's own, which leads elsewhere next time */
	bool inside;   /* it is of the reference tree, or would be */
	char path[PATH_MAX]; /* there */
	char seen[PATH_MAX]; /* as its namespace's root sees it: "" is that */
};

/* 0 or -errno. `first` is pid 1 of the run, whose root is the tree. */
MUST_CHECK int lookup_init(struct lookup *lookup, struct board *board, pid_t first);
/* The task whose names are looked up from now on. False: it is gone. */
MUST_CHECK bool lookup_task(struct lookup *lookup, pid_t tid);
/*
 * For the next lookup the folder that a descriptor of the task is, or with -1 where it is, counts as
 * its root (RESOLVE_IN_ROOT), or as what no name leads out of (RESOLVE_BENEATH); until lookup_task.
 * False: it is gone.
 */
MUST_CHECK bool lookup_enter(struct lookup *lookup, int fd, bool beneath);
/* The task whose names were looked up becomes another program. */
void lookup_forget_program(struct lookup *lookup);
/*
 * The call that is looked at will change what is remembered, bits of enum lookup_changes; with LOOKUP_LAST
 * these two of lookup_last.
 */
void lookup_change(struct lookup *lookup, unsigned what, const unsigned last[2]);
/* The last name of a path, as a number; never 0. */
unsigned lookup_last(const char *path);

/* The folder that a descriptor of the task is, or with -1 where it is. False: none, or errno
 * ENAMETOOLONG. */
MUST_CHECK bool lookup_folder(const struct lookup *lookup, int fd, char to[PATH_MAX]);
/*
 * Follows `text` from the folder `start`; links on the way are told. With `follow` also one at
 * its end.
 */
enum lookup_result lookup_walk(struct lookup *lookup, const char *start, const char *text,
			       bool follow, struct lookup_object *out);
/* Tells the log, once. */
void lookup_tell(struct lookup *lookup, unsigned uses, const char *path);

/* Whether what `key` stands for was done before, and nothing was moved since. */
bool lookup_is_done(const struct lookup *lookup, uint64_t key);
void lookup_set_done(struct lookup *lookup, uint64_t key,
		     const struct lookup_object *object);

#endif
