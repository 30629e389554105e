/* Children that write for the monitor and may be abandoned: any file system can hang. */
#include "writer.h"
#include "confine.h"
#include "descriptors.h"
#include "helper.h"
#include "output.h"
#include "patience.h"
#include "slots.h"
#include "stream.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KNOW_TIME (200 * NSEC_PER_MSEC) /* for the caller's stdout to say what it is */

/* A new folder with its manifest; an existing one is only taken when it is empty. */
static int capture_new(const char *folder)
{
	AUTO_FREE char *manifest = xasprintf("%s/manifest.json", folder);
	struct timespec now;
	FILE *file;

	if (mkdir(folder, 0755) &&
	    (errno != EEXIST || (rmdir(folder) || mkdir(folder, 0755))))
		return errno == EEXIST ? -ENOTEMPTY : -errno;
	file = fopen(manifest, "wex");
	if (!file)
		return -errno;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)fprintf(
		file,
		"{\n  \"bee\": \"%s\",\n  \"format\": 1,\n  \"started_unix\": %lld\n}\n",
		BEE_VERSION, (long long)now.tv_sec);
	return fclose(file) ? -errno : 0;
}

static int probe(const char *path, const struct stat streams[2], const char *capture)
{
	struct output output;
	int word = strcmp(path, "-") != 0 ? output_find(path, streams, &output)
					  : OUTPUT_STDOUT;

	if (!word)
		word = output_probe(&output);
	if (capture && (!word || word == OUTPUT_STDOUT)) {
		int error = capture_new(capture);

		return error ? WRITER_CAPTURE + error : word;
	}
	return word;
}

int writer_probe(struct audit_clock *clock, const char *output, const char *capture,
		 nsec_t time)
{
	struct stat streams[2] = { { .st_nlink = 0 }, { .st_nlink = 0 } };
	struct stream_answer answer;
	struct helper helper;
	int error;

	/* Which files stdout and stderr are, to know them in `output`; 0 links: it did not say in time. */
	for (int i = 0; i < 2 && strcmp(output, "-") != 0; i++)
		if (!stream_ask(STDOUT_FILENO + i, -1, clock,
				clock_now() + KNOW_TIME - clock->end, &answer))
			streams[i] = answer.file;
	error = helper_start(&helper);
	if (error)
		return error;
	if (helper.pid == 0) {
		helper_keep_pipe(&helper);
		helper_answer(&helper, probe(output, streams, capture));
	}
	return helper_wait(&helper, clock, clock_now() + time - clock->end);
}

/* A file in memory; -errno. */
static int memory_new(const char *bytes, size_t len)
{
	int fd = memfd_create("bee-audit", MFD_CLOEXEC);
	int error = fd < 0 ? -errno : write_all(fd, bytes, len);

	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

static int stdout_write(struct audit_clock *clock, const char *bytes, size_t len,
			nsec_t after)
{
	struct stream_answer answer;
	int fd = memory_new(bytes, len), error = fd;

	if (fd >= 0) {
		error = stream_ask(STDOUT_FILENO, fd, clock, after, &answer);
		close(fd);
	}
	return error;
}

int writer_write(struct audit_clock *clock, const char *path, const char *bytes,
		 size_t len, nsec_t after)
{
	struct stat nowhere[2] = { { .st_nlink = 0 }, { .st_nlink = 0 } };
	struct patience patience;
	struct output output;
	struct helper helper;
	int error;

	if (strcmp(path, "-") == 0)
		return stdout_write(clock, bytes, len, after);
	error = helper_start(&helper);
	if (error)
		return error;
	if (helper.pid == 0) {
		helper_keep_pipe(&helper);
		error = output_find(path, nowhere, &output);
		/* It was a file when it was tried: somebody has put a link there since. */
		helper_answer(&helper, error > 0 ? -EACCES
				       : error   ? error
						 : output_write(&output, bytes, len));
	}
	patience = patience_begin(helper.pid, true);
	(void)patience_wait(&patience, clock, helper.answers, POLLIN, after);
	return helper_wait(&helper, clock, after);
}

static void report_exec(int program, const char *path, const char *note,
			const struct stream_answer *to)
{
	/* These live as long as the process; a compound literal would end with its block. */
	static char name[] = "bee-report", ascii[] = "--ascii", utf8[] = "--utf8",
		    color[] = "--color", locale[] = "LC_ALL=C";
	char *argv[12], *env[] = { locale, NULL };
	int argc = 0;

	argv[argc++] = name;
	if (to->terminal) {
		argv[argc++] = xasprintf("--columns=%u", to->columns ?: 80U);
		argv[argc++] = xasprintf("--lines=%u", to->lines ?: 25U);
	}
	argv[argc++] = terminal_utf8() ? utf8 : ascii;
	if (to->terminal && terminal_wants_colors())
		argv[argc++] = color;
	argv[argc++] = xasprintf("--path=%s", path);
	if (note[0])
		argv[argc++] = xasprintf("--exit-note=%s", note);
	argv[argc] = NULL;
	if (confine_drop(UID_REPORT))
		return;
	execveat(program, "", argv, env, AT_EMPTY_PATH);
}

int writer_report(struct audit_clock *clock, int program, const char *path,
		  const char *bytes, size_t len, const char *note, nsec_t after)
{
	AUTO_CLOSE int document = memory_new(bytes, len);
	AUTO_CLOSE int summary = memory_new("", 0);
	struct stream_answer to;
	struct helper helper;
	int error;

	/* What it prints goes to a file first: it has no terminal, and knows how wide ours is. */
	if (document < 0 || summary < 0 || lseek(document, 0, SEEK_SET))
		return document < 0 ? document : summary < 0 ? summary : -errno;
	error = stream_ask(STDOUT_FILENO, -1, clock, after, &to);
	if (!error)
		error = helper_start(&helper);
	if (error)
		return error;
	if (helper.pid == 0) {
		if (dup2(document, STDIN_FILENO) == STDIN_FILENO &&
		    dup2(summary, STDOUT_FILENO) == STDOUT_FILENO)
			report_exec(program, path, note, &to);
		_exit(BEE_SOFTWARE);
	}
	(void)clock_wait(clock, helper.pidfd, POLLIN, after);
	helper_end(&helper);
	error = stream_ask(STDOUT_FILENO, summary, clock, after, &to);
	return !error && lseek(summary, 0, SEEK_END) <= 0 ? -ENODATA : error;
}
