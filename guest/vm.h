/* A guest that is a virtual machine: what the parts of its backend share. */
#ifndef BEE_GUEST_VM_H
#define BEE_GUEST_VM_H

#include "look.h"
#include "supervise.h"

#include <sys/types.h>

#define VM_CABLES_MAX 8
#define VM_DISKS_MAX 16
/* Descriptors of QEMU beside the first three: its sockets, kernel and initramfs; base, overlay and
 * work disk; disks; cables. */
#define VM_FDS_MAX (5 + 3 + VM_DISKS_MAX + VM_CABLES_MAX)

/* Exit statuses of a start beside the usual ones. */
enum vm_exit {
	VM_PANIC = 80,   /* its kernel has panicked */
	VM_NO_INIT = 81, /* its kernel has found nothing to start, or no root */
	VM_HANG = 82,    /* no sign of life on its serial line */
	VM_NO_KVM = 83,  /* KVM was demanded, and does not work here */
};

/* What is found out about its system disk, and what is written to it. */
struct vm_image {
	char *path;         /* owned: the base, which is never written to */
	unsigned partition; /* of it, 0: the whole */
	bool qcow2;
	uint64_t offset, size; /* of the file system, as the guest sees the disk */
	bool known;            /* an ext file system: it was configured */
	bool systemd;          /* its init is systemd */
};

struct vm {
	const struct supervision *of;
	const char *name;
	struct handles handles;
	struct vm_image image;
	char nonce[33];
	int group;
	char **groups_v1;
	int pidfd;       /* of QEMU */
	int errors;      /* what QEMU says on stderr, non-blocking */
	bool work_new;   /* it is work.img.new until it has what is in /root */
	bool work;       /* there is a work disk */
	int console;     /* a connection to its keeper */
	int control;     /* one to its control line */
	nsec_t deadline; /* of what is done before it runs */
	nsec_t begun;
	int code; /* the exit status that a failure has */
	char why[300];
};

/* Notes why, for the record and for who waits. Returns `error` as a negative number. */
PRINTF_LIKE(3, 4) int vm_fail(struct vm *vm, int error, const char *fmt, ...);
int vm_handles_put(struct vm *vm);

/* Below the folder of its record. Owned. */
char *vm_path(const char *name, const char *file);
/* Below its folder of this boot. Owned. */
char *vm_run_path(const char *name, const char *file);

/*
 * vm_child.c: a program of others, as nobody: uid and gid `id`, no capabilities, none to be
 * had. fds: what it has beside 0, 1 and 2, as 3, 4 ... in this order. Its pid or -errno.
 */
struct vm_child {
	const char *const *argv;
	uid_t id; /* 0: root's, with the capabilities in `caps` alone */
	uint64_t caps;
	gid_t group; /* beside its own, 0: none: that of /dev/kvm */
	const int *fds;
	size_t fd_count;
	int in, out, error;  /* -1: /dev/null */
	struct vm *group_of; /* it is in its group; NULL: in the caller's */
};
MUST_CHECK int vm_child_start(const struct vm_child *child);
/* Waits for it, and kills it at the deadline. Its exit status, or -errno. */
int vm_child_wait(pid_t pid, nsec_t deadline);
/* Both, with at most `size` bytes of its output and errors in `said`; 30 s. */
MUST_CHECK int vm_child_run(struct vm_child *child, char *said, size_t size);

/* vm_image.c: the base is looked at, the overlay over it made. */
MUST_CHECK int vm_image_open(struct vm *vm);
MUST_CHECK int vm_overlay_make(struct vm *vm);
/* Whether qcow2 file `fd` names other files, which QEMU would open. */
bool vm_qcow2_leads_out(int fd);
/* The same of an overlay, which lies over what we say: a QEMU that was taken over writes it. */
bool vm_qcow2_has_data_file(int fd);

/* vm_work.c: a second disk, from a seed or empty. */
MUST_CHECK int vm_work_make(struct vm *vm);

/* vm_config.c: what makes the image this guest. */
MUST_CHECK int vm_configure(struct vm *vm);

/* vm_export.c: its disk as a file, for who writes to it. */
struct vm_export {
	pid_t pid;
	char *path; /* owned */
};
MUST_CHECK int vm_export_begin(struct vm *vm, struct vm_export *export);
void vm_export_end(struct vm_export *export);

/* vm_qemu.c */
MUST_CHECK int vm_qemu_start(struct vm *vm, bool kvm);

/* vm_initrd.c: the agent behind an initramfs in file `fd`. 0 or -errno. */
MUST_CHECK int vm_initrd_append(const struct vm *vm, int fd);

/* vm_kvm.c: whether KVM can be used here. */
bool vm_kvm_works(char *why, size_t size);
/* What a guest of this boot has found out about it. */
void vm_kvm_note(bool works);

/* vm_control.c: the control line and QEMU's monitor. */
MUST_CHECK int vm_connect(const char *name, const char *file);
/* A line to it, with the nonce. */
void vm_say(struct vm *vm, const char *word, const char *rest);
/* The words of a command, as one line of a shell in base64. Owned. */
char *vm_command_line(const struct words *command);
void vm_ask(const char *name, const struct look *look, int pidfd);

/* vm_ssh.c */
MUST_CHECK int vm_keys_make(struct vm *vm);
/* A word as a shell takes it. Owned. */
char *vm_quoted(const char *word);
int vm_enter(const char *name, struct look *look, int pidfd, char **argv);

#endif
