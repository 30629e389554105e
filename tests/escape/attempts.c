/*
 * attempts PID PORT KEY all|NAME...: each attempt, and whether it had success. Nothing here would harm
 * the machine if it worked: what is changed is set to what it is.
 */
#include "attempts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

long outside_pid, outside_port, outside_key;

bool again(const char *path, const char *mode)
{
	char *argv[] = { (char[]){ "attempts" }, strdup(mode), NULL }, *env[] = { NULL };

	/* What it prints is this one's word: it does not come back. */
	(void)fflush(stdout);
	(void)syscall(SYS_execve, path, argv, env);
	return false;
}

static void attempt(const struct attempt *attempt)
{
	errno = 0;
	if (attempt->won())
		printf("%s won\n", attempt->name);
	else
		printf("%s refused %s\n", attempt->name, strerrorname_np(errno) ?: "?");
	(void)fflush(stdout);
}

bool has_rights(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "re");
	bool caps = false;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, "CapEff:", 7))
			caps = strtoull(line + 7, NULL, 16) & 1; /* CAP_CHOWN */
	if (status)
		(void)fclose(status);
	return caps;
}

/* Where it was started a second time: what it is now. */
static int changed(const char *mode)
{
	if (!strcmp(mode, "again") || (!strcmp(mode, "is-root") && geteuid() == 0) ||
	    (!strcmp(mode, "has-rights") && has_rights()))
		puts("again won");
	else
		puts("again refused");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct attempt *const tables[] = { attempts_around, attempts_calls,
							attempts_rights };
	bool all = argc > 4 && !strcmp(argv[4], "all"),
	     list = argc > 1 && !strcmp(argv[1], "list");

	if (argc == 2 && !list)
		return changed(argv[1]);
	if (argc < 5 && !list)
		return 2;
	for (int i = 1; i < 4 && !list; i++)
		*(long *[]){ &outside_pid, &outside_port, &outside_key }[i - 1] =
			strtol(argv[i], NULL, 10);
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct attempt *a = tables[t]; a->name; a++)
			if (list)
				puts(a->name);
			else if (all)
				attempt(a);
			else
				for (int i = 4; i < argc; i++)
					if (!strcmp(argv[i], a->name))
						attempt(a);
	return 0;
}
