/* Is who has not answered at work, or does he hang? Only at work is he waited for beyond T. */
#include "patience.h"
#include "look.h"

#include <string.h>

#define PATIENCE_STEP (200 * NSEC_PER_MSEC)

/* schedstat: "RAN WAITED COUNT", the first two in ns; nothing where the kernel does not count. */
static void processor_times(pid_t pid, uint64_t *ran, uint64_t *waited)
{
	char text[LOOK_FILE], *save, *word;

	look_read(pid, "schedstat", text);
	word = strtok_r(text, " ", &save);
	if (!word || parse_u64(word, INT64_MAX, ran))
		*ran = 0;
	word = strtok_r(NULL, " ", &save);
	if (!word || parse_u64(word, INT64_MAX, waited))
		*waited = 0;
}

struct patience patience_begin(pid_t pid, bool ours)
{
	struct patience patience = { .pid = pid, .ours = ours, .began = clock_now() };

	processor_times(pid, &patience.ran, &patience.waited);
	return patience;
}

bool patience_due(const struct patience *patience)
{
	char text[LOOK_FILE];
	struct look_stat stat;
	uint64_t ran, waited;
	bool runnable;

	look_read(patience->pid, "stat", text);
	runnable = look_stat(text, &stat) && stat.state == 'R';
	processor_times(patience->pid, &ran, &waited);
	ran -= patience->ran;
	waited -= patience->waited;
	if (patience->ours)
		return runnable ||
		       2 * (ran + waited) > (uint64_t)(clock_now() - patience->began);
	return runnable && waited > ran;
}

bool patience_wait(const struct patience *patience, struct audit_clock *clock, int fd,
		   short events, nsec_t after)
{
	while (!clock_wait(clock, fd, events, after)) {
		if (clock->interrupted || clock->lent >= PATIENCE_MAX ||
		    clock_now() < clock->end || !patience_due(patience))
			return false;
		clock->lent += PATIENCE_STEP;
		clock->end += PATIENCE_STEP;
		if (clock->on_lent)
			clock->on_lent(clock->end);
	}
	return true;
}
