/* The lines of the summary: machine, parts, what could not be learned, where the document
 * is. */
#include "summary.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 8 /* "serial  " */
#define NOTE_LINES_MAX 6

struct writer {
	struct summary *summary;
	const struct summary_options *options;
	unsigned limit; /* lines it may have by now */
};

PRINTF_LIKE(3, 4)
static void put(struct writer *w, const char *label, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	struct line *line;
	va_list args;

	if (w->summary->count >= w->limit)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	line = &w->summary->lines[w->summary->count++];
	*line = (struct line){ .len = 0 };
	if (label) {
		line_add(line, label, LABEL_COLUMNS - 1, false);
		line_pad(line, LABEL_COLUMNS);
	}
	line_add(line, text ? text : "out of memory", w->options->width,
		 w->options->utf8);
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

/* Three digits are enough on one screen: "768 GiB", "1.5 TiB", "61.4 TB". */
static char *amount(uint64_t bytes, unsigned base, const char *const units[])
{
	unsigned unit = 0;
	uint64_t scale = 1;

	while (units[unit + 1] && bytes / scale >= base) {
		scale *= base;
		unit++;
	}
	/* An even number of GiB up to 10,000 reads better than 1.5 TiB, as on the
	 * modules. */
	if (base == 1024 && unit == 4 && bytes % (scale / base) == 0 &&
	    bytes / scale < 10) {
		scale /= base;
		unit--;
	}
	if (bytes / scale >= 100 || bytes % scale == 0 || unit == 0)
		return xasprintf("%llu %s", (unsigned long long)(bytes / scale),
				 units[unit]);
	return xasprintf("%llu.%llu %s", (unsigned long long)(bytes / scale),
			 (unsigned long long)(bytes % scale * 10 / scale), units[unit]);
}

static char *binary(uint64_t bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB", NULL };

	return amount(bytes, 1024, units);
}

static char *decimal(uint64_t bytes)
{
	static const char *const units[] = {
		"B", "kB", "MB", "GB", "TB", "PB", "EB", NULL
	};

	return amount(bytes, 1000, units);
}

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

/* What to look at, and how much more there is to read. */
static void put_health(struct writer *w, const struct facts *f)
{
	const char *health = f->health ? f->health : "Unknown";
	AUTO_FREE char *critical = xasprintf("%u Critical", f->criticals);
	AUTO_FREE char *warning = xasprintf("%u Warning", f->warnings);
	AUTO_FREE char *notes = xasprintf("%u note%s", f->notes, plural(f->notes));
	const char *parts[3];
	unsigned count = 0;

	if (f->criticals > 0)
		parts[count++] = critical;
	if (f->warnings > 0)
		parts[count++] = warning;
	if (f->notes > 0)
		parts[count++] = notes;
	put(w, "health", "%s%s%s%s%s%s%s", health, count > 0 ? ": " : "",
	    count > 0 ? parts[0] : "", count > 1 ? ", " : "", count > 1 ? parts[1] : "",
	    count > 2 ? ", " : "", count > 2 ? parts[2] : "");
}

static void put_machine(struct writer *w, const struct facts *f)
{
	if (f->manufacturer || f->model)
		put(w, NULL, "%s%s%s", f->manufacturer ? f->manufacturer : "",
		    f->manufacturer && f->model ? " " : "", f->model ? f->model : "");
	else
		put(w, NULL, "machine of unknown make");
	put(w, "serial", "%s", f->serial ? f->serial : "unknown");
	put_health(w, f);
}

/* SMBIOS before 2.5 tells of neither cores nor threads: nothing is said of them then. */
static void put_cores(struct writer *w, const struct facts *f)
{
	unsigned empty = f->processor_sockets - f->processors;
	AUTO_FREE char *cores = f->cores ? xasprintf("%u cores", f->cores) : xstrdup("");
	AUTO_FREE char *threads =
		f->threads ? xasprintf("%s%u threads", f->cores ? ", " : "", f->threads)
			   : xstrdup("");
	AUTO_FREE char *sockets = empty ? xasprintf("%s%u socket%s empty",
						    f->cores || f->threads ? ", " : "",
						    empty, plural(empty))
					: xstrdup("");

	if (*cores || *threads || *sockets)
		put(w, "", "%s%s%s", cores, threads, sockets);
}

static void put_processors(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *model = NULL;

	if (!f->has_processors) {
		put(w, "CPU", "not collected");
		return;
	}
	/* No record at all: the firmware has no table, and the machine has a processor.
	 */
	if (f->processor_sockets == 0) {
		put(w, "CPU", "none listed by the firmware");
		return;
	}
	model = short_model(f->processor_model ? f->processor_model : "of unknown model");
	put(w, "CPU", "%u x %s%s", f->processors, model,
	    f->processors_differ ? ", mixed" : "");
	put_cores(w, f);
}

static void put_memory(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *total = binary(f->memory_bytes);
	AUTO_FREE char *speed = NULL;
	unsigned slots = f->modules + f->empty_slots;

	if (!f->has_memory) {
		put(w, "memory", "not collected");
		return;
	}
	if (slots == 0) {
		put(w, "memory", "none listed by the firmware");
		return;
	}
	if (f->memory_speed.high == 0)
		speed = xstrdup("");
	else if (f->memory_speed.low == f->memory_speed.high)
		speed = xasprintf(" %llu MT/s", (unsigned long long)f->memory_speed.high);
	else
		speed = xasprintf(" %llu-%llu MT/s",
				  (unsigned long long)f->memory_speed.low,
				  (unsigned long long)f->memory_speed.high);
	put(w, "memory", "%s %s%s", total,
	    f->memory_types_differ ? "mixed"
	    : f->memory_type       ? f->memory_type
				   : "",
	    speed);
	put(w, "", "%u module%s, %u of %u slots empty", f->modules, plural(f->modules),
	    f->empty_slots, slots);
}

static void put_drives(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *total = decimal(f->drive_bytes);
	unsigned silent =
		f->drives - f->drives_ok - f->drives_warning - f->drives_critical;
	AUTO_FREE char *health = NULL;

	if (!f->has_drives) {
		put(w, "drives", "not collected");
		return;
	}
	if (f->drives == 0) {
		put(w, "drives", "none");
		return;
	}
	if (f->drives_unsized > 0)
		put(w, "drives", "%u, %s, %u of unknown size", f->drives, total,
		    f->drives_unsized);
	else
		put(w, "drives", "%u, %s", f->drives, total);
	if (f->drives_critical > 0)
		health = xasprintf("%u Critical (%s)", f->drives_critical,
				   f->worst_drive ? f->worst_drive : "?");
	else if (f->drives_warning > 0)
		health = xasprintf("%u Warning (%s)", f->drives_warning,
				   f->worst_drive ? f->worst_drive : "?");
	else
		health = xasprintf("%u OK", f->drives_ok);
	if (silent == f->drives)
		put(w, "", "health not assessed");
	else if (silent > 0)
		put(w, "", "%s, %u not assessed", health, silent);
	else
		put(w, "", "%s", health);
}

static void put_devices(struct writer *w, const struct facts *f)
{
	if (!f->has_pcie)
		put(w, "PCIe", "not collected");
	else
		put(w, "PCIe", "%u: %u NIC, %u display, %u storage", f->pcie, f->networks,
		    f->displays, f->storages);
	if (f->gpus > 0) {
		AUTO_FREE char *model = short_model(f->gpu_model ? f->gpu_model : "GPU");

		put(w, "GPUs", "%u x %s", f->gpus, model);
	}
	if (!f->has_supplies)
		put(w, "power", "not collected");
	else if (f->supplies == 0 && f->empty_bays == 0)
		put(w, "power", "no supply is listed");
	else if (f->supply_watts > 0)
		put(w, "power", "%u suppl%s, %llu W in all", f->supplies,
		    f->supplies == 1 ? "y" : "ies", (unsigned long long)f->supply_watts);
	else
		put(w, "power", "%u suppl%s", f->supplies,
		    f->supplies == 1 ? "y" : "ies");
}

/* What a stuck job hangs in says more than that it is stuck. */
static const char *hangs_in(const json_t *job)
{
	const json_t *first = json_array_get(json_object_get(job, "stuck"), 0);
	const char *wchan = json_string_value(json_object_get(first, "wchan"));

	return wchan && *wchan ? wchan : NULL;
}

static void put_job(struct writer *w, const json_t *job)
{
	const char *name = json_string_value(json_object_get(job, "job"));
	const char *status = json_string_value(json_object_get(job, "status"));
	const char *reason = json_string_value(json_object_get(job, "reason"));
	const char *wchan = hangs_in(job);

	put(w, NULL, " %s %s%s%s%s%s", name ? name : "?", status ? status : "?",
	    wchan ? " in " : "", wchan ? wchan : "", reason ? ": " : "",
	    reason ? reason : "");
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "sdc", "0000:3b:00.0" and "eth0" speak for themselves, a handle of SMBIOS does not. */
static void put_finding(struct writer *w, const json_t *finding, unsigned others)
{
	AUTO_FREE char *more = others ? xasprintf(" +%u", others) : xstrdup("");
	static const char *const plain[] = { "storage.drives", "pcie.devices", "gpus",
					     "network.interfaces" };
	const json_t *component = json_object_get(finding, "component");
	const char *type = text_of(component, "type"), *key = text_of(component, "key");

	/* A sensor's message begins with its name. */
	if (!strcmp(type, "sensors")) {
		put(w, NULL, " %s%s", text_of(finding, "message"), more);
		return;
	}
	for (size_t i = 0; *key && i < ARRAY_LEN(plain); i++)
		if (!strcmp(type, plain[i]))
			type = "";
	put(w, NULL, " %s%s%s%s: %s", type, *type && *key ? " " : "", key, more,
	    text_of(finding, "message"));
}

static bool is_worth_a_line(const json_t *finding)
{
	return *text_of(finding, "severity") &&
	       strcmp(text_of(finding, "severity"), "OK") != 0;
}

struct group { /* of one rule, for want of room: forty sick drives hide no lost GPU */
	const json_t *first;
	unsigned count;
};

/* The worst stand first in the document; what is beyond `size` groups is not counted. */
static unsigned group_findings(const json_t *findings, struct group *groups,
			       unsigned size, bool alike)
{
	unsigned count = 0, at;
	size_t i;
	json_t *finding;

	json_array_foreach(findings, i, finding)
	{
		if (!is_worth_a_line(finding))
			continue;
		for (at = 0; at < count; at++)
			if (alike && *text_of(finding, "id") &&
			    !strcmp(text_of(groups[at].first, "id"),
				    text_of(finding, "id")))
				break;
		if (at == size)
			continue;
		if (at == count)
			groups[count++] = (struct group){ finding, 0 };
		groups[at].count++;
	}
	return count;
}

static void put_findings(struct writer *w, const json_t *findings, unsigned wanted,
			 unsigned room)
{
	struct group groups[SUMMARY_LINES_MAX];
	unsigned count, shown = 0;

	if (wanted == 0 || room < 2)
		return;
	put(w, NULL, "found:");
	room--;
	count = group_findings(findings, groups, ARRAY_LEN(groups), wanted > room);
	for (unsigned at = 0; at < count; at++) {
		if (at + (count > room) == room) {
			put(w, NULL, " +%u more", wanted - shown);
			return;
		}
		put_finding(w, groups[at].first, groups[at].count - 1);
		shown += groups[at].count;
	}
}

/* The worst first: what comes after them may be left out. NULL: any status not named
 * here. */
static const char *const by_weight[] = { "stuck",   "crashed", "timeout",    "failed",
					 "denied",  "setup",   NULL,         "truncated",
					 "partial", "skipped", "unavailable" };

static size_t weight(const json_t *job)
{
	const char *status = json_string_value(json_object_get(job, "status"));
	size_t other = 0;

	for (size_t i = 0; i < ARRAY_LEN(by_weight); i++) {
		if (!by_weight[i])
			other = i;
		else if (status && !strcmp(status, by_weight[i]))
			return i;
	}
	return status && !facts_incomplete(status) ? ARRAY_LEN(by_weight) : other;
}

/* One line per job that could not tell, as many as there is room for; then "+N more". */
static void put_jobs(struct writer *w, const struct facts *f, const json_t *jobs,
		     unsigned room)
{
	unsigned wanted = f->incomplete + f->unavailable, shown = 0;

	if (wanted == 0 || room < 2)
		return;
	put(w, NULL, "not learned:");
	room--;
	for (size_t turn = 0; turn < ARRAY_LEN(by_weight); turn++) {
		size_t i;
		json_t *job;

		json_array_foreach(jobs, i, job)
		{
			if (weight(job) != turn)
				continue;
			if (shown + (wanted > room) == room) {
				put(w, NULL, " +%u more", wanted - shown);
				return;
			}
			put_job(w, job);
			shown++;
		}
	}
}

/* Findings and jobs share the lines that are left: half each, or what the other leaves.
 */
static void put_trouble(struct writer *w, const struct facts *f, const json_t *document)
{
	const json_t *findings = json_object_get(document, "findings");
	unsigned jobs = f->incomplete + f->unavailable, wanted = 0;
	unsigned room = w->limit - w->summary->count, for_findings = room;
	size_t i;
	json_t *finding;

	json_array_foreach(findings, i, finding) wanted += is_worth_a_line(finding);
	if (jobs > 0)
		for_findings = room > jobs + 1 && room - (jobs + 1) > room / 2
				       ? room - (jobs + 1)
				       : room / 2;
	put_findings(w, findings, wanted, for_findings);
	put_jobs(w, f, json_object_get(document, "collectors"),
		 w->limit - w->summary->count);
}

/* It says how to get in: what a line cannot hold goes on. */
static unsigned put_note(struct writer *w)
{
	const char *rest = w->options->note ? w->options->note : "";
	unsigned count = 0;

	for (; *rest && count < NOTE_LINES_MAX; count++) {
		size_t len = count + 1 < NOTE_LINES_MAX
				     ? text_fold(rest, w->options->width)
				     : strlen(rest);

		put(w, NULL, "%.*s", (int)len, rest);
		rest += len;
		rest += strspn(rest, " ");
	}
	return count;
}

static void put_ending(struct writer *w, const struct facts *f)
{
	const struct summary_options *o = w->options;
	unsigned long long tenths = (unsigned long long)f->duration_ms / 100;

	if (f->interrupted)
		put(w, "audit", "interrupted by %s after %llu.%llu s", f->interrupted,
		    tenths / 10, tenths % 10);
	else if (f->complete)
		put(w, "audit", "complete, %u jobs in %llu.%llu s", f->jobs, tenths / 10,
		    tenths % 10);
	else
		put(w, "audit", "incomplete: %u of %u jobs, %llu.%llu s", f->incomplete,
		    f->jobs, tenths / 10, tenths % 10);
	if (o->path)
		put(w, "file", "%s", o->path);
	put(w, "sha256", "%.16s", o->digest);
	put_note(w);
}

void summary_build(struct summary *summary, const struct facts *facts,
		   const json_t *document, const struct summary_options *options)
{
	/* The first call puts nothing: there is no room yet. */
	struct writer w = { summary, options, 0 };
	unsigned ending = 2u + (options->path ? 1 : 0) + put_note(&w);
	unsigned height =
		options->height < SUMMARY_LINES_MAX ? options->height : SUMMARY_LINES_MAX;

	if (height < ending)
		height = ending;
	summary->count = 0;
	w.limit = height - ending;
	put_machine(&w, facts);
	put_processors(&w, facts);
	put_memory(&w, facts);
	put_drives(&w, facts);
	put_devices(&w, facts);
	put_trouble(&w, facts, document);
	w.limit = height;
	put_ending(&w, facts);
}
