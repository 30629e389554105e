/* A path walked name by name. */
#include "way.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool way_begin(struct way *w, const char *path)
{
	size_t len;

	path += strspn(path, "/");
	len = strlen(path);
	w->linked = false;
	w->links = 0;
	w->named = len;
	w->from = sizeof(w->names) - 1;
	w->names[w->from] = '\0';
	if (len >= sizeof(w->names)) {
		errno = ENAMETOOLONG;
		return false;
	}
	w->from -= len;
	memcpy(w->names + w->from, path, len);
	w->tree->top(w->place);
	return true;
}

static size_t left(const struct way *w)
{
	return sizeof(w->names) - 1 - w->from;
}

/* The place is a link: what it leads to comes before what was to come. False: errno. */
static bool follow(struct way *w)
{
	char target[PATH_MAX];
	ssize_t len = w->tree->target(w->place, target);

	if (len < 0)
		return false;
	if (++w->links > WAY_LINKS_MAX) {
		errno = ELOOP;
		return false;
	}
	if ((size_t)len + 1 > w->from) {
		errno = ENAMETOOLONG;
		return false;
	}
	w->names[--w->from] = '/';
	w->from -= (size_t)len;
	memcpy(w->names + w->from, target, (size_t)len);
	if (len > 0 && *target == '/')
		w->tree->top(w->place);
	else
		w->tree->up(w->place);
	w->from += strspn(w->names + w->from, "/");
	return true;
}

/* The next name is taken. The mode of what is there; 0: errno. */
static unsigned step(struct way *w)
{
	const char *name = w->names + w->from;
	size_t len = strcspn(name, "/");
	unsigned mode = S_IFDIR;

	w->linked = left(w) > w->named;
	w->detours += w->linked;
	w->from += len + strspn(name + len, "/");
	if (w->named > left(w))
		w->named = left(w);
	if (len == 2 && !memcmp(name, "..", 2))
		w->tree->up(w->place);
	else if (len > 0 && !(len == 1 && *name == '.'))
		mode = w->tree->down(w->place, name, len);
	if (mode && S_ISLNK(mode))
		return follow(w) ? S_IFDIR : 0;
	return mode;
}

static unsigned go(struct way *w, bool last)
{
	unsigned mode = S_IFDIR;

	while (mode && left(w) > 0 && (last || strchr(w->names + w->from, '/'))) {
		if (!S_ISDIR(mode)) {
			errno = ENOTDIR;
			return 0;
		}
		mode = step(w);
	}
	return mode;
}

unsigned way_go(struct way *w)
{
	return go(w, true);
}

unsigned way_go_above(struct way *w)
{
	return go(w, false);
}
