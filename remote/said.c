/* Why something was refused: one line of printable text that travels with the refusal. */
#include "said.h"

#include <stdarg.h>

void said_clean(struct said *said)
{
	said->text[SAID_MAX - 1] = '\0';
	for (char *at = said->text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

int say(struct said *said, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(said->text, SAID_MAX, fmt, args);
	va_end(args);
	said_clean(said);
	return -1;
}
