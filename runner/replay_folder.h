/* What a folder named to --replay holds, before anything is replayed from it. */
#ifndef BEE_RUNNER_REPLAY_FOLDER_H
#define BEE_RUNNER_REPLAY_FOLDER_H

#include "policy.h"

/*
 * Ends the program in one line where `folder` has nothing that a replay reads: it is a file, an
 * archive, empty, the folder above or below the right one, or of another kind; the line says what
 * was found. Folders in it that are named as no collector of `files` are told, and not read.
 */
void replay_folder_check(const char *folder, const struct policy_file *files, int count);

#endif
