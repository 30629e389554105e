/* The configuration folder: which files there may be, and what each says. */
#include "config.h"
#include "tpm.h"
#include "trust.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
	const char *dir, *file;
	FILE *errors;
	unsigned wrong;
	struct config *config;
};

static void wrong(void *arg, unsigned line, const char *words)
{
	struct reading *reading = arg;

	reading->wrong++;
	(void)fprintf(reading->errors, "%s/%s:", reading->dir, reading->file);
	if (line)
		(void)fprintf(reading->errors, "%u:", line);
	(void)fprintf(reading->errors, " %s\n", words);
}

/* The one line of a file that is one line; NULL after an error. */
static const char *only_line(struct reading *reading, const char *text, size_t len,
			     char *line, size_t size)
{
	struct take take = take_begin(text, len);

	if (take_line(&take, line, size) || !*line) {
		struct said said;

		say(&said, "not one line of text, with a newline (LF) at its end%s",
		    take_why(&take));
		wrong(reading, 1, said.text);
		return NULL;
	}
	if (take.at != take.end) {
		wrong(reading, 2, "something after its one line");
		return NULL;
	}
	return line;
}

static void id_read(struct reading *reading, const char *text, size_t len)
{
	char line[256];

	if (!only_line(reading, text, len, line, sizeof(line)))
		return;
	if (!is_name(line, ORDER_NAME_MAX))
		wrong(reading, 1, "an ID is 1 to 63 letters, digits and ._-");
	else
		memcpy(reading->config->id, line, strlen(line) + 1);
}

/* A name as certificates have it: labels of letters, digits and '-'. No address: xenoboot's
 * BOOTSERVER_IP is for those, and the name is what the certificate is checked for. */
static bool host_good(const char *host)
{
	struct in_addr address;

	/* "127.1", "0x7f000001": libcurl takes for one what inet_aton(3) does, and asks no other then. */
	if (strlen(host) > 253 || inet_aton(host, &address))
		return false;
	for (const char *at = host;; at++) {
		size_t len = strcspn(at, ".");

		if (!len || len > 63 || at[0] == '-' || at[len - 1] == '-' ||
		    strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789-") != len)
			return false;
		at += len;
		if (!*at)
			return true;
	}
}

static void server_read(struct reading *reading, const char *text, size_t len)
{
	char line[256];

	if (!only_line(reading, text, len, line, sizeof(line)))
		return;
	if (strstr(line, "://"))
		wrong(reading, 1, "a host's name alone; it is always asked by HTTPS");
	else if (!host_good(line))
		wrong(reading, 1, "not a host's name");
	else
		(void)snprintf(reading->config->server, sizeof(reading->config->server),
			       "%s", line);
}

static void addresses_read(struct reading *reading, const char *text, size_t len)
{
	struct config *config = reading->config;
	char line[512], *save;
	unsigned char bytes[16];

	if (!only_line(reading, text, len, line, sizeof(line)))
		return;
	for (char *word = strtok_r(line, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		if (inet_pton(AF_INET, word, bytes) != 1 &&
		    inet_pton(AF_INET6, word, bytes) != 1)
			wrong(reading, 1, "not IP addresses with blanks between them");
		else if (config->address_count == CONFIG_ADDRESSES_MAX)
			wrong(reading, 1, "more than 8 addresses");
		else
			(void)snprintf(config->addresses[config->address_count++],
				       ADDRESS_MAX, "%s", word);
	}
}

static void port_read(struct reading *reading, const char *text, size_t len)
{
	char line[16];
	uint64_t port;

	if (!only_line(reading, text, len, line, sizeof(line)))
		return;
	if (take_number(line, 1, 65535, &port))
		wrong(reading, 1, "not a port from 1 to 65535");
	else
		reading->config->port = (unsigned)port;
}

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define PEM_END "-----END CERTIFICATE-----"

/* Base64 of one sequence (X.690, 8.1.3: its length in one byte, or in as many as that says), and nothing behind it. */
static bool is_sequence(const char *text, size_t len)
{
	AUTO_FREE unsigned char *der = xcalloc(1, len + 1);
	size_t have, head = 2, content;

	if (sodium_base642bin(der, len, text, len, "\n", &have, NULL,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    have < 2 || der[0] != 0x30)
		return false;
	content = der[1];
	if (content & 0x80) {
		head += content & 0x7f;
		if (head > 6 || have < head)
			return false;
		content = 0;
		for (size_t i = 2; i < head; i++)
			content = content << 8 | der[i];
	}
	return have == head + content;
}

/* "": it is certificates, as far as can be told without a TLS library, which is to be nowhere but in bee-fetch. */
static const char *pem_trouble(const char *text, size_t len)
{
	const char *end = text + len, *at = text;
	bool any = false;

	/* Which the decoder does not see. */
	if (len && memchr(text, '\0', len))
		return ": a NUL is in it";
	while ((at = memmem(at, (size_t)(end - at), PEM_BEGIN, sizeof(PEM_BEGIN) - 1))) {
		const char *from = at + sizeof(PEM_BEGIN) - 1;

		at = memmem(from, (size_t)(end - from), PEM_END, sizeof(PEM_END) - 1);
		if (!at || !is_sequence(from, (size_t)(at - from)))
			return ": one is cut off or changed";
		any = true;
	}
	if (any)
		return "";
	return *take_trouble(text, len) ? take_trouble(text, len) : ": there is none";
}

/* What it says is for the TLS library; here only that it is of its kind, as an image with another asks in vain for ever. */
static void ca_read(struct reading *reading, const char *text, size_t len)
{
	struct config *config = reading->config;
	const char *trouble = pem_trouble(text, len);

	if (memmem(text, len, "PRIVATE KEY", 11))
		wrong(reading, 0, "a private key, which belongs on no image");
	if (*trouble) {
		struct said said;

		say(&said, "no certificate in PEM%s", trouble);
		wrong(reading, 0, said.text);
		return;
	}
	config->ca = xcalloc(1, len + 1);
	memcpy(config->ca, text, len);
	config->ca_len = len;
}

static void trust_file_read(struct reading *reading, const char *text, size_t len)
{
	(void)!trust_read(text, len, reading->config, wrong, reading);
}

static void network_file_read(struct reading *reading, const char *text, size_t len)
{
	reading->config->has_network =
		!network_read(text, len, &reading->config->network, wrong, reading);
}

static void policy_read(struct reading *reading, const char *text, size_t len)
{
	(void)!grants_read(text, len, &reading->config->grants, wrong, reading);
}

/* What it holds is for gpgv to say; a packet's first byte has its highest bit set (RFC 4880, 4.2). */
static void keyring_read(struct reading *reading, const char *text, size_t len)
{
	reading->config->has_keyring = true;
	if (!len || !(text[0] & 0x80))
		wrong(reading, 0,
		      "not a keyring: gpg --export without --armor makes one");
}

/* It is kept nowhere: who signs reads it again. */
static void machine_key_read(struct reading *reading, const char *text, size_t len)
{
	struct minisig_secret secret;
	struct said said;

	if (minisig_secret_file(text, len, &secret, &said))
		wrong(reading, 0, said.text);
	else
		reading->config->has_machine_key = true;
	explicit_bzero(&secret, sizeof(secret));
}

static const struct {
	const char *name;
	void (*read)(struct reading *reading, const char *text, size_t len);
	bool needed;
	enum config_owner owner;
} files[] = {
	{ "ID", id_read, true, OWNER_MEDIUM },
	{ "BOOTSERVER", server_read, true, OWNER_MEDIUM },
	{ "BOOTSERVER_IP", addresses_read, false, OWNER_MEDIUM },
	{ "BOOTPORT", port_read, true, OWNER_MEDIUM },
	{ "cacert.pem", ca_read, true, OWNER_TRUST },
	{ "TRUST", trust_file_read, true, OWNER_TRUST },
	{ "NETWORK", network_file_read, false, OWNER_MEDIUM },
	{ "remote.policy", policy_read, false, OWNER_IMAGE },
	{ "pubring.gpg", keyring_read, false, OWNER_TRUST },
	{ CONFIG_MACHINE_KEY, machine_key_read, false, OWNER_MEDIUM },
};
_Static_assert(ARRAY_LEN(files) == CONFIG_FILES, "who copies them has a place for each");

const char *config_file_name(size_t i)
{
	return i < ARRAY_LEN(files) ? files[i].name : NULL;
}

enum config_owner config_file_owner(size_t i)
{
	return files[i].owner;
}

static void file_read(struct reading *reading, int folder, size_t i)
{
	AUTO_FREE char *text = xcalloc(1, CONFIG_FILE_MAX + 1);
	AUTO_CLOSE int fd =
		openat(folder, files[i].name,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ptrdiff_t len;

	reading->file = files[i].name;
	if (fd < 0) {
		if (errno != ENOENT)
			wrong(reading, 0,
			      strerrordesc_np(errno) ?: "it cannot be opened");
		else if (files[i].needed)
			wrong(reading, 0, "it is missing");
		return;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		wrong(reading, 0, "not a plain file");
		return;
	}
	len = read_full(fd, text, CONFIG_FILE_MAX + 1);
	if (len < 0)
		wrong(reading, 0, "it cannot be read");
	else if (len > (ptrdiff_t)CONFIG_FILE_MAX)
		wrong(reading, 0, "more than 64 KiB");
	else
		files[i].read(reading, text, (size_t)len);
	explicit_bzero(text, CONFIG_FILE_MAX + 1);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!strcmp(name, files[i].name))
			return true;
	return false;
}

/* A name that is written wrong must not be a file that is not read. */
static void others_refuse(struct reading *reading, DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		struct said name = { "" };

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    is_known(entry->d_name))
			continue;
		say(&name, "%.64s", entry->d_name);
		reading->file = name.text;
		wrong(reading, 0, "no file of this folder has that name");
	}
}

static bool tpm_there(void)
{
	struct stat st;

	return !stat(TPM_NODE, &st) && S_ISCHR(st.st_mode);
}

int config_read(const char *dir, struct config *out, FILE *errors)
{
	struct reading reading = {
		.dir = dir, .file = ".", .errors = errors, .config = out
	};
	DIR *folder = opendir(dir);

	*out = (struct config){ .port = 0 };
	grants_none(&out->grants);
	if (!folder) {
		(void)fprintf(errors, "%s: %s\n", dir, strerrordesc_np(errno) ?: "?");
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		file_read(&reading, dirfd(folder), i);
	others_refuse(&reading, folder);
	if (out->is_gpg != out->has_keyring) {
		reading.file = "pubring.gpg";
		wrong(&reading, 0,
		      out->is_gpg ? "scheme gpg needs it" : "it goes with scheme gpg");
	}
	closedir(folder);
	/* Where there are no tickets nothing is signed, as nobody looks at it. */
	out->grants.proved = !out->is_static && (out->has_machine_key || tpm_there());
	return reading.wrong ? -1 : 0;
}

void config_done(struct config *config)
{
	free(config->ca);
	config->ca = NULL;
}
