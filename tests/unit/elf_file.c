/* What ELF files name, of both classes and byte orders (elf(5)), and where it is found (ld.so(8)). */
#include "elf_file.h"
#include "libraries.h"
#include "tap.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Names of a program: offsets into this text are in the dynamic section. */
static const char strings[] =
	"\0liba.so.1\0libb.so.2\0$ORIGIN/../own:/opt/lib\0libself.so";
enum { LIBA = 1, LIBB = 11, RUNPATH = 21, SONAME = 45 };
static const char interpreter[] = "/lib/ld.so";

#define BASE 0x400000u /* where it would be loaded: addresses are no offsets */

static size_t make64(uint8_t *out)
{
	Elf64_Ehdr head = { .e_ident = ELFMAG,
			    .e_type = ET_DYN,
			    .e_machine = EM_X86_64,
			    .e_phoff = sizeof(head),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 3 };
	const Elf64_Dyn dynamic[] = {
		{ DT_NEEDED, { LIBA } },     { DT_NEEDED, { LIBB } },
		{ DT_RUNPATH, { RUNPATH } }, { DT_STRTAB, { BASE + 0x200 } },
		{ DT_NULL, { 0 } },          { DT_NEEDED, { LIBA } },
	};
	const Elf64_Phdr segments[] = {
		{ .p_type = PT_INTERP,
		  .p_offset = 0x180,
		  .p_filesz = sizeof(interpreter) },
		{ .p_type = PT_LOAD, .p_offset = 0, .p_vaddr = BASE, .p_filesz = 0x1000 },
		{ .p_type = PT_DYNAMIC, .p_offset = 0x300, .p_filesz = sizeof(dynamic) },
	};

	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	memset(out, 0, 0x1000);
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), segments, sizeof(segments));
	memcpy(out + 0x180, interpreter, sizeof(interpreter));
	memcpy(out + 0x200, strings, sizeof(strings));
	memcpy(out + 0x300, dynamic, sizeof(dynamic));
	return 0x1000;
}

/* A library of a big-endian machine of 32 bits, with DT_RPATH. */
static size_t make32_big(uint8_t *out)
{
	Elf32_Ehdr head = { .e_ident = ELFMAG,
			    .e_type = htobe16(ET_DYN),
			    .e_machine = htobe16(EM_PPC),
			    .e_phoff = htobe32(sizeof(head)),
			    .e_phentsize = htobe16(sizeof(Elf32_Phdr)),
			    .e_phnum = htobe16(2) };
	const Elf32_Dyn dynamic[] = {
		{ (Elf32_Sword)htobe32(DT_SONAME), { htobe32(SONAME) } },
		{ (Elf32_Sword)htobe32(DT_RPATH), { htobe32(RUNPATH) } },
		{ (Elf32_Sword)htobe32(DT_NEEDED), { htobe32(LIBB) } },
		{ (Elf32_Sword)htobe32(DT_STRTAB), { htobe32(BASE + 0x200) } },
	};
	const Elf32_Phdr segments[] = {
		{ .p_type = htobe32(PT_LOAD),
		  .p_vaddr = htobe32(BASE),
		  .p_filesz = htobe32(0x1000) },
		{ .p_type = htobe32(PT_DYNAMIC),
		  .p_offset = htobe32(0x300),
		  .p_filesz = htobe32(sizeof(dynamic)) },
	};

	head.e_ident[EI_CLASS] = ELFCLASS32;
	head.e_ident[EI_DATA] = ELFDATA2MSB;
	memset(out, 0, 0x1000);
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), segments, sizeof(segments));
	memcpy(out + 0x200, strings, sizeof(strings));
	memcpy(out + 0x300, dynamic, sizeof(dynamic));
	return 0x1000;
}

static int file_of(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	CHECK(fd >= 0 && write_all(fd, bytes, len) == 0);
	return fd;
}

static void program_of_64_bits(void)
{
	static uint8_t bytes[0x1000];
	static struct elf_file elf;
	AUTO_CLOSE int fd = file_of(bytes, make64(bytes));

	(void)lseek(fd, 0, SEEK_SET);
	CHECK_INT(pwrite(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	CHECK_INT(elf_read(fd, &elf), 0);
	CHECK_STR(elf.interpreter, "/lib/ld.so");
	CHECK_STR(elf.run_path, "$ORIGIN/../own:/opt/lib");
	CHECK_STR(elf.needed[0], "liba.so.1");
	CHECK_STR(elf.needed[1], "libb.so.2");
	CHECK_STR(elf.needed[2], NULL); /* what comes after DT_NULL does not count */
	CHECK_INT(elf.machine, EM_X86_64);
	CHECK(elf.shared && !elf.library);
	elf_done(&elf);
}

static void library_of_32_bits(void)
{
	static uint8_t bytes[0x1000];
	static struct elf_file elf;
	AUTO_CLOSE int fd = -1;

	(void)make32_big(bytes);
	fd = file_of(bytes, sizeof(bytes));
	CHECK_INT(elf_read(fd, &elf), 0);
	CHECK_STR(elf.interpreter, "");
	CHECK_STR(elf.run_path, "$ORIGIN/../own:/opt/lib");
	CHECK_STR(elf.needed[0], "libb.so.2");
	CHECK_STR(elf.needed[1], NULL);
	CHECK_INT(elf.machine, EM_PPC);
	CHECK(elf.library);
	elf_done(&elf);
}

/* Cut off anywhere, and with each byte of its headers turned: an answer, and no more. */
static void broken_files(void)
{
	static uint8_t bytes[0x1000];
	static struct elf_file elf;

	(void)make64(bytes);
	for (size_t len = 0; len < sizeof(bytes); len += 7) {
		AUTO_CLOSE int fd = file_of(bytes, len);
		int result = elf_read(fd, &elf);

		CHECK(result == 0 || result == -ENOEXEC);
		CHECK(len >= sizeof(Elf32_Ehdr) || result == -ENOEXEC);
		elf_done(&elf);
	}
	for (size_t i = 0; i < 0x380; i++) {
		AUTO_CLOSE int fd = -1;

		bytes[i] ^= 0xff;
		fd = file_of(bytes, sizeof(bytes));
		if (elf_read(fd, &elf))
			CHECK(!elf.needed);
		elf_done(&elf);
		bytes[i] ^= 0xff;
	}
}

/* A tree in memory: paths and what is there. */
struct tree {
	uint8_t program[0x1000], other[0x1000];
	char found[1024], missing[256];
};

static int open_there(void *context, const char *path)
{
	const struct tree *tree = context;
	int fd;

	if (!strcmp(path, "/usr/bin/program") ||
	    !strcmp(path, "/usr/bin/../own/liba.so.1") || !strcmp(path, "/lib/ld.so"))
		return file_of(tree->program, sizeof(tree->program));
	/* Of another machine: passed over. */
	if (!strcmp(path, "/opt/lib/libb.so.2"))
		return file_of(tree->other, sizeof(tree->other));
	if (!strcmp(path, "/conf/libb.so.2"))
		return file_of(tree->program, sizeof(tree->program));
	if (!strcmp(path, "/etc/ld.so.conf")) {
		static const char conf[] = "# folders\ninclude x\n /conf\n";

		fd = file_of((const uint8_t *)conf, sizeof(conf) - 1);
		(void)lseek(fd, 0, SEEK_SET);
		return fd;
	}
	return -1;
}

static void note_found(void *context, const char *path, const char *by)
{
	struct tree *tree = context;
	size_t len = strlen(tree->found);

	(void)snprintf(tree->found + len, sizeof(tree->found) - len, "%s<%s ", path, by);
}

static void libraries_are_found(void)
{
	static struct tree tree;
	struct libraries libraries = { .open = open_there,
				       .found = note_found,
				       .context = &tree };

	(void)make64(tree.program);
	(void)make32_big(tree.other);
	libraries_of(&libraries, "/usr/bin/program");
	libraries_of(&libraries, "/usr/bin/program");
	libraries_of(&libraries, "/usr/bin/none");
	/* Each file is looked into once, with the place of each for $ORIGIN. */
	CHECK(!strncmp(tree.found, "/lib/ld.so</usr/bin/program ", 28));
	CHECK(strstr(tree.found, "/usr/bin/../own/liba.so.1</usr/bin/program "));
	CHECK(strstr(tree.found, "/conf/libb.so.2</usr/bin/program "));
	CHECK(!strstr(tree.found, "/opt/lib/"));
	libraries_done(&libraries);
}

/* Each of two libraries by ever longer names, as "$ORIGIN/../own" of the last one leads to both. */
struct circle {
	int files[2];
	unsigned found;
};

static int open_circle(void *context, const char *path)
{
	const struct circle *circle = context;

	if (!strstr(path, "/own/") || !strstr(path, ".so."))
		return -1;
	return dup(circle->files[strstr(path, "libb") != NULL]);
}

static void count_found(void *context, const char *path, const char *by)
{
	struct circle *circle = context;

	(void)path, (void)by;
	circle->found++;
}

static void circles_have_an_end(void)
{
	static uint8_t bytes[0x1000];
	struct circle circle = { .found = 0 };
	struct libraries libraries = { .open = open_circle,
				       .found = count_found,
				       .context = &circle };

	(void)make64(bytes);
	circle.files[0] = file_of(bytes, sizeof(bytes));
	circle.files[1] = file_of(bytes, sizeof(bytes));
	libraries_of(&libraries, "/own/liba.so.1");
	/* 16 names of each, and both and their loader are needed by each of those. */
	CHECK(circle.found > 64 && circle.found <= 96);
	libraries_done(&libraries);
	close(circle.files[0]);
	close(circle.files[1]);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a program of 64 bits is read", program_of_64_bits, 0 },
		{ "a library of 32 bits, big-endian, is read", library_of_32_bits, 0 },
		{ "broken files get an answer", broken_files, 0 },
		{ "libraries are found as by ld.so", libraries_are_found, 0 },
		{ "libraries that name each other by ever new names have an end",
		  circles_have_an_end, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
