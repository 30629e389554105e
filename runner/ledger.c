/* /run/bee: one audit at a time, and the jobs that earlier audits had to leave behind. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LEDGER LEDGER_FOLDER "/stuck"
#define ENTRIES_MAX 1024
#define RETRY (20 * NSEC_PER_MSEC)
#define TICK (NSEC_PER_SEC / 100) /* of a process's start time in /proc: USER_HZ */
/* Where nobody could look, its start is only known as when we asked for the process. */
#define START_SPAN (uint64_t)(NSEC_PER_SEC / TICK)

/* One line: "NAME PID STARTTIME BOOT-ID SINCE-MS UID-SLOT". */
struct entry {
	char name[JOB_NAME_MAX + 1];
	pid_t pid;
	uint64_t starttime;
	int64_t since_ms;
	unsigned slot;
	bool alive;
};

static struct entry *entries;
static size_t entry_count;

/* A POSIX record lock belongs to this process alone: no stuck child can hold it. */
int ledger_lock(nsec_t deadline, pid_t *holder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	*holder = 0;
	if (mkdir(LEDGER_FOLDER, 0700) && errno != EEXIST)
		return -errno;
	fd = open(LEDGER_FOLDER "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (fcntl(fd, F_SETLK, &lock)) {
		struct flock other = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		if (!fcntl(fd, F_GETLK, &other) && other.l_type != F_UNLCK)
			*holder = other.l_pid;
		if (clock_now() >= deadline) {
			close(fd);
			return -EAGAIN;
		}
		(void)poll(NULL, 0, (int)(RETRY / NSEC_PER_MSEC));
	}
	return 0; /* fd stays open: closing it would end the lock */
}

static bool entry_parse(char *line, const char *boot_id, struct entry *entry)
{
	char *words[6] = { NULL }, *save;
	uint64_t pid, since, slot;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		words[i] = strtok_r(i ? NULL : line, " \n", &save);
		if (!words[i])
			return false;
	}
	if (strlen(words[0]) >= sizeof(entry->name) || strcmp(words[3], boot_id) != 0 ||
	    parse_u64(words[1], INT32_MAX, &pid) ||
	    parse_u64(words[2], UINT64_MAX, &entry->starttime) ||
	    parse_u64(words[4], INT64_MAX, &since) ||
	    parse_u64(words[5], JOBS_MAX, &slot))
		return false;
	(void)snprintf(entry->name, sizeof(entry->name), "%s", words[0]);
	entry->pid = (pid_t)pid;
	entry->since_ms = (int64_t)since;
	entry->slot = (unsigned)slot;
	return true;
}

/* starttime of a process: the 22nd field of its stat, after the last ')'. 0: gone. */
static uint64_t starttime_of(pid_t pid)
{
	char path[32], text[1024], *save, *word;
	uint64_t value = 0;
	ptrdiff_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read_full(fd, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[n] = '\0';
	word = strrchr(text, ')');
	word = word ? strtok_r(word + 1, " ", &save) : NULL;
	for (int field = 3; word && field < 22; field++)
		word = strtok_r(NULL, " ", &save);
	return word && !parse_u64(word, UINT64_MAX, &value) ? value : 0;
}

/* Reading /proc of a stuck process happens in a child; no answer counts as still there. */
static void check_alive(void)
{
	int ends[2], pidfd;
	nsec_t deadline = clock_now() + 3 * LOOK_TIME;
	pid_t pid;

	for (size_t i = 0; i < entry_count; i++)
		entries[i].alive = true;
	if (entry_count == 0 || pipe2(ends, O_CLOEXEC))
		return;
	pid = spawn_helper(&pidfd);
	if (pid == 0) {
		descriptors_keep(&ends[1], 1);
		descriptors_null();
		look_confine(UINT64_C(1) << CAP_SYS_PTRACE); /* hidepid hides the rest */
		for (size_t i = 0; i < entry_count; i++) {
			uint64_t now = starttime_of(entries[i].pid);
			bool alive = now >= entries[i].starttime &&
				     now - entries[i].starttime <= START_SPAN;

			(void)!write(ends[1], alive ? "1" : "0", 1);
		}
		_exit(0);
	}
	close(ends[1]);
	for (size_t i = 0; pid > 0 && i < entry_count; i++) {
		struct pollfd in = { ends[0], POLLIN, 0 };
		char answer;

		if (poll(&in, 1, clock_poll_ms(deadline)) <= 0 ||
		    read(ends[0], &answer, 1) != 1)
			break;
		entries[i].alive = answer == '1';
	}
	close(ends[0]);
	if (pid > 0) {
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		close(pidfd);
	}
}

void ledger_read(struct monitor *monitor)
{
	AUTO_FCLOSE FILE *file = fopen(LEDGER, "re");
	char line[512];

	while (file && entry_count < ENTRIES_MAX && fgets(line, sizeof(line), file)) {
		struct entry entry;

		memset(&entry, 0, sizeof(entry));
		if (!entry_parse(line, monitor->boot_id, &entry))
			continue;
		entries = xrealloc_array(entries, entry_count + 1, sizeof(*entries));
		entries[entry_count++] = entry;
	}
	check_alive();
	/* A stuck tool counts against its uid's RLIMIT_NPROC: nobody else gets that uid. */
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive)
			slot_hold(monitor, entries[i].slot);
}

bool ledger_find(struct job *job)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive && !strcmp(entries[i].name, job->name)) {
			job->pid = entries[i].pid;
			job->since_ms = entries[i].since_ms;
			return true;
		}
	return false;
}

static void entry_print(FILE *file, const struct entry *entry, const char *boot_id)
{
	(void)fprintf(file, "%s %d %llu %s %lld %u\n", entry->name, entry->pid,
		      (unsigned long long)entry->starttime, boot_id,
		      (long long)entry->since_ms, entry->slot);
}

void ledger_write(const struct monitor *monitor)
{
	FILE *file = monitor->options->replay ? NULL : fopen(LEDGER ".new", "we");
	struct timespec now;

	if (!file)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive)
			entry_print(file, &entries[i], monitor->boot_id);
	for (size_t i = 0; i < monitor->job_count; i++) {
		const struct job *job = monitor->jobs[i];

		struct entry entry = {
			.pid = job->pid,
			.starttime = job->starttime ?: (uint64_t)(job->started / TICK),
			.slot = job->slot
		};

		if (job->state != JOB_ABANDONED)
			continue;
		(void)snprintf(entry.name, sizeof(entry.name), "%s", job->name);
		entry.since_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / NSEC_PER_MSEC;
		entry_print(file, &entry, monitor->boot_id);
	}
	if (fclose(file) == 0)
		(void)rename(LEDGER ".new", LEDGER);
}
