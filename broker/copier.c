/*
 * bee-copier: reads what a tool asks of a device out of the tool's memory, once, and reduces it
 * to one fixed structure for the performer; writes the answer back. It has the tool's uid and no
 * right beyond: a tool that takes it over has gained nothing.
 */
#include "broker.h"
#include "copy.h"
#include "start.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int copy_from(const struct copied *copied, uint64_t at, void *to, size_t size)
{
	struct iovec ours = { to, size }, theirs = { (void *)(uintptr_t)at, size };

	if (size == 0)
		return 0;
	errno = 0; /* less than all of it is no error to the kernel */
	if (process_vm_readv((pid_t)copied->pid, &ours, 1, &theirs, 1, 0) ==
	    (ssize_t)size)
		return 0;
	return errno == EPERM ? -EPERM : -EFAULT;
}

int copy_to(const struct copied *copied, uint64_t at, const void *from, size_t size)
{
	struct iovec ours = { (void *)(uintptr_t)from, size },
		     theirs = { (void *)(uintptr_t)at, size };

	if (size == 0)
		return 0;
	if (process_vm_writev((pid_t)copied->pid, &ours, 1, &theirs, 1, 0) ==
	    (ssize_t)size)
		return 0;
	return -EFAULT;
}

/* Of a command, whose name is for the list of what was refused, and for one that hangs; `error` is its answer. */
static void report_set(const struct copied *copied, int error, bool refused,
		       struct broker_report *report)
{
	report->transport = copied->command.transport;
	report->key = command_key(&copied->command);
	report->error = error;
	report->refused = refused;
	report->answered |= error != 0;
}

/* The tool's memory is read here and nowhere else: what is checked is what is sent. */
static void do_copy(const struct command_rules *rules, const struct broker_order *order,
		    struct copied *copied, struct broker_report *report)
{
	int error;

	*copied = (struct copied){ .pid = order->pid,
				   .address = order->address,
				   .data = copied->data };
	error = copy_command(copied, order->request);
	report->answered = error || !copied->copies->take;
	if (!error && !report->answered &&
	    !command_find(rules, &copied->command, copied->data))
		error = -EPERM;
	report_set(copied, -error, error == -EPERM, report);
}

/* Asks the performer. Where it is gone, or says what cannot be, that is told like a refusal. */
static void do_send(struct copied *copied, struct broker_report *report)
{
	const struct command *command = &copied->command;
	struct command_answer *answer = &copied->answer;
	struct iovec out[] = {
		{ &copied->command, sizeof(*command) },
		{ copied->data, command->direction == COMMAND_OUT ? command->length : 0 }
	};
	struct iovec in[] = { { answer, sizeof(*answer) },
			      { copied->data, COMMAND_DATA_MAX } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	ssize_t n = -1;

	if (sendmsg(BROKER_FD_OTHER, &msg, MSG_NOSIGNAL) >= 0) {
		msg = (struct msghdr){ .msg_iov = in, .msg_iovlen = 2 };
		n = recvmsg(BROKER_FD_OTHER, &msg, 0);
	}
	if (n < (ssize_t)sizeof(*answer) || answer->refused ||
	    (size_t)n - sizeof(*answer) != answer->length ||
	    answer->length > command->length ||
	    answer->sense_size > sizeof(answer->sense))
		report_set(copied, EPERM, true, report);
	else
		report_set(copied, answer->error, false, report);
}

static void do_write(struct copied *copied, struct broker_report *report)
{
	report->error = -copy_answer(copied);
	report->answered = 1;
	report->value = copied->answer.value;
}

/* False: pid 1 has gone, or its order makes no sense. */
static bool serve(const struct command_rules *rules, struct copied *copied, bool *copy)
{
	struct broker_report report = { .step = BROKER_DROP };
	struct broker_order order;

	if (recv(BROKER_FD_ASKER, &order, sizeof(order), 0) != sizeof(order))
		return false;
	report.step = order.step;
	if (order.step == BROKER_COPY)
		do_copy(rules, &order, copied, &report);
	else if (order.step == BROKER_SEND && *copy)
		do_send(copied, &report);
	else if (order.step == BROKER_WRITE && *copy)
		do_write(copied, &report);
	else if (order.step != BROKER_DROP)
		return false;
	*copy = order.step != BROKER_DROP && !report.answered;
	return order.step == BROKER_DROP || send(BROKER_FD_ASKER, &report, sizeof(report),
						 MSG_NOSIGNAL) == sizeof(report);
}

int main(void)
{
	static const unsigned calls[] = {
		SYS_recvfrom,   SYS_sendto,           SYS_recvmsg,
		SYS_sendmsg,    SYS_process_vm_readv, SYS_process_vm_writev,
		SYS_exit_group,
	};
	static const struct broker_report ready = { .step = BROKER_READY };
	static struct command_rules rules;
	static uint8_t data[COMMAND_DATA_MAX];
	struct copied copied = { .data = data };
	bool copy = false;

	(void)prctl(PR_SET_NAME, "bee-copier");
	if (process_hide() || start_rules(&rules) ||
	    start_filter(calls, ARRAY_LEN(calls), NULL, 0) || start_wait())
		return BEE_SOFTWARE;
	if (send(BROKER_FD_ASKER, &ready, sizeof(ready), MSG_NOSIGNAL) < 0)
		return BEE_SOFTWARE;
	while (serve(&rules, &copied, &copy))
		continue;
	return 0;
}
