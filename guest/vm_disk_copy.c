/* A folder of one ext file system copied to the top of another: /root, to a work disk. */
#include "vm_disk.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 24
#define ENTRIES_MAX 100000u /* of all folders together */
#define PIECE 65536u

struct copy {
	ext2_filsys from, to;
	unsigned entries, depth;
	char *piece; /* PIECE bytes */
};

struct entry {
	char name[EXT2_NAME_LEN + 1];
	ext2_ino_t ino;
};

struct entries {
	struct entry *at; /* owned */
	size_t count;
	struct copy *copy;
};

static int entry_take(ext2_ino_t dir, int kind, struct ext2_dir_entry *entry, int offset,
		      int block_size, char *buffer, void *data)
{
	struct entries *all = data;
	size_t len = (size_t)ext2fs_dirent_name_len(entry);
	struct entry *mine;

	(void)dir, (void)offset, (void)block_size, (void)buffer;
	if (kind != DIRENT_OTHER_FILE || len == 0)
		return 0;
	if (++all->copy->entries > ENTRIES_MAX)
		return DIRENT_ABORT;
	all->at = xrealloc_array(all->at, all->count + 1, sizeof(*all->at));
	mine = &all->at[all->count++];
	memcpy(mine->name, entry->name, len);
	mine->name[len] = '\0';
	mine->ino = entry->inode;
	return 0;
}

/* Owner, mode and times are those of the one it is a copy of. */
static errcode_t owner_copy(struct copy *c, ext2_ino_t to, const struct ext2_inode *old)
{
	struct ext2_inode inode;
	errcode_t result = ext2fs_read_inode(c->to, to, &inode);

	if (result)
		return result;
	inode.i_mode = (uint16_t)((inode.i_mode & LINUX_S_IFMT) | (old->i_mode & 07777));
	inode.i_uid = old->i_uid;
	inode.i_gid = old->i_gid;
	inode.osd2.linux2.l_i_uid_high = old->osd2.linux2.l_i_uid_high;
	inode.osd2.linux2.l_i_gid_high = old->osd2.linux2.l_i_gid_high;
	inode.i_mtime = old->i_mtime;
	return ext2fs_write_inode(c->to, to, &inode);
}

static errcode_t bytes_copy(struct copy *c, ext2_ino_t from, ext2_ino_t to, uint64_t size)
{
	ext2_file_t in, out;
	errcode_t result = ext2fs_file_open(c->from, from, 0, &in), closed;

	if (result)
		return result;
	result = ext2fs_file_open(c->to, to, EXT2_FILE_WRITE, &out);
	if (result) {
		(void)ext2fs_file_close(in);
		return result;
	}
	while (size > 0 && !result) {
		unsigned want = size < PIECE ? (unsigned)size : PIECE, got = 0, put = 0;

		result = ext2fs_file_read(in, c->piece, want, &got);
		if (!result && got == 0)
			break;
		if (got > want)
			got = want;
		if (!result)
			result = ext2fs_file_write(out, c->piece, got, &put);
		size -= got;
	}
	(void)ext2fs_file_close(in);
	closed = ext2fs_file_close(out);
	return result ? result : closed;
}

static errcode_t file_copy(struct copy *c, const struct entry *entry, ext2_ino_t folder,
			   const struct ext2_inode *old)
{
	ext2_ino_t ino;
	errcode_t result = disk_inode(c->to, folder, entry->name, old->i_mode, &ino);

	if (!result)
		result = bytes_copy(c, entry->ino, ino, EXT2_I_SIZE(old));
	return result ? result : owner_copy(c, ino, old);
}

static errcode_t link_copy(struct copy *c, const struct entry *entry, ext2_ino_t folder,
			   const struct ext2_inode *old)
{
	AUTO_FREE char *target = disk_target(c->from, entry->ino, old);
	errcode_t result = ext2fs_symlink(c->to, folder, 0, entry->name, target);

	if (result != EXT2_ET_DIR_NO_SPACE)
		return result;
	result = ext2fs_expand_dir(c->to, folder);
	return result ? result : ext2fs_symlink(c->to, folder, 0, entry->name, target);
}

static errcode_t folder_copy(struct copy *c, ext2_ino_t from, ext2_ino_t to);

static errcode_t entry_copy(struct copy *c, const struct entry *entry, ext2_ino_t to)
{
	struct ext2_inode inode;
	ext2_ino_t made = to;
	errcode_t result = ext2fs_read_inode(c->from, entry->ino, &inode);
	bool top = c->depth == 1;

	if (result)
		return result;
	/* A home in the home, as a copy of a copy has it: what is in it moves up. */
	if (top && !strcmp(entry->name, "root") && LINUX_S_ISDIR(inode.i_mode))
		return folder_copy(c, entry->ino, to);
	if (disk_name(c->to, to, entry->name))
		return 0; /* lost+found; or what the home itself has */
	if (LINUX_S_ISREG(inode.i_mode))
		return file_copy(c, entry, to, &inode);
	if (LINUX_S_ISLNK(inode.i_mode))
		return link_copy(c, entry, to, &inode);
	if (!LINUX_S_ISDIR(inode.i_mode))
		return 0; /* devices, pipes and sockets are nothing to keep */
	result = disk_subfolder(c->to, to, entry->name, &made);
	if (!result)
		result = folder_copy(c, entry->ino, made);
	return result ? result : owner_copy(c, made, &inode);
}

/* "root" last: what the home itself has goes before what is in the one in it. */
static int by_turn(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return !strcmp(one->name, "root") - !strcmp(other->name, "root");
}

static errcode_t folder_copy(struct copy *c, ext2_ino_t from, ext2_ino_t to)
{
	struct entries all = { .copy = c };
	errcode_t result;

	if (c->depth >= DEPTH_MAX)
		return EXT2_ET_INVALID_ARGUMENT;
	result = ext2fs_dir_iterate2(c->from, from, 0, NULL, entry_take, &all);
	if (!result && c->entries > ENTRIES_MAX)
		result = EXT2_ET_INVALID_ARGUMENT;
	if (all.count > 0)
		qsort(all.at, all.count, sizeof(*all.at), by_turn);
	c->depth++;
	for (size_t i = 0; i < all.count && !result; i++)
		result = entry_copy(c, &all.at[i], to);
	c->depth--;
	free(all.at);
	return result;
}

errcode_t disk_copy(ext2_filsys from, const char *path, ext2_filsys to)
{
	struct copy c = { .from = from, .to = to, .piece = xcalloc(1, PIECE) };
	ext2_ino_t ino = 0;
	errcode_t result =
		ext2fs_namei_follow(from, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &ino);

	/* An image without one has nothing to be copied. */
	if (result == EXT2_ET_FILE_NOT_FOUND)
		result = 0;
	else if (!result)
		result = ext2fs_check_directory(from, ino);
	if (!result && ino)
		result = folder_copy(&c, ino, EXT2_ROOT_INO);
	free(c.piece);
	return result;
}
