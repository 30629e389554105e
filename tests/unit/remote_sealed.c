/* What came from a server cannot be changed between its check and its use. */
#include "kexec.h"
#include "memfile.h"
#include "tap.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void sealed(void)
{
	int fd = memory_file("test");
	char text[8] = "";

	CHECK(fd >= 0);
	CHECK(!write_all(fd, "bytes", 5));
	CHECK(!memory_seal(fd));
	CHECK_INT(read_full(fd, text, sizeof(text)), 5);
	CHECK_STR(text, "bytes");
	CHECK_INT(pwrite(fd, "x", 1, 0), -1);
	CHECK_INT(errno, EPERM);
	CHECK_INT(pwrite(fd, "x", 1, 5), -1);
	CHECK_INT(ftruncate(fd, 1), -1);
	CHECK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
}

/* Who kept a way to write to it keeps us from using it. */
static void held(void)
{
	int fd = memory_file("test");

	CHECK(fd >= 0);
	CHECK(!write_all(fd, "bytes", 5));
	CHECK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	CHECK_INT(memory_seal(fd), -EBUSY);
}

static int file_of(const char *text)
{
	int fd = memory_file("file");

	CHECK(fd >= 0);
	CHECK(!write_all(fd, text, strlen(text)));
	return fd;
}

/* The server's bytes are compared where they cannot change any more: in the copy that is loaded. */
static void kernels(void)
{
	struct order_file kernel = { .name = "vmlinuz" }, initrd = { .name = "initrd" };
	int bytes = file_of("kernel"), others = file_of("initrd of another");
	struct said said = { "" };

	crypto_hash_sha256(initrd.sha256, (const unsigned char *)"initrd", 6);
	CHECK(kexec_load_files(bytes, &kernel, -1, &initrd, "", &said));
	CHECK_STR(said.text, "kexec: vmlinuz is not the file that the order names");
	crypto_hash_sha256(kernel.sha256, (const unsigned char *)"kernel", 6);
	CHECK(kexec_load_files(bytes, &kernel, others, &initrd, "", &said));
	CHECK_STR(said.text, "kexec: initrd is not the file that the order names");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a sealed answer stays as it is", sealed, 0 },
		{ "one that somebody can still write to is not taken", held, 0 },
		{ "a kernel and an initrd that the order does not name are not loaded",
		  kernels, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
