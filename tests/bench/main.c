/* bench: what bee costs beside other tools, and how it grows. Ratios of one run; informs
 * only. */
#include "bench.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(const struct bench *bench);
} parts[] = {
	{ "jail", bench_jail },   { "whole", bench_whole },   { "growth", bench_growth },
	{ "hang", bench_hang },   { "views", bench_views },   { "trace", bench_trace },
	{ "image", bench_image }, { "broker", bench_broker }, { "guest", bench_guest },
};

static void file_new(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write_all(fd, text, strlen(text)))
		err(BEE_SOFTWARE, "%s", path);
}

char *folder_with(const struct bench *bench, unsigned count)
{
	static unsigned serial; /* names of their own: a stuck one is not started again */
	char *folder = xasprintf("%s/d%u", bench->folder, serial++);

	if (mkdir(folder, 0755))
		err(BEE_SOFTWARE, "%s", folder);
	for (unsigned i = 1; i <= count; i++) {
		AUTO_FREE char *path = xasprintf("%s/d%u.%u", folder, serial, i);

		file_new(path, "");
	}
	return folder;
}

char *policy_new(const struct bench *bench, const char *name, const char *each,
		 const char *run, const char *more)
{
	char *folder = xasprintf("%s/policy-%s", bench->folder, name);
	AUTO_FREE char *path = xasprintf("%s/pcie.policy", folder);
	AUTO_FREE char *text = xasprintf(
		"policy 1\ncollector pcie\nemits pcie.devices\n"
		"limits wall 60s term 300ms kill 200ms stdout 4M stderr 64K memory 256M "
		"tasks 1 "
		"files 64\nsyscalls @tool\nopen read-only\ndefault report ENOSYS\n"
		"[lspci] each %s/*\nrun %s\n%s",
		each, run, more);

	if (mkdir(folder, 0755) && errno != EEXIST)
		err(BEE_SOFTWARE, "%s", folder);
	file_new(path, text);
	return folder;
}

void audit_command(const struct bench *bench, struct command *command,
		   const char *policies, const char *options, const char *output)
{
	command_word(command, bench->bee);
	command_add(command, "audit -q -o");
	command_word(command, output);
	command_add(command, options);
	if (policies) {
		command_word(command, "--policy-dir");
		command_word(command, policies);
	}
}

bool installed(const char *program)
{
	static const char *const folders[] = { "/usr/bin", "/usr/sbin", "/bin", "/sbin",
					       "/usr/local/bin" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(folders) && !found; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folders[i], program);

		found = access(path, X_OK) == 0;
	}
	return found;
}

/* A lock and a ledger of our own: other audits of this machine neither wait nor are
 * waited for. */
static void isolate(void)
{
	if (geteuid() != 0)
		errx(BEE_USAGE, "the bench needs root: it measures jails");
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir("/run/bee", 0700) && errno != EEXIST) ||
	    mount("bench", "/run/bee", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700"))
		err(BEE_SOFTWARE, "a mount namespace for the bench");
}

static void folder_remove(const char *folder)
{
	struct command command = { .count = 0 };

	command_add(&command, "rm -rf --one-file-system");
	command_word(&command, folder);
	(void)command_run(&command);
	command_free(&command);
}

/* What a job that hangs runs: deaf to TERM. */
static _Noreturn void hang(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)sleep(1000);
}

static bool wanted(const char *name, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return count == 0;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/bee-bench.XXXXXX", self[PATH_MAX];
	const char *rounds = getenv("BENCH_ROUNDS");
	struct bench bench = { .rounds = 5 };
	uint64_t number;

	if (argc == 2 && !strcmp(argv[1], "--hang"))
		hang();
	if (argc == 4 && !strcmp(argv[1], "--commands"))
		return broker_commands(argv[2], argv[3]);
	if (argc < 2)
		errx(BEE_USAGE, "usage: bench BEE [jail] [whole] [growth] [hang] [views] "
				"[trace] [image] [broker] [guest]");
	if (rounds) {
		if (parse_u64(rounds, ROUNDS_MAX, &number) || number == 0)
			errx(BEE_USAGE, "BENCH_ROUNDS=%s: 1 to %u", rounds, ROUNDS_MAX);
		bench.rounds = (unsigned)number;
	}
	isolate();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		err(BEE_SOFTWARE, "prctl");
	if (own_program(self))
		errx(BEE_SOFTWARE, "/proc/self/exe");
	bench.self = self;
	bench.bee = realpath(argv[1], NULL);
	if (!bench.bee)
		err(BEE_USAGE, "%s", argv[1]);
	bench.folder = mkdtemp(folder);
	if (!bench.folder || chmod(folder, 0755))
		err(BEE_SOFTWARE, "%s", folder);
	printf("ratios of one run: median of %u rounds (smallest..largest)\n",
	       bench.rounds);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (wanted(parts[i].name, argv + 2, argc - 2))
			parts[i].run(&bench);
	folder_remove(bench.folder);
	free(bench.bee);
	return BEE_OK;
}
