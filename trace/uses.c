/* What a call does to the object of its name. */
#include "uses.h"
#include "board.h"

#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* What open(2) with these flags does to what it finds. */
static unsigned opened(uint64_t flags, unsigned mode)
{
	if (S_ISLNK(mode))
		return USE_LINK;
	if (flags & O_PATH)
		return USE_STAT;
	if (S_ISDIR(mode))
		return (flags & O_TMPFILE) == O_TMPFILE ? USE_STAT : USE_LISTED;
	if (!S_ISREG(mode))
		return USE_READ;
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return USE_STAT; /* it fails */
	if ((flags & O_ACCMODE) == O_RDONLY)
		return flags & O_TRUNC ? USE_CHANGED : USE_READ;
	if ((flags & O_ACCMODE) == O_RDWR && !(flags & O_TRUNC))
		return USE_CHANGED | USE_READ;
	return USE_CHANGED;
}

unsigned uses_found(enum call_kind kind, uint64_t flags, unsigned mode)
{
	switch (kind) {
	case CALL_OPEN:
	case CALL_HOW:
		return opened(flags, mode);
	case CALL_CHANGE:
	case CALL_LCHANGE:
	case CALL_REMOVE:
	case CALL_MOVE:
		return USE_CHANGED;
	case CALL_STAT:
	case CALL_LSTAT:
	case CALL_READLINK:
	case CALL_MAKE:
	case CALL_CONNECT:
	case CALL_BIND:
	case CALL_PLACE:
	case CALL_EXEC:
		break;
	}
	return S_ISLNK(mode) ? USE_LINK : USE_STAT;
}

unsigned uses_missing(const struct call *call, enum call_kind kind, uint64_t flags)
{
	switch (kind) {
	case CALL_OPEN:
	case CALL_HOW:
		return flags & O_CREAT ? USE_CREATED : USE_MISSING;
	case CALL_MAKE:
	case CALL_MOVE:
	case CALL_BIND:
		return USE_CREATED;
	case CALL_CHANGE:
		return !strcmp(call->name, "creat") ? USE_CREATED : USE_MISSING;
	default:
		return USE_MISSING;
	}
}

bool uses_follows(enum call_kind kind, uint64_t flags)
{
	switch (kind) {
	case CALL_OPEN:
	case CALL_HOW:
		return !(flags & O_NOFOLLOW) &&
		       (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	case CALL_LSTAT: /* linkat(2), name_to_handle_at(2) */
		return flags & AT_SYMLINK_FOLLOW;
	case CALL_READLINK:
	case CALL_LCHANGE:
	case CALL_MAKE:
	case CALL_REMOVE:
	case CALL_MOVE:
	case CALL_BIND:
		return false;
	case CALL_CONNECT:
		return true;
	case CALL_STAT:
	case CALL_CHANGE:
	case CALL_EXEC:
	case CALL_PLACE:
		break;
	}
	return !(flags & AT_SYMLINK_NOFOLLOW);
}

uint64_t uses_flags(const struct call *call, uint64_t flags)
{
	static const struct {
		const char *name;
		uint64_t nofollow;
	} calls[] = {
		{ "umount2", UMOUNT_NOFOLLOW },
		{ "inotify_add_watch", IN_DONT_FOLLOW },
		{ "fanotify_mark", FAN_MARK_DONT_FOLLOW },
		{ "fspick", FSPICK_SYMLINK_NOFOLLOW },
	};

	for (size_t i = 0; call->flags >= 0 && i < ARRAY_LEN(calls); i++)
		if (!strcmp(call->name, calls[i].name))
			return flags & calls[i].nofollow ? AT_SYMLINK_NOFOLLOW : 0;
	return flags;
}
