/* How an order has ended: a file of the state folder until the server has signed that it has it. */
#include "result.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING "running"
#define PREFIX "result-"
#define LOG_MAX (UINT64_C(2) << 20)

/* Of `running`, whose first line is the order: how it has ended, in the place that it has from the start. */
#define ENDED_AT 256
#define ENDED_BYTES (16 + sizeof(((struct said *)0)->text))

static const char cut_off[] = "it was cut off: what ran it has ended before it";
static const char late[] = "when it ended there was no room for its result";

int result_begin(struct asker *asker, struct said *said)
{
	AUTO_FREE char *head =
		xasprintf("%llu %s %s\n", (unsigned long long)asker->sequence,
			  asker->order, asker->request);
	AUTO_FREE char *text = xasprintf("%-*s", (int)(ENDED_AT + ENDED_BYTES), head);
	int error = state_write(&asker->state, RUNNING, text);

	return error ? say(said, "%s/" RUNNING ": %s", asker->state.dir,
			   strerrordesc_np(-error) ?: "?")
		     : 0;
}

void result_forget(struct asker *asker)
{
	AUTO_FREE char *path = xasprintf("%s/" RUNNING, asker->state.dir);

	(void)unlink(path);
	asker->sequence = 0;
}

/* The log behind what is known of it. 0 or -errno. */
static int result_write(const struct asker *asker, int to)
{
	AUTO_FREE char *path = xasprintf("%s/order.log", asker->state.dir);
	AUTO_CLOSE int log = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FREE char *head =
		xasprintf("bee-result 1\nid %s\nrequest %s\norder %s\nsequence "
			  "%llu\nstatus %d\nwhy %s\nend\n",
			  asker->config.id, asker->request, asker->order,
			  (unsigned long long)asker->sequence, asker->status,
			  *asker->why.text ? asker->why.text : "-");
	static char part[65536];
	uint64_t left = LOG_MAX;
	int error = write_all(to, head, strlen(head));
	ptrdiff_t n = 0;

	while (!error && log >= 0 && left > 0 &&
	       (n = read_full(log, part, sizeof(part))) > 0) {
		error = write_all(to, part, (size_t)n);
		left -= left < (uint64_t)n ? left : (uint64_t)n;
	}
	return error;
}

/* So many digits that names are in the order of their numbers. Owned. */
static char *result_path(const struct asker *asker)
{
	return xasprintf("%s/" PREFIX "%018llu", asker->state.dir,
			 (unsigned long long)asker->sequence);
}

/* As a file, in the place of what was begun. 0 or -errno. */
static int result_file(struct asker *asker, const char *running)
{
	AUTO_FREE char *path = result_path(asker);
	AUTO_CLOSE int to = state_file(&asker->state, "result.next");
	AUTO_FREE char *next = xasprintf("%s/result.next", asker->state.dir);
	int error = to < 0 ? -errno : result_write(asker, to);

	if (!error && rename(next, path))
		error = -errno;
	/* What is of it takes room that something else may have. */
	(void)unlink(error ? next : running);
	return error;
}

/* Where there is no room for its result: in place, as nothing else is sure to have some. */
static void ended_note(const struct asker *asker, const char *running)
{
	AUTO_FREE char *text = xasprintf("%d %s\n", asker->status, asker->why.text);
	AUTO_CLOSE int fd = open(running, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && (pwrite(fd, text, strlen(text), ENDED_AT) < 0 || fsync(fd)))
		warn("%s", running);
}

int result_end(struct asker *asker)
{
	AUTO_FREE char *running = xasprintf("%s/" RUNNING, asker->state.dir);
	int error = result_file(asker, running);

	if (error)
		ended_note(asker, running);
	return error;
}

/* How the order ended, of ended_note; nobody came to write it: it was cut off. */
static void ended_read(struct asker *asker, const char *text, size_t len)
{
	char line[ENDED_BYTES + 1] = "", *space;
	uint64_t status;
	bool minus;

	if (len > ENDED_AT)
		memcpy(line, text + ENDED_AT,
		       len - ENDED_AT < ENDED_BYTES ? len - ENDED_AT : ENDED_BYTES);
	minus = line[0] == '-';
	line[strcspn(line, "\n")] = '\0';
	space = strchr(line, ' ');
	if (space)
		*space++ = '\0';
	asker->why.text[0] = '\0';
	if (!space || take_number(line + minus, 0, 255, &status)) {
		asker->status = RUN_CUT_OFF;
		say(&asker->why, "%s", cut_off);
		return;
	}
	asker->status = minus ? -(int)status : (int)status;
	say(&asker->why, "%s%s%.200s", late, *space ? ": " : "", space);
	said_clean(&asker->why);
}

int result_recover(struct asker *asker, struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/" RUNNING, asker->state.dir);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	unsigned char sha256[SHA256_BYTES];
	char text[ENDED_AT + ENDED_BYTES + 1] = "", *save, *words[3];
	ptrdiff_t len;
	int error;

	if (fd < 0 && errno == ENOENT)
		return 0;
	len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	if (len < 0)
		return say(said, "%s: it cannot be read", path);
	ended_read(asker, text, (size_t)len);
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		words[i] = strtok_r(i ? NULL : text, " \n", &save) ?: (char[]){ "" };
	if (take_number(words[0], 1, INT64_MAX, &asker->sequence) ||
	    take_sha256(words[1], sha256) || take_sha256(words[2], sha256)) {
		asker->sequence = 0;
		return say(said, "%s: not a sequence, an order and a request", path);
	}
	memcpy(asker->order, words[1], sizeof(asker->order));
	memcpy(asker->request, words[2], sizeof(asker->request));
	AUTO_FREE char *result = result_path(asker);
	/* It had ended, and only that was not on record. */
	if (!access(result, F_OK)) {
		result_forget(asker);
		return 0;
	}
	error = result_file(asker, path);
	return error ? say(said,
			   "%s: there is no room for the result of the order that has "
			   "run: "
			   "%s",
			   asker->state.dir, strerrordesc_np(-error) ?: "?")
		     : 0;
}

static int is_result(const struct dirent *entry)
{
	return !strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1);
}

char *result_next(const struct asker *asker)
{
	struct dirent **names;
	int count = scandir(asker->state.dir, &names, is_result, alphasort);
	char *path = NULL;

	for (int i = 0; i < count; i++) {
		if (i == 0)
			path = xasprintf("%s/%s", asker->state.dir, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return path;
}
