/* The forms in which tools ask a BMC: struct ipmi_req and ipmi_recv, ipmi.h of the kernel. */
#include "copy.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <stddef.h>
#include <string.h>

#define HEAD 3 /* bytes of a command before its data: network function, command, LUN */

/* To the BMC itself, and not through it to others: the kernel bridges by this address. */
int copy_ipmi_send(struct copied *copied)
{
	struct command *command = &copied->command;
	struct ipmi_system_interface_addr address = { .addr_type = 0 };
	struct ipmi_req request = { .addr_len = 0 };
	int error = copy_from(copied, copied->address, &request, sizeof(request));

	if (error)
		return error;
	command->transport = COMMAND_IPMI;
	command->direction = COMMAND_IN; /* what it answers is received */
	command->bytes[0] = request.msg.netfn;
	command->bytes[1] = request.msg.cmd;
	command->tag = request.msgid;
	if (request.addr_len < sizeof(address) ||
	    request.addr_len > sizeof(struct ipmi_addr) ||
	    request.msg.data_len > COMMAND_BYTES - HEAD)
		return -EPERM;
	error = copy_from(copied, (uintptr_t)request.addr, &address, sizeof(address));
	if (error)
		return error;
	if (address.addr_type != IPMI_SYSTEM_INTERFACE_ADDR_TYPE ||
	    address.channel != IPMI_BMC_CHANNEL)
		return -EPERM;
	command->bytes[2] = address.lun;
	command->size = (uint8_t)(HEAD + request.msg.data_len);
	return copy_from(copied, (uintptr_t)request.msg.data, command->bytes + HEAD,
			 request.msg.data_len);
}

int write_ipmi_send(const struct copied *copied)
{
	(void)copied;
	return 0;
}

/* Any answer that has come; it has no command of its own. */
int copy_ipmi_receive(struct copied *copied)
{
	struct command *command = &copied->command;
	struct ipmi_recv recv = { .addr_len = 0 };
	int error = copy_from(copied, copied->address, &recv, sizeof(recv));

	if (error)
		return error;
	command->transport = COMMAND_IPMI;
	command->direction = COMMAND_IN;
	command->size = 1;
	command->bytes[0] = COMMAND_IPMI_RECEIVE;
	command->length = COMMAND_IPMI_ANSWER;
	if (recv.addr_len < sizeof(struct ipmi_system_interface_addr))
		return -EINVAL;
	copied->data_at = (uintptr_t)recv.msg.data;
	copied->sense_at = (uintptr_t)recv.addr;
	copied->data_room = recv.msg.data_len;
	return 0;
}

/* As the kernel: what does not fit is cut off, and the caller told so (EMSGSIZE). */
int write_ipmi_receive(const struct copied *copied)
{
	const struct command_answer *answer = &copied->answer;
	struct ipmi_system_interface_addr address = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
		.lun = answer->status[2],
	};
	uint32_t fits =
		answer->length < copied->data_room ? answer->length : copied->data_room;
	struct ipmi_recv recv;

	memset(&recv, 0, sizeof(recv)); /* what lies between the members, too */
	recv.recv_type = (int)answer->result;
	recv.msgid = answer->tag;
	recv.addr = (unsigned char *)(uintptr_t)copied->sense_at;
	recv.addr_len = sizeof(address);
	recv.msg.netfn = answer->status[0];
	recv.msg.cmd = answer->status[1];
	recv.msg.data_len = (unsigned short)fits;
	recv.msg.data = (unsigned char *)(uintptr_t)copied->data_at;
	if (copy_to(copied, copied->sense_at, &address, sizeof(address)) ||
	    copy_to(copied, copied->data_at, copied->data, fits) ||
	    copy_to(copied, copied->address, &recv, sizeof(recv)))
		return -EFAULT;
	return fits < answer->length ? -EMSGSIZE : 0;
}

/* Events are nobody's here, and the kernel's own address is as good as any: done, and not sent. */
int copy_ipmi_setting(struct copied *copied)
{
	copied->command.transport = COMMAND_IPMI;
	copied->done = true;
	return 0;
}
