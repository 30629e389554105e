/* bee-ipmi against a BMC of memory: what may be sent, stores read in pieces, walks that
 * end. */
#include "ipmi_steps.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bmc {
	struct ipmi_link link; /* first: transact gets a pointer to it */
	uint8_t fru[512];
	size_t fru_size;
	uint8_t words;    /* FRU by words */
	uint8_t most;     /* bytes it gives at once */
	unsigned records; /* of the repository, ids 0, 1, ... */
	bool loop;        /* the last record points at the first */
	unsigned lost;    /* reservations it still cancels */
	bool mute;
	unsigned busy; /* times it still says so */
	uint16_t sel_count, sel_stride;
	uint8_t statics, dynamics; /* IPv6 addresses there can be */
	unsigned asked;
};

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* Records 0 and 1 locate FRUs 7 and 255 (none); the others are sensors of many bytes. */
static size_t record(unsigned id, uint8_t *out)
{
	uint8_t bytes[64] = { 0, 0, 0x51, 0x01, 59, 0x20, 0, (uint8_t)id };

	if (id < 2) {
		bytes[3] = 0x11;
		bytes[4] = 11;
		bytes[6] = id ? 255 : 7;
		bytes[7] = 0x80;
	}
	put16(bytes, id);
	memcpy(out, bytes, sizeof(bytes));
	return 5u + bytes[4];
}

static void get_sdr(struct bmc *bmc, const struct ipmi_request *q, struct ipmi_answer *a)
{
	unsigned id = q->data[2] | (unsigned)q->data[3] << 8;
	uint8_t bytes[64];
	size_t size = record(id, bytes), offset = q->data[4], count = q->data[5];

	if (id >= bmc->records)
		a->code = IPMI_NOT_THERE;
	else if (count > bmc->most)
		a->code = IPMI_CANNOT_RETURN;
	else if (offset > 0 && bmc->lost > 0 && bmc->lost--)
		a->code = IPMI_RESERVATION_LOST;
	else {
		CHECK(offset + count <= size);
		put16(a->data, id + 1 < bmc->records ? id + 1 : bmc->loop ? 1 : 0xffff);
		memcpy(a->data + 2, bytes + offset, count);
		a->len = 2 + count;
	}
}

static void read_fru(struct bmc *bmc, const struct ipmi_request *q, struct ipmi_answer *a)
{
	size_t unit = bmc->words ? 2 : 1;
	size_t offset = unit * (q->data[1] | (size_t)q->data[2] << 8);
	size_t count = unit * q->data[3];

	if (q->data[0] != 0) {
		a->code = IPMI_NOT_THERE;
	} else if (count > bmc->most) {
		a->code = IPMI_TOO_LONG;
	} else {
		CHECK(offset + count <= bmc->fru_size + 1);
		a->data[0] = (uint8_t)(count / unit);
		memcpy(a->data + 1, bmc->fru + offset, count);
		a->len = 1 + count;
	}
}

static void get_sel(const struct bmc *bmc, const struct ipmi_request *q,
		    struct ipmi_answer *a)
{
	unsigned id = q->data[2] | (unsigned)q->data[3] << 8;
	unsigned last = 1u + (bmc->sel_count - 1u) * bmc->sel_stride;

	id = id == 0 ? 1 : id == 0xffff ? last : id;
	if (id > last || (id - 1) % bmc->sel_stride != 0) {
		a->code = IPMI_NOT_THERE;
		return;
	}
	put16(a->data, id == last ? 0xffff : id + bmc->sel_stride);
	put16(a->data + 2, id);
	a->len = 18;
}

/* IPMI 2.0, table 23-4: parameter 55 says how many sets 56 and 59 have; 80h: no such one. */
static void get_lan(const struct bmc *bmc, const struct ipmi_request *q,
		    struct ipmi_answer *a)
{
	a->len = 4;
	if (q->data[1] < 50)
		return;
	if (bmc->statics + bmc->dynamics == 0) {
		a->code = 0x80;
		return;
	}
	memset(a->data, 0, 21);
	a->data[0] = 0x11;
	if (q->data[1] == 55) {
		a->data[1] = bmc->statics;
		a->data[2] = bmc->dynamics;
	} else if (q->data[1] > 55) {
		CHECK(q->data[2] < (q->data[1] == 56 ? bmc->statics : bmc->dynamics));
		a->data[1] = q->data[2];
		a->len = 21;
	}
}

static int transact(struct ipmi_link *link, const struct ipmi_request *q,
		    struct ipmi_answer *a)
{
	struct bmc *bmc = (struct bmc *)link;

	bmc->asked++;
	CHECK(bmc->asked < 20000);
	if (bmc->mute)
		return -ETIMEDOUT;
	a->code = IPMI_DONE;
	if (bmc->busy > 0 && bmc->busy--) {
		a->code = IPMI_BUSY;
		return 0;
	}
	switch (q->netfn << 8 | q->cmd) {
	case 0x0a10:
		put16(a->data, (unsigned)bmc->fru_size);
		a->data[2] = bmc->words;
		a->len = 3;
		if (q->data[0] != 0)
			a->code = IPMI_NOT_THERE;
		break;
	case 0x0a11:
		read_fru(bmc, q, a);
		break;
	case 0x0a22:
		a->len = 2;
		break;
	case 0x0a23:
		get_sdr(bmc, q, a);
		break;
	case 0x0a40:
		put16(a->data + 1, bmc->sel_count);
		a->len = 14;
		break;
	case 0x0a43:
		get_sel(bmc, q, a);
		break;
	case 0x042d:
		a->len = 3;
		break;
	case 0x0c02:
		get_lan(bmc, q, a);
		break;
	case 0x0642:
		a->data[1] = q->data[0] == 1 ? 4 : 1;
		a->len = 9;
		break;
	default:
		a->len = 4;
	}
	return 0;
}

static char *run(struct bmc *bmc, void (*step)(struct ipmi_session *session))
{
	struct ipmi_session session = { .link = &bmc->link };
	char *text = NULL;
	size_t size = 0;

	bmc->link.transact = transact;
	if (bmc->most == 0)
		bmc->most = 200;
	session.out = open_memstream(&text, &size);
	CHECK(session.out != NULL);
	step(&session);
	CHECK_INT(fclose(session.out), 0);
	return text;
}

static unsigned lines(const char *text, const char *prefix)
{
	unsigned count = 0;

	for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at != NULL)
		count += !strncmp(at, prefix, strlen(prefix));
	return count;
}

static void allow_list(void)
{
	static const unsigned names[] = { 0x0001, 0x042d, 0x0601, 0x0604, 0x0637,
					  0x0642, 0x0a10, 0x0a11, 0x0a20, 0x0a22,
					  0x0a23, 0x0a40, 0x0a43, 0x0a48 };
	static const uint8_t params[] = { 3, 4, 5, 6, 12, 20, 51, 55, 56, 59 };
	unsigned good = 0;

	for (unsigned netfn = 0; netfn < 256; netfn++)
		for (unsigned cmd = 0; cmd < 256; cmd++) {
			struct ipmi_request q = { .netfn = (uint8_t)netfn,
						  .cmd = (uint8_t)cmd,
						  .len = 4,
						  .data = { 1, 16, 0, 0 } };
			bool listed = false;

			for (size_t i = 0; i < ARRAY_LEN(names); i++)
				listed |= names[i] == (netfn << 8 | cmd);
			if (ipmi_allowed(&q) != listed)
				tap_fail(__FILE__, __LINE__, "%02x %02x", netfn, cmd);
		}
	for (unsigned param = 0; param < 256; param++) {
		struct ipmi_request q = { .netfn = 0x0c,
					  .cmd = 0x02,
					  .len = 4,
					  .data = { 1, (uint8_t)param } };

		if (ipmi_allowed(&q)) {
			CHECK(memchr(params, (int)param, sizeof(params)) != NULL);
			good++;
		}
		q.len = 1;
		CHECK(!ipmi_allowed(&q));
	}
	CHECK_INT(good, sizeof(params));
}

static void refused(void)
{
	struct bmc bmc = { .most = 1 };
	struct ipmi_request q = { .netfn = 0x0a, .cmd = 0x12 }; /* Write FRU Data */
	struct ipmi_answer a;

	bmc.link.transact = transact;
	CHECK_INT(ipmi_ask(&bmc.link, &q, &a), -EPERM);
	CHECK_INT(bmc.asked, 0);
}

static void fru_pieces(void)
{
	static const uint8_t most[] = { 200, 32, 20, 8 };

	for (size_t i = 0; i < 2 * ARRAY_LEN(most); i++) {
		struct bmc bmc = { .fru = { 1, 0, 0, 2, 0, 4, 0, 0 }, .fru_size = 511 };
		AUTO_FREE char *text = NULL;
		char wanted[256];
		size_t n = 0;

		bmc.words = i >= ARRAY_LEN(most);
		bmc.most = most[i % ARRAY_LEN(most)];
		bmc.fru[16] = 1;
		bmc.fru[17] = 2;
		/* Two multirecords, of 3 and 6 bytes; the second is the last. */
		bmc.fru[34] = 3;
		bmc.fru[41] = 0x80;
		bmc.fru[42] = 6;
		n += (size_t)sprintf(wanted, "fru\t0\t");
		for (size_t k = 0; k < 51; k++)
			n += (size_t)sprintf(wanted + n, "%02x", bmc.fru[k]);
		text = run(&bmc, ipmi_step_fru);
		CHECK(strstr(text, wanted) != NULL);
		CHECK_INT(lines(text, "fru\t0\t!"), 0);
	}
}

static void fru_list(void)
{
	struct bmc bmc = { .fru_size = 8, .records = 40, .most = 16 };
	AUTO_FREE char *text = run(&bmc, ipmi_step_fru);

	CHECK_INT(lines(text, "sdr\t"), 2);
	CHECK(strstr(text, "\nfru-info\t7\t!cb\n") != NULL);
	CHECK_INT(lines(text, "fru-info\t255"), 0);
}

static void sensors(void)
{
	struct bmc bmc = { .records = 40, .most = 20, .lost = 3 };
	AUTO_FREE char *text = run(&bmc, ipmi_step_sdr);

	CHECK_INT(lines(text, "sdr\t"), 40);
	CHECK_INT(lines(text, "reading\t"), 38);
	CHECK(!strchr(text, '!'));
}

static void endless(void)
{
	struct bmc bmc = { .records = 10, .loop = true };
	AUTO_FREE char *text = run(&bmc, ipmi_step_fru);

	CHECK(strstr(text, "!ELOOP\n") != NULL);
}

static void reservations(void)
{
	struct bmc bmc = { .records = 10, .lost = UINT32_MAX };
	AUTO_FREE char *text = run(&bmc, ipmi_step_sdr);

	CHECK_INT(lines(text, "sdr\t0\t!c5"), 1);
}

static void silent(void)
{
	struct bmc bmc = { .mute = true };
	AUTO_FREE char *text = run(&bmc, ipmi_step_info);

	CHECK_INT(bmc.asked, 3);
	CHECK_INT(lines(text, "chassis\t0\t!EHOSTDOWN"), 1);
}

/* A BMC that answers each question only just in time has thousands of records to give. */
static void out_of_time(void)
{
	static void (*const steps[])(struct ipmi_session *) = {
		ipmi_step_fru, ipmi_step_info, ipmi_step_sdr, ipmi_step_sel
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct bmc bmc = { .records = 10, .link.end = clock_now() };
		AUTO_FREE char *text = run(&bmc, steps[i]);

		CHECK_INT(bmc.asked, 0);
		CHECK(strstr(text, "\t!ETIME\n") != NULL);
	}
}

static void busy(void)
{
	struct bmc bmc = { .busy = 3 };
	AUTO_FREE char *text = run(&bmc, ipmi_step_info);

	CHECK_INT(lines(text, "device-id\t0\t00000000\n"), 1);
	CHECK_INT(lines(text, "lan"), 7);
	CHECK_INT(lines(text, "lan55\t1\t!80\n"), 1);
}

static void addresses6(void)
{
	struct bmc few = { .statics = 1, .dynamics = 2 };
	struct bmc many = { .statics = 255, .dynamics = 255 };
	AUTO_FREE char *text = run(&few, ipmi_step_info);
	AUTO_FREE char *more = run(&many, ipmi_step_info);

	CHECK_INT(lines(text, "lan51\t1\t11"), 1);
	CHECK_INT(lines(text, "lan56\t1\t1100"), 1);
	CHECK_INT(lines(text, "lan59\t1\t1101"), 1);
	CHECK_INT(lines(text, "lan59"), 2);
	CHECK_INT(lines(more, "lan56"), 4);
	CHECK_INT(lines(more, "lan59"), 8);
}

static void last_events(void)
{
	static const struct {
		uint16_t count, stride, told;
		const char *first;
	} logs[] = {
		{ 1, 1, 1, "sel\t1\t" },        { 128, 1, 128, "sel\t1\t" },
		{ 1000, 1, 128, "sel\t873\t" }, { 1000, 20, 128, "sel\t17441\t" },
		{ 600, 100, 512, "sel\t1\t" },
	};

	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		struct bmc bmc = { .sel_count = logs[i].count,
				   .sel_stride = logs[i].stride };
		AUTO_FREE char *text = run(&bmc, ipmi_step_sel);

		CHECK_INT(lines(text, "sel\t"), logs[i].told);
		CHECK_INT(lines(text, logs[i].first), 1);
	}
}

static void extents(void)
{
	uint8_t bytes[64] = { 1, 0, 0, 0, 0, 1 };

	memset(bytes + 8, 0xff, sizeof(bytes) - 8);
	bytes[9] = 0;
	CHECK_INT(ipmi_fru_extent(bytes, 0, 0), 0);
	CHECK_INT(ipmi_fru_extent(bytes, 0, 3), 3);
	CHECK_INT(ipmi_fru_extent(bytes, 8, 64), 13);
	CHECK_INT(ipmi_fru_extent(bytes, 13, 64), 64);
	CHECK_INT(ipmi_fru_extent(bytes, 64, 64), 64);
	bytes[0] = 0xff;
	CHECK_INT(ipmi_fru_extent(bytes, 64, 64), 8);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "of all commands only the listed ones can be sent", allow_list, 0 },
		{ "one that is not listed does not reach the transport", refused, 0 },
		{ "a FRU is read in pieces the BMC takes, as far as its areas go",
		  fru_pieces, 0 },
		{ "FRUs are those of the locators", fru_list, 0 },
		{ "every sensor is told and read", sensors, 0 },
		{ "a repository that goes round ends", endless, 0 },
		{ "a reservation that is always lost ends the record", reservations, 0 },
		{ "a BMC that does not answer is given up after three questions", silent,
		  0 },
		{ "a BMC is asked nothing once the time is up", out_of_time, 0 },
		{ "a busy BMC is asked again", busy, 0 },
		{ "the last events are found from the end", last_events, 0 },
		{ "a FRU's extent follows its header and never leaves it", extents, 0 },
		{ "a BMC's IPv6 addresses are asked for, and no more than a few",
		  addresses6, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
