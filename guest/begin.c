/* run, start, pretend-boot: the words of a command line, taken apart. */
#include "command.h"
#include "guest.h"
#include "start.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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
	OPTION_RAISE_LIMITS,
	OPTION_FOREGROUND,
	OPTION_TIMEOUT,
	OPTION_BACKEND,
	OPTION_IMAGE,
	OPTION_KERNEL,
	OPTION_INITRD,
	OPTION_APPEND,
	OPTION_FIRMWARE,
	OPTION_ACCEL,
	OPTION_KEYS,
	OPTION_WORK_SEED,
	OPTION_WORK_SIZE,
	OPTION_CPUS,
	OPTION_RM,
	OPTION_NAME,
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
	{ "raise-limits", no_argument, NULL, OPTION_RAISE_LIMITS },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "backend", required_argument, NULL, OPTION_BACKEND },
	{ "image", required_argument, NULL, OPTION_IMAGE },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "initrd", required_argument, NULL, OPTION_INITRD },
	{ "append", required_argument, NULL, OPTION_APPEND },
	{ "firmware", required_argument, NULL, OPTION_FIRMWARE },
	{ "accel", required_argument, NULL, OPTION_ACCEL },
	{ "authorized-keys", required_argument, NULL, OPTION_KEYS },
	{ "work-seed", required_argument, NULL, OPTION_WORK_SEED },
	{ "work-size", required_argument, NULL, OPTION_WORK_SIZE },
	{ "cpus", required_argument, NULL, OPTION_CPUS },
	{ "rm", no_argument, NULL, OPTION_RM },
	{ "name", required_argument, NULL, OPTION_NAME },
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

/* A size: a number, or one with K, M, G or T behind it. */
static uint64_t size_of(const char *name, const char *text)
{
	static const char units[] = "KMGT";
	char digits[24];
	size_t len = strlen(text);
	const char *unit = len > 1 ? strchr(units, text[len - 1]) : NULL;
	unsigned shift = unit && *unit ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t value;

	if (shift > 0)
		len--;
	/* Too long to be one: no digits, which is none either. */
	if (len >= sizeof(digits))
		len = 0;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (parse_u64(digits, (UINT64_C(1) << 50) >> shift, &value) || value == 0)
		command_usage(
			"--%s \"%s\" is no number of bytes, nor one with K, M, G or T",
			name, text);
	return value << shift;
}

/* Of an option without a word behind it. NULL: it is another. */
static bool *flag_of(struct guest *g, int c)
{
	switch (c) {
	case OPTION_VOLATILE:
		return &g->is_volatile;
	case OPTION_TUN:
		return &g->tun;
	case OPTION_HOST_USERS:
		return &g->host_users;
	case OPTION_RAISE_LIMITS:
		return &g->raise_limits;
	case OPTION_RM:
		return &g->once;
	default:
		return NULL;
	}
}

/* Those of a VM alone. */
static void vm_option_take(struct guest *g, int c)
{
	switch (c) {
	case OPTION_BACKEND:
		g->backend = optarg;
		break;
	case OPTION_IMAGE:
		g->image = guest_absolute(NULL, optarg);
		break;
	case OPTION_KERNEL:
		g->kernel = guest_absolute(NULL, optarg);
		break;
	case OPTION_FIRMWARE:
		g->firmware = guest_absolute(NULL, optarg);
		break;
	case OPTION_INITRD:
		g->initrd = guest_absolute(NULL, optarg);
		break;
	case OPTION_APPEND:
		g->append = optarg;
		break;
	case OPTION_ACCEL:
		g->accel = optarg;
		break;
	case OPTION_KEYS:
		g->keys = guest_absolute(NULL, optarg);
		break;
	case OPTION_WORK_SEED:
		g->work_seed = guest_absolute(NULL, optarg);
		break;
	case OPTION_WORK_SIZE:
		g->work_size = size_of("work-size", optarg);
		break;
	case OPTION_CPUS:
		g->cpus = number_of("cpus", optarg, 255);
		break;
	default:
		break;
	}
}

static void option_take(struct guest *g, struct start *start, int c)
{
	bool *flag = flag_of(g, c);

	if (flag) {
		*flag = true;
		return;
	}
	switch (c) {
	case OPTION_CONFIG:
		g->config = guest_absolute(NULL, optarg);
		break;
	case OPTION_ROOT:
		g->root = guest_absolute(NULL, optarg);
		break;
	case OPTION_LOWER:
		g->lower = guest_absolute(NULL, optarg);
		break;
	case OPTION_UPPER:
		g->upper = guest_absolute(NULL, optarg);
		break;
	case OPTION_WORK:
		g->work = guest_absolute(NULL, optarg);
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
		g->memory = size_of("memory", optarg);
		break;
	case OPTION_TASKS:
		g->tasks = number_of("tasks", optarg, 1u << 22);
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
		vm_option_take(g, c);
	}
}

/* A name for a VM that nobody has named. */
static char *name_make(void)
{
	uint32_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		err(BEE_SOFTWARE, "getrandom");
	return xasprintf("vm-%08x", number);
}

/*
 * `word` stands for the guest: it is its name, or, with a "/" in it, the image of a VM, which
 * then has the name that --name says, or one of its own.
 */
static void name_take(struct guest *g, struct start *start, const char *word,
		      const char *named)
{
	bool is_image = start->image_first || strchr(word, '/');
	AUTO_FREE char *fresh = is_image && !named ? name_make() : NULL;
	const char *name = !is_image ? word : named ? named : fresh;

	if (!is_image && named)
		command_usage("--name goes with an image, and \"%s\" is a name", word);
	if (is_image) {
		g->image = guest_absolute(NULL, word);
		start->unnamed = !named;
	}
	if (!guest_name_good(name))
		command_usage("\"%s\" is no name of a guest", name);
	(void)stpcpy(g->name, name);
}

/* Past the first of two words of a command: it is called by both, where something is wrong with it. */
static char **inner(char **argv)
{
	argv[1] = xasprintf("%s %s", argv[0], argv[1]);
	return argv + 1;
}

/* Options may stand on both sides of the name; after "--" comes the command. */
static void words_take(int argc, char **argv, struct guest *g, struct start *start)
{
	const char *named = NULL, *word = NULL;
	int c;

	for (;;) {
		while ((c = command_option(argc, argv, "+qh", options)) != -1) {
			if (c == OPTION_NAME)
				named = optarg;
			else
				option_take(g, start, c);
		}
		if (optind >= argc || !strcmp(argv[optind - 1], "--") || word)
			break;
		word = argv[optind++];
	}
	if (!word) {
		start->image_first = false;
		word = guest_name(argc, argv);
	}
	name_take(g, start, word, named);
	for (; optind < argc; optind++)
		words_add(&g->command, argv[optind], strlen(argv[optind]));
	if (g->init.count > 0 && g->command.count > 0)
		command_usage("--init and a command: either is the first process");
	if (g->host_users)
		warnx("%s: --host-users: root inside is root of this machine; this is no "
		      "boundary",
		      g->name);
}

int guest_start(int argc, char **argv)
{
	struct start start = { .how = START_BACKGROUND };
	struct guest guest = { .name = "" };

	words_take(argc, argv, &guest, &start);
	guest.once |= start.unnamed;
	return start_guest(&guest, &start);
}

int guest_run(int argc, char **argv)
{
	struct start start = { .how = START_ATTACHED, .quiet = true };
	struct guest guest = { .name = "" };

	words_take(argc, argv, &guest, &start);
	guest.once |= start.unnamed;
	return start_guest(&guest, &start);
}

int guest_boot(int argc, char **argv)
{
	return guest_start(argc, argv);
}

int guest_control(int argc, char **argv)
{
	struct start start = { .how = START_ATTACHED, .quiet = true };
	struct guest guest = { .name = "", .shell = true, .keep = true };

	if (argc > 1 && !strcmp(argv[1], "stop"))
		return guest_stop(argc - 1, inner(argv));
	if (argc < 2 || strcmp(argv[1], "start") != 0)
		command_usage("control start NAME, or control stop NAME");
	words_take(argc - 1, inner(argv), &guest, &start);
	return start_guest(&guest, &start);
}

/* The words of banger. Without a command `run` stays, and ssh goes in. */
int guest_vm(int argc, char **argv)
{
	struct start start = { .how = START_ATTACHED, .image_first = true };
	struct guest guest = { .name = "", .backend = xstrdup("vm") };
	char *words[] = { argv[0], guest.name, NULL };
	int result;

	if (argc > 1 && !strcmp(argv[1], "ssh"))
		return guest_exec(argc - 1, inner(argv));
	if (argc > 1 && !strcmp(argv[1], "delete"))
		return guest_delete(argc - 1, inner(argv));
	if (argc < 2 || strcmp(argv[1], "run") != 0)
		command_usage("vm run IMAGE, vm ssh NAME, or vm delete NAME");
	words_take(argc - 1, inner(argv), &guest, &start);
	if (guest.command.count > 0) {
		guest.once |= start.unnamed;
		return start_guest(&guest, &start);
	}
	start.how = START_BACKGROUND;
	result = start_guest(&guest, &start);
	if (result)
		return result;
	printf("bee vm ssh %s\nbee vm delete %s\n", guest.name, guest.name);
	result = end_written(BEE_OK, BEE_IOERR);
	if (result || !isatty(0))
		return result;
	optind = 0;
	return guest_exec(2, words);
}
