/* smartctl for disks behind a RAID controller: what bee-megaraid and bee-cciss share. */
#ifndef BEE_PROBES_BEHIND_H
#define BEE_PROBES_BEHIND_H

#include "util.h"

#define BEHIND_ABSENT 9 /* exit status: no such controller */
#define BEHIND_HOSTS "/sys/class/scsi_host"

/* PROGRAM<TAB>ADDRESS<TAB>DISK<TAB>WHY: an errno's name; 0 is "smartctl", whose JSON follows. */
void behind_say(const char *program, const char *address, const char *disk, int error);

/* One disk, "megaraid,8", by way of a node; what stands before the comma is no part of DISK. */
struct behind_disk {
	const char *program, *smartctl, *address, *type, *node;
};
/* Says so, and lets smartctl print its JSON. What it thinks of the disk is in that alone. */
void behind_ask(const struct behind_disk *disk);

/* Whether a host ("host7") is of this driver, as its proc_name says. */
bool behind_is_driver(const char *host, const char *driver);
/* The PCI address that the host hangs at, else the host itself. */
void behind_address(const char *host, char *address, size_t size);

/*
 * How many physical devices an answer to REPORT PHYSICAL LUNS lists (CISS 1.04, as SPC-4's REPORT LUNS:
 * the length of the list in four bytes, four more, eight of each); no more than its bytes hold.
 */
unsigned behind_lun_count(const uint8_t *answer, size_t size);

#endif
