/* Programs that hold bytes of others hide: no core, and the files of /proc/PID are root's. */
#include "gather_msg.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* True once the process sleeps: then it waits for its first byte. */
static bool sleeps(pid_t pid)
{
	char path[64], text[512] = "";
	const char *after;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) <= 0)
		tap_fail(__FILE__, __LINE__, "%s: %s", path, strerror(errno));
	close(fd);
	after = strrchr(text, ')');
	return after && !strncmp(after, ") S", 3);
}

/* The child: as a user whose processes /proc calls his own, and with nothing to read. */
static _Noreturn void become(int program, const char *const argv[], int input)
{
	int socket = fcntl(input, F_DUPFD_CLOEXEC, 10);

	if (getuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY))
		_exit(97);
	if (dup2(socket, 0) < 0 || dup2(socket, 1) < 0 ||
	    dup2(socket, GATHER_SOCKET_FD) < 0 || dup2(socket, GATHER_DOCUMENT_FD) < 0)
		_exit(98);
	fexecve(program, (char *const *)(uintptr_t)argv, (char *[]){ NULL });
	_exit(99);
}

/* Who owns the files of /proc/PID once the program waits (proc(5)). */
static uid_t owner_of(const char *path, const char *const argv[])
{
	int program = open(path, O_RDONLY | O_CLOEXEC), sockets[2], status, exec[2];
	char link[64], byte;
	struct stat st;
	pid_t pid;

	if (program < 0)
		tap_skip("%s is not built", path);
	CHECK_INT(fstat(program, &st), 0);
	if (!(st.st_mode & S_IROTH)) /* such a program is hidden by the kernel */
		tap_skip("%s cannot be read by everybody", path);
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	CHECK_INT(pipe2(exec, O_CLOEXEC), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		/* Above what it is given. */
		int high = fcntl(program, F_DUPFD_CLOEXEC, 20);

		(void)fcntl(exec[1], F_DUPFD_CLOEXEC, 20);
		become(high, argv, sockets[1]);
	}
	close(exec[1]);
	CHECK_INT(read(exec[0], &byte, 1), 0); /* the exec has closed it */
	for (int quiet = 0; quiet < 3; usleep(20000))
		quiet = sleeps(pid) ? quiet + 1 : 0;
	(void)snprintf(link, sizeof(link), "/proc/%d/environ", (int)pid);
	CHECK_INT(stat(link, &st), 0);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	return st.st_uid;
}

static uid_t owner(const char *name, const char *const argv[])
{
	const char *folder = getenv("B");
	char path[512];

#ifdef BEE_SANITIZED
	tap_skip("a sanitized build does not hide");
#endif
	(void)snprintf(path, sizeof(path), "%s/%s", folder ? folder : "build", name);
	return owner_of(path, argv);
}

/* Or else the tests below would hold for every program. */
static void test_seen(void)
{
	CHECK_INT(owner_of("/bin/cat", (const char *const[]){ "cat", NULL }),
		  getuid() ? getuid() : NOBODY);
}

static void test_gather(void)
{
	CHECK_INT(owner("bee-gather", (const char *const[]){ "bee-gather", NULL }), 0);
}

static void test_collect(void)
{
	CHECK_INT(owner("bee-collect",
			(const char *const[]){ "bee-collect", "storage", "lsblk", NULL }),
		  0);
}

static void test_report(void)
{
	CHECK_INT(owner("bee-report", (const char *const[]){ "bee-report", NULL }), 0);
}

static void test_show(void)
{
	CHECK_INT(owner("bee-show",
			(const char *const[]){ "bee-show", "drives", "-", NULL }),
		  0);
}

static void test_expect(void)
{
	char spec[] = "/tmp/bee-spec.XXXXXX";
	uid_t uid;
	int fd;

	CHECK_INT(owner("bee-expect", (const char *const[]){ "bee-expect", "-", NULL }),
		  0);
	/* A spec that asks for nothing would be its end. */
	fd = mkstemp(spec);
	CHECK(fd >= 0);
	CHECK_INT(dprintf(fd, "no finding above OK\n"), 20);
	CHECK_INT(fchmod(fd, 0644), 0);
	close(fd);
	uid = owner("bee-verify",
		    (const char *const[]){ "bee-verify", "-e", spec, "-", NULL });
	(void)unlink(spec);
	CHECK_INT(uid, 0);
}

static void test_diff(void)
{
	CHECK_INT(owner("bee-diff", (const char *const[]){ "bee-diff", "-", "-", NULL }),
		  0);
}

static void test_image(void)
{
	CHECK_INT(owner("bee-image",
			(const char *const[]){ "bee-image", "list", "-", NULL }),
		  0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "any other program is its user's", test_seen, 0 },
		{ "bee-gather is hidden while it waits for its first byte", test_gather,
		  0 },
		{ "bee-collect is hidden while it waits for its first byte", test_collect,
		  0 },
		{ "bee-report is hidden while it waits for its first byte", test_report,
		  0 },
		{ "bee-show is hidden while it waits for its first byte", test_show, 0 },
		{ "bee-expect and bee-verify are", test_expect, 0 },
		{ "bee-diff is hidden while it waits for its first byte", test_diff, 0 },
		{ "bee-image is hidden while it waits for its first byte", test_image,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
