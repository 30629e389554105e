/* How a machine asks: xenoboot's five arguments, and what makes the answer fresh and its own. */
#include "identity.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_BYTES 4096 /* of a kernel's command line: COMMAND_LINE_SIZE is 2048 on x86 */
#define LEASE_BYTES 2048

/* Words of the kernel's command line whose values say nothing that is anybody's secret. */
static const char *const plain[] = { "BOOT_IMAGE", "root",   "console", "quiet",
				     "ro",         "rw",     "boot",    "xenoboot",
				     "bee.image",  "initrd", "panic",   "nomodeset" };

static bool is_plain(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strlen(plain[i]) == len && !strncmp(plain[i], word, len))
			return true;
	return false;
}

char *request_cmdline(const char *line, bool full)
{
	AUTO_FREE char *words = xstrdup(line);
	char *text = NULL, *save;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (char *word = strtok_r(words, " \n", &save); out && word;
	     word = strtok_r(NULL, " \n", &save)) {
		size_t name = strcspn(word, "=");

		if (!full && !is_plain(word, name))
			word[name] = '\0';
		(void)fprintf(out, "%s%s", ftell(out) > 0 ? " " : "", word);
	}
	if (!out || fclose(out) || !text)
		abort();
	return text;
}

/* At most `max` bytes of a file, as they are, or its last ones; "" where it cannot be read. Owned. */
static char *file_part(const char *path, size_t max, bool last)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	char *text = xcalloc(1, max + 1);

	/* Of one that is shorter this fails, and it is read from its start. */
	if (fd >= 0 && last)
		(void)lseek(fd, -(off_t)max, SEEK_END);
	if (fd >= 0 && read_full(fd, text, max) < 0)
		text[0] = '\0';
	return text;
}

static char *file_text(const char *path, size_t max)
{
	return file_part(path, max, false);
}

/* What is mounted at "/", as xenoboot's ROOTID has it where there is no such file. Owned. */
static char *root_id(void)
{
	AUTO_FREE char *said = file_text("/ROOTID", 256);
	char *mounts, *device = NULL, *save;

	said[strcspn(said, "\n")] = '\0';
	if (*said)
		return xstrdup(said);
	mounts = file_text("/proc/self/mounts", 65536);
	for (char *line = strtok_r(mounts, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (!space || strncmp(space, " / ", 3) != 0)
			continue;
		*space = '\0';
		device = line;
	}
	device = xstrdup(device ?: "");
	free(mounts);
	return device;
}

/* When it was written; -1: it is no lease. */
static int64_t lease_time(int folder, const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);
	struct stat st;

	if (name[0] == '.' || len < end_len || strcmp(name + len - end_len, end) != 0 ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)
		return -1;
	return st.st_mtime;
}

/* The newest lease of whatever has asked DHCP here; hostile bytes, that are sent and not read. */
static char *lease(void)
{
	/* systemd-networkd's, by the card's number; the live image's own dhclient; Debian's. */
	static const struct {
		const char *folder, *end;
	} places[] = { { "/run/systemd/netif/leases", "" },
		       { "/run/bee-network", ".leases" },
		       { "/var/lib/dhcp", ".leases" } };
	AUTO_FREE char *newest = NULL;
	int64_t newest_time = -1;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		DIR *dir = opendir(places[i].folder);
		const struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			int64_t time =
				lease_time(dirfd(dir), entry->d_name, places[i].end);

			if (time <= newest_time)
				continue;
			newest_time = time;
			free(newest);
			newest = xasprintf("%s/%s", places[i].folder, entry->d_name);
		}
		if (dir)
			closedir(dir);
	}
	/* dhclient writes behind what it had: the last is the one that holds. */
	return newest ? file_part(newest, LEASE_BYTES, true) : xstrdup("");
}

static void add(FILE *out, const char *name, const char *value)
{
	(void)fprintf(out, "%s=", name);
	for (const unsigned char *at = (const unsigned char *)value; *at; at++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			   "0123456789-._~",
			   *at))
			(void)fputc(*at, out);
		else
			(void)fprintf(out, "%%%02X", *at);
	(void)fputc('&', out);
}

static void add_number(FILE *out, const char *name, uint64_t value)
{
	(void)fprintf(out, "%s=%llu&", name, (unsigned long long)value);
}

char *request_make(const struct config *config, const struct identity *identity,
		   const unsigned char nonce[NONCE_BYTES], uint64_t attempt,
		   uint64_t floor)
{
	AUTO_FREE char *line = file_text("/proc/cmdline", TEXT_BYTES);
	AUTO_FREE char *cmdline = request_cmdline(line, config->cmdline_full);
	AUTO_FREE char *root = root_id(), *dhcp = lease();
	AUTO_FREE char *boot = file_text("/proc/sys/kernel/random/boot_id", 36);
	char hex[2 * NONCE_BYTES + 1], *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	(void)fputs("/cgi-bin/bootme?", out);
	add(out, "id", identity->id);
	add(out, "cmdline", cmdline);
	add(out, "rootid", root);
	add_number(out, "uptime", (uint64_t)(clock_now() / NSEC_PER_SEC));
	add(out, "dhcp", dhcp);
	add(out, "nonce", sodium_bin2hex(hex, sizeof(hex), nonce, NONCE_BYTES));
	add(out, "image", BEE_VERSION);
	add_number(out, "floor", floor);
	add(out, "uuid", identity->uuid);
	add(out, "serial", identity->serial);
	boot[strcspn(boot, "\n")] = '\0';
	add(out, "boot", boot);
	for (unsigned i = 0; i < identity->mac_count; i++)
		add(out, "mac", identity->macs[i]);
	(void)fprintf(out, "attempt=%llu", (unsigned long long)attempt);
	if (fclose(out) || !text)
		abort();
	return text;
}

void request_sha256(const char *request, unsigned char out[SHA256_BYTES])
{
	crypto_hash_sha256(out, (const unsigned char *)request, strlen(request));
}
