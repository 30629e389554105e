/* bee trace run: a program, and what it uses of the tree that is its root. */
#include "command.h"
#include "program.h"
#include "quiet.h"
#include "run.h"
#include "whole.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct options {
	const char *tree, *out;
	bool in_place;
};

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "in-place", no_argument, NULL, 'p' },
		COMMAND_OPTIONS,
	};
	int c;

	while ((c = command_option(argc, argv, "+hd:o:", options)) != -1) {
		switch (c) {
		case 'd':
			o->tree = optarg;
			break;
		case 'o':
			o->out = optarg;
			break;
		default:
			o->in_place = true;
		}
	}
	if (!o->tree)
		command_usage("run: -d DIR says whose use is wanted");
}

/* What became of the program, in words on stderr. */
static int tell_status(int status)
{
	if (WIFSIGNALED(status))
		warnx("the program was ended by signal %d (%s)", WTERMSIG(status),
		      strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		warnx("the program ended with %d", WEXITSTATUS(status));
	return status ? BEE_INCOMPLETE : BEE_OK;
}

int trace_run(int argc, char **argv)
{
	struct options o = { .out = "-" };
	struct run run = { .listener = -1 };
	struct space space;
	AUTO_CLOSE int top = -1;
	struct whole whole;
	bool read;
	int status;

	read_options(&o, argc, argv);
	top = quiet_open(o.tree);
	if (top < 0)
		err(BEE_IOERR, "%s", o.tree);
	space = (struct space){ .tree = o.tree,
				.in_place = o.in_place,
				.user = geteuid() != 0,
				.output = -1,
				.terminal = -1 };
	space.argv = optind < argc ? argv + optind : program_default(top);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		space.terminal = STDIN_FILENO;
	else if (!strcmp(o.out, "-"))
		space.output = STDERR_FILENO; /* the list is alone on ours */
	whole_open(&whole, o.out);
	run_program(&run, &space);
	read = run_finish(&run);
	list_write(&run.finds, top, &whole);
	status = tell_status(run.status);
	return status == BEE_OK && !read ? BEE_INCOMPLETE : status;
}
