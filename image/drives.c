/* Whether an image drives a machine. */
#include "drives.h"
#include "names.h"
#include "wants.h"

#include <err.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What comes after `folder`, also behind usr/; NULL: it is not below it. */
static const char *below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (!strncmp(path, "usr/", 4))
		path += 4;
	return strncmp(path, folder, len) != 0 ? NULL : path + len;
}

/* The entry's bytes, of malloc, with a NUL behind. A length or reader_data's error. */
static ptrdiff_t read_data(struct reader *r, char **bytes)
{
	size_t room = r->entry.header.size, have = 0;
	const uint8_t *at;
	ptrdiff_t n;

	if (room > MODINFO_FILE)
		return -EFBIG;
	*bytes = calloc(room + 1, 1);
	if (!*bytes)
		return -EFBIG;
	while ((n = reader_data(r, &at)) > 0) {
		memcpy(*bytes + have, at, (size_t)n);
		have += (size_t)n;
	}
	if (n < 0)
		free(*bytes);
	return n < 0 ? n : (ptrdiff_t)have;
}

/* The path below the folder of the kernel that is meant; NULL: it is another one's. */
static const char *of_kernel(struct drives *d, const char *path)
{
	size_t len = strcspn(path, "/");

	if (path[len] != '/')
		return NULL;
	if (d->kernel && (strlen(d->kernel) != len || memcmp(path, d->kernel, len) != 0))
		return NULL;
	if (!d->version)
		d->version = xasprintf("%.*s", (int)len, path);
	if (strlen(d->version) != len || memcmp(path, d->version, len) != 0) {
		d->several = true;
		return NULL;
	}
	return path + len + 1;
}

static ptrdiff_t take_module(struct drives *d, struct reader *r, const char *path)
{
	char *bytes;
	struct kmod *mod;
	size_t count = d->mods.count;
	ptrdiff_t n;

	kmods_add(&d->mods, path, path);
	if (d->mods.count == count)
		return 0;
	n = read_data(r, &bytes);
	if (n < 0)
		return n;
	mod = &d->mods.all[count];
	mod->present = true;
	if (modinfo_read((const uint8_t *)bytes, (size_t)n, &mod->info, &mod->info_len,
			 &d->unpacked)) {
		mod->info = NULL;
		mod->info_len = 0;
	}
	free(bytes);
	d->info_bytes += mod->info_len;
	return 0;
}

static ptrdiff_t take_text(struct reader *r, char **text, size_t *len)
{
	char *bytes = NULL;
	ptrdiff_t n = read_data(r, &bytes);

	if (n < 0)
		return n;
	free(*text);
	*text = bytes;
	*len = (size_t)n;
	return 0;
}

/* Of a name that comes again nothing is kept. */
static void take_firmware(struct drives *d, const char *name)
{
	if (!tfind(name, &d->firmware, compare) &&
	    !tsearch(xstrdup(name), &d->firmware, compare))
		errx(BEE_OSERR, "out of memory");
}

ptrdiff_t drives_entry(struct drives *d, struct reader *r, const char *path)
{
	const char *firmware = below(path, "lib/firmware/");
	const char *module = below(path, "lib/modules/");

	if (firmware)
		take_firmware(d, firmware);
	module = module && S_ISREG(r->entry.header.mode) ? of_kernel(d, module) : NULL;
	if (!module)
		return 0;
	if (kmod_is_file(module))
		return take_module(d, r, module);
	if (!strcmp(module, "modules.builtin"))
		return take_text(r, &d->builtin, &d->builtin_len);
	if (!strcmp(module, "modules.builtin.modinfo"))
		return take_text(r, &d->described, &d->described_len);
	return 0;
}

const char *drives_excess(const struct drives *d)
{
	if (d->unpacked > DRIVES_UNPACKED)
		return "its modules become more than 4 GiB, decompressed";
	return d->info_bytes > DRIVES_INFO
		       ? "its modules say more than 128 MiB of themselves"
		       : NULL;
}

/* In the places where the kernel looks; links count as what they lead to. */
static bool has_firmware(const struct drives *d, const char *name)
{
	static const char *const suffixes[] = { "", ".xz", ".zst" };
	const char *version = d->version ? d->version : "";

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char *places[] = {
			xasprintf("%s%s", name, suffixes[i]),
			xasprintf("updates/%s%s", name, suffixes[i]),
			xasprintf("%s/%s%s", version, name, suffixes[i]),
			xasprintf("updates/%s/%s%s", version, name, suffixes[i]),
		};
		bool found = false;

		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			found |= tfind(places[k], &d->firmware, compare) != NULL;
			free(places[k]);
		}
		if (found)
			return true;
	}
	return false;
}

/* What a module and those it needs lack. */
struct lack {
	const struct drives *d;
	const struct kmod *mods[64]; /* seen; deeper ones are not gone into */
	size_t count;
	char *needed; /* owned; a module that is not there */
	unsigned asked, missing;
	const char *firmware; /* the first that is not there */
	const struct kmod *firmware_of;
};

static void lack_of(struct lack *lack, const struct kmod *mod);

static void lack_need(void *context, const char *name)
{
	struct lack *lack = context;
	const struct kmod *mod = kmods_find(&lack->d->mods, name);

	if (mod)
		lack_of(lack, mod);
	else if (!lack->needed)
		lack->needed = xstrdup(name);
}

static void lack_of(struct lack *lack, const struct kmod *mod)
{
	const char *name;
	size_t at = 0;

	for (size_t i = 0; i < lack->count; i++)
		if (lack->mods[i] == mod)
			return;
	if (lack->count == ARRAY_LEN(lack->mods))
		return;
	lack->mods[lack->count++] = mod;
	while ((name = modinfo_next(mod->info, mod->info_len, "firmware", &at))) {
		lack->asked++;
		if (has_firmware(lack->d, name))
			continue;
		lack->missing++;
		if (!lack->firmware) {
			lack->firmware = name;
			lack->firmware_of = mod;
		}
	}
	kmod_each_need(mod, false, lack_need, lack);
}

static bool works(const struct lack *lack)
{
	return !lack->needed && (lack->missing == 0 || lack->missing < lack->asked);
}

/* What an image says of itself, for a terminal. */
static char *shown(const char *text)
{
	return name_shown(text ? text : "", text ? strlen(text) : 0);
}

static void print_lack(const struct want *want, const struct kmod *mod,
		       const struct lack *lack)
{
	AUTO_FREE char *name = shown(mod->name), *needed = shown(lack->needed),
		       *firmware = shown(lack->firmware),
		       *of = shown(lack->firmware ? lack->firmware_of->name : NULL);

	if (works(lack))
		printf("driven\t%s\t%s%s", want->device, name,
		       mod->path ? "" : ", the kernel's own");
	else
		printf("missing\t%s\t", want->device);
	if (lack->needed)
		printf("%s, which %s needs", needed, name);
	else if (!works(lack))
		printf("firmware of %s: %s%s", of, firmware,
		       lack->missing > 1 ? " or another" : "");
	else if (lack->missing > 0)
		printf(", with %u of %u firmware files", lack->asked - lack->missing,
		       lack->asked);
	(void)putchar('\n');
}

/* Of the modules for a device the first that works; `found` NULL: there was none before. */
struct best {
	const struct kmod *found;
	struct lack lack;
};

static void consider(struct best *best, const struct drives *d, const struct kmod *mod)
{
	struct lack lack = { .d = d };

	if (best->found && works(&best->lack))
		return;
	lack_of(&lack, mod);
	if (best->found && !works(&lack)) {
		free(lack.needed);
		return;
	}
	free(best->lack.needed);
	*best = (struct best){ mod, lack };
}

/* What drove it is considered before others that name it. */
static bool print_want(const struct drives *d, const struct want *want)
{
	const struct kmod *named =
		*want->module ? kmods_find(&d->mods, want->module) : NULL;
	struct best best = { .found = NULL };
	bool driven;

	if (named)
		consider(&best, d, named);
	for (size_t i = 0; *want->modalias && i < d->mods.count; i++)
		if (kmod_takes(&d->mods.all[i], want->modalias))
			consider(&best, d, &d->mods.all[i]);
	if (best.found) {
		driven = works(&best.lack);
		print_lack(want, best.found, &best.lack);
		free(best.lack.needed);
		return driven;
	}
	if (want->needed)
		printf("missing\t%s\t%s\n", want->device,
		       *want->module ? want->module : "a driver");
	else if (want->own)
		printf("driven\t%s\tthe audited kernel's own\n", want->device);
	return !want->needed;
}

bool drives_print(struct drives *d, char *wants)
{
	struct want want;
	bool all = true;

	if (d->builtin)
		kmods_add_builtin(&d->mods, d->builtin, d->builtin_len);
	kmods_sort(&d->mods);
	if (d->described)
		kmods_describe_builtin(&d->mods, d->described, d->described_len);
	while (wants_next(&wants, &want))
		all &= print_want(d, &want);
	return all;
}

void drives_done(struct drives *d)
{
	kmods_done(&d->mods);
	tdestroy(d->firmware, free);
	free(d->version);
	free(d->builtin);
	free(d->described);
}
