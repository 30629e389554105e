/* What a child does for bee remote ends in time, whatever the child does, and what does not come back whole is nothing. */
#include "apart.h"
#include "tap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
	char text[70000]; /* more than a pipe holds (64 KiB) */
};

static struct answer answer;

static void speaks(void *arg, void *out)
{
	struct answer *to = out;

	memcpy(to->text, arg, strlen(arg) + 1);
	to->text[sizeof(to->text) - 1] = 'e';
}

static void hangs(void *arg, void *out)
{
	speaks(arg, out);
	for (;;)
		(void)pause();
}

static void dies(void *arg, void *out)
{
	speaks(arg, out);
	_exit(0);
}

/* Half an answer by itself, then no more: as one that was taken over might. */
static void half(void *arg, void *out)
{
	const int *to = arg;

	(void)out;
	(void)!write(*to, "half", 4);
	for (;;)
		(void)pause();
}

static void opened(void *arg, void *out)
{
	struct answer *to = out;
	const int *fds = arg;

	for (int i = 0; i < 2; i++)
		to->text[i] = fcntl(fds[i], F_GETFD) < 0 ? '-' : 'o';
}

static int run(void (*work)(void *arg, void *out), void *arg, nsec_t time)
{
	struct apart apart = { .work = work, .arg = arg, .time = time };

	return apart_run(&apart, &answer, sizeof(answer));
}

static void whole(void)
{
	CHECK(!run(speaks, (char[]){ "word" }, 10 * NSEC_PER_SEC));
	CHECK_STR(answer.text, "word");
	CHECK_INT(answer.text[sizeof(answer.text) - 1], 'e');
}

/* The pipe's end is the descriptor after the ones that are open here. */
static void cut_off(void)
{
	nsec_t began = clock_now();
	int next = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) + 1;

	CHECK_INT(run(hangs, (char[]){ "word" }, NSEC_PER_SEC / 5), -1);
	CHECK(clock_now() - began < 5 * NSEC_PER_SEC);
	CHECK(clock_now() - began >= NSEC_PER_SEC / 5);
	CHECK_INT(run(dies, (char[]){ "word" }, 10 * NSEC_PER_SEC), -1);
	close(next - 1);
	CHECK_INT(run(half, &next, NSEC_PER_SEC / 5), -1);
	/* None is left that nobody has waited for. */
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

static void descriptors(void)
{
	int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fds[] = { kept, other };
	struct apart apart = { .work = opened,
			       .arg = fds,
			       .keep = { kept },
			       .keep_count = 1,
			       .time = 10 * NSEC_PER_SEC };

	CHECK(!apart_run(&apart, &answer, sizeof(answer)));
	CHECK_INT(answer.text[0], 'o');
	CHECK_INT(answer.text[1], '-');
	close(kept);
	close(other);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "all of an answer comes, also one longer than a pipe", whole, 0 },
		{ "a child that hangs, dies or says half of it is ended in time", cut_off,
		  0 },
		{ "it has the descriptors that are named, and no other", descriptors, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
