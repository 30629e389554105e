/* The mounts that a guest's own /etc/fstab asks for. */
#include "ns_fstab.h"
#include "util.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FSTAB_SIZE_MAX (64u << 10)

/* Absolute, without "..", and not the tree itself. */
static bool place_good(const char *path)
{
	size_t len = strlen(path);

	if (*path != '/' || len < 2 || len >= FSTAB_PLACE_SIZE)
		return false;
	for (const char *at = path; at; at = strchr(at + 1, '/'))
		if (!strncmp(at, "/..", 3) && (at[3] == '/' || !at[3]))
			return false;
	return true;
}

static bool has_option(const char *options, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *at = options; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, wanted, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

/* device, place, type, options: fstab(5). */
static bool line_read(char *text, struct fstab_line *line)
{
	char *save;
	const char *options;

	line->device = strtok_r(text, " \t", &save);
	line->at = line->device ? strtok_r(NULL, " \t", &save) : NULL;
	if (!line->at || *line->device != '/' || !place_good(line->at))
		return false;
	options = strtok_r(NULL, " \t", &save) ? strtok_r(NULL, " \t", &save) : NULL;
	line->read_only = has_option(options, "ro");
	return !has_option(options, "noauto");
}

bool fstab_each(const char *root, int (*each)(const struct fstab_line *line, void *data),
		void *data)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int name = open_within(top, "/etc/fstab", &how);
	AUTO_FREE char *text = xcalloc(1, FSTAB_SIZE_MAX + 1);
	AUTO_CLOSE int fd = -1;
	char *lines, path[FD_PATH_SIZE];
	struct stat st;

	if (name < 0 || fstat(name, &st))
		return false;
	/* Nothing but a file is opened: a device or a pipe of the tree could do something. */
	if (S_ISREG(st.st_mode))
		fd = open(fd_path(path, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_full(fd, text, FSTAB_SIZE_MAX) < 0)
		return true;
	for (char *at = strtok_r(text, "\n", &lines); at;
	     at = strtok_r(NULL, "\n", &lines)) {
		struct fstab_line line;

		if (line_read(at, &line) && each(&line, data))
			break;
	}
	return true;
}
