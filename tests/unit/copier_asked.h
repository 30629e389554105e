/* A copier between a pid 1, a tool and a performer that are all the test which includes this. */
#ifndef BEE_TESTS_COPIER_ASKED_H
#define BEE_TESTS_COPIER_ASKED_H

#include "broker_start.h"
#include "command.h"
#include "mfi.h"
#include "tap.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ipmi.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static int asker, performer;
static pid_t pid;

/* INQUIRY of 36 bytes, Get Log Page, Get Device ID, any answer, the module memory of "a", PD_GET_LIST, and
 * INQUIRY of a disk behind a controller; Security Send, the wrong way. */
static const struct command_rule rules[] = {
	{ .transport = COMMAND_SCSI,
	  .direction = COMMAND_IN,
	  .size = 6,
	  .length = 36,
	  .value = { 0x12 },
	  .mask = { 0xff } },
	{ .transport = COMMAND_NVME,
	  .direction = COMMAND_IN,
	  .size = 30,
	  .length = COMMAND_DATA_MAX,
	  .value = { 2 },
	  .mask = { 0xff } },
	{ .transport = COMMAND_IPMI,
	  .direction = COMMAND_IN,
	  .size = 3,
	  .value = { 6, 1 },
	  .mask = { 0xff, 0xff } },
	{ .transport = COMMAND_IPMI,
	  .direction = COMMAND_IN,
	  .size = 1,
	  .length = COMMAND_IPMI_ANSWER,
	  .value = { COMMAND_IPMI_RECEIVE },
	  .mask = { 0xff } },
	{ .transport = COMMAND_ETHTOOL,
	  .direction = COMMAND_IN,
	  .size = COMMAND_ETHTOOL_BYTES,
	  .length = COMMAND_DATA_MAX,
	  .value = { ETHTOOL_GMODULEEEPROM, [COMMAND_ETHTOOL_NAME] = 'a' },
	  .mask = { 0xff, [COMMAND_ETHTOOL_NAME... COMMAND_ETHTOOL_BYTES - 1] = 0xff } },
	{ .transport = COMMAND_MFI,
	  .direction = COMMAND_IN,
	  .size = 16,
	  .length = COMMAND_DATA_MAX,
	  .value = { 0, 0, 1, 2 },
	  .mask = { 0xff, 0xff, 0xff, 0xff } },
	{ .transport = COMMAND_MFI_SCSI,
	  .direction = COMMAND_IN,
	  .size = 6,
	  .length = 36,
	  .value = { 0x12 },
	  .mask = { 0xff } },
	/* Of no use: an opcode with bit 0 sends, and this is for what comes. */
	{ .transport = COMMAND_NVME,
	  .direction = COMMAND_IN,
	  .size = 30,
	  .length = COMMAND_DATA_MAX,
	  .value = { 0x81 },
	  .mask = { 0xff } },
};

static inline struct broker_report report(void)
{
	struct broker_report report = { .step = 99 };

	CHECK_INT(recv(asker, &report, sizeof(report), 0), sizeof(report));
	return report;
}

static inline void order(uint32_t step, uint32_t request, const void *argument)
{
	struct broker_order order = { .step = step,
				      .pid = (uint32_t)getpid(),
				      .request = request,
				      .address = (uintptr_t)argument };

	CHECK_INT(send(asker, &order, sizeof(order), MSG_NOSIGNAL), sizeof(order));
}

static inline struct broker_report ordered(uint32_t step, uint32_t request,
					   const void *argument)
{
	struct broker_report said;

	order(step, request, argument);
	said = report();
	CHECK_INT(said.step, step);
	return said;
}

static inline void start(void)
{
	int up[2], across[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, up));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, across));
	pid = broker_start("bee-copier", rules, ARRAY_LEN(rules), up[1], across[1], 0);
	asker = up[0];
	performer = across[0];
	/* Yama, where it is. */
	(void)prctl(PR_SET_PTRACER, pid, 0, 0, 0);
	CHECK_INT(send(performer, "", 1, MSG_NOSIGNAL), 1);
	CHECK_INT(report().step, BROKER_READY);
}

static uint8_t data[COMMAND_DATA_MAX], sense[64];

static uint8_t inquiry[6] = { 0x12 };

static inline struct sg_io_hdr sg_new(void)
{
	return (struct sg_io_hdr){ .interface_id = 'S',
				   .dxfer_direction = SG_DXFER_FROM_DEV,
				   .cmd_len = 6,
				   .cmdp = inquiry,
				   .dxfer_len = 36,
				   .dxferp = data,
				   .sbp = sense,
				   .mx_sb_len = sizeof(sense) };
}

static inline void check_refused(struct broker_report said)
{
	CHECK_INT(said.answered, 1);
	CHECK_INT(said.refused, 1);
	CHECK_INT(said.error, EPERM);
}

/* Copier and policy are whole: what is allowed is copied, sent as it is, and answered. */
static inline void check_works(void)
{
	struct sg_io_hdr header = sg_new();
	struct command_answer answer = { .length = 36,
					 .sense_size = 2,
					 .sense = { 5, 6 } };
	uint8_t bytes[36] = { 1, 2, 3 };
	struct iovec out[] = { { &answer, sizeof(answer) }, { bytes, sizeof(bytes) } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct command command;
	struct broker_report said = ordered(BROKER_COPY, SG_IO, &header);

	CHECK_INT(said.answered, 0);
	CHECK_INT(said.key, 0x1200);
	CHECK_INT(sendmsg(performer, &msg, MSG_NOSIGNAL),
		  (ssize_t)(sizeof(answer) + sizeof(bytes)));
	said = ordered(BROKER_SEND, 0, NULL);
	CHECK_INT(said.answered, 0);
	CHECK_INT(recv(performer, &command, sizeof(command), 0), sizeof(command));
	CHECK_INT(command.transport, COMMAND_SCSI);
	CHECK_INT(command.length, 36);
	memset(data, 9, sizeof(data));
	said = ordered(BROKER_WRITE, 0, NULL);
	CHECK_INT(said.answered, 1);
	CHECK_INT(said.error, 0);
	CHECK_INT(data[1], 2);
	CHECK_INT(data[36], 9);
	CHECK_INT(sense[1], 6);
	CHECK_INT(header.sb_len_wr, 2);
}

static inline struct mfi_packet mfi_new(uint8_t frame_command, uint32_t length)
{
	struct mfi_packet packet = {
		.host = 7,
		.buffers_at = 40,
		.buffer_count = 1,
		.frame = { .command = frame_command,
			   .target = frame_command == MFI_PD_SCSI_IO ? 9 : 0,
			   .cdb_length = frame_command == MFI_PD_SCSI_IO ? 6 : 0,
			   .flags = MFI_DIR_READ,
			   .length = length },
		.buffers = { { data, length } },
	};

	if (frame_command == MFI_PD_SCSI_IO)
		packet.frame.scsi.cdb[0] = 0x12;
	else
		memcpy(packet.frame.dcmd.opcode, (uint8_t[]){ 0, 0, 1, 2 }, 4);
	return packet;
}

/* Has the copier ask what it has copied, of a performer that answers this. */
static inline struct broker_report answered(const struct command_answer *answer,
					    const void *bytes)
{
	struct iovec out[] = { { (void *)(uintptr_t)answer, sizeof(*answer) },
			       { (void *)(uintptr_t)bytes, answer->length } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct command command;

	CHECK_INT(sendmsg(performer, &msg, MSG_NOSIGNAL),
		  (ssize_t)(sizeof(*answer) + answer->length));
	CHECK_INT(ordered(BROKER_SEND, 0, NULL).answered, 0);
	CHECK_INT(recv(performer, &command, sizeof(command), 0), sizeof(command));
	return ordered(BROKER_WRITE, 0, NULL);
}

#endif
