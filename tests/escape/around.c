/* Attempts at what is outside of the jail: files, processes, hosts, the machine's devices. */
#include "attempts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <scsi/sg.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#define CANARY "mnt/bee-canary" /* a file of the machine */

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool has_line(const char *path, const char *part)
{
	char line[512];
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, part) != NULL;
	if (file)
		fclose(file);
	return found;
}

static bool host_file(void)
{
	return opens("/" CANARY, O_RDONLY);
}
static bool host_file_above(void)
{
	return opens("/../" CANARY, O_RDONLY);
}
static bool host_file_cwd(void)
{
	return opens(CANARY, O_RDONLY) || opens("../../../" CANARY, O_RDONLY);
}
static bool host_file_init(void)
{
	return opens("/proc/1/root/" CANARY, O_RDONLY);
}

/* To what is below the root in its mount namespace, and below that. */
static bool host_file_setns(void)
{
	int ns = open("/proc/self/ns/mnt", O_RDONLY);

	while (syscall(SYS_umount2, "/", 2 /* MNT_DETACH */) == 0 &&
	       syscall(SYS_setns, ns, 0) == 0)
		if (host_file())
			return true;
	return false;
}

static bool host_file_chroot(void)
{
	if (syscall(SYS_chroot, "/proc"))
		return false;
	for (int i = 0; i < 32; i++)
		if (syscall(SYS_chdir, ".."))
			return false;
	return opens(CANARY, O_RDONLY);
}

/* Any folder that somebody left open. */
static bool host_file_descriptor(void)
{
	for (int fd = 3; fd < 1024; fd++)
		if (openat(fd, CANARY, O_RDONLY) >= 0 || openat(fd, "..", O_RDONLY) >= 0)
			return true;
	return false;
}

static bool descriptor_left(void)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return true;
	return false;
}

static bool process_seen(void)
{
	cpu_set_t set;

	return syscall(SYS_sched_getaffinity, (pid_t)outside_pid, sizeof(set), &set) > 0;
}

static bool process_opened(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", outside_pid);
	return opens(path, O_RDONLY);
}

static bool port_seen(void)
{
	char text[32];

	(void)snprintf(text, sizeof(text), " 0100007F:%04lX ",
		       (unsigned long)outside_port);
	return has_line("/proc/self/net/tcp", text);
}

static bool queue_seen(void)
{
	return syscall(SYS_msgget, (key_t)outside_key, 0) >= 0;
}

static bool host_name(void)
{
	struct utsname name;

	return uname(&name) == 0 && strcmp(name.nodename, "bee") != 0;
}

static bool cgroup_seen(void)
{
	char line[512];
	FILE *file = fopen("/proc/self/cgroup", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *path = strrchr(line, ':');

		found = path && strcmp(path, ":/\n") != 0;
	}
	return found;
}

static bool environment_seen(void)
{
	return getenv("BEE_SECRET") != NULL;
}

static bool proc_version(void)
{
	return opens("/proc/version", O_RDONLY);
}
static bool proc_symbols(void)
{
	return opens("/proc/kallsyms", O_RDONLY);
}
static bool proc_core_pattern(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_RDONLY);
}
static bool proc_core_pattern_write(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}
static bool proc_sysrq(void)
{
	return opens("/proc/sysrq-trigger", O_WRONLY);
}
static bool proc_keys(void)
{
	return opens("/proc/keys", O_RDONLY);
}
static bool proc_init(void)
{
	return opens("/proc/1/status", O_RDONLY);
}
static bool proc_self_write(void)
{
	return opens("/proc/self/coredump_filter", O_WRONLY);
}
static bool proc_self_exe(void)
{
	return opens("/proc/self/exe", O_WRONLY);
}
static bool sys_debug(void)
{
	return opens("/sys/kernel/debug", O_RDONLY);
}
static bool sys_release_agent(void)
{
	return opens("/sys/fs/cgroup", O_RDONLY);
}
static bool sys_efivars(void)
{
	return opens("/sys/firmware/efi/efivars", O_RDONLY) ||
	       opens("/sys/power/state", O_WRONLY);
}
static bool dev_memory(void)
{
	return opens("/dev/mem", O_RDONLY) || opens("/dev/kmsg", O_RDONLY);
}
static bool run_docker(void)
{
	return opens("/run", O_RDONLY | O_DIRECTORY);
}
static bool file_shadow(void)
{
	return opens("/etc/shadow", O_RDONLY);
}

static bool seen_root(void)
{
	return opens("/mnt/seen/root", O_RDONLY);
}
static bool seen_root_group(void)
{
	return opens("/mnt/seen/root-group", O_RDONLY);
}
static bool seen_other_group(void)
{
	return opens("/mnt/seen/other-group", O_RDONLY);
}
static bool seen_node(void)
{
	return opens("/mnt/seen/node", O_RDONLY);
}
static bool seen_write(void)
{
	return opens("/mnt/seen/data", O_WRONLY);
}
static bool seen_make(void)
{
	return opens("/mnt/seen/new", O_WRONLY | O_CREAT);
}

static bool seen_chmod(void)
{
	struct stat st;

	return stat("/mnt/seen/data", &st) == 0 &&
	       syscall(SYS_fchmodat, AT_FDCWD, "/mnt/seen/data", st.st_mode & 07777) == 0;
}

static bool root_chmod(void)
{
	return syscall(SYS_fchmodat, AT_FDCWD, "/", 0755) == 0;
}

static bool seen_code(void)
{
	int fd = open("/mnt/seen/data", O_RDONLY);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

/* Whoever copies what this one asks for has its uid. */
static bool copier_memory(void)
{
	for (int pid = 2; pid < 8; pid++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "/proc/%d/mem", pid);
		if (pid != getpid() && opens(path, O_RDONLY))
			return true;
	}
	return false;
}

static bool copier_signal(void)
{
	for (int pid = 2; pid < 8; pid++)
		if (pid != getpid() && syscall(SYS_kill, pid, SIGCONT) == 0)
			return true;
	return false;
}

static bool stub_signal(void)
{
	return syscall(SYS_kill, 1, SIGCHLD) == 0;
}
static bool stub_memory(void)
{
	return opens("/proc/1/mem", O_RDONLY);
}

static bool disk_read(void)
{
	char sector[512];
	int fd = open("/dev/sda", O_RDONLY | O_NONBLOCK);

	return read(fd, sector, sizeof(sector)) > 0;
}

static bool disk_write(void)
{
	return opens("/dev/sda", O_RDWR);
}

static bool disk_command(unsigned char opcode)
{
	unsigned char cdb[10] = { opcode }, data[512] = { 0 }, sense[64];
	struct sg_io_hdr header = {
		.interface_id = 'S',
		.cmd_len = sizeof(cdb),
		.cmdp = cdb,
		.dxfer_direction = SG_DXFER_TO_DEV,
		.dxfer_len = sizeof(data),
		.dxferp = data,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.timeout = 2000,
	};
	int fd = open("/dev/sda", O_RDONLY | O_NONBLOCK);

	return ioctl(fd, SG_IO, &header) == 0;
}

static bool disk_write_10(void)
{
	return disk_command(0x2a);
}
static bool disk_format(void)
{
	return disk_command(0x04);
}
static bool disk_firmware(void)
{
	return disk_command(0x3b);
}

const struct attempt attempts_around[] = {
	/* The first one: others leave some open. */
	{ "descriptor-left", descriptor_left },
	{ "host-file", host_file },
	{ "host-file-above", host_file_above },
	{ "host-file-cwd", host_file_cwd },
	{ "host-file-init", host_file_init },
	{ "host-file-chroot", host_file_chroot },
	{ "host-file-setns", host_file_setns },
	{ "host-file-descriptor", host_file_descriptor },
	{ "process-seen", process_seen },
	{ "process-opened", process_opened },
	{ "port-seen", port_seen },
	{ "queue-seen", queue_seen },
	{ "host-name", host_name },
	{ "cgroup-seen", cgroup_seen },
	{ "environment-seen", environment_seen },
	{ "proc-version", proc_version },
	{ "proc-symbols", proc_symbols },
	{ "proc-core-pattern", proc_core_pattern },
	{ "proc-core-pattern-write", proc_core_pattern_write },
	{ "proc-sysrq", proc_sysrq },
	{ "proc-keys", proc_keys },
	{ "proc-init", proc_init },
	{ "proc-self-write", proc_self_write },
	{ "proc-self-exe", proc_self_exe },
	{ "sys-debug", sys_debug },
	{ "sys-release-agent", sys_release_agent },
	{ "sys-efivars", sys_efivars },
	{ "dev-memory", dev_memory },
	{ "run-sockets", run_docker },
	{ "file-shadow", file_shadow },
	{ "seen-root", seen_root },
	{ "seen-root-group", seen_root_group },
	{ "seen-other-group", seen_other_group },
	{ "seen-node", seen_node },
	{ "seen-write", seen_write },
	{ "seen-make", seen_make },
	{ "seen-chmod", seen_chmod },
	{ "seen-code", seen_code },
	{ "root-chmod", root_chmod },
	{ "copier-memory", copier_memory },
	{ "copier-signal", copier_signal },
	{ "stub-signal", stub_signal },
	{ "stub-memory", stub_memory },
	{ "disk-read", disk_read },
	{ "disk-write", disk_write },
	{ "disk-write-10", disk_write_10 },
	{ "disk-format", disk_format },
	{ "disk-firmware", disk_firmware },
	{ NULL, NULL },
};
