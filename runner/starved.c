/* Was a job kept from running when its time was up? Asked just before, and never waited for. */
#include "starved.h"
#include "descriptors.h"
#include "helper.h"
#include "look.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 8 /* jobs one child asks about */
#define AHEAD                                                                            \
	(100 * NSEC_PER_MSEC) /* asked before a deadline, answered at most after it */
#define RETRY (5 * NSEC_PER_MSEC)
#define THREADS_SIZE 4096 /* bytes of one folder's entries: some 150 threads */
#define PER_PROCESSOR 4   /* jobs; and processes: from there on it is busy */
#define OURS 2            /* of the processes that could run: monitor and child */

/* One child that was asked; answers come as struct answer on its pipe. */
struct question {
	struct helper helper;
	struct job *jobs[BATCH];
	size_t count;
	struct question *next;
};

struct answer {
	uint32_t index;   /* into question.jobs */
	uint32_t starved; /* 0: not; no bool, which not every byte is */
	uint64_t ran;     /* ns */
};

static struct question *questions;

static unsigned processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

/* True when more processes of the machine have a processor, or could have one. */
static bool runnable_over(uint64_t most)
{
	AUTO_CLOSE int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	char text[128] = "", *save, *word;
	uint64_t runnable;

	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) <= 0)
		return false;
	/* proc(5): "0.20 0.18 0.12 RUNNABLE/ALL PID" */
	word = strtok_r(text, " ", &save);
	for (int field = 1; word && field < 4; field++)
		word = strtok_r(NULL, " /", &save);
	return word && !parse_u64(word, UINT32_MAX, &runnable) && runnable > most;
}

/* What is known of a job's threads, together. */
struct threads {
	uint64_t ran, waited; /* ns: had a processor, could have run and had none */
	bool runnable, hung;  /* one of them */
};

static void thread_add(struct threads *threads, pid_t pid, const char *thread)
{
	char text[LOOK_FILE], name[64], *end, *save, *word;
	uint64_t ran, waited;

	(void)snprintf(name, sizeof(name), "task/%.20s/stat", thread);
	look_read(pid, name, text);
	end = strrchr(text, ')'); /* the name before it may hold anything */
	if (!end || end[1] != ' ')
		return;
	threads->hung |= end[2] == 'D';
	threads->runnable |= end[2] == 'R';
	/* schedstat: "RAN WAITED COUNT" */
	(void)snprintf(name, sizeof(name), "task/%.20s/schedstat", thread);
	look_read(pid, name, text);
	word = strtok_r(text, " ", &save);
	if (!word || parse_u64(word, INT64_MAX, &ran))
		return;
	word = strtok_r(NULL, " ", &save);
	if (!word || parse_u64(word, INT64_MAX, &waited))
		return;
	threads->ran += ran;
	threads->waited += waited;
}

static void process_add(struct threads *threads, pid_t pid)
{
	char path[32], entries[THREADS_SIZE] __attribute__((aligned(8)));
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	len = fd < 0 ? 0 : getdents64(fd, entries, sizeof(entries));
	for (ssize_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(entries + at);

		if (entry->d_name[0] != '.')
			thread_add(threads, pid, entry->d_name);
		at += entry->d_reclen;
	}
}

/*
 * schedstat adds a wait for a processor when it is over: of a thread that gets one once in three seconds
 * it tells next to nothing. So it is enough that the threads have waited longer than they ran,
 * and that there are more processes than processors at this moment.
 */
static void job_ask(pid_t init, unsigned processors_here, struct answer *answer)
{
	struct threads threads = { .ran = 0 };
	pid_t found[LOOK_PROCESSES];
	size_t count = look_tree(init, found);

	for (size_t i = 0; i < count; i++)
		process_add(&threads, found[i]);
	answer->ran = threads.ran;
	answer->starved = threads.runnable && !threads.hung &&
			  threads.waited > threads.ran &&
			  runnable_over(processors_here + OURS);
}

static _Noreturn void answer_child(const struct question *question)
{
	unsigned here = processors(); /* the filter has no such call */

	helper_keep_pipe(&question->helper);
	look_confine(UINT64_C(1) << CAP_SYS_PTRACE); /* hidepid hides the rest */
	for (size_t i = 0; i < question->count; i++) {
		struct answer answer = { .index = (uint32_t)i };

		job_ask(question->jobs[i]->child.pid, here, &answer);
		(void)!write(question->helper.answers, &answer, sizeof(answer));
	}
	_exit(0);
}

static void ask(struct job *const *jobs, size_t count)
{
	struct question *question = xcalloc(1, sizeof(*question));

	memcpy(question->jobs, jobs, count * sizeof(struct job *));
	question->count = count;
	if (helper_start(&question->helper)) {
		free(question);
		return;
	}
	if (question->helper.pid == 0)
		answer_child(question);
	(void)fcntl(question->helper.answers, F_SETFL, O_NONBLOCK);
	question->next = questions;
	questions = question;
}

static bool to_ask(const struct job *job, nsec_t ahead)
{
	return job->child.state == CHILD_RUNNING && job->starved == STARVED_NOT_ASKED &&
	       clock_now() >= job->child.deadline - ahead;
}

void starved_ask(struct job *const *running, size_t count)
{
	struct job *due[BATCH];
	bool one = false;
	size_t n = 0;

	for (size_t i = 0; i < count && !one; i++)
		one = to_ask(running[i], AHEAD);
	/* Each question costs a fork: where one is due, those that are due soon go with it. */
	for (size_t i = 0; i < count && one; i++) {
		if (!to_ask(running[i], 2 * AHEAD))
			continue;
		running[i]->starved = STARVED_ASKED;
		due[n++] = running[i];
		if (n == BATCH) {
			ask(due, n);
			n = 0;
		}
	}
	if (n)
		ask(due, n);
}

static void answers_take(void)
{
	for (struct question **at = &questions; *at;) {
		struct question *question = *at;
		struct answer answer;
		ssize_t n = -1;

		/* The child has read what tools can influence: of it no more answers are taken than
		 * there were questions. */
		for (size_t i = 0; i <= question->count; i++) {
			struct job *job;

			n = read(question->helper.answers, &answer, sizeof(answer));
			if (n != sizeof(answer) || answer.index >= question->count)
				break;
			job = question->jobs[answer.index];
			job->starved = answer.starved ? STARVED : STARVED_NOT;
			job->ran = (nsec_t)answer.ran;
		}
		if (n == 0) {
			*at = question->next;
			helper_end(&question->helper);
			free(question);
		} else {
			at = &question->next;
		}
	}
}

bool starved_known(const struct job *job)
{
	if (job->child.state != CHILD_RUNNING)
		return true;
	if (job->starved == STARVED_ASKED)
		answers_take();
	return job->starved == STARVED_ASKED ? clock_now() >= job->child.deadline + AHEAD
					     : job->starved != STARVED_NOT_ASKED;
}

nsec_t starved_when(const struct job *job)
{
	nsec_t deadline = job->child.deadline, now = clock_now();

	if (job->child.state != CHILD_RUNNING)
		return deadline;
	if (job->starved == STARVED_NOT_ASKED)
		return deadline - AHEAD;
	if (job->starved != STARVED_ASKED || now < deadline)
		return deadline;
	return now + RETRY < deadline + AHEAD ? now + RETRY : deadline + AHEAD;
}

bool starved_was(const struct job *job)
{
	answers_take();
	return job->starved == STARVED;
}

bool starved_machine(size_t running)
{
	unsigned most = PER_PROCESSOR * processors();

	return running >= most && runnable_over(most);
}
