/* An order: a shell script whose first lines, signed with it, say for whom it is and what it needs. */
#ifndef BEE_REMOTE_ORDER_H
#define BEE_REMOTE_ORDER_H

#include "said.h"
#include "take.h"

#define ORDER_MAX (256u << 10) /* bytes of an order, with its script */
#define ORDER_FILES_MAX 16
#define ORDER_NEEDS_MAX 16
#define ORDER_TARGETS_MAX 64
#define ORDER_NAME_MAX 63
#define ORDER_NEED_MAX 127
#define ORDER_ACTIONS_MAX 8
#define ORDER_TYPE_MAX 15      /* of a file system */
#define ORDER_CMDLINE_MAX 1023 /* of another kernel; x86 takes 2047 */
#define ORDER_FILE_BYTES_MAX (UINT64_C(256) << 20)

enum target_kind { TARGET_ANY, TARGET_UUID, TARGET_SERIAL, TARGET_MAC, TARGET_ID };

/* Fixed in size: it goes from the process that reads an order to the one that runs it. */
struct order {
	uint64_t sequence;
	int64_t not_after;
	uint64_t time_limit; /* seconds */
	uint32_t any;        /* it is for every machine */
	uint32_t once;       /* it is to run one time, whatever the server says */
	uint32_t target_count, need_count, file_count, action_count;
	struct order_target {
		uint32_t kind;
		char value[ORDER_NAME_MAX + 1];
	} targets[ORDER_TARGETS_MAX];
	char needs[ORDER_NEEDS_MAX][ORDER_NEED_MAX + 1];
	char actions[ORDER_ACTIONS_MAX][ORDER_NEED_MAX + 1];
	char cmdline[ORDER_CMDLINE_MAX + 1]; /* "": none */
	struct order_file {
		char name[ORDER_NAME_MAX + 1];
		unsigned char sha256[SHA256_BYTES];
		/* Where it is this machine's: of the disk with that serial; "": it is the server's. */
		char serial[ORDER_NAME_MAX + 1], type[ORDER_TYPE_MAX + 1];
		uint32_t partition;
		char path[ORDER_NEED_MAX + 1];
	} files[ORDER_FILES_MAX];
};

/* Reads the header; what is not as doc/remote.md has it is a refusal. 0, or -1 with words. */
MUST_CHECK int order_read(const char *text, size_t len, struct order *out,
			  struct said *said);
/* One that another process has read, which might be taken over: what is counted and ended as it must be. False: it is not. */
MUST_CHECK bool order_in_range(struct order *order);
/* The words that its lines may have behind "#bee-", from 0 on; NULL: there are no more. */
const char *order_word(size_t i);
const char *target_word(enum target_kind kind);
/* "any", "uuid=", "serial=", "mac=" or "id=" with what is behind it. 0, or -1 with words. */
MUST_CHECK int order_target_take(const char *value, struct order_target *out,
				 struct said *said);

/* What a machine is called; "" where it has no such name, or one that many have. */
struct identity {
	char id[ORDER_NAME_MAX + 1];
	char uuid[ORDER_NAME_MAX + 1];
	char serial[ORDER_NAME_MAX + 1];
	char macs[16][18];
	unsigned mac_count;
};
bool order_target_is(const struct order_target *target, const struct identity *identity);
/* Whether one of the order's targets is this machine. */
bool order_is_for(const struct order *order, const struct identity *identity);

#endif
