/*
 * monkey MODE SEED [PATH]: a tool that was taken over and does not know what it does.
 *   calls   random system calls with random arguments; stdout names each call that was let through
 *           to the kernel, "reached 17"
 *   spew    random bytes and pieces of real outputs on stdout and stderr
 *   device  opens PATH in every way, and names each way that would let it write, "won ..."
 */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define ATTEMPTS 20000
#define NUMBERS 480 /* a little past the newest call */

static uint64_t seed;

static uint64_t below(uint64_t limit)
{
	return random_next(&seed) % limit;
}

static void say(const char *text)
{
	(void)!write(STDOUT_FILENO, text, strlen(text));
}

#define SYS_URETPROBE 335 /* no filter is asked; it ends who calls it from elsewhere */

/* They end the process, or wait longer than there is time for trying. */
static bool skipped(long number)
{
	static const long calls[] = {
		SYS_exit,
		SYS_exit_group,
		SYS_rt_sigreturn,
		SYS_rt_sigsuspend,
		SYS_ppoll,
		SYS_pselect6,
		SYS_nanosleep,
		SYS_clock_nanosleep,
		SYS_futex,
		SYS_wait4,
		SYS_waitid,
		SYS_epoll_pwait,
		SYS_epoll_pwait2,
		SYS_rt_sigtimedwait,
		SYS_execve,
		SYS_execveat,
		SYS_munmap,
		SYS_mremap,
		SYS_mprotect,
		SYS_rt_sigprocmask,
		SYS_restart_syscall,
		SYS_setitimer,
		SYS_brk,
#ifdef SYS_poll /* the older calls, which newer architectures do not have */
		SYS_pause,
		SYS_poll,
		SYS_select,
		SYS_epoll_wait,
		SYS_alarm,
#endif
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i] == number)
			return true;
	return false;
}

static long argument(void)
{
	static char memory[4096];
	static const char *const paths[] = { "/",
					     ".",
					     "/proc/self/mem",
					     "/proc/1/mem",
					     "/dev/null",
					     "/proc/sys/kernel/core_pattern",
					     "/usr/lib",
					     "/etc/passwd",
					     "/proc/self/exe",
					     "/proc/self/fd/1",
					     "..",
					     "" };
	long flags = 0;

	switch (below(8)) {
	case 0:
		return (long)below(8); /* a descriptor, a pid, a flag */
	case 1:
		return -(long)below(8);
	case 2:
		for (size_t i = 0; i < sizeof(memory); i++)
			memory[i] = (char)random_next(&seed);
		return (long)memory;
	case 3:
		return (long)paths[below(sizeof(paths) / sizeof(*paths))];
	case 4:
		return 1L << below(63);
	case 5:
		for (int i = 0; i < 3; i++)
			flags |= 1L << below(32);
		return flags;
	case 6:
		memset(memory, 0, sizeof(memory));
		return (long)memory;
	default:
		return (long)random_next(&seed);
	}
}

/* What would end its own voice before it has said what it can do. */
static bool silences(long number, const long arguments[6])
{
	bool low = arguments[0] >= 0 && arguments[0] <= 2;

#ifdef SYS_dup2
	if (number == SYS_dup2 && arguments[1] >= 0 && arguments[1] <= 2)
		return true;
#endif
	return (low && (number == SYS_close || number == SYS_close_range)) ||
	       (number == SYS_dup3 && arguments[1] >= 0 && arguments[1] <= 2) ||
	       (number == SYS_mmap && arguments[3] & 0x10 /* MAP_FIXED */) ||
	       (low &&
		(number == SYS_ftruncate || number == SYS_write || number == SYS_writev ||
		 number == SYS_pwritev || number == SYS_pwritev2)) ||
	       /* Itself, by its own number or that of its group. */
	       ((number == SYS_kill || number == SYS_tkill || number == SYS_tgkill) &&
		(arguments[0] <= 0 || arguments[0] == getpid() ||
		 arguments[1] == getpid()));
}

static void mode_calls(const char *path)
{
	static bool reached[NUMBERS];
	pid_t self = getpid();

	(void)path;
	for (int i = 0; i < ATTEMPTS && getpid() == self; i++) {
		long number = (long)below(NUMBERS), arguments[6], result;
		char line[32];

		for (int n = 0; n < 6; n++)
			arguments[n] = argument();
		if (skipped(number) || silences(number, arguments))
			continue;
		result = syscall(number, arguments[0], arguments[1], arguments[2],
				 arguments[3], arguments[4], arguments[5]);
		if ((result == -1 && errno == ENOSYS) || reached[number])
			continue;
		reached[number] = true;
		(void)snprintf(line, sizeof(line), "reached %ld\n", number);
		say(line);
	}
	say("done\n");
}

static void mode_spew(const char *path)
{
	static const char *const pieces[] = {
		"{\"blockdevices\":[",
		"{\"name\":\"sda\",\"kname\":\"sda\",\"type\":\"disk\"}",
		"]}",
		("{\"type\":\"storage.drives\",\"key\":\"forged\",\"props\":{\"model\":"
		 "\"FORGED\"}}\n"),
		"\x1b]0;owned\x07",
		"\x1b[2J\x9b\x31m",
		"\xff\xfe\xc3(",
		"\xe2\x80\xae",
		"\\u0000",
		"9223372036854775808",
		"1e400",
		"-0",
		"null",
		",",
		":",
		"\"",
		"\n",
		"\r\n",
		"\t",
		"Slot:\t0000:00:00.0\n",
		"Handle 0x0000, DMI type 17, 40 bytes\n",
		"{",
		"}",
		"[[[[[[[[",
		"bee-audit: storage/lsblk: ok\n",
		"%s%n",
		"../../etc/passwd",
		"",
	};
	char bytes[64];

	(void)path;
	for (uint64_t i = 0, count = 1 + below(3000); i < count; i++) {
		const char *piece = pieces[below(sizeof(pieces) / sizeof(*pieces))];
		int fd = below(8) ? STDOUT_FILENO : STDERR_FILENO;

		for (size_t n = 0; n < sizeof(bytes); n++)
			bytes[n] = (char)random_next(&seed);
		if (below(4))
			(void)!write(fd, piece, strlen(piece));
		else
			(void)!write(fd, bytes, below(sizeof(bytes)));
	}
	if (!below(4))
		abort();
	exit((int)below(256));
}

static void mode_device(const char *path)
{
	for (int i = 0; i < 2000; i++) {
		int flags = (int)below(1u << 23);
		char line[64];
		long fd = syscall(SYS_openat, AT_FDCWD, path, flags & ~O_PATH, 0666);
		int mode = fd < 0 ? 0 : fcntl((int)fd, F_GETFL) & O_ACCMODE;

		if (fd >= 0 && mode != O_RDONLY) {
			(void)snprintf(line, sizeof(line), "won open %#o\n",
				       (unsigned)flags);
			say(line);
		}
		if (fd >= 0 && (flags & O_EXCL)) {
			(void)snprintf(line, sizeof(line), "won exclusive open %#o\n",
				       (unsigned)flags);
			say(line);
		}
		if (fd >= 0 && write((int)fd, "x", 1) == 1) {
			(void)snprintf(line, sizeof(line), "won write %#o\n",
				       (unsigned)flags);
			say(line);
		}
		if (fd >= 0)
			close((int)fd);
	}
	say("done\n");
}

static const struct {
	const char *name;
	void (*run)(const char *path);
} modes[] = {
	{ "calls", mode_calls },
	{ "spew", mode_spew },
	{ "device", mode_device },
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return 64;
	seed = strtoull(argv[2], NULL, 10);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(modes[i].name, argv[1]))
			modes[i].run(argc > 3 ? argv[3] : "/");
	return 0;
}
