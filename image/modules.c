/* Kernel modules of an image, by policy and not by trace. */
#include "modules.h"
#include "list_line.h"
#include "module_index.h"
#include "module_words.h"
#include "names.h"
#include "outsider.h"
#include "wants.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "lib/modules"
#define DEPTH_MAX 16 /* folders in folders of modules; drivers/net/ethernet/x/y/z is 7 */

struct modules {
	struct scan *scan;
	const char *folder; /* of the kernel, where it really is */
	struct kmods mods;
	struct outsider outsider;
	struct kmod **chosen; /* each once, as they came */
	size_t count;
	/* What is being read. */
	const char *file;
	unsigned line;
};

/* The one kernel of a tree, of malloc. */
static char *kernel_find(struct scan *scan)
{
	AUTO_FREE char *real = scan_real(scan, FOLDER);
	char **names = real ? scan_names(scan, real) : NULL;
	char *found = NULL;
	unsigned count = 0;

	for (char **name = names; name && *name; name++) {
		AUTO_FREE char *path = xasprintf("%s/%s/kernel", real, *name);
		AUTO_CLOSE int fd = scan_open(scan, path, O_PATH | O_DIRECTORY);

		if (fd < 0)
			continue;
		free(found);
		found = xstrdup(*name);
		count++;
	}
	scan_names_free(names);
	if (count == 0)
		errx(BEE_USAGE,
		     "--modules: the tree has no kernel's modules in /" FOLDER);
	if (count > 1)
		errx(BEE_USAGE,
		     "--modules: the tree has the modules of %u kernels: "
		     "--kernel VERSION says which",
		     count);
	return found;
}

static void files_find(struct modules *m, const char *below, unsigned depth)
{
	AUTO_FREE char *folder = xasprintf("%s%s%s", m->folder, *below ? "/" : "", below);
	char **names = depth < DEPTH_MAX ? scan_names(m->scan, folder) : NULL;

	for (char **name = names; name && *name; name++) {
		AUTO_FREE char *path =
			xasprintf("%s%s%s", below, *below ? "/" : "", *name);

		if (kmod_is_file(path))
			kmods_add(&m->mods, path, path);
		else if (!strchr(*name, '.'))
			files_find(m, path, depth + 1);
	}
	scan_names_free(names);
}

/* A file of the kernel's folder, by the process without rights; NULL: it is not there. */
static char *text_of(struct modules *m, const char *name, enum outsider_task task,
		     size_t *len)
{
	AUTO_FREE char *path = xasprintf("%s/%s", m->folder, name);
	AUTO_CLOSE int fd = scan_open(m->scan, path, O_RDONLY | O_NONBLOCK);
	char *text = NULL;
	int status;

	if (fd < 0)
		return NULL;
	status = outsider_ask(&m->outsider, task, fd, &text, len);
	if (!status)
		return text;
	m->scan->incomplete = true;
	scan_tell(m->scan, path, "not understood: %s",
		  status == -EFBIG ? "it is too large"
				   : "it is no module that says what it is");
	return NULL;
}

/* The texts of the kernel's build: `use` gets each. */
static void describe(struct modules *m, const char *name,
		     void (*use)(struct kmods *mods, const char *text, size_t len))
{
	size_t len;
	AUTO_FREE char *text = text_of(m, name, OUTSIDER_TEXT, &len);

	if (text)
		use(&m->mods, text, len);
}

static void modules_find(struct modules *m)
{
	files_find(m, "", 0);
	describe(m, "modules.builtin", kmods_add_builtin);
	kmods_sort(&m->mods);
	describe(m, "modules.builtin.modinfo", kmods_describe_builtin);
	describe(m, "modules.order", kmods_order);
}

static void module_read(struct modules *m, struct kmod *mod)
{
	if (mod->path && !mod->info)
		mod->info = text_of(m, mod->path, OUTSIDER_MODINFO, &mod->info_len);
	if (!mod->info) /* so that it is not tried again */
		mod->info = xcalloc(1, 1);
}

static void choose(struct modules *m, struct kmod *mod)
{
	if (!mod->chosen)
		m->chosen[m->count++] = mod;
	mod->chosen = true;
}

/* All that stand for it. False: there is none. */
static bool choose_alias(struct modules *m, const char *alias)
{
	bool found = false;

	for (struct kmod *mod = m->mods.all; mod < m->mods.all + m->mods.count; mod++) {
		module_read(m, mod);
		if (!kmod_takes(mod, alias))
			continue;
		found = true;
		choose(m, mod);
	}
	return found;
}

static void choose_needed(void *context, const char *name)
{
	struct modules *m = context;
	struct kmod *mod = kmods_find(&m->mods, name);

	if (mod)
		choose(m, mod);
	else /* soft ones may be aliases: "crc32c" is of several */
		(void)choose_alias(m, name);
}

/* The list grows meanwhile. No call within a call: a tree can have KMODS_MAX that need each other in a row. */
static void choose_needs(struct modules *m)
{
	for (size_t i = 0; i < m->count; i++) {
		module_read(m, m->chosen[i]);
		kmod_each_need(m->chosen[i], true, choose_needed, m);
	}
}

/* All of a class, or of a glob of one's own. How many there are. */
static unsigned choose_glob(struct modules *m, const char *glob, bool drivers)
{
	unsigned count = 0;

	for (struct kmod *mod = m->mods.all; mod < m->mods.all + m->mods.count; mod++) {
		if (!module_matches(mod, glob))
			continue;
		module_read(m, mod);
		if (drivers && !module_is_driver(mod))
			continue;
		count++;
		choose(m, mod);
	}
	return count;
}

static void choose_word(struct modules *m, const char *word)
{
	const char *const *globs = module_class(word);
	struct kmod *mod = kmods_find(&m->mods, word);

	for (; globs && *globs; globs++)
		(void)choose_glob(m, *globs + (**globs == '!'), **globs != '!');
	if (globs)
		return;
	if (strchr(word, '/') ? choose_glob(m, word, false) > 0 : mod != NULL) {
		if (mod)
			choose(m, mod);
		return;
	}
	m->scan->incomplete = true;
	warnx("%s:%u: the tree's kernel has no module %s", m->file, m->line, word);
}

/* A line: words up to a "#". */
static void choose_line(struct modules *m, char *line)
{
	char *save;

	line[strcspn(line, "#\n")] = '\0';
	for (char *word = strtok_r(line, " \t\r", &save); word;
	     word = strtok_r(NULL, " \t\r", &save))
		choose_word(m, word);
}

static void choose_file(struct modules *m, const char *file)
{
	AUTO_FCLOSE FILE *from = fopen(file, "re");
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!from)
		err(BEE_IOERR, "%s", file);
	m->file = file;
	for (m->line = 1; (len = list_line(&line, &room, from)) > 0; m->line++)
		choose_line(m, line);
	if (len < 0 && errno == EFBIG)
		errx(BEE_DATAERR, "%s:%u: it is over 1 MiB", file, m->line);
	if (len < 0)
		err(BEE_IOERR, "%s", file);
}

/* What stands for the device, and what drove it. */
static bool choose_wanted(struct modules *m, const struct want *want)
{
	struct kmod *by_name = *want->module ? kmods_find(&m->mods, want->module) : NULL;
	bool found = by_name;

	if (by_name)
		choose(m, by_name);
	if (*want->modalias)
		found |= choose_alias(m, want->modalias);
	return found;
}

static void choose_audit(struct modules *m, const char *file)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *text = NULL;
	struct want want;
	char *rest;
	size_t len;
	int status;

	if (fd < 0)
		err(BEE_IOERR, "%s", file);
	status = outsider_ask(&m->outsider, OUTSIDER_WANTS, fd, &text, &len);
	if (status)
		errx(BEE_DATAERR, "%s: it is no document of an audit with pcie.devices",
		     file);
	rest = text;
	while (wants_next(&rest, &want)) {
		/* What the kernel itself drove may be no module of any kernel. */
		if (choose_wanted(m, &want) || !*want.module)
			continue;
		m->scan->incomplete = true;
		warnx("%s: %s: the tree's kernel has no module for it; %s drove it", file,
		      want.device, want.module);
	}
}

/* In the order in which the kernel looks: fw_path of firmware_loader/main.c. */
static bool firmware_take(struct modules *m, const char *name)
{
	static const char *const suffixes[] = { "", ".xz", ".zst" };
	const char *version = strrchr(m->folder, '/') + 1;
	char *folders[] = { xasprintf("lib/firmware/updates/%s", version),
			    xstrdup("lib/firmware/updates"),
			    xasprintf("lib/firmware/%s", version),
			    xstrdup("lib/firmware") };
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		for (size_t k = 0; k < ARRAY_LEN(suffixes) && !found; k++) {
			AUTO_FREE char *path =
				xasprintf("%s/%s%s", folders[i], name, suffixes[k]);
			AUTO_FREE char *real = scan_real(m->scan, path);

			found = real;
			if (found)
				scan_take(m->scan, path, SCAN_NEEDED);
		}
		free(folders[i]);
	}
	return found;
}

static void firmware_of(struct modules *m, const struct kmod *mod)
{
	AUTO_FREE char *missing = xstrdup("");
	const char *name;
	size_t at = 0;

	while ((name = modinfo_next(mod->info, mod->info_len, "firmware", &at))) {
		char *more;

		if (firmware_take(m, name))
			continue;
		more = xasprintf("%s %s", missing, name);
		free(missing);
		missing = more;
	}
	if (*missing) {
		AUTO_FREE char *shown = name_shown(mod->name, strlen(mod->name)),
			       *files = name_shown(missing, strlen(missing));

		warnx("%s: firmware that is not in the tree:%s", shown, files);
	}
}

static void put(void *context, const char *name, char *bytes, size_t len)
{
	struct modules *m = context;
	AUTO_FREE char *path = xasprintf("%s/%s", m->folder, name);

	objects_put(m->scan->objects, path, 0644, bytes, (uint32_t)len);
}

static void take_all(struct modules *m, const char *version)
{
	static const char *const plain[] = { "modules.builtin", "modules.builtin.modinfo",
					     "modules.order" };
	AUTO_FREE char *top = xasprintf(FOLDER "/%s", version);

	scan_take(m->scan, top, SCAN_NEEDED);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", m->folder, plain[i]);

		scan_take(m->scan, path, SCAN_OPTIONAL);
	}
	for (struct kmod *mod = m->mods.all; mod < m->mods.all + m->mods.count; mod++) {
		AUTO_FREE char *path = NULL;

		if (mod->path)
			path = xasprintf("%s/%s", m->folder, mod->path);
		if (mod->chosen && path)
			scan_take(m->scan, path, SCAN_NEEDED);
		/* Lists may name some, too. */
		mod->present = path && objects_find(m->scan->objects, path);
		if (mod->present)
			module_read(m, mod);
		if (mod->present || (mod->chosen && !mod->path))
			firmware_of(m, mod);
	}
}

void modules_take(struct scan *scan, const struct modules_wish *wish)
{
	AUTO_FREE char *version =
		wish->kernel ? xstrdup(wish->kernel) : kernel_find(scan);
	AUTO_FREE char *path = xasprintf(FOLDER "/%s", version);
	AUTO_FREE char *folder = scan_real(scan, path);
	struct modules m = { .scan = scan, .folder = folder };

	if (!folder || strchr(version, '/'))
		errx(BEE_USAGE, "--kernel: the tree has no /%s", path);
	causes_name(&scan->causes, "-\ta kernel module, or for one", NULL);
	outsider_start(&m.outsider);
	modules_find(&m);
	m.chosen = xcalloc(m.mods.count + 1, sizeof(struct kmod *));
	for (char *const *file = wish->files; file && *file; file++)
		choose_file(&m, *file);
	for (char *const *audit = wish->audits; audit && *audit; audit++)
		choose_audit(&m, *audit);
	choose_needs(&m);
	take_all(&m, version);
	module_index_make(&m.mods, put, &m);
	outsider_end(&m.outsider);
	kmods_done(&m.mods);
	free(m.chosen);
}
