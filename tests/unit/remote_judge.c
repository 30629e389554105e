/* What gpgv says of a message, keys for sshd, and "#bee-do" lines: each thing that is refused, and the one that is not. */
#include "../../remote/perform.h" /* broker/ has one of that name */
#include "action.h"
#include "gpg.h"
#include "tap.h"

#include <string.h>

#define NOW 1795935600 /* 2026-11-29T07:00:00Z */
#define ALICE "6C0C3A2E7B2A4D6C8F3B1D4E5F60718293A4B5C6"
#define BOB "0123456789ABCDEF0123456789ABCDEF01234567"
#define G "[GNUPG:] "
/* gpgv 2.2.40's lines, as it gives them out for a signature; GnuPG's doc/DETAILS has their fields. */
#define KEY G "KEY_CONSIDERED " ALICE " 0\n" G "SIG_ID x 2026-11-29 1795935000\n"
#define VALID_OF(key, made, until, hash, class)                                          \
	G "VALIDSIG " key " 2026-11-29 " made " " until " 4 0 22 " hash                  \
	  " " class " " key "\n"
#define GOOD_OF(key) G "NEWSIG\n" G "GOODSIG 8F3B1D4E5F607182 somebody\n" key
#define VALID VALID_OF(ALICE, "1795935000", "0", "10", "01")
#define TEXT G "PLAINTEXT 74 1795935000 \n" G "PLAINTEXT_LENGTH 5\n"
#define GOOD TEXT GOOD_OF(VALID) KEY

#define BEGIN "-----BEGIN PGP SIGNED MESSAGE-----\n"
#define SIGNATURE                                                                        \
	"-----BEGIN PGP SIGNATURE-----\n\niHUE\n=abcd\n-----END PGP SIGNATURE-----\n"
#define CLEAR BEGIN "Hash: SHA512\n\necho\n" SIGNATURE

static bool judged(const char *message, const char *status, unsigned threshold)
{
	struct said said = { "" };
	int error = gpg_judge((struct bytes){ message, strlen(message) },
			      (struct bytes){ status, strlen(status) }, threshold, NOW,
			      &said);

	CHECK_INT(error != 0, *said.text != '\0');
	return !error;
}

static void statuses(void)
{
	static const char *const bad[] = {
		"",
		TEXT,
		GOOD_OF(VALID),
		TEXT TEXT GOOD_OF(VALID),
		TEXT VALID,
		TEXT G "NEWSIG\n" VALID,
		TEXT G "GOODSIG 8F3B1D4E5F607182 somebody\n" VALID,
		TEXT GOOD_OF("") KEY,
		GOOD G "EXPKEYSIG 8F3B1D4E5F607182 somebody\n",
		GOOD G "EXPSIG 8F3B1D4E5F607182 somebody\n",
		GOOD G "REVKEYSIG 8F3B1D4E5F607182 somebody\n",
		GOOD G "BADSIG 8F3B1D4E5F607182 somebody\n",
		GOOD G "ERRSIG 8F3B1D4E5F607182 22 10 01 1795935000 9\n",
		GOOD G "NO_PUBKEY 8F3B1D4E5F607182\n",
		GOOD G "NODATA 4\n",
		GOOD G "UNEXPECTED 0\n",
		GOOD G "NEWSIGS\n",
		GOOD "gpgv: Good signature\n",
		GOOD "[GNUPG:]GOODSIG x\n",
		GOOD G "KEY_CONSIDERED x",
		GOOD G "KEY_CONSIDERED \033\n",
		TEXT GOOD_OF(VALID_OF(ALICE, "1795935601", "0", "10", "01")),
		TEXT GOOD_OF(VALID_OF(ALICE, "1795935000", "1795935599", "10", "01")),
		TEXT GOOD_OF(VALID_OF(ALICE, "1795935000", "0", "2", "01")),
		TEXT GOOD_OF(VALID_OF(ALICE, "1795935000", "0", "11", "01")),
		TEXT GOOD_OF(VALID_OF(ALICE, "1795935000", "0", "10", "10")),
		TEXT GOOD_OF(VALID_OF(ALICE, "x", "0", "10", "01")),
		TEXT GOOD_OF(G "VALIDSIG " ALICE " 2026-11-29 1795935000 0 4 0 22 10\n"),
	};

	CHECK(judged(CLEAR, GOOD, 1));
	CHECK(judged(CLEAR,
		     TEXT GOOD_OF(VALID_OF(ALICE, "1795935600", "1795935600", "8", "00")),
		     1));
	CHECK(judged(CLEAR, GOOD GOOD_OF(VALID_OF(BOB, "1795935000", "0", "9", "01")),
		     2));
	CHECK(!judged(CLEAR, GOOD, 2));
	CHECK(!judged(CLEAR, GOOD GOOD_OF(VALID), 1));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (judged(CLEAR, bad[i], 1))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
}

static void messages(void)
{
	static const char *const good[] = {
		CLEAR,
		BEGIN "\necho\n" SIGNATURE,
		BEGIN "Hash: SHA512\nHash: SHA256\n\necho\n" SIGNATURE,
		BEGIN "Hash: SHA512\n\n- -----BEGIN PGP MESSAGE-----\n" SIGNATURE,
		"-----BEGIN PGP MESSAGE-----\n\nowGb\n=abcd\n-----END PGP MESSAGE-----\n",
	};
	static const char *const bad[] = {
		"",
		BEGIN,
		"x\n" CLEAR,
		"\n" CLEAR,
		CLEAR "x\n",
		CLEAR "\n",
		CLEAR CLEAR,
		BEGIN "Comment: x\n\necho\n" SIGNATURE,
		BEGIN "Hash: SHA512\n rm\n\necho\n" SIGNATURE,
		BEGIN "Hash: SHA512\r\n\r\necho\n",
		BEGIN "Hash: SHA512\n\n-----BEGIN PGP MESSAGE-----\n" SIGNATURE,
		BEGIN "Hash: SHA512\n\necho\n" SIGNATURE SIGNATURE,
		BEGIN "Hash: SHA512\n\necho\n-----END PGP SIGNATURE-----\n",
		("-----BEGIN PGP MESSAGE-----\n\nowGb\n" SIGNATURE),
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!judged(good[i], GOOD, 1))
			tap_fail(__FILE__, __LINE__, "refused: %s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (judged(bad[i], GOOD, 1))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
}

/* A key of ssh-keygen's. */
#define BASE64 "AAAAC3NzaC1lZDI1NTE5AAAAIJ0pLHnl7nXc5M5nQWJ3BrrgqQ8KfYtlPB3eHRLnXb1q"

static bool keys_good(const char *text)
{
	struct said said = { "" };
	int error = ssh_keys_check(text, strlen(text), &said);

	CHECK_INT(error != 0, *said.text != '\0');
	return !error;
}

static void keys(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"# none\n",
		"ssh-ed25519 " BASE64,
		"ssh-ed25519 AAAA\n",
		"ssh-ed25519  " BASE64 "\n",
		" ssh-ed25519 " BASE64 "\n",
		"ssh-ed25519\t" BASE64 "\n",
		"ssh-dss " BASE64 "\n",
		"ssh-ed25519-cert-v01@openssh.com " BASE64 "\n",
		"command=\"sh\" ssh-ed25519 " BASE64 "\n",
		"cert-authority ssh-ed25519 " BASE64 "\n",
		"ssh-ed25519 " BASE64 "\tx\n",
		"ssh-ed25519 " BASE64 ",x\n",
		"ssh-ed25519 " BASE64 " \033[2J\n",
		"ssh-ed25519 " BASE64 "\r\n",
		"ssh-ed25519 " BASE64 "\nx\n",
	};

	CHECK(keys_good("ssh-ed25519 " BASE64 "\n"));
	CHECK(keys_good("# who may\n\nssh-ed25519 " BASE64 " a@b, \"c\"\n"));
	CHECK(keys_good("sk-ssh-ed25519@openssh.com " BASE64 "\nssh-rsa " BASE64 "\n"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (keys_good(bad[i]))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
}

/* An order of those lines, with the files "a" and "b". */
static bool done(const char *const *lines, const char *cmdline)
{
	struct order order = { .file_count = 2 };
	struct said said = { "" };
	int error;

	strcpy(order.files[0].name, "a");
	strcpy(order.files[1].name, "b");
	(void)snprintf(order.cmdline, sizeof(order.cmdline), "%s", cmdline);
	while (*lines)
		(void)snprintf(order.actions[order.action_count++], ORDER_NEED_MAX + 1,
			       "%s", *lines++);
	error = actions_whole(&order, &said);
	CHECK_INT(error != 0, *said.text != '\0');
	return !error;
}

/* What the TPM remembers of an order: whatever has a disk in it, and kexec. */
static void can_destroy(void)
{
	static const struct {
		const char *need, *action, *serial;
		bool can;
	} rows[] = {
		{ "disk S1", NULL, "", true },
		{ "write S1", NULL, "", true },
		{ "net", NULL, "", false },
		{ "key", NULL, "", false },
		{ "see /disk", NULL, "", false },
		{ NULL, "kexec a", "", true },
		{ NULL, "mount S1 0 ext4", "", true },
		{ NULL, "restore S1 0 a", "", true },
		{ NULL, "reboot", "", false },
		{ NULL, "watchdog 600", "", false },
		{ NULL, "sshd a", "", false },
		{ NULL, NULL, "S1", true },
		{ NULL, NULL, "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct order order = { .file_count = 1 };

		strcpy(order.files[0].name, "a");
		strcpy(order.files[0].serial, rows[i].serial);
		if (rows[i].need)
			strcpy(order.needs[order.need_count++], rows[i].need);
		if (rows[i].action)
			strcpy(order.actions[order.action_count++], rows[i].action);
		CHECK_INT(order_can_destroy(&order), rows[i].can);
	}
}

static void actions(void)
{
	static const char *const good[] = {
		"sshd a",          "watchdog 10",       "watchdog 6553",
		"mount S1 0 ext4", "mount S1 128 vfat", "reboot",
		"kexec a",         "kexec a b",
	};
	static const char *const bad[] = {
		"",
		"sshd",
		"sshd c",
		"sshd a b",
		"watchdog",
		"watchdog 9",
		"watchdog 6554",
		"watchdog 010",
		"watchdog 10s",
		"mount S1 0",
		"mount S1 129 ext4",
		"mount S1 -1 ext4",
		"mount S1 0 nfs",
		"mount S1 0 ext4 x",
		"reboot now",
		"kexec",
		"kexec c",
		"kexec a c",
		"kexec a b b",
		"Reboot",
		" reboot",
		"reboot ",
		"kexec  a",
		"rebootx",
	};
	static const char *const two[][4] = {
		{ "mount S1 0 ext4", "mount S2 0 ext4" },
		{ "watchdog 180", "reboot" },
		{ "sshd a", "watchdog 600", "kexec a" },
	};
	static const char *const not_two[][4] = {
		{ "reboot", "watchdog 600" }, { "sshd a", "sshd b" },
		{ "reboot", "kexec a" },      { "kexec a", "reboot" },
		{ "reboot", "reboot" },       { "watchdog 179", "reboot" },
		{ "watchdog 10", "kexec a" }, { "watchdog 60", "watchdog 70" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!done((const char *[]){ good[i], NULL }, ""))
			tap_fail(__FILE__, __LINE__, "refused: %s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (done((const char *[]){ bad[i], NULL }, ""))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	for (size_t i = 0; i < ARRAY_LEN(two); i++)
		if (!done(two[i], ""))
			tap_fail(__FILE__, __LINE__, "refused: %s", two[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(not_two); i++)
		if (done(not_two[i], ""))
			tap_fail(__FILE__, __LINE__, "taken: %s, %s", not_two[i][0],
				 not_two[i][1]);
	CHECK(done((const char *[]){ "kexec a", NULL }, "quiet"));
	CHECK(!done((const char *[]){ "reboot", NULL }, "quiet"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "gpgv's status lines: one text, good signatures, and no other word",
		  statuses, 0 },
		{ "one armoured message with nothing around it", messages, 0 },
		{ "public keys without options", keys, 0 },
		{ "what can destroy is known", can_destroy, 0 },
		{ "what can be done for an order", actions, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
