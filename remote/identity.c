/* What this machine is called: from SMBIOS by sysfs, and its network cards. */
#include "identity.h"
#include "placeholder.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One that two machines may have, as their makers left it, names neither. */
static bool is_placeholder(const char *text)
{
	return placeholder_is(text, strlen(text), PLACEHOLDER_IDENTITY);
}

const char *identity_serial(const char *text)
{
	return strlen(text) < 3 || is_placeholder(text) ? "" : text;
}

static bool has_form(const char *text, const char *form)
{
	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i])
				   : text[i] != form[i])
			return false;
	return true;
}

const char *identity_uuid(const char *text)
{
	bool is = has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");

	return is && !is_placeholder(text) ? text : "";
}

const char *identity_mac(const char *text)
{
	unsigned char bytes[6];
	bool even = true;

	if (!has_form(text, "xx:xx:xx:xx:xx:xx"))
		return "";
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		char pair[] = { text[3 * i], text[3 * i + 1], '\0' };
		uint64_t byte;

		if (parse_hex(pair, UINT8_MAX, &byte))
			return "";
		bytes[i] = (unsigned char)byte;
	}
	/* 00:00:..., 00:11:22:..., 12:34:56:...: of examples, and of cards whose own was never written. */
	for (unsigned i = 2; i < sizeof(bytes); i++)
		even &= (unsigned char)(bytes[i] - bytes[i - 1]) ==
			(unsigned char)(bytes[1] - bytes[0]);
	/* IEEE 802: an address with this bit is a group's, and no card's. */
	return even || bytes[0] & 1 ? "" : text;
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
		if (*identity_mac(mac))
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
