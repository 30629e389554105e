/* Loaders and libraries of programs that somebody named. */
#include "needs.h"
#include "libraries.h"
#include "names.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(void *context, const char *path)
{
	AUTO_FREE char *real = scan_real(context, path);
	int fd = real ? scan_open(context, real, O_RDONLY | O_NONBLOCK) : -1;
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Its name without links in the folders; of malloc; NULL: it is not there. */
static char *plain_name(struct scan *scan, const char *path)
{
	AUTO_FREE char *above = xstrdup(path), *folder = NULL;
	char *slash = strrchr(above, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	folder = scan_real(scan, above);
	return folder ? xasprintf("%s%s%s", folder, *folder ? "/" : "", slash + 1) : NULL;
}

/* By the name that is used, with the links on the way. What was taken before keeps its cause. */
static void found(void *context, const char *path, const char *by)
{
	struct scan *scan = context;
	AUTO_FREE char *name = name_escape(by, strlen(by)),
		       *cause = xasprintf("needed\t%s", name),
		       *plain = plain_name(scan, path);
	bool known = plain && objects_find(scan->objects, plain);

	causes_name(&scan->causes, cause, known ? NULL : plain);
	scan_take(scan, path, SCAN_NEEDED);
	scan->causes.named = NULL;
}

void needs_of(struct scan *scan, const char *path)
{
	struct libraries libraries = { .open = open_file,
				       .found = found,
				       .context = scan };

	libraries_of(&libraries, path);
	libraries_done(&libraries);
}

/* A program or a library, of which a person or another program wrote the name. */
static bool is_named(const struct scan *scan, const struct object *object)
{
	const char *name = strrchr(object->path, '/');
	const char *cause = object->cause ? scan->causes.all[object->cause] : "-";

	name = name ? name + 1 : object->path;
	return S_ISREG(object->mode) && object->source == OBJECT_TREE &&
	       (object->mode & 0111 || strstr(name, ".so")) && *cause == '-';
}

void needs_of_all(struct scan *scan)
{
	struct libraries libraries = { .open = open_file,
				       .found = found,
				       .context = scan };
	size_t count = scan->objects->count;

	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *path = NULL;

		if (!is_named(scan, &scan->objects->all[i]))
			continue;
		path = xasprintf("/%s", scan->objects->all[i].path);
		libraries_of(&libraries, path);
	}
	libraries_done(&libraries);
}
