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

/* Whole or not at all, on a disk that is full or a machine that loses power too. */
static int world_make(bool replace)
{
	AUTO_FREE char *fresh = xasprintf(STATE_WORLD ".%d", getpid());
	AUTO_CLOSE int fd = -1;
	char digits[STATE_WORLD_SIZE];
	uint32_t number;
	int result;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	(void)snprintf(digits, sizeof(digits), "%06x", number & 0xffffff);
	(void)mkdir("/var/lib/bee", 0755);
	if (mkdir(GUEST_RECORDS, 0700) && errno != EEXIST)
		return -errno;
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	result = write_all(fd, digits, sizeof(digits) - 1);
	if (!result && fsync(fd))
		result = -errno;
	if (!result &&
	    (replace ? rename(fresh, STATE_WORLD) : link(fresh, STATE_WORLD)) &&
	    errno != EEXIST)
		result = -errno;
	(void)unlink(fresh);
	return result;
}

int state_world(char out[STATE_WORLD_SIZE])
{
	for (int tries = 0; tries < 2; tries++) {
		AUTO_CLOSE int fd = open(STATE_WORLD, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		char digits[STATE_WORLD_SIZE] = "";
		ptrdiff_t len = fd < 0 ? 0 : read_full(fd, digits, sizeof(digits) - 1);
		int result;

		if (fd < 0 && errno != ENOENT)
			return -errno;
		if (len == (ptrdiff_t)sizeof(digits) - 1 &&
		    strspn(digits, "0123456789abcdef") == sizeof(digits) - 1) {
			memcpy(out, digits, sizeof(digits));
			return 0;
		}
		/* An empty one nobody has read anything from: it is made anew. */
		if (len != 0)
			return len < 0 ? (int)len : -EBADMSG;
		result = world_make(fd >= 0);
		if (result)
			return result;
	}
	return -EBADMSG;
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
