/* Small helpers every program uses: cleanup attributes, time, numbers. */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void util_free(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

int open_within(int top, const char *path, const struct open_how *how)
{
	int fd = -1;

	errno = EAGAIN;
	for (int tries = 0; fd < 0 && errno == EAGAIN && tries < 1000; tries++)
		fd = (int)syscall(SYS_openat2, top, path, how, sizeof(*how));
	return fd;
}

void util_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void util_fclose(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

int own_program(char *path)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	const char *started_as = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	if (len > 0) {
		path[len] = '\0';
		return 0;
	}
	return started_as && realpath(started_as, path) ? 0 : -ENOENT;
}

void process_plain(void)
{
	(void)prctl(PR_SET_TIMERSLACK, 50000UL, 0, 0, 0); /* ns, the kernel's own */
	(void)personality(PER_LINUX);
	(void)setenv("TZ", "UTC0", 1);
}

int process_hide(void)
{
#ifndef BEE_SANITIZED
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
#endif
	return 0;
}

const char *fd_path(char path[FD_PATH_SIZE], int fd)
{
	static const char folder[] = "/proc/self/fd/";
	size_t at = FD_PATH_SIZE;

	path[--at] = '\0';
	do {
		path[--at] = (char)('0' + fd % 10);
		fd /= 10;
	} while (fd > 0);
	memmove(path + strlen(folder), path + at, FD_PATH_SIZE - at);
	memcpy(path, folder, strlen(folder));
	return path;
}

nsec_t clock_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now))
		err(BEE_SOFTWARE, "clock_gettime");
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

int clock_poll_ms(nsec_t deadline)
{
	nsec_t left = deadline - clock_now();

	if (left <= 0)
		return 0;
	left = (left + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return left > 3600 * 1000 ? 3600 * 1000 : (int)left;
}

static int parse_digits(const char *text, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		unsigned digit;

		if (*text >= '0' && *text <= '9')
			digit = (unsigned)(*text - '0');
		else if (base == 16 && *text >= 'a' && *text <= 'f')
			digit = (unsigned)(*text - 'a') + 10;
		else if (base == 16 && *text >= 'A' && *text <= 'F')
			digit = (unsigned)(*text - 'A') + 10;
		else
			return -EINVAL;
		if (value > (UINT64_MAX - digit) / base)
			return -ERANGE;
		value = value * base + digit;
	}
	if (value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int parse_u64(const char *text, uint64_t max, uint64_t *out)
{
	return parse_digits(text, 10, max, out);
}

int parse_hex(const char *text, uint64_t max, uint64_t *out)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	return parse_digits(text, 16, max, out);
}

size_t utf8_take(const char *at, size_t left, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)at;
	uint32_t c;
	size_t size = 1;

	if (left == 0)
		return 0;
	c = bytes[0];
	if (c >= 0xc2 && c <= 0xdf)
		size = 2;
	else if (c >= 0xe0 && c <= 0xef)
		size = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		size = 4;
	else if (c >= 0x80)
		return 0;
	if (left < size)
		return 0;
	if (size > 1)
		c &= 0x7fu >> size;
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (bytes[i] & 0x3fu);
	}
	if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return size;
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *text = NULL;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		errx(BEE_OSERR, "out of memory");
	return text;
}

char *xstrdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		errx(BEE_OSERR, "out of memory");
	return copy;
}

void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		errx(BEE_OSERR, "out of memory");
	return memory;
}

void *xrealloc_array(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count ? count : 1, size);

	if (!memory)
		errx(BEE_OSERR, "out of memory");
	return memory;
}

int write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		/* Whoever gave us this stdout may have made it non-blocking. */
		if (n < 0 && errno == EAGAIN) {
			struct pollfd out = { fd, POLLOUT, 0 };

			(void)poll(&out, 1, -1);
			continue;
		}
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

ptrdiff_t read_full(int fd, void *bytes, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(fd, (char *)bytes + have, len - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ptrdiff_t)have;
}

void streams_null(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}

int end_written(int status, int trouble)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	warn("standard output");
	return trouble;
}

void exit_written(int trouble)
{
	exit(end_written(BEE_OK, trouble));
}
