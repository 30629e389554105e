/* exec and console: into a guest that runs. */
#include "backend.h"
#include "command.h"
#include "keeper.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

/* The guest's first process, as a descriptor; its handles in *look. */
static int guest_open(const char *name, struct look *look)
{
	int pidfd;

	look_guest(name, look);
	if (look->state == GUEST_NONE)
		errx(BEE_USAGE, "there is no guest \"%s\"", name);
	pidfd = look->handles_kind == STATE_GOOD
			? process_open(&look->handles.init, look->handles.boot)
			: -1;
	if (pidfd < 0 || look->state != GUEST_RUNNING)
		errx(BEE_TEMPFAIL, "%s does not run", name);
	return pidfd;
}

int guest_exec(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	const struct backend *backend;
	struct look look;
	const char *name;
	int pidfd;

	while (command_option(argc, argv, "+h", options) != -1)
		;
	guest_root();
	name = guest_name(argc, argv);
	if (optind < argc && !strcmp(argv[optind], "--"))
		optind++;
	pidfd = guest_open(name, &look);
	backend = look_backend(&look);
	return backend->enter(name, &look, pidfd, argv + optind);
}

int guest_console(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	struct look look;
	const char *name;
	int result;

	while (command_option(argc, argv, "h", options) != -1)
		;
	guest_root();
	name = guest_only_name(argc, argv);
	close(guest_open(name, &look));
	result = keeper_attach(name, true);
	if (result)
		errx(BEE_TEMPFAIL, "%s: its console is gone: %s", name,
		     strerror(-result));
	return BEE_OK;
}
