/* What the terminal can show: one guess for every program that draws on one. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_dumb(const char *term)
{
	return !strcmp(term, "dumb");
}

bool terminal_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *term = getenv("TERM");

	if (term && is_dumb(term))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return term && !strcmp(term, "linux");
}

bool terminal_wants_colors(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return term && !is_dumb(term) && (!no_color || !*no_color);
}

bool terminal_colors(int fd)
{
	return terminal_wants_colors() && isatty(fd);
}

bool terminal_size(int fd, unsigned most, unsigned *columns, unsigned *lines)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size))
		return false;
	if (size.ws_col > 0 && size.ws_col <= most)
		*columns = size.ws_col;
	if (size.ws_row > 0 && size.ws_row <= most)
		*lines = size.ws_row;
	return true;
}
