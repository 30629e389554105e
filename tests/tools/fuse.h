/* A FUSE file system without a library: mounted, and what is the same in each server's answers. */
#ifndef BEE_TEST_FUSE_H
#define BEE_TEST_FUSE_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <unistd.h>

#define LIFETIME 120    /* s */
#define ATTR_VALID 3600 /* s: the root itself is known, so that it can be bound */
#define FUSE_WRITE_MAX 65536
#define FUSE_TEXT_MAX (1 << 20)

/* Its descriptor, from which fuse_next() reads. It ends by itself, so that a test that fails does not hang for ever. */
static inline int fuse_mount(const char *name, const char *dir)
{
	char options[96], type[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "/dev/fuse");
	(void)alarm(LIFETIME);
	(void)snprintf(options, sizeof(options),
		       "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	(void)snprintf(type, sizeof(type), "fuse.%s", name);
	if (mount(name, dir, type, 0, options))
		err(1, "mount %s", dir);
	return fd;
}

/* The next question, what it says behind its head in `text`; false: it has been unmounted. */
static inline bool fuse_next(int fd, struct fuse_in_header *in, char *text)
{
	ssize_t n;

	do
		n = read(fd, text, FUSE_TEXT_MAX);
	while (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT));
	if (n < (ssize_t)sizeof(*in))
		return false;
	memcpy(in, text, sizeof(*in));
	return true;
}

static inline void fuse_answer(int fd, const struct fuse_in_header *in, int error,
			       const void *body, size_t len)
{
	struct fuse_out_header head = { (uint32_t)(sizeof(head) + len), -error,
					in->unique };
	struct iovec parts[] = { { &head, sizeof(head) },
				 { (void *)(uintptr_t)body, len } };

	if (writev(fd, parts, 2) < 0)
		warn("/dev/fuse");
}

/* Mounting it, and asking for its root; false: another question. */
static inline bool fuse_answer_start(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = 7,
				      .minor = 31,
				      .max_readahead = FUSE_WRITE_MAX,
				      .flags = FUSE_PARALLEL_DIROPS,
				      .max_background = 64,
				      .max_write = FUSE_WRITE_MAX };
	struct fuse_attr_out root = { .attr_valid = ATTR_VALID,
				      .attr = { .ino = 1, .mode = 040755, .nlink = 2 } };

	if (in->opcode == FUSE_INIT) {
		fuse_answer(fd, in, 0, &init, sizeof(init));
		puts("ready");
		(void)fflush(stdout);
	} else if (in->opcode == FUSE_GETATTR && in->nodeid == 1) {
		fuse_answer(fd, in, 0, &root, sizeof(root));
	} else {
		return false;
	}
	return true;
}

/* One file in it, of that name: found, opened, closed and asked for what it is; false: another question. */
static inline bool fuse_answer_file(int fd, const struct fuse_in_header *in,
				    const char *body, const char *name,
				    const struct fuse_attr *is)
{
	struct fuse_entry_out entry = { .nodeid = is->ino,
					.entry_valid = ATTR_VALID,
					.attr = *is };
	struct fuse_attr_out attr = { .attr = *is };
	struct fuse_open_out opened = { .fh = 1, .open_flags = FOPEN_DIRECT_IO };

	switch (in->opcode) {
	case FUSE_LOOKUP:
		if (strcmp(body, name) != 0)
			fuse_answer(fd, in, ENOENT, NULL, 0);
		else
			fuse_answer(fd, in, 0, &entry, sizeof(entry));
		return true;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		fuse_answer(fd, in, 0, &attr, sizeof(attr));
		return true;
	case FUSE_OPEN:
		fuse_answer(fd, in, 0, &opened, sizeof(opened));
		return true;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		return true; /* nobody waits for an answer */
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		fuse_answer(fd, in, 0, NULL, 0);
		return true;
	default:
		return false;
	}
}

#endif
