/*
 * fuselie DIR FILE BYTE: DIR/disk is FILE, but for what is written over that byte of it: "written" is said, and it
 * is not. As a disk does whose cache is lost, or whose sector does not keep what it is given. It prints "ready".
 */
#include "fuse.h"

#include <stdlib.h>
#include <sys/stat.h>

static struct fuse_attr disk = { .ino = 2, .mode = 0100666, .nlink = 1 };
static int file;
static off_t never;

static void answer_read(int fd, const struct fuse_in_header *in, const char *body)
{
	static char bytes[FUSE_TEXT_MAX];
	const struct fuse_read_in *read_in = (const void *)body;
	ssize_t n = read_in->size > sizeof(bytes)
			    ? -1
			    : pread(file, bytes, read_in->size, (off_t)read_in->offset);

	fuse_answer(fd, in, n < 0 ? EIO : 0, bytes, n < 0 ? 0 : (size_t)n);
}

static void answer_write(int fd, const struct fuse_in_header *in, const char *body)
{
	const struct fuse_write_in *write_in = (const void *)body;
	struct fuse_write_out out = { .size = write_in->size };
	off_t at = (off_t)write_in->offset, end = at + write_in->size;

	if ((never < at || never >= end) &&
	    pwrite(file, body + sizeof(*write_in), write_in->size, at) !=
		    (ssize_t)write_in->size)
		fuse_answer(fd, in, EIO, NULL, 0);
	else
		fuse_answer(fd, in, 0, &out, sizeof(out));
}

int main(int argc, char **argv)
{
	static char text[FUSE_TEXT_MAX];
	struct fuse_in_header in;
	struct stat st;
	int fd;

	if (argc != 4)
		errx(64, "usage: fuselie DIR FILE BYTE");
	never = (off_t)strtoull(argv[3], NULL, 10);
	file = open(argv[2], O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &st))
		err(1, "%s", argv[2]);
	disk.size = (uint64_t)st.st_size;
	disk.blksize = 4096;
	fd = fuse_mount("fuselie", argv[1]);
	while (fuse_next(fd, &in, text)) {
		const char *body = text + sizeof(in);

		if (fuse_answer_start(fd, &in) ||
		    fuse_answer_file(fd, &in, body, "disk", &disk))
			continue;
		if (in.opcode == FUSE_READ)
			answer_read(fd, &in, body);
		else if (in.opcode == FUSE_WRITE)
			answer_write(fd, &in, body);
		else if (in.opcode == FUSE_FSYNC)
			fuse_answer(fd, &in, 0, NULL, 0);
		else
			fuse_answer(fd, &in, ENOSYS, NULL, 0);
	}
	return 0;
}
