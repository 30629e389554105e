/*
 * That a request is of the machine that has a key, in a file or made by its TPM: signed by it, by a process that reads nothing
 * but the two, and sees no network.
 */
#include "answer.h"
#include "commands.h"
#include "minisig.h"
#include "tpm_floor.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST_MAX (64u << 10)

static int secret_open(const char *dir, struct minisig_secret *secret, struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/" CONFIG_MACHINE_KEY, dir);
	AUTO_CLOSE int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[1024];
	struct stat st;
	ptrdiff_t len;
	int error;

	if (fd >= 0 && !fstat(fd, &st) && !S_ISREG(st.st_mode))
		return say(said, CONFIG_MACHINE_KEY ": not a plain file");
	len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	if (len < 0)
		return say(said, CONFIG_MACHINE_KEY ": %s",
			   strerrordesc_np(errno) ?: "?");
	error = minisig_secret_file(text, (size_t)len, secret, said);
	explicit_bzero(text, sizeof(text));
	return error;
}

_Static_assert(sizeof("&key=" TPM_KEY_WORD "&proof=") + 2 * 86 <= MINISIG_PROOF,
	       "an answer has room for either");

static int tpm_open(struct said *said)
{
	int fd = open(TPM_NODE, O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		say(said, TPM_NODE ": %s", strerrordesc_np(errno) ?: "?");
	return fd;
}

static const char *url_text(const unsigned char bytes[64], char out[87])
{
	return sodium_bin2base64(out, 87, bytes, 64,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* "&key=ecdsa-p256:KEY&proof=SIGNATURE", of the request behind a line that no other use of such a key has. */
static int tpm_proof(int tpm, struct bytes request, char out[MINISIG_PROOF],
		     struct said *said)
{
	static const unsigned char domain[] = "bee-request\n";
	unsigned char digest[SHA256_BYTES], signature[64];
	char key_text[87], signature_text[87];
	crypto_hash_sha256_state state;
	struct tpm_key key;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, domain, sizeof(domain) - 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)request.at, request.len);
	crypto_hash_sha256_final(&state, digest);
	if (tpm_key_make(tpm, &key, said) || tpm_sign(tpm, &key, digest, signature, said))
		return -1;
	(void)snprintf(out, MINISIG_PROOF, "&key=" TPM_KEY_WORD "%s&proof=%s",
		       url_text(key.point, key_text),
		       url_text(signature, signature_text));
	return 0;
}

/* As the server is told it, on stdout. */
int command_tpm_key(void)
{
	struct said said = { "" };
	AUTO_CLOSE int tpm = tpm_open(&said);
	struct tpm_key key;
	char text[87];

	if (tpm < 0 || tpm_key_make(tpm, &key, &said))
		errx(BEE_SOFTWARE, "%s", said.text);
	printf(TPM_KEY_WORD "%s\n", url_text(key.point, text));
	return BEE_OK;
}

static int rights_end(void)
{
	return (geteuid() == 0 && confine_drop(UID_CHECK)) || process_hide() ||
	       stdio_filter_load(STDIO_ONLY);
}

/* prove DIR [tpm]: the request on stdin, and what is to be behind it. */
int step_prove(int argc, char **argv)
{
	static struct answer answer;
	struct minisig_secret secret = { { 0 }, { 0 } };
	bool by_tpm = argc == 3 && !strcmp(argv[2], "tpm");
	/* Never closed: the filter below has no such call. */
	int tpm = by_tpm ? tpm_open(&answer.said) : -1;
	struct bytes request;

	if (argc != 2 && !by_tpm)
		return BEE_USAGE;
	if (by_tpm ? tpm >= 0 : !secret_open(argv[1], &secret, &answer.said)) {
		if (rights_end())
			return BEE_SOFTWARE;
		request = bytes_read(STDIN_FILENO, REQUEST_MAX);
		answer.good = request.at != NULL;
		if (!request.at)
			say(&answer.said, "request: more than %u bytes", REQUEST_MAX);
		else if (by_tpm)
			answer.good =
				!tpm_proof(tpm, request, answer.proof, &answer.said);
		else
			minisig_proof(&secret, request.at, request.len, answer.proof);
		explicit_bzero(&secret, sizeof(secret));
	}
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}

/* Once it has begun it is the floor; what a TPM remembers is not written anew. */
static int floor_raise(int tpm, struct tpm_floor *order, bool end, struct said *said)
{
	struct tpm_floor floor;

	if (tpm_floor_read(tpm, &floor, said))
		return -1;
	if (!end && tpm_floor_check(&floor, order, said))
		return -1;
	order->done = end;
	return order->sequence == floor.sequence && order->done == floor.done
		       ? 0
		       : tpm_floor_write(tpm, order, said);
}

/* floor begin|end SEQUENCE SHA256: of an order that is about to run, or has. A machine without a TPM remembers none. */
int step_floor(int argc, char **argv)
{
	static struct answer answer;
	struct tpm_floor order = { .sequence = 0 };
	int tpm;

	if (argc != 4 || parse_u64(argv[2], UINT64_MAX, &order.sequence) ||
	    take_sha256(argv[3], order.order))
		return BEE_USAGE;
	tpm = tpm_open(&answer.said);
	answer.good = tpm < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO);
	if (tpm >= 0) {
		if (rights_end())
			return BEE_SOFTWARE;
		answer.good =
			!floor_raise(tpm, &order, !strcmp(argv[1], "end"), &answer.said);
	}
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}
