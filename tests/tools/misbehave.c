/* misbehave MODE [NAME]: a tool that prints one disk as lsblk does, and does one thing
 * wrong. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *name = "sda"; /* of the disk that is printed */

static _Noreturn void hang(void)
{
	for (;;) {
		struct timespec day = { 86400, 0 };

		(void)nanosleep(&day, NULL);
	}
}

static void say(const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/* For the collectors of lsblk and of smartctl. */
static void say_disk(void)
{
	char text[256];

	(void)snprintf(
		text, sizeof(text),
		"{\"blockdevices\":[{\"name\":\"%s\",\"kname\":\"%s\",\"type\":\"disk\","
		"\"size\":1000,\"model\":\"WHOLE\"}],\"smartctl\":{\"exit_status\":0}}\n",
		name, name);
	say(text);
}

/* For the collector pcie/lspci, whose format has records that end: half of it is
 * something. */
static void say_device(int number)
{
	char text[256];

	(void)snprintf(
		text, sizeof(text),
		"Slot:\t0000:00:%02x.0\nClass:\tEthernet controller\nVendor:\tAcme\n"
		"Device:\tCard %d\n\n",
		number, number);
	say(text);
}

static void mode_good(void)
{
	say_disk();
}

static void mode_wait(void)
{
	struct timespec second = { 1, 0 };

	say_disk();
	(void)nanosleep(&second, NULL);
}

static void mode_sleep(void)
{
	hang();
}

static void mode_spin(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

/* No call that stops oneself is granted: tgkill(2) is, for abort(3). */
static void mode_stop(void)
{
	say_disk();
	(void)raise(SIGSTOP);
	hang();
}

static void mode_ignore_term(void)
{
	for (int signo = 1; signo < NSIG; signo++)
		(void)signal(signo, SIG_IGN);
	say_disk();
	hang();
}

static void mode_close_stdout(void)
{
	say_disk();
	close(STDOUT_FILENO);
	hang();
}

static void mode_close_all(void)
{
	say_disk();
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	hang();
}

/* The grandchild has the pipe for ever, the tool itself ends well. */
static void mode_daemon(void)
{
	if (fork() == 0) {
		if (fork() == 0)
			hang();
		_exit(0);
	}
	say_disk();
}

/* The same, and the grandchild never stops writing. */
static void mode_daemon_flood(void)
{
	static char block[4096];

	say_disk();
	memset(block, ' ', sizeof(block));
	if (fork() == 0) {
		for (;;)
			(void)!write(STDOUT_FILENO, block, sizeof(block));
	}
}

static void flood(int fd)
{
	static char block[65536];

	memset(block, 'x', sizeof(block));
	for (unsigned long long sent = 0; sent < 10ULL << 30; sent += sizeof(block))
		if (write(fd, block, sizeof(block)) <= 0)
			return;
}

static void mode_flood(void)
{
	say_disk();
	flood(STDOUT_FILENO);
}

static void mode_stderr_flood(void)
{
	say_disk();
	flood(STDERR_FILENO);
}

/* As much as no cap lets through, and then it ends. */
static void mode_stderr_mebibyte(void)
{
	static char block[4096];

	say_disk();
	memset(block, 'x', sizeof(block));
	for (size_t sent = 0; sent < 1 << 20;) {
		ssize_t n = write(STDERR_FILENO, block, sizeof(block));

		if (n < 0 && errno != EAGAIN)
			return;
		sent += n > 0 ? (size_t)n : 0;
	}
}

/* Flags belong to the open file: who shares it has them too. One by one, as some are refused. */
static void mode_flags(void)
{
	static const int flags[] = { O_NONBLOCK, O_APPEND, O_ASYNC, O_DIRECT };

	for (int fd = 0; fd <= 2; fd++)
		for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
			(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | flags[i]);
	mode_stderr_mebibyte();
}

static void mode_drip(void)
{
	for (;;) {
		struct timespec second = { 1, 0 };

		say(" ");
		(void)nanosleep(&second, NULL);
	}
}

static void mode_forkbomb(void)
{
	unsigned made = 0;

	for (int i = 0; i < 1000; i++) {
		pid_t pid = fork();

		if (pid == 0)
			hang();
		made += pid > 0;
	}
	fprintf(stderr, "made %u\n", made);
	if (made < 100)
		say_disk();
}

static void mode_eat(void)
{
	unsigned long long got = 0;

	for (;;) {
		char *memory = malloc(1 << 20);

		if (!memory)
			break;
		memset(memory, 1, 1 << 20);
		got += 1 << 20;
		if (got > 4ULL << 30)
			hang(); /* the test sees a timeout */
	}
	say_disk();
}

static void mode_half(void)
{
	for (int i = 0; i < 50; i++)
		say_device(i);
	say("Slot:\t0000:01:00.0\nClass:\tHalf");
	hang();
}

static void mode_open_fds(void)
{
	int count = 0;

	while (open("/", O_RDONLY | O_DIRECTORY) >= 0)
		if (++count > 100000)
			hang();
	say_disk();
}

static void mode_exit1(void)
{
	say_disk();
	exit(1);
}

static void mode_half_json(void)
{
	say("{\"blockdevices\":[{\"name\":\"sda\",\"kname\":\"sda\",\"type\":\"di");
}

static void mode_binary(void)
{
	say("{\"blockdevices\":[{\"name\":\"sda\",\"kname\":\"sda\",\"type\":\"disk\","
	    "\"size\":1000,"
	    "\"model\":\"\x1b]0;owned\x07\x1b[2J\x9b\x31m\xff\xfe\xc3(\",\"vendor\":"
	    "\"\x90\xe2\x80"
	    "\xae\"},{\"name\":\"sdb\",\"kname\":\"sdb\",\"type\":\"disk\","
	    "\"size\":9223372036854775808,\"model\":\"B\",\"model\":\"C\"},"
	    "{\"name\":\"sdc\",\"kname\":\"sdc\",\"type\":\"disk\",\"size\":1e400},"
	    "{\"name\":\"../../etc\",\"kname\":\"\x1b[31mred\",\"type\":\"disk\"}]}\n");
	fputs("\x1b]0;stderr\x07\x9b\x31m\xff error\n", stderr);
}

static void mode_deep(void)
{
	static char text[100001];

	memset(text, '[', sizeof(text) - 1);
	say("{\"blockdevices\":");
	say(text);
}

/* What a record of ours looks like: it must not become one. */
static void mode_forge(void)
{
	say("{\"type\":\"storage.drives\",\"key\":\"sdz\",\"props\":{\"model\":"
	    "\"FORGED\"}}\n"
	    "{\"blockdevices\":[]}\n");
	fputs("{\"type\":\"storage.drives\",\"key\":\"sdz\",\"props\":{\"model\":"
	      "\"FORGED\"}}\n",
	      stderr);
}

static void mode_crash(void)
{
	volatile uintptr_t nowhere = 8;

	say_disk();
	*(volatile int *)nowhere = 1;
}

static void mode_abort(void)
{
	say_disk();
	abort();
}

static const struct {
	const char *name;
	void (*run)(void);
} modes[] = {
	{ "good", mode_good },
	{ "wait", mode_wait },
	{ "sleep", mode_sleep },
	{ "spin", mode_spin },
	{ "stop", mode_stop },
	{ "ignore-term", mode_ignore_term },
	{ "close-stdout", mode_close_stdout },
	{ "close-all", mode_close_all },
	{ "daemon", mode_daemon },
	{ "daemon-flood", mode_daemon_flood },
	{ "flood", mode_flood },
	{ "stderr-flood", mode_stderr_flood },
	{ "stderr-mebibyte", mode_stderr_mebibyte },
	{ "flags", mode_flags },
	{ "drip", mode_drip },
	{ "forkbomb", mode_forkbomb },
	{ "eat", mode_eat },
	{ "half", mode_half },
	{ "open-fds", mode_open_fds },
	{ "exit1", mode_exit1 },
	{ "half-json", mode_half_json },
	{ "binary", mode_binary },
	{ "deep", mode_deep },
	{ "forge", mode_forge },
	{ "crash", mode_crash },
	{ "abort", mode_abort },
};

int main(int argc, char **argv)
{
	if (argc > 2)
		name = argv[2];
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(modes[i].name, argv[1])) {
			modes[i].run();
			return 0;
		}
	fprintf(stderr, "usage: misbehave MODE [NAME]\n");
	return 64;
}
