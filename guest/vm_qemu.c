/* QEMU itself: its command line, and what it is given by descriptor. */
#include "disk.h"
#include "link.h"
#include "vm.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MEMORY_DEFAULT (UINT64_C(1) << 30)
#define KERNEL_MAX (1u << 30) /* bytes, of a kernel or an initramfs */

/* Words, and the descriptors that some of them name: 3, 4, ... in QEMU. */
struct line {
	struct words words;
	int fds[VM_FDS_MAX];
	size_t fd_count;
};

PRINTF_LIKE(2, 3) static void put(struct line *line, const char *fmt, ...)
{
	AUTO_FREE char *word = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&word, fmt, args) < 0)
		abort();
	va_end(args);
	words_add(&line->words, word, strlen(word));
}

/* The number that `fd`, which it takes, has there. */
static int give(struct line *line, int fd)
{
	if (line->fd_count >= ARRAY_LEN(line->fds))
		errx(BEE_SOFTWARE, "more descriptors than VM_FDS_MAX");
	line->fds[line->fd_count] = fd;
	return 3 + (int)line->fd_count++;
}

static void line_done(struct line *line)
{
	words_clear(&line->words);
	for (size_t i = 0; i < line->fd_count; i++)
		close(line->fds[i]);
}

/* A socket that QEMU answers on, and root alone reaches. */
static int socket_make(struct vm *vm, const char *file)
{
	AUTO_FREE char *path = vm_run_path(vm->name, file);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(path, 0600) || listen(fd, 1)) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return vm_fail(vm, error, "%s: %s", path, strerror(error));
	}
	return fd;
}

static int sockets_put(struct vm *vm, struct line *line)
{
	static const char *const names[] = { "serial", "control", "monitor" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int fd = socket_make(vm, names[i]);

		if (fd < 0)
			return fd;
		put(line, "-chardev");
		put(line, "socket,id=%s,fd=%d,server=on,wait=off", names[i],
		    give(line, fd));
	}
	put(line, "-serial");
	put(line, "chardev:serial");
	put(line, "-serial");
	put(line, "chardev:control");
	put(line, "-mon");
	put(line, "chardev=monitor,mode=control");
	return 0;
}

/*
 * A kernel, an initramfs or a firmware, in memory: QEMU opens it by a name, as nobody, and may not
 * be able to where it lies.
 */
static int file_put(struct vm *vm, struct line *line, const char *option,
		    const char *path)
{
	AUTO_CLOSE int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_initrd = !strcmp(option, "-initrd");
	struct stat st;
	int memory;

	if (from < 0 || fstat(from, &st))
		return vm_fail(vm, errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > KERNEL_MAX)
		return vm_fail(vm, EFBIG, "%s is no file to boot", path);
	memory = memfd_create("boot", MFD_CLOEXEC);
	for (off_t left = st.st_size; memory >= 0 && left > 0;) {
		ssize_t n = sendfile(memory, from, NULL, (size_t)left);

		if (n <= 0) {
			close(memory);
			return vm_fail(vm, EIO, "%s cannot be read", path);
		}
		left -= n;
	}
	if (memory < 0)
		return vm_fail(vm, errno, "memory: %s", strerror(errno));
	if (is_initrd && !vm->image.path && vm_initrd_append(vm, memory)) {
		close(memory);
		return vm_fail(vm, EIO, "%s: nothing can be put behind it", path);
	}
	put(line, "%s", option);
	put(line, "/proc/self/fd/%d", give(line, memory));
	return 0;
}

static int kernel_put(struct vm *vm, struct line *line)
{
	const struct guest *g = vm->of->guest;
	AUTO_FREE char *root = NULL;
	const char *init = "";
	int result = g->firmware ? file_put(vm, line, "-bios", g->firmware) : 0;

	if (result || !g->kernel)
		return result;
	result = file_put(vm, line, "-kernel", g->kernel);
	if (!result && g->initrd)
		result = file_put(vm, line, "-initrd", g->initrd);
	if (result)
		return result;
	if (vm->image.path && !(g->append && strstr(g->append, "root=")))
		root = vm->image.partition
			       ? xasprintf(" root=/dev/vda%u rw", vm->image.partition)
			       : xstrdup(" root=/dev/vda rw");
	if (vm->image.known && !vm->image.systemd &&
	    !(g->append && strstr(g->append, "init=")))
		init = " init=/etc/bee/init";
	if (!vm->image.path && g->initrd && !(g->append && strstr(g->append, "init=")))
		init = " rdinit=/etc/bee/rdinit";
	put(line, "-append");
	/* A kernel that panics ends, and says so where it is read. */
	put(line, "console=ttyS0 panic=-1%s%s%s%s", root ? root : "", init,
	    g->append ? " " : "", g->append ? g->append : "");
	return 0;
}

/* A file as descriptor set `set`: QEMU opens none by its name. */
static int set_put(struct vm *vm, struct line *line, int set, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK), result;

	if (fd < 0)
		return vm_fail(vm, errno, "%s: %s", path, strerror(errno));
	if (flags == O_RDONLY ? vm_qcow2_leads_out(fd) : vm_qcow2_has_data_file(fd)) {
		close(fd);
		return vm_fail(vm, EMEDIUMTYPE, "%s names another file", path);
	}
	result = disk_hold(fd, flags != O_RDONLY);
	if (result) {
		close(fd);
		return vm_fail(vm, -result, "%s: %s", path,
			       result == -EBUSY ? "it is in use" : strerror(-result));
	}
	put(line, "-add-fd");
	put(line, "fd=%d,set=%d", give(line, fd), set);
	return 0;
}

static int disks_put(struct vm *vm, struct line *line)
{
	const struct guest *g = vm->of->guest;
	AUTO_FREE char *overlay = vm_path(vm->name, "system.qcow2");
	AUTO_FREE char *work = vm_path(vm->name, "work.img");
	size_t first = g->image ? 0 : 1;
	int result;

	if (!vm->image.path)
		return 0;
	result = set_put(vm, line, 1, vm->image.path, O_RDONLY);
	if (!result)
		result = set_put(vm, line, 2, overlay, O_RDWR | O_NOFOLLOW);
	if (result)
		return result;
	put(line, "-blockdev");
	put(line, "driver=file,node-name=base-file,filename=/dev/fdset/1,read-only=on,"
		  "locking=off");
	put(line, "-blockdev");
	put(line, "driver=%s,node-name=base,file=base-file,read-only=on%s",
	    vm->image.qcow2 ? "qcow2" : "raw", vm->image.qcow2 ? ",backing=" : "");
	put(line, "-blockdev");
	put(line, "driver=file,node-name=system-file,filename=/dev/fdset/2,locking=off,"
		  "discard=unmap");
	put(line, "-blockdev");
	put(line, "driver=qcow2,node-name=system,file=system-file,backing=base,"
		  "discard=unmap");
	put(line, "-device");
	put(line, "virtio-blk-pci,drive=system,bootindex=1");
	for (size_t i = 0; i < g->disk_count + 1 && !result; i++) {
		bool is_work = i == g->disk_count;

		if (i < first || (is_work && !vm->work))
			continue;
		result = set_put(vm, line, 3 + (int)i, is_work ? work : g->disk[i].image,
				 O_RDWR);
		put(line, "-blockdev");
		put(line,
		    "driver=file,node-name=file%zu,filename=/dev/fdset/%zu,locking=off",
		    i, 3 + i);
		put(line, "-blockdev");
		put(line, "driver=raw,node-name=disk%zu,file=file%zu", i, i);
		put(line, "-device");
		put(line, "virtio-blk-pci,drive=disk%zu", i);
	}
	return result;
}

/* A port of the loopback that nobody has at this moment: the last one, if it is free. */
static unsigned port_find(unsigned last)
{
	for (int i = 0; i < 2; i++) {
		AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr_in address = {
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)(i ? 0 : last)),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
		socklen_t len = sizeof(address);

		if (fd >= 0 && !bind(fd, (struct sockaddr *)&address, len) &&
		    !getsockname(fd, (struct sockaddr *)&address, &len))
			return ntohs(address.sin_port);
	}
	return 0;
}

static int cables_put(struct vm *vm, struct line *line)
{
	const struct guest *g = vm->of->guest;

	for (unsigned i = 0; i < g->cable_count; i++) {
		uint8_t mac[6];
		int fd = link_tap(vm->name, i, vm->handles.id, &g->cable[i], mac);

		if (fd < 0)
			return vm_fail(vm, fd, "cable %s%u: %s", vm->name, i,
				       strerror(-fd));
		put(line, "-netdev");
		put(line, "tap,id=n%u,fd=%d", i, give(line, fd));
		put(line, "-device");
		put(line, "virtio-net-pci,netdev=n%u,mac=%02x:%02x:%02x:%02x:%02x:%02x",
		    i, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	}
	return 0;
}

static int network_put(struct vm *vm, struct line *line)
{
	if (vm->of->guest->cable_count > 0)
		return cables_put(vm, line);
	vm->handles.port = port_find(vm->of->record->port);
	vm->of->record->port = vm->handles.port;
	if (!vm->handles.port)
		return vm_fail(vm, EADDRINUSE, "no port is free");
	put(line, "-netdev");
	put(line, "user,id=n,hostfwd=tcp:127.0.0.1:%u-:22", vm->handles.port);
	put(line, "-device");
	put(line, "virtio-net-pci,netdev=n,mac=52:54:00:be:e0:01");
	return 0;
}

static void machine_put(struct vm *vm, struct line *line, bool kvm)
{
	const struct guest *g = vm->of->guest;
	uint64_t memory = g->memory ? g->memory : MEMORY_DEFAULT;

	put(line, "qemu-system-x86_64");
	put(line, "-name");
	put(line, "%s", vm->name);
	for (const char *const *word =
		     (const char *const[]){ "-nodefaults", "-no-user-config", "-display",
					    "none", "-no-reboot", "-machine", NULL };
	     *word; word++)
		put(line, "%s", *word);
	put(line, "q35,accel=%s", kvm ? "kvm" : "tcg");
	put(line, "-cpu");
	put(line, kvm ? "host" : "max");
	put(line, "-smp");
	put(line, "%llu", (unsigned long long)(g->cpus ? g->cpus : 1));
	put(line, "-m");
	put(line, "%lluM", (unsigned long long)(memory >> 20));
	put(line, "-sandbox");
	put(line, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
		  "resourcecontrol=deny");
	put(line, "-device");
	put(line, "virtio-rng-pci");
}

int vm_qemu_start(struct vm *vm, bool kvm)
{
	struct line line = { .fd_count = 0 };
	struct vm_child child = { .id = vm->of->record->first_id, .group_of = vm };
	struct stat node;
	int result, ends[2];

	machine_put(vm, &line, kvm);
	result = sockets_put(vm, &line);
	if (!result)
		result = kernel_put(vm, &line);
	if (!result)
		result = disks_put(vm, &line);
	if (!result)
		result = network_put(vm, &line);
	if (!result && pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		result = -errno;
	if (result) {
		line_done(&line);
		return result;
	}
	line.words.at =
		xrealloc_array(line.words.at, line.words.count + 1, sizeof(char *));
	line.words.at[line.words.count] = NULL;
	child.argv = (const char *const *)line.words.at;
	child.fds = line.fds;
	child.fd_count = line.fd_count;
	child.in = child.out = -1;
	if (kvm && !stat("/dev/kvm", &node))
		child.group = node.st_gid;
	child.error = ends[1];
	result = vm_child_start(&child);
	close(ends[1]);
	line_done(&line);
	vm->errors = ends[0];
	return result;
}
