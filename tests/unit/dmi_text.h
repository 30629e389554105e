/* A text of dmidecode's given to a collector. */
#ifndef BEE_TESTS_DMI_TEXT_H
#define BEE_TESTS_DMI_TEXT_H

#include "kept.h"

#define HEAD "# dmidecode 3.4\nSMBIOS 3.2.1 present.\n\n"

static inline struct kept run(collect_fn *collect, const char *text)
{
	return kept_run(collect, text, strlen(text));
}

#endif
