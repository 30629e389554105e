/* MegaRAID's firmware: its frames, its commands, and memory that is not where it should be. */
#include "hostile.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

bool mfi_passes(struct mfi_packet *packet)
{
	sent++;
	return ioctl(device, MEGASAS_IOC_FIRMWARE, packet) >= 0 || errno != EIO;
}

/* flags, by direction_names */
static const uint16_t mfi_directions[] = { 0, MFI_DIR_READ, MFI_DIR_WRITE };

struct mfi_packet mfi_packet(uint8_t command, unsigned direction, unsigned length)
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
void all_mfi(void)
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

void all_mfi_other(void)
{
	mfi_classes(MFI_CLASSES_END, 1u << 16);
}

/* All lower halves of one that reads. */
void all_mfi_low(void)
{
	for (uint32_t low = 0; low < 1u << 16; low += quick ? 0x101 : 1)
		dcmd(0x02010000 | low, each);
}

static void mfi_one(const char *what, struct mfi_packet packet)
{
	printf("%s: %s\n", what, mfi_passes(&packet) ? "passed" : "refused");
}

/* One thing wrong with a question that is let through, and what may be so. */
void mfi_places(void)
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
