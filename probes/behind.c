/* smartctl for disks behind a RAID controller: what bee-megaraid and bee-cciss share. */
#include "behind.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LUN_HEAD 8u
#define LUN_SIZE 8u

void behind_say(const char *program, const char *address, const char *disk, int error)
{
	const char *word = error ? strerrorname_np(-error) : "smartctl";

	(void)printf("%s\t%s\t%s\t%s\n", program, address, disk, word ?: "EUNKNOWN");
	(void)fflush(stdout);
}

void behind_ask(const struct behind_disk *disk)
{
	const char *comma = strchr(disk->type, ','), *name = comma ? comma + 1 : "?";
	int status;
	pid_t pid;

	behind_say(disk->program, disk->address, name, 0);
	pid = fork();
	if (pid == 0) {
		/* Yama, where it is: whoever copies its commands may read it (who does cannot be told
		 * here; no other process of its uid can read any). Where it is not, EINVAL. */
		(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
		execl(disk->smartctl, "smartctl", "-j", "-x", "-d", disk->type,
		      disk->node, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		behind_say(disk->program, disk->address, name, -errno);
	else if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		 WEXITSTATUS(status) == 127)
		behind_say(disk->program, disk->address, name, -ECHILD);
}

bool behind_is_driver(const char *host, const char *driver)
{
	AUTO_FREE char *path = xasprintf(BEHIND_HOSTS "/%s/proc_name", host);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char name[32] = "";

	if (fd < 0 || read_full(fd, name, sizeof(name) - 1) < 0)
		return false;
	name[strcspn(name, "\n")] = '\0';
	return !strcmp(name, driver);
}

/* ".../0000:3b:00.0/host7/scsi_host/host7" */
void behind_address(const char *host, char *address, size_t size)
{
	AUTO_FREE char *path = xasprintf(BEHIND_HOSTS "/%s", host);
	AUTO_FREE char *tail = xasprintf("/%s/scsi_host/%s", host, host);
	char link[1024];
	ssize_t len = readlink(path, link, sizeof(link) - 1);
	char *end, *start;

	(void)snprintf(address, size, "%s", host);
	if (len <= 0)
		return;
	link[len] = '\0';
	end = strstr(link, tail);
	if (!end)
		return;
	*end = '\0';
	start = strrchr(link, '/');
	if (start && start[1])
		(void)snprintf(address, size, "%s", start + 1);
}

unsigned behind_lun_count(const uint8_t *answer, size_t size)
{
	uint32_t bytes;

	if (size < LUN_HEAD)
		return 0;
	bytes = (uint32_t)answer[0] << 24 | (uint32_t)answer[1] << 16 |
		(uint32_t)answer[2] << 8 | answer[3];
	if (bytes > size - LUN_HEAD)
		bytes = (uint32_t)(size - LUN_HEAD);
	return bytes / LUN_SIZE;
}
