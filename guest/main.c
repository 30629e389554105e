/* bee-guest: root file systems that run as if booted. */
#include "command.h"
#include "guest.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *what;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "NAME [OPTION...] [-- COMMAND...]", guest_run },
	{ "start", "NAME [OPTION...]", guest_start },
	{ "stop", "[--now | --keep] [--timeout SECONDS] NAME", guest_stop },
	{ "exec", "NAME [COMMAND...]", guest_exec },
	{ "console", "NAME", guest_console },
	{ "list", "[--json] [--mounts] [NAME]", guest_list },
	{ "report", "[--json | --prometheus] [NAME]", guest_report },
	{ "rm", "NAME", guest_rm },
	{ "gc", "", guest_gc },
	{ "pretend-boot", "NAME", guest_boot },
	{ "control", "start|stop NAME", guest_control },
};

static void usage(FILE *to)
{
	(void)fputs("usage: bee guest COMMAND [ARGUMENT...]\n"
		    "\n"
		    "  bee guest start web                     /opt/sub/web/config says "
		    "what it is\n"
		    "  bee guest start web --root /srv/web     this tree, as if booted\n"
		    "  bee guest run try --root / --volatile -- apt-get -s upgrade\n"
		    "  bee guest exec web                      a shell in it\n"
		    "  bee guest stop web\n"
		    "\n",
		    to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].what);
	(void)fputs("\nOptions of run and start:\n"
		    "  --config FILE    instead of /opt/sub/NAME/config\n"
		    "  --root DIR       the tree\n"
		    "  --lower DIR      a common tree; changes go to --upper DIR, --work "
		    "DIR\n"
		    "  --volatile       changes are kept in memory, and gone at the end\n"
		    "  --disk D:N:FILE  partition N of an image; the first is the tree\n"
		    "  --bridge B:MAC   a cable to bridge B; either may be missing\n"
		    "  --init COMMAND   what runs as the first process\n"
		    "  --memory BYTES, --tasks N\n"
		    "  --tun            /dev/net/tun\n"
		    "  --host-users     no user namespace: NO BOUNDARY\n"
		    "  --foreground     of start: stays until the guest ends\n"
		    "  --timeout N      of start: seconds to be ready in, 60\n"
		    "\nbee-guest(1) describes them.\n",
		    to);
}

int guest_option(int argc, char **argv, const char *letters, const struct option *options)
{
	int c = getopt_long(argc, argv, letters, options, NULL);

	switch (c) {
	case 'h':
		usage(stdout);
		exit(BEE_OK);
	case 'V':
		puts("bee-guest " BEE_VERSION);
		exit(BEE_OK);
	case '?':
		usage(stderr);
		exit(BEE_USAGE);
	default:
		return c;
	}
}

void guest_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	usage(stderr);
	exit(BEE_USAGE);
}

const char *guest_name(int argc, char **argv)
{
	const char *name = optind < argc ? argv[optind++] : NULL;

	if (!name)
		guest_usage("which guest?");
	if (!guest_name_good(name))
		errx(BEE_USAGE,
		     "\"%s\" is no name of a guest: up to %d letters, digits, \"-\", "
		     "\"_\" "
		     "and \".\"",
		     name, GUEST_NAME_MAX);
	return name;
}

void guest_root(void)
{
	if (geteuid() != 0)
		errx(BEE_USAGE, "only root can do that");
}

int guest_end(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return BEE_IOERR;
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		guest_usage("which command?");
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return BEE_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("bee-guest " BEE_VERSION);
		return BEE_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	guest_usage("there is no command \"%s\"", argv[1]);
}
