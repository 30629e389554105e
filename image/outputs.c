/* The files that are being made, known by their inodes: a name may lead to them by another way. */
#include "outputs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void know(struct outputs *outputs, const struct stat *st)
{
	outputs->all[outputs->count++] =
		(struct output){ .device = st->st_dev, .inode = st->st_ino };
}

void outputs_know(struct outputs *outputs, const struct whole *image,
		  const struct whole *list)
{
	const struct whole *const made[] = { image, list };
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		if (made[i]->folder < 0)
			continue;
		if (!fstat(made[i]->fd, &st))
			know(outputs, &st);
		if (!fstatat(made[i]->folder, made[i]->name, &st, AT_SYMLINK_NOFOLLOW))
			know(outputs, &st);
	}
}

bool outputs_have(const struct outputs *outputs, const struct statx *st)
{
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->all[i].inode == st->stx_ino &&
		    outputs->all[i].device ==
			    makedev(st->stx_dev_major, st->stx_dev_minor))
			return true;
	return false;
}
