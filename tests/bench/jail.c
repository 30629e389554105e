/* What one confined job costs, beside the tools that confine one command. */
#include "bench.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FEW = 20, MANY = 120, OTHERS_FEW = 3, OTHERS_MANY = 13 };

static void check(struct cost cost, const char *what)
{
	if (!WIFEXITED(cost.status) || WEXITSTATUS(cost.status) != 0)
		errx(BEE_SOFTWARE, "%s: wait status 0x%x", what, (unsigned)cost.status);
}

static struct cost repeat(const struct command *command, unsigned count)
{
	struct cost sum = { .wall = now(), .cpu = -cpu_used() };

	for (unsigned i = 0; i < count; i++)
		check(command_run(command), command->argv[0]);
	sum.wall = now() - sum.wall;
	orphans_end();
	sum.cpu += cpu_used();
	return sum;
}

static struct cost slope(struct cost few, struct cost many, unsigned runs)
{
	return (struct cost){ .wall = (many.wall - few.wall) / runs,
			      .cpu = (many.cpu - few.cpu) / runs };
}

void bwrap_command(struct command *command, const char *program)
{
	command_add(command,
		    "bwrap --unshare-pid --unshare-net --unshare-ipc --unshare-uts "
		    "--unshare-cgroup --die-with-parent --new-session "
		    "--ro-bind /usr/lib /usr/lib --ro-bind-try /usr/lib64 /usr/lib64 "
		    "--symlink usr/lib /lib --symlink usr/lib64 /lib64 "
		    "--symlink usr/bin /bin --symlink usr/sbin /sbin "
		    "--ro-bind /etc/ld.so.cache /etc/ld.so.cache "
		    "--proc /proc --tmpfs /dev");
	command_word(command, "--ro-bind");
	command_word(command, program);
	command_word(command, program);
}

/* A root folder with /bin/true and nothing else, for those that want one. */
static char *root_new(const struct bench *bench)
{
	char *root = xasprintf("%s/bundle/rootfs", bench->folder);
	AUTO_FREE char *script = xasprintf(
		"R=%s; mkdir -p $R/usr/bin $R/usr/lib $R/proc $R/sys $R/dev $R/tmp "
		"$R/run $R/etc "
		"$R/var && ln -s usr/bin usr/lib $R/ && ln -s usr/lib $R/lib64 && "
		"cp /bin/true $R/usr/bin/ && echo ID=none >$R/usr/lib/os-release && "
		"for l in $(ldd /bin/true | grep -o '/[^ ]*'); do cp -L $l $R/usr/lib/; "
		"done",
		root);
	struct command command = { .count = 0 };

	command_add(&command, "sh -c");
	command_word(&command, script);
	check(command_run(&command), "a root folder");
	command_free(&command);
	return root;
}

static void bundle_write(const struct bench *bench)
{
	AUTO_FREE char *path = xasprintf("%s/bundle/config.json", bench->folder);
	AUTO_FCLOSE FILE *file = fopen(path, "we");

	if (!file)
		err(BEE_SOFTWARE, "%s", path);
	fputs("{\"ociVersion\":\"1.0.0\",\"process\":{\"terminal\":false,"
	      "\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"/usr/bin/true\"],\"cwd\":\"/\","
	      "\"env\":[\"PATH=/usr/bin\"],\"noNewPrivileges\":true},"
	      "\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
	      "\"mounts\":[{\"destination\":\"/"
	      "proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	      "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}],"
	      "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},"
	      "{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
	      "{\"type\":\"cgroup\"}]}}\n",
	      file);
}

/* A tool that is installed but does not run here is no measure of anything. */
static void beside(const struct bench *bench, const struct command *command, double bwrap)
{
	struct cost probe = command_run(command);
	AUTO_FREE char *what = xasprintf("%s / bwrap, wall", command->argv[0]);
	struct series ratios = { .count = 0 };

	if (!WIFEXITED(probe.status) || WEXITSTATUS(probe.status) != 0) {
		table_note("%s does not run here (wait status 0x%x)", command->argv[0],
			   (unsigned)probe.status);
		return;
	}
	for (unsigned i = 0; i < bench->rounds && i < 3; i++) {
		struct cost few = repeat(command, OTHERS_FEW);
		struct cost many = repeat(command, OTHERS_MANY);

		series_add(&ratios,
			   slope(few, many, OTHERS_MANY - OTHERS_FEW).wall / bwrap);
	}
	table_row(what, &ratios, "", 0);
}

static void others(const struct bench *bench, double bwrap)
{
	AUTO_FREE char *root = root_new(bench);
	struct command command = { .count = 0 };

	/* crun refuses hybrid cgroups: it sees a hierarchy of v2 alone, in our namespace
	 * only. */
	if (installed("crun") && !mount("bench", "/sys/fs/cgroup", "cgroup2", 0, NULL)) {
		AUTO_FREE char *bundle = xasprintf("%s/bundle", bench->folder);

		bundle_write(bench);
		command_add(&command, "crun --cgroup-manager=disabled run --bundle");
		command_word(&command, bundle);
		command_word(&command, "bee-bench");
		beside(bench, &command, bwrap);
		command_free(&command);
		(void)umount2("/sys/fs/cgroup", MNT_DETACH);
	}
	if (installed("firejail")) {
		command_add(&command,
			    "firejail --quiet --noprofile --net=none --private-dev "
			    "--ipc-namespace --hostname=bee -- /usr/bin/true");
		beside(bench, &command, bwrap);
		command_free(&command);
	}
	if (installed("systemd-nspawn")) {
		command_add(&command, "systemd-nspawn --quiet --register=no --keep-unit "
				      "--private-network --read-only --as-pid2 -D");
		command_word(&command, root);
		command_word(&command, "/usr/bin/true");
		beside(bench, &command, bwrap);
		command_free(&command);
	}
}

void bench_jail(const struct bench *bench)
{
	AUTO_FREE char *few_folder = folder_with(bench, FEW),
		       *many_folder = folder_with(bench, MANY);
	AUTO_FREE char *few_policy = policy_new(bench, "few", few_folder, "true", "");
	AUTO_FREE char *many_policy = policy_new(bench, "many", many_folder, "true", "");
	AUTO_FREE char *output = xasprintf("%s/jail.json", bench->folder);
	struct series wall = { .count = 0 }, cpu = wall, job = wall, other = wall;
	struct command few = { .count = 0 }, many = few, bwrap = few;

	table_head("(a) one confined job: slope from 20 to 120, one at a time");
	audit_command(bench, &few, few_policy, "--jobs 1 --timeout 60", output);
	audit_command(bench, &many, many_policy, "--jobs 1 --timeout 60", output);
	bwrap_command(&bwrap, "/usr/bin/true");
	command_word(&bwrap, "/usr/bin/true");
	if (!installed("bwrap"))
		table_note("bwrap is not installed");
	check(command_run(&many), "bee audit");
	for (unsigned i = 0; i < bench->rounds && installed("bwrap"); i++) {
		struct cost bee_few = command_run(&few), bwrap_few = repeat(&bwrap, FEW);
		struct cost bee_many = command_run(&many),
			    bwrap_many = repeat(&bwrap, MANY);
		struct cost bee = slope(bee_few, bee_many, MANY - FEW);
		struct cost bwraps = slope(bwrap_few, bwrap_many, MANY - FEW);

		series_add(&wall, bee.wall / bwraps.wall);
		series_add(&cpu, bee.cpu / bwraps.cpu);
		series_add(&job, 1000 * bee.wall);
		series_add(&other, 1000 * bwraps.wall);
	}
	table_row("job / bwrap, wall", &wall, "", 0.6);
	table_row("job / bwrap, CPU time", &cpu, "", 0);
	table_row("job, wall", &job, " ms", 0);
	table_row("bwrap, wall", &other, " ms", 0);
	others(bench, series_median(&other) / 1000);
	command_free(&few);
	command_free(&many);
	command_free(&bwrap);
}
