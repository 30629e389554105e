/* The configuration folder: which files there may be, and what each says. */
#include "config.h"
#include "tpm.h"
#include "trust.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
	struct take take = { text, text + len, 0 };

	if (take_line(&take, line, size) || !*line) {
		wrong(reading, 1, "not one line of text, with a newline (LF) at its end");
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

/* What it holds is for the TLS library to say; here only that it is of its kind. */
static void ca_read(struct reading *reading, const char *text, size_t len)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
	struct config *config = reading->config;

	if (!memmem(text, len, begin, sizeof(begin) - 1)) {
		wrong(reading, 1, "no certificate in PEM");
		return;
	}
	if (memmem(text, len, "PRIVATE KEY", 11))
		wrong(reading, 0, "a private key, which belongs on no image");
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
