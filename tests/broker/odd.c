/*
 * A tool that was taken over and asks in odd ways: by other numbers of ioctl(2), with a header that is its own
 * answer's place, from memory that another task rewrites or takes away, under a storm of signals. Prints what
 * came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int device;
static unsigned rounds = 1000;
static bool few;

struct page {
	struct sg_io_hdr header;
	unsigned char cdb[32], sense[64], data[36], guard[64];
};

static void page_set(struct page *page, unsigned number)
{
	memset(page, 0x55, sizeof(*page));
	page->header = (struct sg_io_hdr){
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_FROM_DEV,
		.cmd_len = 6,
		.mx_sb_len = sizeof(page->sense),
		.dxfer_len = sizeof(page->data),
		.dxferp = page->data,
		.cmdp = page->cdb,
		.sbp = page->sense,
	};
	memcpy(page->cdb, (unsigned char[]){ 0x12, 1, (unsigned char)number, 0, 36, 0 },
	       6);
}

/* The device's page is its number, as often as there is room: broker/machine.sh, pages(). */
static bool page_good(const struct page *page, unsigned number)
{
	for (size_t i = 0; i < sizeof(page->data); i++)
		if (page->data[i] != (unsigned char)number)
			return false;
	for (size_t i = 0; i < sizeof(page->guard); i++)
		if (page->guard[i] != 0x55)
			return false;
	return true;
}

static bool page_ask(unsigned number)
{
	struct page page;

	page_set(&page, number);
	return !ioctl(device, SG_IO, &page.header) && page_good(&page, number);
}

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result >= 0 ? "done" : strerrorname_np(errno));
	if (!page_ask(7))
		printf("after that nothing is answered: %s\n", strerrorname_np(errno));
}

/*
 * Each type and number, in each direction, without an argument's size and with that of `rounds`: which of them are
 * more than refused (ENOTTY, which the stub says in the place of a driver that does not know it). `few`: of the types
 * of disks and those near them (ioctl-number.rst of the kernel's).
 */
static void numbers(void)
{
	static const unsigned char types[] = { 0x00, 0x01, 0x02, 0x03, 0x12, 0x22,
					       0x23, 'L',  'M',  'N',  'S',  'T',
					       'i',  'm',  0x88, 0x89 };
	static unsigned char argument[4096];
	unsigned type_count = few ? sizeof(types) : 256;

	for (unsigned i = 0; i < type_count * 2048; i++) {
		unsigned type = i >> 11, way = i >> 8 & 3, sized = i >> 10 & 1;
		unsigned long number = (unsigned long)way << 30 |
				       (sized ? (unsigned long)rounds << 16 : 0) |
				       (few ? types[type] : type) << 8 | (i & 0xff);

		memset(argument, 0, 512);
		if (ioctl(device, number, argument) >= 0 || errno != ENOTTY)
			printf("%lx\n", number);
	}
	printf("of %u\n", type_count * 2048);
}

/* Where a header, its command and its answer lie in each other, or half of them nowhere. */
static void places(void)
{
	unsigned char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *end = two + 4096;
	struct page page, *at;

	(void)mprotect(end, 4096, PROT_NONE);
	page_set(&page, 1);
	at = (struct page *)(void *)(end - 40);
	memcpy(at, &page.header, 40);
	say("half a header", ioctl(device, SG_IO, at));
	page_set(&page, 1);
	memcpy(end - 3, page.cdb, 3);
	page.header.cmdp = end - 3;
	say("half a command", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.dxferp = end - 10;
	say("room for half an answer", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.dxferp = &page.header;
	say("an answer over its header", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.cmdp = (unsigned char *)&page.header;
	page.header.cmd_len = 6;
	say("a header for a command", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.dxferp = page.cdb;
	say("an answer over its command", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.dxferp = (void *)(uintptr_t)numbers;
	say("an answer over code", ioctl(device, SG_IO, &page.header));
	say("a header that wraps", ioctl(device, SG_IO, UINTPTR_MAX - 8));
	say("a header at the end of addresses",
	    ioctl(device, SG_IO, (UINT64_C(1) << 47) - 44));
	say("a header that has no address", ioctl(device, SG_IO, UINT64_C(1) << 63));
	say("no header", ioctl(device, SG_IO, 0));
	page_set(&page, 1);
	page.header.dxferp = (void *)(UINTPTR_MAX - 8);
	say("an answer that wraps", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.cmdp = (void *)(UINTPTR_MAX - 2);
	say("a command that wraps", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.sbp = (void *)(UINTPTR_MAX - 2);
	say("no sense, nowhere", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	page.header.iovec_count = 0xffff;
	say("65535 buffers", ioctl(device, SG_IO, &page.header));
	page_set(&page, 1);
	say("by a descriptor that is not there", ioctl(77, SG_IO, &page.header));
	page_set(&page, 1);
	say("by stdin", ioctl(0, SG_IO, &page.header));
	say("with an upper half", ioctl(device, SG_IO | 1ul << 40, &page.header));
}

static struct page *shared;
static atomic_bool over;

static unsigned turn(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* Lengths, places and forms, of a header that is just being asked by; and the page below an answer. */
static void *rewrites(void *hole)
{
	volatile struct sg_io_hdr *header = &shared->header;
	unsigned state = 4711;

	while (!over) {
		unsigned n = turn(&state);

		header->dxfer_len = n & 1 ? 36 : n & 2 ? 65537 : n >> 8;
		header->cmd_len = n & 4 ? 6 : (unsigned char)(n >> 9);
		header->dxfer_direction = n & 8 ? SG_DXFER_FROM_DEV : -(int)(n >> 10 & 7);
		header->dxferp = n & 16   ? shared->data
				 : n & 32 ? hole
					  : (void *)(uintptr_t)n;
		header->cmdp = n & 64 ? shared->cdb : (unsigned char *)hole;
		header->iovec_count = n & 0x80000 ? 0 : (unsigned short)n;
		if (n & 128)
			(void)mprotect(hole, 4096,
				       n & 256 ? PROT_NONE : PROT_READ | PROT_WRITE);
	}
	return NULL;
}

static void rewritten(void)
{
	unsigned char *hole = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned done = 0, said[256] = { 0 };
	pthread_t thread;

	shared = mmap(NULL, sizeof(*shared) + 65536, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page_set(shared, 3);
	if (pthread_create(&thread, NULL, rewrites, hole))
		exit(2);
	for (unsigned i = 0; i < rounds; i++)
		if (ioctl(device, SG_IO, &shared->header))
			said[errno & 0xff]++;
		else
			done++;
	over = true;
	(void)pthread_join(thread, NULL);
	for (unsigned i = 0; i < 256; i++)
		if (said[i] && i != EIO && i != EFAULT && i != EMSGSIZE)
			printf("%s %u\n", strerrorname_np((int)i), said[i]);
	printf("%s, then %s\n", done ? "some done" : "none done",
	       page_ask(9) ? "as before" : "nothing");
}

/* Each thread its own page, by descriptors that others close and take again. */
static void *asks(void *number)
{
	unsigned own = (unsigned)(uintptr_t)number;
	uintptr_t wrong = 0;

	for (unsigned i = 0; i < rounds; i++) {
		struct page page;
		int fd = dup(device);

		page_set(&page, own);
		wrong += ioctl(fd, SG_IO, &page.header) || !page_good(&page, own);
		close(fd);
	}
	return (void *)wrong;
}

static void threads(void)
{
	pthread_t other;
	void *wrong = NULL;
	uintptr_t mine;

	if (pthread_create(&other, NULL, asks, (void *)(uintptr_t)0xaa))
		exit(2);
	mine = (uintptr_t)asks((void *)(uintptr_t)0x11);
	(void)pthread_join(other, &wrong);
	printf("%lu and %lu wrong\n", mine, (uintptr_t)wrong);
}

static volatile sig_atomic_t heard;

static void hear(int signo)
{
	(void)signo;
	heard++;
}

/* A signal every 60 us, whose handler does not restart what it interrupts. */
static void signals(void)
{
	struct itimerval often = { { 0, 60 }, { 0, 60 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = hear };
	unsigned wrong = 0, interrupted = 0;

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &often, NULL);
	for (unsigned i = 0; i < rounds; i++) {
		struct page page;
		int result;

		page_set(&page, i);
		result = ioctl(device, SG_IO, &page.header);
		if (result && errno == EINTR)
			interrupted++;
		else
			wrong += result || !page_good(&page, i);
	}
	(void)setitimer(ITIMER_REAL, &never, NULL);
	/* Before the stub has taken it, a call may be interrupted. */
	printf("%s heard, %u wrong, %s\n", heard > 10 ? "many" : "few", wrong,
	       interrupted < rounds ? "some answered" : "none answered");
}

static char **self;

/* Another program, which has one turn less. */
static void *become(void *turns)
{
	unsigned before = (unsigned)(uintptr_t)turns;
	struct timespec soon = { 0, 1000 * (1 + (before * 7919l) % 400) };
	char left[16], *argv[] = { self[0], self[1], self[2], left, NULL };

	(void)nanosleep(&soon, NULL);
	(void)snprintf(left, sizeof(left), "%u", before - 1);
	execv(self[0], argv);
	printf("%s\n", strerrorname_np(errno));
	exit(1);
}

/* Becomes another program at any moment of a command that another thread asks, `rounds` times: of one that
 * ends with it, and of the first, whose number the one that goes on takes over. */
static void becomes(void)
{
	void *turns = (void *)(uintptr_t)rounds, *number = (void *)(uintptr_t)0x22;
	bool first = rounds & 1;
	pthread_t other;

	if (!page_ask(5))
		exit(3);
	if (rounds == 0) {
		printf("became another, and is answered\n");
		return;
	}
	rounds = ~0u;
	if (pthread_create(&other, NULL, first ? become : asks, first ? turns : number))
		exit(2);
	(void)(first ? asks(number) : become(turns));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = { { "numbers", numbers },     { "places", places },
		      { "rewritten", rewritten }, { "threads", threads },
		      { "signals", signals },     { "becomes", becomes } };

	if (argc < 3)
		return 2;
	self = argv;
	device = open(argv[1], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (device < 0)
		return 2;
	if (argc > 3)
		rounds = (unsigned)atoi(argv[3]);
	few = argc > 4;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].name, argv[2])) {
			modes[i].run();
			return 0;
		}
	return 2;
}
