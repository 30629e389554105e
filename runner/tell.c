/* Progress and messages on the caller's stderr; nothing here waits for who reads them. */
#include "tell.h"
#include "stream.h"

#include <stdarg.h>
#include <unistd.h>

#define LINE_MAX_BYTES 480

struct tell {
	bool quiet, verbose;
};

struct tell *tell_start(bool quiet, bool verbose)
{
	struct tell *tell = xcalloc(1, sizeof(*tell));

	*tell = (struct tell){ .quiet = quiet, .verbose = verbose };
	return tell;
}

__attribute__((format(printf, 2, 0))) static void tell_send(enum stream_kind kind,
							    const char *fmt, va_list args)
{
	char text[LINE_MAX_BYTES];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	stream_send(STDERR_FILENO, kind, text);
}

void tell_line(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	if (tell->quiet)
		return;
	va_start(args, fmt);
	/* On a terminal one line is enough: the summary says what became of all. */
	tell_send(tell->verbose ? STREAM_LINE : STREAM_EVENT, fmt, args);
	va_end(args);
}

void tell_error(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	(void)tell;
	va_start(args, fmt);
	tell_send(STREAM_LINE, fmt, args);
	va_end(args);
}

void tell_progress(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	if (tell->quiet)
		return;
	va_start(args, fmt);
	tell_send(STREAM_PROGRESS, fmt, args);
	va_end(args);
}

void tell_stop(struct tell *tell, struct audit_clock *clock)
{
	struct stream_answer answer;

	(void)tell;
	(void)!stream_ask(STDERR_FILENO, -1, clock, clock_now() + TELL_TIME - clock->end,
			  &answer);
}
