/* The system calls that take names of files: which argument is the name, and what it is for. */
#ifndef BEE_TRACE_CALLS_H
#define BEE_TRACE_CALLS_H

#include "util.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

/* What becomes of the name's object. */
enum call_kind {
	CALL_OPEN, /* by flags */
	CALL_HOW,  /* openat2(2): by flags in memory */
	CALL_EXEC,
	CALL_STAT,  /* looked at, entered, mounted on */
	CALL_LSTAT, /* the same, and a link is not followed */
	CALL_READLINK,
	CALL_CHANGE, /* its content or what stat(2) tells of it */
	CALL_LCHANGE,
	CALL_MAKE, /* it is new; a link of its name is not followed */
	CALL_REMOVE,
	CALL_MOVE,    /* its new name: made, or replaced */
	CALL_CONNECT, /* a socket by its name (unix(7)), which is in an address */
	CALL_BIND,    /* a new one */
	CALL_PLACE, /* names nothing: where the caller is, or what is mounted, changes */
};

struct call {
	const char *name;
	enum call_kind kind;
	int8_t path, folder, flags; /* numbers of arguments; -1: it has none */
	int8_t path2, folder2;      /* of the second name, which is a CALL_MOVE */
	bool moves; /* afterwards the caller's root, or what is mounted, may be another */
};

/* The row of a call in a notification, NULL where there is none. */
const struct call *call_find(const struct seccomp_data *data);
/* Whether pointers in the caller's structures have 32 bits. */
bool calls_is_narrow(const struct seccomp_data *data);
/*
 * i386's socketcall(2), whose second argument is where those of the call itself are, 32 bits each; and the
 * row of the call that its first one means.
 */
bool calls_is_socketcall(const struct seccomp_data *data);
const struct call *calls_socketcall(uint64_t number);
/* Fills the tables of all architectures that this machine runs. Ends the program on failure. */
void calls_init(void);

/*
 * Loads the filter that tells of these calls for this process and all it will start, and refuses
 * io_uring, whose requests no filter sees. With `suid` programs keep their set-user-ID bits,
 * which takes CAP_SYS_ADMIN. The listener, or -errno.
 */
MUST_CHECK int calls_listen(const struct sock_fprog *program, bool suid);
/* The same filter as a program, to be loaded later; of malloc. */
struct sock_fprog calls_program(void);

#endif
