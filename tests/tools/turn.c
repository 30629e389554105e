/*
 * turn NAME MS [refused]: prints one disk as lsblk does, whose model is when this began and
 * ended (ms) and its uid; MS in between. "refused": makes a call that no policy grants, says
 * nothing, and fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	long ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	long long began = now();

	if (argc > 3 && !strcmp(argv[3], "refused"))
		return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
	(void)nanosleep(&time, NULL);
	printf("{\"blockdevices\":[{\"name\":\"%s\",\"kname\":\"%s\",\"type\":\"disk\","
	       "\"size\":1000,\"model\":\"%lld %lld %u\"}]}\n",
	       argc > 1 ? argv[1] : "sda", argc > 1 ? argv[1] : "sda", began, now(),
	       getuid());
	return 0;
}
