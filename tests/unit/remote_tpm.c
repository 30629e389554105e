/*
 * What is believed of a TPM's replies. Those here are swtpm 0.7.1's, to the commands beside them: a key and a signature
 * that openssl has verified.
 */
#include "tap.h"
#include "tpm_floor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY_REPLY                                                                        \
	"80020000013800000000800000000000012100580023000b00040472000000100018000b000300" \
	"10002032908803fb50c7ab20e0ff517efc97b5751c1621b4724efa5a91d842114e34a3002060cc" \
	"9eed015af4a63ca0bc827bad0ad201c973b93d6653163eba3c79f0b82d9c0037000000000020e3" \
	"b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550100100004400000" \
	"01000440000001000000205da041bac0ee3135aebb0cadfba497c6a1877fae832dd3d1f8f7a871" \
	"b825e85480214000000100400aced537ef30de912f296f6e770cd82b915135a5a84d37e6382428" \
	"c7d79189bd66597e1b95814979163d86b335f86d5b2aa328dc5fc04c2464eb3005391cadf50022" \
	"000b43bd3d5e53320fc99977b2dd5980d8f166f44a44a8a1469c9434fd9db872f1c00000010000"
#define POINT                                                                            \
	"32908803fb50c7ab20e0ff517efc97b5751c1621b4724efa5a91d842114e34a360cc9eed015af4" \
	"a63ca0bc827bad0ad201c973b93d6653163eba3c79f0b82d9c"
#define CREATE                                                                           \
	"800200000081000001314000000100000009400000090000000000000400000000005800"       \
	"23000b00040472000000100018000b000300100020626565207265717565737400000000"       \
	"000000000000000000000000000000000000200000000000000000000000000000000000"       \
	"000000000000000000000000000000000000000000"
#define SIGN_REPLY                                                                       \
	"80020000005b00000000000000480018000b002072c40f2b729aa8d865978265a4e05c57626f12" \
	"2bdcfbe3b6ef1e2a6f27a6d4fd0020ea929c7c790d505979592c88242c398a4179320a60b6ad1f" \
	"6948a630040e16b20000010000"
#define SIGNATURE                                                                        \
	"72c40f2b729aa8d865978265a4e05c57626f122bdcfbe3b6ef1e2a6f27a6d4fdea929c7c790d50" \
	"5979592c88242c398a4179320a60b6ad1f6948a630040e16b2"
#define SIGN                                                                             \
	"8002000000470000015d8000000000000009400000090000000000002001000000000000"       \
	"0000000000000000000000000000000000000000000000000000108024400000070000"
#define FLOOR                                                                            \
	"01010102030405060708abababababababababababababababababababababababababababab"   \
	"abababab"
#define FLOOR_READ                                                                       \
	"8002000000230000014e40000001018bee0400000009400000090000000000002a0000"
#define FLOOR_READ_REPLY "80020000003f000000000000002c002a" FLOOR "0000010000"
#define FLOOR_WRITE                                                                      \
	"80020000004d0000013740000001018bee0400000009400000090000000000002a" FLOOR "000" \
	"0"
#define FLOOR_DEFINE                                                                     \
	"80020000002d0000012a40000001000000094000000900000000000000000e018bee04000b0202" \
	"00020000002a"
#define DONE "80020000001300000000000000000000010000"
#define UNKNOWN "80010000000a0000028b"
#define UNWRITTEN "80010000000a0000014a"
#define NO_ROOM "80010000000a0000014b"
/* Where in the replies what is. */
enum { AT_SIZE = 2, AT_X = 42, AT_Y = 76, AT_R = 20, AT_S = 54 };

struct bin {
	unsigned char at[1024];
	size_t len;
};

static struct bin bin(const char *hex)
{
	struct bin out = { .len = 0 };

	for (; *hex; hex += 2) {
		uint64_t byte = 0;

		for (unsigned i = 0; i < 2; i++)
			byte = byte << 4 | (unsigned)(strchr("0123456789abcdef", hex[i]) -
						      "0123456789abcdef");
		out.at[out.len++] = (unsigned char)byte;
	}
	return out;
}

static bool is(const unsigned char *bytes, const char *hex)
{
	struct bin wanted = bin(hex);

	return !memcmp(bytes, wanted.at, wanted.len);
}

/* The size in a header is the reply's own again. */
static void size_mend(struct bin *reply)
{
	reply->at[AT_SIZE + 2] = (unsigned char)(reply->len >> 8);
	reply->at[AT_SIZE + 3] = (unsigned char)reply->len;
}

static int read_it(bool key, const struct bin *reply, unsigned char out[64])
{
	struct tpm_key read = { 0, { 0 } };
	int error = key ? tpm_key_read(reply->at, reply->len, &read)
			: tpm_signature_read(reply->at, reply->len, out);

	if (key)
		memcpy(out, read.point, 64);
	return error;
}

static void whole(void)
{
	struct bin key = bin(KEY_REPLY), signature = bin(SIGN_REPLY);
	struct tpm_key read;
	unsigned char out[64];

	CHECK(!tpm_key_read(key.at, key.len, &read));
	CHECK(read.handle == 0x80000000u && is(read.point, POINT));
	CHECK(!tpm_signature_read(signature.at, signature.len, out) &&
	      is(out, SIGNATURE));
	/* One for the other. */
	CHECK(tpm_key_read(signature.at, signature.len, &read));
	CHECK(tpm_signature_read(key.at, key.len, out));
}

/* Up to what is read of it; behind that are things that nobody asked for. */
static void shorter(void)
{
	static const struct {
		const char *hex;
		bool key;
		size_t read; /* bytes */
	} rows[] = { { KEY_REPLY, true, AT_Y + 32 }, { SIGN_REPLY, false, AT_S + 32 } };
	unsigned char out[64];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t len = 0; len < rows[i].read; len++) {
			struct bin reply = bin(rows[i].hex);

			reply.len = len;
			CHECK(read_it(rows[i].key, &reply, out));
			if (len >= AT_SIZE + 4)
				size_mend(&reply);
			if (!read_it(rows[i].key, &reply, out))
				tap_fail(__FILE__, __LINE__, "%zu bytes are a reply",
					 len);
		}
}

/* Each bit of what makes a key the one that was asked for; of the numbers any may come. */
static void other(void)
{
	for (size_t i = 0; i < AT_X; i++) {
		bool free = (i >= 10 && i < 20); /* handle, sizes of what follows */
		struct bin reply = bin(KEY_REPLY);
		unsigned char out[64];

		reply.at[i] ^= 1;
		if (!read_it(true, &reply, out) != free)
			tap_fail(__FILE__, __LINE__, "byte %zu is %s", i,
				 free ? "not free" : "not looked at");
	}
	for (size_t i = 0; i < AT_R; i++) {
		bool free = i >= 10 && i < 14;
		struct bin reply = bin(SIGN_REPLY);
		unsigned char out[64];

		reply.at[i] ^= 1;
		if (!read_it(false, &reply, out) != free)
			tap_fail(__FILE__, __LINE__, "byte %zu is %s", i,
				 free ? "not free" : "not looked at");
	}
}

/* Numbers without their first zeros, as some TPMs have them; none, and longer ones, are no number. */
static void numbers(void)
{
	for (size_t len = 0; len <= 34; len++) {
		struct bin reply = bin(SIGN_REPLY), from = reply;
		unsigned char out[64];
		size_t rest = from.len - (AT_S - 2);

		reply.at[AT_R - 1] = (unsigned char)len;
		memset(reply.at + AT_R, 0x55, len);
		memcpy(reply.at + AT_R + len, from.at + AT_S - 2, rest);
		reply.len = AT_R + len + rest;
		size_mend(&reply);
		if (!read_it(false, &reply, out) != (len >= 1 && len <= 32))
			tap_fail(__FILE__, __LINE__, "a number of %zu bytes", len);
		if (len >= 1 && len < 32)
			CHECK(out[31 - len] == 0 && out[32 - len] == 0x55);
	}
}

/* What a TPM is asked, and answers in one piece or in two. */
static struct said asked(const char *reply, size_t first, struct bin *command,
			 struct tpm_key *key, unsigned char signature[64], int *error)
{
	struct bin bytes = bin(reply);
	struct said said = { "" };
	int ends[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	CHECK(write(ends[1], bytes.at, first) == (ssize_t)first);
	if (first < bytes.len)
		CHECK(write(ends[1], bytes.at + first, bytes.len - first) > 0);
	CHECK(!shutdown(ends[1], SHUT_WR));
	*error = signature ? tpm_sign(ends[0], key, (unsigned char[32]){ 1 }, signature,
				      &said)
			   : tpm_key_make(ends[0], key, &said);
	command->len = (size_t)read(ends[1], command->at, sizeof(command->at));
	close(ends[0]);
	close(ends[1]);
	return said;
}

static void commands(void)
{
	struct bin command, wanted = bin(CREATE), sign = bin(SIGN);
	struct tpm_key key;
	unsigned char signature[64];
	int error;

	(void)asked(KEY_REPLY, strlen(KEY_REPLY) / 2, &command, &key, NULL, &error);
	CHECK(!error && is(key.point, POINT));
	CHECK(command.len == wanted.len && is(command.at, CREATE));
	(void)asked(SIGN_REPLY, 7, &command, &key, signature, &error);
	CHECK(!error && is(signature, SIGNATURE));
	CHECK(command.len == sign.len && is(command.at, SIGN));
}

static void refused(void)
{
	static const struct {
		const char *reply, *words;
	} rows[] = {
		{ "80010000000a000009a2", "TPM: it refuses, code 0x9a2" },
		{ "8001", "TPM: no reply" },
		{ "80010000000b00000000", "TPM: no reply" },
		{ "80010000000900000000", "TPM: a reply of no length that it may have" },
		{ "8001000000000000000000",
		  "TPM: a reply of no length that it may have" },
		{ "80010000000a0000000000",
		  "TPM: a reply of no length that it may have" },
		{ "8001ffffffff00000000", "TPM: a reply of no length that it may have" },
		{ "80010000000a00000000",
		  "TPM: it has made another key than it was asked for" },
		/* "Later", and then nothing more. */
		{ "80010000000a00000922", "TPM: no reply" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tpm_key key;
		struct bin command;
		int error;
		struct said said = asked(rows[i].reply, strlen(rows[i].reply) / 2,
					 &command, &key, NULL, &error);

		CHECK(error);
		CHECK_STR(said.text, rows[i].words);
	}
}

/* What is asked, one after the other, of a TPM with these replies; written or read. */
static int floor_asked(const char *const replies[3], const char *const commands[3],
		       bool write_it, struct tpm_floor *floor, struct said *said)
{
	int ends[2], error;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	for (unsigned i = 0; i < 3 && replies[i]; i++) {
		struct bin reply = bin(replies[i]);

		CHECK(write(ends[1], reply.at, reply.len) == (ssize_t)reply.len);
	}
	CHECK(!shutdown(ends[1], SHUT_WR));
	error = write_it ? tpm_floor_write(ends[0], floor, said)
			 : tpm_floor_read(ends[0], floor, said);
	CHECK(!shutdown(ends[0], SHUT_WR));
	for (unsigned i = 0; i < 3; i++) {
		struct bin command = { .len = 0 };

		command.len = (size_t)read(ends[1], command.at, sizeof(command.at));
		CHECK(commands[i] ? command.len == strlen(commands[i]) / 2 &&
					    is(command.at, commands[i])
				  : !command.len);
	}
	close(ends[0]);
	close(ends[1]);
	return error;
}

static struct tpm_floor floor_of(uint64_t sequence, bool done, unsigned char byte)
{
	struct tpm_floor floor = { .sequence = sequence, .done = done };

	memset(floor.order, byte, sizeof(floor.order));
	return floor;
}

static void floors(void)
{
	static const struct {
		bool write;
		const char *replies[3], *commands[3], *words;
	} rows[] = {
		{ false, { FLOOR_READ_REPLY }, { FLOOR_READ }, "" },
		{ false, { UNKNOWN }, { FLOOR_READ }, "" },
		{ false, { UNWRITTEN }, { FLOOR_READ }, "" },
		{ false, { NO_ROOM }, { FLOOR_READ }, "TPM: it refuses, code 0x14b" },
		{ false,
		  { DONE },
		  { FLOOR_READ },
		  "TPM: its index 0x18bee04 is somebody else's" },
		{ true, { DONE }, { FLOOR_WRITE }, "" },
		{ true,
		  { UNKNOWN, DONE, DONE },
		  { FLOOR_WRITE, FLOOR_DEFINE, FLOOR_WRITE },
		  "" },
		{ true,
		  { UNKNOWN, NO_ROOM },
		  { FLOOR_WRITE, FLOOR_DEFINE },
		  "TPM: it refuses, code 0x14b" },
		{ true,
		  { UNKNOWN, DONE, NO_ROOM },
		  { FLOOR_WRITE, FLOOR_DEFINE, FLOOR_WRITE },
		  "TPM: it refuses, code 0x14b" },
		{ true, { NO_ROOM }, { FLOOR_WRITE }, "TPM: it refuses, code 0x14b" },
	};
	const struct tpm_floor full = floor_of(0x0102030405060708, true, 0xab);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tpm_floor floor = full;
		struct said said = { "" };
		int error = floor_asked(rows[i].replies, rows[i].commands, rows[i].write,
					&floor, &said);

		CHECK_STR(said.text, rows[i].words);
		CHECK(!error == !*rows[i].words);
		if (i > 0 && i < 3)
			CHECK(!floor.sequence && !floor.done);
		else if (!error)
			CHECK(floor.sequence == full.sequence && floor.done &&
			      !memcmp(floor.order, full.order, SHA256_BYTES));
	}
}

/* Each byte but those that are told, and the sizes of what nobody reads. */
static void floor_other(void)
{
	struct tpm_floor floor;

	for (size_t i = 0; i < 27; i++) {
		bool free = (i >= 10 && i < 14) || i > 16;
		struct bin reply = bin(FLOOR_READ_REPLY);

		reply.at[i] ^= 1;
		if (!tpm_floor_reply(reply.at, reply.len, &floor) != free)
			tap_fail(__FILE__, __LINE__, "byte %zu is %s", i,
				 free ? "not free" : "not looked at");
	}
	for (size_t len = 0; len < 16 + 42; len++) {
		struct bin reply = bin(FLOOR_READ_REPLY);

		reply.len = len;
		if (len >= AT_SIZE + 4)
			size_mend(&reply);
		CHECK(tpm_floor_reply(reply.at, reply.len, &floor));
	}
}

static void floor_check(void)
{
	static const struct {
		uint64_t sequence, has;
		unsigned char order;
		bool done;
		const char *words;
	} rows[] = {
		{ 1, 0, 1, false, "" },
		{ 8, 7, 2, true, "" },
		{ 7, 7, 1, false, "" },
		{ 7, 7, 1, true,
		  "order: it was to run once, and the TPM remembers that it has" },
		{ 7, 7, 2, false, "order: the TPM remembers another one of sequence 7" },
		{ 6, 7, 1, false,
		  "order: of sequence 6, and the TPM remembers one of 7" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tpm_floor floor = floor_of(rows[i].has, rows[i].done, 1),
				 order = floor_of(rows[i].sequence, false, rows[i].order);
		struct said said = { "" };

		CHECK(!tpm_floor_check(&floor, &order, &said) == !*rows[i].words);
		CHECK_STR(said.text, rows[i].words);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a key and a signature are read", whole, 0 },
		{ "what is shorter than it says is neither", shorter, 0 },
		{ "nor is another kind of key, or of signature", other, 0 },
		{ "a number may lack its first zeros", numbers, 0 },
		{ "what is asked is what the library's third part has", commands, 0 },
		{ "what is no reply is told in words", refused, 0 },
		{ "the last order is read, and is written where there was none", floors,
		  0 },
		{ "what is another's is none", floor_other, 0 },
		{ "an older one, and one that has run once, are refused", floor_check,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
