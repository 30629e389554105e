/* A descriptor from one process to another, through a socket (unix(7), SCM_RIGHTS). */
#ifndef BEE_LIB_PASS_H
#define BEE_LIB_PASS_H

#include "util.h"

/* 0 or -errno. */
MUST_CHECK int pass_send(int socket, int fd);
/* -1: none came, and none will. */
MUST_CHECK int pass_take(int socket);

#endif
