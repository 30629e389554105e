/* bee COMMAND ...: finds the program bee-COMMAND beside the others and becomes it. */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *what;
} commands[] = {
	{ "audit", "inventory this machine's hardware, in time" },
	{ "policy", "check and explain what each collector may do" },
	{ "report", "summary and QR code of a finished document" },
	{ "schema", "print the JSON Schema of the document" },
};

static void usage(FILE *to)
{
	(void)fprintf(
		to,
		"usage: bee COMMAND [ARGUMENT...]\n\n"
		"  bee audit --timeout 30          audit this machine\n"
		"  bee policy explain storage      what the storage collector may do\n\n"
		"Commands (bee COMMAND --help tells more):\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
}

/* Programs stand beside bee in a build folder, and in ../libexec/bee where installed. */
static void run(const char *command, char **argv)
{
	char self[PATH_MAX];

	if (own_program(self))
		errx(BEE_SOFTWARE,
		     "where this program is cannot be found: is /proc mounted?");
	*strrchr(self, '/') = '\0';
	for (int i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%sbee-%s", self, i ? "../libexec/bee/" : "",
				       command);

		argv[0] = strrchr(path, '/') + 1;
		execv(path, argv);
		if (errno != ENOENT)
			err(BEE_SOFTWARE, "%s", path);
		free(path);
	}
	errx(BEE_SOFTWARE, "bee-%s is not installed beside %s", command, self);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return BEE_USAGE;
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return BEE_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("bee " BEE_VERSION);
		return BEE_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			run(argv[1], argv + 1);
	warnx("no command \"%s\"", argv[1]);
	usage(stderr);
	return BEE_USAGE;
}
