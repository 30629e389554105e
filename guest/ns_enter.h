/* What is done to a guest in namespaces while it runs. */
#ifndef BEE_GUEST_NS_ENTER_H
#define BEE_GUEST_NS_ENTER_H

#include "look.h"

/* The members of struct backend. */
int ns_enter(const char *name, struct look *look, int pidfd, char **argv);
void ns_ask(const char *name, const struct look *look, int pidfd);
void ns_describe(const struct look *look, json_t *out);

#endif
