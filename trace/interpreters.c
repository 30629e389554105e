/* What the kernel opens by itself for a program that is started. */
#include "interpreters.h"
#include "elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN_MAX 5 /* interpreters of interpreters: fs/exec.c, exec_binprm */

/* Whose names, and where those that are relative begin. */
struct way {
	struct lookup *lookup;
	const char *start;
};

int interpreters_open(int object)
{
	char at[FD_PATH_SIZE];
	int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(fd_path(at, object), flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? open(fd_path(at, object), flags) : fd;
}

/* A file that the kernel opens by itself, for the program that is started. Its descriptor, or -1. */
static int interpreter(struct way *w, const char *name)
{
	struct lookup_object object = { .open = true };
	enum lookup_result result = lookup_walk(w->lookup, w->start, name, true, &object);
	int fd = -1;

	if (result != LOOKUP_FOUND) {
		if (result == LOOKUP_MISSING && object.inside)
			lookup_tell(w->lookup, USE_MISSING, object.path);
		return -1;
	}
	if (object.inside)
		lookup_tell(w->lookup, USE_INTERPRETER, object.path);
	if (S_ISREG(object.mode))
		fd = interpreters_open(object.fd);
	close(object.fd);
	return fd;
}

/* An ELF program's loader, which is loaded beside it: what it says itself counts for nothing. */
static void loader(struct way *w, int program)
{
	struct elf_file elf;
	int fd = -1;

	if (!elf_read(program, &elf) && elf.interpreter[0])
		fd = interpreter(w, elf.interpreter);
	if (fd >= 0)
		close(fd);
	elf_done(&elf);
}

void interpreters_tell(struct lookup *lookup, const struct binfmt *formats,
		       const char *start, int program, const char *path)
{
	struct way way = { lookup, start }, *w = &way;
	char line[SCRIPT_LINE + 1], name[PATH_MAX];
	AUTO_CLOSE int opened = -1;
	int fd = program;

	(void)snprintf(name, sizeof(name), "%s", path);
	for (unsigned i = 0; i <= CHAIN_MAX && fd >= 0; i++) {
		ssize_t n = pread(fd, line, SCRIPT_LINE, 0);
		const char *next;

		line[n < 0 ? 0 : n] = '\0';
		next = binfmt_find(formats, line, n < 0 ? 0 : (size_t)n, name);
		if (!next)
			next = script_interpreter(line);
		if (!next) {
			if (n > 4 && line[0] == '\x7f')
				loader(w, fd);
			return;
		}
		(void)snprintf(name, sizeof(name), "%s", next);
		if (opened >= 0)
			close(opened);
		fd = opened = interpreter(w, name);
	}
}
