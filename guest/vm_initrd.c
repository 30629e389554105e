/*
 * What is put behind an initramfs that is a guest by itself: its agent, as one more archive
 * in the format of Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
 */
#include "vm.h"
#include "vm_agent.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void pad(FILE *to, size_t len)
{
	for (; len % 4; len++)
		(void)fputc(0, to);
}

static void entry_put(FILE *to, const char *name, unsigned mode, const char *bytes)
{
	static unsigned number = 0xbee000; /* of no inode that is there: links go by it */
	size_t len = strlen(bytes), name_size = strlen(name) + 1;

	(void)fprintf(to, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
		      number++, mode, 0U, 0U, 1U, 0U, len, 0U, 0U, 0U, 0U, name_size, 0U);
	(void)fwrite(name, name_size, 1, to);
	pad(to, 110 + name_size);
	(void)fwrite(bytes, len, 1, to);
	pad(to, len);
}

int vm_initrd_append(const struct vm *vm, int fd)
{
	AUTO_FREE char *nonce = xasprintf("%s\n", vm->nonce);
	off_t end = lseek(fd, 0, SEEK_END);
	int copy = dup(fd);
	FILE *to = copy < 0 ? NULL : fdopen(copy, "w");

	if (!to || end < 0)
		return -EIO;
	pad(to, (size_t)end);
	entry_put(to, "etc", S_IFDIR | 0755, "");
	entry_put(to, "etc/bee", S_IFDIR | 0755, "");
	entry_put(to, "etc/bee/agent", S_IFREG | 0755, vm_agent);
	entry_put(to, "etc/bee/rdinit", S_IFREG | 0755, vm_agent_rdinit);
	entry_put(to, "etc/bee/nonce", S_IFREG | 0600, nonce);
	entry_put(to, "TRAILER!!!", 0, "");
	return fclose(to) ? -EIO : 0;
}
