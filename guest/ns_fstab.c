/* The mounts that a guest's own /etc/fstab asks for. */
#include "ns_fstab.h"
#include "util.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FSTAB_SIZE_MAX (64u << 10)

/* Absolute, without "..", and not the tree itself. */
static bool place_good(const char *path)
{
	size_t len = strlen(path);

	if (*path != '/' || len < 2 || len > 200)
		return false;
	for (const char *at = path; at; at = strchr(at + 1, '/'))
		if (!strncmp(at, "/..", 3) && (at[3] == '/' || !at[3]))
			return false;
	return true;
}

void fstab_each(const char *root,
		int (*each)(const char *device, const char *at, void *data), void *data)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd =
		(int)syscall(SYS_openat2, top, "/etc/fstab", &how, sizeof(how));
	AUTO_FREE char *text = xcalloc(1, FSTAB_SIZE_MAX + 1);
	struct stat st;
	char *lines;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    read_full(fd, text, FSTAB_SIZE_MAX) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &lines); line;
	     line = strtok_r(NULL, "\n", &lines)) {
		char *save, *device = strtok_r(line, " \t", &save);
		char *at = device ? strtok_r(NULL, " \t", &save) : NULL;

		if (at && *device == '/' && place_good(at) && each(device, at, data))
			return;
	}
}
