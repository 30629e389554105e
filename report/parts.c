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

/* Words with commas between; empty ones are left out. */
static void put_list(struct writer *w, const char *label, char *words[], unsigned count)
{
	AUTO_FREE char *line = xstrdup("");

	for (unsigned i = 0; i < count; i++) {
		char *longer =
			*words[i] ? xasprintf("%s%s%s", line, *line ? ", " : "", words[i])
				  : xstrdup(line);

		free(line);
		line = longer;
		free(words[i]);
	}
	if (*line)
		lines_put(w, label, "%s", line);
}

/* "8 cores"; empty for none. */
static char *some(unsigned count, const char *thing)
{
	return count ? xasprintf("%u %s%s", count, thing, lines_plural(count))
		     : xstrdup("");
}

/* SMBIOS before 2.5 tells of neither cores nor threads: the kernel knows. */
static void put_cores(struct writer *w, const char *label, const struct facts *f)
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

	put_list(w, label, words, 4);
}

/* Where the firmware lists none, or only what it did not understand. */
static void put_kernel_cpu(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *model =
		short_model(f->cpu_model ? f->cpu_model : "of unknown model");

	if (f->cpu_sockets)
		lines_put(w, "CPU", "%u x %s", f->cpu_sockets, model);
	else if (f->cpu_model)
		lines_put(w, "CPU", "%s", model);
	put_cores(w, f->cpu_sockets || f->cpu_model ? "" : "CPU", f);
}

static void put_processors(struct writer *w, const struct facts *f)
{
	const char *name = f->processor_model ? f->processor_model : f->cpu_model;
	AUTO_FREE char *model = short_model(name ? name : "of unknown model");

	/* No record at all: the firmware has no table, and the machine has a processor.
	 */
	if (f->processor_sockets > 0) {
		lines_put(w, "CPU", "%u x %s%s", f->processors, model,
			  f->processors_differ ? ", mixed" : "");
		put_cores(w, "", f);
	} else if (f->cpu_sockets || f->cpu_cores || f->cpu_threads || f->cpu_model) {
		put_kernel_cpu(w, f);
	} else {
		lines_put(w, "CPU",
			  f->has_processors ? "none listed by the firmware"
					    : NOT_COLLECTED);
	}
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
	char *words[3];

	if (slots == 0) {
		put_visible(w, f);
		return;
	}
	if (f->memory_bytes > 0)
		lines_put(w, "memory", "%s%s%s%s", total, *kind ? " " : "", kind, speed);
	else
		lines_put(w, "memory", "%s%sof unknown size%s%s%s", kind,
			  *kind ? ", " : "", f->visible_bytes ? ", " : "",
			  f->visible_bytes ? visible : "",
			  f->visible_bytes ? " visible" : "");
	words[0] = xasprintf("%u module%s", f->modules, lines_plural(f->modules));
	words[1] = f->modules_unsized && f->memory_bytes > 0
			   ? xasprintf("%u of unknown size", f->modules_unsized)
			   : xstrdup("");
	words[2] = xasprintf("%u of %u slots empty", f->empty_slots, slots);
	put_list(w, "", words, 3);
}

static void put_drive_health(struct writer *w, const struct facts *f)
{
	unsigned silent =
		f->drives - f->drives_ok - f->drives_warning - f->drives_critical;
	AUTO_FREE char *health = NULL;

	if (f->drives_critical > 0)
		health = xasprintf("%u Critical (%s)", f->drives_critical,
				   f->worst_drive ? f->worst_drive : "?");
	else if (f->drives_warning > 0)
		health = xasprintf("%u Warning (%s)", f->drives_warning,
				   f->worst_drive ? f->worst_drive : "?");
	else
		health = xasprintf("%u OK", f->drives_ok);
	if (silent == f->drives)
		lines_put(w, "", "health not assessed");
	else if (silent > 0)
		lines_put(w, "", "%s, %u not assessed", health, silent);
	else
		lines_put(w, "", "%s", health);
}

static void put_drives(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *total = amount_decimal(f->drive_bytes);
	char *words[4];

	if (!f->has_drives) {
		lines_put(w, "drives", NOT_COLLECTED);
		return;
	}
	words[0] = f->drives ? xasprintf("%u", f->drives) : xstrdup("none");
	words[1] = xstrdup(f->drive_bytes > 0 ? total : "");
	words[2] = f->drives_unsized && f->drive_bytes == 0 ? xstrdup("of unknown size")
		   : f->drives_unsized
			   ? xasprintf("%u of unknown size", f->drives_unsized)
			   : xstrdup("");
	words[3] = f->drives_elsewhere
			   ? xasprintf("and %u not its own", f->drives_elsewhere)
			   : xstrdup("");
	put_list(w, "drives", words, 4);
	if (f->drives > 0)
		put_drive_health(w, f);
}

static void put_gpus(struct writer *w, const struct facts *f)
{
	char *words[GPU_MODELS_MAX + 1];
	unsigned told = 0, count = 0;

	for (; count < f->gpu_model_count; count++) {
		const struct gpu_model *one = &f->gpu_models[count];
		AUTO_FREE char *model =
			short_model(one->name ? one->name : "of unknown model");

		words[count] = xasprintf("%u x %s", one->count, model);
		told += one->count;
	}
	words[count++] =
		f->gpus > told ? xasprintf("%u others", f->gpus - told) : xstrdup("");
	put_list(w, "GPUs", words, count);
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
	put_list(w, "power", words, 3);
}

static void put_devices(struct writer *w, const struct facts *f)
{
	if (!f->has_pcie)
		lines_put(w, "PCIe", NOT_COLLECTED);
	else
		lines_put(w, "PCIe", "%u: %u NIC, %u display, %u storage", f->pcie,
			  f->networks, f->displays, f->storages);
	if (f->gpus > 0)
		put_gpus(w, f);
	put_power(w, f);
}

void lines_put_parts(struct writer *w, const struct facts *f)
{
	put_processors(w, f);
	put_memory(w, f);
	put_drives(w, f);
	put_devices(w, f);
}
