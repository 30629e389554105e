/* bee-order run: an order is checked once more, by a child without rights, and run in a jail. */
#include "answer.h"
#include "checked.h"
#include "commands.h"
#include "disk_file.h"
#include "order_jail.h"
#include "perform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of the order where the jail can see it, if it is the one that the order names. 0 or -1. */
static int file_place(int folder, int from, const struct order_file *file,
		      struct said *said)
{
	static unsigned char part[65536];
	unsigned char is[SHA256_BYTES];
	crypto_hash_sha256_state state;
	AUTO_CLOSE int to =
		openat(folder, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	ptrdiff_t n;

	crypto_hash_sha256_init(&state);
	while (to >= 0 && (n = read_full(from, part, sizeof(part))) > 0) {
		crypto_hash_sha256_update(&state, part, (size_t)n);
		if (write_all(to, part, (size_t)n))
			return say(said, "file %s: there is no room for it", file->name);
	}
	crypto_hash_sha256_final(&state, is);
	if (to < 0 || memcmp(is, file->sha256, SHA256_BYTES) != 0)
		return say(said, "file %s: it is not the one that the order names",
			   file->name);
	return 0;
}

static int files_place(const char *dir, const struct order *order, struct said *said)
{
	AUTO_FREE char *place = xasprintf("%s.disk", dir);
	AUTO_CLOSE int folder = -1;

	if (mkdir(dir, 0755))
		return say(said, "%s: %s", dir, strerrordesc_np(errno) ?: "?");
	folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < order->file_count; i++)
		if (*order->files[i].serial &&
		    disk_file_take(&order->files[i], place, ORDER_FILES + (int)i, said))
			return -1;
	for (unsigned i = 0; i < order->file_count; i++)
		if (file_place(folder, ORDER_FILES + (int)i, &order->files[i], said))
			return -1;
	return 0;
}

/* Plain files of that folder, and it: also those that a run left that was killed. */
static void files_remove(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	(void)rmdir(dir);
}

/* What it has done for it comes before the script, and the end of the boot after one that went well. */
static void order_perform(const struct order *order, const struct grants *grants,
			  int script, const char *files, const char *state,
			  struct answer *answer)
{
	struct performer performer = { .order = order, .state = state, .watchdog = -1 };
	enum after after = AFTER_NOTHING;

	if (grants_check_order(grants, order, &answer->said) ||
	    perform_before(&performer, &answer->said)) {
		answer->status = RUN_NOT_BUILT;
	} else {
		order_jail_run(order, grants, script, files, performer.mounts,
			       performer.mount_count, ORDER_LOG, answer);
		if (answer->status == 0 &&
		    perform_after(&performer, &after, &answer->said))
			answer->status = RUN_NOT_DONE;
	}
	answer->after = after;
	answer->watchdog = after != AFTER_NOTHING && performer.watchdog >= 0;
	perform_done(&performer, after);
}

/* Its own text, beside the order's files; nobody can have changed it since the child has seen it. */
static int state_place(const char *dir, const struct checked *checked, struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/" NODE_FILE, dir);
	AUTO_FREE char *text = xcalloc(1, ORDER_MAX);
	AUTO_CLOSE int to = -1;
	size_t len = checked->state_to - checked->state_from;

	if (!checked->has_state)
		return 0;
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (to < 0)
		return say(said, "state: the order has a file of that name");
	if (pread(ORDER_STATE, text, len, (off_t)checked->state_from) != (ssize_t)len ||
	    write_all(to, text, len))
		return say(said, "state: there is no room for it");
	return 0;
}

/* run DIR SHA256 TIME FLOOR STATE STATE-SHA256|none STATE-FLOOR signed|unsigned: its files are in a folder that is made in STATE. */
int step_run(int argc, char **argv)
{
	static struct checking checking;
	static struct checked checked;
	static struct answer answer;
	AUTO_FREE char *files = NULL;
	int script = STDIN_FILENO, code;

	/* The order's own user reads its files. */
	(void)umask(022);
	code = argc == 9 ? checked_read(argv, &checking, &checked) : BEE_USAGE;
	if (code)
		return code;
	files = xasprintf("%s/files", argv[5]);
	answer.status = RUN_NOT_BUILT;
	files_remove(files);
	/* What runs is what gpgv gives out, from its sealed memory: never the file. */
	if (checking.config.is_gpg)
		script = checking.gpg.content;
	if (!checked.good)
		answer.said = checked.said;
	else if (!files_place(files, &checked.order, &answer.said) &&
		 !state_place(files, &checked, &answer.said)) {
		answer.good = true;
		(void)lseek(script, 0, SEEK_SET);
		order_perform(&checked.order, &checking.config.grants, script, files,
			      argv[5], &answer);
	}
	files_remove(files);
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}
