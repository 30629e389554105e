/* What modules say of themselves, in ELF files of every kind (elf(5)), and in no such files. */
#include "codec.h"
#include "kmods.h"
#include "modinfo.h"
#include "tap.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char texts[] =
	"name=ptp\0alias=a*\0depends=x,y\0alias=b\0softdep=pre: s post: t";
static const char names[] = "\0.modinfo\0.shstrtab";

static size_t make64(uint8_t *out)
{
	Elf64_Ehdr head = {
		.e_ident = ELFMAG, .e_shoff = sizeof(head), .e_shnum = 3, .e_shstrndx = 2
	};
	Elf64_Shdr sections[3] = {
		{ 0 },
		{ .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_size = sizeof(texts) },
		{ .sh_name = 10, .sh_type = SHT_STRTAB, .sh_size = sizeof(names) },
	};

	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	sections[1].sh_offset = sizeof(head) + sizeof(sections);
	sections[2].sh_offset = sections[1].sh_offset + sizeof(texts);
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), sections, sizeof(sections));
	memcpy(out + sections[1].sh_offset, texts, sizeof(texts));
	memcpy(out + sections[2].sh_offset, names, sizeof(names));
	return sections[2].sh_offset + sizeof(names);
}

static size_t make32_big(uint8_t *out)
{
	Elf32_Ehdr head = { .e_ident = ELFMAG,
			    .e_shoff = htobe32(sizeof(head)),
			    .e_shnum = htobe16(3),
			    .e_shstrndx = htobe16(2) };
	Elf32_Shdr sections[3] = {
		{ 0 },
		{ .sh_name = htobe32(1), .sh_size = htobe32(sizeof(texts)) },
		{ .sh_name = htobe32(10), .sh_size = htobe32(sizeof(names)) },
	};
	uint32_t at = sizeof(head) + sizeof(sections);

	head.e_ident[EI_CLASS] = ELFCLASS32;
	head.e_ident[EI_DATA] = ELFDATA2MSB;
	sections[1].sh_offset = htobe32(at);
	sections[2].sh_offset = htobe32(at + (uint32_t)sizeof(texts));
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), sections, sizeof(sections));
	memcpy(out + at, texts, sizeof(texts));
	memcpy(out + at + sizeof(texts), names, sizeof(names));
	return at + sizeof(texts) + sizeof(names);
}

/* `plain`: bytes that it is decompressed to. */
static void check_texts(const uint8_t *file, size_t len, size_t plain)
{
	AUTO_FREE char *info = NULL;
	size_t info_len, at = 0;
	uint64_t unpacked = 0;

	CHECK_INT(modinfo_read(file, len, &info, &info_len, &unpacked), 0);
	CHECK_INT(info_len, sizeof(texts));
	CHECK_INT(unpacked, plain);
	CHECK_STR(modinfo_next(info, info_len, "alias", &at), "a*");
	CHECK_STR(modinfo_next(info, info_len, "alias", &at), "b");
	CHECK(!modinfo_next(info, info_len, "alias", &at));
	at = 0;
	CHECK(!modinfo_next(info, info_len, "ali", &at));
}

static void every_kind(void)
{
	static const struct codec *const codecs[] = { &codec_gzip, &codec_xz,
						      &codec_zstd };
	uint8_t file[1024], packed[2048];

	check_texts(file, make32_big(file), 0);
	check_texts(file, make64(file), 0);
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		void *encoder = codecs[i]->encoder(codecs[i]->level);
		struct codec_io io = { .in = file,
				       .in_len = make64(file),
				       .out = packed,
				       .out_len = sizeof(packed),
				       .last = true };
		AUTO_FREE char *info = NULL;
		uint64_t unpacked = 0;
		size_t len;

		while (codecs[i]->encode(encoder, &io) == 0)
			;
		codecs[i]->encoder_free(encoder);
		check_texts(packed, sizeof(packed) - io.out_len, make64(file));
		CHECK_INT(modinfo_read(packed, sizeof(packed) - io.out_len - 9, &info,
				       &len, &unpacked),
			  -EBADMSG);
	}
}

/* In memory of its own size, so that a sanitizer sees a byte too far. */
static int read_copy(const uint8_t *file, size_t len)
{
	AUTO_FREE uint8_t *copy = xcalloc(len ? len : 1, 1);
	char *info = NULL;
	size_t info_len;
	uint64_t unpacked = 0;
	int status;

	memcpy(copy, file, len);
	status = modinfo_read(copy, len, &info, &info_len, &unpacked);
	free(info);
	return status;
}

static void cut_anywhere(void)
{
	uint8_t file[1024];
	size_t len = make64(file);

	for (size_t i = 0; i < len; i++)
		CHECK_INT(read_copy(file, i), -EBADMSG);
}

static void any_byte_wrong(void)
{
	uint8_t file[1024], wrong[1024];
	size_t len = make64(file);

	for (size_t i = 0; i < len; i++) {
		memcpy(wrong, file, len);
		wrong[i] = 0xff;
		(void)read_copy(wrong, len);
		wrong[i] = 0x7f;
		(void)read_copy(wrong, len);
	}
}

static void no_section(void)
{
	uint8_t file[1024];
	size_t len = make64(file);

	memcpy(file + len - sizeof(names) + 1, ".modinfi", 8);
	CHECK_INT(read_copy(file, len), -EBADMSG);
}

static void collect(void *context, const char *name)
{
	char *all = context;

	(void)snprintf(all + strlen(all), 64 - strlen(all), "%s ", name);
}

static void needs_in_kinds(void)
{
	char info[sizeof(texts)], hard[64] = "", soft[64] = "";
	struct kmod mod = { .info = info, .info_len = sizeof(texts) };

	memcpy(info, texts, sizeof(texts));
	kmod_each_need(&mod, false, collect, hard);
	CHECK_STR(hard, "x y ");
	kmod_each_need(&mod, true, collect, soft);
	CHECK_STR(soft, "x y s t ");
	CHECK(kmod_takes(&mod, "abc"));
	CHECK(kmod_takes(&mod, "b"));
	CHECK(!kmod_takes(&mod, "bc"));
}

static void names_and_places(void)
{
	struct kmods mods = { .all = NULL };
	char name[KMOD_NAME_MAX];

	CHECK(kmod_is_file("kernel/a-b.ko.xz"));
	CHECK(!kmod_is_file("kernel/a.kobold") && !kmod_is_file("a.ko/.ko"));
	CHECK(kmod_name("kernel/a-b.ko.xz", name));
	CHECK_STR(name, "a_b");
	kmods_add(&mods, "kernel/a-b.ko", "kernel/a-b.ko");
	kmods_add_builtin(&mods, "kernel/c/a-b.ko\nkernel/d.ko\n", 28);
	kmods_add(&mods, "updates/a-b.ko", "updates/a-b.ko");
	kmods_describe_builtin(&mods, "d.alias=x\0e.alias=y\0a_b.alias=z", 32);
	CHECK_INT(mods.count, 3);
	CHECK_STR(kmods_find(&mods, "a-b")->path, "updates/a-b.ko");
	CHECK(!kmod_takes(kmods_find(&mods, "a_b"), "z"));
	CHECK(kmod_takes(kmods_find(&mods, "d"), "x"));
	CHECK(kmods_find(&mods, "d")->listed && !kmods_find(&mods, "e")->listed);
	CHECK(kmod_takes(kmods_find(&mods, "e"), "y"));
	kmods_done(&mods);
}

static const struct tap_test tests[] = {
	{ "a module's texts are found, also compressed, of other machines", every_kind,
	  0 },
	{ "a module that is cut off is none", cut_anywhere, 0 },
	{ "whatever byte of it is wrong, nothing outside it is read", any_byte_wrong, 0 },
	{ "a file without the section is no module", no_section, 0 },
	{ "what a module needs, and what it asks for besides", needs_in_kinds, 0 },
	{ "of several files of a name one in updates/ counts, before the kernel's own",
	  names_and_places, 0 },
	{ NULL, NULL, 0 },
};

int main(void)
{
	return tap_main(tests);
}
