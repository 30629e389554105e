/* What a run was seen to do. */
#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct find *log_add(struct run_log *log, enum find_kind kind, const char *what,
		     const char *by)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == kind && !strcmp(log->finds[i].what, what))
			return &log->finds[i];
	if (log->count == log->room) {
		log->room = log->room ? 2 * log->room : 64;
		log->finds = xrealloc_array(log->finds, log->room, sizeof(*log->finds));
	}
	log->finds[log->count] =
		(struct find){ .kind = kind, .what = xstrdup(what), .by = xstrdup(by) };
	return &log->finds[log->count++];
}

void log_lost(struct run_log *log, const char *by, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)log_add(log, FIND_LOST, text, by);
}

void log_done(struct run_log *log)
{
	for (size_t i = 0; i < log->count; i++) {
		free(log->finds[i].what);
		free(log->finds[i].by);
		free(log->finds[i].detail);
	}
	for (size_t i = 0; i < POLICY_SYSCALL_MAX; i++)
		free(log->call_by[i]);
	free(log->finds);
	free(log->program);
	free(log->interpreter);
}
