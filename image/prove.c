/*
 * bee image test: a program inside an image alone. What it looks for and does not find there,
 * and finds in the reference tree, is what the image lacks.
 */
#include "command.h"
#include "lines.h"
#include "list_line.h"
#include "names.h"
#include "own.h"
#include "quiet.h"
#include "traced.h"
#include "try_boot.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS_MAX 10 /* of --fix: each adds at least one name */
#define WORDS_MAX 1024u

struct test {
	char *file; /* borrowed */
	char *tree; /* NULL: nothing to compare with */
	bool fix, boot;
	struct try_boot try; /* with a kernel, the boot is one in a virtual machine */
	char **argv; /* the program's words, up to NULL; NULL: the tree's usual one */
	char *around,
		*folder;   /* owned; the image is taken out into `folder`, in `around` */
	struct scan scan;  /* of the reference tree */
	struct scan image; /* of what was taken out */
	bool asked;        /* what the program uses of the reference tree was added */
	unsigned lacking;  /* names, in this round */
};

static uint64_t number_of(const char *text, uint64_t most)
{
	uint64_t number = 0;

	if (parse_u64(text, most, &number) || !number)
		command_usage("test: a number, 1 to %llu: %s", (unsigned long long)most,
			      text);
	return number;
}

/* FILE, and the words of a program; with --boot, a KERNEL besides: the word that follows it. */
static void read_words(struct test *t, int count, char **words, const char *after_boot)
{
	if (count < 1 || !strcmp(words[0], "-"))
		command_usage("test: which FILE?");
	if (t->boot && count > 1) {
		if (count > 2 || (words[0] != after_boot && words[1] != after_boot))
			command_usage("test: --boot, or a program");
		t->try.wish.kernel = after_boot;
		words += words[0] == after_boot;
		t->file = words[0];
		return;
	}
	t->file = words[0];
	t->argv = count > 1 ? words + 1 : NULL;
}

static void read_options(struct test *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "fix", no_argument, NULL, 'f' },
		{ "boot", no_argument, NULL, 'b' },
		{ "ready", required_argument, NULL, 'r' },
		{ "timeout", required_argument, NULL, 't' },
		{ "memory", required_argument, NULL, 'm' },
		{ "append", required_argument, NULL, 'a' },
		{ "verbose", no_argument, NULL, 'v' },
		COMMAND_OPTIONS,
	};
	const char *after_boot = NULL;
	bool of_machine = false;
	int c;

	t->try.seconds = TRY_SECONDS;
	while ((c = command_option(argc, argv, "hd:v", options)) != -1) {
		of_machine |= strchr("rtmav", c) != NULL;
		if (c == 'd')
			t->tree = optarg;
		else if (c == 'b')
			after_boot = argv[optind], t->boot = true;
		else if (c == 'f')
			t->fix = true;
		else if (c == 'r')
			t->try.ready = optarg;
		else if (c == 't')
			t->try.seconds = number_of(optarg, 86400);
		else if (c == 'm')
			t->try.wish.memory = number_of(optarg, 1 << 20);
		else if (c == 'a')
			t->try.wish.append = optarg;
		else
			t->try.verbose = true;
	}
	read_words(t, argc - optind, argv + optind, after_boot);
	if (of_machine && !t->try.wish.kernel)
		command_usage("test: --ready, --timeout, --memory, --append and "
			      "--verbose are for --boot KERNEL");
	if (t->try.wish.kernel && (t->fix || t->tree))
		command_usage("test: a boot in a virtual machine is not traced: no "
			      "--fix, no -d");
	t->try.wish.image = t->file;
}

/* What was said when the image was built, in the list beside it: "# word<TAB>..." */
static void read_list(struct test *t)
{
	AUTO_FREE char *name = xasprintf("%s.list", t->file), *line = NULL;
	AUTO_FCLOSE FILE *from = fopen(name, "re");
	size_t room = 0;

	while (from && list_line(&line, &room, from) > 0 && *line == '#') {
		char *save, **words = xcalloc(WORDS_MAX + 1, sizeof(char *));
		const char *what;
		size_t count = 0;

		line[strcspn(line, "\n")] = '\0';
		what = strtok_r(line, "\t", &save);
		for (char *word = strtok_r(NULL, "\t", &save);
		     word && count < WORDS_MAX && !name_unescape(word);
		     word = strtok_r(NULL, "\t", &save))
			words[count++] = xstrdup(word);
		if (what && count > 0 && !strcmp(what, "# tree") && !t->tree)
			t->tree = words[0];
		else if (what && count > 0 && !strcmp(what, "# run") && !t->argv)
			t->argv = words;
		else
			free(words);
	}
}

/* For an end in the middle: what is taken out; NULL: there is none. */
static char *taken_out;

static void taken_out_remove(void)
{
	if (taken_out)
		own_remove(taken_out);
	free(taken_out);
	taken_out = NULL;
}

static void folder_remove(struct test *t)
{
	taken_out_remove();
	free(t->folder);
	t->folder = NULL;
}

static void take_out(struct test *t)
{
	static char extract[] = "extract", c[] = "-C", end[] = "--";
	char *words[] = { NULL, extract, c, NULL, end, t->file, NULL };
	int status;

	/* Nobody else sees its set-user-ID files; to who runs in it the top is as a kernel makes it. */
	taken_out = own_folder();
	t->folder = xasprintf("%s/tree", taken_out);
	if (mkdir(t->folder, 0755) || chmod(t->folder, 0755))
		err(BEE_CANTCREAT, "%s", t->folder);
	words[3] = t->folder;
	status = own_run("bee-image", words, STDOUT_FILENO);
	/* An ordinary user makes no devices; the run has its own. */
	if (status && status != BEE_INCOMPLETE)
		exit(status);
}

/* What a program that looks through a folder does not see, it never looks for. */
static void listed_look(struct test *t, const char *path, const char *shown)
{
	char **here = scan_names(&t->image, path), **there;
	size_t few = 0, many = 0;
	AUTO_FREE char *real = scan_real(&t->scan, path);

	there = real ? scan_names(&t->scan, real) : NULL;
	for (char **name = here; name && *name; name++)
		few++;
	for (char **name = there; name && *name; name++)
		many++;
	if (many > few)
		warnx("%s: its names were read, and the image has %zu of %zu", shown, few,
		      many);
	scan_names_free(here);
	scan_names_free(there);
}

/* A line of the trace: what was missing there, and is in the reference tree. */
static void line_look(struct test *t, char *line, FILE *lacking)
{
	char *uses = strchr(line, '\t'), *programs;
	AUTO_FREE char *real = NULL, *path = NULL;

	if (!uses)
		return;
	*uses++ = '\0';
	programs = strchr(uses, '\t');
	if (programs)
		*programs++ = '\0';
	path = xstrdup(line);
	if (name_unescape(path))
		return;
	if (t->tree && strstr(uses, "listed"))
		listed_look(t, path + strspn(path, "/"), line);
	if (!strstr(uses, "missing"))
		return;
	real = t->tree ? scan_real(&t->scan, path) : NULL;
	if (!real)
		return;
	t->lacking++;
	printf("%s%s%s\n", line, programs ? "\t" : "", programs ? programs : "");
	(void)fprintf(lacking, "%s\tmissing,needed\t%s\n", line,
		      programs ? programs : "bee image test");
}

static int watch(const struct test *t, const char *tree, FILE **list)
{
	return t->boot ? traced_boot(tree, list)
		       : traced_run(tree, t->argv, STDERR_FILENO, list);
}

/* Whether a line of the trace in the reference tree is of something that the image has not. */
static bool image_lacks(struct test *t, const char *line)
{
	size_t len = strcspn(line, "\t");
	AUTO_FREE char *path = xasprintf("%.*s", (int)len, line), *real = NULL;
	AUTO_FREE char *uses =
		xasprintf("%.*s", line[len] ? (int)strcspn(line + len + 1, "\t") : 0,
			  line[len] ? line + len + 1 : "");

	if (!*uses || name_unescape(path))
		return false;
	real = scan_real(&t->image, path);
	return !real && !strstr(uses, "missing") && !strstr(uses, "created");
}

/* What the program uses of the reference tree, and the image does not have. */
static void reference_ask(struct test *t, FILE *lacking)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	FILE *list;

	t->asked = true;
	warnx("the same in the reference tree:");
	(void)watch(t, t->tree, &list);
	while (getline(&line, &room, list) > 0)
		if (image_lacks(t, line)) {
			t->lacking++;
			(void)fputs(line, lacking);
			printf("%s", line);
		}
	(void)fclose(list);
}

/* One run in the image. Its status; what it lacks goes to `lacking`. */
static int round_run(struct test *t, FILE *lacking)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	FILE *list;
	int status;

	t->lacking = 0;
	take_out(t);
	t->image.top = open(t->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->image.top < 0)
		err(BEE_IOERR, "%s", t->folder);
	status = watch(t, t->folder, &list);
	while (getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		line_look(t, line, lacking);
	}
	if (ferror(list))
		err(BEE_IOERR, "the trace");
	(void)fclose(list);
	if (t->fix && !t->asked && (status || t->lacking > 0))
		reference_ask(t, lacking);
	scan_done(&t->image);
	close(t->image.top);
	folder_remove(t);
	return status;
}

/* The list beside the image tells of what was added. */
static void list_extend(const struct test *t, FILE *lacking)
{
	AUTO_FREE char *name = xasprintf("%s.list", t->file), *line = NULL;
	AUTO_FCLOSE FILE *to = fopen(name, "ae");
	size_t room = 0;

	rewind(lacking);
	while (to && getline(&line, &room, lacking) > 0)
		(void)fputs(line, to);
	if (!to || fflush(to))
		warn("%s", name);
}

static void add(const struct test *t, const char *list)
{
	static char append[] = "append", d[] = "-d", l[] = "--list", end[] = "--";
	char *words[] = { NULL, append,  d,   t->tree, l, (char *)(uintptr_t)list,
			  end,  t->file, NULL };
	int status = own_run("bee-image", words, STDOUT_FILENO);

	if (status && status != BEE_INCOMPLETE)
		exit(status);
}

static int rounds(struct test *t)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		AUTO_FREE char *list = NULL;
		AUTO_FCLOSE FILE *lacking = own_file(&list);
		int status = round_run(t, lacking);

		if (t->lacking > 0 && t->fix) {
			if (fflush(lacking))
				err(BEE_IOERR, "the list of what is missing");
			add(t, list);
			list_extend(t, lacking);
		}
		if (t->lacking == 0 || !t->fix)
			return t->lacking ? BEE_INCOMPLETE : status;
	}
	warnx("after %d rounds names are missing yet", ROUNDS_MAX);
	return BEE_INCOMPLETE;
}

int command_test(int argc, char **argv)
{
	struct test t = { .file = NULL };
	struct objects objects = { .all = NULL };
	AUTO_CLOSE int top = -1;
	char *none = NULL;
	int status;

	(void)atexit(taken_out_remove);
	read_options(&t, argc, argv);
	if (t.try.wish.kernel)
		return command_end(try_boot(&t.try));
	read_list(&t);
	if (t.fix && !t.tree)
		command_usage("test: --fix takes what is missing from -d DIR");
	if (!t.tree)
		warnx("without -d DIR it is not known which names the image lacks");
	top = t.tree ? quiet_open(t.tree) : -1;
	if (t.tree && top < 0)
		err(BEE_IOERR, "%s", t.tree);
	t.scan = (struct scan){ .top = top, .objects = &objects, .drops = &none };
	t.image = t.scan;
	status = rounds(&t);
	scan_done(&t.scan);
	return command_end(status);
}
