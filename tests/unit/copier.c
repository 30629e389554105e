/*
 * The copier between a pid 1, a tool and a performer that are all this test: what is too long is refused
 * before it is copied, a performer that lies is believed in nothing, and what was dropped is forgotten.
 */
#include "copier_asked.h"
#include "tap.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

/* 4 GiB of zeros that can be read, so that nothing but a bound keeps them from being copied. */
static uint8_t *much(void)
{
	void *at = mmap(NULL, (size_t)4 << 30, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		tap_skip("no 4 GiB of addresses");
	return at;
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
		{ "a performer that lies is believed in nothing", test_liar, 20 },
		{ "the tool's memory is read once", test_read_once, 20 },
		{ "what does not fit is cut off, and said", test_room, 20 },
		{ "what was dropped is neither sent nor written", test_dropped, 20 },
		{ "nor is what is answered", test_answered, 20 },
		{ "without a performer it is not ready", test_no_performer, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
