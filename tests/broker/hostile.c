/*
 * A tool that was taken over, in the place of smartctl or nvme: sends all that there is, and prints
 * what was let through: what failed otherwise than by EIO, which is what a refused command gets.
 */
#include "hostile/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int device;
const char *own;
unsigned rounds;
unsigned long sent;
bool behind, each, quick;
struct asked *asked;

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result >= 0 ? "done" : strerrorname_np(errno));
}

/* Lengths and places that a copier must not follow. */
static void lengths(void)
{
	static const unsigned char inquiry[] = { 0x12, 0, 0, 0, 36, 0 };
	void *nothing = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const unsigned sizes[] = { 65537, 0x7fffffff, 0x80000000, 0xffffffff };

	memcpy(asked->cdb, inquiry, sizeof(inquiry));
	for (unsigned i = 0; i < 4; i++) {
		scsi_set(6, SG_DXFER_FROM_DEV, sizes[i]);
		say("data too long", ioctl(device, SG_IO, &asked->header));
		scsi_set(6, SG_DXFER_TO_DEV, sizes[i]);
		say("data too long", ioctl(device, SG_IO, &asked->header));
	}
	for (unsigned size = 0; size < 256; size += 51) {
		scsi_set(size, SG_DXFER_FROM_DEV, 36);
		say("a CDB of another length", ioctl(device, SG_IO, &asked->header));
	}
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.cmdp = nothing;
	say("a CDB nowhere", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.dxferp = nothing;
	say("data nowhere", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.dxferp = (void *)(uintptr_t)0xffffffff81000000;
	say("data in the kernel", ioctl(device, SG_IO, &asked->header));
	say("a header nowhere", ioctl(device, SG_IO, nothing));
	say("a header in the kernel", ioctl(device, SG_IO, 0xffffffff81000000));
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.iovec_count = 1;
	say("a list of buffers", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, SG_DXFER_TO_FROM_DEV, 36);
	say("both ways", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, -7, 36);
	say("no way", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.interface_id = 'Q';
	say("version 4", ioctl(device, SG_IO, &asked->header));
	scsi_set(6, SG_DXFER_FROM_DEV, 36);
	asked->header.flags = SG_FLAG_DIRECT_IO | 0x10 | 4;
	say("flags", ioctl(device, SG_IO, &asked->header));
}

/* Another process in the same memory: what is checked and what is sent, if it were read twice. */
static void race(void)
{
	unsigned long passed = 0;
	pid_t other;

	asked->cdb[0] = 0x12;
	other = fork();
	if (other == 0)
		for (;;) {
			((volatile unsigned char *)asked->cdb)[0] = 0x2a;
			((volatile unsigned char *)asked->cdb)[0] = 0x12;
		}
	if (other < 0)
		exit(2);
	for (unsigned i = 0; i < rounds; i++) {
		scsi_set(6, SG_DXFER_FROM_DEV, 8);
		passed += scsi_passes();
	}
	(void)kill(other, SIGKILL);
	printf("%lu of %u\n", passed, rounds);
}

/* Is killed while its command is on its way. */
static void dies(void)
{
	alarm(1);
	memset(asked->cdb, 0, sizeof(asked->cdb));
	asked->cdb[0] = 0x12;
	for (;;) {
		scsi_set(6, SG_DXFER_FROM_DEV, 8);
		(void)ioctl(device, SG_IO, &asked->header);
	}
}

/* Asks for page `page` until a timer ends it, and counts the bytes that were wrong. */
static _Noreturn void page_ask(unsigned char page, unsigned delay_us, unsigned *wrong)
{
	const struct itimerval soon = { .it_value = { 0, (suseconds_t)delay_us } };
	const unsigned char inquiry[] = { 0x12, 1, page, 0, 36, 0 };

	asked = mmap(NULL, sizeof(*asked), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned k = 0;; k++) {
		/* After the first one: a child is sure to have been answered once. */
		if (k == 1)
			(void)setitimer(ITIMER_REAL, &soon, NULL);
		memcpy(asked->cdb, inquiry, sizeof(inquiry));
		memset(asked->data, 0x55, 36);
		scsi_set(6, SG_DXFER_FROM_DEV, 36);
		*wrong += ioctl(device, SG_IO, &asked->header) != 0;
		for (unsigned n = 0; n < 36; n++)
			*wrong += asked->data[n] != page;
	}
}

/*
 * Its children ask, each for a page of its own, and die at any time: copied, on its way, answered. What comes
 * has to be the page that was asked for; player.c gives the page's number, as often as there is room.
 */
static void stale(void)
{
	unsigned *wrong = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned died = 0;

	for (unsigned i = 0; i < rounds && wrong != MAP_FAILED; i++) {
		int status;
		pid_t pid = fork();

		if (pid < 0)
			exit(2);
		if (pid == 0)
			page_ask((unsigned char)i, 1 + (i * 7919) % 400, wrong);
		died += waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
	}
	printf("%u died, %u wrong\n", died, *wrong);
}

/* Whom it could reach: pid 1 is the stub, then the reader, copier and performer. */
static void neighbours(void)
{
	for (int pid = 1; pid < 8; pid++) {
		char path[32];
		int fd;

		if (pid == getpid())
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/mem", pid);
		fd = open(path, O_RDWR);
		printf("%d: mem %s,", pid, fd < 0 ? "refused" : "OPEN");
		errno = 0;
		printf(" tgkill %s,",
		       syscall(SYS_tgkill, pid, pid, SIGABRT) ? "refused" : "DONE");
		printf(" kill %s,", syscall(SYS_kill, pid, SIGKILL) ? "refused" : "DONE");
		printf(" prlimit %s,", syscall(SYS_prlimit64, pid, 0, NULL, asked->data)
					       ? "refused"
					       : "DONE");
		printf(" ptrace %s\n",
		       syscall(SYS_ptrace, 16, pid, 0, 0) ? "refused" : "DONE");
	}
}

/* By what is asked: how the device is opened for it; whether its disks are behind a controller. */
static const struct {
	const char *name;
	void (*all)(void);
	int flags;
	bool behind;
} modes[] = {
	{ "scsi", all_scsi, O_RDONLY, false },
	{ "ata", all_ata, O_RDONLY, false },
	{ "sct", all_sct, O_RDONLY, false },
	{ "nvme", all_nvme, O_RDONLY, false },
	{ "nvme-bits", nvme_bits, O_RDONLY, false },
	{ "ipmi", all_ipmi, O_RDWR, false },
	{ "ipmi-lan", all_lan, O_RDWR, false },
	{ "mfi", all_mfi, O_RDWR, false },
	{ "mfi-other", all_mfi_other, O_RDWR, false },
	{ "mfi-low", all_mfi_low, O_RDWR, false },
	{ "mfi-places", mfi_places, O_RDWR, false },
	{ "mfi-scsi", all_scsi, O_RDWR, true },
	{ "mfi-ata", all_ata, O_RDWR, true },
	{ "mfi-sct", all_sct, O_RDWR, true },
	{ "ethtool", all_ethtool, -1, false },
	{ "lengths", lengths, O_RDONLY, false },
	{ "race", race, O_RDONLY, false },
	{ "stale", stale, O_RDONLY, false },
	{ "dies", dies, O_RDONLY, false },
	{ "neighbours", neighbours, O_RDONLY, false },
};

int main(int argc, char **argv)
{
	size_t mode = 0, count = sizeof(modes) / sizeof(modes[0]);

	if (argc < 3)
		return 2;
	while (mode < count && strcmp(modes[mode].name, argv[2]) != 0)
		mode++;
	if (mode == count)
		return 2;
	asked = mmap(NULL, sizeof(*asked), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	device = modes[mode].flags < 0 ? socket(AF_INET, SOCK_DGRAM, 0)
				       : open(argv[1], modes[mode].flags | O_NONBLOCK);
	if (device < 0 || asked == MAP_FAILED)
		return 2;
	own = argv[1];
	behind = modes[mode].behind;
	quick = argc > 3 && !strcmp(argv[3], "quick");
	each = argc > 3 && !strcmp(argv[3], "each");
	rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 1000;
	modes[mode].all();
	if (sent)
		printf("sent %lu\n", sent);
	return argc > 3 && !strcmp(argv[3], "exit1");
}
