/* The times of an audit: T, and every grace before and after it. */
#include "clock.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Whoever waits looks up so often. */
#define TICK (200 * NSEC_PER_MSEC)

_Static_assert(LOOK_TIME < RESERVE, "what is stuck last is looked at before T");
_Static_assert(STOPPED_MIN > 2 * TICK, "who waits is not taken for stopped");
_Static_assert(GATHER_GRACE < WRITE_GRACE, "a document of statuses can still be written");
_Static_assert(WRITE_GRACE < EXIT_GRACE, "the document can still go to stdout");
_Static_assert(REPORT_GRACE < EXIT_GRACE, "the summary is not what is waited for");
_Static_assert(EXIT_GRACE + TELL_TIME <= LAST_RESORT, "it comes after all others");
_Static_assert(LAST_RESORT + TELL_TIME < T_GRACE, "the promise, and words");
_Static_assert(INTERRUPT_TIME > RESERVE + PROBE_TIME, "jobs get TERM and grace");

nsec_t clock_grace(const struct audit_clock *clock, nsec_t time)
{
	if (clock->timeout >= GRACE_FULL)
		return time;
	return time / 1000 * (clock->timeout / (GRACE_FULL / 1000));
}

nsec_t clock_last(const struct audit_clock *clock)
{
	return clock->end - clock_grace(clock, RESERVE);
}

nsec_t clock_look(const struct audit_clock *clock)
{
	nsec_t now = clock_now(), last = clock->end - LOOK_TIME / 2;

	if (last > now + 3 * LOOK_TIME)
		return now + 3 * LOOK_TIME;
	return last > now + LOOK_TIME ? last : now + LOOK_TIME;
}

void clock_interrupt(struct audit_clock *clock)
{
	struct signalfd_siginfo info;

	if (read(clock->signals, &info, sizeof(info)) != sizeof(info) ||
	    clock->interrupted)
		return;
	clock->interrupted = (int)info.ssi_signo;
	if (clock->end > clock_now() + INTERRUPT_TIME)
		clock->end = clock_now() + INTERRUPT_TIME;
	if (clock->on_interrupt)
		clock->on_interrupt(clock->arg);
}

int clock_poll(struct audit_clock *clock, struct pollfd *polls, nfds_t count,
	       nsec_t deadline)
{
	nsec_t begun = clock_now(), until = begun + TICK, now;
	int n;

	if (deadline < until)
		until = deadline > begun ? deadline : begun;
	n = poll(polls, count, clock_poll_ms(until));
	if (clock->on_tick)
		clock->on_tick();
	now = clock_now();
	if (now - until > STOPPED_MIN) {
		clock->stopped += now - begun;
		if (clock->end < now + INTERRUPT_TIME)
			clock->end = now + INTERRUPT_TIME;
		/* What has ended meanwhile comes before the deadlines that have passed. */
		n = poll(polls, count, 0);
	}
	return n;
}

bool clock_wait(struct audit_clock *clock, int fd, short events, nsec_t after)
{
	for (;;) {
		struct pollfd polls[] = {
			{ fd, events, 0 },
			{ clock->interrupted ? -1 : clock->signals, POLLIN, 0 },
		};
		int n = clock_poll(clock, polls, ARRAY_LEN(polls), clock->end + after);

		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0 && clock_now() >= clock->end + after)
			return false;
		if (n > 0 && polls[1].revents)
			clock_interrupt(clock);
		if (n > 0 && polls[0].revents)
			return true;
	}
}
