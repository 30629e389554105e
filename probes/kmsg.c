/*
 * bee-kmsg RECORDS SECONDS: the kernel's log as /dev/kmsg gives it, from its oldest record on.
 *
 *   clock<TAB>us<TAB>ms    since the start, by CLOCK_MONOTONIC; and since 1970, at that moment
 *   first<TAB>sequence     of the oldest record: so many have been overwritten since the start
 *   6,339,5140900,-;text   a record of the kernel's, then its dictionary, a blank before each
 *                          line (Documentation/ABI/testing/dev-kmsg)
 *   others<TAB>count       records that programs wrote; they are not printed
 *   lost<TAB>count         records that were overwritten while it read (EPIPE)
 *   end<TAB>WHY            empty: all was read; count, time or bytes: a limit came before
 *
 * Who writes as fast as it is read would keep a reader for ever: it ends after RECORDS records,
 * SECONDS seconds, or 8 MiB.
 */
#include "kmsg_copy.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORDS_MAX 10000000u
#define SECONDS_MAX 600u
#define BYTES_MAX (8u << 20)

static ssize_t read_record(struct kmsg_source *source, char *record, size_t size)
{
	ssize_t len = read(source->fd, record, size);

	return len < 0 ? -errno : len;
}

static nsec_t read_clock(struct kmsg_source *source)
{
	(void)source;
	return clock_now();
}

/* printk's clock is close to CLOCK_MONOTONIC: both stand still in suspend. */
static void print_clock(void)
{
	struct timespec since_start, now;

	if (clock_gettime(CLOCK_MONOTONIC, &since_start) ||
	    clock_gettime(CLOCK_REALTIME, &now))
		err(BEE_SOFTWARE, "no clock");
	(void)printf("clock\t%lld\t%lld\n",
		     (long long)since_start.tv_sec * 1000000 + since_start.tv_nsec / 1000,
		     (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int main(int argc, char **argv)
{
	struct kmsg_source source = { .read = read_record, .now = read_clock };
	struct kmsg_limits limits = { .bytes = BYTES_MAX };
	uint64_t seconds;
	int status;

	if (argc != 3 || parse_u64(argv[1], RECORDS_MAX, &limits.records) ||
	    parse_u64(argv[2], SECONDS_MAX, &seconds))
		errx(BEE_USAGE, "usage: bee-kmsg RECORDS SECONDS");
	source.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (source.fd < 0)
		err(BEE_IOERR, "/dev/kmsg");
	print_clock();
	limits.end = clock_now() + (nsec_t)seconds * NSEC_PER_SEC;
	status = kmsg_copy(&source, &limits, stdout);
	if (status)
		errx(BEE_IOERR, "/dev/kmsg: %s", strerror(-status));
	return 0;
}
