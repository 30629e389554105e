/*
 * The copier between a pid 1, a tool and a performer that are all this test: what is too long is refused
 * before it is copied, a performer that lies is believed in nothing, and what was dropped is forgotten.
 */
#include "broker_start.h"
#include "command.h"
#include "mfi.h"
#include "tap.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
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

static struct broker_report report(void)
{
	struct broker_report report = { .step = 99 };

	CHECK_INT(recv(asker, &report, sizeof(report), 0), sizeof(report));
	return report;
}

static void order(uint32_t step, uint32_t request, const void *argument)
{
	struct broker_order order = { .step = step,
				      .pid = (uint32_t)getpid(),
				      .request = request,
				      .address = (uintptr_t)argument };

	CHECK_INT(send(asker, &order, sizeof(order), MSG_NOSIGNAL), sizeof(order));
}

static struct broker_report ordered(uint32_t step, uint32_t request, const void *argument)
{
	struct broker_report said;

	order(step, request, argument);
	said = report();
	CHECK_INT(said.step, step);
	return said;
}

static void start(void)
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

static struct sg_io_hdr sg_new(void)
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

static void check_refused(struct broker_report said)
{
	CHECK_INT(said.answered, 1);
	CHECK_INT(said.refused, 1);
	CHECK_INT(said.error, EPERM);
}

/* Copier and policy are whole: what is allowed is copied, sent as it is, and answered. */
static void check_works(void)
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

/* 4 GiB of zeros that can be read, so that nothing but a bound keeps them from being copied. */
static uint8_t *much(void)
{
	void *at = mmap(NULL, (size_t)4 << 30, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		tap_skip("no 4 GiB of addresses");
	return at;
}

static struct mfi_packet mfi_new(uint8_t frame_command, uint32_t length)
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

static void test_bounds(void)
{
	static const uint32_t lengths[] = { COMMAND_DATA_MAX + 1, 4 * COMMAND_DATA_MAX,
					    1u << 20, ~0u };
	struct ipmi_system_interface_addr address = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE, .channel = IPMI_BMC_CHANNEL
	};
	struct ipmi_req request = { .addr = (unsigned char *)&address,
				    .addr_len = sizeof(address),
				    .msg = { .netfn = 6, .cmd = 1 } };
	uint8_t *zeros = much();

	start();
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct sg_io_hdr header = sg_new();
		struct nvme_admin_cmd admin = { .opcode = 0x81,
						.addr = (uintptr_t)zeros,
						.data_len = lengths[i] };
		struct mfi_packet packet = mfi_new(MFI_DCMD, lengths[i]);

		header.dxferp = zeros;
		header.dxfer_len = lengths[i];
		check_refused(ordered(BROKER_COPY, SG_IO, &header));
		header.dxfer_direction = SG_DXFER_TO_DEV;
		check_refused(ordered(BROKER_COPY, SG_IO, &header));
		check_refused(ordered(BROKER_COPY, NVME_IOCTL_ADMIN_CMD, &admin));
		admin.opcode = 2;
		check_refused(ordered(BROKER_COPY, NVME_IOCTL_ADMIN_CMD, &admin));
		packet.buffers[0].iov_base = zeros;
		check_refused(ordered(BROKER_COPY, MEGASAS_IOC_FIRMWARE, &packet));
		packet.frame.flags = MFI_DIR_WRITE;
		check_refused(ordered(BROKER_COPY, MEGASAS_IOC_FIRMWARE, &packet));
		check_works();
	}
	request.msg.data = zeros;
	for (unsigned length = COMMAND_BYTES - 2; length <= 65535; length += 9357) {
		request.msg.data_len = (unsigned short)length;
		check_refused(ordered(BROKER_COPY, IPMICTL_SEND_COMMAND, &request));
		check_works();
	}
	request.msg.data_len = 0;
	request.addr_len = sizeof(struct ipmi_addr) + 1;
	check_refused(ordered(BROKER_COPY, IPMICTL_SEND_COMMAND, &request));
	request.addr_len = sizeof(address) - 1;
	check_refused(ordered(BROKER_COPY, IPMICTL_SEND_COMMAND, &request));
	request.addr_len = sizeof(address);
	CHECK_INT(ordered(BROKER_COPY, IPMICTL_SEND_COMMAND, &request).answered, 0);
	order(BROKER_DROP, 0, NULL);
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* A question to a driver: a name ends with its first zero, and what is longer than a buffer is refused. */
static void test_ethtool(void)
{
	static const uint32_t too_long[] = { COMMAND_DATA_MAX - 15, 1u << 31, ~0u };
	struct ethtool_eeprom asked = { .cmd = ETHTOOL_GMODULEEEPROM, .len = 256 };
	struct ifreq request = { .ifr_data = (char *)&asked };

	start();
	memset(request.ifr_name, 'x', IFNAMSIZ);
	memcpy(request.ifr_name, "a", 2);
	CHECK_INT(ordered(BROKER_COPY, SIOCETHTOOL, &request).answered, 0);
	order(BROKER_DROP, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(too_long); i++) {
		asked.len = too_long[i];
		check_refused(ordered(BROKER_COPY, SIOCETHTOOL, &request));
	}
	asked.len = 256;
	request.ifr_name[1] = 'x';
	check_refused(ordered(BROKER_COPY, SIOCETHTOOL, &request));
	request.ifr_name[1] = 0;
	asked.cmd = ETHTOOL_SFLAGS;
	check_refused(ordered(BROKER_COPY, SIOCETHTOOL, &request));
	request.ifr_data = NULL;
	CHECK_INT(ordered(BROKER_COPY, SIOCETHTOOL, &request).error, EFAULT);
	check_works();
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

static void check_mfi_refused(const struct mfi_packet *packet)
{
	check_refused(ordered(BROKER_COPY, MEGASAS_IOC_FIRMWARE, packet));
}

/* What the kernel would do with one: the buffer list and the sense data where the tool says, in its own memory. */
static void test_mfi_refused(void)
{
	static const uint64_t lengths[] = {
		0, 35, 37, COMMAND_DATA_MAX + 1, (UINT64_C(1) << 32) + 36, ~UINT64_C(0)
	};

	start();
	for (unsigned kind = 0; kind < 256; kind++) {
		struct mfi_packet packet = mfi_new(MFI_DCMD, 36);

		packet.frame.command = (uint8_t)kind;
		if (kind != MFI_DCMD)
			check_mfi_refused(&packet);
	}
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct mfi_packet packet = mfi_new(MFI_PD_SCSI_IO, 36);

		packet.buffers[0].iov_len = lengths[i];
		check_mfi_refused(&packet);
		packet.buffers[0].iov_len = 36;
		packet.frame.length = (uint32_t)lengths[i];
		if (packet.frame.length != 36)
			check_mfi_refused(&packet);
	}
	for (unsigned what = 0; what < 7; what++) {
		struct mfi_packet packet = mfi_new(MFI_PD_SCSI_IO, 36);

		packet.buffer_count = what == 0 ? 2 : what == 1 ? 0 : 1;
		packet.sense_length = what == 2 ? 1 : 0;
		packet.frame.lun = what == 3 ? 1 : 0;
		packet.frame.cdb_length = what == 4 ? 17 : what == 6 ? 255 : 6;
		if (what == 5)
			packet.frame.flags |= MFI_DIR_WRITE;
		check_mfi_refused(&packet);
	}
	check_works();
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* Whatever the tool writes beside it: one command, of one disk; and of the answer, data and one byte. */
static void test_mfi(void)
{
	static const uint8_t bytes[36] = { 4, 5, 6 };
	struct command_answer answer = { .length = 36, .status = { 0x2d, 0xee } };
	struct iovec out[] = { { &answer, sizeof(answer) },
			       { (void *)(uintptr_t)bytes, sizeof(bytes) } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct mfi_packet packet = mfi_new(MFI_PD_SCSI_IO, 36), before;
	struct command command;

	packet.buffers_at = 0xfffffff0;
	packet.sense_at = 0xfffffff8;
	packet.frame.timeout = 1;
	packet.frame.sense_length = 255;
	packet.frame.flags |= 0x26; /* 64 bits, IEEE: the driver's own affair */
	memset(packet.frame.scsi.buffers, 0xee, sizeof(packet.frame.scsi.buffers));
	before = packet;
	start();
	CHECK_INT(ordered(BROKER_COPY, MEGASAS_IOC_FIRMWARE, &packet).answered, 0);
	CHECK_INT(sendmsg(performer, &msg, MSG_NOSIGNAL),
		  (ssize_t)(sizeof(answer) + sizeof(bytes)));
	CHECK_INT(ordered(BROKER_SEND, 0, NULL).answered, 0);
	CHECK_INT(recv(performer, &command, sizeof(command), 0), sizeof(command));
	CHECK_INT(command.transport, COMMAND_MFI_SCSI);
	CHECK_INT(command.tag, 9 << 16 | 7);
	CHECK_INT(command.size, 6);
	CHECK_INT(command.length, 36);
	for (unsigned i = 6; i < COMMAND_BYTES; i++)
		CHECK_INT(command.bytes[i], 0);
	memset(data, 9, sizeof(data));
	CHECK_INT(ordered(BROKER_WRITE, 0, NULL).error, 0);
	CHECK(data[0] == 4 && data[35] == 0 && data[36] == 9);
	CHECK_INT(packet.frame.status, 0x2d);
	packet.frame.status = before.frame.status;
	CHECK(!memcmp(&packet, &before, sizeof(packet)));
	/* A question to the firmware, which has no direction in smartctl's. */
	packet = mfi_new(MFI_DCMD, 512);
	packet.frame.flags = 0;
	CHECK_INT(ordered(BROKER_COPY, MEGASAS_IOC_FIRMWARE, &packet).answered, 0);
	order(BROKER_DROP, 0, NULL);
	packet.frame.dcmd.opcode[3] = 3;
	check_mfi_refused(&packet);
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* Of an answer: how many bytes come, of which `head` are the structure's. */
static void check_lie(const struct command_answer *answer, size_t head, size_t more)
{
	struct sg_io_hdr header = sg_new();
	struct iovec out[] = { { (void *)(uintptr_t)answer, head }, { data, more } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct command command;

	CHECK_INT(ordered(BROKER_COPY, SG_IO, &header).answered, 0);
	CHECK_INT(sendmsg(performer, &msg, MSG_NOSIGNAL), (ssize_t)(head + more));
	check_refused(ordered(BROKER_SEND, 0, NULL));
	CHECK_INT(recv(performer, &command, sizeof(command), 0), sizeof(command));
}

/* It performs with a capability, and none of it is the tool's, whoever took it over. */
static void test_liar(void)
{
	const size_t head = sizeof(struct command_answer);
	struct sg_io_hdr header = sg_new();

	start();
	check_works();
	check_lie(&(struct command_answer){ .length = 0 }, 1, 0);
	check_lie(&(struct command_answer){ .length = 0 }, head - 1, 0);
	check_lie(&(struct command_answer){ .length = 0 }, head, 1);
	check_lie(&(struct command_answer){ .length = 36 }, head, 35);
	check_lie(&(struct command_answer){ .length = 36 }, head, 0);
	check_lie(&(struct command_answer){ .length = 37 }, head, 37);
	check_lie(&(struct command_answer){ .length = ~0u }, head, 36);
	check_lie(&(struct command_answer){ .length = 36, .sense_size = 65 }, head, 36);
	check_lie(&(struct command_answer){ .length = 36, .sense_size = 255 }, head, 36);
	check_lie(&(struct command_answer){ .refused = 1, .error = EPERM }, head, 0);
	check_works();
	close(performer);
	CHECK_INT(ordered(BROKER_COPY, SG_IO, &header).answered, 0);
	check_refused(ordered(BROKER_SEND, 0, NULL));
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* An answer goes where the first look said, whatever the tool has written there since. */
static void test_read_once(void)
{
	struct {
		struct ipmi_system_interface_addr address;
		uint8_t behind[8];
	} from = { .behind = { 9 } };
	static const struct command_answer answer = {
		.length = 2,
		.tag = 77,
		.status = { IPMI_RESPONSE_RECV_TYPE, 7, 1 },
		.sense_size = sizeof(from.address),
		.sense = { 0x0c, 0, 0, 0, 0xf, 0, 3 }
	};
	struct iovec out[] = { { (void *)(uintptr_t)&answer, sizeof(answer) },
			       { (uint8_t[]){ 5, 6 }, 2 } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct ipmi_recv recv = { .addr = (unsigned char *)&from,
				  .addr_len =
					  sizeof(from), /* more than an answer needs */
				  .msg = { .data = data, .data_len = 8 } };

	start();
	CHECK_INT(ordered(BROKER_COPY, IPMICTL_RECEIVE_MSG_TRUNC, &recv).answered, 0);
	memset(&recv, 0xff, sizeof(recv));
	memset(data, 9, sizeof(data));
	CHECK_INT(sendmsg(performer, &msg, MSG_NOSIGNAL), (ssize_t)sizeof(answer) + 2);
	CHECK_INT(ordered(BROKER_SEND, 0, NULL).answered, 0);
	CHECK_INT(ordered(BROKER_WRITE, 0, NULL).error, 0);
	CHECK(recv.addr == (unsigned char *)&from);
	CHECK(recv.msg.data == data);
	CHECK_INT(recv.addr_len, sizeof(from.address));
	CHECK_INT(recv.recv_type, IPMI_RESPONSE_RECV_TYPE);
	CHECK_INT(recv.msgid, 77);
	CHECK_INT(recv.msg.netfn, 7);
	CHECK_INT(recv.msg.cmd, 1);
	CHECK_INT(recv.msg.data_len, 2);
	CHECK_INT(from.address.lun, 3);
	CHECK_INT(from.behind[0], 9);
	CHECK(data[0] == 5 && data[1] == 6 && data[2] == 9);
}

/* Has the copier ask what it has copied, of a performer that answers this. */
static struct broker_report answered(const struct command_answer *answer,
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

/* drivers/char/ipmi/ipmi_devintf.c, IPMICTL_RECEIVE_MSG_TRUNC: what does not fit is cut off, and EMSGSIZE; sg(4):
 * as much of the sense data as mx_sb_len says, and sb_len_wr says how much that is. */
static void test_room(void)
{
	static const struct command_answer
		message = { .length = 6,
			    .status = { IPMI_RESPONSE_RECV_TYPE, 7, 1 },
			    .sense_size = 64 },
		checked = {
			.length = 36, .status = { 2 }, .sense_size = 18, .sense = { 0x70 }
		};
	static const uint8_t bytes[36] = { 1, 2, 3, 4, 5, 6 };
	struct {
		struct ipmi_system_interface_addr address;
		uint8_t behind[4];
	} from;
	struct ipmi_recv recv = { .addr = (unsigned char *)&from,
				  .addr_len = sizeof(from.address),
				  .msg = { .data = data, .data_len = 4 } };
	struct sg_io_hdr header = sg_new();

	start();
	memset(data, 9, sizeof(data));
	memset(&from, 9, sizeof(from));
	CHECK_INT(ordered(BROKER_COPY, IPMICTL_RECEIVE_MSG_TRUNC, &recv).answered, 0);
	CHECK_INT(answered(&message, bytes).error, EMSGSIZE);
	CHECK(data[3] == 4 && data[4] == 9);
	CHECK_INT(recv.msg.data_len, 4);
	CHECK_INT(recv.addr_len, sizeof(from.address));
	CHECK_INT(from.behind[0], 9);
	memset(sense, 9, sizeof(sense));
	header.mx_sb_len = 8;
	CHECK_INT(ordered(BROKER_COPY, SG_IO, &header).answered, 0);
	CHECK_INT(answered(&checked, bytes).error, 0);
	CHECK_INT(header.status, 2);
	CHECK_INT(header.sb_len_wr, 8);
	CHECK(sense[0] == 0x70 && sense[7] == 0 && sense[8] == 9);
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* Of NVMe the answer is data and one dword; all else of the structure is as it was. */
static void test_nvme(void)
{
	static const struct command_answer answer = { .length = 512,
						      .value = 0,
						      .status = { 4, 3, 2, 1, 9 } };
	static const uint8_t bytes[512] = { 7 };
	struct nvme_admin_cmd admin = { .opcode = 2,
					.nsid = 5,
					.addr = (uintptr_t)data,
					.data_len = 512,
					.timeout_ms = 77 },
			      before = admin;

	start();
	memset(data, 9, sizeof(data));
	CHECK_INT(ordered(BROKER_COPY, NVME_IOCTL_ADMIN_CMD, &admin).answered, 0);
	CHECK_INT(answered(&answer, bytes).error, 0);
	CHECK_INT(admin.result, 0x01020304);
	CHECK(data[0] == 7 && data[511] == 0 && data[512] == 9);
	admin.result = 0;
	CHECK(!memcmp(&admin, &before, sizeof(admin)));
	/* NVM Express 1.4, figure 105: it is the opcode that says which way the data go. */
	admin.opcode = 0x81;
	check_refused(ordered(BROKER_COPY, NVME_IOCTL_ADMIN_CMD, &admin));
	close(asker);
	CHECK_INT(broker_ended(pid), 0);
}

/* Pid 1 says so of a caller that has gone: its memory may be another process's. */
static void test_dropped(void)
{
	static const uint32_t steps[] = { BROKER_SEND, BROKER_WRITE };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct sg_io_hdr header = sg_new();
		char any;

		start();
		CHECK_INT(ordered(BROKER_COPY, SG_IO, &header).answered, 0);
		order(BROKER_DROP, 0, NULL);
		order(steps[i], 0, NULL);
		CHECK_INT(recv(asker, &any, 1, 0), 0); /* it has ended */
		CHECK_INT(broker_ended(pid), 0);
		CHECK_INT(recv(performer, &any, 1, 0), 0); /* and nothing was sent */
	}
}

/* What is answered is over: neither sent nor written. */
static void test_answered(void)
{
	struct sg_io_hdr header = sg_new();
	char any;

	start();
	header.interface_id = 'T';
	CHECK_INT(ordered(BROKER_COPY, SG_IO, &header).error, EINVAL);
	order(BROKER_SEND, 0, NULL);
	CHECK_INT(recv(asker, &any, 1, 0), 0);
	CHECK_INT(recv(performer, &any, 1, 0), 0);
	CHECK_INT(broker_ended(pid), 0);
}

/* Nobody performs: pid 1 is not told that all is ready. */
static void test_no_performer(void)
{
	int up[2], across[2];
	char any;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, up));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, across));
	pid = broker_start("bee-copier", rules, ARRAY_LEN(rules), up[1], across[1], 0);
	close(across[0]);
	CHECK_INT(recv(up[0], &any, 1, 0), 0);
	CHECK(broker_ended(pid) != 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what is longer than there is room for is refused, not copied",
		  test_bounds, 60 },
		{ "of a network driver one interface is asked, in its bounds",
		  test_ethtool, 0 },
		{ "of a controller's frames those that would lead elsewhere are refused",
		  test_mfi_refused, 20 },
		{ "and of the others no more is taken than the command", test_mfi, 20 },
		{ "a performer that lies is believed in nothing", test_liar, 20 },
		{ "the tool's memory is read once", test_read_once, 20 },
		{ "what does not fit is cut off, and said", test_room, 20 },
		{ "of NVMe come data and one dword", test_nvme, 20 },
		{ "what was dropped is neither sent nor written", test_dropped, 20 },
		{ "nor is what is answered", test_answered, 20 },
		{ "without a performer it is not ready", test_no_performer, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
