/* A file system that answers for its root and never for a name in it: who asks is
 * unkillable. */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REQUEST_MAX (256 << 10) /* bytes; the kernel wants room for a whole write */

static void answer(int fd, uint64_t unique, int error, void *body, size_t len)
{
	struct fuse_out_header head = { .error = -error, .unique = unique };
	struct iovec parts[2] = { { &head, sizeof(head) }, { body, len } };

	head.len = (uint32_t)(sizeof(head) + len);
	if (writev(fd, parts, 2) < 0 && errno != ENOENT)
		warn("fuse");
}

static _Noreturn void serve(int fd)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));

	for (;;) {
		ssize_t n = read(fd, request, sizeof(request));
		struct fuse_in_header head;
		struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
					      .minor = FUSE_KERNEL_MINOR_VERSION,
					      .max_write = 4096 };
		struct fuse_attr_out attr = { .attr_valid = 3600 };

		if (n < (ssize_t)sizeof(head)) {
			if (n < 0 && (errno == EINTR || errno == ENOENT))
				continue;
			_exit(0);
		}
		memcpy(&head, request, sizeof(head));
		if (head.opcode == FUSE_INIT) {
			answer(fd, head.unique, 0, &init, sizeof(init));
		} else if (head.opcode == FUSE_GETATTR && head.nodeid == FUSE_ROOT_ID) {
			attr.attr = (struct fuse_attr){ .ino = 1,
							.mode = S_IFDIR | 0755,
							.nlink = 2 };
			answer(fd, head.unique, 0, &attr, sizeof(attr));
		} else if (head.opcode != FUSE_LOOKUP && head.opcode != FUSE_FORGET &&
			   head.opcode != FUSE_BATCH_FORGET &&
			   head.opcode != FUSE_INTERRUPT) {
			answer(fd, head.unique, ENOSYS, NULL, 0);
		}
	}
}

pid_t hangfs_start(const char *folder)
{
	AUTO_CLOSE int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	AUTO_FREE char *options =
		xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	pid_t pid;

	if (fd < 0 || mount("hang", folder, "fuse", MS_NOSUID | MS_NODEV, options))
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		serve(fd);
	}
	return pid;
}
