/* Why objects are in an image. */
#include "causes.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cause {
	uint32_t number;
	char text[];
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct cause *)a)->text, ((const struct cause *)b)->text);
}

uint32_t causes_number(struct causes *causes, const char *text)
{
	struct cause *cause = xcalloc(1, sizeof(*cause) + strlen(text) + 1);
	struct cause **known;

	memcpy(cause->text, text, strlen(text) + 1);
	known = tsearch(cause, &causes->by_text, compare);
	if (!known)
		errx(BEE_OSERR, "out of memory");
	if (*known != cause) {
		free(cause);
		return (*known)->number;
	}
	cause->number = ++causes->count;
	causes->all =
		xrealloc_array(causes->all, (size_t)causes->count + 1, sizeof(char *));
	causes->all[causes->count] = cause->text;
	return cause->number;
}

void causes_name(struct causes *causes, const char *text, const char *named)
{
	causes->now = causes_number(causes, text);
	causes->named = named ? name_relative(named) : NULL;
}

uint32_t causes_of(struct causes *causes, const char *path)
{
	AUTO_FREE char *name = NULL, *text = NULL;

	if (!causes->named || !strcmp(path, causes->named))
		return causes->now;
	name = name_escape(causes->named, strlen(causes->named));
	text = xasprintf("-\tfor /%s", name);
	return causes_number(causes, text);
}

static void comment(FILE *to, const char *what, char *const *words)
{
	(void)fprintf(to, "# %s", what);
	for (; *words; words++) {
		AUTO_FREE char *word = name_escape(*words, strlen(*words));

		(void)fprintf(to, "\t%s", word);
	}
	(void)fputc('\n', to);
}

void causes_write(const struct causes *causes, const struct objects *objects,
		  const struct whole *list, const char *tree, char *const *program)
{
	AUTO_FREE char *place = realpath(tree, NULL);
	char *places[] = { place, NULL };
	FILE *to = fdopen(dup(list->fd), "w");

	if (!to)
		err(BEE_IOERR, "%s", list->path);
	if (place)
		comment(to, "tree", places);
	if (program)
		comment(to, "run", program);
	for (size_t i = 0; i < objects->count; i++) {
		const struct object *object = &objects->all[i];
		AUTO_FREE char *name = name_escape(object->path, strlen(object->path));
		const char *cause = object->cause ? causes->all[object->cause] : "-";

		/* The tree does not have it, or has another one. */
		if (object->source != OBJECT_TREE)
			(void)fprintf(to, "/%s\tcreated\tbee image build\n", name);
		else
			(void)fprintf(to, "/%s\t%s\n", name, cause);
	}
	/* Also what failed before, and no more. */
	if (fflush(to) || ferror(to))
		err(BEE_IOERR, "%s", list->path);
	(void)fclose(to);
}

void causes_done(struct causes *causes)
{
	tdestroy(causes->by_text, free);
	free(causes->all);
}
