/* bee COMMAND ...: finds the program bee-COMMAND beside the others and becomes it. */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *what;
} commands[] = {
	{ "audit", "inventory this machine's hardware, in time" },
	{ "run", "run any program in the jail of a policy" },
	{ "policy", "check and explain what each collector may do" },
	{ "show", "drives, memory, findings ... of a document as tables" },
	{ "keep", "the last audits, for bee diff without names" },
	{ "diff", "what has become of a machine between two documents" },
	{ "expect", "a spec of a machine that is as it should be" },
	{ "verify", "is a machine the one that was ordered?" },
	{ "export", "a document as metrics, CSV and other systems' forms" },
	{ "accept", "audit, verify, and a signed certificate" },
	{ "report", "summary, QR code and HTML page of a document" },
	{ "console",
	  "on the machine's own screen: who it is, how it is reached, its audit" },
	{ "save", "on the live image: the document to a USB stick" },
	{ "image", "read and write initramfs images" },
	{ "trace", "what a run uses of a reference tree" },
	{ "enter", "work in a reference tree" },
	{ "guest", "run root file systems as if booted" },
	{ "remote", "ask a boot server for orders, run them, send the audit home" },
	{ "fleet", "ask a boot server's database about all machines" },
	{ "schema", "print the JSON Schema of the document" },
};

/*
 * The programs of nbic, by their names and with their options: links to this one. `what` is
 * the first word for the program, where there is one.
 */
static const struct {
	const char *name, *command, *what;
} links[] = {
	{ "nbic", "image", "build" },
	{ "cpio-list", "image", "list" },
	{ "nd", "enter", NULL },
	{ "trace-files", "trace", "files" },
};

static void usage(FILE *to)
{
	(void)fprintf(
		to,
		"usage: bee COMMAND [ARGUMENT...]\n\n"
		"  bee audit --timeout 30          audit this machine (root)\n"
		"  bee report                      its summary again, with a QR code\n"
		"  bee show findings               what is wrong, and what to do about "
		"it\n"
		"  bee show drives audit.json      from a document of any machine\n"
		"  bee diff before.json            what has changed since then\n"
		"  bee policy explain storage      what the storage collector may do\n\n"
		"Commands (bee help COMMAND has examples and options of each):\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
}

/* Programs stand beside bee in a build folder, and in ../libexec/bee where installed. */
static void run(const char *command, char **argv)
{
	char self[PATH_MAX];

	if (own_program(self))
		errx(BEE_SOFTWARE,
		     "where this program is cannot be found: is /proc mounted?");
	*strrchr(self, '/') = '\0';
	for (int i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%sbee-%s", self, i ? "../libexec/bee/" : "",
				       command);

		argv[0] = strrchr(path, '/') + 1;
		execv(path, argv);
		if (errno != ENOENT)
			err(BEE_SOFTWARE, "%s", path);
		free(path);
	}
	errx(BEE_SOFTWARE, "bee-%s is not installed beside %s", command, self);
}

/* Goes on as what the name says; returns where that is no link's. */
static void run_link(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		char **words;
		size_t skip = links[i].what ? 1 : 0;

		if (strcmp(links[i].name, name) != 0)
			continue;
		words = xcalloc((size_t)argc + 2, sizeof(char *));
		if (skip)
			words[1] = xstrdup(links[i].what);
		memcpy(words + 1 + skip, argv + 1, (size_t)argc * sizeof(char *));
		run(links[i].command, words);
	}
}

static bool is_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(word, commands[i].name))
			return true;
	return false;
}

static _Noreturn void no_command(const char *word)
{
	errx(BEE_USAGE, "no command \"%s\": bee help lists them", word);
}

static _Noreturn void help(char **argv)
{
	char *words[] = { NULL, (char[]){ "--help" }, NULL };

	if (argv[2] && is_command(argv[2]))
		run(argv[2], words);
	if (argv[2])
		no_command(argv[2]);
	usage(stdout);
	exit_written(BEE_IOERR);
}

/*
 * Of the first three descriptors one that the caller has closed would be the next file's that
 * a command opens, and what is printed would go into it. Here it is one that gives EBADF, as a
 * closed one does: it is open the wrong way round.
 */
static void streams_hold(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	streams_hold();
	run_link(argc, argv);
	if (argc < 2) {
		usage(stderr);
		return BEE_USAGE;
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help"))
		help(argv);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		puts("bee " BEE_VERSION);
		exit_written(BEE_IOERR);
	}
	if (is_command(argv[1]))
		run(argv[1], argv + 1);
	/* The programs of subhost and banger, as bee guest has them. */
	if (!strcmp(argv[1], "pretend-boot") || !strcmp(argv[1], "control") ||
	    !strcmp(argv[1], "vm"))
		run("guest", argv);
	no_command(argv[1]);
}
