/* bee-learn: runs a trusted program, watches what it does, and writes the policy for it. No jail. */
#include "copy.h"
#include "log.h"
#include "names.h"
#include "watch.h"
#include "whole.h"
#include "write.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEARN_LOST 1 /* exit status: not all of the run can be granted */
#define LEARN_TROUBLE 2
#define LIST_LINE_MAX 65536

static const char help[] =
	"usage: bee policy learn [OPTION...] -- COMMAND...\n"
	"\n"
	"  bee policy learn -o lspci.policy -- lspci -vmm\n"
	"                          runs it, and writes what it needed; then\n"
	"  bee run ./lspci.policy  runs it in that jail\n"
	"  bee policy learn --from app.list -o app.policy -- app\n"
	"                          and the files of a list of bee trace\n"
	"\n"
	"COMMAND is let do all it wants, with your rights: learn of programs that you "
	"trust.\n"
	"\n"
	"  -o, --output FILE  the policy; else it goes to standard output, and what\n"
	"                     COMMAND prints there to standard error\n"
	"  --name NAME        the collector's; that of FILE, else \"learned\"\n"
	"  --from LIST        paths of a run elsewhere, bee-list(5)\n"
	"  -h, --help         this text\n"
	"  --version          version\n"
	"\n"
	"Exit status: 0 all of the run is granted, 1 not all can be, the policy's end "
	"says\n"
	"what, 2 trouble, 64 usage.\n";

struct options {
	const char *output, *name, *from;
	char *const *command;
};

/* For broker/copy.c: the memory of the watched program, which waits at its call. */
int copy_from(const struct copied *copied, uint64_t at, void *to, size_t size)
{
	struct iovec here = { to, size };
	struct iovec there = { (void *)(uintptr_t)at, size };

	if (!size)
		return 0;
	return process_vm_readv((pid_t)copied->pid, &here, 1, &there, 1, 0) ==
			       (ssize_t)size
		       ? 0
		       : -EFAULT;
}

int copy_to(const struct copied *copied, uint64_t at, const void *from, size_t size)
{
	(void)copied, (void)at, (void)from, (void)size;
	return -EPERM; /* nothing of it is changed */
}

static void read_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "name", required_argument, NULL, 'n' },
		{ "from", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+o:h", known, NULL)) != -1) {
		switch (option) {
		case 'o':
			options->output = optarg;
			break;
		case 'n':
			options->name = optarg;
			break;
		case 'f':
			options->from = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			exit_written(BEE_IOERR);
		case 'V':
			(void)puts("bee-learn " BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee policy learn --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
	if (optind == argc)
		errx(BEE_USAGE, "which command? `bee policy learn --help` shows how");
	options->command = argv + optind;
}

/* The collector's name: what was said, else that of the file. */
static char *name_of(const struct options *options)
{
	const char *file = options->output ? strrchr(options->output, '/') : NULL;
	char *name = xstrdup(options->name     ? options->name
			     : file            ? file + 1
			     : options->output ? options->output
					       : "learned");
	char *dot = strrchr(name, '.');
	size_t len;

	if (!options->name && dot && !strcmp(dot, ".policy"))
		*dot = '\0';
	len = strlen(name);
	if (!len || len > POLICY_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		errx(BEE_USAGE,
		     "\"%s\" is no collector's name: up to %d of a-z, 0-9 and -, by "
		     "--name "
		     "or as FILE.policy",
		     name, POLICY_NAME_MAX);
	return name;
}

/* Where a jail finds it; of malloc. Ends the program where there is none. */
static char *program_find(const char *name)
{
	static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin",
					       "/usr/sbin", "/usr/bin" };
	char *path;

	if (strchr(name, '/')) {
		path = realpath(name, NULL);
		if (!path)
			err(LEARN_TROUBLE, "%s", name);
		return path;
	}
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		path = xasprintf("%s/%s", folders[i], name);
		if (!access(path, X_OK))
			return path;
		free(path);
	}
	errx(LEARN_TROUBLE,
	     "%s is not in /usr/local/sbin, /usr/local/bin, /usr/sbin, "
	     "/usr/bin",
	     name);
}

static bool has_use(const char *uses, const char *use)
{
	size_t len = strlen(use);

	for (const char *at = uses; *at; at += strspn(at, ",")) {
		size_t part = strcspn(at, ",");

		if (part == len && !strncmp(at, use, len))
			return true;
		at += part;
	}
	return false;
}

/* One line of a list, bee-list(5): a path, its uses, its programs. */
static void list_line(struct run_log *log, char *line, const char *list)
{
	char *uses = strchr(line, '\t'), *path;
	struct stat st;

	if (!*line || *line == '#')
		return;
	if (uses) {
		*uses++ = '\0';
		uses[strcspn(uses, "\t")] = '\0';
		if (name_unescape(line))
			errx(LEARN_TROUBLE, "%s: a name with a wrong escape", list);
	}
	path = xasprintf("/%s", name_relative(line));
	if (stat(path, &st) || (uses && has_use(uses, "created"))) {
		free(path);
		return;
	}
	if (uses && (has_use(uses, "exec") || has_use(uses, "interpreter")))
		(void)log_add(log, FIND_EXEC, path, "the list");
	else if (uses && S_ISDIR(st.st_mode) && !has_use(uses, "listed"))
		(void)log_add(log, FIND_LOOKED, path, "the list");
	else if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
		(void)log_add(log, S_ISDIR(st.st_mode) ? FIND_TREE : FIND_PATH, path,
			      "the list");
	free(path);
}

static void list_take(struct run_log *log, const char *list)
{
	AUTO_FCLOSE FILE *file = fopen(list, "re");
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file)
		err(LEARN_TROUBLE, "%s", list);
	while ((len = getline(&line, &room, file)) > 0) {
		if (len > LIST_LINE_MAX)
			errx(LEARN_TROUBLE, "%s: a line is too long", list);
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		list_line(log, line, list);
	}
	if (ferror(file))
		err(LEARN_TROUBLE, "%s", list);
}

/* A policy that is not taken is a bug of ours, or of a run that does more than a policy has room for. */
static bool is_good(const char *name, const char *text)
{
	AUTO_FREE char *file = xasprintf("%s.policy", name);
	struct policy *policy = policy_parse(file, text, strlen(text), stderr);
	bool good = policy && !policy_lint(policy, stderr) &&
		    !filter_build(&policy->steps[0]);

	policy_free(policy);
	if (!good)
		warnx("the policy is wrong as it stands: a run that does so much needs a "
		      "hand");
	return good;
}

static void write_out(const char *output, const char *text)
{
	struct whole whole;
	int error;

	whole_open(&whole, output ?: "-");
	error = write_all(whole.fd, text, strlen(text));
	if (error)
		errx(BEE_IOERR, "%s: %s", output ?: "standard output",
		     strerrordesc_np(-error));
	whole_end(&whole);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct run_log *log = xcalloc(1, sizeof(*log));
	AUTO_FREE char *name = NULL, *text = NULL;
	unsigned lost = 0, words = 0;
	char **command;
	bool good;

	read_options(&options, argc, argv);
	name = name_of(&options);
	while (options.command[words])
		words++;
	command = xcalloc(words + 1, sizeof(*command));
	memcpy(command, options.command, words * sizeof(*command));
	command[0] = program_find(options.command[0]);
	if (options.from)
		list_take(log, options.from);
	if (!watch_run(command, options.output ? STDOUT_FILENO : STDERR_FILENO, log))
		return LEARN_TROUBLE;
	if (WIFSIGNALED(log->status))
		warnx("%s was ended by signal %d: the policy has what it did until then",
		      command[0], WTERMSIG(log->status));
	else if (WEXITSTATUS(log->status))
		warnx("%s ended with %d", command[0], WEXITSTATUS(log->status));
	text = policy_write(log, name, options.command, &lost);
	write_out(options.output, text);
	good = is_good(name, text);
	free(command[0]);
	free(command);
	log_done(log);
	free(log);
	return !good ? LEARN_TROUBLE : lost ? LEARN_LOST : BEE_OK;
}
