/* Programs of other kinds, which the kernel starts by an interpreter of theirs: binfmt_misc. */
#include "binfmt.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "7f454c46" to bytes. How many; 0: it is none, or too long. */
static size_t bytes_of(const char *hex, uint8_t to[BINFMT_HEAD])
{
	size_t len = strlen(hex) / 2;

	if (strlen(hex) % 2 || len > BINFMT_HEAD)
		return 0;
	for (size_t i = 0; i < len; i++) {
		const char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };
		uint64_t byte;

		if (parse_hex(digits, UINT8_MAX, &byte))
			return 0;
		to[i] = (uint8_t)byte;
	}
	return len;
}

/* A line of an entry, as entry_status() of fs/binfmt_misc.c prints them. False: it is off, or fixed. */
static bool line_take(struct binfmt *format, char *line)
{
	char *value = strchr(line, ' ');
	uint64_t number;

	if (!strcmp(line, "disabled"))
		return false;
	if (!value)
		return true;
	*value++ = '\0';
	if (!strcmp(line, "flags:"))
		return !strchr(value, 'F');
	if (!strcmp(line, "interpreter") && !format->interpreter)
		format->interpreter = xstrdup(value);
	else if (!strcmp(line, "extension") && !format->extension)
		format->extension = xstrdup(value + (*value == '.'));
	else if (!strcmp(line, "offset") && !parse_u64(value, BINFMT_HEAD, &number))
		format->offset = (size_t)number;
	else if (!strcmp(line, "magic"))
		format->len = bytes_of(value, format->magic);
	else if (!strcmp(line, "mask"))
		(void)bytes_of(value, format->mask);
	return true;
}

/* NULL: it is none that counts. */
static struct binfmt *entry_read(int folder, const char *name)
{
	AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct binfmt *format = xcalloc(1, sizeof(*format));
	char text[4096], *save = NULL;
	ptrdiff_t n = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	bool on = true;

	memset(format->mask, 0xff, sizeof(format->mask));
	text[n < 0 ? 0 : n] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line && on;
	     line = strtok_r(NULL, "\n", &save))
		on = line_take(format, line);
	if (on && format->interpreter && (format->extension || format->len > 0))
		return format;
	binfmt_free(format);
	return NULL;
}

struct binfmt *binfmt_read(const char *folder)
{
	DIR *dir = opendir(folder);
	struct binfmt *all = NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct binfmt *format;

		if (!strcmp(entry->d_name, "register") ||
		    !strcmp(entry->d_name, "status") || *entry->d_name == '.')
			continue;
		format = entry_read(dirfd(dir), entry->d_name);
		if (!format)
			continue;
		format->next = all;
		all = format;
	}
	if (dir)
		(void)closedir(dir);
	return all;
}

static bool matches(const struct binfmt *format, const char *head, size_t len,
		    const char *path)
{
	const char *name = strrchr(path, '/'), *end = strrchr(name ? name : path, '.');

	if (format->extension)
		return end && !strcmp(end + 1, format->extension);
	if (format->offset + format->len > len)
		return false;
	for (size_t i = 0; i < format->len; i++)
		if (((uint8_t)head[format->offset + i] ^ format->magic[i]) &
		    format->mask[i])
			return false;
	return true;
}

const char *binfmt_find(const struct binfmt *all, const char *head, size_t len,
			const char *path)
{
	for (const struct binfmt *format = all; format; format = format->next)
		if (matches(format, head, len, path))
			return format->interpreter;
	return NULL;
}

void binfmt_free(struct binfmt *all)
{
	while (all) {
		struct binfmt *next = all->next;

		free(all->interpreter);
		free(all->extension);
		free(all);
		all = next;
	}
}
