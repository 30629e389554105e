/* Commands of disks: SCSI, ATA by CDBs of three sizes, SCT, NVMe; also of disks behind a controller. */
#include "hostile.h"

#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

void scsi_set(unsigned size, int direction, unsigned length)
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
bool scsi_passes(void)
{
	if (behind)
		return behind_passes();
	sent++;
	return ioctl(device, SG_IO, &asked->header) >= 0 || errno != EIO;
}

const char *const direction_names[] = { "none", "in", "out" };

static const int directions[] = { SG_DXFER_NONE, SG_DXFER_FROM_DEV, SG_DXFER_TO_DEV };

/* Each operation code and service action, in each length and direction, with nothing else set. `each`: in the
 * length that its group has (SPC-5, table 23); 7Fh has 32 bytes. */
void all_scsi(void)
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
void all_ata(void)
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
void all_sct(void)
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

void all_nvme(void)
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
void nvme_bits(void)
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
