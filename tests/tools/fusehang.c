/*
 * fusehang DIR: mounts a FUSE file system on DIR that never answers a question. Who asks
 * one hangs in request_wait_answer, and since nothing was answered, not even SIGKILL ends
 * it. It prints "ready" when mounted, and what hangs there wakes up when it ends: by
 * itself after two minutes, so that a test that fails does not hang for ever.
 *
 * fusehang DIR FILE: a server that dies later. DIR/log can be opened and written, what is
 * written is forgotten; from when FILE is there nothing is answered any more, not even the
 * FLUSH that each close(2) sends.
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
#define LOG "log"
#define LOG_NODE 2

static void answer(int fd, uint64_t unique, const void *body, size_t len)
{
	char text[512];
	struct fuse_out_header head = { (uint32_t)(sizeof(head) + len), 0, unique };

	memcpy(text, &head, sizeof(head));
	memcpy(text + sizeof(head), body, len);
	if (write(fd, text, sizeof(head) + len) < 0)
		warn("write");
}

static void answer_error(int fd, uint64_t unique, int error)
{
	struct fuse_out_header head = { sizeof(head), -error, unique };

	if (write(fd, &head, sizeof(head)) < 0)
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

static const struct fuse_attr log_attr = { .ino = LOG_NODE, .mode = 0100666, .nlink = 1 };

/* What opening and writing DIR/log takes, as long as the server lives. */
static void answer_log(int fd, const struct fuse_in_header *in, const char *body)
{
	struct fuse_entry_out entry = { .nodeid = LOG_NODE,
					.entry_valid = ATTR_VALID,
					.attr = log_attr };
	struct fuse_attr_out attr = { .attr = log_attr };
	struct fuse_open_out opened = { .fh = 1, .open_flags = FOPEN_DIRECT_IO };
	struct fuse_write_out written = { .size = 0 };

	switch (in->opcode) {
	case FUSE_LOOKUP:
		if (strcmp(body, LOG) != 0)
			answer_error(fd, in->unique, ENOENT);
		else
			answer(fd, in->unique, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer(fd, in->unique, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(fd, in->unique, &opened, sizeof(opened));
		break;
	case FUSE_WRITE:
		written.size = ((const struct fuse_write_in *)(const void *)body)->size;
		answer(fd, in->unique, &written, sizeof(written));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break; /* nobody waits for an answer */
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer_error(fd, in->unique, 0);
		break;
	default:
		answer_error(fd, in->unique, ENOSYS);
	}
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	const char *dead = argc == 3 ? argv[2] : NULL;
	char options[96];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc != 2 && argc != 3)
		errx(64, "usage: fusehang DIR [FILE]");
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
		} else if (dead && access(dead, F_OK)) {
			answer_log(fd, &in, text + sizeof(in));
		}
	}
}
