/* What a program asks for before it runs: ELF files (elf(5)) of both classes and byte orders, scripts. */
#include "elf_file.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADERS_MAX 512u       /* program headers */
#define DYNAMIC_MAX (1u << 20) /* bytes of PT_DYNAMIC */

struct segment {
	uint64_t offset, address, size;
};

struct source {
	int fd;
	bool wide, big;
	struct segment loads[HEADERS_MAX];
	unsigned load_count;
	struct segment dynamic, interpreter;
};

static bool take(int fd, uint64_t offset, void *to, size_t len)
{
	if (offset > INT64_MAX - len)
		return false;
	return pread(fd, to, len, (off_t)offset) == (ssize_t)len;
}

static uint64_t number(const struct source *s, const uint8_t *at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)at[s->big ? len - 1 - i : i] << (8 * i);
	return value;
}

/* A member of the two layouts of a structure. */
#define FIELD(s, bytes, type, member)                                                    \
	((s)->wide ? number(s, (bytes) + offsetof(Elf64_##type, member),                 \
			    sizeof(((Elf64_##type *)NULL)->member))                      \
		   : number(s, (bytes) + offsetof(Elf32_##type, member),                 \
			    sizeof(((Elf32_##type *)NULL)->member)))

static int read_header(struct source *s, struct elf_file *out, uint64_t *table,
		       unsigned *count)
{
	uint8_t head[sizeof(Elf64_Ehdr)] = { 0 };

	if (pread(s->fd, head, sizeof(head), 0) < (ssize_t)sizeof(Elf32_Ehdr) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	out->class = head[EI_CLASS];
	out->data = head[EI_DATA];
	s->wide = out->class == ELFCLASS64;
	s->big = out->data == ELFDATA2MSB;
	if ((!s->wide && out->class != ELFCLASS32) ||
	    (!s->big && out->data != ELFDATA2LSB))
		return -ENOEXEC;
	out->machine = (uint16_t)FIELD(s, head, Ehdr, e_machine);
	out->shared = FIELD(s, head, Ehdr, e_type) == ET_DYN;
	*table = FIELD(s, head, Ehdr, e_phoff);
	*count = (unsigned)FIELD(s, head, Ehdr, e_phnum);
	if (FIELD(s, head, Ehdr, e_phentsize) !=
	    (s->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		*count = 0;
	return *count > HEADERS_MAX ? -ENOEXEC : 0;
}

static int read_segments(struct source *s, uint64_t table, unsigned count)
{
	size_t size = s->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	AUTO_FREE uint8_t *all = count ? xcalloc(count, size) : NULL;

	if (count > 0 && !take(s->fd, table, all, count * size))
		return -ENOEXEC;
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *bytes = all + i * size;
		struct segment segment;

		segment = (struct segment){ FIELD(s, bytes, Phdr, p_offset),
					    FIELD(s, bytes, Phdr, p_vaddr),
					    FIELD(s, bytes, Phdr, p_filesz) };
		switch (FIELD(s, bytes, Phdr, p_type)) {
		case PT_LOAD:
			s->loads[s->load_count++] = segment;
			break;
		case PT_DYNAMIC:
			s->dynamic = segment;
			break;
		case PT_INTERP:
			s->interpreter = segment;
			break;
		default:
			break;
		}
	}
	return 0;
}

/* Where an address is in the file; false: nowhere. */
static bool to_offset(const struct source *s, uint64_t address, uint64_t *out)
{
	for (unsigned i = 0; i < s->load_count; i++) {
		const struct segment *load = &s->loads[i];

		if (address >= load->address && address - load->address < load->size) {
			if (load->offset > UINT64_MAX - (address - load->address))
				return false;
			*out = load->offset + (address - load->address);
			return true;
		}
	}
	return false;
}

/* A text that ends in a NUL within ELF_TEXT_MAX. False: there is none. */
static bool text_at(const struct source *s, uint64_t offset, char to[ELF_TEXT_MAX])
{
	ssize_t n;

	if (offset > INT64_MAX)
		return false;
	n = pread(s->fd, to, ELF_TEXT_MAX, (off_t)offset);
	if (n <= 0 || !memchr(to, '\0', (size_t)n)) {
		*to = '\0';
		return false;
	}
	return true;
}

static void need(struct elf_file *out, unsigned *count, const char *name)
{
	if (*count == ELF_NEEDED_MAX || !*name)
		return;
	out->needed = xrealloc_array(out->needed, *count + 2, sizeof(char *));
	out->needed[(*count)++] = xstrdup(name);
	out->needed[*count] = NULL;
}

/* Calls of the dynamic section; `strings` is its string table's place in the file. */
static void read_entries(const struct source *s, const uint8_t *bytes, size_t count,
			 uint64_t strings, struct elf_file *out)
{
	size_t size = s->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	char text[ELF_TEXT_MAX];
	unsigned needed = 0;
	bool run = false;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = bytes + i * size;
		uint64_t tag = FIELD(s, at, Dyn, d_tag), value = FIELD(s, at, Dyn, d_un);

		if (tag == DT_NULL)
			return;
		out->library |= tag == DT_SONAME;
		if ((tag != DT_NEEDED && tag != DT_RUNPATH && tag != DT_RPATH) ||
		    value > UINT64_MAX - strings || !text_at(s, strings + value, text))
			continue;
		if (tag == DT_NEEDED)
			need(out, &needed, text);
		else if (tag == DT_RUNPATH || !run)
			memcpy(out->run_path, text, sizeof(text));
		run |= tag == DT_RUNPATH;
	}
}

static void read_dynamic(const struct source *s, struct elf_file *out)
{
	size_t size = s->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), count;
	uint64_t strings = 0;
	AUTO_FREE uint8_t *bytes = NULL;
	bool found = false;

	if (s->dynamic.size < size || s->dynamic.size > DYNAMIC_MAX)
		return;
	count = s->dynamic.size / size;
	bytes = xcalloc(count, size);
	if (!take(s->fd, s->dynamic.offset, bytes, count * size))
		return;
	for (size_t i = 0; i < count && !found; i++)
		if (FIELD(s, bytes + i * size, Dyn, d_tag) == DT_STRTAB)
			found = to_offset(s, FIELD(s, bytes + i * size, Dyn, d_un),
					  &strings);
	if (found)
		read_entries(s, bytes, count, strings, out);
}

int elf_read(int fd, struct elf_file *out)
{
	struct source *s = xcalloc(1, sizeof(*s));
	uint64_t table = 0;
	unsigned count = 0;
	int error;

	memset(out, 0, sizeof(*out));
	s->fd = fd;
	error = read_header(s, out, &table, &count);
	if (!error)
		error = read_segments(s, table, count);
	if (!error && s->interpreter.size > 0)
		(void)text_at(s, s->interpreter.offset, out->interpreter);
	if (!error)
		read_dynamic(s, out);
	free(s);
	return error;
}

void elf_done(struct elf_file *elf)
{
	for (char **name = elf->needed; name && *name; name++)
		free(*name);
	free(elf->needed);
	elf->needed = NULL;
}

char *script_interpreter(char *line)
{
	char *name = line + 2;

	if (line[0] != '#' || line[1] != '!')
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	name += strspn(name, " \t");
	name[strcspn(name, " \t")] = '\0';
	return *name ? name : NULL;
}
