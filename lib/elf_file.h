/* What a program asks for before it runs: an ELF file's interpreter and libraries (elf(5)), a script's program. */
#ifndef BEE_LIB_ELF_FILE_H
#define BEE_LIB_ELF_FILE_H

#include "util.h"

#define ELF_TEXT_MAX 4096u
#define ELF_NEEDED_MAX 1024u /* libraries that one file names */

struct elf_file {
	unsigned char class, data; /* EI_CLASS, EI_DATA: libraries must have the same */
	uint16_t machine;
	bool library;                   /* it has a DT_SONAME */
	bool shared;                    /* ET_DYN */
	char interpreter[ELF_TEXT_MAX]; /* "" where there is none */
	char run_path[ELF_TEXT_MAX];    /* DT_RUNPATH, else DT_RPATH; "" */
	char **needed;                  /* owned; sonames, ended by NULL; NULL: none */
};

/*
 * Reads it from `fd` (pread). 0, or -ENOEXEC: it is no ELF file, or one that makes no sense.
 * Every number in it is taken as hostile.
 */
MUST_CHECK int elf_read(int fd, struct elf_file *out);
void elf_done(struct elf_file *elf);

#define SCRIPT_LINE 256 /* of a file's first bytes: BINPRM_BUF_SIZE, linux/binfmts.h */
/* The program that "#!" at the head of a text names, in place; NULL: none (fs/binfmt_script.c). */
char *script_interpreter(char *line);

#endif
