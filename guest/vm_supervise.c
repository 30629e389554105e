/* The supervisor of a virtual machine: makes it, watches it, and takes away what it had. */
#include "backend.h"
#include "clean.h"
#include "group.h"
#include "keeper.h"
#include "unused.h"
#include "vm.h"
#include "vm_watching.h"

#include <err.h>
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

#define OVERHEAD                                                                         \
	(UINT64_C(768) << 20) /* of QEMU beside the guest's memory, TCG's code too */

#define DIE_TIME (10 * NSEC_PER_SEC)

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

int vm_machine_start(struct vm *vm, bool kvm)
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

	if (accel && !strcmp(accel, "kvm") && !works) {
		vm->code = VM_NO_KVM;
		return vm_fail(vm, ENODEV, "no KVM: %s", why);
	}
	if (!works && !accel)
		supervise_say(vm->of, SAYS_NOTE, "without KVM, slowly: %s", why);
	return vm_machine_start(vm, works && !(accel && !strcmp(accel, "tcg")));
}

int vm_console_start(struct vm *vm)
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
	{ "console", vm_console_start },
};

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
	struct pollfd end = { .fd = vm->pidfd, .events = POLLIN };
	siginfo_t info = { .si_pid = 0 };

	/* One that hangs in the kernel is left, and clean_guest() names it. */
	if (vm->pidfd < 0 || poll(&end, 1, (int)(DIE_TIME / NSEC_PER_MSEC)) <= 0 ||
	    waitid(P_PIDFD, (id_t)vm->pidfd, &info, WEXITED) || !info.si_pid)
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
		vm_kill(vm);
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
	if (vm_panicked(w))
		(void)snprintf(record->error, sizeof(record->error),
			       "its kernel has panicked");
	code = w->exited                          ? w->status
	       : vm_panicked(w)                   ? VM_PANIC
	       : vm->of->guest->command.count > 0 ? BEE_SOFTWARE
						  : supervise_code(status);
	if (vm->of->guest->command.count > 0 && !w->exited)
		supervise_say(vm->of, SAYS_NOTE, "it has ended before its command did");
	supervise_ended(vm->of, code);
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
	vm.deadline = clock_now() + of->timeout;
	result = begin(&vm);
	for (size_t i = 0; i < ARRAY_LEN(steps) && !result; i++) {
		supervise_say(of, SAYS_STAGE, "%s", steps[i].name);
		result = clock_now() < vm.deadline
				 ? steps[i].run(&vm)
				 : vm_fail(&vm, ETIMEDOUT, "%s: no time is left for it",
					   steps[i].name);
	}
	if (result && vm.pidfd >= 0)
		vm_errors_note(&vm);
	if (result)
		return failed_end(&vm);
	w.kvm = !strcmp(vm.handles.accel, "kvm");
	w.deadline = vm.begun + of->timeout;
	supervise_say(of, SAYS_GOES, "%d", vm.handles.init.pid);
	if (!vm_watch_all(&w))
		return failed_end(&vm);
	if (!vm.handles.ready) {
		vm_early_end(&w);
		return failed_end(&vm);
	}
	if (w.exited && of->guest->once)
		vm_kill(&vm);
	return ended(&w);
}

static void vm_plan(struct supervision *of)
{
	const struct guest *g = of->guest;

	unused_vm(g);
	if (g->accel && strcmp(g->accel, "kvm") != 0 && strcmp(g->accel, "tcg") != 0)
		errx(BEE_USAGE, "%s: --accel \"%s\" is neither kvm nor tcg", g->name,
		     g->accel);
	if (g->cable_count > VM_CABLES_MAX)
		errx(BEE_USAGE, "%s: a VM has at most %d cables", g->name, VM_CABLES_MAX);
	/* It is given each by descriptor. */
	if (g->disk_count > VM_DISKS_MAX)
		errx(BEE_USAGE, "%s: a VM has at most %d disks", g->name, VM_DISKS_MAX);
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
