/* Who a guest is: an id, and ids of users that are its alone. */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* systemd gives 0x00080000 to 0x6fffffff to containers (doc/UIDS-GIDS.md there); of that the end. */
#define IDS_FIRST 0x60000000u
#define IDS_SLOTS 4096u

int state_world(char out[STATE_WORLD_SIZE])
{
	static const char path[] = GUEST_RECORDS "/.world";
	char fresh[STATE_WORLD_SIZE], digits[STATE_WORLD_SIZE] = "";
	AUTO_CLOSE int made = -1, fd = -1;
	uint32_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	(void)snprintf(fresh, sizeof(fresh), "%06x", number & 0xffffff);
	(void)mkdir("/var/lib/bee", 0755);
	if (mkdir(GUEST_RECORDS, 0700) && errno != EEXIST)
		return -errno;
	made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (made >= 0 && write(made, fresh, sizeof(fresh) - 1) != sizeof(fresh) - 1)
		return -EIO;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || read_full(fd, digits, sizeof(digits) - 1) != sizeof(digits) - 1 ||
	    strspn(digits, "0123456789abcdef") != sizeof(digits) - 1)
		return fd < 0 ? -errno : -EBADMSG;
	memcpy(out, digits, sizeof(digits));
	return 0;
}

struct ids_wanted {
	uid_t first;
	bool taken;
};

static int ids_compare(const char *name, void *data)
{
	struct ids_wanted *wanted = data;
	struct record other = { .config = NULL };

	if (record_load(name, &other) == STATE_GOOD) {
		wanted->taken |= other.first_id == wanted->first;
		record_done(&other);
	}
	return 0;
}

int record_new(const char *backend, bool host_users, struct record *out)
{
	struct ids_wanted wanted = { 0, true };
	char world[STATE_WORLD_SIZE];
	uint64_t number;
	int result = state_world(world);

	if (result)
		return result;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	*out = (struct record){ .host_users = host_users, .exit_status = -2 };
	(void)snprintf(out->backend, sizeof(out->backend), "%s", backend);
	(void)snprintf(out->id, sizeof(out->id), "%s%010llx", world,
		       (unsigned long long)number & 0xffffffffff);
	if (host_users)
		return 0;
	for (unsigned i = 0; i < IDS_SLOTS && wanted.taken; i++) {
		wanted.first =
			IDS_FIRST + (unsigned)((number + i) % IDS_SLOTS) * GUEST_IDS;
		wanted.taken = getpwuid(wanted.first) != NULL;
		(void)state_each(ids_compare, &wanted);
	}
	out->first_id = wanted.first;
	return wanted.taken ? -ENOSPC : 0;
}
