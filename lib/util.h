/* Small helpers every program uses: cleanup attributes, time, numbers. */
#ifndef BEE_LIB_UTIL_H
#define BEE_LIB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifndef BEE_VERSION
#define BEE_VERSION "0.0-unknown"
#endif

/* sysexits(3) values and our own, as bee-audit(1) documents them. */
enum bee_exit {
	BEE_OK = 0,
	BEE_INCOMPLETE = 3,
	BEE_USAGE = 64,
	BEE_DATAERR =
		65, /* bee-audit: a policy is wrong; bee-collect: unreadable input */
	BEE_UNAVAILABLE = 69, /* the machine has no such thing */
	BEE_SOFTWARE = 70,    /* a bug, or a program of ours that is not there */
	BEE_OSERR = 71,       /* the system is out of something */
	BEE_CANTCREAT = 73,
	BEE_IOERR = 74,
	BEE_TEMPFAIL = 75,
	BEE_NOPERM = 77, /* the caller may not */
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
/* A large one that is filled where it is used; others are cleared (-ftrivial-auto-var-init). */
#define NOT_CLEARED __attribute__((uninitialized))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

struct open_how; /* linux/openat2.h */
/*
 * openat2(2) of a path that may not leave `top`. That fails with EAGAIN where ".." is followed while anything on the
 * machine is renamed or mounted: it is tried again then, a thousand times. A descriptor, or -1 with errno.
 */
MUST_CHECK int open_within(int top, const char *path, const struct open_how *how);

/* Cleanup attributes: free, close and fclose at the end of the scope. */
void util_free(void *pointer_to_pointer);
void util_close(const int *fd);
void util_fclose(FILE **file);
#define AUTO_FREE __attribute__((cleanup(util_free)))
#define AUTO_CLOSE __attribute__((cleanup(util_close)))
#define AUTO_FCLOSE __attribute__((cleanup(util_fclose)))

/*
 * Absolute path of the running program, resolved; also where /proc is not mounted.
 * 0 or -errno; `path` has PATH_MAX bytes.
 */
MUST_CHECK int own_program(char *path);

/*
 * First statement of a program that holds bytes of others, as an exec undoes it: no core of
 * this process reaches a handler, and nobody of its uid traces it or reads its memory
 * (PR_SET_DUMPABLE, proc(5)). A sanitized build stays open: its leak checker traces it.
 * 0 or -errno.
 */
MUST_CHECK int process_hide(void);

/*
 * First statement of a program that keeps deadlines, or says what machine this is. What whoever
 * started it has set goes on through exec(2): a timer slack, by which each poll(2) may be late; a
 * personality, in which uname(2) says another kernel and machine; a time zone, which is a file
 * that gmtime(3) opens.
 */
void process_plain(void);

/*
 * "/proc/self/fd/N", the name of an open file, into `path`, which it returns. Without
 * printf(3): in a child made a moment ago that touches a dozen pages for the first time.
 */
#define FD_PATH_SIZE sizeof("/proc/self/fd/2147483647")
const char *fd_path(char path[FD_PATH_SIZE], int fd);

/* Nanoseconds of CLOCK_BOOTTIME: it goes on through suspend, and nobody can set it. */
typedef int64_t nsec_t;
#define NSEC_PER_SEC INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)
nsec_t clock_now(void);
/* Milliseconds from now to `deadline`, rounded up, 0 when it has passed; for poll(2). */
int clock_poll_ms(nsec_t deadline);

/*
 * Reads a whole string of decimal digits (no sign, space or prefix), at most `max`.
 * 0, or -EINVAL (not a number) or -ERANGE; *out is untouched on failure.
 */
MUST_CHECK int parse_u64(const char *text, uint64_t max, uint64_t *out);
/* The same for hexadecimal digits after an optional "0x". */
MUST_CHECK int parse_hex(const char *text, uint64_t max, uint64_t *out);

/*
 * The valid UTF-8 sequence at `at` (RFC 3629: shortest form, no surrogates): its bytes, at
 * most `left` and UTF8_MAX, and its code point. 0, and *out untouched: there is none.
 */
#define UTF8_MAX 4
MUST_CHECK size_t utf8_take(const char *at, size_t left, uint32_t *out);

/* asprintf, strdup, calloc that end the program (exit 70) when memory is out. */
PRINTF_LIKE(1, 2) char *xasprintf(const char *fmt, ...);
char *xstrdup(const char *text);
void *xcalloc(size_t count, size_t size);
void *xrealloc_array(void *old, size_t count, size_t size);

/*
 * Writes all of `len` bytes, or reads until `len` or end of file. write_all: 0 or -errno.
 * read_full: the bytes read or -errno. Both restart on EINTR; both block.
 */
MUST_CHECK int write_all(int fd, const void *bytes, size_t len);
MUST_CHECK ptrdiff_t read_full(int fd, void *bytes, size_t len);
/*
 * Points 0, 1 and 2 at /dev/null. For every child that may be left behind: whoever reads our
 * stdout through a pipe would wait for the end of it too.
 */
void streams_null(void);

/*
 * What a program that prints ends with: `status` once standard output has all of it, else
 * `trouble`, and a line of why. exit_written: how --help and --version end, exit 0 or that.
 */
MUST_CHECK int end_written(int status, int trouble);
_Noreturn void exit_written(int trouble);

#endif
