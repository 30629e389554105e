/*
 * bee-ethtool INTERFACE [module]: what a network driver says of itself, its link and,
 * with "module", the transceiver plugged into it (SIOCETHTOOL, linux/ethtool.h).
 *
 *   key<TAB>value      numbers in decimal, masks in hexadecimal words, the lowest first
 *   key.hex<TAB>bytes  a text with bytes that are not printable ASCII; a module's memory
 *   error<TAB>question<TAB>ENAME
 *
 * Exit 0; 9 when there is no such interface, or no module it could be asked about.
 */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXIT_ABSENT 9
#define MASK_WORDS_MAX 127    /* the kernel's count is a signed byte */
#define MODULE_BYTES_MAX 1024 /* SFF-8636 with its upper pages has 640 */
#define MAC_BYTES_MAX 32      /* MAX_ADDR_LEN of linux/netdevice.h */

static int sock = -1;
static const char *name;

static int ask(void *command)
{
	struct ifreq request = { .ifr_data = command };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(sock, SIOCETHTOOL, &request) ? -errno : 0;
}

static void print_error(const char *question, int error)
{
	const char *word = strerrorname_np(-error);

	(void)printf("error\t%s\t%s\n", question, word ? word : "EUNKNOWN");
}

static void print_hex(const char *key, const uint8_t *bytes, size_t len)
{
	(void)printf("%s.hex\t", key);
	for (size_t i = 0; i < len; i++)
		(void)printf("%02x", bytes[i]);
	(void)putchar('\n');
}

/* A driver's text: NUL-terminated where it does not fill its field. */
static void print_text(const char *key, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e) {
			print_hex(key, (const uint8_t *)text, len);
			return;
		}
	}
	(void)printf("%s\t%.*s\n", key, (int)len, text);
}

static int driver(void)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int error = ask(&info);

	if (error) {
		print_error("GDRVINFO", error);
		return error;
	}
	print_text("driver", info.driver, sizeof(info.driver));
	print_text("version", info.version, sizeof(info.version));
	print_text("firmware", info.fw_version, sizeof(info.fw_version));
	print_text("expansion_rom", info.erom_version, sizeof(info.erom_version));
	print_text("bus", info.bus_info, sizeof(info.bus_info));
	return 0;
}

static bool is_gone(void)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	return ask(&info) == -ENODEV;
}

static void permanent_address(void)
{
	union {
		struct ethtool_perm_addr head;
		uint8_t room[sizeof(struct ethtool_perm_addr) + MAC_BYTES_MAX];
	} address = { .head = { .cmd = ETHTOOL_GPERMADDR, .size = MAC_BYTES_MAX } };
	int error = ask(&address);

	if (error) {
		print_error("GPERMADDR", error);
		return;
	}
	if (address.head.size == 0 || address.head.size > MAC_BYTES_MAX)
		return;
	(void)printf("permanent_address\t");
	for (uint32_t i = 0; i < address.head.size; i++)
		(void)printf("%s%02x", i ? ":" : "", address.head.data[i]);
	(void)putchar('\n');
}

static void print_mask(const char *key, const uint32_t *words, int count)
{
	(void)printf("%s\t", key);
	for (int i = 0; i < count; i++)
		(void)printf("%s%08x", i ? " " : "", words[i]);
	(void)putchar('\n');
}

static void link_settings(void)
{
	union {
		struct ethtool_link_settings head;
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 +
			      3 * MASK_WORDS_MAX];
	} link = { .head = { .cmd = ETHTOOL_GLINKSETTINGS } };
	/* The first answer is only how long the kernel's masks are, as -count. */
	int error = ask(&link), count = -link.head.link_mode_masks_nwords;

	if (!error && count > 0 && count <= MASK_WORDS_MAX) {
		memset(&link, 0, sizeof(link));
		link.head.cmd = ETHTOOL_GLINKSETTINGS;
		link.head.link_mode_masks_nwords = (int8_t)count;
		error = ask(&link);
	} else if (!error) {
		error = -EPROTO;
	}
	if (error) {
		print_error("GLINKSETTINGS", error);
		return;
	}
	(void)printf("speed\t%u\nduplex\t%u\nport\t%u\nautoneg\t%u\n", link.head.speed,
		     link.head.duplex, link.head.port, link.head.autoneg);
	print_mask("supported", link.head.link_mode_masks, count);
	print_mask("advertised", link.head.link_mode_masks + count, count);
	print_mask("partner", link.head.link_mode_masks + 2 * count, count);
}

static void link_state(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GLINK };
	int error = ask(&value);

	if (error)
		print_error("GLINK", error);
	else
		(void)printf("link\t%u\n", value.data);
}

static int module(void)
{
	struct ethtool_modinfo info = { .cmd = ETHTOOL_GMODULEINFO };
	union {
		struct ethtool_eeprom head;
		uint8_t room[sizeof(struct ethtool_eeprom) + MODULE_BYTES_MAX];
	} eeprom = { .head = { .cmd = ETHTOOL_GMODULEEEPROM } };
	int error = ask(&info);

	if (error) {
		print_error("GMODULEINFO", error);
		return error;
	}
	(void)printf("module_type\t%u\nmodule_bytes\t%u\n", info.type, info.eeprom_len);
	eeprom.head.len =
		info.eeprom_len < MODULE_BYTES_MAX ? info.eeprom_len : MODULE_BYTES_MAX;
	error = ask(&eeprom);
	if (error) {
		print_error("GMODULEEEPROM", error);
		return error;
	}
	print_hex("module", eeprom.head.data,
		  eeprom.head.len < MODULE_BYTES_MAX ? eeprom.head.len
						     : MODULE_BYTES_MAX);
	return 0;
}

/* What drivers answer without a cage, with an empty one, or a plug that has no memory. */
static bool is_absent(int error)
{
	return error == -ENODEV || error == -EOPNOTSUPP || error == -ENXIO ||
	       error == -EINVAL || error == -EIO || error == -ENOMEDIUM;
}

int main(int argc, char **argv)
{
	bool want_module = argc == 3 && !strcmp(argv[2], "module");
	int error;

	if (argc < 2 || argc > 3 || (argc == 3 && !want_module) || !argv[1][0] ||
	    strlen(argv[1]) >= IFNAMSIZ)
		errx(BEE_USAGE, "usage: bee-ethtool INTERFACE [module]");
	name = argv[1];
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		err(BEE_SOFTWARE, "no socket to ask through");
	if (want_module) {
		error = module();
	} else {
		error = driver();
		if (error != -ENODEV) {
			permanent_address();
			link_settings();
			link_state();
			/* It may have been pulled in the middle of this. */
			error = is_gone() ? -ENODEV : 0;
		}
	}
	close(sock);
	if (fflush(stdout))
		err(BEE_IOERR, "standard output");
	if (is_absent(error))
		return EXIT_ABSENT;
	if (error)
		errx(1, "%s: %s", name, strerror(-error));
	return 0;
}
