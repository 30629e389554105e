/*
 * inside [mark] [hold]: prints what the kernel says of its own jail, a line of a /proc file
 * after the file's name. "mark" leaves a mark on its descriptors that only those who share
 * them see; "hold" stays until TERM, so that its stub and its collector can be looked at.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static void print_file(const char *name)
{
	char path[64], line[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/%s", name);
	file = fopen(path, "re");
	if (!file)
		printf("%s: cannot be read\n", name);
	while (file && fgets(line, sizeof(line), file))
		printf("%s: %s", name, line);
	if (file)
		(void)fclose(file);
}

static void print_names(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			printf("in %s: %s\n", folder, entry->d_name);
	if (dir)
		closedir(dir);
}

static void print_namespaces(void)
{
	static const char *const names[] = { "mnt", "pid",    "net", "ipc",
					     "uts", "cgroup", "user" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], target[64];
		ssize_t n;

		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, target, sizeof(target) - 1);
		printf("ns: %.*s\n", n > 0 ? (int)n : 0, target);
	}
}

static void looked_at(int signo)
{
	(void)signo;
}

int main(int argc, char **argv)
{
	static const char *const files[] = { "status", "mountinfo", "limits",
					     "oom_score_adj", "stat" };
	struct utsname name;
	bool hold = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		print_file(files[i]);
	print_namespaces();
	print_names("/proc");
	if (!uname(&name))
		printf("hostname: %s\n", name.nodename);
	for (int i = 1; i < argc; i++) {
		hold |= !strcmp(argv[i], "hold");
		for (int fd = 0; fd <= 2 && !strcmp(argv[i], "mark"); fd++)
			printf("mark %d: %d\n", fd,
			       fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
	}
	(void)fflush(stdout);
	if (hold) {
		struct timespec at_most = { 8, 0 };

		(void)signal(SIGTERM, looked_at); /* by default that is a crash */
		(void)nanosleep(&at_most, NULL);
	}
	return 0;
}
