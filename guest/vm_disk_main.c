/* bee-guest-disk: vm_disk.h has what it does. */
#include "stdio_filter.h"
#include "vm_disk.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define DISK_FD "3"
#define WORK_FD "4"

/* The next `len` bytes of standard input, with a NUL behind. Owned. */
static char *bytes_take(const char *number, size_t *len)
{
	uint64_t count;
	char *bytes;

	if (parse_u64(number, DISK_FILE_MAX, &count))
		errx(BEE_SOFTWARE, "\"%s\" is no length", number);
	bytes = xcalloc(1, count + 1);
	if (fread(bytes, 1, count, stdin) != count)
		errx(BEE_SOFTWARE, "standard input is cut");
	*len = count;
	return bytes;
}

static unsigned mode_of(const char *text)
{
	unsigned mode = 0;

	for (; *text >= '0' && *text <= '7'; text++)
		mode = mode << 3 | (unsigned)(*text - '0');
	return mode & 07777;
}

static bool line_has(const char *text, const char *line, size_t len)
{
	for (const char *at = text; *at;) {
		size_t there = strcspn(at, "\n");

		if (there == len && !memcmp(at, line, len))
			return true;
		at += there + (at[there] == '\n');
	}
	return false;
}

/* A file with lines of others in it: they stay. */
static errcode_t more_put(ext2_filsys fs, const char *path, unsigned mode,
			  const char *lines)
{
	size_t len = 0;
	AUTO_FREE char *old = disk_read(fs, path, &len);
	AUTO_FREE char *fresh =
		xasprintf("%s%s", old ? old : "",
			  old && len > 0 && old[len - 1] != '\n' ? "\n" : "");

	while (*lines) {
		size_t line = strcspn(lines, "\n");

		if (line > 0 && !line_has(fresh, lines, line)) {
			char *longer = xasprintf("%s%.*s\n", fresh, (int)line, lines);

			free(fresh);
			fresh = longer;
		}
		lines += line + (lines[line] == '\n');
	}
	return disk_write(fs, path, mode, true, fresh, strlen(fresh));
}

static errcode_t fstab_put(ext2_filsys fs, const char *lines)
{
	size_t len = 0;
	AUTO_FREE char *old = disk_read(fs, "/etc/fstab", &len);
	AUTO_FREE char *fresh = disk_fstab(old ? old : "", lines);

	return disk_write(fs, "/etc/fstab", 0644, true, fresh, strlen(fresh));
}

static void target_say(ext2_filsys fs, ext2_ino_t ino, const struct ext2_inode *inode)
{
	AUTO_FREE char *target = disk_target(fs, ino, inode);

	for (char *at = target; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	printf(" link %s\n", target);
}

/* To the work disk, which is a file system of ours. */
static errcode_t copy(ext2_filsys fs, const char *path)
{
	ext2_filsys work;
	errcode_t result = ext2fs_open2(WORK_FD, NULL, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0,
					0, unixfd_io_manager, &work),
		  closed;

	if (result)
		return result;
	result = ext2fs_read_bitmaps(work);
	if (!result)
		result = disk_copy(fs, path, work);
	closed = ext2fs_close_free(&work);
	return result ? result : closed;
}

static void look(ext2_filsys fs, const char *path)
{
	struct ext2_inode inode;
	ext2_ino_t ino;

	printf("%s", path);
	if (ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &ino) ||
	    ext2fs_read_inode(fs, ino, &inode))
		printf(" none\n");
	else if (LINUX_S_ISLNK(inode.i_mode))
		target_say(fs, ino, &inode);
	else
		printf(" %s\n", LINUX_S_ISDIR(inode.i_mode) ? "folder" : "file");
}

/* One line, taken apart by blanks; what is last in it may hold some. */
static void order(ext2_filsys fs, char *line)
{
	char *word = strsep(&line, " "), *first = NULL, *second = NULL;
	AUTO_FREE char *bytes = NULL;
	errcode_t result = EXT2_ET_INVALID_ARGUMENT;
	size_t len = 0;

	if (line &&
	    (!strcmp(word, "file") || !strcmp(word, "own") || !strcmp(word, "more"))) {
		first = strsep(&line, " ");
		second = line ? strsep(&line, " ") : NULL;
		if (second && line)
			bytes = bytes_take(second, &len);
		if (bytes)
			result = *word == 'm' ? more_put(fs, line, mode_of(first), bytes)
					      : disk_write(fs, line, mode_of(first),
							   *word == 'f', bytes, len);
	} else if (line && !strcmp(word, "fstab")) {
		bytes = bytes_take(line, &len);
		result = fstab_put(fs, bytes);
	} else if (line && !strcmp(word, "link")) {
		first = strsep(&line, " ");
		result = line ? disk_link(fs, first, line) : result;
	} else if (line && !strcmp(word, "folder")) {
		first = strsep(&line, " ");
		result = line ? disk_make(fs, line, mode_of(first)) : result;
	} else if (line && !strcmp(word, "copy")) {
		result = copy(fs, line);
	} else if (line && !strcmp(word, "look")) {
		look(fs, line);
		result = 0;
	}
	if (result)
		errx(BEE_IOERR, "%s: %s", line ? line : word, error_message(result));
}

int main(int argc, char **argv)
{
	char options[40], *line = NULL;
	uint64_t offset = 0;
	ext2_filsys fs;
	size_t size = 0;
	ssize_t len;
	errcode_t result;
	int error = process_hide();

	if (argc != 2 || parse_u64(argv[1], INT64_MAX, &offset))
		errx(BEE_USAGE, "it is bee guest that runs this: bee-guest-disk OFFSET");
	if (!error)
		error = stdio_filter_load(STDIO_AND_DISK);
	if (error)
		errx(BEE_SOFTWARE, "filter: %s", strerror(-error));
	initialize_ext2_error_table();
	(void)snprintf(options, sizeof(options), "offset=%llu",
		       (unsigned long long)offset);
	result = ext2fs_open2(DISK_FD, options, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0,
			      unixfd_io_manager, &fs);
	if (result)
		errx(BEE_DATAERR, "%s", error_message(result));
	if (ext2fs_has_feature_journal_needs_recovery(fs->super)) {
		(void)ext2fs_close_free(&fs);
		return DISK_JOURNAL;
	}
	result = ext2fs_read_bitmaps(fs);
	if (result)
		errx(BEE_DATAERR, "%s", error_message(result));
	while ((len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		order(fs, line);
	}
	free(line);
	result = ext2fs_close_free(&fs);
	if (result || fflush(stdout))
		errx(BEE_IOERR, "%s", error_message(result));
	return BEE_OK;
}
