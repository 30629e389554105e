/* Which layers are switched off, and that a program in which they can be runs in no other place. */
#include "layers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "bee test build: its layers can be switched off, never install it"

const char *off_list;

bool off(const char *layer)
{
	size_t len = strlen(layer);

	for (const char *at = off_list; at && *at;
	     at += strcspn(at, ",") + !!strchr(at, ','))
		if (strcspn(at, ",") == len && !strncmp(at, layer, len))
			return true;
	return false;
}

__attribute__((constructor)) static void begin(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	off_list = getenv("BEE_LAYERS_OFF");
	exe[n < 0 ? 0 : n] = '\0';
	/* In a jail the name is one that leads nowhere; the variable is of ours alone there. */
	if (!off_list || (n > 0 && !strstr(exe, "/escape/bee-"))) {
		fprintf(stderr, "%s\n", MARK);
		_exit(125);
	}
	if (!strcmp(program_invocation_short_name, "bee-run"))
		fprintf(stderr, "%s (off: %s)\n", MARK, off_list);
}
