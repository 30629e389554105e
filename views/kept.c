/* The last documents of this machine. */
#include "kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_MAX 100000u

/* Ours, and not what somebody has put beside them. */
static bool is_name(const char *name)
{
	static const char form[KEPT_NAME] = "dddd-dd-ddTdd:dd:ddZ.json";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int kept_list(int folder, char ***names, size_t *count)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (!dir)
		return -errno;
	*names = NULL;
	*count = 0;
	while (*count < LIST_MAX && (entry = readdir(dir))) {
		if (!is_name(entry->d_name))
			continue;
		*names = xrealloc_array(*names, *count + 1, sizeof(char *));
		(*names)[(*count)++] = xstrdup(entry->d_name);
	}
	(void)closedir(dir);
	if (*count > 0)
		qsort(*names, *count, sizeof(char *), by_name);
	return 0;
}

void kept_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}
