/*
 * commander SEED TRANSPORT DEVICE: a tool that was taken over and asks a device for everything, in place of one that
 * may ask for a little (commands of hostile.py). Its commands are rewritten by another process while
 * they are read, their memory goes away, those who ask die. The recorded device answers 7fh to whatever
 * should not have reached it; stdout names that, "won ...", and says how many were let through as they should.
 */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 400
#define FORBIDDEN 0x7f /* hostile.py's ANSWERS */
#define PAGE 4096

/* What every process of this program sees, and rewrites. */
static struct shared {
	unsigned char bytes[64], data[65536], sense[64], address[32];
	struct sg_io_hdr scsi;
	struct nvme_admin_cmd nvme;
	struct ipmi_req request;
	struct ipmi_recv received;
	unsigned passed;
} * shared;

static unsigned char *unwritable, *vanishing;
static uint64_t seed;
static int device;

static uint64_t below(uint64_t limit)
{
	return random_next(&seed) % limit;
}

static void won(const char *what, const unsigned char *bytes, unsigned count)
{
	char line[160];
	int at = snprintf(line, sizeof(line), "won %s ", what);

	for (unsigned i = 0; i < count && i < 32; i++)
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%02x", bytes[i]);
	line[at++] = '\n';
	(void)!write(STDOUT_FILENO, line, (size_t)at);
}

/* Where a command, or its data, may lie. */
static void *place(void *usual)
{
	switch (below(24)) {
	case 0:
		return unwritable;
	case 1:
		return vanishing + PAGE - below(64); /* over the edge of what there is */
	case 2:
		return (void *)(uintptr_t)(below(2) ? 0xffffffff81000000
						    : random_next(&seed));
	default:
		return usual;
	}
}

static unsigned length(void)
{
	static const unsigned lengths[] = { 0,          1,         36,    512,
					    4096,       65536,     65537, 0x7fffffff,
					    0x80000000, 0xffffffff };

	return lengths[below(10)];
}

/* One bit, byte or word of it is another. */
static void spoil(void *bytes, size_t size)
{
	unsigned char *at = bytes;

	for (uint64_t i = below(3); i > 0; i--)
		at[below(size)] ^=
			(unsigned char)(below(2) ? 1u << below(8) : below(256));
}

/* The low half is the request, as far as the kernel goes. */
static long ask(unsigned request, const void *argument)
{
	static const int others[] = { 0, 1, 2, -1, 77 };
	uint64_t high = below(8) ? 0 : random_next(&seed) << 32;
	int fd = below(8) ? device : others[below(5)];

	return syscall(SYS_ioctl, fd, high | request, argument);
}

static void scsi(void)
{
	enum { NONE = SG_DXFER_NONE, IN = SG_DXFER_FROM_DEV, OUT = SG_DXFER_TO_DEV };
	static const struct {
		unsigned char bytes[16], size;
		int direction;
		unsigned length;
	} commands[] = {
		{ { 0x12, 0, 0, 0, 36 }, 6, IN, 36 },
		{ { 0x12, 1, 0x80, 0, 255 }, 6, IN, 255 },
		{ { 0 }, 6, NONE, 0 },
		{ { 0x03, 0, 0, 0, 36 }, 6, IN, 36 },
		{ { 0x2a, 0, 0, 0, 0, 0, 0, 0, 1 }, 10, OUT, 512 }, /* WRITE */
		{ { 0x04, 0x10 }, 6, NONE, 0 },                     /* FORMAT UNIT */
		{ { 0x3b, 5, 0, 0, 0, 0, 0, 2 }, 10, OUT, 512 },    /* WRITE BUFFER */
		{ { 0x48, 3 }, 10, NONE, 0 },                       /* SANITIZE */
		/* SECURITY ERASE UNIT, SMART WRITE LOG */
		{ { 0xa1, 6, 0x2c, 0, 0, 0, 0, 0, 0, 0xf4 }, 12, NONE, 0 },
		{ { 0x85, 0x0a, 0x26, 0, 0xd6, 0, 1, 0, 0xe0, 0, 0x4f, 0, 0xc2, 0, 0xb0 },
		  16,
		  OUT,
		  512 },
	};
	static const int directions[] = { NONE, IN, OUT, SG_DXFER_TO_FROM_DEV, -7 };
	static const unsigned char sizes[] = { 6, 10, 12, 16, 32, 0, 33, 255 };
	struct sg_io_hdr *header = &shared->scsi;
	uint64_t which = below(10);

	memcpy(shared->bytes, commands[which].bytes, sizeof(commands[which].bytes));
	*header = (struct sg_io_hdr){
		.interface_id = 'S',
		.cmd_len = below(4) ? commands[which].size : sizes[below(8)],
		.cmdp = place(shared->bytes),
		.dxfer_direction =
			below(4) ? commands[which].direction : directions[below(5)],
		.dxfer_len = below(4) ? commands[which].length : length(),
		.dxferp = place(shared->data),
		.sbp = place(shared->sense),
		.mx_sb_len = (unsigned char)below(256),
		.iovec_count = below(8) ? 0 : (unsigned short)below(4),
		.timeout = 100
	};
	if (below(2))
		spoil(below(2) ? (void *)shared->bytes : header, 16);
	header->status = 0;
	if (ask(SG_IO, below(8) ? header : place(header)))
		return;
	if (header->status == FORBIDDEN)
		won("scsi", shared->bytes, 16);
	else
		shared->passed++;
}

static void nvme(void)
{
	static const unsigned char opcodes[] = {
		2, 2, 2, 6, 0x10, 0x11, 0x80, 0x84, 0xc0
	};
	struct nvme_admin_cmd *admin = &shared->nvme;
	unsigned size = length();
	long result;

	*admin = (struct nvme_admin_cmd){ .opcode = opcodes[below(9)],
					  .nsid = below(2) ? 1 : 0xffffffff,
					  .addr = (uintptr_t)place(shared->data),
					  .data_len = size,
					  .cdw10 = (size / 4 - 1) << 16 |
						   (unsigned)below(4),
					  .timeout_ms = 100 };
	if (below(2))
		spoil(admin, sizeof(*admin));
	result = ask(NVME_IOCTL_ADMIN_CMD, below(8) ? admin : place(admin));
	if (result == FORBIDDEN)
		won("nvme", (unsigned char *)admin, 64);
	else if (result == 0)
		shared->passed++;
}

/* An answer that came is of the command before it. */
static void ipmi(void)
{
	struct ipmi_system_interface_addr *address = (void *)shared->address;
	unsigned answered;

	*address = (struct ipmi_system_interface_addr){
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
	};
	shared->request = (struct ipmi_req){
		.addr = place(address),
		.addr_len = below(4) ? sizeof(*address) : length(),
		.msg = { .netfn = below(2) ? 6 : (unsigned char)below(64),
			 .cmd = below(2) ? 1 : (unsigned char)below(256),
			 .data_len = below(2) ? 0 : (unsigned short)length(),
			 .data = place(shared->data) },
	};
	if (below(2))
		spoil(below(2) ? (void *)address : &shared->request, sizeof(*address));
	(void)ask(IPMICTL_SEND_COMMAND, below(8) ? &shared->request : place(shared));
	shared->received =
		(struct ipmi_recv){ .addr = place(shared->address),
				    .addr_len = sizeof(shared->address),
				    .msg = { .data = shared->data,
					     .data_len = (unsigned short)length() } };
	shared->data[0] = 0;
	if (ask(IPMICTL_RECEIVE_MSG_TRUNC, &shared->received))
		return;
	answered = shared->data[0];
	if (answered == FORBIDDEN)
		won("ipmi", (unsigned char *)&shared->request.msg, 2);
	else
		shared->passed++;
}

/* Until it is killed: what is checked of a command is not what there is a moment later. */
static void rewrite(void)
{
	for (;;) {
		volatile unsigned char *bytes = shared->bytes;

		bytes[0] = 0x2a;
		bytes[0] = 0x12;
		shared->scsi.dxfer_len = 65537;
		shared->scsi.dxfer_len = 36;
		shared->scsi.dxfer_direction = SG_DXFER_TO_DEV;
		shared->scsi.dxfer_direction = SG_DXFER_FROM_DEV;
		shared->nvme.opcode = 0x80;
		shared->nvme.opcode = 2;
		shared->request.msg.cmd = 2;
		shared->request.msg.cmd = 1;
	}
}

static void (*transport)(void);

static void commands(unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		transport();
		for (unsigned n = 0; n < PAGE; n++)
			if (unwritable[n] != 0x12)
				won("a page that cannot be written", unwritable, 8);
	}
}

/* Asks, and is dead before it is answered, at whatever step its command is. */
static void die(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct itimerval_us {
			long interval[2], value[2];
		} soon = { { 0, 0 }, { 0, 1 + (long)below(2000) } };

		seed += (uint64_t)getpid();
		(void)syscall(SYS_setitimer, 0, &soon, NULL);
		commands(100000);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int flags = MAP_SHARED | MAP_ANONYMOUS;
	pid_t rewriter = -1;

	if (argc < 4)
		return 64;
	transport = !strcmp(argv[2], "scsi")   ? scsi
		    : !strcmp(argv[2], "nvme") ? nvme
					       : ipmi;
	for (const char *at = argv[1]; *at; at++)
		seed = seed * 31 + (unsigned char)*at;
	device = open(argv[3], (below(2) ? O_RDWR : O_RDONLY) | O_NONBLOCK);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, flags, -1, 0);
	unwritable = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	vanishing = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (device < 0 || shared == MAP_FAILED || unwritable == MAP_FAILED ||
	    vanishing == MAP_FAILED)
		return 2;
	memset(unwritable, 0x12, PAGE);
	if (mprotect(unwritable, PAGE, PROT_READ) || munmap(vanishing + PAGE, PAGE))
		return 2;
	if (below(2))
		rewriter = fork();
	if (rewriter == 0)
		rewrite();
	for (uint64_t i = below(6); i > 0; i--)
		die();
	commands(ROUNDS);
	printf("passed %u\n", shared->passed);
	return 0; /* pid 1 ends the rewriter with us */
}
