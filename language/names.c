/* Names in policy files and their numbers: errors, capabilities, statuses, ioctls. */
#include "parser.h"

#include <ctype.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <scsi/scsi_ioctl.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>

#define NAME_SIZE 40 /* of a capability */

int status_number(const char *name)
{
	for (int i = 0; i < JOB_STATUS_COUNT; i++)
		if (!strcmp(job_status_names[i], name))
			return i;
	return -1;
}

const char *errno_name(int number)
{
	return number > 0 ? strerrorname_np(number) : NULL;
}

int errno_number(const char *name)
{
	for (int i = 1; i <= POLICY_ERRNO_MAX; i++) {
		const char *have = errno_name(i);

		if (have && !strcmp(have, name))
			return i;
	}
	return -1;
}

const char *capability_name(int number)
{
	static char name[NAME_SIZE];
	char *lower = cap_to_name(number); /* a number where libcap has no name */

	name[0] = '\0';
	for (size_t i = 0; lower && i < sizeof(name) - 1; i++) {
		name[i] = (char)toupper((unsigned char)lower[i]);
		if (!lower[i])
			break;
	}
	(void)cap_free(lower);
	return name[0] == 'C' ? name : NULL;
}

int capability_number(const char *name)
{
	cap_value_t number;
	const char *same;

	/* libcap takes any case, and numbers. */
	if (cap_from_name(name, &number) || !(same = capability_name(number)))
		return -1;
	return strcmp(same, name) ? -1 : number;
}

struct ioctl_entry {
	const char *name;
	uint32_t number;
	const char *never; /* why no policy can grant it, or NULL */
};

#define KNOWN(name)                                                                      \
	{                                                                                \
#name, (uint32_t)(name), NULL                                            \
	}
#define NEVER(name, why)                                                                 \
	{                                                                                \
#name, (uint32_t)(name), why                                             \
	}
#define INPUT "it types into a terminal"
#define WRITES "it writes to the device"
#define RESETS "it resets the device"

static const struct ioctl_entry ioctls[] = {
	KNOWN(TCGETS),
	KNOWN(TIOCGWINSZ),
	KNOWN(BLKGETSIZE),
	KNOWN(BLKGETSIZE64),
	KNOWN(BLKSSZGET),
	KNOWN(BLKPBSZGET),
	KNOWN(BLKROGET),
	KNOWN(HDIO_GET_IDENTITY),
	KNOWN(HDIO_DRIVE_CMD),
	KNOWN(SG_IO),
	KNOWN(SG_GET_VERSION_NUM),
	KNOWN(SG_GET_SCSI_ID),
	KNOWN(SCSI_IOCTL_SEND_COMMAND),
	{ "SCSI_IOCTL_GET_IDLUN", 0x5382, NULL },
	{ "SCSI_IOCTL_GET_BUS_NUMBER", 0x5386, NULL },
	KNOWN(SIOCETHTOOL),
	KNOWN(SIOCGIFINDEX),
	KNOWN(SIOCGIFFLAGS),
	KNOWN(NVME_IOCTL_ID),
	KNOWN(NVME_IOCTL_ADMIN_CMD),
	KNOWN(NVME_IOCTL_ADMIN64_CMD),
	KNOWN(IPMICTL_SEND_COMMAND),
	KNOWN(IPMICTL_RECEIVE_MSG),
	KNOWN(IPMICTL_RECEIVE_MSG_TRUNC),
	KNOWN(IPMICTL_SET_GETS_EVENTS_CMD),
	KNOWN(IPMICTL_SET_MY_ADDRESS_CMD),
	KNOWN(IPMICTL_GET_MY_ADDRESS_CMD),
	NEVER(TIOCSTI, INPUT),
	NEVER(TIOCLINUX, INPUT),
	NEVER(TIOCSETD, "it loads kernel modules"),
	NEVER(TIOCCONS, "it takes the console over"),
	NEVER(BLKRRPART, "it changes the partitions"),
	NEVER(BLKROSET, "it changes the device"),
	NEVER(BLKFLSBUF, WRITES),
	NEVER(BLKDISCARD, WRITES),
	NEVER(BLKSECDISCARD, WRITES),
	NEVER(BLKZEROOUT, WRITES),
	NEVER(FITRIM, WRITES),
	NEVER(FIFREEZE, "it stops a file system"),
	NEVER(HDIO_DRIVE_TASKFILE, WRITES),
	NEVER(HDIO_DRIVE_RESET, RESETS),
	NEVER(SG_SCSI_RESET, RESETS),
	NEVER(NVME_IOCTL_SUBMIT_IO, WRITES),
	NEVER(NVME_IOCTL_IO_CMD, WRITES),
	NEVER(NVME_IOCTL_IO64_CMD, WRITES),
	NEVER(NVME_IOCTL_RESET, RESETS),
	NEVER(NVME_IOCTL_SUBSYS_RESET, RESETS),
	NEVER(NVME_IOCTL_RESCAN, "it changes what the machine sees"),
};

bool ioctl_known(const char *name, uint32_t *number)
{
	for (size_t i = 0; i < ARRAY_LEN(ioctls); i++)
		if (!strcmp(ioctls[i].name, name)) {
			*number = ioctls[i].number;
			return true;
		}
	return false;
}

const char *ioctl_name(uint32_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(ioctls); i++)
		if (ioctls[i].number == number)
			return ioctls[i].name;
	return NULL;
}

const char *ioctl_never(const char *name, uint32_t number, uint32_t mask)
{
	for (size_t i = 0; i < ARRAY_LEN(ioctls); i++)
		if (ioctls[i].never && ((ioctls[i].number & mask) == number ||
					!strcmp(ioctls[i].name, name)))
			return ioctls[i].never;
	return NULL;
}

#define MOUNTS "it changes what the jail sees"
#define JAIL "it leaves the jail's namespaces"
#define OTHERS "it reads or changes other processes"
#define KERNEL "it loads code into the kernel"
#define MACHINE "it changes the machine"
#define AROUND "it makes calls that no filter sees"
#define SIGNALS "it signals past the check of kill"

static const struct {
	const char *name;
	const char *why;
} never[] = {
	{ "mount", MOUNTS },
	{ "umount2", MOUNTS },
	{ "move_mount", MOUNTS },
	{ "open_tree", MOUNTS },
	{ "fsopen", MOUNTS },
	{ "fsconfig", MOUNTS },
	{ "fsmount", MOUNTS },
	{ "fspick", MOUNTS },
	{ "mount_setattr", MOUNTS },
	{ "pivot_root", MOUNTS },
	{ "chroot", MOUNTS },
	{ "swapon", MACHINE },
	{ "swapoff", MACHINE },
	{ "setns", JAIL },
	{ "unshare", JAIL },
	{ "open_by_handle_at", JAIL },
	{ "ptrace", OTHERS },
	{ "process_vm_readv", OTHERS },
	{ "process_vm_writev", OTHERS },
	{ "process_madvise", OTHERS },
	{ "pidfd_getfd", OTHERS },
	{ "kcmp", OTHERS },
	{ "keyctl", "keys belong to the user, not to the jail" },
	{ "add_key", "keys belong to the user, not to the jail" },
	{ "request_key", "keys belong to the user, not to the jail" },
	{ "init_module", KERNEL },
	{ "finit_module", KERNEL },
	{ "delete_module", MACHINE },
	{ "kexec_load", KERNEL },
	{ "kexec_file_load", KERNEL },
	{ "bpf", KERNEL },
	{ "perf_event_open", "it watches the kernel" },
	{ "userfaultfd", "it holds the kernel up" },
	{ "io_uring_setup", AROUND },
	{ "io_uring_enter", AROUND },
	{ "io_uring_register", AROUND },
	{ "io_setup", AROUND },
	{ "io_submit", AROUND },
	{ "seccomp", "a second listener would take calls from ours" },
	{ "personality", "it changes what a call means" },
	{ "modify_ldt", "it changes what a call means" },
	{ "reboot", MACHINE },
	{ "settimeofday", MACHINE },
	{ "clock_settime", MACHINE },
	{ "clock_adjtime", MACHINE },
	{ "adjtimex", MACHINE },
	{ "sethostname", MACHINE },
	{ "setdomainname", MACHINE },
	{ "syslog", MACHINE },
	{ "acct", MACHINE },
	{ "quotactl", MACHINE },
	{ "iopl", "it gives the ports to the tool" },
	{ "ioperm", "it gives the ports to the tool" },
	{ "mknod", "device nodes come from 'device' lines" },
	{ "mknodat", "device nodes come from 'device' lines" },
	{ "vhangup", MACHINE },
	{ "setrlimit", "the limits are the 'limits' lines'" },
	{ "rt_sigqueueinfo", SIGNALS },
	{ "rt_tgsigqueueinfo", SIGNALS },
	{ "pidfd_send_signal", SIGNALS },
};

const char *syscall_never(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (!strcmp(never[i].name, name))
			return never[i].why;
	return NULL;
}

static const struct {
	const char *name;
	const char *where;
} elsewhere[] = {
	{ "open", "the 'open' line" },
	{ "openat", "the 'open' line" },
	{ "openat2", "the 'open' line" },
	{ "creat", "the 'open' line" },
	{ "ioctl", "'ioctl' lines" },
	{ "execve", "'exec' lines" },
	{ "execveat", "'exec' lines" },
	{ "clone", "'limits tasks'" },
	{ "clone3", "'limits tasks'" },
	{ "fork", "'limits tasks'" },
	{ "vfork", "'limits tasks'" },
	{ "prctl", "the filter itself: bee-policy(5)" },
	{ "arch_prctl", "the filter itself: bee-policy(5)" },
	{ "fcntl", "the filter itself: bee-policy(5)" },
	{ "prlimit64", "the filter itself: bee-policy(5)" },
	{ "mmap", "the filter itself: bee-policy(5)" },
	{ "mprotect", "the filter itself: bee-policy(5)" },
};

const char *syscall_elsewhere(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		if (!strcmp(elsewhere[i].name, name))
			return elsewhere[i].where;
	return NULL;
}
