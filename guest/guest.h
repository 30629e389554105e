/* What a guest is to be: from flags, the environment and its config file, in this order. */
#ifndef BEE_GUEST_GUEST_H
#define BEE_GUEST_GUEST_H

#include "util.h"

#include <sys/types.h>

#define GUEST_NAME_MAX                                                                   \
	12 /* interfaces are NAME0..NAME99, and have at most 15 (IFNAMSIZ) */
#define GUEST_ID_SIZE 17 /* 16 hexadecimal digits */
#define GUEST_RECORDS "/var/lib/bee/guest"
#define GUEST_RUN "/run/bee/guest"
#define GUEST_IDS 65536u /* of each guest */

struct words {
	char **at; /* owned */
	size_t count;
};
void words_add(struct words *words, const char *text, size_t len);
/* By blanks. */
void words_split(struct words *words, const char *text);
void words_clear(struct words *words);

struct cable {
	char bridge[16]; /* "" : attached to nothing */
	uint8_t mac[6];
	bool has_mac;
};

struct disk {
	char *node;         /* as in "vda", owned */
	unsigned partition; /* 0: the whole */
	char *image;        /* owned */
};

/* Members are owned; NULL and 0 where nothing was said. */
struct guest {
	char name[GUEST_NAME_MAX + 1];
	char *folder; /* /opt/sub/NAME, or where its config file is */
	char *config; /* path of the file, NULL: none */
	struct words disks, bridges, cables, start;
	char *base, *lower, *upper, *work, *live;
	char *root;        /* --root */
	struct words init; /* pid 1; none: what the tree has */
	bool shell;        /* pid 1 is a shell on the terminal */
	bool is_volatile, host_users, tun, keep, raise_limits;

	char *backend; /* "ns" or "vm" */
	char *image;   /* --image: the disk of a VM, NULL: the first of `disk` */
	char *kernel, *initrd, *append;
	char *firmware;         /* --firmware, of a VM; NULL: QEMU's BIOS */
	char *accel;            /* "kvm", "tcg"; NULL: what works */
	char *keys;             /* --authorized-keys FILE */
	char *work_seed;        /* --work-seed FILE */
	uint64_t work_size;     /* bytes of a work disk; 0: as the seed, or none */
	uint64_t cpus;          /* 0: 1 */
	bool once;              /* is forgotten when it ends */
	struct words command;   /* the words behind its name */
	uint64_t memory, tasks; /* limits; 0: none */

	struct disk *disk;
	size_t disk_count;
	bool own_image; /* the last of them is NAME.img of its folder, with /root and /work */
	struct cable *cable;
	size_t cable_count;
};

/* True: a name that a guest may have. */
bool guest_name_good(const char *name);
/* `path`, below `folder` (NULL: where the caller is) unless it is absolute. Owned. */
char *guest_absolute(const char *folder, const char *path);
/* Reads the environment (DISKS, BRIDGES ...) and the config file into what flags left open,
 * and takes lists apart. Ends the program with file:line where they make no sense. */
void guest_read(struct guest *guest);

#endif
