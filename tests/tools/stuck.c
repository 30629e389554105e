/*
 * stuck [PATH [DISK [chmod]]]: prints one disk as lsblk does and then asks about PATH, or
 * changes its mode, which hangs. Without a path of its own, as when it stands in for a real
 * tool, it asks about something that stuck.t puts below /usr/lib.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/lib/tmpfiles.d/x"

int main(int argc, char **argv)
{
	bool given = argc > 1 && argv[1][0] == '/';
	const char *path = given ? argv[1] : DEFAULT_PATH;
	struct stat st;

	if (given && argc > 2) {
		printf("{\"blockdevices\":[{\"name\":\"%s\",\"kname\":\"%s\",\"type\":"
		       "\"disk\","
		       "\"size\":1000,\"model\":\"WHOLE\"}]}\n",
		       argv[2], argv[2]);
		(void)fflush(stdout);
	}
	if (given && argc > 3 ? chmod(path, 0644) : stat(path, &st))
		perror(path);
	return 0;
}
