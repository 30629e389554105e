/* An archive from a set of objects. */
#include "write.h"
#include "newc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void put_header(struct writer *w, const struct object *o, uint32_t size)
{
	const struct newc_header header = {
		.ino = o->ino,
		.mode = o->mode,
		.uid = o->uid,
		.gid = o->gid,
		.nlink = o->nlink,
		.mtime = o->mtime < w->newest ? o->mtime : w->newest,
		.size = size,
		.rmajor = o->rmajor,
		.rminor = o->rminor,
		.namesize = (uint32_t)strlen(o->path) + 1,
	};
	uint8_t bytes[NEWC_HEADER];

	newc_format(&header, bytes);
	pack_put(w->pack, bytes, sizeof(bytes));
	pack_put(w->pack, o->path, header.namesize);
	pack_pad(w->pack, 4);
}

/* newc has no place for them; SELinux's labels are made anew by a policy. */
static void tell_xattrs(struct writer *w, const struct object *o, int object)
{
	char names[4096], at_fd[FD_PATH_SIZE];
	ssize_t len = flistxattr(object, names, sizeof(names));
	size_t kept = 0;

	if (len < 0 && errno == EBADF) /* it is open with O_PATH */
		len = listxattr(fd_path(at_fd, object), names, sizeof(names));

	for (ssize_t at = 0; at < len;) {
		size_t size = strlen(names + at) + 1;

		if (strcmp(names + at, "security.selinux") != 0) {
			memmove(names + kept, names + at, size);
			kept += size;
			names[kept - 1] = ' ';
		}
		at += (ssize_t)size;
	}
	if (kept == 0)
		return;
	names[kept - 1] = '\0';
	scan_tell(w->scan, o->path, "the image cannot carry its %s", names);
}

/* As much as the header has said, whatever becomes of the file. */
static void put_data(struct writer *w, const struct object *o, int fd,
		     const struct stat *before)
{
	uint64_t left = (uint64_t)before->st_size;
	struct stat after;
	bool failed = false;

	while (left > 0) {
		size_t room;
		uint8_t *to = pack_room(w->pack, &room);
		ssize_t n = read(fd, to, room < left ? room : (size_t)left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && !failed)
			scan_fail(w->scan, o->path); /* once; what follows fails, too */
		failed |= n < 0;
		if (n <= 0) {
			n = (ssize_t)(room < left ? room : left);
			memset(to, 0, (size_t)n);
		}
		pack_took(w->pack, (size_t)n);
		left -= (uint64_t)n;
	}
	pack_pad(w->pack, 4);
	if (fstat(fd, &after) || (after.st_size == before->st_size &&
				  after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
				  after.st_mtim.tv_nsec == before->st_mtim.tv_nsec))
		return;
	w->scan->incomplete = true;
	scan_tell(w->scan, o->path,
		  "it changed while it was read: %lld bytes of it are taken",
		  (long long)before->st_size);
}

/* Without a change of its access time where that can be (open(2)). */
static int open_data(const struct writer *w, const char *path)
{
	int fd = scan_open_object(w->scan, path, O_RDONLY | O_NONBLOCK | O_NOATIME);

	return fd < 0 && errno == EPERM
		       ? scan_open_object(w->scan, path, O_RDONLY | O_NONBLOCK)
		       : fd;
}

/* Of a file with other names no other one that has come by this name: it has none of theirs. -1: errno. */
static int open_own(const struct writer *w, const struct object *o, const char *path)
{
	int fd = open_data(w, path);
	struct stat st;

	if (fd < 0 || o->nlink < 2 || (!fstat(fd, &st) && st.st_ino == o->node))
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

/* By this name or another one that it had: one of them may have gone. -1: errno. */
static int open_by_any(const struct writer *w, const struct object *o)
{
	const struct objects *set = w->scan->objects;
	int fd = open_own(w, o, o->path), error = errno;

	if (fd >= 0 || o->nlink < 2 || error != ENOENT)
		return fd;
	for (const struct object *twin = set->all; twin < set->all + set->count; twin++)
		if (twin->ino == o->ino && (fd = open_own(w, o, twin->path)) >= 0)
			return fd;
	errno = error;
	return -1;
}

static void refuse(const struct writer *w, const struct object *o, const char *why)
{
	w->scan->incomplete = true;
	scan_tell(w->scan, o->path, "not taken: %s", why);
}

/* Its descriptor; -1: it cannot be taken, which is told. */
static int take(const struct writer *w, const struct object *o, struct stat *st)
{
	int fd = open_by_any(w, o);
	bool there = fd >= 0 && !fstat(fd, st);

	if (!there && errno != ELOOP)
		scan_fail(w->scan, o->path);
	else if (!there || !S_ISREG(st->st_mode))
		refuse(w, o, "it is no file any more");
	else if (st->st_size > UINT32_MAX)
		refuse(w, o, "newc holds no file of 4 GiB");
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* By its name there may be another one by now: its bytes do not get the rights of the one before. */
static void look_again(struct writer *w, struct object *o, const struct stat *st)
{
	uint32_t mtime = object_time(st->st_mtim.tv_sec);

	if (o->mode == st->st_mode && o->uid == st->st_uid && o->gid == st->st_gid &&
	    o->mtime == mtime)
		return;
	o->mode = st->st_mode;
	o->uid = st->st_uid;
	o->gid = st->st_gid;
	o->mtime = mtime;
	w->scan->incomplete = true;
	scan_tell(w->scan, o->path, "it changed meanwhile: it is taken as it is now");
}

static void write_file(struct writer *w, const struct object *o)
{
	struct object now = *o;
	struct stat st;
	AUTO_CLOSE int fd = take(w, o, &st);

	if (fd < 0)
		return;
	look_again(w, &now, &st);
	/* Its data come with another name. One whose data never come would be an empty file. */
	if (o->twin) {
		put_header(w, &now, 0);
		return;
	}
	tell_xattrs(w, o, fd);
	put_header(w, &now, (uint32_t)st.st_size);
	put_data(w, o, fd, &st);
}

static void write_link(struct writer *w, const struct object *o)
{
	AUTO_CLOSE int fd = scan_open_object(w->scan, o->path, O_PATH);
	char target[PATH_MAX];
	ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));

	if (len < 0) {
		if (fd < 0)
			scan_fail(w->scan, o->path);
		else
			refuse(w, o, "it is no link any more");
		return;
	}
	tell_xattrs(w, o, fd);
	put_header(w, o, (uint32_t)len);
	pack_put(w->pack, target, (size_t)len);
	pack_pad(w->pack, 4);
}

/* A folder, a device: there is nothing to copy. */
static void write_other(struct writer *w, const struct object *o)
{
	AUTO_CLOSE int fd = scan_open_object(w->scan, o->path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		scan_fail(w->scan, o->path);
	} else if ((st.st_mode ^ o->mode) & S_IFMT) {
		refuse(w, o, "it is of another type now");
	} else {
		tell_xattrs(w, o, fd);
		put_header(w, o, 0);
	}
}

static void write_one(struct writer *w, const struct object *o)
{
	if (o->source == OBJECT_BYTES) {
		put_header(w, o, o->len);
		pack_put(w->pack, o->bytes, o->len);
		pack_pad(w->pack, 4);
	} else if (S_ISREG(o->mode)) {
		write_file(w, o);
	} else if (S_ISLNK(o->mode)) {
		write_link(w, o);
	} else if (o->source == OBJECT_TREE) {
		write_other(w, o);
	} else {
		put_header(w, o, 0);
	}
}

uint64_t write_about(const struct scan *scan)
{
	const struct objects *set = scan->objects;
	uint64_t sum = 0;

	for (size_t i = 0; i < set->count; i++)
		sum += NEWC_HEADER + strlen(set->all[i].path) + set->all[i].size +
		       set->all[i].len;
	return sum;
}

void write_archive(struct writer *writer)
{
	const struct objects *set = writer->scan->objects;
	const struct object trailer = { .path = NEWC_TRAILER, .nlink = 1 };

	for (size_t i = 0; i < set->count; i++)
		write_one(writer, &set->all[i]);
	put_header(writer, &trailer, 0);
	pack_pad(writer->pack, 512); /* as gen_init_cpio does */
}
