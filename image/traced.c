/* The list of an image by watching a run in its tree: bee-trace does that. */
#include "traced.h"
#include "exits.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* bee-trace WORDS..., with the list's file at words[5]. */
static int traced(char **words, int output, FILE **list)
{
	AUTO_FREE char *path = NULL;
	int status;

	*list = own_file(&path);
	words[5] = path;
	status = own_run("bee-trace", words, output);
	if (status != BEE_OK && status != BEE_INCOMPLETE)
		exit(status); /* it has said why */
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
