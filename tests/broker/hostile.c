/*
 * A tool that was taken over, in the place of smartctl or nvme: sends all that there is, and prints
 * what was let through: what failed otherwise than by EIO, which is what a refused command gets.
 */
#include "mfi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <scsi/sg.h>
#include <signal.h>
#include <stdbool.h>
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

static int device;
static const char *own; /* its name */
static unsigned rounds; /* of what is done over and over */
static unsigned long sent;
static bool behind; /* a disk behind a controller, by PD_SCSI_IO frames */
/* Of all that there is: for a machine that is emulated each code, with what chooses its kind, and no more
 * lengths than tell; for one whose devices answer slowly, a sample of the second bytes. */
static bool each, quick;

struct asked {
	unsigned char cdb[32], data[65536], sense[64];
	struct sg_io_hdr header;
};

static struct asked *asked;

static void scsi_set(unsigned size, int direction, unsigned length)
{
	asked->header = (struct sg_io_hdr){
		.interface_id = 'S',
		.cmd_len = (unsigned char)size,
		.cmdp = asked->cdb,
		.dxfer_direction = direction,
		.dxfer_len = length,
		.dxferp = asked->data,
		.sbp = asked->sense,
		.mx_sb_len = sizeof(asked->sense),
		.timeout = 2000,
	};
}

static bool mfi_passes(struct mfi_packet *packet)
{
	sent++;
	return ioctl(device, MEGASAS_IOC_FIRMWARE, packet) >= 0 || errno != EIO;
}

/* flags, by direction_names */
static const uint16_t mfi_directions[] = { 0, MFI_DIR_READ, MFI_DIR_WRITE };

static struct mfi_packet mfi_packet(uint8_t command, unsigned direction, unsigned length)
{
	return (struct mfi_packet){
		.buffers_at = command == MFI_DCMD
				      ? offsetof(struct mfi_frame, dcmd.buffers)
				      : offsetof(struct mfi_frame, scsi.buffers),
		.buffer_count = length > 0,
		.frame = { .command = command,
			   .buffer_count = length > 0,
			   .flags = mfi_directions[direction],
			   .length = length },
		.buffers = { { asked->data, length } },
	};
}

/* What scsi_set() has said. */
static bool behind_passes(void)
{
	const struct sg_io_hdr *header = &asked->header;
	unsigned direction = header->dxfer_direction == SG_DXFER_FROM_DEV ? 1
			     : header->dxfer_direction == SG_DXFER_TO_DEV ? 2
									  : 0;
	struct mfi_packet packet =
		mfi_packet(MFI_PD_SCSI_IO, direction, header->dxfer_len);

	packet.frame.cdb_length = header->cmd_len;
	memcpy(packet.frame.scsi.cdb, asked->cdb, sizeof(packet.frame.scsi.cdb));
	return mfi_passes(&packet);
}

/* Let through: performed, or failed by a device's own error. */
static bool scsi_passes(void)
{
	if (behind)
		return behind_passes();
	sent++;
	return ioctl(device, SG_IO, &asked->header) >= 0 || errno != EIO;
}

static const char *const direction_names[] = { "none", "in", "out" };
static const int directions[] = { SG_DXFER_NONE, SG_DXFER_FROM_DEV, SG_DXFER_TO_DEV };

/* Each operation code and service action, in each length and direction, with nothing else set. `each`: in the
 * length that its group has (SPC-5, table 23); 7Fh has 32 bytes. */
static void all_scsi(void)
{
	static const unsigned sizes[] = { 6, 10, 12, 16, 32 };
	static const unsigned groups[] = { 6, 10, 10, 32, 16, 12, 16, 16 };

	for (unsigned opcode = 0; opcode < 256; opcode++)
		for (unsigned action = 0; action < 32; action += quick ? 16 : 1)
			for (unsigned i = 0; i < (behind ? 4 : 5); i++)
				for (unsigned d = 0; d < 3; d++) {
					if (each && sizes[i] != groups[opcode >> 5])
						continue;
					memset(asked->cdb, 0, sizeof(asked->cdb));
					asked->cdb[0] = (unsigned char)opcode;
					asked->cdb[1] = (unsigned char)action;
					scsi_set(sizes[i], directions[d], d ? 8 : 0);
					if (scsi_passes())
						printf("%02x/%02x %u %s\n", opcode,
						       action, sizes[i],
						       direction_names[d]);
				}
}

/* Where in a CDB of 12, 16 and 32 bytes each of them is: SAT-4, 12.2.2. */
static const struct {
	unsigned char size, start[10];
	unsigned char protocol, flags, features, count, mid, high, command;
} ata_cdbs[] = {
	{ 12, { 0xa1 }, 1, 2, 3, 4, 6, 7, 9 },
	{ 16, { 0x85 }, 1, 2, 4, 6, 10, 12, 14 },
	{ 32, { 0x7f, 0, 0, 0, 0, 0, 0, 0x18, 0x1f, 0xf0 }, 10, 11, 21, 23, 18, 17, 25 },
};

static void ata_set(unsigned command, unsigned features, unsigned protocol, unsigned kind)
{
	unsigned d = protocol == 3 ? 0 : protocol == 5 ? 2 : 1;
	unsigned char *cdb = asked->cdb;
	bool smart = command == 0xb0;

	memset(cdb, 0, sizeof(asked->cdb));
	memcpy(cdb, ata_cdbs[kind].start, sizeof(ata_cdbs[kind].start));
	cdb[ata_cdbs[kind].protocol] = (unsigned char)(protocol << 1);
	cdb[ata_cdbs[kind].flags] = d == 0 ? 0x0c : d == 1 ? 0x0e : 0x06;
	cdb[ata_cdbs[kind].features] = (unsigned char)features;
	cdb[ata_cdbs[kind].count] = d ? 1 : 0;
	cdb[ata_cdbs[kind].mid] = smart ? 0x4f : 0;
	cdb[ata_cdbs[kind].high] = smart ? 0xc2 : 0;
	cdb[ata_cdbs[kind].command] = (unsigned char)command;
	scsi_set(ata_cdbs[kind].size, directions[d], d ? 512 : 0);
}

/* Each ATA command, by each pass-through, each protocol; LBA as SMART wants it. Each of its features
 * where they choose what is done, some of them elsewhere: tests/unit/device_disks.c asks all. A frame
 * of a controller has no room for 32 bytes. */
static void all_ata(void)
{
	for (unsigned command = 0; command < 256; command++)
		for (unsigned features = 0; features < 256;
		     features += quick                                ? 85
				 : command == 0xb0 || command == 0xef ? 1
								      : 17)
			for (unsigned protocol = 3; protocol < 6; protocol++)
				for (unsigned kind = 0;
				     kind < (behind || (quick && features) ? 2u : 3u);
				     kind++) {
					ata_set(command, features, protocol, kind);
					if (scsi_passes())
						printf("%02x/%02x %u %s\n", command,
						       features, ata_cdbs[kind].size,
						       direction_names[protocol == 3 ? 0
								       : protocol == 5
									       ? 2
									       : 1]);
				}
}

/* What SMART WRITE LOG of log E0h may carry: each action and function, then each other byte. */
static void all_sct(void)
{
	unsigned char *cdb = asked->cdb;
	static const unsigned char write_log[] = {
		0x85, 0x0a, 0x26, 0, 0xd6, 0, 1, 0, 0xe0, 0, 0x4f, 0, 0xc2, 0, 0xb0, 0
	};

	for (unsigned i = 0; i < 256 * 16 + 512; i++) {
		memset(asked->data, 0, sizeof(asked->data));
		memcpy(cdb, write_log, sizeof(write_log));
		if (i < 256 * 16) {
			asked->data[0] = (unsigned char)(i & 0xff);
			asked->data[2] = (unsigned char)(i >> 8);
			asked->data[4] = 2;
		} else { /* a table that may be read, and one byte that is not its */
			asked->data[0] = 5;
			asked->data[2] = 1;
			asked->data[4] = 2;
			asked->data[i - 256 * 16] ^= 0x10;
		}
		scsi_set(16, SG_DXFER_TO_DEV, 512);
		if (scsi_passes())
			printf("%02x/%02x %02x\n", asked->data[0], asked->data[2],
			       asked->data[4]);
	}
}

static bool nvme_passes(struct nvme_admin_cmd *admin)
{
	sent++;
	return ioctl(device, NVME_IOCTL_ADMIN_CMD, admin) >= 0 || errno != EIO;
}

/* Get Log Page, Identify and Get Features have kinds: which log, structure, feature. */
static unsigned nvme_step(unsigned opcode)
{
	bool kinds = opcode == 0x02 || opcode == 0x06 || opcode == 0x0a;

	return quick || (each && !kinds) ? 37 : 1;
}

static void all_nvme(void)
{
	static const unsigned lengths[] = { 0, 512, 4096 };

	for (unsigned opcode = 0; opcode < 256; opcode++)
		for (unsigned low = 0; low < 256; low += nvme_step(opcode))
			for (unsigned i = 0; i < 3; i++) {
				struct nvme_admin_cmd admin = {
					.opcode = (unsigned char)opcode,
					.nsid = 0xffffffff,
					.addr = (uintptr_t)asked->data,
					.data_len = lengths[i],
					.cdw10 = low,
					.timeout_ms = 2000,
				};

				if (opcode == 2 && lengths[i])
					admin.cdw10 |= (lengths[i] / 4 - 1) << 16;
				if (nvme_passes(&admin))
					printf("%02x/%02x %u\n", opcode, low, lengths[i]);
			}
}

/* One thing wrong with a command that is let through. */
static void nvme_bits(void)
{
	for (unsigned i = 0; i < 512; i++) {
		struct nvme_admin_cmd admin = {
			.opcode = 2,
			.nsid = 0xffffffff,
			.addr = (uintptr_t)asked->data,
			.data_len = 512,
			.cdw10 = 127u << 16 | 2,
			.timeout_ms = 2000,
		};
		unsigned char *bytes = (unsigned char *)&admin;

		bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
		/* Where the answer goes is the tool's own affair. */
		if (i / 8 >= 24 && i / 8 < 32)
			continue;
		if (nvme_passes(&admin))
			printf("%u\n", i);
	}
}

static bool ipmi_passes(unsigned netfn, unsigned cmd, unsigned length, int type,
			int channel)
{
	struct ipmi_system_interface_addr address = {
		.addr_type = type,
		.channel = (short)channel,
	};
	struct ipmi_req request = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msg = { .netfn = (unsigned char)netfn,
			 .cmd = (unsigned char)cmd,
			 .data = asked->data,
			 .data_len = (unsigned short)length },
	};

	sent++;
	return ioctl(device, IPMICTL_SEND_COMMAND, &request) >= 0 || errno != EIO;
}

/* Each network function and command, to the BMC and by it to others. `each`: with data where some name a
 * command (IPMI 2.0, table 5-1: chassis, sensors, application, storage, transport, a group's). */
static void all_ipmi(void)
{
	static const unsigned char named[] = { 0x00, 0x04, 0x06, 0x0a, 0x0c, 0x2c };

	static const unsigned lengths[] = { 0, 1, 4, 6, 9, 300 };
	static const int types[] = { 0x0c, 0x01, 0x41, 0x04, 0x81 },
			 channels[] = { 0xf, 0, 7 };

	for (unsigned netfn = 0; netfn < 64; netfn += quick ? 2 : 1)
		for (unsigned cmd = 0; cmd < 256; cmd += quick ? 2 : 1)
			for (unsigned i = 0; i < 6; i += quick ? 5 : 1)
				if (each && i &&
				    !memchr(named, (int)netfn, sizeof(named)))
					continue;
				else if (ipmi_passes(netfn, cmd, lengths[i], 0x0c, 0xf))
					printf("%02x/%02x %u\n", netfn, cmd, lengths[i]);
	for (unsigned t = 0; t < 5; t++)
		for (unsigned c = 0; c < 3; c++)
			if (ipmi_passes(6, 1, 0, types[t], channels[c]))
				printf("06/01 by %02x %x\n", (unsigned)types[t],
				       (unsigned)channels[c]);
}

/* Each question to a network driver, of the step's own interface and of others. */
static void all_ethtool(void)
{
	const char *names[] = { own, "lo", "eth0", "", "lo0", "aaaaaaaaaaaaaaaa" };

	for (unsigned i = 0; i < 6; i++)
		for (unsigned question = 0; question < 3 * 256; question++) {
			struct ifreq request = { .ifr_data = (char *)asked->data };
			unsigned number = question < 256 ? question
					  : question < 512
						  ? question << 8
						  : 1u << (8 + question % 24) | 0x43;

			if (i && !strcmp(names[i], own))
				continue;
			memset(asked->data, 0, 64);
			memcpy(asked->data, &number, sizeof(number));
			memcpy(request.ifr_name, names[i], strnlen(names[i], IFNAMSIZ));
			sent++;
			if (ioctl(device, SIOCETHTOOL, &request) >= 0 || errno != EIO)
				printf("%02x/%s\n", number, names[i]);
		}
}

/* In each direction where its class is one that there is (01h to 08h); of others the one that a question has,
 * which is all of it that `asks` sends. */
static void dcmd(uint32_t opcode, bool asks)
{
	for (unsigned d = 0; d < 3; d++) {
		if (d != 1 && (asks || opcode >= 0x09000000))
			continue;
		struct mfi_packet packet = mfi_packet(MFI_DCMD, d, d ? 4096 : 0);

		memcpy(packet.frame.dcmd.opcode, &opcode, sizeof(opcode));
		if (mfi_passes(&packet))
			printf("%08x %s\n", opcode, direction_names[d]);
	}
}

#define MFI_CLASSES_END                                                                  \
	0x0900 /* upper halves of DCMDs: of a class that there is, and of others */

/* DCMDs with these upper halves, and the lower ones that any has (`each`, of others: none).
 * tests/unit/device_others.c asks of the others. */
static void mfi_classes(uint32_t from, uint32_t end)
{
	static const uint16_t low[] = { 0x0000, 0x0100, 0x0101, 0x0200,
					0x0300, 0x0500, 0x1000 };
	size_t count = each && from ? 1 : sizeof(low) / sizeof(low[0]);

	for (uint32_t high = from; high < end;
	     high += quick && high >= 0x0400 ? 0x101 : 1)
		for (size_t i = 0; i < count; i++)
			dcmd(high << 16 | low[i], false);
}

/* Each frame there could be, and each DCMD of a class that there is. */
static void all_mfi(void)
{
	for (unsigned command = 0; command < 256; command++) {
		struct mfi_packet packet = mfi_packet((uint8_t)command, 1, 36);

		memcpy(packet.frame.dcmd.opcode, (uint8_t[]){ 0, 0, 1, 2 }, 4);
		if (command != MFI_DCMD) {
			packet.frame.cdb_length = 6;
			packet.frame.scsi.cdb[0] = 0x12;
		}
		if (mfi_passes(&packet))
			printf("frame %02x\n", command);
	}
	mfi_classes(0, MFI_CLASSES_END);
}

static void all_mfi_other(void)
{
	mfi_classes(MFI_CLASSES_END, 1u << 16);
}

/* All lower halves of one that reads. */
static void all_mfi_low(void)
{
	for (uint32_t low = 0; low < 1u << 16; low += quick ? 0x101 : 1)
		dcmd(0x02010000 | low, each);
}

static void mfi_one(const char *what, struct mfi_packet packet)
{
	printf("%s: %s\n", what, mfi_passes(&packet) ? "passed" : "refused");
}

/* One thing wrong with a question that is let through, and what may be so. */
static void mfi_places(void)
{
	struct mfi_packet good = mfi_packet(MFI_PD_SCSI_IO, 1, 36), packet;

	good.frame.cdb_length = 6;
	good.frame.scsi.cdb[0] = 0x12;
	mfi_one("as it should be", good);
	packet = good;
	packet.buffers_at = 0x7ffffff0;
	mfi_one("a list elsewhere", packet);
	packet = good;
	packet.sense_at = 0x7ffffff0;
	mfi_one("sense data elsewhere, none asked for", packet);
	packet.sense_length = 8;
	mfi_one("sense data elsewhere", packet);
	packet = good;
	packet.buffer_count = 16;
	mfi_one("more buffers", packet);
	packet = good;
	packet.frame.length = 4096;
	mfi_one("a longer answer than its buffer", packet);
	packet = good;
	packet.frame.lun = 1;
	mfi_one("another unit", packet);
	packet = good;
	packet.frame.cdb_length = 32;
	mfi_one("a longer CDB", packet);
	packet = good;
	packet.frame.scsi.cdb[0] = 0x2a;
	mfi_one("a write", packet);
}

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
		struct itimerval soon = { .it_value = { 0, 1 + (i * 7919) % 400 } };
		int status;
		pid_t pid = fork();

		if (pid < 0)
			exit(2);
		if (pid == 0)
			asked = mmap(NULL, sizeof(*asked), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (unsigned k = 0; pid == 0; k++) {
			const unsigned char inquiry[] = {
				0x12, 1, (unsigned char)(i & 0xff), 0, 36, 0
			};

			/* After the first one: a child is sure to have been answered once. */
			if (k == 1)
				(void)setitimer(ITIMER_REAL, &soon, NULL);
			memcpy(asked->cdb, inquiry, sizeof(inquiry));
			memset(asked->data, 0x55, 36);
			scsi_set(6, SG_DXFER_FROM_DEV, 36);
			*wrong += ioctl(device, SG_IO, &asked->header) != 0;
			for (unsigned n = 0; n < 36; n++)
				*wrong += asked->data[n] != (i & 0xff);
		}
		died += waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
	}
	printf("%u died, %u wrong\n", died, *wrong);
}

/* Each parameter of the LAN, of each channel (`each`: of those that there are): which ones may be asked for. */
static void all_lan(void)
{
	for (unsigned channel = 0; channel < (each ? 16 : 256); channel += quick ? 85 : 1)
		for (unsigned parameter = 0; parameter < 256; parameter++) {
			asked->data[0] = (unsigned char)channel;
			asked->data[1] = (unsigned char)parameter;
			if (ipmi_passes(0x0c, 2, 4, 0x0c, 0xf))
				printf("0c/02 %02x %02x\n", channel, parameter);
		}
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
