/* What a kernel module says of itself. */
#include "modinfo.h"
#include "codec.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct elf {
	const uint8_t *file;
	size_t len;
	bool wide; /* 64 bits */
	bool big;  /* the most significant byte comes first */
};

struct section {
	uint64_t name, offset, size;
};

/* `size` bytes at `at`, which is inside. */
static uint64_t number(const struct elf *elf, uint64_t at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | elf->file[at + (elf->big ? i : size - 1 - i)];
	return value;
}

#define FIELD(elf, at, type, member)                                                     \
	((elf)->wide ? number(elf, (at) + offsetof(Elf64_##type, member),                \
			      sizeof(((Elf64_##type *)0)->member))                       \
		     : number(elf, (at) + offsetof(Elf32_##type, member),                \
			      sizeof(((Elf32_##type *)0)->member)))

static bool fits(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return offset <= elf->len && size <= elf->len - offset;
}

static bool section_get(const struct elf *elf, uint64_t table, uint64_t index,
			struct section *out)
{
	uint64_t size = elf->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	uint64_t at = table + index * size;

	if (!fits(elf, table, 0) || !fits(elf, at, size))
		return false;
	out->name = FIELD(elf, at, Shdr, sh_name);
	out->offset = FIELD(elf, at, Shdr, sh_offset);
	out->size = FIELD(elf, at, Shdr, sh_size);
	return FIELD(elf, at, Shdr, sh_type) != SHT_NOBITS &&
	       fits(elf, out->offset, out->size);
}

static bool has_name(const struct elf *elf, const struct section *names,
		     const struct section *section, const char *name)
{
	size_t len = strlen(name) + 1;

	return section->name < names->size && len <= names->size - section->name &&
	       !memcmp(elf->file + names->offset + section->name, name, len);
}

int modinfo_find(const uint8_t *file, size_t len, const char **info, size_t *info_len)
{
	struct elf elf = { .file = file, .len = len };
	struct section names, section;
	uint64_t table, count;

	if (len < sizeof(Elf64_Ehdr) || memcmp(file, ELFMAG, SELFMAG) != 0)
		return -EBADMSG;
	elf.wide = file[EI_CLASS] == ELFCLASS64;
	elf.big = file[EI_DATA] == ELFDATA2MSB;
	table = FIELD(&elf, 0, Ehdr, e_shoff);
	count = FIELD(&elf, 0, Ehdr, e_shnum);
	if (!section_get(&elf, table, FIELD(&elf, 0, Ehdr, e_shstrndx), &names))
		return -EBADMSG;
	for (uint64_t i = 0; i < count; i++) {
		if (!section_get(&elf, table, i, &section) ||
		    !has_name(&elf, &names, &section, ".modinfo"))
			continue;
		if (section.size > MODINFO_MAX)
			return -EBADMSG;
		*info = (const char *)file + section.offset;
		*info_len = (size_t)section.size;
		return 0;
	}
	return -EBADMSG;
}

/* All of one stream, of malloc. 0 or -errno. */
static int decompress(const struct codec *codec, const uint8_t *file, size_t len,
		      uint8_t **out, size_t *out_len)
{
	void *decoder = codec->decoder();
	struct codec_io io = { .in = file, .in_len = len, .last = true };
	size_t room = len < MODINFO_FILE / 8 ? 4 * len + 4096 : MODINFO_FILE;
	uint8_t *bytes = calloc(room, 1), *more;
	int status = decoder && bytes ? 0 : -EFBIG;

	io.out = bytes;
	io.out_len = room;
	while (!status) {
		size_t left = io.in_len, free_room = io.out_len;

		status = codec->decode(decoder, &io);
		if (status == 0 && io.out_len == 0) {
			if (room >= MODINFO_FILE) {
				status = -EFBIG;
				break;
			}
			more = reallocarray(bytes, 2, room);
			if (!more) {
				status = -EFBIG;
				break;
			}
			bytes = more;
			io.out = bytes + room;
			io.out_len = room;
			room *= 2;
		} else if (status == 0 && left == io.in_len && free_room == io.out_len) {
			status = -EBADMSG; /* it is cut off */
		}
	}
	if (decoder)
		codec->decoder_free(decoder);
	*out_len = bytes ? room - io.out_len : 0;
	if (status < 0) {
		free(bytes);
		return status;
	}
	*out = bytes;
	return 0;
}

int modinfo_read(const uint8_t *file, size_t len, char **info, size_t *info_len,
		 uint64_t *unpacked)
{
	const struct codec *codec = codec_of_magic(file, len);
	AUTO_FREE uint8_t *plain = NULL;
	const char *found;
	size_t size;
	int status = codec ? decompress(codec, file, len, &plain, &len) : 0;

	*unpacked += codec ? len : 0;
	if (!status)
		status = modinfo_find(plain ? plain : file, len, &found, &size);
	if (status)
		return status;
	/* One NUL more ends a last text that has none. */
	*info = xcalloc(size + 1, 1);
	memcpy(*info, found, size);
	*info_len = size;
	return 0;
}

const char *modinfo_next(const char *info, size_t len, const char *key, size_t *at)
{
	size_t key_len = strlen(key);

	while (*at < len) {
		const char *text = info + *at;

		*at += strlen(text) + 1;
		if (!strncmp(text, key, key_len) && text[key_len] == '=')
			return text + key_len + 1;
	}
	return NULL;
}
