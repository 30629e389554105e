/* What supervisors of both kinds do. */
#include "supervise.h"
#include "names.h"
#include "stop.h"

#include <err.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* As who has started it in the background prints it. */
static void words_print(const struct supervision *of, enum supervise_word word,
			const char *text)
{
	AUTO_FREE char *shown = name_shown(text, strlen(text));
	const char *name = of->guest->name;

	if (word == SAYS_NOTE || word == SAYS_FAILED)
		warnx("%s: %s", name, shown);
	else if (word == SAYS_STAGE && !of->quiet)
		(void)fprintf(stderr, "%s: %s\n", name, shown);
	else if (word == SAYS_READY && !of->quiet)
		(void)fprintf(stderr, "%s: ready after %s ms\n", name, shown);
}

void supervise_say(const struct supervision *of, enum supervise_word word,
		   const char *fmt, ...)
{
	char text[600] = { (char)word };
	AUTO_FREE char *shown = NULL;
	va_list args;
	size_t len;

	va_start(args, fmt);
	(void)vsnprintf(text + 1, sizeof(text) - 2, fmt, args);
	va_end(args);
	if (of->words) {
		words_print(of, word, text + 1);
		return;
	}
	/* Some of it is a guest's, or QEMU's, and goes to root's terminal. */
	shown = name_shown(text, strlen(text));
	len = strlen(shown);
	shown[len] = '\n';
	if (of->tell >= 0 && write(of->tell, shown, len + 1) < 0)
		return; /* nobody listens any more */
}

/* Forgotten before the lock goes, as nobody else may start it in between. */
static void record_settle(const struct supervision *of)
{
	int result = of->record->once ? stop_record_remove(of->guest->name)
				      : record_save(of->guest->name, of->record);

	if (result)
		supervise_say(of, SAYS_NOTE, "its record: %s", strerror(-result));
	close(of->lock);
}

void supervise_failed(const struct supervision *of, const char *why)
{
	(void)snprintf(of->record->error, sizeof(of->record->error), "%.199s", why);
	of->record->wanted = false;
	record_settle(of);
	supervise_say(of, SAYS_FAILED, "%s", why);
}

void supervise_ended(const struct supervision *of, int code)
{
	of->record->wanted = false;
	record_settle(of);
	supervise_say(of, SAYS_ENDED, "%d", code);
}

int supervise_code(int status)
{
	return status < 0          ? BEE_SOFTWARE
	       : WIFEXITED(status) ? WEXITSTATUS(status)
				   : 128 + WTERMSIG(status);
}

void supervise_keeper_wait(const struct handles *handles)
{
	nsec_t deadline = clock_now() + NSEC_PER_SEC;

	while (handles->keeper.pid > 0 &&
	       waitpid(handles->keeper.pid, NULL, WNOHANG) == 0 && clock_now() < deadline)
		(void)poll(NULL, 0, 5);
}
