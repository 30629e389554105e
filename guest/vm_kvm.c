/* Whether KVM can be used here: what can be told at once, and what a guest has found out. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ANSWER GUEST_RECORDS "/.kvm" /* boot id, a blank, "works" or "hangs" */

/* What was found out since this machine was booted: 1, 0, or -1 for nothing. */
static int answer_read(void)
{
	AUTO_CLOSE int fd = open(ANSWER, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[64] = "", boot[BOOT_ID_SIZE];
	ptrdiff_t len = fd < 0 ? 0 : read_full(fd, text, sizeof(text) - 1);

	boot_id(boot);
	if (len <= BOOT_ID_SIZE - 1 || strncmp(text, boot, BOOT_ID_SIZE - 1) != 0)
		return -1;
	return !strcmp(text + BOOT_ID_SIZE - 1, " works");
}

void vm_kvm_note(bool works)
{
	char boot[BOOT_ID_SIZE];
	AUTO_FREE char *text = NULL;
	int fd;

	boot_id(boot);
	text = xasprintf("%s %s", boot, works ? "works" : "hangs");
	(void)unlink(ANSWER);
	fd = open(ANSWER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	/* Where it cannot be kept, the next guest finds out again. */
	if (fd >= 0 && write_all(fd, text, strlen(text)))
		(void)unlink(ANSWER);
	if (fd >= 0)
		close(fd);
}

bool vm_kvm_works(char *why, size_t size)
{
	AUTO_CLOSE int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	AUTO_CLOSE int machine = -1;
	const char *reason = NULL;

	if (kvm < 0) {
		(void)snprintf(why, size, "/dev/kvm: %s", strerror(errno));
		return false;
	}
	machine = ioctl(kvm, KVM_CREATE_VM, 0);
	if (machine < 0) {
		(void)snprintf(why, size, "/dev/kvm makes no machine: %s",
			       strerror(errno));
		return false;
	}
	/* A node that opens is not enough: nested, a kernel may hang in it for ever. */
	if (answer_read() == 0)
		reason =
			"a guest showed no sign of life under KVM since this machine was "
			"booted (" ANSWER ")";
	(void)snprintf(why, size, "%s", reason ? reason : "");
	return reason == NULL;
}
