/* The forms in which ethtool, NVMe and MegaRAID commands come to the copier: what it refuses, and what it makes of them. */
#include "copier_asked.h"
#include "tap.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "of a network driver one interface is asked, in its bounds",
		  test_ethtool, 0 },
		{ "of a controller's frames those that would lead elsewhere are refused",
		  test_mfi_refused, 20 },
		{ "and of the others no more is taken than the command", test_mfi, 20 },
		{ "of NVMe come data and one dword", test_nvme, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
