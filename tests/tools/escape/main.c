/*
 * escape [x32|int80]: tries what a jail must refuse, and prints every success as a disk,
 * in the format of lsblk; the last disk says how much was tried. The calls go by number:
 * what libc or its version makes of them does not count.
 */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char report[1 << 16];
static size_t used;
static unsigned tried, won;

static void disk(const char *key, const char *text)
{
	int n = snprintf(
		report + used, sizeof(report) - used,
		"%s{\"name\":\"%s\",\"kname\":\"%s\",\"type\":\"disk\",\"model\":\"%s\"}",
		used ? "," : "", key, key, text);

	if (n > 0 && (size_t)n < sizeof(report) - used)
		used += (size_t)n;
}

void escape_try(bool success, const char *fmt, ...)
{
	char text[256], key[32];
	va_list args;

	tried++;
	if (!success || won >= 100)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)snprintf(key, sizeof(key), "won%u", ++won);
	disk(key, text);
}

static void print(void)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "tried %u", tried);
	disk("tried", text);
	printf("{\"blockdevices\":[%s]}\n", report);
	(void)fflush(stdout);
}

/* Calls of the other tables end the process: only the status of the job tells. */
static void foreign(const char *which)
{
#if defined(__x86_64__)
	long result = -1;

	printf("{\"blockdevices\":[]}\n");
	(void)fflush(stdout);
	if (!strcmp(which, "x32"))
		result = raw(0x40000000 + 39, 0, 0, 0, 0, 0); /* getpid */
	else
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
	fprintf(stderr, "%s answered %ld\n", which, result);
#else
	(void)which;
	abort();
#endif
}

int main(int argc, char **argv)
{
	char *again[] = { (char[]){ "escape" }, (char[]){ "won" }, NULL },
	     *env[] = { NULL };

	if (argc > 1 && !strcmp(argv[1], "won")) {
		escape_try(true, "a second execve");
		print();
		return 0;
	}
	if (argc > 1 && argv[1][0] &&
	    (!strcmp(argv[1], "x32") || !strcmp(argv[1], "int80"))) {
		foreign(argv[1]);
		return 0;
	}
	escape_files();
	escape_processes();
	escape_kernel();
	/* Last: it would not come back. */
	tried += 3;
	(void)raw(SYS_execve, (long)"/proc/self/exe", (long)again, (long)env, 0, 0);
	(void)raw(SYS_execve, (long)argv[0], (long)again, (long)env, 0, 0);
	(void)raw(SYS_execve, (long)"/usr/bin/id", (long)again, (long)env, 0, 0);
	print();
	return 0;
}
