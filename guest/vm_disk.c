/* Files of an ext file system, by libext2fs. */
#include "vm_disk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEPTH_MAX 32
#define TARGET_MAX 4095 /* bytes of a link, PATH_MAX */

ext2_ino_t disk_name(ext2_filsys fs, ext2_ino_t folder, const char *name)
{
	ext2_ino_t ino = 0;

	if (ext2fs_lookup(fs, folder, name, (int)strlen(name), NULL, &ino))
		return 0;
	return ino;
}

/* A name in a folder, which grows where it is full. */
static errcode_t name_put(ext2_filsys fs, ext2_ino_t folder, const char *name,
			  ext2_ino_t ino, int type)
{
	errcode_t result = ext2fs_link(fs, folder, name, ino, type);

	if (result != EXT2_ET_DIR_NO_SPACE)
		return result;
	result = ext2fs_expand_dir(fs, folder);
	return result ? result : ext2fs_link(fs, folder, name, ino, type);
}

static void times_set(struct ext2_inode *inode)
{
	uint32_t now = (uint32_t)time(NULL);

	inode->i_atime = inode->i_ctime = inode->i_mtime = now;
}

errcode_t disk_subfolder(ext2_filsys fs, ext2_ino_t folder, const char *name,
			 ext2_ino_t *out)
{
	errcode_t result = ext2fs_mkdir(fs, folder, 0, name);

	if (result == EXT2_ET_DIR_NO_SPACE) {
		result = ext2fs_expand_dir(fs, folder);
		if (!result)
			result = ext2fs_mkdir(fs, folder, 0, name);
	}
	if (!result)
		*out = disk_name(fs, folder, name);
	return result;
}

/* `name` in `folder`, as a folder: followed where it is a link, made where it is not there. */
static errcode_t step(ext2_filsys fs, ext2_ino_t *folder, const char *name)
{
	ext2_ino_t next = 0;
	errcode_t result = ext2fs_namei_follow(fs, EXT2_ROOT_INO, *folder, name, &next);

	if (!result)
		result = ext2fs_check_directory(fs, next);
	else if (result == EXT2_ET_FILE_NOT_FOUND && !disk_name(fs, *folder, name))
		result = disk_subfolder(fs, *folder, name, &next);
	if (!result)
		*folder = next;
	return result;
}

errcode_t disk_folder(ext2_filsys fs, const char *path, ext2_ino_t *folder, char *base,
		      size_t size)
{
	ext2_ino_t at = EXT2_ROOT_INO;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		char name[EXT2_NAME_LEN + 1];
		errcode_t result;
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0 || len >= sizeof(name) || len >= size)
			return EXT2_ET_INVALID_ARGUMENT;
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		if (!*path) {
			(void)stpcpy(base, name);
			*folder = at;
			return 0;
		}
		result = step(fs, &at, name);
		if (result)
			return result;
	}
	return EXT2_ET_INVALID_ARGUMENT;
}

errcode_t disk_make(ext2_filsys fs, const char *path, unsigned mode)
{
	char base[EXT2_NAME_LEN + 1];
	struct ext2_inode inode;
	ext2_ino_t folder;
	errcode_t result = 0;

	if (!strcmp(path, "/"))
		folder = EXT2_ROOT_INO;
	else
		result = disk_folder(fs, path, &folder, base, sizeof(base));
	if (!result && strcmp(path, "/") != 0)
		result = step(fs, &folder, base);
	if (!result)
		result = ext2fs_read_inode(fs, folder, &inode);
	if (result)
		return result;
	inode.i_mode = (uint16_t)(LINUX_S_IFDIR | (mode & 07777));
	inode.i_uid = inode.i_gid = 0;
	inode.osd2.linux2.l_i_uid_high = inode.osd2.linux2.l_i_gid_high = 0;
	return ext2fs_write_inode(fs, folder, &inode);
}

/* What had the name is kept, once; what was ours goes. */
static errcode_t name_clear(ext2_filsys fs, ext2_ino_t folder, const char *base,
			    bool keep)
{
	char kept[EXT2_NAME_LEN + 1];
	ext2_ino_t old = disk_name(fs, folder, base);
	struct ext2_inode inode;
	errcode_t result;

	if (!old)
		return 0;
	result = ext2fs_read_inode(fs, old, &inode);
	if (result)
		return result;
	if (LINUX_S_ISDIR(inode.i_mode))
		return EXT2_ET_DIR_EXISTS;
	result = ext2fs_unlink(fs, folder, base, old, 0);
	if (result)
		return result;
	if (keep &&
	    (size_t)snprintf(kept, sizeof(kept), "%s.before-bee", base) < sizeof(kept) &&
	    !disk_name(fs, folder, kept))
		return name_put(fs, folder, kept, old,
				LINUX_S_ISLNK(inode.i_mode) ? EXT2_FT_SYMLINK
							    : EXT2_FT_REG_FILE);
	if (inode.i_links_count > 0)
		inode.i_links_count--;
	if (inode.i_links_count == 0) {
		inode.i_dtime = (uint32_t)time(NULL);
		if (ext2fs_inode_has_valid_blocks2(fs, &inode))
			(void)ext2fs_punch(fs, old, &inode, NULL, 0, ~0ULL);
		ext2fs_inode_alloc_stats2(fs, old, -1, 0);
	}
	return ext2fs_write_inode(fs, old, &inode);
}

/* As debugfs(8)'s write makes one (misc/create_inode.c of e2fsprogs). */
errcode_t disk_inode(ext2_filsys fs, ext2_ino_t folder, const char *base, unsigned mode,
		     ext2_ino_t *out)
{
	struct ext2_inode inode;
	ext2_extent_handle_t extents;
	ext2_ino_t ino;
	errcode_t result = ext2fs_new_inode(fs, folder, LINUX_S_IFREG, 0, &ino);

	if (!result)
		result = name_put(fs, folder, base, ino, EXT2_FT_REG_FILE);
	if (result)
		return result;
	ext2fs_inode_alloc_stats2(fs, ino, +1, 0);
	memset(&inode, 0, sizeof(inode));
	inode.i_mode = (uint16_t)(LINUX_S_IFREG | (mode & 07777));
	inode.i_links_count = 1;
	times_set(&inode);
	if (ext2fs_has_feature_inline_data(fs->super)) {
		inode.i_flags |= EXT4_INLINE_DATA_FL;
	} else if (ext2fs_has_feature_extents(fs->super)) {
		result = ext2fs_extent_open2(fs, ino, &inode, &extents);
		if (result)
			return result;
		ext2fs_extent_free(extents);
	}
	result = ext2fs_write_new_inode(fs, ino, &inode);
	if (!result && inode.i_flags & EXT4_INLINE_DATA_FL)
		result = ext2fs_inline_data_init(fs, ino);
	*out = ino;
	return result;
}

errcode_t disk_write(ext2_filsys fs, const char *path, unsigned mode, bool keep,
		     const char *bytes, size_t len)
{
	char base[EXT2_NAME_LEN + 1];
	ext2_ino_t folder, ino;
	ext2_file_t file;
	unsigned written = 0;
	errcode_t result = disk_folder(fs, path, &folder, base, sizeof(base)), closed;

	if (!result)
		result = name_clear(fs, folder, base, keep);
	if (!result)
		result = disk_inode(fs, folder, base, mode, &ino);
	if (!result)
		result = ext2fs_file_open(fs, ino, EXT2_FILE_WRITE, &file);
	if (result)
		return result;
	if (len > 0)
		result = ext2fs_file_write(file, bytes, (unsigned)len, &written);
	closed = ext2fs_file_close(file);
	if (!result && written != len)
		result = EXT2_ET_SHORT_WRITE;
	return result ? result : closed;
}

errcode_t disk_link(ext2_filsys fs, const char *path, const char *target)
{
	char base[EXT2_NAME_LEN + 1];
	ext2_ino_t folder;
	errcode_t result = disk_folder(fs, path, &folder, base, sizeof(base));

	if (!result)
		result = name_clear(fs, folder, base, false);
	if (result)
		return result;
	result = ext2fs_symlink(fs, folder, 0, base, target);
	if (result != EXT2_ET_DIR_NO_SPACE)
		return result;
	result = ext2fs_expand_dir(fs, folder);
	return result ? result : ext2fs_symlink(fs, folder, 0, base, target);
}

char *disk_read(ext2_filsys fs, const char *path, size_t *len)
{
	struct ext2_inode inode;
	ext2_file_t file;
	ext2_ino_t ino;
	unsigned got = 0;
	char *out;

	if (ext2fs_namei_follow(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &ino) ||
	    ext2fs_read_inode(fs, ino, &inode) || !LINUX_S_ISREG(inode.i_mode) ||
	    EXT2_I_SIZE(&inode) > DISK_FILE_MAX || ext2fs_file_open(fs, ino, 0, &file))
		return NULL;
	out = xcalloc(1, DISK_FILE_MAX + 1);
	if (ext2fs_file_read(file, out, DISK_FILE_MAX, &got))
		got = 0;
	(void)ext2fs_file_close(file);
	/* Of a file in its inode libext2fs gives all that there is room for. */
	if (got > EXT2_I_SIZE(&inode))
		got = (unsigned)EXT2_I_SIZE(&inode);
	*len = got;
	out[got] = '\0';
	return out;
}

char *disk_target(ext2_filsys fs, ext2_ino_t ino, const struct ext2_inode *inode)
{
	char *out = xcalloc(1, TARGET_MAX + 1);
	ext2_file_t file;
	unsigned got = 0;

	if (EXT2_I_SIZE(inode) < sizeof(inode->i_block) &&
	    !(inode->i_flags & EXT4_INLINE_DATA_FL)) {
		memcpy(out, inode->i_block, EXT2_I_SIZE(inode));
		return out;
	}
	if (ext2fs_file_open2(fs, ino, NULL, 0, &file))
		return out;
	if (ext2fs_file_read(file, out, TARGET_MAX, &got))
		got = 0;
	(void)ext2fs_file_close(file);
	out[got < EXT2_I_SIZE(inode) ? got : EXT2_I_SIZE(inode)] = '\0';
	return out;
}
