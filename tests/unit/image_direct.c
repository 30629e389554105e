/* Files written past the page cache (image/direct.c): the same bytes as any other way, or an error. */
#include "direct.h"
#include "tap.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 8192 };

/* What write(2) is to do instead, from call `from` on, by its first call of all. */
static struct fault {
	unsigned calls, from, times;
	int error;
	size_t most; /* of the call before */
	bool no_fork;
} * fault; /* shared with the child that writes */

/* /tmp may be memory. */
static int file_new(void)
{
	char path[] = "/var/tmp/bee-direct-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	CHECK(fd >= 0 && !unlink(path));
	if (!fault)
		fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(fault != MAP_FAILED);
	return fd;
}

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	unsigned call = fault ? ++fault->calls : 0;

	if (!fault)
		return syscall(SYS_write, fd, bytes, len);
	if (call + 1 == fault->from && fault->most && len > fault->most)
		len = fault->most;
	if (fault->from && call >= fault->from && call < fault->from + fault->times) {
		errno = fault->error;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, len);
}

pid_t fork(void)
{
	if (!fault || !fault->no_fork)
		return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	errno = EAGAIN;
	return -1;
}

/* A disk that has no O_DIRECT refuses everybody's. */
static struct direct *start(int fd, size_t size, uint8_t **buffer)
{
	struct direct *direct = direct_start(fd, size, buffer);

	if (!direct) {
		CHECK(fcntl(fd, F_SETFL, O_DIRECT));
		tap_skip("this file system has no O_DIRECT");
	}
	return direct;
}

/* Writes `len` bytes with buffers of `size`, from `before` on. */
static int written(int fd, size_t before, size_t len, size_t size)
{
	uint8_t *buffer = NULL;
	struct direct *direct = start(fd, size, &buffer);
	size_t used = 0;
	int error = 0;

	for (size_t i = 0; i < len && !error; i++) {
		buffer[used++] = byte_at(before + i);
		if (used == size) {
			error = direct_next(direct, &buffer);
			used = 0;
		}
	}
	return direct_end(direct, used) ?: error;
}

static void is_whole(int fd, size_t len)
{
	uint8_t byte;
	size_t i;

	CHECK_INT(lseek(fd, 0, SEEK_END), (off_t)len);
	for (i = 0; i < len; i++)
		if (pread(fd, &byte, 1, (off_t)i) != 1 || byte != byte_at(i))
			break;
	CHECK_INT(i, len);
}

static void all_lengths(void)
{
	static const size_t lengths[] = {
		0, 1, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE - 1, 5 * SIZE, 5 * SIZE + 4097
	};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		int fd = file_new();

		CHECK_INT(written(fd, 0, lengths[i], SIZE), 0);
		is_whole(fd, lengths[i]);
		/* It is a file as any other afterwards. */
		CHECK_INT(fcntl(fd, F_GETFL) & O_DIRECT, 0);
		close(fd);
	}
}

static void past_the_cache(void)
{
	int fd = file_new();
	uint8_t *buffer;
	struct direct *direct = start(fd, SIZE, &buffer);

	CHECK_INT(fcntl(fd, F_GETFL) & O_DIRECT, O_DIRECT);
	CHECK_INT(direct_end(direct, 0), 0);
	close(fd);
}

/* open(2): what is not aligned fails with EINVAL. So does all on some file systems that take the flag. */
static void refused_by_the_disk(void)
{
	int fd = file_new();

	CHECK_INT(written(fd, 0, 3 * 8192 + 100, 8192), 0);
	CHECK_INT(written(fd, 3 * 8192 + 100, 3 * 8192, 8192), 0);
	is_whole(fd, 6 * 8192 + 100);
	close(fd);
}

static void no_room(void)
{
	struct rlimit limit = { 3 * SIZE, 3 * SIZE };
	int fd = file_new();

	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && !setrlimit(RLIMIT_FSIZE, &limit));
	CHECK_INT(written(fd, 0, 9 * SIZE, SIZE), -EFBIG);
	CHECK_INT(lseek(fd, 0, SEEK_END), 3 * SIZE);
	close(fd);
}

/* It took a sector, and refuses what is left of the buffer. */
static void refused_in_the_middle(void)
{
	int fd = file_new();

	fault->from = 3;
	fault->times = 1;
	fault->error = EINVAL;
	fault->most = 512;
	CHECK_INT(written(fd, 0, 4 * SIZE, SIZE), 0);
	is_whole(fd, 4 * SIZE);
	close(fd);
}

/* The first one counts, and nothing is written behind a hole. */
static void first_error(void)
{
	int fd = file_new();
	uint8_t *buffer;
	struct direct *direct = start(fd, SIZE, &buffer);

	fault->from = 2;
	fault->times = 1;
	fault->error = EIO;
	CHECK_INT(direct_next(direct, &buffer), 0);
	CHECK_INT(direct_next(direct, &buffer), 0);
	CHECK_INT(direct_next(direct, &buffer), -EIO);
	CHECK_INT(direct_next(direct, &buffer), -EIO);
	CHECK_INT(direct_end(direct, 100), -EIO);
	CHECK_INT(fault->calls, 2);
	CHECK_INT(lseek(fd, 0, SEEK_END), SIZE);
	close(fd);
}

static void last_error(void)
{
	int fd = file_new();

	fault->from = 1;
	fault->times = 1;
	fault->error = EIO;
	CHECK_INT(written(fd, 0, SIZE, SIZE), -EIO);
	close(fd);
}

static void no_child(void)
{
	uint8_t *buffer;
	int fd = file_new();

	if (fcntl(fd, F_SETFL, O_DIRECT))
		tap_skip("this file system has no O_DIRECT");
	CHECK(!fcntl(fd, F_SETFL, 0));
	fault->no_fork = true;
	CHECK(!direct_start(fd, SIZE, &buffer));
	CHECK_INT(fcntl(fd, F_GETFL) & O_DIRECT, 0);
	close(fd);
}

/* The one child of this process. */
static pid_t child(void)
{
	char path[64], text[32] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

/* Before a buffer is handed over, and with one that it has not written. */
static void killed(void)
{
	for (int has = 0; has < 2; has++) {
		int fd = file_new();
		uint8_t *buffer;
		struct direct *direct = start(fd, SIZE, &buffer);
		siginfo_t info;

		CHECK(!kill(child(), SIGSTOP) &&
		      !waitid(P_ALL, 0, &info, WSTOPPED | WNOWAIT));
		if (has)
			CHECK_INT(direct_next(direct, &buffer), 0);
		CHECK(!kill(child(), SIGKILL) &&
		      !waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
		CHECK_INT(direct_next(direct, &buffer), -EIO);
		CHECK_INT(direct_end(direct, 100), -EIO);
		CHECK_INT(lseek(fd, 0, SEEK_END), 0);
		close(fd);
	}
}

/* Root's rights are not its: it has a descriptor to write to. linux/capability.h, proc(5). */
static void nobody(void)
{
	int fd = file_new();
	uint8_t *buffer;
	struct direct *direct = start(fd, SIZE, &buffer);
	char path[64], text[4096] = "";
	int status;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	CHECK_INT(direct_next(direct, &buffer), 0);
	CHECK_INT(direct_next(direct, &buffer), 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", child());
	status = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(status >= 0 && read(status, text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "\nCapEff:\t0000000000000000\n"));
	CHECK(strstr(text, "\nSeccomp:\t2\n"));
	CHECK_INT(direct_end(direct, 0), 0);
	close(status);
	close(fd);
}

/* It ends with us. */
static void ends_with_us(void)
{
	int fd = file_new(), status;
	uint8_t *buffer;
	struct direct *direct = start(fd, SIZE, &buffer);
	pid_t pid = child();

	CHECK(!kill(pid, 0));
	CHECK_INT(direct_end(direct, 0), 0);
	CHECK(waitpid(pid, &status, 0) < 0 && errno == ECHILD);
	close(fd);
}

static void not_for_pipes(void)
{
	uint8_t *buffer;
	int ends[2];

	CHECK(!pipe2(ends, O_CLOEXEC));
	CHECK(!direct_start(ends[1], SIZE, &buffer));
	/* There the flag makes packets of what is written (pipe(2)). */
	CHECK_INT(fcntl(ends[1], F_GETFL) & O_DIRECT, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the bytes are the same, whatever their number", all_lengths, 0 },
		{ "the page cache is left out", past_the_cache, 0 },
		{ "where the disk refuses, with it", refused_by_the_disk, 0 },
		{ "what cannot be written is told", no_room, 0 },
		{ "also in the middle of a buffer", refused_in_the_middle, 0 },
		{ "after an error nothing is written", first_error, 0 },
		{ "that of the last buffer is told", last_error, 0 },
		{ "where there can be no child, the file is as any other", no_child, 0 },
		{ "who kills the child is told", killed, 0 },
		{ "the child has no rights", nobody, 0 },
		{ "it ends with us", ends_with_us, 0 },
		{ "a pipe is none of these files", not_for_pipes, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
