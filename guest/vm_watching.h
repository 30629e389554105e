/* A VM that runs, as its supervisor sees it. */
#ifndef BEE_GUEST_VM_WATCHING_H
#define BEE_GUEST_VM_WATCHING_H

#include "vm.h"
#include "vm_watch.h"

struct watching {
	struct vm *vm;
	struct watch serial;
	struct watch_lines lines;
	int signals;
	bool kvm, life, sent, exited;
	bool kvm_silent; /* nothing came under KVM, and it was started once more without */
	int status;      /* of the command, once it has exited */
	nsec_t deadline, panic; /* panic: when it was seen last, 0 */
};

/* Up to its end, or that of its command, or of its start. False: that has failed. */
bool vm_watch_all(struct watching *w);
/* Why it has ended before it was ready, into vm->why and vm->code. */
void vm_early_end(struct watching *w);
/* Whether words of a panic are among the last that it has said. */
bool vm_panicked(const struct watching *w);
/* What QEMU itself has said before its end, into vm->why. */
void vm_errors_note(struct vm *vm);
void vm_kill(struct vm *vm);

/* vm_supervise.c */
MUST_CHECK int vm_machine_start(struct vm *vm, bool kvm);
MUST_CHECK int vm_console_start(struct vm *vm);

#endif
