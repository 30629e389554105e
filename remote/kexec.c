/* kexec_file_load(2) from sealed memory. The older kexec_load(2), which takes anything, is not tried. */
#include "kexec.h"
#include "memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKDOWN "/sys/kernel/security/lockdown"

static long load(int kernel, int initrd, const char *cmdline, unsigned long flags)
{
	return syscall(SYS_kexec_file_load, kernel, initrd, strlen(cmdline) + 1, cmdline,
		       flags);
}

/* "[none] integrity confidentiality": what is in brackets holds. */
static bool locked_down(void)
{
	AUTO_CLOSE int fd = open(LOCKDOWN, O_RDONLY | O_CLOEXEC);
	char text[128] = "";

	return fd >= 0 && read_full(fd, text, sizeof(text) - 1) > 0 &&
	       strchr(text, '[') && !strstr(text, "[none]");
}

static int refused(int error, struct said *said)
{
	if (error == ENOSYS)
		return say(said,
			   "kexec: unavailable: this kernel can start no other one");
	if (error == EKEYREJECTED || error == ENODATA || error == EBADMSG ||
	    error == ENOPKG || error == ENOKEY)
		return say(said,
			   "kexec: refused: no signature of it that this kernel believes "
			   "(%s)",
			   strerrorname_np(error) ?: "?");
	if (error == EPERM && locked_down())
		return say(said, "kexec: refused: this kernel is locked down, and takes "
				 "signed ones alone");
	if (error == EPERM)
		return say(
			said,
			"kexec: refused: kernel.kexec_load_disabled, or no CAP_SYS_BOOT");
	if (error == ENOEXEC)
		return say(said, "kexec: that is no kernel for this machine");
	return say(said, "kexec: %s", strerrordesc_np(error) ?: "?");
}

/* Without a file it fails with EBADF, if it would not fail before for what is no fault of a file's. */
int kexec_ready(struct said *said)
{
	if (!load(-1, -1, "", KEXEC_FILE_NO_INITRAMFS) || errno == EBADF)
		return 0;
	return refused(errno, said);
}

static int sealed_copy(int from, const struct order_file *file, struct said *said)
{
	static unsigned char part[65536];
	unsigned char is[SHA256_BYTES];
	crypto_hash_sha256_state state;
	int to = memory_file("kexec");
	ptrdiff_t n = -1;

	crypto_hash_sha256_init(&state);
	if (to < 0 || lseek(from, 0, SEEK_SET) < 0)
		goto failed;
	while ((n = read_full(from, part, sizeof(part))) > 0) {
		crypto_hash_sha256_update(&state, part, (size_t)n);
		if (write_all(to, part, (size_t)n))
			goto failed;
	}
	crypto_hash_sha256_final(&state, is);
	if (n < 0 || memory_seal(to))
		goto failed;
	if (!memcmp(is, file->sha256, SHA256_BYTES))
		return to;
	say(said, "kexec: %s is not the file that the order names", file->name);
	close(to);
	return -1;
failed:
	say(said, "kexec: %s: no memory for it", file->name);
	if (to >= 0)
		close(to);
	return -1;
}

int kexec_load_files(int kernel, const struct order_file *kernel_is, int initrd,
		     const struct order_file *initrd_is, const char *cmdline,
		     struct said *said)
{
	AUTO_CLOSE int kernel_copy = sealed_copy(kernel, kernel_is, said);
	AUTO_CLOSE int initrd_copy = -1;

	if (kernel_copy < 0)
		return -1;
	if (initrd >= 0) {
		initrd_copy = sealed_copy(initrd, initrd_is, said);
		if (initrd_copy < 0)
			return -1;
	}
	if (load(kernel_copy, initrd_copy, cmdline,
		 initrd < 0 ? KEXEC_FILE_NO_INITRAMFS : 0))
		return refused(errno, said);
	return 0;
}
