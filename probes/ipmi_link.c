/* The device and the allow-list: every byte that goes to the BMC passes ipmi_ask(). */
#include "ipmi_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#define ANSWER_LIMIT NSEC_PER_SEC
#define BUSY_RETRIES 3
#define BUSY_PAUSE_MS 50
#define FOREIGN_MAX 32 /* messages in a row that answer something else */

/*
 * Reading commands, IPMI 2.0, chapters 20 to 35. `params`, where it is not NULL, lists
 * what data[1] may be: a LAN's parameters hold SNMP communities as well (16, table 23-4).
 */
static const uint8_t lan_params[] = {
	3,  /* IP address */
	4,  /* its source */
	5,  /* MAC address */
	6,  /* subnet mask */
	12, /* default gateway */
	20, /* VLAN id */
	51, /* IPv6 and IPv4 addressing enables */
	55, /* IPv6 status: how many addresses there can be */
	56, /* IPv6 static addresses */
	59, /* IPv6 dynamic addresses */
	0,
};
static const struct {
	uint8_t netfn, cmd;
	const uint8_t *params; /* ends in 0 */
} allowed[] = {
	{ IPMI_CHASSIS, 0x01, NULL }, /* Get Chassis Status */
	{ IPMI_SENSOR, 0x2d, NULL },  /* Get Sensor Reading */
	{ IPMI_APP, 0x01, NULL },     /* Get Device ID */
	{ IPMI_APP, 0x04, NULL },     /* Get Self Test Results: no test is started */
	{ IPMI_APP, 0x37, NULL },     /* Get System GUID */
	{ IPMI_APP, 0x42, NULL },     /* Get Channel Info */
	{ IPMI_STORAGE, 0x10, NULL }, /* Get FRU Inventory Area Info */
	{ IPMI_STORAGE, 0x11, NULL }, /* Read FRU Data */
	{ IPMI_STORAGE, 0x20, NULL }, /* Get SDR Repository Info */
	{ IPMI_STORAGE, 0x22, NULL }, /* Reserve SDR Repository */
	{ IPMI_STORAGE, 0x23, NULL }, /* Get SDR */
	{ IPMI_STORAGE, 0x40, NULL }, /* Get SEL Info */
	{ IPMI_STORAGE, 0x43, NULL }, /* Get SEL Entry */
	{ IPMI_STORAGE, 0x48, NULL }, /* Get SEL Time */
	{ IPMI_TRANSPORT, 0x02, lan_params }, /* Get LAN Configuration Parameters */
};

bool ipmi_allowed(const struct ipmi_request *request)
{
	if (request->len > sizeof(request->data))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		const uint8_t *param = allowed[i].params;

		if (allowed[i].netfn != request->netfn || allowed[i].cmd != request->cmd)
			continue;
		if (!param)
			return true;
		while (*param && *param != request->data[1])
			param++;
		return request->len >= 2 && *param;
	}
	return false;
}

/* One message from the driver: 0, -EAGAIN when it answers something else, or -errno. */
static int receive(const struct ipmi_link *link, const struct ipmi_request *request,
		   struct ipmi_answer *answer)
{
	uint8_t bytes[IPMI_DATA_MAX + 1];
	struct ipmi_addr address;
	struct ipmi_recv message = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msg = { .data = bytes, .data_len = sizeof(bytes) },
	};

	/* EMSGSIZE: the message was cut to fit, and is there. */
	if (ioctl(link->fd, IPMICTL_RECEIVE_MSG_TRUNC, &message) && errno != EMSGSIZE)
		return errno == EINTR ? -EAGAIN : -errno;
	if (message.recv_type != IPMI_RESPONSE_RECV_TYPE ||
	    message.msgid != link->sequence ||
	    message.msg.netfn != (request->netfn | 1) || message.msg.cmd != request->cmd)
		return -EAGAIN;
	if (message.msg.data_len < 1 || message.msg.data_len > sizeof(bytes))
		return -EBADMSG;
	answer->code = bytes[0];
	answer->len = message.msg.data_len - 1u;
	memcpy(answer->data, bytes + 1, answer->len);
	return 0;
}

static int device_transact(struct ipmi_link *link, const struct ipmi_request *request,
			   struct ipmi_answer *answer)
{
	struct ipmi_system_interface_addr address = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
		.lun = request->lun,
	};
	uint8_t data[sizeof(request->data)];
	struct ipmi_req message = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msgid = ++link->sequence,
		.msg = { .netfn = request->netfn,
			 .cmd = request->cmd,
			 .data_len = request->len,
			 .data = data },
	};
	nsec_t until = clock_now() + ANSWER_LIMIT;

	memcpy(data, request->data, sizeof(data));
	if (ioctl(link->fd, IPMICTL_SEND_COMMAND, &message))
		return -errno;
	/* What came too late for its own command still comes: told apart by its number.
	 */
	for (unsigned i = 0; i < FOREIGN_MAX; i++) {
		struct pollfd wait = { .fd = link->fd, .events = POLLIN };
		int status = poll(&wait, 1, clock_poll_ms(until));

		if (status == 0)
			return -ETIMEDOUT;
		if (status < 0 && errno != EINTR)
			return -errno;
		if (status < 0)
			continue;
		status = receive(link, request, answer);
		if (status != -EAGAIN)
			return status;
		/* Where somebody else waits for the answer, poll(2) above does not. */
		if (clock_now() >= until)
			return -ETIMEDOUT;
	}
	return -ETIMEDOUT;
}

int ipmi_open(struct ipmi_link *link, const char *path)
{
	/* O_RDWR: the driver's commands are all writes to it, whatever they ask. */
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	*link = (struct ipmi_link){ .transact = device_transact,
				    .fd = fd,
				    .end = clock_now() + IPMI_TIME };
	return 0;
}

int ipmi_ask(struct ipmi_link *link, const struct ipmi_request *request,
	     struct ipmi_answer *answer)
{
	int status = 0;

	if (!ipmi_allowed(request))
		return -EPERM;
	if (link->silent >= IPMI_SILENT_MAX)
		return -EHOSTDOWN;
	if (link->end && clock_now() >= link->end)
		return -ETIME;
	for (unsigned i = 0; i <= BUSY_RETRIES; i++) {
		if (i > 0)
			(void)poll(NULL, 0, BUSY_PAUSE_MS);
		*answer = (struct ipmi_answer){ .code = 0xff };
		status = link->transact(link, request, answer);
		if (status || answer->code != IPMI_BUSY)
			break;
	}
	link->silent = status == -ETIMEDOUT ? link->silent + 1 : 0;
	return status;
}
