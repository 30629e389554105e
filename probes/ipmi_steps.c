/* Lines of bee-ipmi, and the steps that are questions in a row: the BMC itself, its event
 * log. */
#include "ipmi_steps.h"

#include <errno.h>
#include <string.h>

#define SEL_TOLD 128     /* of the last records */
#define SEL_WALK_MAX 512 /* when they cannot be found from the end */
#define SEL_STRIDE_MAX 64
#define LAN_MEDIUM 4 /* 802.3 LAN: IPMI 2.0, table 6-3 */
#define CHANNELS 11
#define STATIC_MAX 4 /* IPv6 addresses that are asked for; 255 could be there */
#define DYNAMIC_MAX 8

void ipmi_tell(struct ipmi_session *session, const char *name, unsigned number,
	       const uint8_t *bytes, size_t len)
{
	(void)fprintf(session->out, "%s\t%u\t", name, number);
	for (size_t i = 0; i < len; i++)
		(void)fprintf(session->out, "%02x", bytes[i]);
	(void)fputc('\n', session->out);
	/* The next command may hang: what came before it must be out. */
	(void)fflush(session->out);
}

bool ipmi_tell_failure(struct ipmi_session *session, const char *name, unsigned number,
		       int status, uint8_t code)
{
	const char *why = status ? strerrorname_np(-status) : NULL;

	if (!status && code == IPMI_DONE)
		return true;
	if (status)
		(void)fprintf(session->out, "%s\t%u\t!%s\n", name, number,
			      why ? why : "EUNKNOWN");
	else
		(void)fprintf(session->out, "%s\t%u\t!%02x\n", name, number, code);
	(void)fflush(session->out);
	return false;
}

bool ipmi_tell_answer(struct ipmi_session *session, const char *name, unsigned number,
		      uint8_t netfn, uint8_t cmd, const uint8_t *data, size_t count,
		      struct ipmi_answer *answer)
{
	struct ipmi_request request = { .netfn = netfn,
					.cmd = cmd,
					.len = (uint8_t)count };
	int status;

	if (count > sizeof(request.data))
		return false;
	if (count > 0)
		memcpy(request.data, data, count);
	status = ipmi_ask(session->link, &request, answer);
	if (!ipmi_tell_failure(session, name, number, status, answer->code))
		return false;
	ipmi_tell(session, name, number, answer->data, answer->len);
	return true;
}

bool ipmi_is_over(const struct ipmi_session *session)
{
	const struct ipmi_link *link = session->link;

	return link->silent >= IPMI_SILENT_MAX || (link->end && clock_now() >= link->end);
}

static void tell_lan(struct ipmi_session *session, uint8_t channel)
{
	/* ipmi_link.c lists what may be asked for, and refuses the rest. */
	static const struct {
		uint8_t param;
		const char *name;
	} params[] = {
		{ 3, "lan3" }, { 4, "lan4" },   { 5, "lan5" },
		{ 6, "lan6" }, { 12, "lan12" }, { 20, "lan20" },
	};
	struct ipmi_answer answer;

	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		uint8_t data[] = { channel, params[i].param, 0, 0 };

		(void)ipmi_tell_answer(session, params[i].name, channel, IPMI_TRANSPORT,
				       0x02, data, sizeof(data), &answer);
	}
}

/* Table 23-4, parameter 55: how many sets parameters 56 and 59 have. Older BMCs know none. */
static void tell_lan6(struct ipmi_session *session, uint8_t channel)
{
	static const uint8_t most[] = { STATIC_MAX, DYNAMIC_MAX };
	uint8_t data[] = { channel, 55, 0, 0 };
	struct ipmi_answer status, answer;

	if (!ipmi_tell_answer(session, "lan55", channel, IPMI_TRANSPORT, 0x02, data,
			      sizeof(data), &status) ||
	    status.len < 3)
		return;
	data[1] = 51;
	(void)ipmi_tell_answer(session, "lan51", channel, IPMI_TRANSPORT, 0x02, data,
			       sizeof(data), &answer);
	for (size_t kind = 0; kind < ARRAY_LEN(most); kind++) {
		data[1] = kind ? 59 : 56;
		for (uint8_t set = 0; set < status.data[1 + kind] && set < most[kind];
		     set++) {
			data[2] = set;
			if (!ipmi_tell_answer(session, kind ? "lan59" : "lan56", channel,
					      IPMI_TRANSPORT, 0x02, data, sizeof(data),
					      &answer))
				break;
		}
	}
}

static void tell_channel(struct ipmi_session *session, uint8_t channel)
{
	tell_lan(session, channel);
	tell_lan6(session, channel);
}

void ipmi_step_info(struct ipmi_session *session)
{
	struct ipmi_answer answer;

	(void)ipmi_tell_answer(session, "device-id", 0, IPMI_APP, 0x01, NULL, 0, &answer);
	(void)ipmi_tell_answer(session, "self-test", 0, IPMI_APP, 0x04, NULL, 0, &answer);
	(void)ipmi_tell_answer(session, "guid", 0, IPMI_APP, 0x37, NULL, 0, &answer);
	(void)ipmi_tell_answer(session, "chassis", 0, IPMI_CHASSIS, 0x01, NULL, 0,
			       &answer);
	for (uint8_t channel = 1; channel <= CHANNELS; channel++)
		if (ipmi_tell_answer(session, "channel", channel, IPMI_APP, 0x42,
				     &channel, 1, &answer) &&
		    answer.len >= 2 && (answer.data[1] & 0x7f) == LAN_MEDIUM)
			tell_channel(session, channel);
}

static unsigned le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

/* Get SEL Entry: the whole record, and the id of the next one. */
static int sel_read(struct ipmi_session *session, unsigned id, struct ipmi_answer *answer)
{
	struct ipmi_request request = {
		.netfn = IPMI_STORAGE,
		.cmd = 0x43,
		.len = 6,
		.data = { 0, 0, (uint8_t)id, (uint8_t)(id >> 8), 0, 0xff },
	};
	int status = ipmi_ask(session->link, &request, answer);

	return !status && answer->code == IPMI_DONE && answer->len < 18 ? -EBADMSG
									: status;
}

/*
 * Ids go up by one, or by a record's size on some BMCs: from the first, the last and
 * their number follows where the last ones begin. 0 (the first): cannot be told.
 */
static unsigned sel_start(unsigned first, unsigned last, unsigned count)
{
	unsigned stride;

	if (count <= SEL_TOLD || last <= first || (last - first) % (count - 1) != 0)
		return 0;
	stride = (last - first) / (count - 1);
	return stride <= SEL_STRIDE_MAX ? last - (SEL_TOLD - 1) * stride : 0;
}

void ipmi_step_sel(struct ipmi_session *session)
{
	struct ipmi_answer answer, info;
	unsigned count, first, id, walk = SEL_TOLD;
	int status;

	if (!ipmi_tell_answer(session, "sel-info", 0, IPMI_STORAGE, 0x40, NULL, 0, &info))
		return;
	(void)ipmi_tell_answer(session, "sel-time", 0, IPMI_STORAGE, 0x48, NULL, 0,
			       &answer);
	count = info.len >= 3 ? le16(info.data + 1) : 0;
	if (count == 0)
		return;
	status = sel_read(session, 0x0000, &answer);
	if (!ipmi_tell_failure(session, "sel", 0x0000, status, answer.code))
		return;
	first = le16(answer.data + 2);
	status = sel_read(session, 0xffff, &answer);
	id = status || answer.code ? 0 : sel_start(first, le16(answer.data + 2), count);
	if (id > 0 && (sel_read(session, id, &answer) || answer.code != IPMI_DONE))
		id = 0;
	if (id == 0)
		walk = SEL_WALK_MAX;
	for (unsigned i = 0; i < walk; i++) {
		status = sel_read(session, id, &answer);
		if (!ipmi_tell_failure(session, "sel", id, status, answer.code))
			return;
		ipmi_tell(session, "sel", le16(answer.data + 2), answer.data + 2, 16);
		if (le16(answer.data) == 0xffff || le16(answer.data) == id)
			return;
		id = le16(answer.data);
	}
}
