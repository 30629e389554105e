/* Attacks on a signed text, line by line and byte by byte: each has to be refused. */
#ifndef BEE_TESTS_REMOTE_ATTACK_H
#define BEE_TESTS_REMOTE_ATTACK_H

#include "checks.h"
#include "keylist.h"
#include "remote_signed.h"

static struct pair alice, bob, carol, ticket_key, receipt_key, other;
static struct config config;

static struct identity identity = { .id = "node", .serial = "SN-17" };

static inline void error(void *arg, unsigned line, const char *words)
{
	(void)arg;
	tap_fail(__FILE__, __LINE__, "%u: %s", line, words);
}

static inline void config_make(void)
{
	static const char policy[] = "allow see /var/log\nallow kexec\n";

	pair_make(&alice);
	pair_make(&bob);
	pair_make(&carol);
	pair_make(&ticket_key);
	pair_make(&receipt_key);
	pair_make(&other);
	config = (struct config){ .threshold = 2,
				  .order_key_count = 2,
				  .keys_version = 1,
				  .has_ticket_key = true,
				  .has_receipt_key = true,
				  .floor = 5 };
	config.order_keys[0] = alice.key;
	config.order_keys[1] = bob.key;
	config.ticket_key = ticket_key.key;
	config.receipt_key = receipt_key.key;
	CHECK(!grants_read(policy, strlen(policy), &config.grants, error, NULL));
	config.grants.proved = true;
}

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

struct object {
	const char *name;
	char *(*sign)(const char *text);
	/* 0: it is taken as it is. */
	int (*judge)(const char *text, const char *signatures, struct said *said);
	const char *(*word)(size_t i); /* of its lines */
	const char *text;              /* with each of them */
	const char *missing[4];        /* may be left out */
	const char *twice[5]; /* may be there twice: what they say, they say twice */
	const char *free[5];  /* another value means another thing, which is signed */
	const char *never[6]; /* lines of the same words for others than this one */
	/* In the place of the line that begins so: what is another's, older, or over. */
	struct {
		const char *from, *to;
	} instead[13];
};

/* Of an array that may end before its end. */
#define LISTED(list, line) listed(list, ARRAY_LEN(list), line)

static inline bool listed(const char *const *list, size_t count, const char *line)
{
	for (size_t i = 0; i < count && list[i]; i++)
		if (!strncmp(list[i], line, strlen(list[i])))
			return true;
	return false;
}

/* Line `i` of `text`; NULL: there are fewer. */
static inline const char *line_at(const char *text, unsigned i, size_t *len)
{
	while (i-- && *text)
		text += strcspn(text, "\n") + 1;
	*len = strcspn(text, "\n") + 1;
	return *text ? text : NULL;
}

/* Signed by the right keys, and refused, in words of its own. */
static inline void refused(const struct object *object, const char *how, const char *line,
			   const char *text)
{
	AUTO_FREE char *signatures = object->sign(text);
	struct said said = { "" };

	if (!object->judge(text, signatures, &said))
		tap_fail(__FILE__, __LINE__, "%s, %s: taken: %.*s", object->name, how,
			 (int)strcspn(line, "\n"), line);
	/* What is behind the end is no line of it. */
	if (!*said.text ||
	    (strncmp(line, "end\n", 4) != 0 && strstr(said.text, "signature")))
		tap_fail(__FILE__, __LINE__, "%s, %s: %.*s: \"%s\"", object->name, how,
			 (int)strcspn(line, "\n"), line, said.text);
}

static inline void line_attack(const struct object *object, const char *line, size_t len)
{
	size_t before = (size_t)(line - object->text);
	AUTO_FREE char *without =
		xasprintf("%.*s%s", (int)before, object->text, line + len);
	AUTO_FREE char *doubled =
		xasprintf("%.*s%.*s%s", (int)before, object->text, (int)len, line, line);
	AUTO_FREE char *other_word = xstrdup(object->text);

	if (!LISTED(object->missing, line))
		refused(object, "missing", line, without);
	if (!LISTED(object->twice, line))
		refused(object, "doubled", line, doubled);
	other_word[before + (*line == '#' ? 5 : 0)] ^= 1;
	refused(object, "another word", line, other_word);
}

static inline bool is_end(const char *line)
{
	return !strncmp(line, "end\n", 4) || !strncmp(line, "#bee-end", 8);
}

/*
 * The same line as other systems' editors and careless hands write it: a carriage return, a byte order mark, bytes that are
 * no ASCII, a terminal's escape, a blank; before it, in its middle, behind it.
 */
static inline void form_attack(const struct object *object, const char *line, size_t len)
{
	static const char *const forms[] = {
		"\r", "\xef\xbb\xbf", "\xe9", "\xc3\xa9", "\x1b[2J",
		"\v", "\t",           " ",    "\n",       "\r\n"
	};
	const size_t places[] = { 0, strcspn(line, " \n"), len - 1 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			int before = (int)((size_t)(line - object->text) + places[k]);
			AUTO_FREE char *text = xasprintf("%.*s%s%s", before, object->text,
							 forms[i], object->text + before);

			/*
			 * Behind a word is what it says, which another kernel is told as it is; behind
			 * the end, what is not a line of it.
			 */
			if (k > 0 &&
			    (forms[i][0] == '\n' ? is_end(line)
						 : LISTED(object->free, line) &&
							   strchr("\t ", forms[i][0])))
				continue;
			refused(object, "another form", line, text);
		}
}

/* What nobody has signed so: no byte of it can be another. */
static inline void bytes_attack(const struct object *object)
{
	AUTO_FREE char *signatures = object->sign(object->text);
	AUTO_FREE char *text = xstrdup(object->text);

	for (size_t i = 0; text[i]; i++) {
		struct said said = { "" };

		text[i] ^= (char)(1 << i % 7);
		if (!object->judge(text, signatures, &said))
			tap_fail(__FILE__, __LINE__, "%s: another byte %zu: taken",
				 object->name, i);
		text[i] = object->text[i];
	}
}

/* Its sample and the rows above have each word of the format. */
static inline void words_covered(const struct object *object)
{
	size_t len;

	for (size_t i = 0; object->word(i); i++) {
		const char *mark = *object->text == '#' ? "#bee-" : "";
		AUTO_FREE char *begin = xasprintf("%s%s ", mark, object->word(i));
		bool in_text = false, there = LISTED(object->free, begin);
		const char *line;

		for (size_t k = 0; object->never[k]; k++)
			there = in_text |=
				!strncmp(object->never[k], begin, strlen(begin));
		for (unsigned k = 0; (line = line_at(object->text, k, &len)); k++)
			in_text |= !strncmp(line, begin, strlen(begin));
		for (size_t k = 0; object->instead[k].from; k++)
			there |= !strncmp(object->instead[k].from, begin,
					  strlen(object->instead[k].from));
		if (!in_text || !there)
			tap_fail(__FILE__, __LINE__, "%s: '%s' is not attacked",
				 object->name, begin);
	}
}

static inline void attack(const struct object *object)
{
	AUTO_FREE char *signatures = object->sign(object->text);
	struct said said = { "" };
	const char *line;
	size_t len;

	if (object->judge(object->text, signatures, &said))
		tap_fail(__FILE__, __LINE__, "%s: %s", object->name, said.text);
	words_covered(object);
	for (unsigned i = 0; (line = line_at(object->text, i, &len)); i++) {
		line_attack(object, line, len);
		form_attack(object, line, len);
		if (is_end(line))
			break;
	}
	for (unsigned i = 0; object->instead[i].from; i++) {
		const char *from = object->instead[i].from;
		const char *at = strstr(object->text, from);
		AUTO_FREE char *text = NULL;

		CHECK(at);
		text = xasprintf("%.*s%s%s", (int)(at - object->text), object->text,
				 object->instead[i].to, at + strcspn(at, "\n"));
		refused(object, "another's, older or over", object->instead[i].to, text);
	}
	for (unsigned i = 0; object->never[i]; i++) {
		const char *end = strstr(object->text, "\nend\n") + 1;
		AUTO_FREE char *text = xasprintf("%.*s%s\n%s", (int)(end - object->text),
						 object->text, object->never[i], end);

		refused(object, "not its own", object->never[i], text);
	}
	refused(object, "empty", "", "");
	AUTO_FREE char *cut =
		xasprintf("%.*s", (int)strlen(object->text) / 2, object->text);
	refused(object, "a half", "", cut);
	bytes_attack(object);
}

#endif
