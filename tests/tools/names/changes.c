/* Names that change while somebody follows them, and those that are not there to be read yet. */
#include "names.h"

#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void write_names(void)
{
	write_all_of("/data/made", O_WRONLY | O_CREAT | O_EXCL);
	write_all_of("/data/changed", O_WRONLY);
	write_all_of("/data/truncated", O_WRONLY | O_TRUNC);
	if (unlink("/data/removed") || rename("/data/moved", "/data/moved-to") ||
	    mkdir("/data/folder-made", 0755) || symlink("made", "/data/link-made") ||
	    chmod("/data/mode-changed", 0600))
		err(1, "a change");
	read_at(AT_FDCWD, "/data/link-made", 0);
	read_at(AT_FDCWD, "/data/moved-to", 0);
	write_all_of("/data/folder-made/file", O_WRONLY | O_CREAT);
	if (rename("/data/folder-made", "/data/folder-moved"))
		err(1, "rename");
	read_at(AT_FDCWD, "/data/folder-moved/file", 0);
}

/* What was a link to one file becomes a link to another. */
void relink_names(void)
{
	read_at(AT_FDCWD, "/data/turn", 0);
	if (unlink("/data/turn") || symlink("second", "/data/turn"))
		err(1, "symlink");
	read_at(AT_FDCWD, "/data/turn", 0);
}

/* Files that were read are moved or removed, each by another name of it, and are links then. */
void remake_names(void)
{
	static const char *const paths[] = { "/data/remade/here", "/data/remade/by-link",
					     "/data/remade/in-root" };
	int turn[2];
	char byte;
	pid_t pid;

	if (pipe2(turn, O_CLOEXEC) || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		if (chroot("/data/remade") || read(turn[0], &byte, 1) != 1 ||
		    unlink("/in-root") || symlink("2", "/in-root"))
			err(1, "chroot");
		_exit(0);
	}
	/* What it changes by chroot(2) has happened. */
	(void)usleep(200000);
	for (int i = 0; i < 3; i++)
		read_at(AT_FDCWD, paths[i], 0);
	read_at(AT_FDCWD, "/data/linked-folder/remade/by-link", 0);
	if (rename(paths[0], "/data/remade/moved") || symlink("0", paths[0]) ||
	    unlink("/data/linked-folder/remade/by-link") || symlink("1", paths[1]) ||
	    write(turn[1], "x", 1) != 1 || waitpid(pid, NULL, 0) != pid)
		err(1, "symlink");
	for (int i = 0; i < 3; i++)
		read_at(AT_FDCWD, paths[i], 0);
	read_at(AT_FDCWD, "/data/linked-folder/remade/by-link", 0);
}

/*
 * Two of them: one looks at a name without end, the other makes a link of it, from one file to the
 * next. Each of these is looked at at least once, after it was made.
 */
void race_names(void)
{
	char path[64];
	struct stat st;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			(void)stat("/data/raced", &st);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "/data/many/%d", i);
		if (i % 2 ? symlink(path, "/data/raced") : rename(path, "/data/raced"))
			err(1, "%s", path);
		read_at(AT_FDCWD, "/data/raced", 0);
		if (unlink("/data/raced"))
			err(1, "unlink");
	}
	if (pid < 0 || kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		err(1, "fork");
}

/* A child hangs in a file system, its parent goes on. */
void hang_names(void)
{
	struct stat st;
	pid_t pid = fork();

	if (pid == 0)
		_exit(stat("/data/hang/file", &st) != 0);
	(void)usleep(200000);
	read_at(AT_FDCWD, "/data/after-hang", 0);
}

static void *late_main(void *name)
{
	read_at(AT_FDCWD, name, 0);
	return NULL;
}

/* A name whose memory is not there until its owner brings it, which takes a second. */
void late_names(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_copy copy = { .len = 4096 };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	static char bytes[4096] = "/data/late-name";
	pthread_t thread;

	area.range.start = (uintptr_t)page;
	area.range.len = 4096;
	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &area))
		err(2, "userfaultfd");
	if (pthread_create(&thread, NULL, late_main, page))
		err(1, "thread");
	(void)usleep(1000000);
	copy.dst = (uintptr_t)page;
	copy.src = (uintptr_t)bytes;
	if (ioctl(fd, UFFDIO_COPY, &copy) || pthread_join(thread, NULL))
		err(1, "userfaultfd");
}
