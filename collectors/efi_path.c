/* Takes EFI device paths apart: nodes of a type, a subtype and a length, one after another. */
#include "efi_path.h"

#include <stdlib.h>
#include <string.h>

#define NODE_HEAD 4u
#define END_OF_ALL 0xff
#define EISA_PNP 0x41d0u /* "PNP", compressed (ACPI 6.4, 19.6.37) */
#define GUID_TEXT 37

struct node {
	uint8_t type, subtype;
	const uint8_t *data; /* after the head */
	size_t len;          /* of data */
};

static unsigned le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

static uint32_t le32(const uint8_t *at)
{
	return le16(at) | (uint32_t)le16(at + 2) << 16;
}

static uint64_t le64(const uint8_t *at)
{
	return le32(at) | (uint64_t)le32(at + 4) << 32;
}

/* The first three fields are little-endian (UEFI 2.10, appendix A). */
static const char *guid_text(char text[GUID_TEXT], const uint8_t *at)
{
	(void)snprintf(text, GUID_TEXT,
		       "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", le32(at),
		       le16(at + 4), le16(at + 6), at[8], at[9], at[10], at[11], at[12],
		       at[13], at[14], at[15]);
	return text;
}

static size_t put_utf8(char *to, uint32_t code)
{
	size_t n = 0;

	if (code < 0x80) {
		to[n++] = (char)code;
		return n;
	}
	if (code < 0x800) {
		to[n++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		to[n++] = (char)(0xe0 | code >> 12);
		to[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		to[n++] = (char)(0xf0 | code >> 18);
		to[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		to[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	to[n++] = (char)(0x80 | (code & 0x3f));
	return n;
}

char *efi_ucs2(const uint8_t *units, size_t count, size_t *len)
{
	char *text = xcalloc(count + 1, 3);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t code = le16(units + 2 * i);

		if (code == 0)
			break;
		if (code >= 0xd800 && code < 0xdc00 && i + 1 < count) {
			uint32_t low = le16(units + 2 * i + 2);

			if (low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				i++;
			}
		}
		n += put_utf8(text + n, code);
	}
	*len = n;
	return text;
}

static void put_hex(FILE *to, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(void)fprintf(to, "%02X", bytes[i]);
}

/* 10.6.1.3: what has no words of its own. */
static void put_generic(FILE *to, const struct node *node)
{
	(void)fprintf(to, "Path(%u,%u", node->type, node->subtype);
	if (node->len > 0)
		(void)fputc(',', to);
	put_hex(to, node->data, node->len);
	(void)fputc(')', to);
}

static void put_pci(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "Pci(0x%X,0x%X)", node->data[1], node->data[0]);
}

static void put_vendor(FILE *to, const struct node *node, struct efi_path *found)
{
	char guid[GUID_TEXT];

	(void)found;
	(void)fprintf(to, "Ven%s(%s",
		      node->type == 1   ? "Hw"
		      : node->type == 3 ? "Msg"
					: "Media",
		      guid_text(guid, node->data));
	if (node->len > 16)
		(void)fputc(',', to);
	put_hex(to, node->data + 16, node->len - 16);
	(void)fputc(')', to);
}

static void put_acpi(FILE *to, const struct node *node, struct efi_path *found)
{
	static const struct {
		uint16_t id;
		const char *name;
	} names[] = {
		{ 0x0a03, "PciRoot" }, { 0x0a08, "PcieRoot" },
		{ 0x0604, "Floppy" },  { 0x0301, "Keyboard" },
		{ 0x0501, "Serial" },  { 0x0401, "ParallelPort" },
	};
	uint32_t hid = le32(node->data), uid = le32(node->data + 4);

	(void)found;
	for (size_t i = 0; (hid & 0xffff) == EISA_PNP && i < ARRAY_LEN(names); i++) {
		if (names[i].id != hid >> 16)
			continue;
		(void)fprintf(to, "%s(0x%X)", names[i].name, uid);
		return;
	}
	if ((hid & 0xffff) == EISA_PNP)
		(void)fprintf(to, "Acpi(PNP%04X,0x%X)", hid >> 16, uid);
	else
		(void)fprintf(to, "Acpi(0x%08X,0x%X)", hid, uid);
}

static void put_pair(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "Scsi(0x%X,0x%X)", le16(node->data), le16(node->data + 2));
}

static void put_usb(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "USB(0x%X,0x%X)", node->data[0], node->data[1]);
}

static void put_sata(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "Sata(0x%X,0x%X,0x%X)", le16(node->data), le16(node->data + 2),
		      le16(node->data + 4));
}

/* The EUI-64 with its first byte in front, which is the last here. */
static void put_nvme(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "NVMe(0x%X,", le32(node->data));
	for (size_t i = 0; i < 8; i++)
		(void)fprintf(to, "%s%02X", i ? "-" : "", node->data[11 - i]);
	(void)fputc(')', to);
}

/* 32 bytes, of which interface types 0 and 1 use six. */
static void put_mac(FILE *to, const struct node *node, struct efi_path *found)
{
	const uint8_t *mac = node->data;
	bool ethernet = mac[32] <= 1;

	(void)fputs("MAC(", to);
	put_hex(to, mac, ethernet ? 6 : 32);
	(void)fprintf(to, ",0x%X)", mac[32]);
	if (ethernet)
		(void)snprintf(found->mac, sizeof(found->mac),
			       "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
			       mac[3], mac[4], mac[5]);
}

/* Local address, remote address, ports, protocol, whether the local address is fixed. */
static void put_ipv4(FILE *to, const struct node *node, struct efi_path *found)
{
	const uint8_t *d = node->data;

	(void)found;
	(void)fprintf(to, "IPv4(%u.%u.%u.%u,0x%X,%s,%u.%u.%u.%u)", d[4], d[5], d[6], d[7],
		      le16(d + 12), d[14] ? "Static" : "DHCP", d[0], d[1], d[2], d[3]);
}

static void put_address6(FILE *to, const uint8_t *address)
{
	for (size_t i = 0; i < 16; i += 2)
		(void)fprintf(to, "%s%x", i ? ":" : "",
			      (unsigned)address[i] << 8 | address[i + 1]);
}

static void put_ipv6(FILE *to, const struct node *node, struct efi_path *found)
{
	static const char *const origins[] = { "Static", "StatelessAutoConfigure",
					       "StatefulAutoConfigure" };
	const uint8_t *d = node->data;

	(void)found;
	(void)fputs("IPv6(", to);
	put_address6(to, d + 16);
	(void)fprintf(to, ",0x%X,%s,", le16(d + 36),
		      d[38] < ARRAY_LEN(origins) ? origins[d[38]] : "Unknown");
	put_address6(to, d);
	(void)fputc(')', to);
}

static void put_uri(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fputs("Uri(", to);
	(void)fwrite(node->data, 1, node->len, to);
	(void)fputc(')', to);
}

/* 10.3.5.1: signature type 1 is an MBR's four bytes, 2 a GUID. */
static void put_hard_drive(FILE *to, const struct node *node, struct efi_path *found)
{
	const uint8_t *d = node->data;
	char guid[GUID_TEXT];

	(void)fprintf(to, "HD(%u,", le32(d));
	if (d[37] == 1) {
		(void)fprintf(to, "MBR,0x%08X", le32(d + 20));
	} else if (d[37] == 2) {
		(void)fprintf(to, "GPT,%s", guid_text(guid, d + 20));
		memcpy(found->partition, guid, sizeof(guid));
	} else {
		(void)fprintf(to, "%u,0", d[37]);
	}
	(void)fprintf(to, ",0x%llX,0x%llX)", (unsigned long long)le64(d + 4),
		      (unsigned long long)le64(d + 12));
}

static void put_cdrom(FILE *to, const struct node *node, struct efi_path *found)
{
	(void)found;
	(void)fprintf(to, "CDROM(0x%X,0x%llX,0x%llX)", le32(node->data),
		      (unsigned long long)le64(node->data + 4),
		      (unsigned long long)le64(node->data + 12));
}

static void put_file(FILE *to, const struct node *node, struct efi_path *found)
{
	free(found->file);
	found->file = efi_ucs2(node->data, node->len / 2, &found->file_len);
	(void)fwrite(found->file, 1, found->file_len, to);
}

static void put_guid(FILE *to, const struct node *node, struct efi_path *found)
{
	char guid[GUID_TEXT];

	(void)found;
	(void)fprintf(to, "%s(%s)", node->subtype == 6 ? "FvFile" : "Fv",
		      guid_text(guid, node->data));
}

/* 10.3.6: how a BIOS boots, which has words for devices and no paths. */
static void put_bbs(FILE *to, const struct node *node, struct efi_path *found)
{
	static const char *const kinds[] = { NULL,     "Floppy", "HD",     "CDROM",
					     "PCMCIA", "USB",    "Network" };
	unsigned kind = le16(node->data);
	size_t len = strnlen((const char *)node->data + 4, node->len - 4);

	(void)found;
	(void)fputs("BBS(", to);
	if (kind < ARRAY_LEN(kinds) && kinds[kind])
		(void)fputs(kinds[kind], to);
	else
		(void)fprintf(to, "%u", kind);
	(void)fputc(',', to);
	(void)fwrite(node->data + 4, 1, len, to);
	(void)fprintf(to, ",0x%X)", le16(node->data + 2));
}

static const struct {
	uint8_t type, subtype;
	uint8_t least; /* bytes after the head; fewer are printed as bytes */
	void (*put)(FILE *to, const struct node *node, struct efi_path *found);
} kinds[] = {
	{ 1, 1, 2, put_pci },         { 1, 4, 16, put_vendor }, { 2, 1, 8, put_acpi },
	{ 3, 2, 4, put_pair },        { 3, 5, 2, put_usb },     { 3, 10, 16, put_vendor },
	{ 3, 11, 33, put_mac },       { 3, 12, 15, put_ipv4 },  { 3, 13, 39, put_ipv6 },
	{ 3, 18, 6, put_sata },       { 3, 23, 12, put_nvme },  { 3, 24, 0, put_uri },
	{ 4, 1, 38, put_hard_drive }, { 4, 2, 20, put_cdrom },  { 4, 3, 16, put_vendor },
	{ 4, 4, 2, put_file },        { 4, 6, 16, put_guid },   { 4, 7, 16, put_guid },
	{ 5, 1, 4, put_bbs },
};

static void put_node(FILE *to, const struct node *node, struct efi_path *found)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].type != node->type || kinds[i].subtype != node->subtype ||
		    node->len < kinds[i].least)
			continue;
		kinds[i].put(to, node, found);
		return;
	}
	put_generic(to, node);
}

/* Whether the end was met. End of an instance (7fh, 01h) begins another path: a comma. */
static bool put_nodes(FILE *to, const uint8_t *bytes, size_t len, struct efi_path *found)
{
	bool first = true;

	while (len >= NODE_HEAD) {
		size_t size = le16(bytes + 2);
		struct node node = { bytes[0], bytes[1], bytes + NODE_HEAD, 0 };

		if (size < NODE_HEAD || size > len)
			return false;
		node.len = size - NODE_HEAD;
		bytes += size;
		len -= size;
		if (node.type == 0x7f && node.subtype == END_OF_ALL)
			return true;
		if (node.type == 0x7f) {
			(void)fputc(',', to);
			first = true;
			continue;
		}
		if (!first)
			(void)fputc('/', to);
		put_node(to, &node, found);
		first = false;
	}
	return false;
}

char *efi_path_text(const uint8_t *bytes, size_t len, struct efi_path *found,
		    size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);
	bool whole;

	if (!to)
		return NULL;
	whole = put_nodes(to, bytes, len, found);
	if (fclose(to) || !whole) {
		free(text);
		return NULL;
	}
	return text;
}
