/* Inside the policy parser: its state, and what its files tell each other. */
#ifndef BEE_LANGUAGE_PARSER_H
#define BEE_LANGUAGE_PARSER_H

#include "policy.h"

#define LINE_BYTES_MAX 1024 /* of a line, without its newline */
#define LINE_WORDS_MAX 80
#define PATH_BYTES_MAX 255
#define REASON_BYTES_MAX 400
#define POLICY_ERRNO_MAX 133 /* EHWPOISON, the last one of Linux */
#define ERRORS_MAX 50        /* messages about one file; then it says that it stops */

struct word {
	const char *text; /* borrowed from the line buffer, printable ASCII, not empty */
	unsigned column;  /* of its first byte, from 1 */
};

enum limit_key {
	LIMIT_WALL,
	LIMIT_TERM,
	LIMIT_KILL,
	LIMIT_STDOUT,
	LIMIT_STDERR,
	LIMIT_MEMORY,
	LIMIT_TASKS,
	LIMIT_FILES,
	LIMIT_KEYS
};

/* Where words that may stand once stood: line numbers, 0 is "not yet". */
struct places {
	unsigned once[32]; /* index into policy_words[] */
	unsigned limit[LIMIT_KEYS];
	unsigned syscall[POLICY_SYSCALL_MAX]; /* line that allowed it */
	unsigned answer[POLICY_SYSCALL_MAX];
};

struct parser {
	const char *file;
	const char *expected; /* collector name the file must give, or NULL: any */
	FILE *errors;
	unsigned error_count;
	struct policy *policy;
	struct step *step; /* that lines go to: &base before the first header */
	struct step base;  /* the file-level settings; holds no owned pointer */
	struct step spare; /* takes the lines under a header that was refused */
	struct places base_places, places;
	bool started; /* a line with words was seen */
	unsigned line;
	struct word words[LINE_WORDS_MAX];
	unsigned word_count;
	const char *reason;               /* of this line, or NULL */
	char above[REASON_BYTES_MAX + 1]; /* comment-only lines right above */
	char buffer[LINE_BYTES_MAX + 1];
	char own[REASON_BYTES_MAX + 1]; /* comment on the line itself */
};

/* What the first word of a line may be. */
struct policy_word {
	const char *name;
	enum { IN_FILE = 1, IN_STEP = 2 } where;
	bool once;         /* at most one such line per file, or per step */
	unsigned min_args; /* words that must follow */
	const char *usage; /* what must follow, for the message */
	void (*handle)(struct parser *p);
};
extern const struct policy_word policy_words[]; /* ended by a NULL name */

/* Reports an error at `word` of the current line (NULL: at column 1), or at a line. */
PRINTF_LIKE(3, 4)
void parse_error(struct parser *p, const struct word *word, const char *fmt, ...);
PRINTF_LIKE(4, 5)
void parse_error_at(struct parser *p, unsigned line, unsigned column, const char *fmt,
		    ...);

/* near.c: the error "unknown WHAT 'WORD'", with the name that was likely meant. `name_at` gives
 * all known names: "" for a number without one, NULL after the last. */
void parse_unknown(struct parser *p, const struct word *word, const char *what,
		   const char *(*name_at)(size_t i));

/* lex.c: the line as words, a comment and errors. False: not to be looked at. */
bool lex_line(struct parser *p, const char *text, size_t len);
/* Checks of single words; each reports its error. `offset` is added to the column. */
bool word_is_name(struct parser *p, const struct word *word, const char *text,
		  unsigned offset, const char *what);
bool word_is_path(struct parser *p, const struct word *word, bool pattern);
/* seen.c: whether a jail may show it; of a pattern, the folder it begins in. */
bool word_may_be_seen(struct parser *p, const struct word *word, bool pattern);
/* The same of a path: why not, or NULL. */
const char *path_never_seen(const char *path);
/* "{instance}" is the only brace and stands only in a step with `each`. */
bool word_has_good_braces(struct parser *p, const struct word *word);
char *reason_copy(const struct parser *p);

/* parse.c: policy_parse, but the file must give the collector `expected` (NULL: any). */
MUST_CHECK struct policy *parse_text(const char *file, const char *expected,
				     const char *text, size_t len, FILE *errors);
/* policy.c: frees what a step owns, not the step. */
void step_done(struct step *step);
/* calls.c: lines about system calls. */
void word_syscalls(struct parser *p);
void word_answer(struct parser *p);
void word_ioctl(struct parser *p);
void word_caps(struct parser *p);
void word_default(struct parser *p);
/* device_commands.c: lines about device commands. */
void word_commands(struct parser *p);
/* limits.c: lines with numbers and exit codes. */
void word_limits(struct parser *p);
void word_exit(struct parser *p);
void word_exitmask(struct parser *p);
extern const struct jail_limits limits_default;
/* check.c: headers, and what only a whole step, or a whole file, can tell. */
void step_header(struct parser *p);
void step_check(struct parser *p);
void policy_check(struct parser *p);

/* sets.c: adds a set's calls to `syscalls`; false when there is no set of that name. */
bool set_add(const char *name, uint64_t syscalls[POLICY_SYSCALL_MAX / 64]);
const char *set_name(size_t i); /* NULL after the last */

/* names.c */
int errno_number(const char *name);      /* or -1 */
const char *errno_name(int number);      /* or NULL */
int capability_number(const char *name); /* or -1 */
int status_number(const char *name);     /* or -1 */
/* The kernel's number for an ioctl's name: true and *number, or false: a name unknown
 * here. */
bool ioctl_known(const char *name, uint32_t *number);
const char *ioctl_name(uint32_t number); /* or NULL */
/* Why no policy can grant it, or NULL. */
const char *ioctl_never(const char *name, uint32_t number, uint32_t mask);
const char *syscall_never(const char *name);
/* Which other line decides about a call that is checked by its arguments, or NULL. */
const char *syscall_elsewhere(const char *name);

#endif
