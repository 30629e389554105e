/* A file of the order that is on a disk of this machine: copied by a child that may hang in its file system. */
#include "disk_file.h"
#include "apart.h"
#include "disk.h"
#include "memfile.h"
#include "readonly.h"
#include "uids.h"

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_TIME (120 * NSEC_PER_SEC)

struct copying {
	const struct order_file *file;
	const char *node, *place;
	int to;
};

/* Symbolic links of the disk lead to files of the disk. */
static int file_open(const struct copying *copying)
{
	AUTO_CLOSE int root = open(copying->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
					   RESOLVE_NO_XDEV };

	return root < 0 ? -1 : open_within(root, copying->file->path, &how);
}

static int copy(int from, int to, struct said *said)
{
	static char part[65536];
	uint64_t left = ORDER_FILE_BYTES_MAX;
	ptrdiff_t n;

	while ((n = read_full(from, part, sizeof(part))) > 0) {
		if ((uint64_t)n > left)
			return say(said, "more than 256 MiB");
		left -= (uint64_t)n;
		if (write_all(to, part, (size_t)n))
			return say(said, "there is no room for it");
	}
	return n < 0 ? say(said, "%s", strerrordesc_np((int)-n) ?: "?") : 0;
}

/* Opened with rights, as kernels are root's alone on some systems; read without. */
static void take(void *arg, void *out)
{
	const struct copying *copying = arg;
	struct said *said = out;
	struct stat st;
	int fd;

	if (readonly_namespace() ||
	    readonly_mount(copying->node, copying->place, copying->file->type, said)) {
		if (!*said->text)
			say(said, "%s", strerrordesc_np(errno) ?: "?");
		return;
	}
	fd = file_open(copying);
	if (fd < 0 || fstat(fd, &st) || confine_drop(UID_CHECK))
		say(said, "%s", strerrordesc_np(errno) ?: "?");
	else if (!S_ISREG(st.st_mode))
		say(said, "not a plain file");
	else
		(void)copy(fd, copying->to, said);
}

int disk_file_take(const struct order_file *file, const char *place, int to,
		   struct said *said)
{
	struct disk disk;
	struct copying copying = { file, NULL, place, to };
	struct apart apart = { .work = take,
			       .arg = &copying,
			       .keep = { to },
			       .keep_count = 1,
			       .time = COPY_TIME };
	struct said why = { "" };
	int closed, late;

	if (disk_find(file->serial, false, &disk, said))
		return -1;
	copying.node = disk_partition(&disk, file->partition);
	if (!copying.node)
		return say(said, "file %s: the disk has no partition %u", file->name,
			   file->partition);
	if (mkdir(place, 0700) && errno != EEXIST)
		return say(said, "%s: %s", place, strerrordesc_np(errno) ?: "?");
	if (readonly_close(copying.node, &closed, said))
		return -1;
	late = apart_run(&apart, &why, sizeof(why));
	readonly_open(closed);
	(void)rmdir(place);
	said_clean(&why);
	if (late || *why.text)
		return say(said, "file %s: %.150s", file->name,
			   late ? "it could not be read in time" : why.text);
	return memory_seal(to) ? say(said, "file %s: memory", file->name) : 0;
}
