/* Makers of memory by the codes that JEDEC gives them. */
#include "jedec.h"

#define BYTES_MAX 8
#define CONTINUATION 0x7f /* JEP-106: "the next bank" */

/*
 * JEP-106BK: the bank, counted from 0, and the code with its odd parity bit. Those who sell
 * modules or the chips on them; names as the makers write them today.
 */
static const struct {
	uint8_t bank, code;
	const char *name;
} makers[] = {
	/* bank 1 */
	{ 0, 0x01, "AMD" },
	{ 0, 0x2c, "Micron" },
	{ 0, 0x40, "ProMOS" },
	{ 0, 0x54, "Hewlett-Packard" },
	{ 0, 0x89, "Intel" },
	{ 0, 0x98, "Kioxia" },
	{ 0, 0xa4, "IBM" },
	{ 0, 0xad, "SK hynix" },
	{ 0, 0xc1, "Infineon" },
	{ 0, 0xce, "Samsung" },
	{ 0, 0xda, "Winbond" },
	/* bank 2 */
	{ 1, 0x32, "Mushkin" },
	{ 1, 0x40, "Viking" },
	{ 1, 0x4f, "Transcend" },
	{ 1, 0x61, "Wintec" },
	{ 1, 0x7a, "Apacer" },
	{ 1, 0x91, "Dataram" },
	{ 1, 0x94, "SMART Modular" },
	{ 1, 0x98, "Kingston" },
	{ 1, 0xa8, "STEC" },
	{ 1, 0xba, "PNY" },
	{ 1, 0xce, "Unigen" },
	/* bank 3 */
	{ 2, 0x8a, "Cisco" },
	{ 2, 0x9e, "Corsair" },
	{ 2, 0xb5, "SpecTek" },
	{ 2, 0xfe, "Elpida" },
	/* bank 4 */
	{ 3, 0x0b, "Nanya" },
	{ 3, 0x13, "GeIL" },
	{ 3, 0x16, "Netlist" },
	{ 3, 0x19, "Centon" },
	{ 3, 0x25, "Kingmax" },
	{ 3, 0x83, "Buffalo" },
	{ 3, 0xda, "Swissbit" },
	/* bank 5 */
	{ 4, 0x43, "Ramaxel" },
	{ 4, 0xb0, "OCZ" },
	{ 4, 0xc8, "Powerchip" },
	{ 4, 0xcb, "ADATA" },
	{ 4, 0xcd, "G.Skill" },
	{ 4, 0xef, "Team Group" },
	{ 4, 0xf1, "Toshiba" },
	/* bank 6 */
	{ 5, 0x02, "Patriot" },
	{ 5, 0x51, "Qimonda" },
	{ 5, 0x57, "Aeneon" },
	{ 5, 0x9b, "Crucial" },
	{ 5, 0xba, "Virtium" },
	{ 5, 0xf7, "Avant" },
	/* bank 7 */
	{ 6, 0x34, "Super Talent" },
	{ 6, 0x5e, "Lexar" },
	{ 6, 0x6d, "V-Color" },
	{ 6, 0xc1, "Asint" },
	{ 6, 0xd3, "Silicon Power" },
	{ 6, 0xe3, "ATP" },
	{ 6, 0xf1, "Innodisk" },
	/* bank 8 and above */
	{ 7, 0x5d, "Wilk Elektronik" },
	{ 7, 0xef, "Zentel" },
	{ 8, 0x98, "Essencore" },
	{ 8, 0xd5, "Etron" },
	{ 8, 0xf1, "Asgard" },
	{ 9, 0x68, "Kimtigo" },
	{ 9, 0x83, "Hewlett Packard Enterprise" },
	{ 9, 0xad, "Neo Forza" },
	{ 9, 0xcd, "Longsys" },
	{ 10, 0x31, "Biwin" },
	{ 10, 0x76, "Lexar" },
	{ 10, 0xd3, "Cervoz" },
};

static const char *maker_of(unsigned bank, unsigned code)
{
	/* The count of continuation codes has an odd parity bit of its own: 80h is none. */
	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		if (makers[i].bank == (bank & 0x7f) && makers[i].code == code)
			return makers[i].name;
	return NULL;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes the text is in hexadecimal; 0 for another text. A digit left over is dropped. */
static size_t bytes_of(struct span text, uint8_t bytes[BYTES_MAX])
{
	size_t digits = 0;

	if (!text_skip(&text, "0x"))
		(void)text_skip(&text, "0X");
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_of(text.at[i]);

		if (text.at[i] == ' ' && digits % 2 == 0)
			continue;
		if (digit < 0)
			return 0;
		if (digits / 2 < BYTES_MAX)
			bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | digit);
		digits++;
	}
	return digits / 2 <= BYTES_MAX ? digits / 2 : 0;
}

const char *jedec_maker(struct span text)
{
	uint8_t bytes[BYTES_MAX] = { 0 };
	size_t count, bank = 0;
	const char *name;

	text = text_trim(text);
	if (text_skip(&text, "JEDEC ID:"))
		text = text_trim(text);
	count = bytes_of(text, bytes);
	if (count == 8 || (count > 0 && bytes[0] == CONTINUATION)) {
		while (bank < count && bytes[bank] == CONTINUATION)
			bank++;
		return bank < count ? maker_of((unsigned)bank, bytes[bank]) : NULL;
	}
	if (count != 2 && count != 6)
		return NULL;
	/* Some firmware has the two bytes the other way round. */
	name = maker_of(bytes[0], bytes[1]);
	return name ? name : maker_of(bytes[1], bytes[0]);
}
