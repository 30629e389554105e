/* What is left out of an image: globs, of a folder all below it too. */
#include "drops.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_dropped(char *const *globs, const char *path)
{
	for (char *const *drop = globs; *drop; drop++)
		if (!fnmatch(*drop + strspn(*drop, "/"), path, 0))
			return true;
	return false;
}

/* The folder that `part` is, or one above it; the last answer is kept, for the next name in it. */
static bool folder_is_dropped(char *const *globs, struct drops *last, char *part)
{
	bool dropped = false;

	if (last->folder && !strcmp(last->folder, part))
		return last->dropped;
	for (char *slash = part; slash && !dropped;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		dropped = is_dropped(globs, part);
		if (slash)
			*slash = '/';
	}
	free(last->folder);
	last->folder = xstrdup(part);
	last->dropped = dropped;
	return dropped;
}

bool drops_have(char *const *globs, struct drops *last, const char *path)
{
	const char *slash = strrchr(path, '/');
	char part[PATH_MAX];

	if (!*globs || !*path)
		return false;
	if (slash && slash > path) {
		size_t len = (size_t)(slash - path);

		if (len >= sizeof(part))
			return false;
		memcpy(part, path, len);
		part[len] = '\0';
		if (folder_is_dropped(globs, last, part))
			return true;
	}
	return is_dropped(globs, path);
}

void drops_done(struct drops *last)
{
	free(last->folder);
	last->folder = NULL;
}
