/*
 * fusehang DIR: mounts a FUSE file system on DIR that never answers a question. Who asks
 * one hangs in request_wait_answer, and since nothing was answered, not even SIGKILL ends
 * it. It prints "ready" when mounted, and what hangs there wakes up when it ends: by
 * itself after two minutes.
 *
 * fusehang DIR FILE: a server that dies later. DIR/log can be opened and written, what is
 * written is forgotten; from when FILE is there nothing is answered any more, not even the
 * FLUSH that each close(2) sends.
 */
#include "fuse.h"

static const struct fuse_attr log_attr = { .ino = 2, .mode = 0100666, .nlink = 1 };

/* What opening and writing DIR/log takes, as long as the server lives. */
static void answer_log(int fd, const struct fuse_in_header *in, const char *body)
{
	struct fuse_write_out written = { .size = 0 };

	if (fuse_answer_file(fd, in, body, "log", &log_attr))
		return;
	if (in->opcode != FUSE_WRITE) {
		fuse_answer(fd, in, ENOSYS, NULL, 0);
		return;
	}
	written.size = ((const struct fuse_write_in *)(const void *)body)->size;
	fuse_answer(fd, in, 0, &written, sizeof(written));
}

int main(int argc, char **argv)
{
	static char text[FUSE_TEXT_MAX];
	const char *dead = argc == 3 ? argv[2] : NULL;
	struct fuse_in_header in;
	int fd;

	if (argc != 2 && argc != 3)
		errx(64, "usage: fusehang DIR [FILE]");
	fd = fuse_mount("fusehang", argv[1]);
	while (fuse_next(fd, &in, text))
		if (!fuse_answer_start(fd, &in) && dead && access(dead, F_OK))
			answer_log(fd, &in, text + sizeof(in));
	return 0;
}
