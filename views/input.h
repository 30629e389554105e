/* How each view starts: what it needs is opened, then its rights go, then it reads. */
#ifndef BEE_VIEWS_INPUT_H
#define BEE_VIEWS_INPUT_H

#include <jansson.h>

struct table_options;

/*
 * First statement of a view, and before its options are read: nobody of its uid sees into
 * it, and the locale for drawing is set: UTF-8 where terminal_utf8() says so, whatever the
 * machine has installed. `trouble`: the exit status of what the functions below cannot do, or 0,
 * where each has one of sysexits(3).
 */
void input_start(int trouble);

/* Opens a document, or ends the program. `*path` NULL: the last audit of this machine;
 * "-": standard input. `*path` becomes what it is called in messages. */
int input_open(const char **path);

/* From here on the program can read, write and end; ends it where that fails. */
void input_confine(void);

/* Reads what input_open opened, or ends the program; a new reference. */
json_t *input_load(int fd, const char *path);

/* How a table is drawn where standard output goes; before options, which may change it. */
void output_screen(struct table_options *table);
/* The word of --width. Ends the program where it is none. */
unsigned output_width(const char *word);
/* All of `text` to standard output, or ends the program. */
void output_text(const char *text);

#endif
