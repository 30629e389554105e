/* doc/ARCHITECTURE.md against the code: its times, its uids, its folder rule, its files. */
#include "clock.h"
#include "slots.h"
#include "tap.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE "doc/ARCHITECTURE.md"
#define ROW(name)                                                                        \
	{                                                                                \
#name, name                                                              \
	}

static const struct {
	const char *name;
	nsec_t value;
} times[] = {
	ROW(RESERVE),        ROW(LOOK_TIME),    ROW(LOCK_LEFT),    ROW(PROBE_TIME),
	ROW(INTERRUPT_TIME), ROW(GATHER_GRACE), ROW(REPORT_GRACE), ROW(WRITE_GRACE),
	ROW(EXIT_GRACE),     ROW(TELL_TIME),    ROW(LAST_RESORT),  ROW(T_GRACE),
	ROW(PATIENCE_MAX),   ROW(GRACE_FULL),   ROW(STOPPED_MIN),  ROW(DYING_TIME),
	ROW(TIDY_TIME),
};

static char *file_text(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = xcalloc(1, 1 << 20);

	if (!file)
		tap_skip("not run from the source tree");
	(void)!fread(text, 1, (1 << 20) - 1, file);
	(void)fclose(file);
	return text;
}

static void test_times(void)
{
	AUTO_FREE char *page = file_text(PAGE);
	size_t rows = 0;

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		AUTO_FREE char *row =
			xasprintf("\n| `%s` | %lld ms |", times[i].name,
				  (long long)(times[i].value / NSEC_PER_MSEC));

		if (!strstr(page, row))
			printf("# there is no row%s\n", row);
		CHECK(strstr(page, row));
	}
	for (const char *at = page; (at = strstr(at, " ms | ")); at++)
		rows++;
	CHECK_INT(rows, ARRAY_LEN(times));
}

static void test_uids(void)
{
	AUTO_FREE char *page = file_text(PAGE);
	AUTO_FREE char *base = xasprintf("0x%x = %u", UID_BASE, UID_BASE);

	CHECK(strstr(page, base));
	CHECK_INT(UID_GATHERER - UID_BASE, 0);
	CHECK_INT(UID_REPORT - UID_BASE, 1);
	CHECK_INT(UID_TOOL(3u) - UID_BASE, 2 + 2 * 3);
	CHECK_INT(UID_COLLECTOR(3u) - UID_BASE, 3 + 2 * 3);
	/* A pid is at most 2^22 (PID_MAX_LIMIT): of every run the tool's uid is nobody else's. */
	CHECK(UID_RUN(1u) > UID_STUB && UID_RUN(1u) > UID_PERFORMER);
	CHECK(UID_RUN(1u << 22) < INT32_MAX);
	CHECK_INT(UID_RUN(7u) - UID_BASE, 0x10000 + 7);
	CHECK(strstr(page, "| base + 0x10000 + pid | the tool of the `bee run`"));
	CHECK(strstr(page, "| base + 0 | bee-gather |"));
	CHECK(strstr(page, "| base + 1 | bee-report"));
	CHECK(strstr(page, "| base + 2 + 2n | the tool of slot n"));
	CHECK(strstr(page, "| base + 3 + 2n | the collector"));
}

/* Every file of C that the page names is there, under that folder. */
static void test_files(void)
{
	AUTO_FREE char *page = file_text(PAGE);
	unsigned named = 0;
	char *save;

	for (char *word = strtok_r(page, "`", &save); word;
	     word = strtok_r(NULL, "`", &save)) {
		size_t len = strlen(word);
		struct stat st;

		if (strpbrk(word, " *\n") || len < 3 || word[len - 2] != '.' ||
		    !strchr("ch", word[len - 1]))
			continue;
		named++;
		if (stat(word, &st))
			printf("# there is no %s\n", word);
		CHECK(!stat(word, &st));
	}
	CHECK(named > 30);
}

/* Each message of that header, whose names begin with `prefix`, stands in the page between those. */
static void check_messages(const char *header, const char *prefix, const char *before,
			   const char *after)
{
	AUTO_FREE char *page = file_text(PAGE), *text = file_text(header);
	AUTO_FREE char *start = xasprintf("\n\t%s", prefix);
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, start));) {
		AUTO_FREE char *told = NULL;

		at += strlen(start);
		if (!strncmp(at, "TYPES", 5))
			break;
		count++;
		told = xasprintf("%s%.*s%s", before,
				 (int)strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), at,
				 after);
		if (!strstr(page, told))
			tap_fail(__FILE__, __LINE__, "%s: the page lacks %s", header,
				 told);
	}
	CHECK(count >= 3);
}

static void test_messages(void)
{
	check_messages("jail/message.h", "JAIL_MSG_", "\n| ", " | ");
	check_messages("runner/job.h", "JOB_MSG_", "", "");
	check_messages("lib/gather_msg.h", "GATHER_", " ", "");
}

/* The folder rule of the page is the Makefile's: a row for each line SEES_folder. */
static void test_rule(void)
{
	static const char name[] = "\nSEES_";
	AUTO_FREE char *page = file_text(PAGE), *makefile = file_text("Makefile");
	const char *table = strstr(page, "\n| folder | includes |\n"),
		   *end = table ? strstr(table, "\n\n") : NULL;
	size_t lines = 0, rows = 0;

	CHECK(end);
	if (!end)
		return;
	for (const char *at = makefile; (at = strstr(at, name)); lines++) {
		AUTO_FREE char *folder = NULL, *sees = NULL, *row = NULL;

		at += strlen(name);
		CHECK_INT(sscanf(at, "%m[a-z] := %m[a-z ]", &folder, &sees), 2);
		row = xasprintf("\n| %s | %s |\n", folder, sees);
		if (!strstr(table, row))
			tap_fail(__FILE__, __LINE__, "the page lacks%s", row);
	}
	for (const char *at = table; (at = strstr(at + 1, "\n| ")) && at < end;)
		rows++;
	CHECK(lines >= 4);
	/* And one for all others. */
	CHECK_INT(rows, lines + 1);
	CHECK(strstr(table, "\n| all others | lib |\n"));
	CHECK(strstr(makefile, "\nSEES := lib\n"));
}

static size_t lines_of(const char *pattern)
{
	size_t lines = 0;
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		AUTO_FREE char *text = file_text(found.gl_pathv[i]);

		for (const char *at = text; (at = strchr(at, '\n')); at++)
			lines++;
	}
	globfree(&found);
	return lines;
}

/* What is trusted stays what one can read in an evening: a jail, and who watches it. An audit does
 * that itself; who runs one jail alone has jail/run.c for it, and no program has both. */
static void test_trusted(void)
{
	AUTO_FREE char *page = file_text(PAGE);
	AUTO_FREE char *makefile = file_text("Makefile");
	size_t alone = lines_of("jail/run.c"), jail = lines_of("jail/*.c") - alone;
	size_t audit = lines_of("runner/monitor.c") + lines_of("runner/messages.c");
	glob_t found;

	CHECK(strstr(page, "at most 2,600 lines of C"));
	CHECK(jail > 1000 && audit > 100 && alone > 50);
	CHECK(jail + (audit > alone ? audit : alone) <= 2600);
	CHECK(strstr(makefile, "\nbee-audit_SRC := $(filter-out runner/run.c,"));
	CHECK(!glob("runner/*.c", 0, NULL, &found));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		AUTO_FREE char *text = file_text(found.gl_pathv[i]);

		CHECK(strcmp(found.gl_pathv[i], "runner/run.c")
			      ? !strstr(text, "jail_run_")
			      : !strstr(text, "monitor_run"));
	}
	globfree(&found);
}

/* Of a file, but blank ones, comments' and those that include. */
static size_t lines_of_code(const char *path)
{
	AUTO_FREE char *text = file_text(path);
	bool comment = false;
	size_t lines = 0;

	for (char *line = text, *end; *line; line = end) {
		const char *at = line + strspn(line, "\t "), *close;

		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		comment |= !strncmp(at, "/*", 2);
		close = strstr(at, "*/");
		if (comment ? close && close[2] : *at && strncmp(at, "#include", 8) != 0)
			lines++;
		comment &= !close;
	}
	return lines;
}

/* Who holds a device, and who reads what a tool has in its memory: as short. */
static void test_broker(void)
{
	static const char *const files[] = { "broker/copier.c", "broker/copy.c",
					     "broker/performer.c", "broker/perform.c",
					     "broker/start.c" };
	AUTO_FREE char *page = file_text(PAGE);
	size_t all = 0;
	glob_t found;

	CHECK(strstr(page, "below 600 lines of code"));
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		size_t lines = lines_of_code(files[i]);

		CHECK(lines > 20);
		all += lines;
	}
	if (all >= 600)
		printf("# %zu lines\n", all);
	CHECK(all < 600);
	/* There is no other file for them but the patterns'. */
	CHECK(!glob("broker/*.c", 0, NULL, &found));
	CHECK_INT(found.gl_pathc, ARRAY_LEN(files) + 1);
	globfree(&found);
}

/* A file of a program that is longer than 500 lines is named with its reason. */
static void test_sizes(void)
{
	AUTO_FREE char *page = file_text(PAGE);
	const char *reasons = strstr(page, "\n**Files over 500 lines**");
	glob_t found;

	CHECK(reasons);
	CHECK(!glob("*/*.[ch]", 0, NULL, &found));
	CHECK(found.gl_pathc > 300);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		AUTO_FREE char *name = xasprintf("`%s`", found.gl_pathv[i]);

		if ((lines_of(found.gl_pathv[i]) > 500) != !!strstr(reasons, name))
			tap_fail(__FILE__, __LINE__, "%s: %zu lines", found.gl_pathv[i],
				 lines_of(found.gl_pathv[i]));
	}
	globfree(&found);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the times of the page are the code's", test_times, 0 },
		{ "so are the uids", test_uids, 0 },
		{ "every file that the page names is there", test_files, 0 },
		{ "every message between the processes is named", test_messages, 0 },
		{ "the folder rule is the Makefile's", test_rule, 0 },
		{ "what is trusted is no longer than the page says", test_trusted, 0 },
		{ "who copies and who performs device commands is short, too",
		  test_broker, 0 },
		{ "no file of a program has more than 500 lines without a reason",
		  test_sizes, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
