/* What is put behind an initramfs that is a guest: one more archive, as the kernel reads it. */
#include "../../guest/vm.h"
#include "tap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Field `n` behind the magic, of buffer-format.rst: ino mode uid gid nlink mtime filesize ... */
static unsigned field(const char *head, unsigned n)
{
	char digits[9] = { 0 };
	uint64_t value = 0;

	memcpy(digits, head + 6 + 8 * n, 8);
	for (const char *at = digits; *at; at++)
		value = value * 16 +
			(unsigned)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
	return (unsigned)value;
}

/* Names, modes and what is in the small ones; fails where an entry is not where it has to be. */
static void names_of(const char *bytes, size_t len, char *out, size_t size)
{
	FILE *to = fmemopen(out, size, "w");

	for (size_t at = 0; at < len;) {
		const char *head = bytes + at;
		unsigned name, data;

		CHECK(at + 110 < len && !memcmp(head, "070701", 6));
		name = field(head, 11);
		data = field(head, 6);
		CHECK_INT(strlen(head + 110) + 1, name);
		CHECK_INT(field(head, 2) + field(head, 3), 0);
		(void)fprintf(to, "%s %o", head + 110, field(head, 1));
		at += (110 + name + 3) & ~3u;
		if (data > 0 && data < 40)
			(void)fprintf(to, " %.*s", (int)data - 1, bytes + at);
		(void)fputc(';', to);
		at += (data + 3) & ~3u;
		CHECK(at <= len);
	}
	(void)fclose(to);
}

/* Whatever is before it: the kernel looks for the next at a multiple of four. */
static void test_append(void)
{
	static const char before[] = "12345";
	struct vm vm = { .nonce = "0123456789abcdef" };
	int fd = memfd_create("initrd", MFD_CLOEXEC);
	char bytes[65536], names[512] = "";
	ssize_t len;

	CHECK(fd >= 0 && write(fd, before, 5) == 5);
	CHECK_INT(vm_initrd_append(&vm, fd), 0);
	len = pread(fd, bytes, sizeof(bytes), 0);
	CHECK(len > 8 && len < (ssize_t)sizeof(bytes));
	CHECK(!memcmp(bytes, "12345\0\0\0", 8));
	names_of(bytes + 8, (size_t)len - 8, names, sizeof(names));
	CHECK_STR(names, "etc 40755;etc/bee 40755;etc/bee/agent 100755;"
			 "etc/bee/rdinit 100755;etc/bee/nonce 100600 0123456789abcdef;"
			 "TRAILER!!! 0;");
}

static void test_full(void)
{
	struct vm vm = { .nonce = "0123456789abcdef" };
	int fd = memfd_create("initrd", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	CHECK(fd >= 0 && !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	CHECK(vm_initrd_append(&vm, fd) < 0);
	CHECK(vm_initrd_append(&vm, -1) < 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an archive of the agent is put behind any initramfs", test_append, 0 },
		{ "and where it cannot be, that is said", test_full, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
