/* What a process can do once it is to read an archive; names as lines. */
#include "give_up.h"
#include "names.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

#ifdef BEE_SANITIZED
#define SKIP_SANITIZED() tap_skip("a sanitized build loads no filter")
#else
#define SKIP_SANITIZED() (void)0
#endif

/* How a child ends that gives its rights up and then does this. */
static int ending_of(void (*act)(void))
{
	int status = 0;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		give_up_rights();
		act();
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return status;
}

static void act_nothing(void)
{
}

static void act_open(void)
{
	(void)!open("/", O_RDONLY | O_CLOEXEC);
}

static void act_much(void)
{
	void *volatile much = malloc(GIVE_UP_MEMORY);

	_exit(much ? 1 : 0);
}

static void test_filter(void)
{
	SKIP_SANITIZED();
	CHECK_INT(ending_of(act_nothing), 0);
	CHECK(WIFSIGNALED(ending_of(act_open)));
	CHECK_INT(WTERMSIG(ending_of(act_open)), SIGSYS);
	CHECK_INT(ending_of(act_much), 0);
}

/* /proc/PID/status of a child that prepares, and gives its rights up: it can no longer ask. */
static void status_read(void (*prepare)(void), char text[4096])
{
	char path[64], byte;
	int ready[2], go[2];
	pid_t child;
	AUTO_FCLOSE FILE *file = NULL;

	CHECK(!pipe(ready) && !pipe(go));
	child = fork();
	if (child == 0) {
		prepare();
		give_up_rights();
		(void)!write(ready[1], "", 1);
		(void)!read(go[0], &byte, 1);
		_exit(0);
	}
	close(ready[1]);
	CHECK_INT(read(ready[0], &byte, 1), 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", child);
	file = fopen(path, "re");
	CHECK(file);
	text[fread(text, 1, 4095, file)] = '\0';
	CHECK_INT(write(go[1], "", 1), 1);
	CHECK_INT(waitpid(child, NULL, 0), child);
	close(ready[0]);
	close(go[0]);
	close(go[1]);
}

static void test_uid(void)
{
	char text[4096], wanted[64];

	SKIP_SANITIZED();
	if (geteuid() != 0)
		tap_skip("only root has rights to give up");
	status_read(act_nothing, text);
	(void)snprintf(wanted, sizeof(wanted), "\nUid:\t%u\t%u\t%u\t%u\n", GIVE_UP_UID,
		       GIVE_UP_UID, GIVE_UP_UID, GIVE_UP_UID);
	CHECK(strstr(text, wanted));
	CHECK(strstr(text, "\nCapPrm:\t0000000000000000\n"));
	CHECK(strstr(text, "\nNoNewPrivs:\t1\n"));
	CHECK(strstr(text, "\nGroups:\t \n"));
}

/* Not root, but with all that root can do: no change of the uid takes that away. */
static void keep_capabilities(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setresuid(NOBODY, NOBODY, NOBODY))
		_exit(1);
}

static void test_capabilities(void)
{
	char text[4096];

	SKIP_SANITIZED();
	if (geteuid() != 0)
		tap_skip("only root has rights to give up");
	status_read(keep_capabilities, text);
	CHECK(strstr(text, "\nUid:\t65534\t"));
	CHECK(strstr(text, "\nCapPrm:\t0000000000000000\n"));
}

static void check_name(const char *name, const char *wanted)
{
	AUTO_FREE char *escaped = name_escape(name, strlen(name));

	CHECK_STR(escaped, wanted);
	CHECK_INT(name_unescape(escaped), 0);
	CHECK_STR(escaped, name);
}

static void test_names(void)
{
	static const char *const wrong[] = { "\\",    "\\x",   "\\x4",   "\\n",
					     "\\x00", "\\xg0", "\\x0x41" };

	check_name("usr/bin/\303\244", "usr/bin/\303\244");
	check_name("a\\x2db", "a\\x5cx2db");
	check_name("tab\tnew\nline", "tab\\x09new\\x0aline");
	check_name("\377\033[0m", "\\xff\\x1b[0m");
	check_name("\302\233", "\\xc2\\x9b"); /* C1: CSI */
	CHECK(name_is_clean("a\\x2db", 6));
	CHECK(!name_is_clean("a\tb", 3));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		AUTO_FREE char *text = xstrdup(wrong[i]);

		printf("# %s\n", wrong[i]);
		CHECK_INT(name_unescape(text), -EINVAL);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what reads archives opens nothing, and takes no more than 1 GiB",
		  test_filter, 0 },
		{ "and is nobody", test_uid, 0 },
		{ "capabilities go, whoever has them", test_capabilities, 0 },
		{ "names come back from lines as they were", test_names, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
