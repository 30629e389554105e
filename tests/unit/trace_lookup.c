/* What is remembered of names that were looked up, and when it is forgotten: for a call that was let
 * through and has not happened yet, which no test of whole runs can hold there. */
#include "lookup.h"
#include "tap.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct lookup lookup;
static struct board *board;
static pid_t one, other; /* two tasks */
static nsec_t now = NSEC_PER_SEC;

enum key { FILE_A = 1, FILE_B, FOLDER };

/* A task calls, so much later. */
static void calls(pid_t task, nsec_t later)
{
	now += later;
	board->since = now;
	CHECK(lookup_task(&lookup, task));
}

static void found(enum key key)
{
	static const char *const seen[] = {
		[FILE_A] = "/x/a", [FILE_B] = "/x/b", [FOLDER] = "/x/y"
	};
	struct lookup_object object = { .fd = -1 };

	(void)snprintf(object.seen, sizeof(object.seen), "%s", seen[key]);
	lookup_set_done(&lookup, key, &object);
}

static void removes(pid_t task, const char *path, const char *second)
{
	unsigned last[2] = { lookup_last(path), second ? lookup_last(second) : 0 };

	calls(task, 1);
	found(FILE_A); /* on the way of the call itself */
	lookup_change(&lookup, LOOKUP_LAST, last);
}

/* Which keys are remembered, as a text: "AB". */
static const char *known(void)
{
	static char text[8];
	char *to = text;

	if (lookup_is_done(&lookup, FILE_A))
		*to++ = 'A';
	if (lookup_is_done(&lookup, FILE_B))
		*to++ = 'B';
	if (lookup_is_done(&lookup, FOLDER))
		*to++ = 'F';
	*to = '\0';
	return text;
}

/* A process that does nothing. */
static pid_t idle(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	CHECK(pid > 0);
	return pid;
}

static void remember(void)
{
	one = getpid();
	other = idle();
	board = board_new();
	CHECK(!lookup_init(&lookup, board, one));
	calls(one, NSEC_PER_SEC);
	calls(other, 1);
	found(FILE_A);
	found(FILE_B);
	found(FOLDER);
	/* All is remembered. */
	CHECK_STR(known(), "ABF");
}

static void a_file(void)
{
	remember();
	removes(one, "/x/a", NULL);
	/* A file that its remover's own call names. */
	CHECK_STR(known(), "BF");
	calls(other, 1);
	/* A file that may be gone at any moment, asked by another. */
	CHECK_STR(known(), "BF");
	found(FILE_A);
	found(FILE_B);
	/* What is found meanwhile is not remembered. */
	CHECK_STR(known(), "F");
	calls(one, 1);
	/* Nor when it has happened. */
	CHECK_STR(known(), "F");
	found(FILE_A);
	/* What is found afterwards is. */
	CHECK_STR(known(), "AF");
	removes(one, "/elsewhere/c", "/elsewhere/b");
	calls(one, 1);
	found(FILE_B);
	removes(one, "/elsewhere/c", "/elsewhere/b");
	calls(other, 1);
	/* The second name of a call, in another folder. */
	CHECK_STR(known(), "AF");
	calls(one, 1);
	/* And afterwards. */
	CHECK_STR(known(), "AF");
}

static void settled(void)
{
	remember();
	removes(one, "/x/a", NULL);
	calls(other, 99 * NSEC_PER_MSEC);
	found(FILE_B);
	calls(other, 2 * NSEC_PER_MSEC);
	found(FILE_A);
	/* Who does not call again has done it after 100 ms. */
	CHECK_STR(known(), "AF");
}

static void all_names(void)
{
	remember();
	calls(one, 1);
	lookup_change(&lookup, LOOKUP_NAMES, (unsigned[2]){ 0 });
	calls(other, 1);
	/* A folder that may be gone at any moment. */
	CHECK_STR(known(), "");
	found(FILE_B);
	calls(one, 1);
	/* A folder that is gone. */
	CHECK_STR(known(), "");
}

/* More at once than are told apart: all is forgotten instead of one of them. */
static void too_many(void)
{
	remember();
	for (unsigned i = 0; i <= LOOKUP_CHANGES; i++)
		removes(idle(), i == 0 ? "/x/a" : "/x/none", NULL);
	calls(other, 1);
	/* Seventeen changes at once. */
	CHECK_STR(known(), "");
}

/* A line that there is no room for is told, and those before it are whole. */
static void no_room(void)
{
	struct board_entry entry;
	uint64_t len;

	board = board_new();
	board_put(board, USE_READ, "a", "b");
	len = board->log_len;
	board->log_size = 2 * len;
	board_put(board, USE_READ, "a", "b");
	CHECK_INT(board->full, false);
	board_put(board, USE_READ, "a", "b");
	CHECK_INT(board->full, true);
	CHECK_INT(board->log_len, 2 * len);
	memcpy(&entry, board->log + len, sizeof(entry));
	CHECK_INT(entry.path_size, 2);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a file that is removed is forgotten, and no other", a_file, 0 },
		{ "a change that nobody confirms has happened soon", settled, 0 },
		{ "a folder that is moved is all that is known", all_names, 0 },
		{ "so are more changes at once than are told apart", too_many, 0 },
		{ "a name that there is no room for is told", no_room, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
