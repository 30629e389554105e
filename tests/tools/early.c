/*
 * In the place of bee-collect: ends before its input does. The instance says how: a number is
 * its exit code, a name the signal that it dies of; with "late-" before it, after some bytes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *how = argc > 3 ? argv[3] : "0";
	char byte;

	if (!strncmp(how, "late-", 5)) {
		how += 5;
		(void)!read(STDIN_FILENO, &byte, 1);
	}
	fprintf(stderr, "early: %s\n", how);
	if (!strcmp(how, "SEGV"))
		(void)raise(SIGSEGV);
	return atoi(how); /* NOLINT(cert-err34-c): the test's own words */
}
