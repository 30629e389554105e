/* Lists of what an image is made of. */
#include "lines.h"
#include "list_line.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How an object was used, as the second field says. */
static const struct {
	const char *word;
	bool optional; /* it was not there before the run, or never */
	bool nothing;  /* and is no reason to take it */
} uses[] = {
	{ "-", false, false },           { "exec", false, false },
	{ "interpreter", false, false }, { "library", false, false },
	{ "needed", false, false },      { "read", false, false },
	{ "listed", false, false },      { "stat", false, false },
	{ "link", false, false },        { "changed", false, false },
	{ "unresolved", false, false },  { "created", true, false },
	{ "missing", true, true },
};

struct line {
	const char *file;
	unsigned number;
	char *text;
	const char *cause; /* of plain lines */
};

static _Noreturn void bad(const struct line *line, const char *why)
{
	errx(BEE_DATAERR, "%s:%u: %s", line->file, line->number, why);
}

/* How the uses of one line count together: one that is no matter changes nothing. */
static void take_annotated(struct scan *scan, const struct line *line, char *words)
{
	enum scan_need need = SCAN_NEEDED;
	bool something = false;
	AUTO_FREE char *cause = xstrdup(words);

	words[strcspn(words, "\t")] = '\0';
	for (char *word; (word = strsep(&words, ","));) {
		size_t i = 0;

		while (i < ARRAY_LEN(uses) && strcmp(uses[i].word, word) != 0)
			i++;
		if (i < ARRAY_LEN(uses)) {
			need = uses[i].optional ? SCAN_OPTIONAL : need;
			something |= !uses[i].nothing;
		} else {
			bad(line, "its second field has a word that is no use of a file");
		}
	}
	if (name_unescape(line->text))
		bad(line, "a backslash begins \"\\xNN\" in a line with fields");
	if (!something)
		return;
	causes_name(&scan->causes, cause, line->text);
	scan_take(scan, line->text, need);
}

static void take(struct scan *scan, const struct line *line, size_t len)
{
	char *tab;

	if (len > 0 && line->text[len - 1] == '\n')
		line->text[--len] = '\0';
	if (strlen(line->text) < len)
		bad(line, "it has a NUL");
	if (len == 0 || *line->text == '#')
		return;
	tab = strchr(line->text, '\t');
	if (!tab) {
		causes_name(&scan->causes, line->cause, line->text);
		scan_take(scan, line->text, SCAN_NEEDED);
		return;
	}
	*tab = '\0';
	take_annotated(scan, line, tab + 1);
}

void lines_take_from(struct scan *scan, FILE *from, const char *name)
{
	AUTO_FREE char *shown = name_escape(name, strlen(name)),
		       *cause = xasprintf("-\t%s", shown);
	struct line line = { .file = name, .cause = cause };
	size_t room = 0;
	ssize_t len;

	while ((len = list_line(&line.text, &room, from)) > 0) {
		line.number++;
		take(scan, &line, (size_t)len);
	}
	line.number++;
	if (len < 0 && errno == EFBIG)
		bad(&line, "it is over 1 MiB");
	if (len < 0)
		err(BEE_IOERR, "%s", name);
	free(line.text);
}

void lines_take(struct scan *scan, const char *file)
{
	bool standard = !strcmp(file, "-");
	FILE *from = standard ? stdin : fopen(file, "re");

	if (!from)
		err(BEE_IOERR, "%s", file);
	lines_take_from(scan, from, file);
	if (!standard)
		(void)fclose(from);
}
