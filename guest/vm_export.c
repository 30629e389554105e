/* A VM's disk as a plain file, through qemu-storage-daemon's FUSE export, for who writes to it. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN_TIME (20 * NSEC_PER_SEC)
#define END_TIME (60 * NSEC_PER_SEC) /* it writes all that it has */

/* It is there when the file's device is another one. */
static int mount_wait(const struct vm_export *export, const struct stat *before)
{
	nsec_t deadline = clock_now() + BEGIN_TIME;

	while (clock_now() < deadline) {
		struct stat now;

		if (!stat(export->path, &now) && now.st_dev != before->st_dev)
			return 0;
		if (waitpid(export->pid, NULL, WNOHANG) == export->pid)
			return -ECHILD;
		(void)poll(NULL, 0, 2);
	}
	return -ETIMEDOUT;
}

static int daemon_start(struct vm *vm, struct vm_export *export, int base, int overlay)
{
	AUTO_FREE char *mounted =
		xasprintf("type=fuse,id=e,node-name=system,mountpoint=%s,writable=on,"
			  "allow-other=on",
			  export->path);
	AUTO_FREE char *over = xasprintf(
		"driver=%s,node-name=base,file=base-file,read-only=on"
		"%s",
		vm->image.qcow2 ? "qcow2" : "raw", vm->image.qcow2 ? ",backing=" : "");
	static const char base_file[] =
		"driver=file,node-name=base-file,filename=/proc/self/fd/3,read-only=on,"
		"locking=off";
	static const char system_file[] =
		"driver=file,node-name=system-file,filename=/proc/self/fd/4,locking=off";
	static const char system[] =
		"driver=qcow2,node-name=system,file=system-file,backing=base,"
		"discard=unmap";
	const char *const argv[] = { "qemu-storage-daemon",
				     "--blockdev",
				     base_file,
				     "--blockdev",
				     over,
				     "--blockdev",
				     system_file,
				     "--blockdev",
				     system,
				     "--export",
				     mounted,
				     NULL };
	const int fds[] = { base, overlay };
	struct vm_child child = { .argv = argv,
				  .in = -1,
				  .out = -1,
				  .error = -1,
				  .fds = fds,
				  .fd_count = ARRAY_LEN(fds),
				  .caps = UINT64_C(1) << CAP_SYS_ADMIN,
				  .group_of = vm };

	export->pid = vm_child_start(&child);
	return export->pid < 0 ? export->pid : 0;
}

int vm_export_begin(struct vm *vm, struct vm_export *export)
{
	AUTO_FREE char *overlay = vm_path(vm->name, "system.qcow2");
	AUTO_CLOSE int base = open(vm->image.path, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int over = open(overlay, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat before;
	int fd, result;

	*export = (struct vm_export){ -1, vm_run_path(vm->name, "disk") };
	if (base < 0 || over < 0)
		return vm_fail(vm, errno, "%s: %s", base < 0 ? vm->image.path : overlay,
			       strerror(errno));
	if (vm_qcow2_leads_out(base) || vm_qcow2_has_data_file(over))
		return vm_fail(vm, EMEDIUMTYPE, "%s names another file",
			       vm_qcow2_has_data_file(over) ? overlay : vm->image.path);
	fd = open(export->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fstat(fd, &before))
		return vm_fail(vm, errno, "%s: %s", export->path, strerror(errno));
	close(fd);
	result = daemon_start(vm, export, base, over);
	if (!result)
		result = mount_wait(export, &before);
	/* Who reads the file system is nobody: the file is his. */
	if (!result &&
	    chown(export->path, vm->of->record->first_id, vm->of->record->first_id))
		result = -errno;
	if (result)
		return vm_fail(vm, result, "qemu-storage-daemon: %s",
			       result == -ECHILD
				       ? "is it installed, with FUSE, and is there "
					 "/dev/fuse?"
				       : strerror(-result));
	return 0;
}

void vm_export_end(struct vm_export *export)
{
	if (export->pid > 0 && !kill(export->pid, SIGTERM))
		(void)vm_child_wait(export->pid, clock_now() + END_TIME);
	if (export->path) {
		(void)umount2(export->path, MNT_DETACH | UMOUNT_NOFOLLOW);
		(void)unlink(export->path);
	}
	free(export->path);
	*export = (struct vm_export){ -1, NULL };
}
