/* What the programs of a list need and no run opened. */
#include "closure.h"
#include "libraries.h"
#include "reference.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct closure {
	struct finds *finds;
	int top;
	char top_name[PATH_MAX];
};

static int open_file(void *context, const char *path)
{
	const struct closure *closure = context;
	int fd = reference_open(closure->top, path, O_RDONLY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Where what is open is in the tree, without links. False: nowhere. */
static bool place_of(const struct closure *closure, int fd, char to[PATH_MAX])
{
	char name[FD_PATH_SIZE];
	size_t len = strlen(closure->top_name);
	ssize_t n = readlink(fd_path(name, fd), to, PATH_MAX - 1);

	if (n < 0)
		return false;
	to[n] = '\0';
	if (strncmp(to, closure->top_name, len) != 0)
		return false;
	memmove(to, to + len, strlen(to + len) + 1);
	memmove(to, to + strspn(to, "/"), strlen(to + strspn(to, "/")) + 1);
	return true;
}

static void put(const struct closure *closure, const char *path, const char *by)
{
	const struct find *known = finds_find(closure->finds, path);

	if (!known || known->uses == USE_MISSING || known->uses == USE_NEEDED)
		(void)finds_put(closure->finds, USE_NEEDED, path, by);
}

/* The name itself, which may be a link, and what it leads to. */
static void found(void *context, const char *path, const char *by)
{
	const struct closure *closure = context;
	AUTO_FREE char *folder = xstrdup(path);
	const char *name = strrchr(path, '/');
	AUTO_CLOSE int fd = reference_open(closure->top, path, O_PATH);
	AUTO_CLOSE int above = -1;
	char place[PATH_MAX];

	*strrchr(folder, '/') = '\0';
	above = reference_open(closure->top, folder, O_PATH | O_DIRECTORY);
	if (fd < 0 || above < 0 || !place_of(closure, above, place))
		return;
	AUTO_FREE char *link = xasprintf("%s%s%s", place, *place ? "/" : "", name + 1);

	put(closure, link, by);
	if (place_of(closure, fd, place))
		put(closure, place, by);
}

/* To look into each file of a large tree would take longer than the run. */
static bool may_be_program(const struct find *find)
{
	const char *name = strrchr(find->path, '/');

	return S_ISREG(find->mode) && (find->mode & 0111 || find->uses & USE_LIBRARY ||
				       strstr(name ? name : find->path, ".so"));
}

void closure_add(struct finds *finds, int top)
{
	struct closure closure = { .finds = finds, .top = top };
	struct libraries libraries = { .open = open_file,
				       .found = found,
				       .context = &closure };
	size_t count = finds->count;
	char name[FD_PATH_SIZE];
	ssize_t n = readlink(fd_path(name, top), closure.top_name, PATH_MAX - 1);

	if (n < 0)
		return;
	closure.top_name[n] = '\0';
	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *path = NULL;

		if (!may_be_program(finds->all[i]))
			continue;
		path = xasprintf("/%s", finds->all[i]->path);
		libraries_of(&libraries, path);
	}
	libraries_done(&libraries);
}
