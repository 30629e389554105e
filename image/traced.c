/* The list of an image by watching a run in its tree: bee-trace does that. */
#include "traced.h"
#include "own.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *left; /* for an end in the middle: the list's file; NULL: there is none */

static void left_remove(void)
{
	if (left)
		(void)unlink(left);
	free(left);
	left = NULL;
}

/* bee-trace WORDS..., with the list's file at words[5]. */
static int traced(char **words, int output, FILE **list)
{
	static bool registered;
	int fd, status, error;

	if (!registered)
		(void)atexit(left_remove);
	registered = true;
	left = own_temporary();
	fd = mkstemp(left);
	if (fd < 0)
		err(BEE_CANTCREAT, "%s", left);
	close(fd);
	words[5] = left;
	status = own_run("bee-trace", words, output);
	*list = fopen(left, "re");
	error = errno;
	left_remove();
	if (status != BEE_OK && status != BEE_INCOMPLETE)
		exit(status); /* it has said why */
	if (!*list)
		errx(BEE_IOERR, "the list of the trace: %s", strerrordesc_np(error));
	return status;
}

int traced_run(const char *tree, char *const *argv, int output, FILE **list)
{
	static char run[] = "run", d[] = "-d", o[] = "-o", end[] = "--";
	AUTO_FREE char *place = xstrdup(tree);
	AUTO_FREE char **words = NULL;
	size_t count = 0;

	while (argv && argv[count])
		count++;
	words = xcalloc(count + 8, sizeof(char *));
	words[1] = run;
	words[2] = d;
	words[3] = place;
	words[4] = o;
	words[6] = end;
	if (count > 0)
		memcpy(words + 7, argv, count * sizeof(char *));
	return traced(words, output, list);
}

int traced_boot(const char *tree, FILE **list)
{
	static char boot[] = "boot", d[] = "-d", o[] = "-o";
	AUTO_FREE char *place = xstrdup(tree);
	char *words[] = { NULL, boot, d, place, o, NULL, NULL };

	return traced(words, STDERR_FILENO, list);
}
