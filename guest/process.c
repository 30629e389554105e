/* Whether a process that was written down is still the same one. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

void boot_id(char out[BOOT_ID_SIZE])
{
	AUTO_CLOSE int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, out, BOOT_ID_SIZE - 1);

	out[len < 0 ? 0 : len] = '\0';
}

/* Field 22 of /proc/PID/stat; the name in field 2 may hold anything, so from its last ")". A
 * zombie has ended. */
int process_of(pid_t pid, struct process *out)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/stat", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[1024], *at, *save, *word;
	uint64_t start;
	ptrdiff_t len;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	len = read_full(fd, text, sizeof(text) - 1);
	if (len < 0)
		return (int)len;
	text[len] = '\0';
	at = strrchr(text, ')');
	if (!at)
		return -EBADMSG;
	word = strtok_r(at + 1, " ", &save);
	if (!word || *word == 'Z' || *word == 'X')
		return -ESRCH;
	for (int field = 3; word && field < 22; field++)
		word = strtok_r(NULL, " ", &save);
	if (!word || parse_u64(word, UINT64_MAX, &start))
		return -EBADMSG;
	*out = (struct process){ .pid = pid, .start = start };
	return 0;
}

/* The same as it was written down. 0, -ESRCH, or -errno. */
static int same(const struct process *process)
{
	struct process now = { 0, 0 };
	int result = process_of(process->pid, &now);

	return result ? result : now.start == process->start ? 0 : -ESRCH;
}

int process_open(const struct process *process, const char boot[BOOT_ID_SIZE])
{
	char here[BOOT_ID_SIZE];
	int pidfd, result;

	if (process->pid <= 0)
		return -ESRCH;
	boot_id(here);
	if (!*here)
		return -EIO;
	if (strcmp(here, boot) != 0)
		return -ESRCH;
	result = same(process);
	if (result)
		return result;
	pidfd = pidfd_open(process->pid, 0);
	if (pidfd < 0)
		return -errno;
	result = same(process);
	if (result) {
		close(pidfd);
		return result;
	}
	return pidfd;
}

enum process_state process_look(const struct process *process,
				const char boot[BOOT_ID_SIZE])
{
	int pidfd = process_open(process, boot);

	if (pidfd < 0)
		return pidfd == -ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
	close(pidfd);
	return PROCESS_ALIVE;
}
