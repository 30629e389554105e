/* The words that name modules: bee-image(1), "Kernel modules". */
#ifndef BEE_IMAGE_MODULE_WORDS_H
#define BEE_IMAGE_MODULE_WORDS_H

#include "kmods.h"

/* It names the devices it is for; a class takes those, and what they need. */
bool module_is_driver(const struct kmod *mod);
/* The globs of a class, ended by NULL; "!" in front: also what is no driver. NULL: no class. */
const char *const *module_class(const char *word);
/* A glob stands for a module's path, with or without its suffix. */
bool module_matches(const struct kmod *mod, const char *glob);

#endif
