/*
 * What the one ioctl of megaraid_sas takes (drivers/scsi/megaraid/megaraid_sas.h): a frame for the firmware
 * of one controller, and the buffers of its caller. No header of the kernel's for programs has it.
 */
#ifndef BEE_MFI_H
#define BEE_MFI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define MFI_PD_SCSI_IO 4 /* a CDB for a disk behind the controller */
#define MFI_DCMD 5       /* a question or an order to the firmware itself */

#define MFI_DIR_WRITE 0x08
#define MFI_DIR_READ 0x10

#define MFI_PD_GET_LIST 0x02010000 /* a DCMD */

struct mfi_frame {
	uint8_t command, sense_length, status, scsi_status;
	uint8_t target, lun, cdb_length, buffer_count; /* of a DCMD, all but the last 0 */
	uint32_t context, pad;
	uint16_t flags, timeout;
	uint32_t length;
	union {
		struct {
			uint8_t sense_address[8], cdb[16], buffers[80];
		} scsi;
		struct {
			uint8_t opcode[4], mailbox[12], buffers[88];
		} dcmd;
	};
};
_Static_assert(sizeof(struct mfi_frame) == 128, "two of the firmware's");
_Static_assert(offsetof(struct mfi_frame, scsi.buffers) == 48, "as the kernel has it");
_Static_assert(offsetof(struct mfi_frame, dcmd.buffers) == 40, "as the kernel has it");

struct mfi_packet {
	uint16_t host, pad;
	/* In the frame: where the kernel writes the buffers' places, and the sense data's. */
	uint32_t buffers_at, buffer_count, sense_at, sense_length;
	struct mfi_frame frame;
	struct iovec buffers[16];
} __attribute__((packed));

#define MEGASAS_IOC_FIRMWARE _IOWR('M', 1, struct mfi_packet)
_Static_assert(MEGASAS_IOC_FIRMWARE == 0xc1944d01, "as the kernel has it");

#endif
