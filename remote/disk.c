/* A disk by its serial, as sysfs has it. */
#include "disk.h"
#include "identity.h"
#include "take.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool disk_text(const char *disk, const char *file, size_t skip, char *out, size_t size)
{
	AUTO_FREE char *path = xasprintf(DISK_FOLDER "/%s/%s", disk, file);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char bytes[128] = "";
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, bytes, sizeof(bytes) - 1);
	size_t end;

	if (len <= (ptrdiff_t)skip)
		return false;
	skip += strspn(bytes + skip, " ");
	end = skip + strcspn(bytes + skip, "\n");
	while (end > skip && bytes[end - 1] == ' ')
		end--;
	if (end == skip || end - skip >= size)
		return false;
	memcpy(out, bytes + skip, end - skip);
	out[end - skip] = '\0';
	return true;
}

/* One of several ways to an NVMe drive, which has a name and a node of its own beside. */
static bool is_hidden(const char *disk)
{
	char text[8];

	return disk_text(disk, "hidden", 0, text, sizeof(text)) && !strcmp(text, "1");
}

/* NVMe, virtio, and SCSI with ATA below it: there a page of vital product data, 4 bytes before it. */
static bool serial_is(const char *disk, const char *wanted)
{
	char serial[128];

	return (disk_text(disk, "device/serial", 0, serial, sizeof(serial)) ||
		disk_text(disk, "serial", 0, serial, sizeof(serial)) ||
		disk_text(disk, "device/vpd_pg80", 4, serial, sizeof(serial))) &&
	       !strcmp(serial, wanted);
}

static int node_add(struct disk *disk, const char *name, struct said *said)
{
	if (disk->node_count == DISK_NODES_MAX || strlen(name) + 6 > DISK_NODE_MAX)
		return say(said, "disk: it has more partitions than are looked at");
	(void)snprintf(disk->nodes[disk->node_count++], DISK_NODE_MAX, "/dev/%.57s",
		       name);
	return 0;
}

int disk_nodes(const char *name, struct disk *disk, struct said *said)
{
	AUTO_FREE char *path = xasprintf(DISK_FOLDER "/%s", name);
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int result = node_add(disk, name, said);

	while (!result && dir && (entry = readdir(dir))) {
		AUTO_FREE char *partition =
			xasprintf("%s/%s/partition", path, entry->d_name);

		if (entry->d_name[0] != '.' && !access(partition, F_OK))
			result = node_add(disk, entry->d_name, said);
	}
	if (dir)
		closedir(dir);
	return result;
}

/* The kernel gives O_EXCL to one: a mount, an array, a volume, or us (open(2)). */
static int idle_check(const struct disk *disk, struct said *said)
{
	for (unsigned i = 0; i < disk->node_count; i++) {
		AUTO_CLOSE int fd =
			open(disk->nodes[i], O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0)
			return say(said, "disk: %s: %s", disk->nodes[i],
				   errno == EBUSY ? "it is in use"
						  : strerrordesc_np(errno) ?: "?");
	}
	return 0;
}

int disk_find(const char *serial, bool idle, struct disk *out, struct said *said)
{
	struct disk disk = { .node_count = 0 };
	DIR *dir = opendir(DISK_FOLDER);
	const struct dirent *entry;
	unsigned found = 0;
	int result = 0;

	if (!*identity_serial(serial))
		return say(said, "disk: '%.64s' is no serial that tells disks apart",
			   serial);
	while (!result && dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || is_hidden(entry->d_name) ||
		    !serial_is(entry->d_name, serial))
			continue;
		if (found++ == 0)
			result = disk_nodes(entry->d_name, &disk, said);
	}
	if (dir)
		closedir(dir);
	if (result)
		return -1;
	if (found != 1)
		return say(said, "disk: %s with the serial %.64s",
			   found ? "there is more than one" : "there is none", serial);
	if (idle && idle_check(&disk, said))
		return -1;
	*out = disk;
	return 0;
}

const char *disk_partition(const struct disk *disk, uint64_t number)
{
	for (unsigned i = 0; i < disk->node_count; i++) {
		const char *node = disk->nodes[i];
		size_t digits = strlen(node);
		uint64_t is;

		while (digits && node[digits - 1] >= '0' && node[digits - 1] <= '9')
			digits--;
		if (i == 0 ? number == 0
			   : !take_number(node + digits, 1, 1024, &is) && is == number)
			return node;
	}
	return NULL;
}
