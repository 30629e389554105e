/*
 * fusehang DIR: mounts a FUSE file system on DIR that never answers a question. Who asks
 * one hangs in request_wait_answer, and since nothing was answered, not even SIGKILL ends
 * it. It prints "ready" when mounted, and what hangs there wakes up when it ends: by
 * itself after two minutes, so that a test that fails does not hang for ever.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define LIFETIME 120    /* s */
#define ATTR_VALID 3600 /* s: the root itself is known, so that it can be bound */

static void answer(int fd, uint64_t unique, const void *body, size_t len)
{
	char text[512];
	struct fuse_out_header head = { (uint32_t)(sizeof(head) + len), 0, unique };

	memcpy(text, &head, sizeof(head));
	memcpy(text + sizeof(head), body, len);
	if (write(fd, text, sizeof(head) + len) < 0)
		warn("write");
}

static void answer_init(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out out = { .major = 7,
				     .minor = 31,
				     .max_readahead = 65536,
				     .flags = FUSE_PARALLEL_DIROPS,
				     .max_background = 64,
				     .max_write = 65536 };

	answer(fd, in->unique, &out, sizeof(out));
}

static void answer_root(int fd, const struct fuse_in_header *in)
{
	struct fuse_attr_out out = { .attr_valid = ATTR_VALID,
				     .attr = { .ino = 1, .mode = 040755, .nlink = 2 } };

	answer(fd, in->unique, &out, sizeof(out));
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	char options[96];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc != 2)
		errx(64, "usage: fusehang DIR");
	if (fd < 0)
		err(1, "/dev/fuse");
	(void)alarm(LIFETIME);
	(void)snprintf(options, sizeof(options),
		       "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("fusehang", argv[1], "fuse.fusehang", 0, options))
		err(1, "mount %s", argv[1]);
	for (;;) {
		struct fuse_in_header in;
		ssize_t n = read(fd, text, sizeof(text));

		if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
			continue;
		if (n < (ssize_t)sizeof(in))
			return 0; /* unmounted */
		memcpy(&in, text, sizeof(in));
		if (in.opcode == FUSE_INIT) {
			answer_init(fd, &in);
			puts("ready");
			(void)fflush(stdout);
		} else if (in.opcode == FUSE_GETATTR && in.nodeid == 1) {
			answer_root(fd, &in);
		}
	}
}
