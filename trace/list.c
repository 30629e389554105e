/* The list of a run, from what was found to the file. */
#include "closure.h"
#include "whole.h"

#include <err.h>
#include <unistd.h>

void list_write(struct finds *finds, int top, struct whole *whole)
{
	FILE *to = fdopen(dup(whole->fd), "w");

	if (!to)
		err(BEE_IOERR, "%s", whole->path);
	finds_compare(finds, top);
	closure_add(finds, top);
	finds_write(finds, to);
	if (fclose(to))
		err(BEE_IOERR, "%s", whole->path);
	whole_end(whole);
	finds_done(finds);
}
