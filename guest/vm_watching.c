/* A VM that runs: its lines, its deadlines, its command. */
#include "vm_watching.h"
#include "keeper.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define KVM_TIME (15 * NSEC_PER_SEC) /* a kernel under KVM speaks within one */
#define LIFE_TIME (90 * NSEC_PER_SEC)
#define LEFT_TIME                                                                        \
	(1 * NSEC_PER_SEC) /* for the caller to take what it said before its end */
#define PANIC_TIME (3 * NSEC_PER_SEC) /* with panic=-1 it ends at once */

/* What QEMU itself has said before its end. */
void vm_errors_note(struct vm *vm)
{
	char text[250] = "";
	ssize_t n = read(vm->errors, text, sizeof(text) - 1);

	if (n > 0) {
		text[n] = '\0';
		(void)vm_fail(vm, EIO, "QEMU: %s", text);
	}
}

static void ready_take(struct watching *w)
{
	struct vm *vm = w->vm;

	w->life = true;
	if (vm->handles.ready)
		return;
	vm->handles.ready = true;
	vm->handles.ready_after = clock_now() - vm->handles.started;
	(void)vm_handles_put(vm);
	supervise_say(vm->of, SAYS_READY, "%lld",
		      (long long)(vm->handles.ready_after / NSEC_PER_MSEC));
	if (vm->of->guest->command.count > 0 && !w->sent) {
		AUTO_FREE char *line = vm_command_line(&vm->of->guest->command);

		w->sent = true;
		vm_say(vm, "BEE-RUN", line);
	} else {
		vm_say(vm, "BEE-HEARD", "");
	}
}

/*
 * Who does not read has the guest wait, and not this process: its end, and the wish that it ends, are
 * looked for meanwhile. False: nobody takes it any more.
 */
static bool output_wait(struct watching *w, int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLOUT },
				{ .fd = w->vm->pidfd, .events = POLLIN },
				{ .fd = w->signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			return false;
		if (fds[2].revents && read(w->signals, &info, sizeof(info)) > 0)
			vm_say(w->vm, "BEE-STOP", "");
		if (fds[0].revents)
			return true;
		if (fds[1].revents)
			return poll(fds, 1, (int)(LEFT_TIME / NSEC_PER_MSEC)) > 0;
	}
}

static void bytes_put(struct watching *w, int fd, const unsigned char *bytes, size_t len)
{
	while (len > 0) {
		/* A pipe that has room has room for so much (pipe(7)). */
		size_t part = len < PIPE_BUF ? len : PIPE_BUF;
		ssize_t n = output_wait(w, fd) ? write(fd, bytes, part) : -1;

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void output_put(struct watching *w, int fd, const char *text)
{
	unsigned char bytes[WATCH_LINE];
	size_t len;

	if (w->sent && !w->exited &&
	    !sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &len, NULL,
			       sodium_base64_VARIANT_ORIGINAL))
		bytes_put(w, fd, bytes, len);
}

static void line_take(char *line, void *data)
{
	struct watching *w = data;
	uint64_t number;
	char *rest;

	switch (watch_word(line, w->vm->nonce, &rest)) {
	case WORD_READY:
		ready_take(w);
		break;
	case WORD_OUT:
		output_put(w, 1, rest);
		break;
	case WORD_ERR:
		output_put(w, 2, rest);
		break;
	case WORD_EXIT:
		if (!w->sent || parse_u64(rest, 255, &number))
			break;
		w->status = (int)number;
		w->exited = true;
		vm_say(w->vm, "BEE-ACK", "");
		break;
	default:
		break;
	}
}

static void serial_take(struct watching *w)
{
	char bytes[KEEPER_MESSAGE];
	ssize_t n = recv(w->vm->console, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN) {
			close(w->vm->console); /* its keeper has ended */
			w->vm->console = -1;
		}
		return;
	}
	watch_take(&w->serial, bytes, (size_t)n);
	if (w->serial.seen & WATCH_PANIC)
		w->panic = clock_now();
	w->serial.seen &= ~(unsigned)WATCH_PANIC;
	if (w->serial.seen & WATCH_LIFE && !w->life) {
		w->life = true;
		supervise_say(w->vm->of, SAYS_STAGE, "kernel");
		/* It may be the kernel that was silent, or its command line. */
		if (w->kvm || w->kvm_silent)
			vm_kvm_note(w->kvm);
		/* Nothing in it could say more. */
		if (!w->vm->image.known && !w->vm->of->guest->initrd)
			ready_take(w);
	}
}

static void control_take(struct watching *w)
{
	char bytes[4096];
	ssize_t n = recv(w->vm->control, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		watch_lines(&w->lines, bytes, (size_t)n, line_take, w);
	} else if (n == 0 || errno != EAGAIN) {
		close(w->vm->control);
		w->vm->control = -1;
	}
}

void vm_kill(struct vm *vm)
{
	(void)pidfd_send_signal(vm->pidfd, SIGKILL, NULL, 0);
}

/* Under KVM nothing came: once more without. Nested, a kernel can hang in it for ever. */
static int without_kvm(struct watching *w)
{
	struct vm *vm = w->vm;
	siginfo_t info;
	int result;

	w->kvm = false;
	w->kvm_silent = true;
	vm_kill(vm);
	(void)waitid(P_PIDFD, (id_t)vm->pidfd, &info, WEXITED);
	supervise_keeper_wait(&vm->handles);
	close(vm->console);
	close(vm->control);
	close(vm->errors);
	close(vm->pidfd);
	supervise_say(vm->of, SAYS_NOTE,
		      "no sign of life under KVM within %lld s: without "
		      "it, slowly",
		      (long long)(KVM_TIME / NSEC_PER_SEC));
	result = vm_machine_start(vm, false);
	return result ? result : vm_console_start(vm);
}

/* Once it is ready these words may be some log's, or a person's. */
static bool has_panicked(const struct watching *w)
{
	return w->panic && !w->vm->handles.ready;
}

bool vm_panicked(const struct watching *w)
{
	return w->panic && clock_now() - w->panic < 2 * PANIC_TIME;
}

/* What time has come for. False: its start has failed. */
static bool time_look(struct watching *w)
{
	struct vm *vm = w->vm;
	nsec_t now = clock_now();

	/* One that does not end by itself then is dead all the same. */
	if (has_panicked(w) && now > w->panic + PANIC_TIME)
		vm_kill(vm);
	if (w->kvm && !w->life && now > vm->begun + KVM_TIME) {
		if (vm->of->guest->accel) {
			vm->code = VM_NO_KVM;
			(void)vm_fail(vm, ENODEV, "no sign of life under KVM");
			return false;
		}
		return !without_kvm(w);
	}
	if (!w->life && now > vm->begun + LIFE_TIME) {
		vm->code = VM_HANG;
		(void)vm_fail(vm, ETIMEDOUT,
			      "no sign of life: no \"Linux version\" on its serial line "
			      "within %lld s (does its kernel have console=ttyS0?)",
			      (long long)(LIFE_TIME / NSEC_PER_SEC));
		return false;
	}
	if (vm->of->guest->command.count > 0 && !vm->handles.ready && now > w->deadline) {
		vm->code = BEE_TEMPFAIL;
		(void)vm_fail(vm, ETIMEDOUT, "it was not ready in time");
		return false;
	}
	return true;
}

/* When time_look() has something to do at the latest. */
static int wait_ms(const struct watching *w)
{
	return w->life && !has_panicked(w) &&
			       (w->vm->handles.ready ||
				w->vm->of->guest->command.count == 0)
		       ? -1
		       : 500;
}

/* Up to its end, or that of its command, or of its start. False: that has failed. */
bool vm_watch_all(struct watching *w)
{
	struct vm *vm = w->vm;

	for (;;) {
		struct pollfd fds[] = { { .fd = vm->pidfd, .events = POLLIN },
					{ .fd = vm->console, .events = POLLIN },
					{ .fd = vm->control, .events = POLLIN },
					{ .fd = w->signals, .events = POLLIN } };
		struct signalfd_siginfo info;

		if (poll(fds, ARRAY_LEN(fds), wait_ms(w)) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents)
			serial_take(w);
		if (fds[2].revents)
			control_take(w);
		if (fds[3].revents && read(w->signals, &info, sizeof(info)) > 0)
			vm_say(vm, "BEE-STOP", "");
		/* What it has said before its end is taken first. */
		if (fds[0].revents && !fds[1].revents && !fds[2].revents)
			return true;
		if (w->exited && vm->of->guest->once)
			return true;
		if (w->exited && w->sent) {
			w->sent = false;
			vm_say(vm, "BEE-STOP", "");
		}
		if (!time_look(w))
			return false;
	}
}

/* Why it has ended before it was ready. */
void vm_early_end(struct watching *w)
{
	struct vm *vm = w->vm;

	if (w->serial.seen & WATCH_NO_INIT) {
		vm->code = VM_NO_INIT;
		(void)vm_fail(vm, ENOENT,
			      "its kernel finds no root file system, or nothing "
			      "to start there (console.log has its words)");
	} else if (w->panic) {
		vm->code = VM_PANIC;
		(void)vm_fail(vm, EIO,
			      "its kernel has panicked (console.log has its words)");
	} else {
		(void)vm_fail(vm, EIO, "it has ended before it was ready");
		vm_errors_note(vm);
	}
}
