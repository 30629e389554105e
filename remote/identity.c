/* What this machine is called: from SMBIOS by sysfs, and its network cards. */
#include "identity.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* As makers leave them in SMBIOS; two machines with one of these are not one machine. */
static const char *const shared_serials[] = {
	"To be filled by O.E.M.",
	"To Be Filled By O.E.M",
	"Default string",
	"Not Specified",
	"None",
	"N/A",
	"NA",
	"Unknown",
	"INVALID",
	"System Serial Number",
	"0123456789",
	"123456789",
	"1234567890",
	"0",
	"Serial Number",
	"xxxxxxx",
	"empty",
};

static const char *const shared_uuids[] = {
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	"03000200-0400-0500-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc",
	"00020003-0004-0005-0006-000700080009",
};

static bool all_of_one(const char *text)
{
	return strspn(text, (char[]){ text[0], '-', '\0' }) == strlen(text);
}

const char *identity_serial(const char *text)
{
	if (strlen(text) < 3 || all_of_one(text))
		return "";
	for (size_t i = 0; i < ARRAY_LEN(shared_serials); i++)
		if (!strcasecmp(text, shared_serials[i]))
			return "";
	return text;
}

const char *identity_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof(form) - 1)
		return "";
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != '-')
			return "";
	for (size_t i = 0; i < ARRAY_LEN(shared_uuids); i++)
		if (!strcasecmp(text, shared_uuids[i]))
			return "";
	return text;
}

/* The first line of a file of sysfs; "" where there is none, or it is not text. */
static void line_of(const char *path, char *out, size_t size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, out, size - 1);

	out[len > 0 ? len : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (len = (ptrdiff_t)strlen(out); len > 0 && out[len - 1] == ' ';)
		out[--len] = '\0';
	for (char *at = out; *at; at++)
		if (*at < ' ' || *at > '~')
			*out = '\0';
}

/* Of hardware alone: what is made by software has the address that it was given. */
static void macs_read(struct identity *out)
{
	DIR *dir = opendir("/sys/class/net");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) && out->mac_count < ARRAY_LEN(out->macs)) {
		char mac[64];
		AUTO_FREE char *device =
			xasprintf("/sys/class/net/%s/device", entry->d_name);
		AUTO_FREE char *path =
			xasprintf("/sys/class/net/%s/address", entry->d_name);

		if (entry->d_name[0] == '.' || access(device, F_OK))
			continue;
		line_of(path, mac, sizeof(mac));
		if (strlen(mac) == 17 && strcmp(mac, "00:00:00:00:00:00") != 0 &&
		    strcmp(mac, "ff:ff:ff:ff:ff:ff") != 0)
			memcpy(out->macs[out->mac_count++], mac, 18);
	}
	if (dir)
		closedir(dir);
}

void identity_read(const char *id, struct identity *out)
{
	char text[ORDER_NAME_MAX + 1];

	*out = (struct identity){ .mac_count = 0 };
	(void)snprintf(out->id, sizeof(out->id), "%s", id);
	line_of("/sys/class/dmi/id/product_uuid", text, sizeof(text));
	(void)snprintf(out->uuid, sizeof(out->uuid), "%s", identity_uuid(text));
	line_of("/sys/class/dmi/id/product_serial", text, sizeof(text));
	(void)snprintf(out->serial, sizeof(out->serial), "%s", identity_serial(text));
	macs_read(out);
}
