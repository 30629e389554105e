/* The commands of ioctl(2) and the sockets that nobody in a guest may use, by the numbers of the
 * kernel's headers. */
#include "../../guest/ns_filter.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

/* Of a file that takes none of them: what the kernel itself says of all. */
static int asked(unsigned long number)
{
	static int file = -1;

	if (file < 0)
		file = open("/dev/null", O_RDWR | O_CLOEXEC);
	return error_of(syscall(SYS_ioctl, file, number, 0));
}

static void in_guest(void)
{
	static const unsigned long refused[] = {
		LOOP_SET_FD,         LOOP_CLR_FD,       LOOP_SET_STATUS,
		LOOP_GET_STATUS,     LOOP_SET_STATUS64, LOOP_GET_STATUS64,
		LOOP_CHANGE_FD,      LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO,
		LOOP_SET_BLOCK_SIZE, LOOP_CONFIGURE,    LOOP_CTL_ADD,
		LOOP_CTL_REMOVE,     LOOP_CTL_GET_FREE, TIOCSTI,
	};
	static const unsigned long let_through[] = { BLKGETSIZE64, TCGETS,   TIOCSTI + 1,
						     TIOCSTI - 1,  FIGETBSZ, 0x4bff,
						     0x4c10 };

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		CHECK_INT(asked(refused[i]), EPERM);
		/* The kernel looks at 32 bits. */
		CHECK_INT(asked(refused[i] | 1ul << 40), EPERM);
	}
	for (size_t i = 0; i < ARRAY_LEN(let_through); i++)
		CHECK(asked(let_through[i]) != EPERM);
	CHECK_INT(error_of(socket(AF_VSOCK, SOCK_STREAM, 0)), EAFNOSUPPORT);
	CHECK_INT(error_of(syscall(SYS_socket, 1l << 40 | AF_VSOCK, SOCK_STREAM, 0)),
		  EAFNOSUPPORT);
	CHECK(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
}

static void test_refused(void)
{
	struct sock_fprog filter;
	int status;
	pid_t pid;

	CHECK_INT(filter_make(&filter), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		CHECK(!prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, &filter));
		in_guest();
		_exit(0);
	}
	free(filter.filter);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "loop devices, typing into terminals, the machine below", test_refused,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
