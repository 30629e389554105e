/* The child that draws a frame: opens what it is made of, gives its rights up, and only then reads.
 * A finished document's is bee-report's. */
#include "console.h"
#include "stdio_filter.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A bare uid; doc/ARCHITECTURE.md has the map. */
#define UID_CONSOLE 0x7beefff7u
#define SMALL_MOST 4096 /* bytes of a file that holds a line */

enum source { MAKE, MODEL, SERIAL, HOST_KEY, PASSWORD, TOLD, TOLD_TOO, SOURCES };

struct drawing {
	const struct console *console;
	int sources[SOURCES];
	int document, progress, report; /* descriptors, or -1 */
	const char *path;               /* the document's */
	bool runs;
	char *words[SOURCES]; /* owned; "" for what is not known */
	unsigned row;         /* the next line's */
};

/* A FIFO or a device in a file's place is not waited for. */
static int small_open(const char *path)
{
	return path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
}

static int document_open(struct drawing *d)
{
	const struct console *c = d->console;
	struct timespec newest = { 0, 0 };
	int best = -1;

	for (unsigned i = 0; i < c->document_count; i++) {
		int fd = small_open(c->documents[i]);
		struct stat st;

		if (fd < 0)
			continue;
		if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size == 0 ||
		    (best >= 0 && (st.st_mtim.tv_sec < newest.tv_sec ||
				   (st.st_mtim.tv_sec == newest.tv_sec &&
				    st.st_mtim.tv_nsec <= newest.tv_nsec)))) {
			close(fd);
			continue;
		}
		if (best >= 0)
			close(best);
		best = fd;
		newest = st.st_mtim;
		d->path = c->documents[i];
	}
	return best;
}

static int report_open(void)
{
	char self[PATH_MAX];
	AUTO_FREE char *path = NULL;

	if (own_program(self))
		return -1;
	path = xasprintf("%.*s/bee-report", (int)(strrchr(self, '/') - self), self);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void sources_open(struct drawing *d)
{
	static const char *const names[] = { "sys_vendor", "product_name",
					     "product_serial" };
	const struct console *c = d->console;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", c->dmi, names[i]);

		d->sources[i] = small_open(path);
	}
	d->sources[HOST_KEY] = small_open(c->host_key);
	d->sources[PASSWORD] = small_open(c->password);
	for (size_t i = 0; i < TOLD_MAX; i++)
		d->sources[TOLD + i] = small_open(c->told[i]);
	d->runs = audit_runs(c);
	d->progress = d->runs ? small_open(c->progress) : -1;
	d->document = d->runs ? -1 : document_open(d);
	d->report = d->document >= 0 ? report_open() : -1;
}

static void rights_drop(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    (geteuid() == 0 &&
	     (setgroups(0, NULL) || setresgid(UID_CONSOLE, UID_CONSOLE, UID_CONSOLE) ||
	      setresuid(UID_CONSOLE, UID_CONSOLE, UID_CONSOLE))) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || process_hide())
		_exit(BEE_SOFTWARE);
}

/* The last line that says something; its ends are no blanks. Owned. */
static char *last_line(int fd)
{
	char text[SMALL_MOST + 1] = "";
	char *line = text, *end;
	ptrdiff_t n = fd < 0 ? 0 : read_full(fd, text, SMALL_MOST);

	text[n > 0 ? n : 0] = '\0';
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	if (strrchr(text, '\n'))
		line = strrchr(text, '\n') + 1;
	while (*line == ' ' || *line == '\t')
		line++;
	return xstrdup(line);
}

/* "SHA256:..." of "ssh-ed25519 AAAA... comment", as ssh-keygen -l prints it. */
static char *fingerprint(char *line)
{
	unsigned char blob[SMALL_MOST], hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof(hash),
					    sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
	char *save, *type = strtok_r(line, " ", &save),
		    *base64 = strtok_r(NULL, " ", &save);
	size_t len;

	if (!type || !base64 ||
	    sodium_base642bin(blob, sizeof(blob), base64, strlen(base64), NULL, &len,
			      NULL, sodium_base64_VARIANT_ORIGINAL))
		return xstrdup("");
	(void)crypto_hash_sha256(hash, blob, len);
	(void)sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
				sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	return xasprintf("SHA256:%s", text);
}

static void sources_read(struct drawing *d)
{
	for (enum source i = 0; i < SOURCES; i++)
		d->words[i] = last_line(d->sources[i]);
	if (!strncmp(d->words[HOST_KEY], "ssh-", 4) ||
	    !strncmp(d->words[HOST_KEY], "ecdsa-", 6)) {
		char *text = fingerprint(d->words[HOST_KEY]);

		free(d->words[HOST_KEY]);
		d->words[HOST_KEY] = text;
	}
}

static bool room(const struct drawing *d)
{
	return d->row + 1 < d->console->lines;
}

static void put_line(struct drawing *d, const char *text, const char *color)
{
	struct text_line line = { .len = 0 };
	unsigned width = d->console->columns < LINE_COLUMNS_MAX ? d->console->columns
								: LINE_COLUMNS_MAX;

	if (!room(d))
		return;
	line_add(&line, text, width, d->console->utf8);
	if (color && d->console->colors)
		printf("%s%s\033[0m\n", color, line.bytes);
	else
		printf("%s\n", line.bytes);
	d->row++;
}

/* A label, and a text on as many lines as it takes, at most `most`. */
static void put_label(struct drawing *d, const char *label, const char *text,
		      unsigned most)
{
	AUTO_FREE char *clean = text_clean(text, d->console->utf8);
	unsigned indent = 8;
	unsigned width =
		d->console->columns > 2 * indent ? d->console->columns - indent : indent;
	const char *at = clean;

	for (unsigned i = 0; i < most && *at; i++) {
		size_t len = i + 1 < most ? text_fold(at, width) : strlen(at);
		AUTO_FREE char *line =
			xasprintf("%-7s %.*s", i ? "" : label, (int)len, at);

		put_line(d, line, NULL);
		at += len + strspn(at + len, " ");
	}
}

static void put_who(struct drawing *d)
{
	AUTO_FREE char *machine = xasprintf("%s%s%s", d->words[MAKE],
					    *d->words[MAKE] ? " " : "", d->words[MODEL]);

	put_line(d, *machine ? machine : "a machine of unknown make", "\033[1m");
	put_label(d, "serial", *d->words[SERIAL] ? d->words[SERIAL] : "unknown", 2);
	put_label(d, "ssh",
		  *d->console->addresses ? d->console->addresses : "no address yet", 4);
	if (*d->words[PASSWORD])
		put_label(d, "", d->words[PASSWORD], 1);
	if (*d->words[HOST_KEY])
		put_label(d, "key", d->words[HOST_KEY], 2);
	for (size_t i = 0; i < TOLD_MAX; i++)
		if (*d->words[TOLD + i])
			put_label(d, "note", d->words[TOLD + i], 2);
}

static const char *color_of(const char *state)
{
	if (!strcmp(state, PROGRESS_RUNS))
		return NULL;
	return !strcmp(state, "partial") || !strcmp(state, "skipped") ? "\033[33m"
								      : "\033[31m";
}

static void put_jobs(struct drawing *d)
{
	struct jobs jobs;
	AUTO_FREE char *text = NULL;
	int64_t now = clock_now() / NSEC_PER_MSEC;
	unsigned shown = 0, left;

	jobs_read(&jobs, d->progress);
	text = xasprintf("%.0f of %.0f s; jobs: %u run, %u wait, %u done%s",
			 jobs.start_ms ? (double)(now - jobs.start_ms) / 1000 : 0,
			 (double)jobs.timeout_ms / 1000, jobs.runs, jobs.waits, jobs.done,
			 jobs.bad ? ", not all complete" : "");
	put_label(d, "audit", text, 2);
	left = d->console->lines > d->row + 1 ? d->console->lines - 1 - d->row : 0;
	for (; shown < jobs.row_count && (left > 1 || shown + 1 == jobs.row_count) &&
	       left > 0;
	     shown++, left--) {
		const struct job_row *row = &jobs.rows[shown];
		AUTO_FREE char *line =
			xasprintf(" %7.1f s  %-9s %s", (double)row->ms / 1000, row->state,
				  row->name);

		put_line(d, line, color_of(row->state));
	}
	if (shown < jobs.row_count) {
		AUTO_FREE char *more = xasprintf(" and %u more", jobs.row_count - shown);

		put_line(d, more, NULL);
	}
	jobs_done(&jobs);
}

/* bee-report leaves a line for a prompt, which is where the last line of the console is. */
static _Noreturn void become_report(const struct drawing *d)
{
	const struct console *c = d->console;
	AUTO_FREE char *columns = xasprintf("%u", c->columns);
	AUTO_FREE char *lines = xasprintf("%u", c->lines);
	bool password = *d->words[PASSWORD], key = *d->words[HOST_KEY];
	AUTO_FREE char *note = xasprintf(
		"ssh: %s%s%s%s%s%s%s%s%s%s", password ? "password " : "",
		d->words[PASSWORD], password ? ", " : "",
		*c->addresses ? c->addresses : "no address yet", key ? ", host key " : "",
		d->words[HOST_KEY], *d->words[TOLD] ? ". " : "", d->words[TOLD],
		*d->words[TOLD_TOO] ? ". " : "", d->words[TOLD_TOO]);
	const char *argv[] = { "bee-report",
			       "--columns",
			       columns,
			       "--lines",
			       lines,
			       "--path",
			       d->path,
			       "--exit-note",
			       note,
			       c->utf8 ? "--utf8" : "--ascii",
			       c->colors ? "--color" : NULL,
			       NULL };

	if (dup2(d->document, STDIN_FILENO) < 0)
		_exit(BEE_SOFTWARE);
	(void)fexecve(d->report, (char *const *)(uintptr_t)argv, environ);
	_exit(BEE_SOFTWARE);
}

void draw_child(const struct console *console)
{
	struct drawing d = { .console = console, .document = -1, .report = -1 };

	sources_open(&d);
	if (sodium_init() < 0)
		_exit(BEE_SOFTWARE);
	rights_drop();
	if (d.document < 0 && stdio_filter_load(STDIO_ONLY))
		_exit(BEE_SOFTWARE);
	sources_read(&d);
	/* It loads that filter itself; until then there is a uid that has nothing. */
	if (d.document >= 0)
		become_report(&d);
	put_who(&d);
	if (d.runs)
		put_jobs(&d);
	else
		put_label(&d, "audit", "none yet; journalctl -u bee-audit says why", 2);
	exit_written(BEE_IOERR);
}
