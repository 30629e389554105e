/*
 * Specs of other programs, in our words. NHC's: LBNL Node Health Check, README, "check_hw_cpuinfo" and
 * its like; azurehpc-health-checks adds checks of its own. gcm's: facebookresearch/gcm, the manifest
 * that check-pci, check-blockdev, check-ethlink and check-iblink read.
 */
#include "document.h"
#include "json.h"
#include "kinds.h"
#include "spec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 16 /* of one check */
#define PERCENT_MOST 100

struct writing {
	FILE *to;          /* our lines */
	json_t *unchecked; /* of texts, borrowed */
};

/* As a document has it. */
static void not_checked(const struct writing *w, const char *text)
{
	json_push(w->unchecked, json_text(text, strlen(text), NULL));
}

static void put_name(const struct writing *w, const char *before, const char *name)
{
	AUTO_FREE char *quoted = spec_quoted(name);

	(void)fprintf(w->to, "%s%s", before, quoted);
}

/* -- NHC -- */

struct check {
	char *words[WORDS_MAX]; /* borrowed; the first is its name */
	size_t count;
};

static const char *argument(const struct check *check, size_t number)
{
	return number < check->count ? check->words[number] : NULL;
}

/* "1915071MB", "5%": of 1024s, kB where nothing is said (nhc_common_parse_size). */
static bool take_size(const char *text, uint64_t *bytes)
{
	static const char letters[] = "kmgtpe";
	size_t digits = text ? strspn(text, "0123456789") : 0;
	AUTO_FREE char *number = xasprintf("%.*s", (int)digits, text ?: "");
	const char *end = text ? text + digits : "", *letter;

	if (digits == 0 || parse_u64(number, UINT64_MAX, bytes))
		return false;
	letter = *end ? strchr(letters, tolower((unsigned char)*end)) : letters;
	if (!letter || (*end && end[1] && strcasecmp(end + 1, "b") != 0))
		return false;
	for (const char *at = letters; at <= letter; at++)
		if (__builtin_mul_overflow(*bytes, 1024, bytes))
			return false;
	return true;
}

/* How far off it may be: of `bytes`, or bytes itself. */
static uint64_t take_fudge(const char *text, uint64_t bytes)
{
	size_t digits = text ? strspn(text, "0123456789") : 0;
	AUTO_FREE char *number = xasprintf("%.*s", (int)digits, text ?: "");
	uint64_t value = 0;

	if (digits > 0 && text[digits] == '%' && !parse_u64(number, PERCENT_MOST, &value))
		return bytes / 100 * value;
	return take_size(text, &value) ? value : 0;
}

static bool check_cpuinfo(const struct writing *w, const struct check *check)
{
	static const char *const words[] = { "sockets", "cores", "threads" };
	const char *before = "kernel";
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		/* 0 is any. */
		if (!argument(check, i + 1) ||
		    parse_u64(argument(check, i + 1), 1000000, &value) || value == 0)
			continue;
		(void)fprintf(w->to, "%s %s %llu", before, words[i],
			      (unsigned long long)value);
		before = ",";
	}
	return *before == ',';
}

static bool check_physmem(const struct writing *w, const struct check *check)
{
	const char *fudge = argument(check, 3);
	uint64_t low = 0, high = 0;
	bool has_low = take_size(argument(check, 1), &low);
	bool has_high = take_size(argument(check, 2), &high) && high > 0;

	if (!has_low && !has_high)
		return false;
	low -= has_low && take_fudge(fudge, low) < low ? take_fudge(fudge, low) : low;
	if (__builtin_add_overflow(high, take_fudge(fudge, high), &high))
		high = UINT64_MAX;
	(void)fprintf(w->to, "kernel memory >= %llu", (unsigned long long)low);
	if (has_high)
		(void)fprintf(w->to, ", memory <= %llu", (unsigned long long)high);
	return true;
}

/* RATE [DEVICE[:PORT]]: a port that is active, and as fast. */
static bool check_ib(const struct writing *w, const struct check *check)
{
	const char *device = argument(check, 2);
	uint64_t rate;

	if (!argument(check, 1) || parse_u64(argument(check, 1), 1000000, &rate))
		return false;
	if (device) {
		AUTO_FREE char *port =
			xasprintf("%s%s", device, strchr(device, ':') ? "" : ":1");

		put_name(w, "infiniband 1 at ", port);
	} else {
		(void)fputs("infiniband >= 1", w->to);
	}
	(void)fprintf(w->to, " speed %llu, state ACTIVE", (unsigned long long)rate);
	return true;
}

/* What an operating system makes is no hardware. */
static bool check_eth(const struct writing *w, const struct check *check)
{
	static const char *const made[] = {
		"lo", "docker", "bond", "br", "virbr", "veth"
	};
	const char *name = argument(check, 1);

	for (size_t i = 0; name && i < ARRAY_LEN(made); i++) {
		size_t len = strlen(made[i]);

		if (!strncmp(name, made[i], len) &&
		    !name[len + strspn(name + len, "0123456789")])
			return false;
	}
	if (name)
		put_name(w, "network 1 at ", name);
	return name;
}

static bool check_number(const struct writing *w, const struct check *check,
			 const char *before, const char *after)
{
	uint64_t count;

	if (!argument(check, 1) || parse_u64(argument(check, 1), 1000000, &count))
		return false;
	(void)fprintf(w->to, "%s%llu%s", before, (unsigned long long)count, after);
	return true;
}

static bool check_gpus(const struct writing *w, const struct check *check)
{
	return check_number(w, check, "gpus ", "");
}

static bool check_nvme(const struct writing *w, const struct check *check)
{
	return check_number(w, check, "drives ", " bus NVMe");
}

static const struct {
	const char *name;
	bool (*put)(const struct writing *w, const struct check *check);
} checks[] = {
	{ "check_hw_cpuinfo", check_cpuinfo }, { "check_hw_physmem", check_physmem },
	{ "check_hw_ib", check_ib },           { "check_hw_eth", check_eth },
	{ "check_gpu_count", check_gpus },     { "check_nvme_count", check_nvme },
};

static bool put_check(const struct writing *w, const struct check *check)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (check->count > 0 && !strcmp(checks[i].name, check->words[0]))
			return checks[i].put(w, check);
	return false;
}

/* HOSTMASK || CHECK ARGUMENT...; whose names are asked for nobody knows, so '*' it is. */
static void nhc_line(const struct writing *w, char *line)
{
	char *bars, *save, *word, *host;
	struct check check = { .count = 0 };
	AUTO_FREE char *whole = NULL;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return;
	bars = strstr(line, "||");
	if (!bars) {
		not_checked(w, line);
		return;
	}
	*bars = '\0';
	host = strtok_r(line, " \t", &save);
	whole = xstrdup(bars + 2 + strspn(bars + 2, " \t"));
	for (word = strtok_r(bars + 2, " \t\"'", &save);
	     word && *word != '#' && check.count < WORDS_MAX;
	     word = strtok_r(NULL, " \t\"'", &save))
		check.words[check.count++] = word;
	if (host && !strcmp(host, "*") && put_check(w, &check))
		return;
	not_checked(w, whole);
}

/* Line by line, so that a line's number is that of theirs. */
static void nhc(const struct writing *w, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = xasprintf("%.*s", (int)len, text);

		line[strcspn(line, "\r")] = '\0';
		nhc_line(w, line);
		(void)fputs("\n", w->to);
		text += len + (text[len] == '\n');
	}
	(void)fputs("others allowed\n", w->to);
}

/* "||" that is in no comment: of ours only a quote can hold it. */
static bool is_nhc(const char *text)
{
	for (; *text; text += *text == '\n') {
		size_t len = strcspn(text, "#\"\n"); /* a quote is ours */
		const char *bars = strstr(text, "||");

		if (bars && bars < text + len)
			return true;
		text += strcspn(text, "\n");
	}
	return false;
}

/* -- gcm -- */

/* The numbers that some texts begin with, "16.0 GT/s PCIe": "16.0|32.0". Owned, NULL: none. */
static char *either_number(const json_t *list)
{
	char *out = NULL;
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *text = json_string_value(entry) ?: "";
		char *longer;

		if (!isdigit((unsigned char)*text))
			continue;
		longer = xasprintf("%s%s%.*s", out ?: "", out ? "|" : "",
				   (int)strspn(text, "0123456789."), text);
		free(out);
		out = longer;
	}
	return out;
}

static void gcm_pci(const struct writing *w, const char *key, const json_t *device)
{
	json_int_t lanes = json_integer_value(json_object_get(device, "link_width"));
	AUTO_FREE char *speeds = either_number(json_object_get(device, "link_speed"));

	put_name(w, "pcie 1 at ", key);
	if (lanes > 0)
		(void)fprintf(w->to, " lanes %lld", (long long)lanes);
	if (speeds)
		(void)fprintf(w->to, " speed %s", speeds);
	(void)fputs("\n", w->to);
}

/* A namespace, "nvme0n1", is the drive "nvme0" here. */
static void gcm_disk(const struct writing *w, const char *key, const json_t *disk)
{
	const char *name = record_text(disk, "blockdev");
	json_int_t size = json_integer_value(json_object_get(disk, "size"));
	AUTO_FREE char *drive = NULL;
	size_t len;

	if (!name) {
		not_checked(w, key);
		return;
	}
	len = strlen(name);
	if (!strncmp(name, "nvme", 4)) {
		size_t number = 4 + strspn(name + 4, "0123456789");

		if (name[number] == 'n')
			len = number;
	}
	drive = xasprintf("%.*s", (int)len, name);
	put_name(w, "drives 1 at ", drive);
	if (size > 0)
		(void)fprintf(w->to, " size >= %lld", (long long)size);
	(void)fputs("\n", w->to);
}

/* mtu and flags are an operating system's; a bond is no card. */
static void gcm_eth(const struct writing *w, const char *key, const json_t *device)
{
	const char *name = record_text(device, "netdev");
	json_int_t speed = json_integer_value(json_object_get(device, "speed"));

	if (!name || !json_is_true(json_object_get(device, "phys"))) {
		not_checked(w, key);
		return;
	}
	put_name(w, "network 1 at ", name);
	(void)fputs(" link LinkUp", w->to);
	if (speed > 0)
		(void)fprintf(w->to, " speed %.6g", (double)speed / 1000);
	(void)fputs("\n", w->to);
}

static char *either_text(const json_t *list)
{
	char *out = NULL;
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *text = json_string_value(entry);
		char *longer;

		if (!text || !*text)
			continue;
		longer = xasprintf("%s%s%s", out ?: "", out ? "|" : "", text);
		free(out);
		out = longer;
	}
	return out;
}

static void gcm_ib(const struct writing *w, const json_t *ib)
{
	const char *rate = record_text(ib, "link_rate") ?: "";
	AUTO_FREE char *firmware = either_text(json_object_get(ib, "firmware_version"));
	const char *key;
	json_t *interface;

	json_object_foreach(json_object_get(ib, "interfaces"), key, interface)
	{
		const char *adapter = record_text(interface, "mlx");
		AUTO_FREE char *port = xasprintf("%s:1", adapter ?: "");

		if (!adapter) {
			not_checked(w, key);
			continue;
		}
		put_name(w, "infiniband 1 at ", port);
		(void)fputs(" layer InfiniBand, state ACTIVE", w->to);
		if (isdigit((unsigned char)*rate))
			(void)fprintf(w->to, ", speed %.*s",
				      (int)strspn(rate, "0123456789."), rate);
		if (firmware)
			put_name(w, ", firmware ", firmware);
		(void)fputs("\n", w->to);
	}
}

static const struct {
	const char *key;
	void (*put)(const struct writing *w, const char *key, const json_t *entry);
} lists[] = { { "pci", gcm_pci }, { "disks", gcm_disk }, { "eth", gcm_eth } };

static void gcm_list(const struct writing *w, const char *key, const json_t *value)
{
	const char *name;
	json_t *entry;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strcmp(lists[i].key, key) != 0 || !json_is_object(value))
			continue;
		json_object_foreach((json_t *)(uintptr_t)value, name, entry)
		{
			if (json_is_object(entry))
				lists[i].put(w, name, entry);
			else
				not_checked(w, name);
		}
		return;
	}
	if (!strcmp(key, "ib") && json_is_object(value))
		gcm_ib(w, value);
	else
		not_checked(w, key);
}

static void gcm(const struct writing *w, const char *text, char **error)
{
	char reason[160] = "";
	AUTO_JSON json_t *manifest =
		document_json(text, strlen(text), reason, sizeof(reason));
	const char *key;
	json_t *value;

	if (!json_is_object(manifest)) {
		*error = xasprintf("1: a machine manifest is JSON: %s", reason);
		return;
	}
	if (json_object_get(manifest, "schema_version")) {
		*error = xstrdup("1: this is a document; bee expect makes a spec of it");
		return;
	}
	if (!json_object_get(manifest, "pci") && !json_object_get(manifest, "disks") &&
	    !json_object_get(manifest, "eth") && !json_object_get(manifest, "ib")) {
		*error = xstrdup("1: a machine manifest has pci, disks, eth or ib");
		return;
	}
	json_object_foreach(manifest, key, value)
	{
		gcm_list(w, key, value);
	}
	(void)fputs("others allowed\n", w->to);
}

char *spec_foreign(const char *text, json_t *unchecked, char **error)
{
	bool json = text[strspn(text, " \t\r\n")] == '{';
	char *ours = NULL;
	size_t len = 0;
	struct writing w = { NULL, unchecked };

	if (!json && !is_nhc(text))
		return NULL;
	w.to = open_memstream(&ours, &len);
	if (!w.to)
		return NULL;
	if (json)
		gcm(&w, text, error);
	else
		nhc(&w, text);
	if (fclose(w.to))
		*error = xstrdup("1: out of memory");
	return ours;
}
