/* What the ways to ask have in common. */
#ifndef BEE_TESTS_BROKER_HOSTILE_H
#define BEE_TESTS_BROKER_HOSTILE_H

#include "mfi.h"

#include <scsi/sg.h>
#include <stdbool.h>

struct asked {
	unsigned char cdb[32], data[65536], sense[64];
	struct sg_io_hdr header;
};

extern int device;
extern const char *own; /* its name */
extern unsigned rounds; /* of what is done over and over */
extern unsigned long sent;
extern bool behind; /* a disk behind a controller, by PD_SCSI_IO frames */
/* Of all that there is: for a machine that is emulated each code, with what chooses its kind, and no more
 * lengths than tell; for one whose devices answer slowly, a sample of the second bytes. */
extern bool each, quick;
extern struct asked *asked;

extern const char *const direction_names[3];

/* Sets a command up; whether it, or this frame, was let through: performed, or failed by a device's own error. */
void scsi_set(unsigned size, int direction, unsigned length);
bool scsi_passes(void);
bool mfi_passes(struct mfi_packet *packet);
struct mfi_packet mfi_packet(uint8_t command, unsigned direction, unsigned length);

/* The ways to ask, of hostile.c's table. */
void all_scsi(void);
void all_ata(void);
void all_sct(void);
void all_nvme(void);
void nvme_bits(void);
void all_mfi(void);
void all_mfi_other(void);
void all_mfi_low(void);
void mfi_places(void);
void all_ipmi(void);
void all_lan(void);
void all_ethtool(void);

#endif
