/* What a text shows of such values: by their form, or by the words before them. */
#include "redact.h"

#include "json.h"
#include "redact_draw.h"
#include "redact_known.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 128 /* bytes of a value behind a label */
#define LABEL_MAX 64

static bool is_word(char c)
{
	return isalnum((unsigned char)c);
}

/* `form` at the start of what is left: h is a hexadecimal digit, all else is itself. */
static bool has_form(const char *at, size_t left, const char *form)
{
	size_t len = strlen(form);

	if (left < len || (left > len && is_word(at[len])))
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'h' ? !isxdigit((unsigned char)at[i]) : at[i] != form[i])
			return false;
	return true;
}

/* What is the same everywhere: broadcast, multicast, and the names of EFI's variables. */
static bool is_common(const char *digits)
{
	static const char *const common[] = { "8be4df6193ca11d2aa0d00e098032b8c",
					      "d719b2cb3d3a4596a3bcdad00e67656f",
					      "c12a7328f81f11d2ba4b00a0c93ec93b" };
	const char pair[3] = { digits[0], digits[1], '\0' };
	uint64_t first = 0;

	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (!strcmp(digits, common[i]))
			return true;
	return strlen(digits) == 12 && !parse_hex(pair, 255, &first) && (first & 1);
}

static void learn_form(struct redact *redact, const char *at, size_t len)
{
	char text[VALUE_MAX];
	AUTO_FREE char *digits = NULL;

	(void)snprintf(text, sizeof(text), "%.*s", (int)len, at);
	digits = redact_digits(text);
	if (digits && !is_common(digits))
		redact_learn(redact, text, REDACT_HEX);
}

/* A group more, on either side, makes it something else. */
static bool is_all(const char *bytes, size_t at, size_t len, const char *form)
{
	size_t end = at + strlen(form);
	char between = form[strcspn(form, ":-")];

	return !between ||
	       ((at == 0 || bytes[at - 1] != between) &&
		(end == len || bytes[end] != between ||
		 (end + 1 < len && !isxdigit((unsigned char)bytes[end + 1]))));
}

static const char *const forms[] = {
	"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
	"hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh",
	"hh:hh:hh:hh:hh:hh:hh:hh",
	"hh:hh:hh:hh:hh:hh",
	"hh-hh-hh-hh-hh-hh-hh-hh",
	"hh-hh-hh-hh-hh-hh",
	"hhhh:hhhh:hhhh:hhhh",
	"0x5hhhhhhhhhhhhhhh",
	"0x6hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
	"naa.hhhhhhhhhhhhhhhh",
	"naa.hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
	"eui.hhhhhhhhhhhhhhhh",
	"eui.hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
};

static void find_forms(struct redact *redact, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		if (at > 0 && is_word(bytes[at - 1]))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
			if (!has_form(bytes + at, len - at, forms[i]) ||
			    !is_all(bytes, at, len, forms[i]))
				continue;
			learn_form(redact, bytes + at, strlen(forms[i]));
			break;
		}
		/* The kernel's name for a USB adapter has its address (systemd.net-naming-scheme(7)). */
		if (has_form(bytes + at, len - at, "enxhhhhhhhhhhhh"))
			learn_form(redact, bytes + at + 3, 12);
	}
}

/* Addresses in the kernel's words: "nfs: server 10.0.0.5 not responding". A version is no such thing. */
static void find_addresses(struct redact *redact, const char *line, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		char text[INET6_ADDRSTRLEN] = "";
		unsigned char address[16];
		size_t end = at;

		if (at > 0 && (is_word(line[at - 1]) || strchr(":.", line[at - 1])))
			continue;
		while (end < len &&
		       (isxdigit((unsigned char)line[end]) || strchr(":.", line[end])))
			end++;
		/* The end of a sentence, or a port. */
		while (end > at && strchr(":.", line[end - 1]))
			end--;
		if (end - at < 7 || end - at >= sizeof(text) ||
		    (end < len && is_word(line[end])))
			continue;
		memcpy(text, line + at, end - at);
		if (inet_pton(AF_INET, text, address) == 1
			    ? address[0] != 127 && address[0] != 0
			    : inet_pton(AF_INET6, text, address) == 1)
			redact_learn(redact, text, REDACT_ADDRESS);
	}
}

/* "Serial Number", "serial_number" and "SerialNumber" are one label. */
static bool is_label(const char *at, size_t len)
{
	static const char *const parts[] = {
		"serialn",       "serialno",     "assettag",    "servicetag",
		"hostname",      "nodedesc",     "machineid",   "uniqueid",
		"unitserial",    "boardtracer",  "boardserial", "chassisserial",
		"productserial", "productasset", "baseserial"
	};
	static const char *const whole[] = {
		"sn",           "serial",      "uuid",       "guid",    "wwn",
		"wwid",         "nguid",       "eui64",      "gpuuuid", "nodeguid",
		"sysimageguid", "productuuid", "systemguid", "vpdpg80", "sasaddress",
		"saswwn",       "devserial",   "ptuuid",     "partuuid"
	};
	char label[LABEL_MAX];
	size_t size = 0;

	for (size_t i = 0; i < len && size < sizeof(label) - 1; i++)
		if (isalnum((unsigned char)at[i]))
			label[size++] = (char)tolower((unsigned char)at[i]);
	label[size] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(label, parts[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (!strcmp(label, whole[i]))
			return true;
	return false;
}

static void mark(const char *bytes, size_t at, size_t end, mark_visit *visit, void *with)
{
	while (at < end && strchr(" \t\"'", bytes[at]))
		at++;
	while (end > at && strchr(" \t\"',\r", bytes[end - 1]))
		end--;
	if (end > at && end - at < VALUE_MAX && !strchr("{[", bytes[at]))
		visit(with, at, end - at);
}

/* "key": "value" of JSON, as many as a line has. */
static void mark_json(const char *bytes, size_t at, size_t end, mark_visit *visit,
		      void *with)
{
	while (at < end) {
		const char *open = memchr(bytes + at, '"', end - at), *close, *value;

		if (!open)
			return;
		open++;
		close = memchr(open, '"', end - (size_t)(open - bytes));
		if (!close)
			return;
		at = (size_t)(close + 1 - bytes);
		while (at < end && isblank((unsigned char)bytes[at]))
			at++;
		if (at >= end || bytes[at] != ':' ||
		    !is_label(open, (size_t)(close - open)))
			continue;
		value = bytes + at + 1;
		while (value < bytes + end && isblank((unsigned char)*value))
			value++;
		if (value == bytes + end || *value != '"')
			continue;
		close = memchr(value + 1, '"', end - (size_t)(value + 1 - bytes));
		if (!close)
			return;
		mark(bytes, (size_t)(value + 1 - bytes), (size_t)(close - bytes), visit,
		     with);
		at = (size_t)(close + 1 - bytes);
	}
}

/* "Label: value" and "Label = value". */
static void mark_words(const char *bytes, size_t at, size_t end, mark_visit *visit,
		       void *with)
{
	size_t sign = at;

	while (sign < end && bytes[sign] != ':' && bytes[sign] != '=' &&
	       bytes[sign] != '"')
		sign++;
	if (sign >= end || bytes[sign] == '"')
		return;
	/* In the log "usb 1-1: SerialNumber: 4C53" has its label behind another. */
	if (!is_label(bytes + at, sign - at) && bytes[sign] == ':') {
		mark_words(bytes, sign + 1, end, visit, with);
		return;
	}
	if (is_label(bytes + at, sign - at))
		mark(bytes, sign + 1, end, visit, with);
}

/* bee-read's "v PATH VALUE", with tabs: the label is the file's name. */
static bool mark_read(const char *bytes, size_t at, size_t end, mark_visit *visit,
		      void *with)
{
	const char *path = bytes + at + 2, *tab, *name;

	if (end - at < 4 || bytes[at] != 'v' || bytes[at + 1] != '\t' || *path != '/')
		return false;
	tab = memchr(path, '\t', end - at - 2);
	if (!tab)
		return true;
	name = memrchr(path, '/', (size_t)(tab - path));
	if (is_label(name + 1, (size_t)(tab - name - 1)))
		mark(bytes, (size_t)(tab + 1 - bytes), end, visit, with);
	return true;
}

void marks_visit(const char *bytes, size_t len, mark_visit *visit, void *with)
{
	for (size_t at = 0; at < len;) {
		const char *newline = memchr(bytes + at, '\n', len - at);
		size_t end = newline ? (size_t)(newline - bytes) : len;

		if (!mark_read(bytes, at, end, visit, with)) {
			mark_json(bytes, at, end, visit, with);
			mark_words(bytes, at, end, visit, with);
		}
		at = end + 1;
	}
}

struct learning {
	struct redact *redact;
	const char *bytes;
};

static void learn_mark(void *with, size_t at, size_t len)
{
	const struct learning *learning = with;
	/* Escaped, as the document has it. */
	AUTO_JSON json_t *value = json_text(learning->bytes + at, len, NULL);
	const char *text = json_string_value(value);
	AUTO_FREE char *digits = NULL;

	/* The device mapper's names (multipath, LVM) have a number in them, or none that identifies. */
	if (!strncmp(text, "mpath-", 6))
		text += 6;
	digits = redact_digits(text);
	/* Words are no number: "NO DIMM". An NVMe name has model and serial in it, which are told apart. */
	if (!strpbrk(text, "0123456789") || !strncmp(text, "nvme.", 5) ||
	    strlen(text) >= VALUE_MAX)
		return;
	/* A serial number of digits alone is no WWN: its length would say which of them are a maker's. */
	redact_learn(learning->redact, text,
		     (digits && strpbrk(text, ":-xX.")) || !strncmp(text, "t10.", 4) ||
				     (digits && text != json_string_value(value))
			     ? REDACT_HEX
			     : REDACT_TEXT);
}

/* A line of the kernel's log: "6,1204,412000000,-;text", or "<6>[ 1.0] text" of an earlier start. */
static bool is_log(const char *line, size_t len)
{
	const char *first = memchr(line, ';', len), *comma = memchr(line, ',', len);

	if (len > 0 && isdigit((unsigned char)*line) && first && comma && comma < first)
		return true;
	return memmem(line, len, ">[", 2) != NULL;
}

void redact_find(struct redact *redact, const char *bytes, size_t len)
{
	struct learning learning = { redact, bytes };

	for (size_t at = 0; at < len;) {
		const char *newline = memchr(bytes + at, '\n', len - at);
		size_t end = newline ? (size_t)(newline - bytes) : len, from = at;

		/* A path of sysfs names devices and EFI's variables; what identifies is its value. */
		if (end - at > 3 && bytes[at + 1] == '\t' && bytes[at + 2] == '/') {
			const char *tab = memchr(bytes + at + 2, '\t', end - at - 2);

			from = tab ? (size_t)(tab - bytes) : at;
		}
		find_forms(redact, bytes + from, end - from);
		if (is_log(bytes + at, end - at))
			find_addresses(redact, bytes + at, end - at);
		at = end + 1;
	}
	marks_visit(bytes, len, learn_mark, &learning);
}
