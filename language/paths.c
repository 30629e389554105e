/* Where this program's companions are: policy files and sibling programs. */
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef BEE_PREFIX
#define BEE_PREFIX "/usr/local"
#endif
#define BEE_POLICY_DIR BEE_PREFIX "/share/bee/policy"

/* The folder of the running program, without a slash at its end. 0 or -errno. */
static int own_folder(char folder[PATH_MAX])
{
	int error = own_program(folder);
	char *slash;

	if (error)
		return error;
	slash = strrchr(folder, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

char *policy_default_dir(void)
{
	/* A Makefile beside the policies tells a source tree from an installed prefix. */
	static const char *const up[] = { "..", "../.." };
	char folder[PATH_MAX];
	struct stat st;

	if (own_folder(folder) == 0)
		for (size_t i = 0; i < ARRAY_LEN(up); i++) {
			AUTO_FREE char *makefile =
				xasprintf("%s/%s/Makefile", folder, up[i]);
			AUTO_FREE char *dir = xasprintf("%s/%s/policy", folder, up[i]);
			char *real = NULL;

			if (!stat(makefile, &st) && !stat(dir, &st) &&
			    S_ISDIR(st.st_mode))
				real = realpath(dir, NULL);
			if (real)
				return real;
		}
	/* PREFIX/libexec/bee/bee-audit, wherever PREFIX is now. */
	if (own_folder(folder) == 0) {
		AUTO_FREE char *installed =
			xasprintf("%s/../../share/bee/policy", folder);
		char *real = realpath(installed, NULL);

		if (real)
			return real;
	}
	return xstrdup(BEE_POLICY_DIR);
}

int libexec_open(const char *name)
{
	char folder[PATH_MAX];
	AUTO_FREE char *path = NULL;
	int error = own_folder(folder);
	int fd;

	if (error)
		return error;
	path = xasprintf("%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
