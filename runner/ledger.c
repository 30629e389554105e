/* /run/bee: one audit at a time, and which of its jobs have not gone, whatever becomes of it. */
#include "ledger.h"
#include "helper.h"
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LEDGER LEDGER_FOLDER "/stuck"
#define RETRY (20 * NSEC_PER_MSEC)
#define DYING_RETRY (10 * NSEC_PER_MSEC)
#define TICK (NSEC_PER_SEC / 100) /* of a process's start time in /proc: USER_HZ */
/* The start that is noted is when the process was asked for: it is a little younger. */
#define START_SPAN (uint64_t)(NSEC_PER_SEC / TICK)

/*
 * The file has one record per uid slot, so that an entry is written, and struck out, in one
 * small write at a place of its own: the job that has the slot. A record is one line, filled up
 * with NULs; of an empty slot it is all NULs.
 *
 *	NAME PID STARTTIME BOOT-ID SINCE-MS LOCK GROUP STATE
 *
 * "-" stands for no lock, no group. STATE is `stuck` once its audit has seen that it is.
 */
#define RECORD 512u
enum { NAME, PID, STARTTIME, BOOT_ID, SINCE, LOCK, GROUP, STATE, WORDS };

struct entry {
	char *text;         /* owned: what the words point into */
	char *words[WORDS]; /* borrowed */
	pid_t pid;
	uint64_t starttime;
	int64_t since_ms;
	bool alive;
};

static int ledger = -1; /* the file; -1: none is kept */
static const char *boot;
static struct entry *entries; /* of earlier audits, by slot; pid 0: none */
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

static bool entry_parse(char *text, struct entry *entry)
{
	uint64_t pid, since;
	char *save;

	for (size_t i = 0; i < WORDS; i++) {
		entry->words[i] = strtok_r(i ? NULL : text, " \n", &save);
		if (!entry->words[i])
			return false;
	}
	if (strcmp(entry->words[BOOT_ID], boot) != 0 ||
	    parse_u64(entry->words[PID], INT32_MAX, &pid) ||
	    parse_u64(entry->words[STARTTIME], UINT64_MAX, &entry->starttime) ||
	    parse_u64(entry->words[SINCE], INT64_MAX, &since))
		return false;
	entry->text = text;
	entry->pid = (pid_t)pid;
	entry->since_ms = (int64_t)since;
	return true;
}

/*
 * starttime of a process: the 22nd field of its stat, after the last ')'. 0: it has gone, as
 * has a zombie: pid 1 of a jail becomes one when everything in it has ended.
 */
static uint64_t starttime_of(pid_t pid)
{
	char path[32], text[1024], *save, *word;
	uint64_t value;
	ptrdiff_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read_full(fd, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[n] = '\0';
	word = strrchr(text, ')');
	word = word ? strtok_r(word + 1, " ", &save) : NULL;
	if (!word || word[0] == 'Z' || word[0] == 'X')
		return 0;
	for (int field = 3; word && field < 22; field++)
		word = strtok_r(NULL, " ", &save);
	return word && !parse_u64(word, UINT64_MAX, &value) ? value : 0;
}

static _Noreturn void alive_child(const struct helper *helper)
{
	helper_keep_pipe(helper);
	look_confine(UINT64_C(1) << CAP_SYS_PTRACE); /* hidepid hides the rest */
	for (size_t i = 0; i < entry_count; i++) {
		uint64_t now = entries[i].alive ? starttime_of(entries[i].pid) : 0;
		bool alive = now >= entries[i].starttime &&
			     now - entries[i].starttime <= START_SPAN;

		(void)!write(helper->answers, now && alive ? "1" : "0", 1);
	}
	_exit(0);
}

/* Reading /proc of a stuck process happens in a child; no answer counts as still there. */
static void check_alive(void)
{
	nsec_t deadline = clock_now() + 3 * LOOK_TIME;
	struct helper helper;

	if (entry_count == 0 || helper_start(&helper))
		return;
	if (helper.pid == 0)
		alive_child(&helper);
	for (size_t i = 0; i < entry_count; i++) {
		struct pollfd in = { helper.answers, POLLIN, 0 };
		char answer;

		if (poll(&in, 1, clock_poll_ms(deadline)) <= 0 ||
		    read(helper.answers, &answer, 1) != 1)
			break;
		entries[i].alive = answer == '1';
	}
	helper_end(&helper);
}

/* True while a job is there that nobody has seen to be stuck: its audit was killed. */
static bool one_may_be_dying(void)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive && strcmp(entries[i].words[STATE], "stuck") != 0)
			return true;
	return false;
}

static void strike(size_t slot)
{
	static const char nothing[RECORD];

	(void)!pwrite(ledger, nothing, sizeof(nothing), (off_t)(slot * RECORD));
}

static void records_read(void)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct entry entry = { .pid = 0 };
		char text[RECORD + 1] = "";
		AUTO_FREE char *copy = NULL;

		if (pread(ledger, text, RECORD, (off_t)(i * RECORD)) <= 0)
			return;
		copy = xstrdup(text);
		entry.alive = entry_parse(copy, &entry);
		if (entry.alive)
			copy = NULL; /* the entry's */
		entries = xrealloc_array(entries, i + 1, sizeof(*entries));
		entries[entry_count++] = entry;
	}
}

int ledger_open(const char *boot_id, struct slots *slots, nsec_t dying)
{
	nsec_t deadline = clock_now() + dying;

	boot = boot_id;
	ledger = open(LEDGER, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ledger < 0)
		return -errno;
	records_read();
	check_alive();
	while (one_may_be_dying() && clock_now() < deadline) {
		(void)poll(NULL, 0, (int)(DYING_RETRY / NSEC_PER_MSEC));
		check_alive();
	}
	/* A stuck tool counts against its uid's RLIMIT_NPROC: nobody else gets that uid. */
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive)
			slots_hold(slots, (unsigned)i);
		else
			strike(i);
	return 0;
}

bool ledger_find(struct job *job)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive && !strcmp(entries[i].words[NAME], job->name)) {
			job->child.pid = entries[i].pid;
			job->since_ms = entries[i].since_ms;
			return true;
		}
	return false;
}

bool ledger_has(pid_t pid)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive && entries[i].pid == pid)
			return true;
	return false;
}

const char *ledger_lock_holder(const char *lock)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].alive && !strcmp(entries[i].words[LOCK], lock))
			return entries[i].words[NAME];
	return NULL;
}

const char *ledger_group_holder(const char *collector, const char *group)
{
	size_t len = strlen(collector);

	for (size_t i = 0; i < entry_count; i++) {
		const struct entry *entry = &entries[i];

		if (entry->alive && !strcmp(entry->words[GROUP], group) &&
		    !strncmp(entry->words[NAME], collector, len) &&
		    entry->words[NAME][len] == '/')
			return entry->words[NAME];
	}
	return NULL;
}

int ledger_note(const struct job *job)
{
	char record[RECORD] = "";
	struct timespec now;

	_Static_assert(JOB_NAME_MAX + 2 * (POLICY_NAME_MAX + POLICY_INSTANCE_MAX) + 110 <
			       RECORD,
		       "every entry fits");
	if (ledger < 0)
		return 0;
	errno = ENOSPC; /* of a write that is short */
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(record, sizeof(record), "%s %d %llu %s %lld %s %s %s\n", job->name,
		       job->child.pid, (unsigned long long)(job->started / TICK), boot,
		       (long long)now.tv_sec * 1000 + now.tv_nsec / NSEC_PER_MSEC,
		       job->step->lock ?: "-",
		       job->group && *job->group ? job->group : "-",
		       job->state == JOB_ABANDONED ? "stuck" : "runs");
	if (pwrite(ledger, record, sizeof(record), (off_t)job->slot * (off_t)RECORD) ==
	    RECORD)
		return 0;
	return -errno;
}

void ledger_strike(unsigned slot)
{
	if (ledger >= 0)
		strike(slot);
}
