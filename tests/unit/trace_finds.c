/* What a run used, and what the tree has of it: lines of a list, and the names that are not gone into. */
#include "finds.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct finds finds;

/* The list as it would be written. */
static const char *lines(void)
{
	static char text[65536];
	FILE *to = fmemopen(text, sizeof(text), "w");

	CHECK(to != NULL);
	finds_write(&finds, to);
	CHECK_INT(fclose(to), 0);
	return text;
}

static void put(unsigned uses, const char *path, const char *program)
{
	(void)finds_put(&finds, uses, path, program);
}

static void test_lines(void)
{
	put(USE_READ, "b", "z");
	put(USE_STAT, "b", "a\nb");
	put(USE_READ, "b", "z");
	put(USE_EXEC, "a", "");
	put(USE_STAT, "", "z");
	put(0xfff, "c", "");
	CHECK_STR(lines(), "/a\texec\n"
			   "/b\tread,stat\ta\\x0ab,z\n"
			   "/c\texec,interpreter,library,needed,read,listed,stat,link,"
			   "changed,created,missing,unresolved\n");
	CHECK_INT(finds_find(&finds, "b")->uses, USE_READ | USE_STAT);
	CHECK(!finds_find(&finds, "d"));
	finds_done(&finds);
}

static void test_programs(void)
{
	for (int i = 0; i < 100; i++) {
		AUTO_FREE char *name = xasprintf("p%d", i);

		put(USE_READ, "a", name);
	}
	CHECK_INT(finds_find(&finds, "a")->program_count, 64);
	finds_done(&finds);
}

/* More than there is room for at first, each found again. */
static void test_many(void)
{
	CHECK(!finds_find(&finds, "0"));
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 5000; i++) {
			AUTO_FREE char *name = xasprintf("%d", i);

			put(turn ? USE_READ : USE_STAT, name, "");
		}
	CHECK_INT(finds.count, 5000);
	for (size_t i = 0; i < finds.count; i++)
		CHECK_INT(finds.all[i]->uses, USE_READ | USE_STAT);
	finds_done(&finds);
}

static void test_log(void)
{
	struct board *board = board_new();

	board_put(board, USE_READ, "a", "p");
	board_put(board, USE_STAT, "bcd", "");
	board_put(board, USE_STAT, "a", "q");
	finds_put_log(&finds, board);
	CHECK_STR(lines(), "/a\tread,stat\tp,q\n/bcd\tstat\n");
	finds_done(&finds);
}

/* A folder with a file in it, and the descriptor of it. */
static int tree_new(char folder[32])
{
	int top, file;

	(void)stpcpy(folder, "/tmp/bee-finds-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	top = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(top >= 0 && !mkdirat(top, "d", 0755) && !mkdirat(top, "d/mount", 0755));
	file = openat(top, "d/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	CHECK(file >= 0);
	close(file);
	return top;
}

static void tree_done(const char *folder, int top)
{
	(void)unlinkat(top, "d/file", 0);
	(void)unlinkat(top, "d/mount", AT_REMOVEDIR);
	(void)unlinkat(top, "d", AT_REMOVEDIR);
	CHECK_INT(rmdir(folder), 0);
	close(top);
}

static void test_compare(void)
{
	char folder[32];
	int top = tree_new(folder);

	put(USE_READ, "d/file", "");
	put(USE_STAT, "d", "");
	put(USE_LISTED, "", "");
	put(USE_READ, "d/made", "");
	put(USE_MISSING, "d/never", "");
	put(USE_NEEDED | USE_MISSING, "lib/needed.so", "");
	put(USE_UNRESOLVED, "gone/hung", "");
	put(USE_UNRESOLVED | USE_CHANGED, "gone/written", "");
	finds_compare(&finds, top);
	CHECK_INT(finds_find(&finds, "")->mode & S_IFMT, S_IFDIR);
	CHECK_INT(finds_find(&finds, "d/file")->mode, S_IFREG | 0640);
	CHECK_INT(finds_find(&finds, "d/never")->mode, 0);
	CHECK_STR(lines(), "/d\tstat\n"
			   "/d/file\tread\n"
			   "/d/made\tread,created\n"
			   "/d/never\tmissing\n"
			   "/gone/hung\tunresolved\n"
			   "/gone/written\tchanged,created,unresolved\n"
			   "/lib/needed.so\tneeded,missing\n");
	finds_done(&finds);
	tree_done(folder, top);
}

/* A file system is mounted where a name hung: to look at it would hang as well. Others are looked at. */
static void test_unresolved(void)
{
	AUTO_FREE char *mounted = NULL;
	char folder[32];
	int top;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		tap_skip("no mount namespace can be made: it needs root");
	top = tree_new(folder);
	mounted = xasprintf("%s/d/mount", folder);
	CHECK_INT(mount("none", mounted, "tmpfs", 0, "mode=0711"), 0);
	put(USE_UNRESOLVED, "d/mount", "");
	put(USE_UNRESOLVED, "d/file", "");
	put(USE_STAT, "d", "");
	finds_compare(&finds, top);
	CHECK_INT(finds_find(&finds, "d/mount")->mode, 0);
	CHECK_INT(finds_find(&finds, "d/file")->mode, S_IFREG | 0640);
	CHECK_STR(lines(), "/d\tstat\n/d/file\tunresolved\n/d/mount\tunresolved\n");
	finds_done(&finds);
	finds = (struct finds){ 0 };

	/* What did not hang is, whatever is mounted there. */
	put(USE_STAT, "d/mount", "");
	finds_compare(&finds, top);
	CHECK_INT(finds_find(&finds, "d/mount")->mode, S_IFDIR | 0711);
	finds_done(&finds);
	CHECK_INT(umount(mounted), 0);
	tree_done(folder, top);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "lines are sorted, each object once, with what used it", test_lines,
		  0 },
		{ "programs are named up to a number of them", test_programs, 0 },
		{ "many names are told apart", test_many, 0 },
		{ "the log is read", test_log, 0 },
		{ "what the tree does not have was made, or only looked for",
		  test_compare, 0 },
		{ "a name that hung is not gone into", test_unresolved, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
