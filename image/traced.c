/* The list of an image by watching a run in its tree: bee-trace does that. */
#include "traced.h"
#include "own.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int traced_run(const char *tree, char *const *argv, int output, FILE **list)
{
	static char run[] = "run", d[] = "-d", o[] = "-o", end[] = "--";
	AUTO_FREE char *path = own_temporary(), *place = xstrdup(tree);
	AUTO_FREE char **words = NULL;
	int fd = mkstemp(path), status;
	size_t count = 0;

	if (fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	close(fd);
	while (argv && argv[count])
		count++;
	words = xcalloc(count + 8, sizeof(char *));
	words[1] = run;
	words[2] = d;
	words[3] = place;
	words[4] = o;
	words[5] = path;
	words[6] = end;
	if (count > 0)
		memcpy(words + 7, argv, count * sizeof(char *));
	status = own_run("bee-trace", words, output);
	*list = fopen(path, "re");
	(void)unlink(path);
	if (status != BEE_OK && status != BEE_INCOMPLETE)
		exit(status); /* it has said why */
	if (!*list)
		err(BEE_IOERR, "%s", path);
	return status;
}
