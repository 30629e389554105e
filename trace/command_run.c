/* bee trace run: a program, and what it uses of the tree that is its root. */
#include "command.h"
#include "reference.h"
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

/* nbic's way: /chroot says how one works in the tree; where there is none, a shell. */
static char *const *default_program(int top)
{
	static char names[][16] = { "/chroot", "/bin/bash", "/bin/sh" };
	static char *program[2];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_CLOSE int fd = reference_open(top, names[i], O_PATH);
		struct stat st;

		if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		    st.st_mode & 0111) {
			program[0] = names[i];
			return program;
		}
	}
	errx(BEE_USAGE, "the tree has neither a /chroot that can be run nor a shell");
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

int command_run(int argc, char **argv)
{
	struct options o = { .out = "-" };
	struct run run = { .listener = -1 };
	struct space space;
	AUTO_CLOSE int top = -1;
	struct whole whole;

	read_options(&o, argc, argv);
	top = open(o.tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		err(BEE_IOERR, "%s", o.tree);
	space = (struct space){ .tree = o.tree, .in_place = o.in_place, .terminal = -1 };
	space.argv = optind < argc ? argv + optind : default_program(top);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		space.terminal = STDIN_FILENO;
	whole_open(&whole, o.out);
	run_program(&run, &space);
	run_finish(&run);
	list_write(&run.finds, top, &whole);
	return tell_status(run.status);
}
