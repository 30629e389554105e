/* The supervisor of a virtual machine: makes it, watches it, and takes away what it had. */
#include "backend.h"
#include "clean.h"
#include "group.h"
#include "keeper.h"
#include "vm.h"
#include "vm_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define KVM_TIME (15 * NSEC_PER_SEC) /* a kernel under KVM speaks within one */
#define LIFE_TIME (90 * NSEC_PER_SEC)
#define OVERHEAD                                                                         \
	(UINT64_C(768) << 20) /* of QEMU beside the guest's memory, TCG's code too */

/* One that runs, as its supervisor sees it. */
struct watching {
	struct vm *vm;
	struct watch serial;
	struct watch_lines lines;
	int signals;
	bool kvm, life, sent, exited;
	int status; /* of the command, once it has exited */
	nsec_t deadline;
};

int vm_fail(struct vm *vm, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(vm->why, sizeof(vm->why), fmt, args);
	va_end(args);
	vm->why[strcspn(vm->why, "\n")] = '\0';
	return error < 0 ? error : -error;
}

int vm_handles_put(struct vm *vm)
{
	int result = handles_save(vm->name, &vm->handles);

	return result ? vm_fail(vm, result, "handles: %s", strerror(-result)) : 0;
}

char *vm_path(const char *name, const char *file)
{
	return xasprintf(GUEST_RECORDS "/%s/%s", name, file);
}

char *vm_run_path(const char *name, const char *file)
{
	return xasprintf(GUEST_RUN "/%s/%s", name, file);
}

static int group_step(struct vm *vm)
{
	const struct guest *g = vm->of->guest;
	int result =
		guest_group_make(vm->handles.id, g->memory ? g->memory + OVERHEAD : 0,
				 g->tasks, &vm->group, &vm->groups_v1);

	return result ? vm_fail(vm, result, "cgroup: %s", strerror(-result)) : 0;
}

static int image_step(struct vm *vm)
{
	int result = vm_image_open(vm);

	if (!result && record_save(vm->name, vm->of->record))
		result = vm_fail(vm, EIO, "its record cannot be written");
	return result ? result : vm_overlay_make(vm);
}

static int machine_start(struct vm *vm, bool kvm)
{
	int pid = vm_qemu_start(vm, kvm), result;

	if (pid < 0)
		return pid;
	vm->pidfd = pidfd_open(pid, 0);
	result = process_of(pid, &vm->handles.init);
	(void)snprintf(vm->handles.accel, sizeof(vm->handles.accel), kvm ? "kvm" : "tcg");
	if (vm->pidfd < 0 || result)
		return vm_fail(vm, EIO, "QEMU does not start");
	vm->begun = clock_now();
	vm->handles.started = vm->begun;
	/* The port is kept for the next time. */
	if (record_save(vm->name, vm->of->record))
		return vm_fail(vm, EIO, "its record cannot be written");
	return vm_handles_put(vm);
}

static int machine_step(struct vm *vm)
{
	const char *accel = vm->of->guest->accel;
	char why[200];
	bool works = vm_kvm_works(why, sizeof(why));

	if (accel && strcmp(accel, "kvm") != 0 && strcmp(accel, "tcg") != 0)
		return vm_fail(vm, EINVAL, "--accel \"%s\" is neither kvm nor tcg",
			       accel);
	if (accel && !strcmp(accel, "kvm") && !works) {
		vm->code = VM_NO_KVM;
		return vm_fail(vm, ENODEV, "no KVM: %s", why);
	}
	if (!works && !accel)
		supervise_say(vm->of, SAYS_NOTE, "without KVM, slowly: %s", why);
	return machine_start(vm, works && !(accel && !strcmp(accel, "tcg")));
}

/* What QEMU itself has said before its end. */
static void errors_note(struct vm *vm)
{
	char text[250] = "";
	ssize_t n = read(vm->errors, text, sizeof(text) - 1);

	if (n > 0) {
		text[n] = '\0';
		(void)vm_fail(vm, EIO, "QEMU: %s", text);
	}
}

static int console_step(struct vm *vm)
{
	AUTO_CLOSE int socket = keeper_socket(vm->name);
	AUTO_CLOSE int serial = vm_connect(vm->name, "serial");
	int pid;

	if (socket < 0 || serial < 0)
		return vm_fail(vm, socket < 0 ? socket : serial, "console: %s",
			       strerror(socket < 0 ? -socket : -serial));
	pid = keeper_start(vm->name, serial, socket, vm->pidfd);
	if (pid < 0 || process_of(pid, &vm->handles.keeper))
		return vm_fail(vm, EAGAIN, "console: its keeper does not start");
	vm->console = keeper_connect(vm->name);
	vm->control = vm_connect(vm->name, "control");
	if (vm->console < 0 || vm->control < 0)
		return vm_fail(vm, EIO, "its lines cannot be reached");
	return vm_handles_put(vm);
}

static const struct {
	const char *name;
	int (*run)(struct vm *vm);
} steps[] = {
	{ "cgroup", group_step },          { "image", image_step },
	{ "keys", vm_keys_make },          { "work disk", vm_work_make },
	{ "configuration", vm_configure }, { "machine", machine_step },
	{ "console", console_step },
};

static void control_say(struct vm *vm, const char *word, const char *rest)
{
	AUTO_FREE char *line =
		xasprintf("%s %s%s%s\n", word, vm->nonce, *rest ? " " : "", rest);

	if (vm->control >= 0)
		(void)send(vm->control, line, strlen(line), MSG_NOSIGNAL);
}

/* The words of a command, as one line of a shell in base64. Owned. */
static char *command_line(const struct words *command)
{
	AUTO_FREE char *line = xstrdup("");
	char *out;
	size_t size;

	for (size_t i = 0; i < command->count; i++) {
		AUTO_FREE char *word = vm_quoted(command->at[i]);
		char *longer = xasprintf("%s%s%s", line, i ? " " : "", word);

		free(line);
		line = longer;
	}
	size = sodium_base64_encoded_len(strlen(line), sodium_base64_VARIANT_ORIGINAL);
	out = xcalloc(1, size);
	return sodium_bin2base64(out, size, (const unsigned char *)line, strlen(line),
				 sodium_base64_VARIANT_ORIGINAL);
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
		AUTO_FREE char *line = command_line(&vm->of->guest->command);

		w->sent = true;
		control_say(vm, "BEE-RUN", line);
	} else {
		control_say(vm, "BEE-HEARD", "");
	}
}

static void output_put(int fd, const char *text)
{
	unsigned char bytes[WATCH_LINE];
	size_t len;

	if (!sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &len, NULL,
			       sodium_base64_VARIANT_ORIGINAL) &&
	    write_all(fd, bytes, len))
		return; /* nobody reads it any more */
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
		output_put(w->sent && !w->exited ? 1 : -1, rest);
		break;
	case WORD_ERR:
		output_put(w->sent && !w->exited ? 2 : -1, rest);
		break;
	case WORD_EXIT:
		if (!w->sent || parse_u64(rest, 255, &number))
			break;
		w->status = (int)number;
		w->exited = true;
		control_say(w->vm, "BEE-ACK", "");
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
	if (w->serial.seen & WATCH_LIFE && !w->life) {
		w->life = true;
		supervise_say(w->vm->of, SAYS_STAGE, "kernel");
		if (w->kvm)
			vm_kvm_note(true);
		/* Nothing in it could say more. */
		if (!w->vm->image.known)
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

static void machine_kill(struct vm *vm)
{
	(void)pidfd_send_signal(vm->pidfd, SIGKILL, NULL, 0);
}

/* Under KVM nothing came: once more without. Nested, a kernel can hang in it for ever. */
static int without_kvm(struct watching *w)
{
	struct vm *vm = w->vm;
	siginfo_t info;
	int result;

	vm_kvm_note(false);
	w->kvm = false;
	machine_kill(vm);
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
	result = machine_start(vm, false);
	return result ? result : console_step(vm);
}

/* What time has come for. False: its start has failed. */
static bool time_look(struct watching *w)
{
	struct vm *vm = w->vm;
	nsec_t now = clock_now();

	if (w->kvm && !w->life && now > vm->begun + KVM_TIME) {
		if (vm->of->guest->accel) {
			vm_kvm_note(false);
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
	return w->life && (w->vm->handles.ready || w->vm->of->guest->command.count == 0)
		       ? -1
		       : 500;
}

/* Up to its end, or that of its command, or of its start. False: that has failed. */
static bool watch_all(struct watching *w)
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
			control_say(vm, "BEE-STOP", "");
		/* What it has said before its end is taken first. */
		if (fds[0].revents && !fds[1].revents && !fds[2].revents)
			return true;
		if (w->exited && vm->of->guest->once)
			return true;
		if (w->exited && w->sent) {
			w->sent = false;
			control_say(vm, "BEE-STOP", "");
		}
		if (!time_look(w))
			return false;
	}
}

/* Why it has ended before it was ready. */
static void early_end(struct watching *w)
{
	struct vm *vm = w->vm;

	if (w->serial.seen & WATCH_NO_INIT) {
		vm->code = VM_NO_INIT;
		(void)vm_fail(vm, ENOENT,
			      "its kernel finds no root file system, or nothing "
			      "to start there (console.log has its words)");
	} else if (w->serial.seen & WATCH_PANIC) {
		vm->code = VM_PANIC;
		(void)vm_fail(vm, EIO,
			      "its kernel has panicked (console.log has its words)");
	} else {
		(void)vm_fail(vm, EIO, "it has ended before it was ready");
		errors_note(vm);
	}
}

static int begin(struct vm *vm)
{
	uint8_t bytes[16];
	int result;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return vm_fail(vm, errno, "getrandom: %s", strerror(errno));
	(void)sodium_bin2hex(vm->nonce, sizeof(vm->nonce), bytes, sizeof(bytes));
	(void)stpcpy(vm->handles.nonce, vm->nonce);
	(void)stpcpy(vm->handles.backend, "vm");
	boot_id(vm->handles.boot);
	(void)snprintf(vm->handles.id, sizeof(vm->handles.id), "%s", vm->of->record->id);
	result = process_of(getpid(), &vm->handles.supervisor);
	if (result)
		return vm_fail(vm, result, "process: %s", strerror(-result));
	return vm_handles_put(vm);
}

/* QEMU's wait status. */
static int machine_end(struct vm *vm)
{
	siginfo_t info = { .si_pid = 0 };

	if (vm->pidfd < 0 || waitid(P_PIDFD, (id_t)vm->pidfd, &info, WEXITED) ||
	    !info.si_pid)
		return -1;
	return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
}

static int signals_open(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void rest_take(struct vm *vm)
{
	if (vm->pidfd >= 0)
		supervise_keeper_wait(&vm->handles);
	(void)clean_guest(vm->name, vm->handles.id, &vm->handles);
}

static int failed_end(struct vm *vm)
{
	if (vm->pidfd >= 0) {
		machine_kill(vm);
		(void)machine_end(vm);
	}
	rest_take(vm);
	if (vm->code != BEE_CANTCREAT)
		supervise_say(vm->of, SAYS_CODE, "%d", vm->code);
	supervise_failed(vm->of, vm->why);
	return vm->code;
}

static int ended(struct watching *w)
{
	struct vm *vm = w->vm;
	struct record *record = vm->of->record;
	int status = machine_end(vm), code;

	rest_take(vm);
	record->exit_status = status;
	record->wanted = false;
	if (w->serial.seen & WATCH_PANIC)
		(void)snprintf(record->error, sizeof(record->error),
			       "its kernel has panicked");
	code = w->exited                          ? w->status
	       : w->serial.seen & WATCH_PANIC     ? VM_PANIC
	       : vm->of->guest->command.count > 0 ? BEE_SOFTWARE
						  : supervise_code(status);
	if (vm->of->guest->command.count > 0 && !w->exited)
		supervise_say(vm->of, SAYS_NOTE, "it has ended before its command did");
	if (record_save(vm->name, record))
		supervise_say(vm->of, SAYS_NOTE, "its record cannot be written");
	close(vm->of->lock);
	supervise_say(vm->of, SAYS_ENDED, "%d", code);
	return code;
}

static int vm_supervise(const struct supervision *of)
{
	struct vm vm = { .of = of,
			 .name = of->guest->name,
			 .group = -1,
			 .pidfd = -1,
			 .console = -1,
			 .control = -1,
			 .errors = -1,
			 .code = BEE_CANTCREAT };
	struct watching w = { .vm = &vm, .signals = signals_open() };
	int result;

	(void)prctl(PR_SET_NAME, "bee-supervisor");
	result = begin(&vm);
	for (size_t i = 0; i < ARRAY_LEN(steps) && !result; i++) {
		supervise_say(of, SAYS_STAGE, "%s", steps[i].name);
		result = steps[i].run(&vm);
	}
	if (result && vm.pidfd >= 0)
		errors_note(&vm);
	if (result)
		return failed_end(&vm);
	w.kvm = !strcmp(vm.handles.accel, "kvm");
	w.deadline = vm.begun + of->timeout;
	supervise_say(of, SAYS_GOES, "%d", vm.handles.init.pid);
	if (!watch_all(&w))
		return failed_end(&vm);
	if (!vm.handles.ready) {
		early_end(&w);
		return failed_end(&vm);
	}
	if (w.exited && of->guest->once)
		machine_kill(&vm);
	return ended(&w);
}

static void vm_plan(struct supervision *of)
{
	(void)of;
}

static void vm_describe(const struct look *look, json_t *out)
{
	json_put(out, "accel", json_string(look->handles.accel));
	json_put(out, "port", json_integer(look->handles.port));
}

static const char *const files[] = { "system.qcow2", "system.qcow2.new",
				     "work.img",     "work.img.new",
				     "host_key",     "host_key.pub",
				     "key",          "key.pub",
				     "known_hosts",  NULL };

const struct backend backend_vm = {
	.name = "vm",
	.plan = vm_plan,
	.supervise = vm_supervise,
	.ask = vm_ask,
	.enter = vm_enter,
	.describe = vm_describe,
	.files = files,
};
