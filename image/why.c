/* bee image why: the causes of one object of an image, by the list that was kept beside it. */
#include "archive.h"
#include "command.h"
#include "give_up.h"
#include "list_line.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAIN_MAX 20 /* of objects that are there for each other */

/* The line of `path` behind its name, of malloc; NULL: there is none. */
static char *line_of(FILE *list, const char *path)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	ssize_t len;

	rewind(list);
	while ((len = list_line(&line, &room, list)) > 0) {
		char *rest;

		line[strcspn(line, "\n")] = '\0';
		rest = strchr(line, '\t');
		if (rest)
			*rest++ = '\0';
		if (rest && name_unescape(line))
			continue;
		if (!strcmp(name_relative(line), path))
			return xstrdup(rest ? rest : "-");
	}
	if (len < 0 && errno == EFBIG)
		errx(BEE_DATAERR, "the list: a line of it is over 1 MiB");
	if (len < 0)
		err(BEE_IOERR, "the list");
	return NULL;
}

/* Prints one object; what it is there for comes next, of malloc, or NULL. */
static char *tell(const char *path, char *line)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path)), *why = NULL, *safe = NULL;
	char *programs = strchr(line, '\t'), *next = NULL;
	bool used;

	if (programs)
		*programs++ = '\0';
	used = strcmp(line, "-") != 0;
	why = programs ? xasprintf("%s%s%s", used ? line : "", used ? ", by " : "",
				   programs)
		       : xstrdup(used ? line : "listed");
	/* Whoever wrote the list wrote this, too. */
	safe = name_shown(why, strlen(why));
	printf("/%s: %s\n", shown, safe);
	if (!used && programs && !strncmp(programs, "for /", 5)) {
		next = xstrdup(programs + 5);
		if (name_unescape(next)) {
			free(next);
			next = NULL;
		}
	}
	return next;
}

/* Whether the image has it: the list may be of another one. */
static bool is_in(struct archive *a, const char *path)
{
	bool found = false;

	archive_begin(a);
	while (archive_next(a))
		found |= !strcmp(archive_path(&a->reader.entry), path);
	return found;
}

int command_why(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	AUTO_FREE char *name = NULL, *path = NULL;
	struct archive a;
	FILE *list; /* it stays open: closing is no right any more */
	bool found;
	int status = BEE_OK;

	while (command_option(argc, argv, "h", options) != -1)
		;
	if (optind + 2 != argc)
		command_usage("why: a PATH and an image's FILE");
	name = xasprintf("%s.list", argv[optind + 1]);
	list = fopen(name, "re");
	if (!list)
		err(BEE_IOERR, "%s", name);
	archive_open(&a, argv[optind + 1]);
	give_up_rights();
	path = xstrdup(name_relative(argv[optind]));
	found = is_in(&a, path);
	for (unsigned i = 0; path && i < CHAIN_MAX; i++) {
		AUTO_FREE char *line = line_of(list, path);
		char *next;

		if (i == 0 && !(line && found) && !a.cut) {
			archive_tell(&a, "%s is %s", argv[optind],
				     found  ? "in it, and its list does not say why"
				     : line ? "not in it, only in its list"
					    : "not in it");
			status = BEE_INCOMPLETE;
		}
		if (!line)
			break;
		next = tell(path, line);
		free(path);
		path = next;
	}
	return command_end(archive_done(&a) ?: status);
}
