/*
 * Lies where bee-gather or bee-collect should be: what they could do if a byte they parsed had taken
 * them over. Like them it loads their filter first; then it does what its seed says. The seed is a
 * mark in the program's own bytes, that the test overwrites: a monitor passes nothing on.
 */
#include "gather_msg.h"
#include "random.h"
#include "stdio_filter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const volatile char mark[] = "SEED:0000000000000000";
static uint64_t seed;

static uint64_t below(uint64_t limit)
{
	return random_next(&seed) % limit;
}

static _Noreturn void hang(void)
{
	for (;;) {
		struct timespec day = { 86400, 0 };

		if (below(2))
			(void)nanosleep(&day, NULL);
	}
}

static _Noreturn void crash(void)
{
	volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
	_exit(0);
}

/* Random, but printable where `text`; ends when nobody reads. */
static void pour(int fd, uint64_t count, bool text)
{
	char bytes[4096];

	while (count > 0) {
		size_t n = count < sizeof(bytes) ? (size_t)count : sizeof(bytes);

		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(text ? ' ' + below(95) : random_next(&seed));
		if (write(fd, bytes, n) <= 0)
			return;
		count -= n;
	}
}

static void escapes(int fd)
{
	static const char text[] = "\x1b]0;owned\x07\x1b[2J\x9b\x31mowned\n";

	(void)!write(fd, text, sizeof(text) - 1);
}

/* The monitor's messages, until it wants the document. */
static void listen_to(unsigned most)
{
	struct gather_msg msg;
	struct iovec bytes = { &msg, sizeof(msg) };

	for (unsigned i = 0; i < most; i++) {
		struct msghdr in = { .msg_iov = &bytes, .msg_iovlen = 1 };
		ssize_t n = recvmsg(GATHER_SOCKET_FD, &in, 0);

		if (n <= 0 || msg.type == GATHER_FINISH)
			return;
	}
}

static void reply(uint64_t bytes)
{
	static const uint32_t counts[] = { 0, 1, 0xffffffff, 0x80000000 };
	struct gather_reply words = { .document_bytes = bytes,
				      .incomplete = counts[below(4)] };
	char other[512] = { 0 };

	for (size_t i = 0; i < sizeof(words.starved); i++)
		words.starved[i] = (uint8_t)below(256);
	if (below(5))
		(void)send(GATHER_SOCKET_FD, &words, sizeof(words), MSG_NOSIGNAL);
	else
		(void)send(GATHER_SOCKET_FD, other, below(sizeof(other)), MSG_NOSIGNAL);
}

static void gather(void)
{
	static const uint64_t sizes[] = { 0, 1, 100, 4096, 65536, 1 << 20, 80u << 20 };
	uint64_t size = sizes[below(7)], said = below(3) ? size : below(1000);
	bool text = below(2);

	if (!below(3))
		escapes(STDERR_FILENO);
	if (!below(3))
		pour(STDERR_FILENO, 1 << below(20), false);
	listen_to(below(3) ? 100000 : (unsigned)below(8));
	switch (below(6)) {
	case 0:
		hang();
	case 1:
		crash();
	case 2:
		reply(said); /* before the document */
		pour(GATHER_DOCUMENT_FD, size, text);
		break;
	default:
		pour(GATHER_DOCUMENT_FD, size, text);
		close(GATHER_DOCUMENT_FD);
		reply(said);
		break;
	}
	if (!below(3))
		hang();
}

static void collect(void)
{
	static const char *const records[] = {
		"{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"model\":"
		"\"\\u001b[2J\"}}\n",
		"{\"type\":\"memory.modules\",\"key\":\"forged\",\"props\":{\"model\":"
		"\"FORGED\"}}\n",
		"{\"type\":\"storage.drives\",\"key\":\"\\u0000\",\"props\":{}}\n",
		"{\"type\":\"storage.drives\",\"key\":\"sdb\",\"props\":{\"a\":1e400}}\n",
		"{\"type\":\"storage.drives\",\"key\":\"sdc\",\"job\":\"storage/"
		"disks\",\"src\":[],"
		"\"props\":{\"src\":[\"x\"],\"key\":\"y\",\"conflicts\":{}}}\n",
		"{\"type\":\"health\",\"key\":\"x\",\"props\":{}}\n",
		"{\"type\":\"storage.drives\",\"key\":\"sdd\",\"props\":{\"x\":[[[[[[[[[["
		"[[[[[[[[[[[[[[[[",
		"\n",
		"{}\n",
		"[]\n",
		"null\n",
		"{\"type\":\"storage.drives\"",
		"\x1b[2J\n",
		"\xff\n",
	};
	char input[4096];

	if (!below(3))
		while (read(STDIN_FILENO, input, sizeof(input)) > 0)
			;
	for (uint64_t i = 0, count = below(4) ? below(100) : below(200000); i < count;
	     i++) {
		const char *record = records[below(sizeof(records) / sizeof(*records))];

		if (below(20) && write(STDOUT_FILENO, record, strlen(record)) < 0)
			break;
		if (!below(1000))
			pour(below(2) ? STDOUT_FILENO : STDERR_FILENO, below(1 << 20),
			     below(2));
		if (!below(1000))
			escapes(STDERR_FILENO);
	}
	switch (below(5)) {
	case 0:
		hang();
	case 1:
		crash();
	case 2:
		pour(STDOUT_FILENO, 1u << 30, below(2));
		break;
	default:
		_exit((int)below(256));
	}
}

int main(int argc, char **argv)
{
	bool gatherer = strstr(argv[0], "gather") != NULL;

	(void)argc;
	for (size_t i = 0; i < sizeof(mark) - 1; i++)
		seed = seed * 31 + (unsigned char)mark[i];
	if (stdio_filter_load(gatherer ? STDIO_AND_SOCKET : STDIO_ONLY))
		return 70;
	if (gatherer)
		gather();
	else
		collect();
	return 0;
}
