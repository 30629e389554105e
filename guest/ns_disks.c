/* The disks of a guest in namespaces: each is held, and a loop device. */
#include "disk.h"
#include "ns_supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its number is written down first: a device that is somebody else's by then is a new try. */
static int loop_step(struct supervisor *s, unsigned i, int image,
		     const struct disk_range *range, bool read_only)
{
	for (int tries = 0; tries < 64; tries++) {
		int number = loop_free(), result;

		if (number < 0)
			return number;
		s->handles.loops[i] = (unsigned)number;
		s->handles.loop_count = i + 1;
		result = ns_handles_put(s);
		if (result)
			return result;
		s->loops[i] = loop_make(number, image, range, s->handles.id, read_only);
		if (s->loops[i] != -EBUSY)
			return s->loops[i] < 0 ? s->loops[i] : 0;
	}
	return -EBUSY;
}

/* Partitions of one image are of one descriptor, which holds it against others. -1: errno. */
static int image_open(struct supervisor *s, unsigned number, bool *read_only)
{
	const char *path = s->of->guest->disk[number].image;
	int *image = &s->images[number];
	struct stat st, other;

	*image = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	*read_only = *image < 0 && (errno == EROFS || errno == EACCES);
	if (*read_only)
		*image = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*image < 0 || fstat(*image, &st))
		return -1;
	for (unsigned i = 0; i < number; i++)
		if (!fstat(s->images[i], &other) && other.st_dev == st.st_dev &&
		    other.st_ino == st.st_ino)
			return dup3(s->images[i], *image, O_CLOEXEC);
	return *image;
}

static int disk_step(struct supervisor *s, unsigned i)
{
	const struct disk *disk = &s->of->guest->disk[i];
	AUTO_FREE char *folder = plan_disk_folder(s->name, i);
	struct disk_seen seen;
	bool read_only;
	int image = image_open(s, i, &read_only), result;

	if (image < 0)
		return ns_fail(s, errno, "%s: %s", disk->image, strerror(errno));
	result = disk_look(image, disk->partition, false, &seen);
	/* A disk that is not the tree may be empty: the guest makes its file system. */
	if (!result && !*seen.type && (int)i == plan_root_disk(s->of->guest))
		result = -EMEDIUMTYPE;
	if (result)
		return ns_fail(s, result, "%s: %s", disk->image, seen.why);
	if (!strcmp(seen.type, "squashfs") || !strcmp(seen.type, "erofs"))
		read_only = true;
	result = disk_hold(image, !read_only);
	if (result)
		return ns_fail(s, result, "%s: %s", disk->image,
			       result == -EBUSY ? "it is in use" : strerror(-result));
	result = loop_step(s, i, image, &seen.range, read_only);
	if (result)
		return ns_fail(s, result, "%s: loop device: %s", disk->image,
			       strerror(-result));
	(void)stpcpy(s->plan->disk_types[i], seen.type);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return ns_fail(s, errno, "%s: %s", folder, strerror(errno));
	return 0;
}

int ns_disks_make(struct supervisor *s)
{
	const struct guest *g = s->of->guest;
	int result = 0;

	if (s->handles.kept)
		return 0;
	for (unsigned i = 0; i < g->disk_count && !result; i++)
		result = disk_step(s, i);
	/* Their loop devices hold them from now on. */
	for (unsigned i = 0; i < g->disk_count; i++)
		if (s->images[i] >= 0)
			close(s->images[i]);
	return result;
}
