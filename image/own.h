/* Programs of ours that a command starts, and temporary places for what they make. */
#ifndef BEE_IMAGE_OWN_H
#define BEE_IMAGE_OWN_H

#include "util.h"

/*
 * Runs `program` beside this one with `words` (words[0] is set), what it prints going to `output`.
 * The keyboard's signals are its. Its exit status; ends this program where it was killed.
 */
int own_run(const char *program, char **words, int output);
/* A file without a name, so that nothing is left of it however we end; `path`, of malloc, is for our programs. */
FILE *own_file(char **path);
/*
 * A new folder "/tmp/bee-image-test.XXXXXX", or in TMPDIR, that its owner alone can enter; of malloc. Those whose
 * makers were killed are removed, as by own_remove.
 */
char *own_folder(void);
/*
 * Removes a folder of ours with all that somebody's archive had made of the folders in it: deeper than a path can
 * be, closed to its owner. What is mounted there is left alone, and told.
 */
void own_remove(const char *folder);

#endif
