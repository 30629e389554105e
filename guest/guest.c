/* What a guest is to be: flags before environment before config file. */
#include "guest.h"
#include "config.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool guest_name_good(const char *name)
{
	size_t len = strlen(name);

	if (len < 1 || len > GUEST_NAME_MAX || !isalnum((unsigned char)*name))
		return false;
	/* A name of an interface and of a folder. */
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

char *guest_absolute(const char *folder, const char *path)
{
	char here[PATH_MAX];

	if (*path == '/' || (!folder && !getcwd(here, sizeof(here))))
		return xstrdup(path);
	return xasprintf("%s/%s", folder ? folder : here, path);
}

/* Where a value has come from, for messages. */
struct from {
	const char *file; /* NULL: `name` of the environment */
	unsigned line;
	const char *name;
};

static const char *said(const struct from *from, char *text, size_t size)
{
	if (from->file)
		(void)snprintf(text, size, "%s:%u: %s", from->file, from->line,
			       from->name);
	else
		(void)snprintf(text, size, "%s", from->name);
	return text;
}

/* "vda:1:/disks/disk1.raw"; its path is made absolute, as the record has the word too. */
static void disk_read(struct guest *guest, char **item, const struct from *from)
{
	const char *word = *item;
	const char *one = strchr(word, ':'), *two = one ? strchr(one + 1, ':') : NULL;
	char number[16] = "", where[PATH_MAX + 64];
	size_t node = one ? (size_t)(one - word) : 0;
	struct disk *disk;
	uint64_t part = 0;
	bool good = two && two[1] && node > 0 && node <= 16 &&
		    (size_t)(two - one) <= sizeof(number);

	for (size_t i = 0; i < node && good; i++)
		good = isalnum((unsigned char)word[i]);
	if (good) {
		memcpy(number, one + 1, (size_t)(two - one) - 1);
		good = !*number || !parse_u64(number, 128, &part);
	}
	if (!good)
		errx(BEE_USAGE, "%s: \"%s\" is not DEVICE:PARTITION:IMAGE",
		     said(from, where, sizeof(where)), word);
	guest->disk = xrealloc_array(guest->disk, guest->disk_count + 1, sizeof(*disk));
	disk = &guest->disk[guest->disk_count++];
	*disk = (struct disk){
		.partition = (unsigned)part,
		.image = guest_absolute(from->file ? guest->folder : NULL, two + 1),
	};
	disk->node = xasprintf("%.*s", (int)node, word);
	*item = xasprintf("%.*s:%s", (int)(two - word), word, disk->image);
}

static bool mac_read(const char *text, uint8_t mac[6])
{
	for (int i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0', '\0' };
		uint64_t byte;

		if (!isxdigit((unsigned char)digits[0]) ||
		    !isxdigit((unsigned char)digits[1]))
			return false;
		for (int j = 0; j < 2; j++)
			digits[j] = (char)tolower((unsigned char)digits[j]);
		if (parse_hex(digits, 255, &byte) || text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)byte;
	}
	return !(mac[0] & 1); /* a group's address is no interface's */
}

/* "homenet:06:a7:dd:b4:02:f2" or "homenet=06:...": either may be missing. */
static void cable_read(struct guest *guest, const char *word, char sign,
		       const struct from *from)
{
	const char *mac = strchr(word, sign);
	size_t len = mac ? (size_t)(mac - word) : strlen(word);
	char where[PATH_MAX + 64];
	struct cable cable = { .bridge = "" };
	bool good = len < sizeof(cable.bridge);

	for (size_t i = 0; i < len && good; i++)
		good = isgraph((unsigned char)word[i]) && word[i] != '/';
	if (good)
		memcpy(cable.bridge, word, len);
	if (good && mac && mac[1]) {
		good = mac_read(mac + 1, cable.mac);
		cable.has_mac = true;
	}
	if (!good)
		errx(BEE_USAGE, "%s: \"%s\" is not BRIDGE%cMAC",
		     said(from, where, sizeof(where)), word, sign);
	if (guest->cable_count >= 100)
		errx(BEE_USAGE, "%s: more than 100 cables",
		     said(from, where, sizeof(where)));
	guest->cable =
		xrealloc_array(guest->cable, guest->cable_count + 1, sizeof(cable));
	guest->cable[guest->cable_count++] = cable;
}

/* The names that are understood, and where they go. */
struct setting {
	const char *name;
	struct words *list;
	char **text;
};
#define SETTINGS 16

static void settings_of(struct guest *g, struct setting out[SETTINGS])
{
	const struct setting all[SETTINGS] = {
		{ "DISKS", &g->disks, NULL },   { "BRIDGES", &g->bridges, NULL },
		{ "CABLES", &g->cables, NULL }, { "START", &g->start, NULL },
		{ "INIT", &g->init, NULL },     { "BASE", NULL, &g->base },
		{ "LOWER", NULL, &g->lower },   { "UPPER", NULL, &g->upper },
		{ "WORK", NULL, &g->work },     { "LIVE", NULL, &g->live },
		{ "ROOT", NULL, &g->root },     { "BACKEND", NULL, &g->backend },
		{ "IMAGE", NULL, &g->image },   { "KERNEL", NULL, &g->kernel },
		{ "INITRD", NULL, &g->initrd }, { "APPEND", NULL, &g->append },
	};

	memcpy(out, all, sizeof(all));
}

static bool is_set(const struct setting *s)
{
	return s->list ? s->list->count > 0 : *s->text != NULL;
}

static void environment_read(struct guest *guest, struct setting settings[SETTINGS],
			     struct from from[SETTINGS])
{
	(void)guest;
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = getenv(settings[i].name);

		/* "BASE" and the like are common words; subhost's two are not. */
		if (!value || !settings[i].list || is_set(&settings[i]) ||
		    !strcmp(settings[i].name, "START") ||
		    !strcmp(settings[i].name, "INIT"))
			continue;
		words_split(settings[i].list, value);
		from[i] = (struct from){ NULL, 0, settings[i].name };
	}
}

static void value_take(struct guest *guest, const struct config_value *value,
		       struct setting settings[SETTINGS], struct from from[SETTINGS])
{
	if (!strcmp(value->name, "NAME")) {
		if (value->words.count != 1 ||
		    strcmp(value->words.at[0], guest->name) != 0)
			errx(BEE_DATAERR, "%s:%u: NAME is not \"%s\"", guest->config,
			     value->line, guest->name);
		return;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, value->name) != 0)
			continue;
		if (is_set(&settings[i]))
			return;
		from[i] = (struct from){ guest->config, value->line, settings[i].name };
		if (!settings[i].list && (value->list || value->words.count != 1))
			errx(BEE_DATAERR, "%s:%u: %s is one word", guest->config,
			     value->line, value->name);
		/* Nothing is not a name: it would be the folder itself. */
		if (!settings[i].list && *value->words.at[0])
			*settings[i].text = xstrdup(value->words.at[0]);
		for (size_t w = 0; settings[i].list && w < value->words.count; w++) {
			if (value->list)
				words_add(settings[i].list, value->words.at[w],
					  strlen(value->words.at[w]));
			else
				words_split(settings[i].list, value->words.at[w]);
		}
		return;
	}
	errx(BEE_DATAERR, "%s:%u: nothing is known by the name of %s", guest->config,
	     value->line, value->name);
}

static void file_read(struct guest *guest, struct setting settings[SETTINGS],
		      struct from from[SETTINGS])
{
	AUTO_CLOSE int fd = open(guest->config, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = xcalloc(1, CONFIG_SIZE_MAX + 1);
	struct config config;
	struct stat st;
	ptrdiff_t len;

	if (fd < 0 || fstat(fd, &st))
		err(BEE_DATAERR, "%s", guest->config);
	if (!S_ISREG(st.st_mode))
		errx(BEE_DATAERR, "%s is no file", guest->config);
	/* It names files of this machine that a guest is given. */
	if (st.st_uid != 0 || st.st_mode & 022)
		errx(BEE_DATAERR, "%s can be written by others than root", guest->config);
	len = read_full(fd, text, CONFIG_SIZE_MAX + 1);
	if (len < 0)
		errx(BEE_DATAERR, "%s: %s", guest->config, strerror((int)-len));
	if (len > (ptrdiff_t)CONFIG_SIZE_MAX)
		errx(BEE_DATAERR, "%s is over %u bytes", guest->config, CONFIG_SIZE_MAX);
	if (config_parse(&config, text, (size_t)len))
		errx(BEE_DATAERR, "%s:%u: %s", guest->config, config.line, config.error);
	for (size_t i = 0; i < config.count; i++)
		value_take(guest, &config.values[i], settings, from);
	guest_config_done(&config);
	free(text);
}

/* The folder of a guest, and its config file where there is one. */
static void folder_find(struct guest *guest)
{
	const char *subhost = getenv("SUBHOST");
	const char *const above[] = { subhost, "/opt/sub", "/opt/subhost" };

	if (guest->config) {
		char *slash;

		guest->folder = realpath(guest->config, NULL);
		if (!guest->folder)
			err(BEE_DATAERR, "%s", guest->config);
		slash = strrchr(guest->folder, '/');
		*(slash == guest->folder ? slash + 1 : slash) = '\0';
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(above); i++) {
		struct stat st;
		char *path;

		if (!above[i])
			continue;
		path = xasprintf("%s/%s", above[i], guest->name);
		if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
			free(path);
			continue;
		}
		guest->folder = guest_absolute(NULL, path);
		free(path);
		path = xasprintf("%s/config", guest->folder);
		if (!access(path, F_OK))
			guest->config = path;
		else
			free(path);
		return;
	}
}

/* subhost's: NAME.img beside the config has the folders root and work. */
static void own_image_find(struct guest *guest)
{
	char *path;

	if (!guest->folder || guest->root || guest->image ||
	    (guest->disk_count > 0 && !guest->lower) ||
	    (guest->backend && strcmp(guest->backend, "ns") != 0))
		return;
	path = xasprintf("%s/%s.img", guest->folder, guest->name);
	if (access(path, F_OK)) {
		free(path);
		return;
	}
	guest->disk =
		xrealloc_array(guest->disk, guest->disk_count + 1, sizeof(*guest->disk));
	guest->disk[guest->disk_count++] =
		(struct disk){ .node = xstrdup("bee-image"), .image = path };
	guest->own_image = true;
}

void guest_read(struct guest *guest)
{
	struct setting settings[SETTINGS];
	struct from from[SETTINGS] = { 0 };

	settings_of(guest, settings);
	for (size_t i = 0; i < SETTINGS; i++)
		from[i].name = settings[i].name;
	folder_find(guest);
	environment_read(guest, settings, from);
	if (guest->config)
		file_read(guest, settings, from);
	for (size_t i = 0; i < guest->disks.count; i++)
		disk_read(guest, &guest->disks.at[i], &from[0]);
	/* What the file names is beside it. */
	for (size_t i = 0; i < SETTINGS; i++) {
		char **text = settings[i].text;

		if (from[i].file && text && *text &&
		    (text == &guest->image || text == &guest->kernel ||
		     text == &guest->initrd))
			*text = guest_absolute(guest->folder, *text);
	}
	own_image_find(guest);
	for (size_t i = 0; i < guest->bridges.count; i++)
		cable_read(guest, guest->bridges.at[i], ':', &from[1]);
	for (size_t i = 0; i < guest->cables.count; i++)
		cable_read(guest, guest->cables.at[i], '=', &from[2]);
}
