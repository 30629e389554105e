/* The lines of the summary about the machine's parts. */
#include "amount.h"
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#define NOT_COLLECTED "not collected"

/* "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz" without what everybody knows. */
static char *short_model(const char *model)
{
	static const char *const noise[] = { "(R)",  "(TM)", "(r)",
					     "(tm)", " CPU", " Processor" };
	char *out = xstrdup(model);

	for (size_t i = 0; i < ARRAY_LEN(noise); i++) {
		char *found;

		while ((found = strstr(out, noise[i])))
			memmove(found, found + strlen(noise[i]),
				strlen(found + strlen(noise[i])) + 1);
	}
	return out;
}

/* Words with commas between, each freed; empty ones are left out. Owned by the caller. */
static char *join(char *words[], unsigned count)
{
	char *line = xstrdup("");

	for (unsigned i = 0; i < count; i++) {
		char *longer =
			*words[i] ? xasprintf("%s%s%s", line, *line ? ", " : "", words[i])
				  : xstrdup(line);

		free(line);
		line = longer;
		free(words[i]);
	}
	return line;
}

/* What there is, and below it the rest: one text where there is little room. Frees both. */
static void put_part(struct writer *w, const char *label, char *what, char *rest)
{
	if (*what && *rest && w->terse) {
		lines_put(w, label, "%s, %s", what, rest);
	} else {
		if (*what)
			lines_put(w, label, "%s", what);
		if (*rest)
			lines_put(w, *what ? "" : label, "%s", rest);
	}
	free(what);
	free(rest);
}

/* "8 cores"; empty for none. */
static char *some(unsigned count, const char *thing)
{
	return count ? xasprintf("%u %s%s", count, thing, lines_plural(count))
		     : xstrdup("");
}

/* SMBIOS before 2.5 tells of neither cores nor threads: the kernel knows. */
static char *cores_of(const struct facts *f)
{
	unsigned empty = f->processor_sockets - f->processors - f->processors_off;
	char *words[4] = {
		some(f->cores ? f->cores : f->cpu_cores, "core"),
		some(f->threads ? f->threads : f->cpu_threads, "thread"),
		f->processors_off ? xasprintf("%u switched off", f->processors_off)
				  : xstrdup(""),
		empty ? xasprintf("%u socket%s empty", empty, lines_plural(empty))
		      : xstrdup(""),
	};

	return join(words, 4);
}

/* Where the firmware lists none, or only what it did not understand. */
static void put_kernel_cpu(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *model =
		short_model(f->cpu_model ? f->cpu_model : "of unknown model");

	put_part(w, "CPU",
		 f->cpu_sockets ? xasprintf("%u x %s", f->cpu_sockets, model)
		 : f->cpu_model ? xstrdup(model)
				: xstrdup(""),
		 cores_of(f));
}

static void put_processors(struct writer *w, const struct facts *f)
{
	const char *name = f->processor_model ? f->processor_model : f->cpu_model;
	AUTO_FREE char *model = short_model(name ? name : "of unknown model");

	/* No record at all: the firmware has no table, and the machine has a processor.
	 */
	if (f->processor_sockets > 0)
		put_part(w, "CPU",
			 xasprintf("%u x %s%s", f->processors, model,
				   f->processors_differ ? ", mixed" : ""),
			 cores_of(f));
	else if (f->cpu_sockets || f->cpu_cores || f->cpu_threads || f->cpu_model)
		put_kernel_cpu(w, f);
	else
		lines_put(w, "CPU",
			  f->has_processors ? "none listed by the firmware"
					    : NOT_COLLECTED);
}

/* What the kernel sees, where the firmware does not tell how much is there. */
static void put_visible(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *visible = amount_binary(f->visible_bytes);

	if (f->visible_bytes > 0)
		lines_put(w, "memory", "%s visible to the kernel", visible);
	else
		lines_put(w, "memory",
			  f->has_memory ? "none listed by the firmware" : NOT_COLLECTED);
}

static char *speed_of(const struct facts *f)
{
	if (f->memory_speed.high == 0)
		return xstrdup("");
	if (f->memory_speed.low == f->memory_speed.high)
		return xasprintf(" %llu MT/s", (unsigned long long)f->memory_speed.high);
	return xasprintf(" %llu-%llu MT/s", (unsigned long long)f->memory_speed.low,
			 (unsigned long long)f->memory_speed.high);
}

static void put_memory(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *total = amount_binary(f->memory_bytes);
	AUTO_FREE char *visible = amount_binary(f->visible_bytes);
	AUTO_FREE char *speed = speed_of(f);
	const char *kind = f->memory_types_differ ? "mixed"
			   : f->memory_type       ? f->memory_type
						  : "";
	unsigned slots = f->modules + f->empty_slots;
	char *words[3], *what;

	if (slots == 0) {
		put_visible(w, f);
		return;
	}
	if (f->memory_bytes > 0)
		what = xasprintf("%s%s%s%s", total, *kind ? " " : "", kind, speed);
	else
		what = xasprintf("%s%sof unknown size%s%s%s", kind, *kind ? ", " : "",
				 f->visible_bytes ? ", " : "",
				 f->visible_bytes ? visible : "",
				 f->visible_bytes ? " visible" : "");
	words[0] = xasprintf("%u module%s", f->modules, lines_plural(f->modules));
	words[1] = f->modules_unsized && f->memory_bytes > 0
			   ? xasprintf("%u of unknown size", f->modules_unsized)
			   : xstrdup("");
	words[2] = xasprintf("%u of %u slots empty", f->empty_slots, slots);
	put_part(w, "memory", what, join(words, 3));
}

static char *drive_health(const struct facts *f)
{
	unsigned silent =
		f->drives - f->drives_ok - f->drives_warning - f->drives_critical;
	const char *word = f->drives_critical > 0 ? "Critical" : "Warning";
	unsigned ill = f->drives_critical > 0 ? f->drives_critical : f->drives_warning;
	char *words[2];

	if (silent == f->drives)
		return xstrdup("health not assessed");
	if (ill > 1)
		words[0] = xasprintf("%u %s (%s +%u)", ill, word, f->worst_drive ?: "?",
				     ill - 1);
	else if (ill == 1)
		words[0] = xasprintf("1 %s (%s)", word, f->worst_drive ?: "?");
	else
		words[0] = xasprintf("%u OK", f->drives_ok);
	words[1] = silent ? xasprintf("%u not assessed", silent) : xstrdup("");
	return join(words, 2);
}

static void put_drives(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *total = amount_decimal(f->drive_bytes);
	char *words[4];

	if (!f->has_drives || (f->drives == 0 && f->drives_unlisted)) {
		lines_put(w, "drives", NOT_COLLECTED);
		return;
	}
	words[0] = f->drives ? xasprintf("%s%u", f->drives_unlisted ? "at least " : "",
					 f->drives)
			     : xstrdup("none");
	words[1] = xstrdup(f->drive_bytes > 0 ? total : "");
	words[2] = f->drives_unsized && f->drive_bytes == 0 ? xstrdup("of unknown size")
		   : f->drives_unsized
			   ? xasprintf("%u of unknown size", f->drives_unsized)
			   : xstrdup("");
	words[3] = f->drives_elsewhere
			   ? xasprintf("and %u not its own", f->drives_elsewhere)
			   : xstrdup("");
	put_part(w, "drives", join(words, 4),
		 f->drives > 0 ? drive_health(f) : xstrdup(""));
}

/* "2 x DMX-1600 1600 W, 1 x DMX-800 800 W". Owned by the caller. */
static char *models_text(const struct models *models, unsigned all)
{
	char *words[MODELS_MAX + 1];
	unsigned told = 0, count = 0;

	for (; count < models->count; count++) {
		const struct model *one = &models->list[count];
		AUTO_FREE char *name =
			short_model(one->name ? one->name : "of unknown model");
		AUTO_FREE char *watts =
			one->watts ? xasprintf(" %llu W", (unsigned long long)one->watts)
				   : xstrdup("");

		words[count] = xasprintf("%u x %s%s", one->count, name, watts);
		told += one->count;
	}
	words[count++] = all > told ? xasprintf("%u others", all - told) : xstrdup("");
	return join(words, count);
}

/* More than one, and not all of them nameless. */
static bool is_mixed(const struct models *models)
{
	bool named = false;

	for (unsigned i = 0; i < models->count; i++)
		named = named || models->list[i].name;
	return named && models->count > 1;
}

static void put_power(struct writer *w, const struct facts *f)
{
	char *words[3];

	if (!f->has_supplies) {
		lines_put(w, "power", NOT_COLLECTED);
		return;
	}
	if (f->supplies == 0 && f->empty_bays == 0) {
		lines_put(w, "power", "supplies not told");
		return;
	}
	words[0] = xasprintf("%u suppl%s", f->supplies, f->supplies == 1 ? "y" : "ies");
	words[1] = f->supply_watts == 0
			   ? xstrdup("")
			   : xasprintf("%llu W%s", (unsigned long long)f->supply_watts,
				       f->supplies_unrated ? "" : " in all");
	words[2] = f->supply_watts > 0 && f->supplies_unrated > 0
			   ? xasprintf("%u of unknown power", f->supplies_unrated)
			   : xstrdup("");
	/* Two of a kind is what is expected; what differs is named. */
	put_part(w, "power", join(words, 3),
		 is_mixed(&f->supply_models) ? models_text(&f->supply_models, f->supplies)
					     : xstrdup(""));
}

void lines_put_parts(struct writer *w, const struct facts *f, bool terse)
{
	w->terse = terse;
	put_processors(w, f);
	put_memory(w, f);
	put_drives(w, f);
	if (!f->has_pcie)
		lines_put(w, "PCIe", NOT_COLLECTED);
	else
		lines_put(w, "PCIe", "%u: %u NIC, %u display, %u storage", f->pcie,
			  f->networks, f->displays, f->storages);
	if (f->gpus > 0) {
		AUTO_FREE char *gpus = models_text(&f->gpu_models, f->gpus);

		lines_put(w, "GPUs", "%s", gpus);
	}
	put_power(w, f);
}
