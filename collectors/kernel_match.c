/* Messages of the kernel against the tables of patterns. */
#include "kernel.h"

#include <string.h>

#define STEPS_MAX                                                                        \
	50000u /* of one message against all formats: what a hostile text may cost */
#define NAME_MAX_LEN 128u

const char *const kernel_severity_names[] = { "OK", "Warning", "Critical" };

const struct kernel_pattern *const kernel_tables[] = {
	kernel_storage, kernel_files,   kernel_pcie, kernel_gpu,
	kernel_network, kernel_machine, NULL,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-' || c == '.' || c == '!' || c == '@';
}

static bool is_word(char c)
{
	return c != ' ' && c != ':' && c != ')' && c != '\t';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of what the characters of a kind come to at the front. */
static size_t run_of(struct span text, bool (*is)(char))
{
	size_t len = 0;

	while (len < text.len && is(text.at[len]))
		len++;
	return len;
}

static size_t hex_of(struct span text)
{
	size_t skip = text_starts(text, "0x") ? 2 : 0;
	size_t len = run_of((struct span){ text.at + skip, text.len - skip }, is_hex);

	return len ? skip + len : 0;
}

/* Numbers with separators between: "0:0:12:0" is n:n:n:n. */
static size_t numbers_of(struct span text, const char *form, bool (*is)(char))
{
	size_t at = 0;

	for (; *form; form++) {
		struct span rest = { text.at + at, text.len - at };
		size_t len = *form == 'n' ? run_of(rest, is) : 1;

		if (len == 0 || (*form != 'n' && (!rest.len || *rest.at != *form)))
			return 0;
		at += len;
	}
	return at;
}

/* With and without domain and function: DMAR and NVIDIA leave out one of them each. */
static size_t pci_of(struct span text)
{
	static const char *const forms[] = { "n:n:n.n", "n:n:n", "n:n.n", "0xn:0xn.n" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t len = numbers_of(text, forms[i], is_hex);

		if (len)
			return len;
	}
	return 0;
}

static size_t ata_of(struct span text)
{
	size_t len = text_starts(text, "ata") ? 3 : 0, digits;

	if (!len)
		return 0;
	digits = run_of((struct span){ text.at + len, text.len - len }, is_digit);
	if (!digits)
		return 0;
	len += digits;
	if (len < text.len && text.at[len] == '.')
		len += 1 + run_of((struct span){ text.at + len + 1, text.len - len - 1 },
				  is_digit);
	return len;
}

static size_t disk_of(struct span text)
{
	size_t len = text_starts(text, "/dev/") ? 5 : 0;

	return len + run_of((struct span){ text.at + len, text.len - len }, is_name);
}

static size_t usb_of(struct span text)
{
	size_t len = numbers_of(text, "n-n", is_digit), more;

	while (len && len < text.len && text.at[len] == '.') {
		more = run_of((struct span){ text.at + len + 1, text.len - len - 1 },
			      is_digit);
		if (!more)
			break;
		len += 1 + more;
	}
	return len;
}

/* "{1}" before the lines of one record, drivers/firmware/efi/cper.c. */
static size_t ghes_of(struct span text)
{
	return numbers_of(text, "{n}", is_digit);
}

static size_t hctl_of(struct span text)
{
	return numbers_of(text, "n:n:n:n", is_digit);
}

static size_t number_of(struct span text)
{
	return run_of(text, is_digit);
}

static size_t word_of(struct span text)
{
	return run_of(text, is_word);
}

static size_t net_of(struct span text)
{
	size_t len = run_of(text, is_name);

	return len < 16 ? len : 0; /* IFNAMSIZ */
}

enum what { NOTHING, ADDRESS, DISK, CPU, DEVICE, COUNT, CODE, STATUS, CONTROLLER };

static const struct token {
	const char *name;
	size_t (*length)(struct span text);
	enum what what;
} tokens[] = {
	{ "n", number_of, NOTHING },   { "x", hex_of, NOTHING },
	{ "w", word_of, NOTHING },     { "pci", pci_of, ADDRESS },
	{ "disk", disk_of, DISK },     { "net", net_of, DEVICE },
	{ "hctl", hctl_of, DEVICE },   { "ata", ata_of, DEVICE },
	{ "usb", usb_of, DEVICE },     { "cpu", number_of, CPU },
	{ "count", number_of, COUNT }, { "code", number_of, CODE },
	{ "status", hex_of, STATUS },  { "mc", number_of, CONTROLLER },
	{ "ghes", ghes_of, NOTHING },
};

static bool capture(struct kernel_match *match, enum what what, struct span value)
{
	switch (what) {
	case NOTHING:
		return true;
	case ADDRESS:
	case DISK:
	case CPU:
	case DEVICE:
		match->device = value;
		match->kind = what == ADDRESS ? KERNEL_ADDRESS
			      : what == DISK  ? KERNEL_DISK
			      : what == CPU   ? KERNEL_CPU
					      : KERNEL_NAME;
		return true;
	case COUNT:
		return !text_u64(value, &match->count);
	case CODE:
		match->has_code = true;
		return !text_u64(value, &match->code);
	case STATUS:
		match->has_status = true;
		return !text_hex(value, UINT64_MAX, &match->status);
	case CONTROLLER:
		match->has_controller = true;
		return !text_u64(value, &match->controller);
	}
	return false;
}

static bool match_rest(const char *format, struct span text, struct kernel_match *match,
		       unsigned *steps);

/* Anything, then what the format goes on with. */
static bool match_any(const char *rest, struct span text, bool is_device,
		      struct kernel_match *match, unsigned *steps)
{
	size_t most = is_device && text.len > NAME_MAX_LEN ? NAME_MAX_LEN : text.len;

	for (size_t len = 0; len <= most; len++) {
		struct span after = { text.at + len, text.len - len };

		if (*steps == 0)
			return false;
		(*steps)--;
		if (*rest && *rest != '{' && *rest != '$' &&
		    (!after.len || *after.at != *rest))
			continue;
		if (is_device)
			(void)capture(match, DEVICE, (struct span){ text.at, len });
		if (match_rest(rest, after, match, steps))
			return true;
	}
	return false;
}

/* Takes one of "a|b|c" off the text. */
static bool take_alternative(struct span words, struct span *text)
{
	struct span word;

	while (text_cut(&words, '|', &word)) {
		if (word.len > text->len || memcmp(word.at, text->at, word.len) != 0)
			continue;
		text->at += word.len;
		text->len -= word.len;
		return true;
	}
	return false;
}

/* A token but the lazy ones, off the text. */
static bool take_token(struct span name, struct span *text, struct kernel_match *match)
{
	struct span value = *text;

	if (text_skip(&name, "?")) {
		(void)take_alternative(name, text);
		return true;
	}
	if (text_is(name, "blanks")) {
		value.len = run_of(*text, is_blank);
	} else {
		const struct token *token = NULL;

		for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
			if (text_is(name, tokens[i].name))
				token = &tokens[i];
		if (!token)
			return take_alternative(name, text);
		value.len = token->length(*text);
		if (!value.len || !capture(match, token->what, value))
			return false;
	}
	text->at += value.len;
	text->len -= value.len;
	return true;
}

static bool match_rest(const char *format, struct span text, struct kernel_match *match,
		       unsigned *steps)
{
	while (*format) {
		struct span name;

		if (*steps == 0)
			return false;
		(*steps)--;
		if (*format == '$' && !format[1])
			return text.len == 0;
		if (*format != '{' || format[1] == ' ') {
			if (!text.len || *text.at != *format)
				return false;
			text.at++;
			text.len--;
			format++;
			continue;
		}
		name = (struct span){ format + 1, strcspn(format + 1, "}") };
		format += name.len + 2;
		if (text_is(name, "*") || text_is(name, "name"))
			return match_any(format, text, text_is(name, "name"), match,
					 steps);
		if (!take_token(name, &text, match))
			return false;
	}
	return true;
}

bool kernel_format_match(const char *format, struct span message,
			 struct kernel_match *match)
{
	unsigned steps = STEPS_MAX;

	return match_rest(format, message, match, &steps);
}

/* Most formats begin with a letter that the message does not. */
static bool cannot_match(const char *format, struct span message)
{
	return *format != '{' && (!message.len || *message.at != *format);
}

/* Intel 64 SDM volume 3B, 16.3.2.2: bit 61 (UC) of a bank's status: not corrected. */
static enum kernel_severity machine_check_severity(uint64_t status)
{
	return status >> 61 & 1 ? KERNEL_CRITICAL : KERNEL_OK;
}

bool kernel_match(struct span message, struct kernel_match *match)
{
	unsigned steps = STEPS_MAX;
	const char *name;

	for (size_t t = 0; kernel_tables[t]; t++) {
		for (const struct kernel_pattern *p = kernel_tables[t]; p->format; p++) {
			if (cannot_match(p->format, message))
				continue;
			*match = (struct kernel_match){ .pattern = p,
							.severity = p->severity,
							.count = 1 };
			if (!match_rest(p->format, message, match, &steps))
				continue;
			if (p->by == BY_XID)
				match->severity = kernel_xid(match->code, &name);
			if (p->by == BY_MACHINE_CHECK)
				match->severity = machine_check_severity(match->status);
			return true;
		}
	}
	return false;
}
