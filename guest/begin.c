/* run, start, pretend-boot: the words of a command line, taken apart. */
#include "command.h"
#include "guest.h"
#include "start.h"

#include <err.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTION_CONFIG = 256,
	OPTION_ROOT,
	OPTION_LOWER,
	OPTION_UPPER,
	OPTION_WORK,
	OPTION_VOLATILE,
	OPTION_DISK,
	OPTION_BRIDGE,
	OPTION_INIT,
	OPTION_MEMORY,
	OPTION_TASKS,
	OPTION_TUN,
	OPTION_HOST_USERS,
	OPTION_FOREGROUND,
	OPTION_TIMEOUT,
};

static const struct option options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "lower", required_argument, NULL, OPTION_LOWER },
	{ "upper", required_argument, NULL, OPTION_UPPER },
	{ "work", required_argument, NULL, OPTION_WORK },
	{ "volatile", no_argument, NULL, OPTION_VOLATILE },
	{ "disk", required_argument, NULL, OPTION_DISK },
	{ "bridge", required_argument, NULL, OPTION_BRIDGE },
	{ "init", required_argument, NULL, OPTION_INIT },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "tasks", required_argument, NULL, OPTION_TASKS },
	{ "tun", no_argument, NULL, OPTION_TUN },
	{ "host-users", no_argument, NULL, OPTION_HOST_USERS },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "quiet", no_argument, NULL, 'q' },
	COMMAND_OPTIONS,
};

static uint64_t number_of(const char *name, const char *text, uint64_t max)
{
	uint64_t value;

	if (parse_u64(text, max, &value) || value == 0)
		command_usage("--%s \"%s\" is no number from 1 to %llu", name, text,
			      (unsigned long long)max);
	return value;
}

static char *absolute(const char *path)
{
	char here[PATH_MAX];

	if (*path == '/' || !getcwd(here, sizeof(here)))
		return xstrdup(path);
	return xasprintf("%s/%s", here, path);
}

static void option_take(struct guest *g, struct start *start, int c)
{
	switch (c) {
	case OPTION_CONFIG:
		g->config = absolute(optarg);
		break;
	case OPTION_ROOT:
		g->root = absolute(optarg);
		break;
	case OPTION_LOWER:
		g->lower = absolute(optarg);
		break;
	case OPTION_UPPER:
		g->upper = absolute(optarg);
		break;
	case OPTION_WORK:
		g->work = absolute(optarg);
		break;
	case OPTION_VOLATILE:
		g->is_volatile = true;
		break;
	case OPTION_DISK:
		words_add(&g->disks, optarg, strlen(optarg));
		break;
	case OPTION_BRIDGE:
		words_add(&g->bridges, optarg, strlen(optarg));
		break;
	case OPTION_INIT:
		words_split(&g->init, optarg);
		break;
	case OPTION_MEMORY:
		g->memory = number_of("memory", optarg, UINT64_C(1) << 50);
		break;
	case OPTION_TASKS:
		g->tasks = number_of("tasks", optarg, 1u << 22);
		break;
	case OPTION_TUN:
		g->tun = true;
		break;
	case OPTION_HOST_USERS:
		g->host_users = true;
		break;
	case OPTION_FOREGROUND:
		start->how = START_FOREGROUND;
		break;
	case OPTION_TIMEOUT:
		start->seconds = (unsigned)number_of("timeout", optarg, 86400);
		break;
	case 'q':
		start->quiet = true;
		break;
	default:
		break;
	}
}

/* Options may stand on both sides of the name; after "--" comes the command. */
static void words_take(int argc, char **argv, struct guest *g, struct start *start)
{
	const char *name = NULL;
	int c;

	for (;;) {
		while ((c = command_option(argc, argv, "+qh", options)) != -1)
			option_take(g, start, c);
		if (optind >= argc || !strcmp(argv[optind - 1], "--") || name)
			break;
		name = guest_name(argc, argv);
	}
	if (!name)
		(void)guest_name(argc, argv);
	(void)stpcpy(g->name, name ? name : "");
	for (; optind < argc; optind++)
		words_add(&g->init, argv[optind], strlen(argv[optind]));
	if (g->host_users)
		warnx("%s: --host-users: root inside is root of this machine; this is no "
		      "boundary",
		      g->name);
}

int guest_start(int argc, char **argv)
{
	struct start start = { .how = START_BACKGROUND, .seconds = 60 };
	struct guest guest = { .name = "" };

	words_take(argc, argv, &guest, &start);
	return start_guest(&guest, &start);
}

int guest_run(int argc, char **argv)
{
	struct start start = { .how = START_ATTACHED, .seconds = 60, .quiet = true };
	struct guest guest = { .name = "" };

	words_take(argc, argv, &guest, &start);
	return start_guest(&guest, &start);
}

int guest_boot(int argc, char **argv)
{
	return guest_start(argc, argv);
}

int guest_control(int argc, char **argv)
{
	struct start start = { .how = START_ATTACHED, .seconds = 60, .quiet = true };
	struct guest guest = { .name = "", .shell = true, .keep = true };

	if (argc > 1 && !strcmp(argv[1], "stop"))
		return guest_stop(argc - 1, argv + 1);
	if (argc < 2 || strcmp(argv[1], "start") != 0)
		command_usage("control start NAME, or control stop NAME");
	words_take(argc - 1, argv + 1, &guest, &start);
	return start_guest(&guest, &start);
}
