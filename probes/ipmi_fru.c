/* The steps that read stores piece by piece: sensor data records, readings, FRUs. */
#include "ipmi_steps.h"

#include <errno.h>
#include <string.h>

#define SDR_MAX 4096     /* records of a repository */
#define SDR_SIZE_MAX 260 /* header and 255 bytes */
#define SDR_CHUNK 64
#define FRU_SIZE_MAX 16384 /* bytes told of a FRU */
#define FRU_CHUNK 32
#define CHUNK_MIN 8
#define RESERVATIONS_MAX 8 /* in one walk: somebody else is writing the repository */

static unsigned le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

/* Codes that mean "not so much at once": the next question asks for half. */
static bool too_much(uint8_t code, uint8_t *chunk)
{
	if ((code != IPMI_CANNOT_RETURN && code != IPMI_BAD_LENGTH &&
	     code != IPMI_TOO_LONG) ||
	    *chunk <= CHUNK_MIN)
		return false;
	*chunk = *chunk / 2 < CHUNK_MIN ? CHUNK_MIN : *chunk / 2;
	return true;
}

/* Reading a record in parts needs a reservation; one without reservations takes 0. */
static void reserve(struct ipmi_session *session)
{
	struct ipmi_request request = { .netfn = IPMI_STORAGE, .cmd = 0x22 };
	struct ipmi_answer answer;

	session->reservation = 0;
	if (!ipmi_ask(session->link, &request, &answer) && answer.code == IPMI_DONE &&
	    answer.len >= 2)
		session->reservation = (uint16_t)le16(answer.data);
}

struct sdr_walk {
	unsigned reservations; /* that may still be made */
	uint8_t record[SDR_SIZE_MAX];
	unsigned next;
	uint8_t code;
};

/* `count` bytes of a record from `offset`, into their place. 0 with a code, or -errno. */
static int sdr_part(struct ipmi_session *session, struct sdr_walk *walk, unsigned id,
		    uint8_t offset, uint8_t count)
{
	struct ipmi_answer answer;
	int status;

	for (;;) {
		struct ipmi_request request = {
			.netfn = IPMI_STORAGE,
			.cmd = 0x23,
			.len = 6,
			.data = { (uint8_t)session->reservation,
				  (uint8_t)(session->reservation >> 8), (uint8_t)id,
				  (uint8_t)(id >> 8), offset, count },
		};

		status = ipmi_ask(session->link, &request, &answer);
		walk->code = answer.code;
		if (status || answer.code != IPMI_RESERVATION_LOST ||
		    walk->reservations == 0)
			break;
		walk->reservations--;
		reserve(session);
	}
	if (status || answer.code != IPMI_DONE)
		return status;
	if (answer.len != 2u + count)
		return -EBADMSG;
	walk->next = le16(answer.data);
	memcpy(walk->record + offset, answer.data + 2, count);
	return 0;
}

/* The rest of a record whose header is there. */
static int sdr_rest(struct ipmi_session *session, struct sdr_walk *walk, unsigned id)
{
	unsigned size = 5u + walk->record[4], have = 5;

	while (have < size) {
		uint8_t count = session->sdr_chunk;
		int status;

		if (count > size - have)
			count = (uint8_t)(size - have);
		/* An offset is one byte: what is behind cannot be asked for. */
		if (have > 255)
			return -EMSGSIZE;
		status = sdr_part(session, walk, id, (uint8_t)have, count);
		if (status)
			return status;
		if (walk->code == IPMI_DONE)
			have += count;
		else if (!too_much(walk->code, &session->sdr_chunk))
			return 0;
	}
	return 0;
}

/*
 * Walks the SDR repository. `all`: every record is told, else FRU device locators alone.
 * `each` is called with every record told, its length and `arg`.
 */
static void sdr_walk(struct ipmi_session *session, bool all,
		     void (*each)(const uint8_t *record, size_t len, void *arg),
		     void *arg)
{
	struct sdr_walk walk = { .reservations = RESERVATIONS_MAX };
	unsigned id = 0;

	session->sdr_chunk = SDR_CHUNK;
	reserve(session);
	for (unsigned i = 0; i < SDR_MAX; i++) {
		int status = sdr_part(session, &walk, id, 0, 5);
		unsigned next = walk.next;

		if (!ipmi_tell_failure(session, "sdr", id, status, walk.code))
			return;
		if (all || walk.record[3] == 0x11) {
			unsigned own = le16(walk.record);

			status = sdr_rest(session, &walk, id);
			if (ipmi_tell_failure(session, "sdr", own, status, walk.code)) {
				ipmi_tell(session, "sdr", own, walk.record,
					  5u + walk.record[4]);
				each(walk.record, 5u + walk.record[4], arg);
			}
		}
		if (next == 0xffff || ipmi_is_over(session))
			return;
		if (next == id)
			break;
		id = next;
	}
	(void)ipmi_tell_failure(session, "sdr", id, -ELOOP, 0);
}

static void more(size_t *need, size_t at, size_t size)
{
	if (at > size)
		at = size;
	if (at > *need)
		*need = at;
}

/* FRU 1.0 rev 1.3, chapters 8 (header), 10 to 12 (areas), 16 (multirecords). */
size_t ipmi_fru_extent(const uint8_t *bytes, size_t have, size_t size)
{
	size_t need = 0;

	more(&need, 8, size);
	if (have < 8 || (bytes[0] & 0x0f) != 1)
		return need;
	for (size_t area = 2; area <= 4; area++) {
		size_t at = 8u * bytes[area];

		if (at == 0)
			continue;
		more(&need, at + 2, size);
		if (at + 1 < have)
			more(&need, at + 8u * bytes[at + 1], size);
	}
	if (bytes[5] == 0)
		return need;
	for (size_t at = 8u * bytes[5];; at += 5u + bytes[at + 2]) {
		more(&need, at + 5, size);
		if (at + 4 >= have)
			return need;
		more(&need, at + 5u + bytes[at + 2], size);
		if (bytes[at + 1] & 0x80)
			return need;
	}
}

static void fru_read(struct ipmi_session *session, uint8_t id)
{
	static uint8_t bytes[FRU_SIZE_MAX];
	struct ipmi_answer answer;
	size_t size, have = 0, unit;
	int status = 0;

	if (!ipmi_tell_answer(session, "fru-info", id, IPMI_STORAGE, 0x10, &id, 1,
			      &answer))
		return;
	if (answer.len < 3) {
		(void)ipmi_tell_failure(session, "fru", id, -EBADMSG, 0);
		return;
	}
	size = le16(answer.data);
	unit = answer.data[2] & 1 ? 2 : 1; /* offsets and counts in words */
	if (size > sizeof(bytes))
		size = sizeof(bytes);
	while (have < ipmi_fru_extent(bytes, have, size)) {
		size_t count = session->fru_chunk, offset = have / unit, got;
		struct ipmi_request request = { .netfn = IPMI_STORAGE,
						.cmd = 0x11,
						.len = 4 };

		if (count > size - have)
			count = size - have;
		request.data[0] = id;
		request.data[1] = (uint8_t)offset;
		request.data[2] = (uint8_t)(offset >> 8);
		request.data[3] = (uint8_t)((count + unit - 1) / unit);
		status = ipmi_ask(session->link, &request, &answer);
		if (status)
			break;
		if (answer.code != IPMI_DONE) {
			if (too_much(answer.code, &session->fru_chunk))
				continue;
			break;
		}
		got = answer.len > 0 ? answer.data[0] * unit : 0;
		if (got == 0 || got > answer.len - 1 || got > count + unit - 1) {
			status = -EBADMSG;
			break;
		}
		if (got > size - have)
			got = size - have;
		memcpy(bytes + have, answer.data + 1, got);
		have += got;
	}
	if (have > 0 || (!status && answer.code == IPMI_DONE))
		ipmi_tell(session, "fru", id, bytes, have);
	(void)ipmi_tell_failure(session, "fru", id, status, answer.code);
}

/* IPMI 2.0, 43.8: a FRU behind FRU commands (logical) of the BMC itself at 20h, LUN 0. */
static void fru_note(const uint8_t *record, size_t len, void *arg)
{
	bool *wanted = arg;

	if (len >= 9 && record[3] == 0x11 && record[5] == 0x20 &&
	    (record[7] & 0x98) == 0x80)
		wanted[record[6]] = true;
}

void ipmi_step_fru(struct ipmi_session *session)
{
	bool wanted[256] = { false };

	session->fru_chunk = FRU_CHUNK;
	/* FRU 0 is the BMC's own, and needs no record; FFh stands for none. */
	fru_read(session, 0);
	sdr_walk(session, false, fru_note, wanted);
	for (unsigned id = 1; id < 255 && !ipmi_is_over(session); id++)
		if (wanted[id])
			fru_read(session, (uint8_t)id);
}

/* Sensor readings are asked for once every record is told: they can be slow, or fail. */
struct sensors {
	struct {
		uint16_t record;
		uint8_t number, lun;
	} list[SDR_MAX];
	unsigned count;
};

/* Full and compact sensor records (43.1, 43.2) of the BMC's own sensors. */
static void sensor_note(const uint8_t *record, size_t len, void *arg)
{
	struct sensors *sensors = arg;

	if (len < 8 || (record[3] != 0x01 && record[3] != 0x02) || record[5] != 0x20 ||
	    (record[6] & 0xf0) != 0 || sensors->count == SDR_MAX)
		return;
	sensors->list[sensors->count].record = (uint16_t)le16(record);
	sensors->list[sensors->count].lun = record[6] & 3;
	sensors->list[sensors->count].number = record[7];
	sensors->count++;
}

void ipmi_step_sdr(struct ipmi_session *session)
{
	static struct sensors sensors;
	struct ipmi_answer answer;

	sensors.count = 0;
	(void)ipmi_tell_answer(session, "sdr-info", 0, IPMI_STORAGE, 0x20, NULL, 0,
			       &answer);
	sdr_walk(session, true, sensor_note, &sensors);
	for (unsigned i = 0; i < sensors.count && !ipmi_is_over(session); i++) {
		struct ipmi_request request = {
			.netfn = IPMI_SENSOR,
			.lun = sensors.list[i].lun,
			.cmd = 0x2d,
			.len = 1,
			.data = { sensors.list[i].number },
		};
		unsigned record = sensors.list[i].record;
		int status = ipmi_ask(session->link, &request, &answer);

		if (ipmi_tell_failure(session, "reading", record, status, answer.code))
			ipmi_tell(session, "reading", record, answer.data, answer.len);
	}
}
