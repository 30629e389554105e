/* The folder that makes an image one that asks: what is in it, read strictly. */
#ifndef BEE_REMOTE_CONFIG_H
#define BEE_REMOTE_CONFIG_H

#include "grants.h"
#include "minisig.h"
#include "netconf.h"

#define CONFIG_ADDRESSES_MAX 8
#define CONFIG_DIR "/etc/bee/remote"
#define CONFIG_FILES 10
#define CONFIG_MACHINE_KEY "machine.key"
#define SPREAD_MAX 3600
#define CONFIG_FILE_MAX (64u << 10) /* bytes of one */

/* Whose a file of the folder is, where somebody has plugged in a medium that has one, too. */
enum config_owner {
	OWNER_MEDIUM,
	OWNER_TRUST, /* the medium's where remote.policy has "override trust" */
	OWNER_IMAGE
};

struct config {
	char id[ORDER_NAME_MAX + 1];
	char server[254];
	char addresses[CONFIG_ADDRESSES_MAX][ADDRESS_MAX]; /* BOOTSERVER_IP */
	unsigned address_count;
	unsigned port;
	char *ca; /* owned: cacert.pem */
	size_t ca_len;
	struct minisig_key order_keys[MINISIG_KEYS_MAX];
	unsigned order_key_count, threshold;
	struct minisig_key ticket_key, receipt_key;
	bool has_ticket_key, has_receipt_key;
	struct minisig_key seal_key; /* for whom what goes home is sealed */
	bool has_seal_key;
	int64_t ticket_until;   /* the ticket key is lent until then; 0: for good */
	uint64_t keys_version;  /* of TRUST, or of the key list in its place */
	unsigned keys_steps;    /* lists above TRUST */
	int64_t keys_not_after; /* of that list; 0: TRUST has none */
	bool is_gpg;          /* "scheme gpg": orders are signed by keys of the keyring */
	bool has_keyring;     /* pubring.gpg */
	bool has_machine_key; /* which signs what the machine asks */
	bool is_static; /* "freshness static": a server of files, which signs no tickets */
	uint64_t floor; /* the lowest sequence that is run */
	bool cmdline_full;
	/* Seconds within which a fleet sends home; 0: it need not wait. */
	uint64_t spread;
	bool has_network;
	struct network network;
	struct grants grants;
};

/*
 * Reads the folder. Each thing that is wrong is a line "FILE:LINE: words" to `errors`. 0, or -1
 * after at least one. config_done() in both cases.
 */
MUST_CHECK int config_read(const char *dir, struct config *out, FILE *errors);
void config_done(struct config *config);
/* The names that its files may have, from 0 on; NULL: there are no more. */
const char *config_file_name(size_t i);
enum config_owner config_file_owner(size_t i);

#endif
