/* What the kernel is asked for a command, whatever the tool wanted: its time above all. */
#include "perform.h"
#include "command.h"
#include "mfi.h"
#include "tap.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

static struct sg_io_hdr sg;
static struct nvme_admin_cmd nvme;
static struct ifreq interface;
static struct ethtool_eeprom eeprom;
static struct mfi_packet mfi;
static struct ipmi_req request;
static struct ipmi_system_interface_addr asked_at, answered_from;

/* In the place of the C library's: keeps what is asked. */
int ioctl(int fd, unsigned long number, ...)
{
	struct ipmi_recv *recv;
	va_list args;
	void *argument;

	(void)fd;
	va_start(args, number);
	argument = va_arg(args, void *);
	va_end(args);
	switch (number) {
	case SG_IO:
		memcpy(&sg, argument, sizeof(sg));
		((struct sg_io_hdr *)argument)->resid = 4;
		return 0;
	case NVME_IOCTL_ADMIN_CMD:
		memcpy(&nvme, argument, sizeof(nvme));
		((struct nvme_admin_cmd *)argument)->result = 0x01020304;
		return 0;
	case SIOCETHTOOL:
		memcpy(&interface, argument, sizeof(interface));
		memcpy(&eeprom, interface.ifr_data, sizeof(eeprom));
		return 0;
	case MEGASAS_IOC_FIRMWARE:
		memcpy(&mfi, argument, sizeof(mfi));
		((struct mfi_packet *)argument)->frame.status = 0x2d;
		return 0;
	case IPMICTL_SEND_COMMAND:
		memcpy(&request, argument, sizeof(request));
		memcpy(&asked_at, request.addr, sizeof(asked_at));
		return 0;
	case IPMICTL_RECEIVE_MSG_TRUNC:
		recv = argument;
		memcpy(recv->addr, &answered_from, sizeof(answered_from));
		recv->addr_len = sizeof(answered_from);
		recv->recv_type = IPMI_RESPONSE_RECV_TYPE;
		recv->msg.netfn = 7;
		recv->msg.data_len = 3;
		return 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static uint8_t data[COMMAND_DATA_MAX];

static struct command_answer performed(const struct command *command)
{
	struct command_answer answer = { .length = command->length };

	answer.value = perform[command->transport].perform(-1, command, data, &answer);
	answer.error = answer.value < 0 ? errno : 0;
	return answer;
}

/* block/scsi_ioctl.c: a time below 7 s is 7 s, in which no disk spins up; ~0 is none. */
static void test_scsi(void)
{
	struct command command = { .transport = COMMAND_SCSI,
				   .direction = COMMAND_IN,
				   .size = 6,
				   .length = 36,
				   .bytes = { 0x12 } };
	struct command_answer answer = performed(&command);

	CHECK_INT(sg.timeout, 60000);
	CHECK_INT(sg.flags, 0);
	CHECK_INT(sg.iovec_count, 0);
	CHECK_INT(sg.dxfer_direction, SG_DXFER_FROM_DEV);
	CHECK(sg.dxferp == data);
	CHECK_INT(answer.length, 32);
}

/* drivers/nvme/host/ioctl.c: 0 is the driver's own; over a shorter one it would reset the controller. */
static void test_nvme(void)
{
	struct command command = { .transport = COMMAND_NVME,
				   .direction = COMMAND_IN,
				   .size = 30,
				   .length = 4096,
				   .bytes = { 6, 0, 1, 2, 3, 4, 1 } };
	struct command_answer answer;

	memset(&nvme, 0xff, sizeof(nvme));
	answer = performed(&command);
	CHECK(!memcmp(answer.status, (uint8_t[]){ 4, 3, 2, 1 }, 4));
	CHECK_INT(nvme.timeout_ms, 0);
	CHECK_INT(nvme.opcode, 6);
	CHECK_INT(nvme.nsid, 0x04030201);
	CHECK_INT(nvme.cdw10, 1);
	CHECK_INT(nvme.metadata, 0);
	CHECK_INT(nvme.cdw2, 0);
	CHECK(nvme.addr == (uintptr_t)data);
	/* NVM Express 1.4, figure 104: bytes 0, 1, 4 to 7 and 40 to 63 of a command, least first. */
	for (unsigned i = 0; i < command.size; i++)
		command.bytes[i] = (uint8_t)i;
	(void)performed(&command);
	CHECK_INT(nvme.flags, 1);
	CHECK_INT(nvme.nsid, 0x05040302);
	CHECK_INT(nvme.cdw10, 0x09080706);
	CHECK_INT(nvme.cdw11, 0x0d0c0b0a);
	CHECK_INT(nvme.cdw12, 0x11100f0e);
	CHECK_INT(nvme.cdw13, 0x15141312);
	CHECK_INT(nvme.cdw14, 0x19181716);
	CHECK_INT(nvme.cdw15, 0x1d1c1b1a);
}

/* To the BMC itself; the answer's logical unit is the one that answered. */
static void test_ipmi(void)
{
	struct command command = { .transport = COMMAND_IPMI,
				   .direction = COMMAND_IN,
				   .size = 4,
				   .bytes = { 6, 1, 2, 9 } };
	struct command_answer answer = performed(&command);

	CHECK_INT(asked_at.addr_type, IPMI_SYSTEM_INTERFACE_ADDR_TYPE);
	CHECK_INT(asked_at.channel, IPMI_BMC_CHANNEL);
	CHECK_INT(asked_at.lun, 2);
	CHECK_INT(request.msg.data_len, 1);
	answered_from = (struct ipmi_system_interface_addr){ .channel = 15, .lun = 3 };
	command = (struct command){ .transport = COMMAND_IPMI,
				    .direction = COMMAND_IN,
				    .size = 1,
				    .length = COMMAND_IPMI_ANSWER,
				    .bytes = { COMMAND_IPMI_RECEIVE } };
	answer = performed(&command);
	CHECK_INT(answer.status[0], IPMI_RESPONSE_RECV_TYPE);
	CHECK_INT(answer.status[1], 7);
	CHECK_INT(answer.sense_size, sizeof(answered_from));
	CHECK(!memcmp(answer.sense, &answered_from, sizeof(answered_from)));
	CHECK_INT(answer.length, 3);
}

/* The kernel writes as many bytes as the structure says: those that there is room for behind it. */
static void test_ethtool(void)
{
	struct command command = { .transport = COMMAND_ETHTOOL,
				   .direction = COMMAND_IN,
				   .size = COMMAND_ETHTOOL_BYTES,
				   .length = 16 + 256,
				   .bytes = { ETHTOOL_GMODULEEEPROM, 0, 0, 0, 0x80, 1, 0,
					      0, 'e', 'n', 'o', '1' } };

	CHECK_INT(performed(&command).length, 16 + 256);
	CHECK_STR(interface.ifr_name, "eno1");
	CHECK(interface.ifr_data == (char *)data);
	CHECK_INT(eeprom.cmd, ETHTOOL_GMODULEEEPROM);
	CHECK_INT(eeprom.offset, 0x180);
	CHECK_INT(eeprom.len, 256);
	/* Less than the structure itself is not asked for. */
	for (command.length = 0; command.length < 16; command.length++)
		CHECK_INT(performed(&command).error, EINVAL);
	command.length = sizeof(struct ethtool_modinfo);
	command.bytes[0] = ETHTOOL_GMODULEINFO;
	memset(data, 0, sizeof(data));
	CHECK_INT(performed(&command).length, sizeof(struct ethtool_modinfo));
	CHECK_INT(eeprom.cmd, ETHTOOL_GMODULEINFO);
	CHECK_INT(eeprom.offset, 0);
}

/* drivers/scsi/megaraid/megaraid_sas_base.c, megasas_mgmt_fw_ioctl: the kernel writes where the packet says. */
static void test_mfi(void)
{
	struct command command = { .transport = COMMAND_MFI_SCSI,
				   .direction = COMMAND_IN,
				   .size = 6,
				   .length = 36,
				   .tag = command_place(7, 9),
				   .bytes = { 0x12, 0, 0, 0, 36 } };
	struct command_answer answer = performed(&command);

	CHECK_INT(answer.status[0], 0x2d);
	CHECK_INT(answer.length, 36);
	CHECK_INT(mfi.host, 7);
	CHECK_INT(mfi.buffers_at, 48);
	CHECK_INT(mfi.buffer_count, 1);
	CHECK_INT(mfi.sense_length, 0);
	CHECK_INT(mfi.sense_at, 0);
	CHECK_INT(mfi.frame.command, 4);
	CHECK_INT(mfi.frame.target, 9);
	CHECK_INT(mfi.frame.cdb_length, 6);
	CHECK_INT(mfi.frame.buffer_count, 1);
	CHECK_INT(mfi.frame.flags, MFI_DIR_READ);
	CHECK_INT(mfi.frame.timeout, 0);
	CHECK_INT(mfi.frame.length, 36);
	CHECK(!memcmp(mfi.frame.scsi.cdb, command.bytes, 16));
	CHECK(mfi.buffers[0].iov_base == data);
	CHECK_INT(mfi.buffers[0].iov_len, 36);
	command = (struct command){ .transport = COMMAND_MFI,
				    .direction = COMMAND_IN,
				    .size = 16,
				    .length = 512,
				    .tag = command_place(65535, 0),
				    .bytes = { 0, 0, 1, 2, 5 } };
	CHECK_INT(performed(&command).length, 512);
	CHECK_INT(mfi.host, 65535);
	CHECK_INT(mfi.buffers_at, 40);
	CHECK_INT(mfi.frame.command, 5);
	CHECK(!memcmp(&mfi.frame.dcmd, command.bytes, 16));
	CHECK_INT(mfi.buffers[0].iov_len, mfi.frame.length);
	command.size = 17;
	CHECK_INT(performed(&command).error, EINVAL);
	command.size = 16;
	command.length = 0;
	command.direction = COMMAND_NO_DATA;
	(void)performed(&command);
	CHECK_INT(mfi.buffer_count, 0);
	CHECK_INT(mfi.frame.buffer_count, 0);
	CHECK_INT(mfi.frame.flags, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "SCSI: time enough, whoever asks", test_scsi, 0 },
		{ "NVMe: the driver's own time", test_nvme, 0 },
		{ "IPMI: to the BMC, from whom it answered", test_ipmi, 20 },
		{ "ethtool: no more than there is room for", test_ethtool, 0 },
		{ "MFI: the buffer where the firmware looks for it", test_mfi, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
