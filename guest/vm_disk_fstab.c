/* The fstab of a VM's disk, rebuilt: what is mounted there is not what it was made for. */
#include "vm_disk.h"

#include <stdlib.h>
#include <string.h>

#define KEPT "# bee: a VM has no such disk: "

/* Field `number` of a line, in `out`; false: it has fewer. */
static bool field(const char *line, int number, char *out, size_t size)
{
	for (;; number--) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t\n");
		if (len == 0 || *line == '#')
			return false;
		if (number == 0)
			return (size_t)snprintf(out, size, "%.*s", (int)len, line) < size;
		line += len;
	}
}

/* Of another machine's disks, or written by us before. */
static bool is_dropped(const char *line, const char *more)
{
	static const char *const targets[] = { "/home", "/var", "/run", "/tmp" };
	char at[256], other[256];

	if (!strncmp(line, KEPT, strlen(KEPT)))
		return false;
	if (!field(line, 1, at, sizeof(at)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++)
		if (!strcmp(at, targets[i]))
			return true;
	for (; *more; more += strcspn(more, "\n"), more += *more == '\n')
		if (field(more, 1, other, sizeof(other)) && !strcmp(at, other))
			return true;
	return false;
}

char *disk_fstab(const char *old, const char *more)
{
	/* Each line may become longer by the words in front of it. */
	size_t lines = 2, len = 0;
	char *out;

	for (const char *at = old; *at; at++)
		lines += *at == '\n';
	out = xcalloc(1, strlen(old) + strlen(more) + lines * (sizeof(KEPT) + 1) + 1);
	while (*old) {
		size_t line = strcspn(old, "\n");
		AUTO_FREE char *text = xcalloc(1, line + 1);

		memcpy(text, old, line);
		old += line + (old[line] == '\n');
		if (is_dropped(text, more)) {
			/* A line of ours comes again; another's is kept as a comment. */
			if (strstr(more, text))
				continue;
			len += (size_t)sprintf(out + len, KEPT);
		}
		len += (size_t)sprintf(out + len, "%s\n", text);
	}
	(void)sprintf(out + len, "%s", more);
	return out;
}
