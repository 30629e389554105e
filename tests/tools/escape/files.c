/* escape: files that must not be written, nodes and devices, descriptors that were left
 * open. */
#include "escape.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* of the jail's tree: enough to be everywhere, in the job's time */
#define PATHS_MAX 1500

static unsigned seen;

static int open_raw(const char *path, int flags)
{
	return (int)raw(SYS_openat, AT_FDCWD, path, flags, 0600);
}

/* Nothing here would harm the machine if it worked: modes and owners are set to what they
 * are. */
static void write_folder(const char *folder)
{
	char path[4200];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/bee-escape", folder);
	fd = open_raw(path, O_WRONLY | O_CREAT | O_EXCL);
	escape_try(fd >= 0, "made a file in %s", folder);
	if (fd >= 0)
		close(fd);
	fd = open_raw(folder, O_RDWR | O_TMPFILE);
	escape_try(fd >= 0, "made an unnamed file in %s", folder);
	escape_try(raw(SYS_mkdirat, AT_FDCWD, path, 0700) == 0, "mkdir in %s", folder);
	escape_try(raw(SYS_symlinkat, "x", AT_FDCWD, path) == 0, "symlink in %s", folder);
	escape_try(raw(SYS_mknodat, AT_FDCWD, path, S_IFCHR | 0600, 0x0101) == 0,
		   "mknod of /dev/mem in %s", folder);
	escape_try(raw(SYS_linkat, AT_FDCWD, "/proc/self/exe", AT_FDCWD, path, 0) == 0,
		   "link in %s", folder);
}

static void write_file(const char *path, const struct stat *st)
{
	struct open_how how = { .flags = O_WRONLY };
	int fd = open_raw(path, O_WRONLY);

	escape_try(fd >= 0, "opened %s to write", path);
	fd = open_raw(path, O_RDWR | O_APPEND);
	escape_try(fd >= 0, "opened %s to append", path);
	fd = (int)raw(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	escape_try(fd >= 0, "openat2 of %s to write", path);
	escape_try(raw(SYS_fchmodat, AT_FDCWD, path, st->st_mode & 07777) == 0,
		   "chmod of %s", path);
	escape_try(raw(SYS_utimensat, AT_FDCWD, path, NULL, 0) == 0, "utimes of %s",
		   path);
}

static void walk(const char *folder, int depth)
{
	DIR *dir = opendir(*folder ? folder : "/");
	struct dirent *entry;

	seen++;
	write_folder(*folder ? folder : "/");
	for (int i = 0; dir && i < 40 && seen < PATHS_MAX && (entry = readdir(dir));
	     i++) {
		char path[4096];
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", folder,
				     entry->d_name) >= sizeof(path) ||
		    lstat(path, &st) || S_ISLNK(st.st_mode))
			continue;
		seen++;
		if (S_ISDIR(st.st_mode) && depth > 0 && strcmp(path, "/proc") != 0)
			walk(path, depth - 1);
		else if (S_ISREG(st.st_mode))
			write_file(path, &st);
	}
	if (dir)
		closedir(dir);
}

static void try_devices(void)
{
	static const char *const names[] = {
		"/dev/mem",
		"/dev/kmem",
		"/dev/port",
		"/dev/kmsg",
		"/dev/fuse",
		"/dev/loop-control",
		"/dev/vda",
		"/dev/sda",
		"/dev/nvme0",
		"/dev/console",
		"/dev/tty",
		"/dev/ptmx",
		"/dev/kvm",
		"/dev/net/tun",
		"/dev/uinput",
		"/dev/userfaultfd",
		"/proc/kcore",
		"/proc/sysrq-trigger",
		"/proc/kmsg",
		"/proc/kallsyms",
		"/proc/keys",
		"/proc/1/mem",
		"/proc/1/environ",
		"/proc/1/maps",
		"/proc/1/root/etc/shadow",
		"/proc/self/root/etc/shadow",
		"/etc/shadow",
		"/sys/kernel/debug",
		"/sys/fs/cgroup",
		"/sys/firmware/efi/efivars",

		"/run/bee",
		"/var/log",

		"/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/modprobe",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int fd = open_raw(names[i], O_RDONLY | O_NONBLOCK | O_NOCTTY);

		escape_try(fd >= 0, "opened %s", names[i]);
		fd = open_raw(names[i], O_RDWR | O_NONBLOCK | O_NOCTTY);
		escape_try(fd >= 0, "opened %s to write", names[i]);
	}
}

static void try_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	escape_try(!dir, "could not list /proc/self/fd: %s", strerror(errno));
	for (int i = 0; dir && i < 1000 && (entry = readdir(dir)); i++) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		escape_try(fd > 2, "descriptor %d was left open", fd);
	}
	if (dir)
		closedir(dir);
	for (int fd = 3; fd < 4096; fd++)
		escape_try(fcntl(fd, F_GETFD) >= 0, "descriptor %d is open", fd);
	/* The pipes of the stub, from the other side. */
	escape_try(open_raw("/proc/self/fd/0", O_RDWR | O_DIRECTORY) >= 0,
		   "stdin is a folder");
	escape_try(raw(SYS_openat, 0, "..", O_RDONLY) >= 0, "left through stdin");
}

static void try_root(void)
{
	struct stat root, above;

	escape_try(raw(SYS_chroot, "/proc") == 0, "chroot");
	for (int i = 0; i < 64; i++)
		if (chdir(".."))
			break;
	escape_try(!stat("/", &root) && !stat("..", &above) &&
			   (root.st_ino != above.st_ino || root.st_dev != above.st_dev),
		   "a folder above the root");
	escape_try(!access("/../etc/shadow", F_OK), "/../etc/shadow");
}

void escape_files(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	try_descriptors();
	if (n > 0) {
		self[n] = '\0';
		escape_try(open_raw(self, O_WRONLY) >= 0,
			   "opened its own program to write");
	}
	escape_try(open_raw("/proc/self/exe", O_WRONLY) >= 0,
		   "opened /proc/self/exe to write");
	try_devices();
	try_root();
	walk("", 5);
}
