/* Fuzzes what is read of ELF files: loaders and libraries. */
#include "elf_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static struct elf_file elf;
	unsigned count = 0;

	if (fd < 0)
		fd = memfd_create("elf", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (!elf_read(fd, &elf)) {
		if (strnlen(elf.interpreter, ELF_TEXT_MAX) == ELF_TEXT_MAX ||
		    strnlen(elf.run_path, ELF_TEXT_MAX) == ELF_TEXT_MAX)
			abort();
		for (char **name = elf.needed; name && *name; name++)
			if (++count > ELF_NEEDED_MAX || strlen(*name) >= ELF_TEXT_MAX)
				abort();
	}
	elf_done(&elf);
	return 0;
}
