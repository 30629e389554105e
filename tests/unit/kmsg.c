/* bee-kmsg's loop over a log that is made up: where it ends, and what it says was lost. */
#include "kmsg_copy.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What each read gives in turn; the last one for ever. */
struct script {
	struct kmsg_source source; /* first: callbacks get a pointer to it */
	const char *const *reads;  /* a record, or "!ENAME" */
	size_t count, at;
	nsec_t now, step; /* of each read */
	uint64_t flood;   /* not 0: records of that many numbers instead */
};

static ssize_t next(struct kmsg_source *source, char *record, size_t size)
{
	struct script *script = (struct script *)source;
	const char *text;

	script->now += script->step;
	if (script->flood) {
		unsigned long long number = script->at++;

		return snprintf(record, size, "%d,%llu,5,-;x\n", number % 2 ? 12 : 6,
				number);
	}
	text = script->reads[script->at < script->count ? script->at : script->count - 1];
	script->at++;
	if (text[0] == '!')
		return !strcmp(text, "!EAGAIN")  ? -EAGAIN
		       : !strcmp(text, "!EINTR") ? -EINTR
		       : !strcmp(text, "!EPIPE") ? -EPIPE
						 : -EIO;
	CHECK(strlen(text) < size);
	memcpy(record, text, strlen(text));
	return (ssize_t)strlen(text);
}

static nsec_t now(struct kmsg_source *source)
{
	return ((struct script *)source)->now;
}

static char *copy(struct script *script, const struct kmsg_limits *limits, int *status)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	CHECK(to != NULL);
	script->source = (struct kmsg_source){ .read = next, .now = now };
	*status = kmsg_copy(&script->source, limits, to);
	CHECK_INT(fclose(to), 0);
	return text;
}

static const struct kmsg_limits wide = { .records = 1000, .bytes = 1 << 20, .end = 1000 };

static void whole(void)
{
	static const char *const reads[] = { "6,10,5,-;a\n SUBSYSTEM=pci\n", "!EINTR",
					     "30,11,6,-;systemd[1]: a line\n",
					     "4,12,7,c;no line end", "!EAGAIN" };
	struct script script = { .reads = reads, .count = ARRAY_LEN(reads) };
	int status;
	AUTO_FREE char *text = copy(&script, &wide, &status);

	CHECK_INT(status, 0);
	CHECK_STR(text, "first\t10\n6,10,5,-;a\n SUBSYSTEM=pci\n4,12,7,c;no line end\n"
			"others\t1\nlost\t0\nend\tempty\n");
}

/* A record of a program's may be the one before the gap, and the one after it. */
static void overwritten(void)
{
	static const char *const reads[] = { "6,1,5,-;a\n",  "!EPIPE", "12,40,5,-;x\n",
					     "6,41,5,-;b\n", "!EPIPE", "!EPIPE",
					     "6,50,5,-;c\n", "!EAGAIN" };
	struct script script = { .reads = reads, .count = ARRAY_LEN(reads) };
	int status;
	AUTO_FREE char *text = copy(&script, &wide, &status);

	CHECK_INT(status, 0);
	CHECK_STR(text, "first\t1\n6,1,5,-;a\n6,41,5,-;b\n6,50,5,-;c\n"
			"others\t1\nlost\t46\nend\tempty\n");
}

static const char *end_of(const char *text)
{
	const char *end = strstr(text, "\nend\t");

	CHECK(end != NULL);
	return end + 5;
}

static void flood(void)
{
	struct script by_count = { .flood = 1 }, by_time = { .flood = 1, .step = 10 },
		      by_bytes = { .flood = 1 };
	struct kmsg_limits short_bytes = { .records = 10000000,
					   .bytes = 20000,
					   .end = 1 };
	int status;
	AUTO_FREE char *count = copy(&by_count, &wide, &status);
	AUTO_FREE char *time = copy(&by_time, &wide, &status);
	AUTO_FREE char *bytes = copy(&by_bytes, &short_bytes, &status);

	CHECK_STR(end_of(count), "count\n");
	CHECK_INT(by_count.at, 1000);
	CHECK(strstr(count, "others\t500\n") != NULL);
	CHECK_STR(end_of(time), "time\n");
	CHECK_INT(by_time.at, 100);
	CHECK_STR(end_of(bytes), "bytes\n");
	CHECK(strlen(bytes) < 20000);
}

/* EPIPE for ever is a flood as well. */
static void only_lost(void)
{
	static const char *const reads[] = { "!EPIPE" };
	struct script script = { .reads = reads, .count = 1 };
	int status;
	AUTO_FREE char *text = copy(&script, &wide, &status);

	CHECK_STR(text, "others\t0\nlost\t0\nend\tcount\n");
}

static void broken(void)
{
	static const char *const reads[] = { "6,1,5,-;a\n", "!EIO" };
	struct script script = { .reads = reads, .count = 2 };
	int status;
	AUTO_FREE char *text = copy(&script, &wide, &status);

	CHECK_INT(status, -EIO);
	CHECK(strstr(text, "6,1,5,-;a\n") != NULL);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the kernel's records are printed, a program's are counted", whole, 0 },
		{ "what was overwritten is counted by the sequence", overwritten, 0 },
		{ "a flood ends at a count, a time and a size", flood, 0 },
		{ "a log that is overwritten for ever ends too", only_lost, 0 },
		{ "a read that fails is told", broken, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
