/* escape: namespaces, rights, the network and the kernel's other machinery. */
#include "escape.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

static void try_mounts(void)
{
	escape_try(raw(SYS_mount, "none", "/proc", "tmpfs", 0, NULL) == 0, "mount");
	escape_try(raw(SYS_mount, NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0,
		   "remount");
	escape_try(raw(SYS_umount2, "/proc", MNT_DETACH) == 0, "umount of /proc");
	escape_try(raw(SYS_umount2, "/", MNT_DETACH) == 0, "umount of /");
	escape_try(raw(SYS_pivot_root, "/proc", "/proc") == 0, "pivot_root");
	escape_try(raw(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */) >= 0,
		   "open_tree");
	escape_try(raw(SYS_fsopen, "tmpfs", 0) >= 0, "fsopen");
	escape_try(raw(SYS_mount_setattr, AT_FDCWD, "/", 0, NULL, 0) == 0,
		   "mount_setattr");
}

static void try_namespaces(void)
{
	static const uint64_t flags[] = { CLONE_NEWNS,     CLONE_NEWUSER, CLONE_NEWPID,
					  CLONE_NEWNET,    CLONE_NEWIPC,  CLONE_NEWUTS,
					  CLONE_NEWCGROUP, 0x80 /* CLONE_NEWTIME */ };
	struct clone_args args = { .exit_signal = SIGCHLD };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		long pid = raw(SYS_unshare, flags[i]);

		escape_try(pid == 0, "unshare %#llx", (unsigned long long)flags[i]);
		pid = raw(SYS_clone, flags[i] | SIGCHLD, NULL, NULL, NULL, NULL);
		if (pid == 0)
			_exit(0);
		escape_try(pid > 0, "clone %#llx", (unsigned long long)flags[i]);
		args.flags = flags[i];
		pid = raw(SYS_clone3, &args, sizeof(args));
		if (pid == 0)
			_exit(0);
		escape_try(pid > 0, "clone3 %#llx", (unsigned long long)flags[i]);
	}
	escape_try(raw(SYS_setns, 0, 0) == 0, "setns");
	escape_try(raw(SYS_pidfd_open, 1, 0) >= 0 && raw(SYS_setns, 3, CLONE_NEWNS) == 0,
		   "setns by pidfd");
	escape_try(raw(SYS_pidfd_getfd, 3, 0, 0) >= 0, "pidfd_getfd");
	escape_try(raw(SYS_name_to_handle_at, AT_FDCWD, "/", NULL, NULL, 0) == 0,
		   "a handle");
	escape_try(raw(SYS_open_by_handle_at, AT_FDCWD, NULL, 0) >= 0, "open by handle");
	escape_try(raw(SYS_sethostname, "x", 1) == 0, "sethostname");
}

static void try_rights(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct all[2] = { { ~0U, ~0U, 0 }, { 0x1ff, 0x1ff, 0 } };
	bool root = getuid() == 0;

	escape_try(raw(SYS_capset, &header, all) == 0, "all capabilities");
	escape_try(raw(SYS_setuid, 0) == 0 && !root, "uid 0");
	escape_try(raw(SYS_setresuid, 0, 0, 0) == 0 && !root, "uid 0 by setresuid");
	escape_try(raw(SYS_setgid, 0) == 0 && !root, "gid 0");
	escape_try(raw(SYS_setuid, 0x7bee0003) == 0, "the collector's uid");
	escape_try(raw(SYS_setgroups, 0, NULL) == 0, "setgroups");
}

static void try_network(void)
{
	static const int families[] = { AF_INET,  AF_INET6, AF_NETLINK,  AF_PACKET,
					AF_VSOCK, AF_ALG,   AF_BLUETOOTH };
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(22) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		fd = (int)raw(SYS_socket, families[i], SOCK_STREAM, 0);
		escape_try(fd >= 0 && raw(SYS_connect, fd, &local, sizeof(local)) == 0,
			   "connected in family %d", families[i]);
		escape_try(fd >= 0 && errno == ECONNREFUSED, "reached a host");
	}
	/* dbus and the journal, if they were to be seen, and abstract names. */
	static const char *const sockets[] = { "/run/dbus/system_bus_socket",
					       "/run/systemd/private",
					       "/run/systemd/journal/socket", "/dev/log",
					       "/run/bee/lock" };
	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++) {
		(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", sockets[i]);
		fd = (int)raw(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
		escape_try(fd >= 0 && raw(SYS_connect, fd, &un, sizeof(un)) == 0,
			   "connected to %s", sockets[i]);
	}
	memcpy(un.sun_path, "\0bee-escape", 11);
	fd = (int)raw(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	escape_try(fd >= 0 && raw(SYS_connect, fd, &un,
				  offsetof(struct sockaddr_un, sun_path) + 11) == 0,
		   "connected to an abstract name");
}

static void try_terminal(void)
{
	char letter = 'x';

	for (int fd = 0; fd <= 2; fd++) {
		escape_try(ioctl(fd, TIOCSTI, &letter) == 0, "typed into %d", fd);
		escape_try(raw(SYS_ioctl, (long)fd, 0x100000000L | TIOCSTI, &letter) == 0,
			   "typed into %d with a long number", fd);
		escape_try(ioctl(fd, TIOCLINUX, &letter) == 0, "TIOCLINUX on %d", fd);
		escape_try(ioctl(fd, TIOCSCTTY, 1) == 0, "took %d as its terminal", fd);
	}
}

static void try_machinery(void)
{
	char attr[128] = { 0 };

	escape_try(raw(SYS_bpf, 0, attr, sizeof(attr)) >= 0, "bpf");
	escape_try(raw(SYS_io_uring_setup, 4, attr) >= 0, "io_uring");
	escape_try(raw(SYS_io_setup, 1, attr) == 0, "io_setup");
	escape_try(raw(SYS_keyctl, 0, -3, 1, 0, 0) >= 0, "keyctl");
	escape_try(raw(SYS_add_key, "user", "bee", "x", 1, -3) >= 0, "add_key");
	escape_try(raw(SYS_userfaultfd, 1 /* user mode only */) >= 0, "userfaultfd");
	escape_try(raw(SYS_perf_event_open, attr, 0, -1, -1, 0) >= 0, "perf_event_open");
	escape_try(raw(SYS_seccomp, 1, 0, NULL) == 0, "seccomp");
	escape_try(raw(SYS_personality, 0x0040000) != -1, "personality");
	escape_try(raw(SYS_init_module, attr, 0, "") == 0, "init_module");
	escape_try(raw(SYS_kexec_load, 0, 0, NULL, 0) == 0, "kexec_load");
	escape_try(raw(SYS_reboot, 0xfee1dead, 672274793, 0, NULL) == 0, "reboot");
	escape_try(raw(SYS_syslog, 10, NULL, 0) >= 0, "syslog");
	escape_try(raw(SYS_quotactl, 0, NULL, 0, NULL) == 0, "quotactl");
	escape_try(raw(SYS_fanotify_init, 0, 0) >= 0, "fanotify");
	escape_try(raw(SYS_inotify_init1, 0) >= 0, "inotify");
	escape_try(raw(SYS_shmget, 1, 4096, 01600) >= 0, "shmget");
	escape_try(raw(SYS_memfd_create, "x", 0) >= 0, "memfd_create");
#if defined(SYS_iopl)
	escape_try(raw(SYS_iopl, 3) == 0, "iopl");
	escape_try(raw(SYS_ioperm, 0x70, 2, 1) == 0, "ioperm");
	escape_try(raw(SYS_modify_ldt, 0, attr, 16) > 0, "modify_ldt");
	escape_try(raw(SYS_arch_prctl, 0x1003, attr) == 0, "arch_prctl");
#endif
}

void escape_kernel(void)
{
	try_mounts();
	try_namespaces();
	try_rights();
	try_network();
	try_terminal();
	try_machinery();
}
