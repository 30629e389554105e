/* bee-order run: an order is checked once more, by a child without rights, and run in a jail. */
#include "answer.h"
#include "apart.h"
#include "commands.h"
#include "gpg.h"
#include "identity.h"
#include "keylist.h"
#include "order_jail.h"
#include "perform.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_TIME (30 * NSEC_PER_SEC)

struct checked {
	uint32_t good, has_state;
	uint32_t state_from, state_to; /* where the state object's own text is */
	struct order order;
	struct said said;
};

struct checking {
	struct check_order order, state;
	struct config config; /* with the key lists, which are read in the child */
	bool has_state, has_keys;
	struct gpg gpg;
};

static int keys_take(struct checking *checking, struct said *said)
{
	struct bytes chain;

	if (!checking->has_keys)
		return 0;
	chain = bytes_read(ORDER_KEYS, KEYLIST_CHAIN_MAX);
	return chain.at ? keylist_chain(&checking->config, chain, said)
			: say(said, "keys: too long");
}

static int state_take(const struct checking *checking, struct checked *checked)
{
	struct node_state state;
	struct bytes text, signatures;

	if (!checking->has_state)
		return 0;
	text = bytes_read(ORDER_STATE, ORDER_MAX);
	signatures = bytes_read(ORDER_STATE_SIGNATURES, MINISIG_ALL_MAX);
	if (!text.at || !signatures.at)
		return say(&checked->said, "state: it or its signatures are too big");
	if (check_state(&checking->state, text, signatures, &state, &checked->said))
		return -1;
	checked->has_state = true;
	checked->state_from = (uint32_t)state.body;
	checked->state_to = (uint32_t)text.len;
	return 0;
}

/* Verified and read where nothing can come of it. */
static void checker(void *arg, void *out)
{
	struct checking *checking = arg;
	struct checked *checked = out;
	bool is_gpg = checking->config.is_gpg;
	struct bytes text, signatures;

	if (confine_drop(UID_CHECK) || stdio_filter_load(STDIO_ONLY))
		_exit(BEE_SOFTWARE);
	text = bytes_read(STDIN_FILENO, ORDER_MAX);
	signatures = bytes_read(is_gpg ? checking->gpg.status : ORDER_SIGNATURES,
				MINISIG_ALL_MAX);
	if (is_gpg)
		checking->order.content = bytes_read(checking->gpg.content, ORDER_MAX);
	if (!text.at || !signatures.at)
		say(&checked->said, "order: it or its signatures are too big");
	else
		checked->good = !keys_take(checking, &checked->said) &&
				!state_take(checking, checked) &&
				!check_order(&checking->order, text, signatures,
					     &checked->order, &checked->said);
}

/* What the child says is used within its range, as it might be taken over. */
static bool order_in_range(struct order *order)
{
	if (order->need_count > ORDER_NEEDS_MAX || order->file_count > ORDER_FILES_MAX ||
	    order->action_count > ORDER_ACTIONS_MAX || order->time_limit < 1 ||
	    order->time_limit > 86400)
		return false;
	for (unsigned i = 0; i < order->action_count; i++)
		order->actions[i][ORDER_NEED_MAX] = '\0';
	order->cmdline[ORDER_CMDLINE_MAX] = '\0';
	for (unsigned i = 0; i < order->need_count; i++)
		order->needs[i][ORDER_NEED_MAX] = '\0';
	for (unsigned i = 0; i < order->file_count; i++) {
		order->files[i].name[ORDER_NAME_MAX] = '\0';
		if (!is_name(order->files[i].name, ORDER_NAME_MAX))
			return false;
	}
	return true;
}

static bool checked_by_child(struct checking *checking, struct checked *out)
{
	struct apart apart = { .work = checker,
			       .arg = checking,
			       .keep = { ORDER_SIGNATURES, ORDER_KEYS, ORDER_STATE,
					 ORDER_STATE_SIGNATURES, checking->gpg.content,
					 checking->gpg.status },
			       .keep_count = 6,
			       .time = CHECK_TIME };
	bool whole = !apart_run(&apart, out, sizeof(*out));

	said_clean(&out->said);
	return whole && out->good && order_in_range(&out->order) &&
	       out->state_from <= out->state_to && out->state_to <= ORDER_MAX;
}

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
	AUTO_CLOSE int folder = -1;

	if (mkdir(dir, 0755))
		return say(said, "%s: %s", dir, strerrordesc_np(errno) ?: "?");
	folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

/* Its words, in the places that the child looks at. */
static int words_read(int argc, char **argv, struct checking *checking,
		      unsigned char sums[2][SHA256_BYTES])
{
	uint64_t time;

	if (argc != 8 || take_sha256(argv[2], sums[0]) ||
	    parse_u64(argv[3], INT64_MAX, &time) ||
	    parse_u64(argv[4], INT64_MAX, &checking->order.floor) ||
	    parse_u64(argv[7], INT64_MAX, &checking->state.floor))
		return -1;
	checking->has_state = strcmp(argv[6], "none") != 0;
	if (checking->has_state && take_sha256(argv[6], sums[1]))
		return -1;
	checking->has_keys = fcntl(ORDER_KEYS, F_GETFD) >= 0;
	checking->order.time = checking->state.time = (int64_t)time;
	return 0;
}

/* run DIR SHA256 TIME FLOOR STATE STATE-SHA256|none STATE-FLOOR: its files are in a folder that is made in STATE. */
int step_run(int argc, char **argv)
{
	static struct checking checking;
	static struct identity identity;
	static struct checked checked;
	static struct answer answer;
	static unsigned char sums[2][SHA256_BYTES];
	AUTO_FREE char *files = NULL;
	int script = STDIN_FILENO;

	/* The order's own user reads its files. */
	(void)umask(022);
	checking.gpg = (struct gpg){ -1, -1 };
	if (words_read(argc, argv, &checking, sums))
		return BEE_USAGE;
	if (config_read(argv[1], &checking.config, stderr))
		return BEE_DATAERR;
	identity_read(checking.config.id, &identity);
	checking.order.config = checking.state.config = &checking.config;
	checking.order.identity = checking.state.identity = &identity;
	checking.order.sha256 = sums[0];
	checking.state.sha256 = sums[1];
	files = xasprintf("%s/files", argv[5]);
	answer.status = RUN_NOT_BUILT;
	files_remove(files);
	/* What runs is what gpgv gives out, from its sealed memory: never the file. */
	if (checking.config.is_gpg) {
		AUTO_FREE char *keyring = xasprintf("%s/pubring.gpg", argv[1]);

		if (gpg_run(keyring, STDIN_FILENO, &checking.gpg, &answer.said) ||
		    lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
			return write_all(STDOUT_FILENO, &answer, sizeof(answer))
				       ? BEE_IOERR
				       : BEE_OK;
		script = checking.gpg.content;
	}
	if (!checked_by_child(&checking, &checked))
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
