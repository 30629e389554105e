/* Whether what is there is what was ordered: amounts, numbers, versions, words. */
#include "spec.h"

#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 0.01 /* of an amount: 8 TB is 8001563222016 bytes */

bool model_matches(const char *wanted, const char *model)
{
	size_t len = strlen(wanted);

	if (len > 0 && wanted[len - 1] == '*')
		return model && !strncasecmp(wanted, model, len - 1);
	return model && !strcasecmp(wanted, model);
}

/* A number with a point; what follows it is in *rest. False: there is none. */
static bool take_number(const char *text, double *number, const char **rest)
{
	double whole = 0, scale = 1;
	bool minus = *text == '-';
	const char *at;

	text += minus;
	at = text;

	for (; isdigit((unsigned char)*at); at++)
		whole = whole * 10 + (*at - '0');
	if (at == text)
		return false;
	if (*at == '.' && isdigit((unsigned char)at[1]))
		for (at++; isdigit((unsigned char)*at); at++) {
			scale /= 10;
			whole += scale * (*at - '0');
		}
	*number = minus ? -whole : whole;
	*rest = at;
	return true;
}

/* "64GiB", "8TB", "8T": bytes. A letter alone is of the kind that its parts are sold by. */
static bool take_amount(const char *text, enum unit unit, double *bytes)
{
	static const char letters[] = "kmgtpe";
	const char *rest, *letter;
	double base = unit == BINARY ? 1024 : 1000;

	if (!take_number(text, bytes, &rest))
		return false;
	if (!*rest || !strcasecmp(rest, "b"))
		return true;
	letter = strchr(letters, tolower((unsigned char)*rest));
	if (!letter)
		return false;
	if (!strcasecmp(rest + 1, "ib"))
		base = 1024;
	else if (!strcasecmp(rest + 1, "b"))
		base = 1000;
	else if (rest[1])
		return false;
	for (const char *at = letters; at <= letter; at++)
		*bytes *= base;
	return true;
}

/* Runs of digits by their number, the rest by its letters: 1.9 is less than 1.10. */
static int version_compare(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			size_t len_a, len_b;
			int less;

			a += strspn(a, "0");
			b += strspn(b, "0");
			len_a = strspn(a, "0123456789");
			len_b = strspn(b, "0123456789");
			if (len_a != len_b)
				return len_a < len_b ? -1 : 1;
			less = strncmp(a, b, len_a);
			if (less)
				return less;
			a += len_a;
			b += len_b;
		} else {
			int less =
				tolower((unsigned char)*a) - tolower((unsigned char)*b);

			if (less)
				return less;
			a++;
			b++;
		}
	}
	return (*a != '\0') - (*b != '\0');
}

static bool number_holds(enum spec_op op, double is, double wanted, double slack)
{
	if (op == OP_LEAST)
		return is >= wanted - slack;
	if (op == OP_MOST)
		return is <= wanted + slack;
	return is >= wanted - slack && is <= wanted + slack;
}

static bool holds(const struct condition *condition, const char *wanted,
		  const json_t *value)
{
	const char *rest = "";
	bool amount = condition->property->unit != PLAIN;
	AUTO_FREE char *text = NULL;
	double number = 0;

	if (!value)
		return false;
	if (json_is_number(value)) {
		bool read =
			amount ? take_amount(wanted, condition->property->unit, &number)
			       : take_number(wanted, &number, &rest) && !*rest;

		return read && number_holds(condition->op, json_number_value(value),
					    number, amount ? SLACK * number : 1e-6);
	}
	text = spec_text(value, condition->property);
	if (condition->op == OP_IS)
		return model_matches(wanted, text);
	return condition->op == OP_LEAST ? version_compare(text, wanted) >= 0
					 : version_compare(text, wanted) <= 0;
}

/* "16|32" is either, where it is not the value itself. */
bool condition_holds(const struct condition *condition, const json_t *value)
{
	AUTO_FREE char *copy = NULL;
	char *save, *word;

	if (holds(condition, condition->value, value))
		return true;
	if (condition->op != OP_IS || !strchr(condition->value, '|'))
		return false;
	copy = xstrdup(condition->value);
	for (word = strtok_r(copy, "|", &save); word; word = strtok_r(NULL, "|", &save))
		if (holds(condition, word, value))
			return true;
	return false;
}
