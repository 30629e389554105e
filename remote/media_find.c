/* Which medium is labelled BEE-CONF. Who reads its first sectors is blkid(8), in a jail that says a number. */
#include "jail_run.h"
#include "media.h"
#include "order_filter.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define PROBE_TIME (5 * NSEC_PER_SEC)
#define FIND_TIME (15 * NSEC_PER_SEC) /* all of them: nothing begins after it */

enum { PROBE_UNSEEN = -1, PROBE_OTHER = 1, PROBE_TYPE = 10 };

/* Few, as the kernel is to read what a stranger has made; PROBE_TYPE and its place is the jail's answer, for others
 * PROBE_TYPE and their number. */
static const char *const types[] = { "vfat", "iso9660", "ext4" };

static char sh[] = "sh", dash_c[] = "-c";
static char probe[] = "export PATH=/usr/sbin:/usr/bin\n"
		      "label=$(blkid -p -s LABEL -o value \"$1\")\n"
		      "status=$?\n"
		      "[ $status -le 8 ] || exit $status\n" /* its own, of blkid(8) */
		      "[ \"$label\" = " MEDIA_LABEL " ] || exit 1\n"
		      "case $(blkid -p -s TYPE -o value \"$1\") in\n"
		      "vfat) exit 10 ;;\n"
		      "iso9660) exit 11 ;;\n"
		      "ext4) exit 12 ;;\n"
		      "esac\n"
		      "exit 13\n";

/* The probe's exit code, or PROBE_UNSEEN. A device that cannot be read is one without the label. */
static int probe_run(char *node, struct said *why)
{
	static const struct jail_tree trees[] = { { "/usr/bin", JAIL_START, JAIL_NEEDED },
						  { "/usr/sbin", JAIL_START,
						    JAIL_NEEDED } };
	const struct jail_node nodes[] = { { "/dev/null", true, false, NULL },
					   { node, false, false, NULL } };
	char *argv[] = { sh, dash_c, probe, sh, node, NULL };
	static const struct jail_limits limits = { .wall = PROBE_TIME,
						   .stdout_bytes = 4096,
						   .stderr_bytes = 4096 };
	struct jail_run run = { .gone = false };
	/* 0 to 2 are the jail's own. */
	AUTO_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	AUTO_CLOSE int out = fcntl(null, F_DUPFD_CLOEXEC, 3);
	int status = -1;

	jail_run_fill(&run, argv, &limits);
	run.jail.trees = trees;
	run.jail.tree_count = ARRAY_LEN(trees);
	run.jail.nodes = nodes;
	run.jail.node_count = ARRAY_LEN(nodes);
	run.jail.out = run.jail.errors = out;
	say(why, "no jail can be prepared");
	if (out >= 0 && !order_filter(false, true, &run.jail.filter) &&
	    !jail_run(&run, why))
		status = jail_run_status(&run, why);
	free(run.jail.filter.filter);
	if (status < 0)
		return PROBE_UNSEEN;
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == PROBE_OTHER ||
	     (WEXITSTATUS(status) >= PROBE_TYPE &&
	      WEXITSTATUS(status) <= PROBE_TYPE + (int)ARRAY_LEN(types))))
		return WEXITSTATUS(status);
	say(why, "%s %d", WIFEXITED(status) ? "exit status" : "signal",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return PROBE_UNSEEN;
}

/* As bee save has it: what says that it can be taken out, and what is on USB, which does not say so of disks. */
static bool can_be_taken_out(const char *disk)
{
	AUTO_FREE char *path = xasprintf(DISK_FOLDER "/%s", disk);
	AUTO_FREE char *real = realpath(path, NULL);
	char text[32];

	if (!disk_text(disk, "size", 0, text, sizeof(text)) || !strcmp(text, "0"))
		return false;
	for (const char *at = real ? strstr(real, "/usb") : NULL; at;
	     at = strstr(at + 1, "/usb"))
		if (isdigit((unsigned char)at[strlen("/usb")]))
			return true;
	return disk_text(disk, "removable", 0, text, sizeof(text)) && !strcmp(text, "1");
}

struct finding {
	struct medium medium;
	unsigned found;
	struct said
		unseen; /* of one that could not be looked at, or not all of it; or "" */
	int answer;
	nsec_t until;
};

static void unseen(struct finding *finding, const char *node, const char *who,
		   const char *why)
{
	if (!*finding->unseen.text)
		say(&finding->unseen,
		    "%s: %s%s, so if it has the label " MEDIA_LABEL " it does not count",
		    node, who, why);
}

static int disk_look(const char *name, struct finding *finding, struct said *said)
{
	struct disk disk = { .node_count = 0 };
	struct said why;

	/* Those that there is room for are looked at: somebody's phone is no reason that a medium does not count. */
	if (disk_nodes(name, &disk, &why) && disk.node_count)
		unseen(finding, disk.nodes[0], "",
		       "it has more partitions than are looked at");
	for (unsigned i = 0; i < disk.node_count; i++) {
		int answer = PROBE_UNSEEN;

		say(&why, "the time for all drives was over");
		if (clock_now() < finding->until)
			answer = probe_run(disk.nodes[i], &why);
		if (answer == PROBE_UNSEEN)
			unseen(finding, disk.nodes[i], "blkid: ", why.text);
		if (answer < PROBE_TYPE)
			continue;
		if (finding->found++)
			return say(said,
				   "%s and %s both have the label " MEDIA_LABEL
				   ": none of them counts",
				   finding->medium.node, disk.nodes[i]);
		finding->answer = answer - PROBE_TYPE;
		memcpy(finding->medium.node, disk.nodes[i], DISK_NODE_MAX);
	}
	return 0;
}

int media_find(struct medium *out, struct said *said)
{
	struct finding finding = { .until = clock_now() + FIND_TIME };
	DIR *dir = opendir(DISK_FOLDER);
	const struct dirent *entry;
	int error = 0;

	while (!error && dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && can_be_taken_out(entry->d_name))
			error = disk_look(entry->d_name, &finding, said);
	if (dir)
		closedir(dir);
	if (!error && !finding.found && *finding.unseen.text) {
		*said = finding.unseen;
		return -1;
	}
	if (error || !finding.found)
		return error;
	if (finding.answer < 0 || finding.answer >= (int)ARRAY_LEN(types))
		return say(said, "%s: " MEDIA_LABEL " is on FAT, ISO 9660 or ext4",
			   finding.medium.node);
	*out = finding.medium;
	out->type = types[finding.answer];
	return 1;
}
