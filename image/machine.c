/*
 * A virtual machine that boots a kernel and an image. Emulated, never KVM: that its node opens
 * does not say that a guest runs there (nested under some hosts a stock kernel hangs before its
 * first line), and an image boots in seconds without.
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its descriptors, in the child. */
struct ends {
	int in, out, said;
};

static _Noreturn void become(const struct machine_wish *wish, const struct ends *ends,
			     int failed)
{
	struct utsname here;
	/* Of a power off QEMU ends, of a panic (panic=-1 reboots) too. */
	/* Ours are last: a "quiet" before them hides nothing that is looked for. */
	char *append = xasprintf("%s console=ttyS0 panic=-1 loglevel=7 printk.time=1",
				 wish->append ? wish->append : "");
	char *memory = xasprintf("%llu", (unsigned long long)wish->memory);
	char *program = NULL;
	int error;

	(void)uname(&here);
	program = xasprintf("qemu-system-%s", here.machine);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(ends->in, 0) < 0 || dup2(ends->out, 1) < 0 || dup2(ends->said, 2) < 0)
		_exit(BEE_SOFTWARE);
	(void)execlp(
		program, program, "-accel", "tcg,tb-size=256", "-m", memory, "-machine",
		"q35", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-sandbox",
		"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		"-nic", "none", "-chardev", "stdio,mux=on,id=line,signal=off", "-serial",
		"chardev:line", "-mon", "chardev=line,mode=readline", "-kernel",
		wish->kernel, "-initrd", wish->image, "-append", append, (char *)NULL);
	error = errno;
	(void)!write(failed, &error, sizeof(error));
	_exit(BEE_SOFTWARE);
}

static void close_both(const int pipe[2])
{
	util_close(&pipe[0]);
	util_close(&pipe[1]);
}

static int start(struct machine *m, const struct machine_wish *wish, const int in[2],
		 const int out[2], const int said[2])
{
	struct ends ends = { in[0], out[1], said[1] };
	int failed[2], error = 0;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	(void)fflush(NULL);
	m->pid = fork();
	if (m->pid == 0)
		become(wish, &ends, failed[1]);
	if (m->pid < 0)
		error = errno;
	close(failed[1]);
	/* The exec closes it: nothing comes, or why it failed. */
	if (!error && read_full(failed[0], &error, sizeof(error)) == sizeof(error))
		(void)waitpid(m->pid, NULL, 0);
	close(failed[0]);
	return -error;
}

int machine_start(struct machine *m, const struct machine_wish *wish)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, said[2] = { -1, -1 }, error = 0;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(said, O_CLOEXEC))
		error = -errno;
	if (!error)
		error = start(m, wish, in, out, said);
	if (error) {
		close_both(in);
		close_both(out);
		close_both(said);
		return error;
	}
	close(in[0]);
	close(out[1]);
	close(said[1]);
	m->input = in[1];
	m->console = out[0];
	m->said = said[0];
	(void)fcntl(m->console, F_SETFL, O_NONBLOCK);
	(void)fcntl(m->input, F_SETFL, O_NONBLOCK);
	(void)fcntl(m->said, F_SETFL, O_NONBLOCK);
	return 0;
}

void machine_ask(const struct machine *m, char letter)
{
	const char words[] = { 1, 'b', letter };

	(void)!write(m->input, words, sizeof(words));
}

int machine_end(struct machine *m, bool kills)
{
	int status = 0;

	if (kills)
		(void)kill(m->pid, SIGKILL);
	while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(m->input);
	close(m->console);
	close(m->said);
	return status;
}
