/* The commands of bee-order: those of a person, and those of bee-remote. */
#ifndef BEE_REMOTE_COMMANDS_H
#define BEE_REMOTE_COMMANDS_H

#include "checks.h"

/* Each is given its own words, from its name on, and ends the program's work with this exit code. */
int command_lint(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_open(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_tailor(int argc, char **argv);
int command_network(int argc, char **argv);
int command_filter(int argc, char **argv);
int command_media(int argc, char **argv);
int command_chunks(int argc, char **argv);

/* Of `keys --tpm`. */
int command_tpm_key(void);

/* Of bee-remote: descriptors as answer.h has them, a struct answer on stdout. */
int step_prove(int argc, char **argv);
int step_floor(int argc, char **argv);
int step_ticket(int argc, char **argv);
int step_pointer(int argc, char **argv);
int step_order(int argc, char **argv);
int step_keys(int argc, char **argv);
int step_receipt(int argc, char **argv);
int step_pack(int argc, char **argv);
int step_end(int argc, char **argv);
int step_run(int argc, char **argv);
int step_restore(int argc, char **argv);

/* The whole of a file or descriptor, at most `max` bytes; `at` is NULL where that fails. Owned. */
struct bytes bytes_read(int fd, size_t max);

#endif
