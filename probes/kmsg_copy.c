/* The loop over the kernel's log: one read, one record, until a limit or the log's end. */
#include "kmsg_copy.h"

#include <errno.h>
#include <string.h>

/*
 * "6,339,5140900,-;text": the first number is 8 times the facility, and the level
 * (Documentation/ABI/testing/dev-kmsg). The kernel's own is 0, and a write to /dev/kmsg can
 * have any other but never that one (devkmsg_write, kernel/printk/printk.c).
 */
static bool is_kernels(const char *record, size_t len)
{
	return len > 1 && record[0] >= '0' && record[0] <= '7' && record[1] == ',';
}

/* The number after the first comma; false where there is none. */
static bool sequence_of(const char *record, size_t len, uint64_t *out)
{
	const char *comma = memchr(record, ',', len);
	char digits[24];
	size_t have = 0;

	if (!comma)
		return false;
	for (comma++; comma < record + len && have < sizeof(digits) - 1; comma++) {
		if (*comma < '0' || *comma > '9')
			break;
		digits[have++] = *comma;
	}
	digits[have] = '\0';
	return !parse_u64(digits, UINT64_MAX - 1, out);
}

/* What a limit says of the next turn; NULL: go on. */
static const char *limit_reached(struct kmsg_source *source,
				 const struct kmsg_limits *limits, uint64_t records,
				 size_t bytes)
{
	if (records >= limits->records)
		return "count";
	if (bytes + KMSG_RECORD_MAX > limits->bytes)
		return "bytes";
	return source->now(source) >= limits->end ? "time" : NULL;
}

int kmsg_copy(struct kmsg_source *source, const struct kmsg_limits *limits, FILE *out)
{
	static char record[KMSG_RECORD_MAX];
	uint64_t records = 0, others = 0, lost = 0, sequence, next = 0;
	bool any = false;
	size_t bytes = 0;
	const char *end;

	while (!(end = limit_reached(source, limits, records, bytes))) {
		ssize_t len = source->read(source, record, sizeof(record));

		records++;
		if (len == -EAGAIN || len == 0) {
			end = "empty";
			break;
		}
		/* EPIPE: overwritten before it was read; the next one is the oldest there is. */
		if (len == -EINTR || len == -EPIPE)
			continue;
		if (len < 0)
			return (int)len;
		if (sequence_of(record, (size_t)len, &sequence)) {
			if (!any)
				(void)fprintf(out, "first\t%llu\n",
					      (unsigned long long)sequence);
			else if (sequence > next)
				lost += sequence - next;
			any = true;
			next = sequence + 1;
		}
		if (!is_kernels(record, (size_t)len)) {
			others++;
			continue;
		}
		(void)fwrite(record, 1, (size_t)len, out);
		if (record[len - 1] != '\n')
			(void)fputc('\n', out);
		bytes += (size_t)len + 1;
	}
	(void)fprintf(out, "others\t%llu\nlost\t%llu\nend\t%s\n",
		      (unsigned long long)others, (unsigned long long)lost, end);
	return fflush(out) ? -errno : 0;
}
