/* What is written to a VM's disk, so that it is this guest: seed and reasons in doc/guest.md. */
#include "disk.h"
#include "vm.h"
#include "vm_agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_MAX (64u << 10)

/* Only who has a key comes in: the guest is root alone, behind a port of this machine's. */
static const char sshd_config[] =
	"# Written by bee guest.\n"
	"# There is no other account; \"prohibit-password\" also where a later file\n"
	"# allows passwords again.\n"
	"PermitRootLogin prohibit-password\n"
	"# The only way in, said here as a default may change.\n"
	"PubkeyAuthentication yes\n"
	"PasswordAuthentication no\n"
	"KbdInteractiveAuthentication no\n"
	"# Where bee has written the key, whatever the image says.\n"
	"AuthorizedKeysFile /root/.ssh/authorized_keys\n"
	"# Made by bee and known to it, so that nobody else answers on the port.\n"
	"HostKey /etc/ssh/ssh_host_bee_key\n";

static const char unit[] = "# Written by bee guest.\n"
			   "[Unit]\n"
			   "Description=the control line of bee guest\n"
			   "After=network.target ssh.service sshd.service\n"
			   "[Service]\n"
			   "ExecStart=/bin/sh /etc/bee/agent\n"
			   "KillMode=process\n"
			   "[Install]\n"
			   "WantedBy=multi-user.target\n";

static const char fstab_temporary[] =
	"tmpfs /run tmpfs defaults,nodev,nosuid,mode=0755 0 0\n"
	"tmpfs /tmp tmpfs defaults,nodev,nosuid,mode=1777 0 0\n";
static const char fstab_work[] = "LABEL=bee-work /root ext4 defaults,nodev,nosuid 0 0\n";

/* An order with bytes, vm_disk.h. */
static void bytes_put(FILE *to, const char *order, const char *path, const char *bytes)
{
	(void)fprintf(to, "%s %zu %s\n", order, strlen(bytes), path);
	(void)fputs(bytes, to);
}

/* A file of this machine's, at most KEYS_MAX; "" where there is none. Owned. */
static char *text_of(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = xcalloc(1, KEYS_MAX + 1);
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, KEYS_MAX);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

/* sshd believes no key in a folder that others than root can write. */
static void ssh_put(const struct vm *vm, FILE *to, const char *home)
{
	AUTO_FREE char *own = vm_path(vm->name, "key.pub");
	AUTO_FREE char *keys = xasprintf("%s/.ssh/authorized_keys", home);
	AUTO_FREE char *lines = text_of(own);
	AUTO_FREE char *more =
		vm->of->guest->keys ? text_of(vm->of->guest->keys) : xstrdup("");

	(void)fprintf(to, "folder 700 %s/.ssh\n", home);
	bytes_put(to, "more 600", keys, lines);
	if (*more)
		bytes_put(to, "more 600", keys, more);
}

static void keys_put(const struct vm *vm, FILE *to)
{
	AUTO_FREE char *host = vm_path(vm->name, "host_key");
	AUTO_FREE char *key = text_of(host);

	bytes_put(to, "own 600", "/etc/ssh/ssh_host_bee_key", key);
	bytes_put(to, "own 644", "/etc/ssh/sshd_config.d/99-bee.conf", sshd_config);
	(void)fputs("folder 700 /root\n", to);
	ssh_put(vm, to, "/root");
}

static void orders_put(const struct vm *vm, FILE *to)
{
	AUTO_FREE char *hostname = xasprintf("%s\n", vm->name);
	AUTO_FREE char *hosts =
		xasprintf("127.0.0.1 localhost\n127.0.1.1 %s\n", vm->name);
	AUTO_FREE char *nonce = xasprintf("%s\n", vm->nonce);
	AUTO_FREE char *fstab =
		xasprintf("%s%s", fstab_temporary, vm->work ? fstab_work : "");

	(void)fputs("look /sbin/init\n", to);
	if (vm->work_new)
		(void)fputs("copy /root\n", to);
	bytes_put(to, "file 644", "/etc/hostname", hostname);
	bytes_put(to, "file 644", "/etc/hosts", hosts);
	/* The resolver of QEMU's user-mode network. */
	if (!vm->of->guest->cable_count)
		bytes_put(to, "file 644", "/etc/resolv.conf", "nameserver 10.0.2.3\n");
	(void)fprintf(to, "fstab %zu\n%s", strlen(fstab), fstab);
	bytes_put(to, "own 755", "/etc/bee/agent", vm_agent);
	bytes_put(to, "own 755", "/etc/bee/init", vm_agent_init);
	bytes_put(to, "own 600", "/etc/bee/nonce", nonce);
	bytes_put(to, "own 644", "/etc/systemd/system/bee-agent.service", unit);
	(void)fputs("link /etc/systemd/system/multi-user.target.wants/bee-agent.service "
		    "/etc/systemd/system/bee-agent.service\n",
		    to);
	keys_put(vm, to);
}

/* Of a work disk: it is /root, so what is in /root is nothing of it. */
static void work_orders_put(const struct vm *vm, FILE *to)
{
	(void)fputs("folder 700 /\n", to);
	ssh_put(vm, to, "");
}

/* A file in memory with the orders, at its start. A descriptor or -errno. */
static int orders_make(const struct vm *vm, bool work)
{
	int fd = memfd_create("orders", MFD_CLOEXEC), copy;
	FILE *to;

	if (fd < 0)
		return -errno;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	to = copy < 0 ? NULL : fdopen(copy, "w");
	if (!to) {
		close(fd);
		return -ENOMEM;
	}
	if (work)
		work_orders_put(vm, to);
	else
		orders_put(vm, to);
	if (fclose(to) || lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int journal_replay(struct vm *vm, int disk, uint64_t offset)
{
	AUTO_FREE char *path =
		xasprintf("/proc/self/fd/3?offset=%llu", (unsigned long long)offset);
	const char *const argv[] = { "e2fsck", "-E", "journal_only", "-p", path, NULL };
	struct vm_child child = { .argv = argv,
				  .id = vm->of->record->first_id,
				  .fds = &disk,
				  .fd_count = 1,
				  .in = -1,
				  .group_of = vm };
	char said[200];
	int result = vm_child_run(&child, said, sizeof(said));

	/* 1: what was wrong has been mended, e2fsck(8). */
	return result == 0 || result == 1
		       ? 0
		       : vm_fail(vm, EIO, "%s: its journal cannot be replayed: %s",
				 vm->image.path, said);
}

static int work_open(const struct vm *vm)
{
	AUTO_FREE char *path =
		vm_path(vm->name, vm->work_new ? "work.img.new" : "work.img");

	return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

/* Once. 0, or bee-guest-disk's exit status with what it says. */
static int writer_run(struct vm *vm, int disk, bool work, char *said, size_t size)
{
	char program[4096], offset[24];
	const char *argv[] = { program, offset, NULL };
	AUTO_CLOSE int second = vm->work_new && !work ? work_open(vm) : -1;
	int fds[2];
	struct vm_child child = { .argv = argv,
				  .id = vm->of->record->first_id,
				  .fds = fds,
				  .fd_count = vm->work_new && !work ? 2 : 1,
				  .group_of = vm };
	AUTO_CLOSE int orders = orders_make(vm, work);
	char *slash;

	fds[0] = disk;
	fds[1] = second;
	if (orders < 0 || own_program(program))
		return -EIO;
	slash = strrchr(program, '/');
	(void)snprintf(slash + 1, sizeof(program) - (size_t)(slash + 1 - program),
		       "bee-guest-disk");
	(void)snprintf(offset, sizeof(offset), "%llu",
		       work ? 0ULL : (unsigned long long)vm->image.offset);
	child.in = orders;
	return vm_child_run(&child, said, size);
}

/* Where the file system is that is configured. */
static int range_find(struct vm *vm, int disk, bool *ext)
{
	const struct guest *g = vm->of->guest;
	struct disk_seen seen;
	/* Where nothing was said of it, of a disk with partitions the first is the tree. */
	int result = disk_look(disk, g->image ? 0 : g->disk[0].partition,
			       g->image != NULL, &seen);

	if (result)
		return vm_fail(vm, result, "%s: %s", vm->image.path, seen.why);
	vm->image.partition = seen.partition;
	vm->image.offset = seen.range.offset;
	vm->image.size = seen.range.size;
	*ext = !strncmp(seen.type, "ext", 3);
	return 0;
}

static void said_take(struct vm *vm, char *said)
{
	char *save, *line = strtok_r(said, "\n", &save);

	for (; line; line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, "/sbin/init link ", 16) && strstr(line, "systemd"))
			vm->image.systemd = true;
}

static int written(struct vm *vm, const char *path)
{
	AUTO_CLOSE int disk = open(path, O_RDWR | O_CLOEXEC);
	char said[1024] = "";
	bool ext = false;
	int result;

	if (disk < 0)
		return vm_fail(vm, errno, "%s: %s", path, strerror(errno));
	result = range_find(vm, disk, &ext);
	if (result)
		return result;
	if (!ext)
		return vm_fail(vm, EMEDIUMTYPE,
			       "%s: what it holds is no ext2, ext3 or ext4: it is not "
			       "configured",
			       vm->image.path);
	result = writer_run(vm, disk, false, said, sizeof(said));
	if (result == BEE_TEMPFAIL) {
		result = journal_replay(vm, disk, vm->image.offset);
		if (!result)
			result = writer_run(vm, disk, false, said, sizeof(said));
	}
	if (result)
		return *vm->why
			       ? -EIO
			       : vm_fail(vm, EIO, "%s: it is not configured: %.150s (%d)",
					 vm->image.path, said, result);
	vm->image.known = true;
	said_take(vm, said);
	return 0;
}

static int work_written(struct vm *vm)
{
	AUTO_FREE char *path = vm_path(vm->name, "work.img");
	AUTO_FREE char *fresh = vm_path(vm->name, "work.img.new");
	AUTO_CLOSE int disk = work_open(vm);
	char said[300] = "";
	int result = disk < 0 ? -errno : writer_run(vm, disk, true, said, sizeof(said));

	if (result == BEE_TEMPFAIL) {
		result = journal_replay(vm, disk, 0);
		if (!result)
			result = writer_run(vm, disk, true, said, sizeof(said));
	}
	if (!result && vm->work_new && (fsync(disk) || rename(fresh, path)))
		result = -errno;
	return result ? vm_fail(vm, EIO, "its work disk: %.150s (%d)", said, result) : 0;
}

int vm_configure(struct vm *vm)
{
	struct vm_export export;
	int result = 0;

	if (vm->image.path) {
		result = vm_export_begin(vm, &export);
		if (!result)
			result = written(vm, export.path);
		vm_export_end(&export);
	}
	return !result && vm->work ? work_written(vm) : result;
}
