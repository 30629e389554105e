/* What an image needs beside what is listed, so that it boots. */
#include "boot.h"
#include "elf_file.h"
#include "needs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INIT_MAX (64u << 20) /* bytes of --init FILE */
#define CHAIN_MAX 5          /* interpreters of interpreters: fs/exec.c, exec_binprm */

/*
 * Without /dev/console the kernel's first process has no descriptors; the rest is what init,
 * shells and sshd open. Numbers: Documentation/admin-guide/devices.txt. The folders are those
 * that something is mounted on.
 */
static const struct {
	const char *path;
	uint32_t mode, major, minor;
} made[] = {
	{ "dev", S_IFDIR | 0755, 0, 0 },         { "dev/console", S_IFCHR | 0600, 5, 1 },
	{ "dev/full", S_IFCHR | 0666, 1, 7 },    { "dev/kmsg", S_IFCHR | 0644, 1, 11 },
	{ "dev/null", S_IFCHR | 0666, 1, 3 },    { "dev/ptmx", S_IFCHR | 0666, 5, 2 },
	{ "dev/pts", S_IFDIR | 0755, 0, 0 },     { "dev/random", S_IFCHR | 0666, 1, 8 },
	{ "dev/tty", S_IFCHR | 0666, 5, 0 },     { "dev/ttyS0", S_IFCHR | 0660, 4, 64 },
	{ "dev/urandom", S_IFCHR | 0666, 1, 9 }, { "dev/zero", S_IFCHR | 0666, 1, 5 },
	{ "proc", S_IFDIR | 0555, 0, 0 },        { "sys", S_IFDIR | 0555, 0, 0 },
};

/*
 * No folder in its place: a link to one, most often. The kernel has a /dev of its own before it unpacks an image,
 * and drops the link; on the others something is mounted. No device in its place: what a shell's ">/dev/null" left in a
 * tree without one. A link may be right: /dev/ptmx, to pts/ptmx.
 */
static bool is_another(const struct object *object, uint32_t mode)
{
	return S_ISDIR(mode) ? !S_ISDIR(object->mode) : S_ISREG(object->mode);
}

static void nodes_add(struct scan *scan)
{
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		struct object *object = objects_find(scan->objects, made[i].path);

		if (object ? !is_another(object, made[i].mode)
			   : scan_is_dropped(scan, made[i].path))
			continue;
		if (object)
			scan_tell(
				scan, made[i].path,
				S_ISDIR(made[i].mode)
					? "a folder is taken: in the tree it is none"
					: "a device is taken: in the tree it is a file");
		else
			object = objects_add(scan->objects, made[i].path);
		*object = (struct object){ .path = object->path,
					   .source = OBJECT_MADE,
					   .mode = made[i].mode,
					   .rmajor = made[i].major,
					   .rminor = made[i].minor };
	}
}

/* What `path` leads to, to be read; -1: it is not there. */
static int open_real(struct scan *scan, const char *path, int flags)
{
	AUTO_FREE char *real = scan_real(scan, path);

	return real ? scan_open(scan, real, flags) : -1;
}

/* All that must be there so that the kernel starts what begins with `line`. */
static void chain_add(struct scan *scan, char line[SCRIPT_LINE + 1])
{
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		char *name = script_interpreter(line);
		AUTO_CLOSE int fd = -1;
		ptrdiff_t n;

		if (!name)
			return;
		scan_take(scan, name, SCAN_NEEDED);
		needs_of(scan, name);
		fd = open_real(scan, name, O_RDONLY | O_NONBLOCK);
		n = fd < 0 ? -1 : read_full(fd, line, SCRIPT_LINE);
		if (n < 0)
			return;
		line[n] = '\0';
	}
}

/* A program of the tree, with its interpreters. */
static void program_add(struct scan *scan, const char *path)
{
	char line[SCRIPT_LINE + 1];
	AUTO_CLOSE int fd = open_real(scan, path, O_RDONLY | O_NONBLOCK);
	ptrdiff_t n = fd < 0 ? -1 : read_full(fd, line, SCRIPT_LINE);

	scan_take(scan, path, SCAN_NEEDED);
	needs_of(scan, path);
	if (n < 0)
		return;
	line[n] = '\0';
	chain_add(scan, line);
}

static char *file_read(const char *path, size_t *len)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	struct stat st;
	char *text;

	if (!file || fstat(fileno(file), &st))
		err(BEE_IOERR, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > INIT_MAX)
		errx(BEE_USAGE, "%s: --init takes a file of at most 64 MiB", path);
	text = xcalloc((size_t)st.st_size + SCRIPT_LINE + 1, 1);
	*len = fread(text, 1, (size_t)st.st_size, file);
	if (ferror(file))
		err(BEE_IOERR, "%s", path);
	return text;
}

/* /sbin/init, also where /sbin is a link. */
static bool init_is_listed(struct scan *scan)
{
	AUTO_FREE char *folder = scan_real(scan, "sbin");
	AUTO_FREE char *path = xasprintf("%s/init", folder ? folder : "sbin");

	return objects_find(scan->objects, path);
}

static bool is_program(struct scan *scan, const char *path)
{
	AUTO_CLOSE int fd = open_real(scan, path, O_PATH);
	struct stat st;

	return !scan_is_dropped(scan, path) && fd >= 0 && !fstat(fd, &st) &&
	       S_ISREG(st.st_mode) && st.st_mode & 0111;
}

/* What an /init that is made starts; the tree's /chroot says how one works in it. */
static const char *first_program(struct scan *scan)
{
	if (init_is_listed(scan))
		return "sbin/init";
	if (!is_program(scan, "chroot"))
		return "bin/sh";
	program_add(scan, "chroot");
	return "chroot";
}

/* A shell's, so that it runs on every architecture and can be read and replaced. */
static void init_make(struct scan *scan)
{
	const char *start = first_program(scan);
	char *text;

	scan_take(scan, "/bin/sh", SCAN_NEEDED);
	needs_of(scan, "/bin/sh");
	scan_take(scan, "/bin/mount", SCAN_OPTIONAL);
	needs_of(scan, "/bin/mount");
	warnx("the tree has no /init: one is made, which mounts /proc, /sys and /dev/pts "
	      "and starts /%s",
	      start);
	text = xasprintf("#!/bin/sh\n"
			 "# Made by bee image build, as the tree had no /init.\n"
			 "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
			 "if command -v mount >/dev/null; then\n"
			 "\tmount -t proc proc /proc\n"
			 "\tmount -t sysfs sysfs /sys\n"
			 "\tmount -t devpts devpts /dev/pts\n"
			 "fi\n"
			 "exec /%s \"$@\"\n",
			 start);
	objects_put(scan->objects, "init", 0755, text, (uint32_t)strlen(text));
}

static void init_take(struct scan *scan, const char *file)
{
	char line[SCRIPT_LINE + 1];
	size_t len;
	char *text = file_read(file, &len);

	memcpy(line, text, SCRIPT_LINE);
	line[SCRIPT_LINE] = '\0';
	chain_add(scan, line);
	objects_put(scan->objects, "init", 0755, text, (uint32_t)len);
}

void boot_add(struct scan *scan, const char *init_file)
{
	struct stat st;
	AUTO_CLOSE int fd = scan_open(scan, "init", O_PATH);

	causes_name(&scan->causes, "-\tto boot", NULL);
	if (init_file) {
		init_take(scan, init_file);
	} else if (!scan_is_dropped(scan, "init") && fd >= 0 && !fstat(fd, &st)) {
		program_add(scan, "init");
		if (!is_program(scan, "init")) {
			scan->incomplete = true;
			scan_tell(scan, "init",
				  "it leads to no program of the tree: no kernel starts "
				  "it");
		}
	} else if (!scan_is_dropped(scan, "init")) {
		init_make(scan);
	}
	nodes_add(scan);
}
