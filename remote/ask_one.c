/* One question to the server by bee-fetch, one step by bee-order. */
#include "asker.h"
#include "companion.h"
#include "memfile.h"
#include "uids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 48

/* For how long bee-fetch may try all addresses, with the name server before them. */
static nsec_t fetch_time(const struct asker *asker)
{
	return (nsec_t)(30 + (asker->total + 1) * FETCH_ADDRESSES_MAX) * NSEC_PER_SEC;
}

static nsec_t until(const struct asker *asker, nsec_t time)
{
	nsec_t end = clock_now() + time;

	return end < asker->until ? end : asker->until;
}

int64_t ask_time(const struct asker *asker)
{
	int64_t passed = (clock_now() - asker->time_at) / NSEC_PER_SEC;

	return asker->time + passed;
}

static unsigned fetch_words(const struct asker *asker, const char *target, size_t max,
			    bool put, bool others, char **words)
{
	const struct config *config = &asker->config;
	unsigned count = 0;

	words[count++] = xstrdup("bee-fetch");
	words[count++] = xasprintf("--host=%s", config->server);
	words[count++] = xasprintf("--port=%u", config->port);
	words[count++] = xasprintf("--target=%s", target);
	words[count++] = xasprintf("--max=%zu", max);
	words[count++] = xasprintf("--connect=%u", asker->connect);
	words[count++] = xasprintf("--total=%u", asker->total);
	for (unsigned i = 0; others && i < asker->asked_count; i++)
		words[count++] = xasprintf("--asked=%s", asker->asked[i]);
	for (unsigned i = 0; i < config->address_count; i++)
		words[count++] = xasprintf("--address=%s", config->addresses[i]);
	if (*asker->answered && asker->time > 0)
		words[count++] = xasprintf("--time=%lld", (long long)ask_time(asker));
	if (*asker->answered)
		words[count++] = xasprintf("--first=%s", asker->answered);
	if (put)
		words[count++] = xstrdup("--put");
	return count;
}

static int ca_file(const struct config *config)
{
	int fd = memory_file("cacert.pem");

	if (fd >= 0 && (write_all(fd, config->ca, config->ca_len) || memory_seal(fd))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int fetch_judge(struct asker *asker, int code, ptrdiff_t have, struct said *said)
{
	struct fetch_report *report = &asker->report;

	if (code || have != sizeof(*report)) {
		*report = (struct fetch_report){ .good = false };
		return say(said, "bee-fetch: %s",
			   code == -ETIMEDOUT ? "it took too long"
			   : code < 0         ? strerrordesc_np(-code) ?: "?"
					      : "it failed");
	}
	said_clean(&report->said);
	report->address[ADDRESS_MAX - 1] = '\0';
	if (report->retry_after > FETCH_RETRY_MAX)
		report->retry_after = FETCH_RETRY_MAX;
	if (!report->good) {
		*said = report->said;
		return -1;
	}
	return 0;
}

int ask_fetch(struct asker *asker, const char *target, size_t max, int put, bool others,
	      struct said *said)
{
	char *words[WORDS_MAX] = { NULL };
	unsigned count = fetch_words(asker, target, max, put >= 0, others, words);
	AUTO_CLOSE int ca = ca_file(&asker->config);
	int body = memory_file("answer"), ends[2] = { -1, -1 }, code;
	ptrdiff_t have;

	if (ca < 0 || body < 0 || pipe2(ends, O_CLOEXEC))
		return say(said, "memory: %s", strerrordesc_np(errno) ?: "?");
	struct companion fetch = {
		"bee-fetch",     words,     { -1, -1, -1, ca, body, ends[1], put },
		put < 0 ? 6 : 7, UID_FETCH, max + 1
	};

	code = companion_run(&fetch, until(asker, fetch_time(asker)), asker->stop);
	close(ends[1]);
	have = code ? 0 : read_full(ends[0], &asker->report, sizeof(asker->report));
	close(ends[0]);
	for (unsigned i = 0; i < count; i++)
		free(words[i]);
	if (fetch_judge(asker, code, have, said) || memory_seal(body)) {
		close(body);
		return -1;
	}
	return body;
}

int ask_rewind(int fd)
{
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd;
}

int ask_step(struct asker *asker, char **words, const int *fds, unsigned fd_count,
	     nsec_t time, struct answer *answer, struct said *said)
{
	struct companion step = { "bee-order", words, { -1, -1, -1 }, fd_count, 0, 0 };
	AUTO_CLOSE int out = memory_file("step");
	int code;

	*answer = (struct answer){ .good = false };
	for (unsigned i = 0; i <= ORDER_KEYS || i < fd_count; i++)
		step.fds[i] = i < fd_count ? fds[i] : -1;
	if (step.fd_count <= ORDER_KEYS)
		step.fd_count = ORDER_KEYS + 1;
	/* Whose signatures are believed is read anew by each. */
	step.fds[ORDER_KEYS] = asker->keys < 0 ? -1 : ask_rewind(asker->keys);
	step.fds[1] = out;
	step.fds[2] = STDERR_FILENO;
	code = out < 0 ? -errno : companion_run(&step, until(asker, time), asker->stop);
	if (code || lseek(out, 0, SEEK_SET) < 0 ||
	    read_full(out, answer, sizeof(*answer)) != sizeof(*answer)) {
		*answer = (struct answer){ .good = false };
		return say(said, "bee-order: %s",
			   code < 0 ? strerrordesc_np(-code) ?: "?" : "it failed");
	}
	said_clean(&answer->said);
	if (!answer->good || answer->file_count > ORDER_FILES_MAX) {
		*said = answer->said;
		return -1;
	}
	return 0;
}

/* Who was asked is so for this round, whatever came of it. True: there is somebody else to ask. */
bool ask_others_left(struct asker *asker)
{
	const struct fetch_report *report = &asker->report;
	unsigned before = asker->asked_count;

	for (unsigned i = 0; i < report->tried_count && i < FETCH_ADDRESSES_MAX &&
			     asker->asked_count < FETCH_ADDRESSES_MAX;
	     i++) {
		memcpy(asker->asked[asker->asked_count], report->tried[i], ADDRESS_MAX);
		asker->asked[asker->asked_count++][ADDRESS_MAX - 1] = '\0';
	}
	/* Each time one less, whatever bee-fetch says. */
	return report->more && asker->asked_count > before &&
	       asker->asked_count < FETCH_ADDRESSES_MAX;
}
