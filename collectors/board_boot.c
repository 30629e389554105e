/* board/efi-boot: what the firmware starts, and in which order (UEFI 2.10, 3.1.3 and 3.3). */
#include "board.h"
#include "efi_path.h"
#include "tree_props.h"

#include <stdlib.h>
#include <string.h>

#define EFIVARS "/sys/firmware/efi/efivars"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ATTRIBUTES 4u  /* Documentation/filesystems/efivarfs.rst: before the data */
#define OPTION_HEAD 6u /* attributes and the path's length */
#define OPTIONS_MAX 256u
#define ORDER_MAX 1024u
#define TEXT_MAX 2048u /* bytes of a name or a path; longer ones are not told whole */

static const char where[] = "board/efi-boot";

enum { ACTIVE = 1, HIDDEN = 8, CATEGORY = 0x1f00, CATEGORY_APP = 0x100 };

static unsigned le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

/* "Boot" and four digits (3.3, Boot####), and then the vendor's GUID. */
static bool is_option(struct span name)
{
	if (name.len != 8 + strlen(GLOBAL) || !text_skip(&name, "Boot"))
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!(name.at[i] >= '0' && name.at[i] <= '9') &&
		    !(name.at[i] >= 'A' && name.at[i] <= 'F'))
			return false;
	name.at += 4;
	name.len -= 4;
	return text_is(name, GLOBAL);
}

static void put_long_text(json_t *props, const char *prop, const char *text, size_t len)
{
	if (len <= TEXT_MAX)
		collect_text(props, prop, text, len);
	else
		collect_unread(props, prop, json_text(text, TEXT_MAX, NULL));
}

static void put_path(json_t *props, const uint8_t *bytes, size_t len)
{
	struct efi_path found = { NULL, 0, "", "" };
	size_t size = 0;
	AUTO_FREE char *text = efi_path_text(bytes, len, &found, &size);

	if (text)
		put_long_text(props, "uefi_device_path", text, size);
	else
		collect_unread(props, "uefi_device_path",
			       json_string("its nodes do not add up"));
	if (found.file)
		put_long_text(props, "file", found.file, found.file_len);
	if (found.partition[0])
		json_put(props, "partition_uuid", json_string(found.partition));
	if (found.mac[0])
		json_put(props, "mac_address", json_string(found.mac));
	free(found.file);
}

/* EFI_LOAD_OPTION: attributes, the path's length, a name that a NUL ends, the path, and
 * what the loader is given, which is its own. */
static void put_load_option(json_t *option, const uint8_t *data, size_t len)
{
	size_t path, name = 0, count, size;
	AUTO_FREE char *text = NULL;

	if (len < OPTION_HEAD) {
		collect_unread(option, "display_name", json_string("it is too short"));
		return;
	}
	json_put(option, "boot_option_enabled", json_boolean(data[0] & ACTIVE));
	json_put(option, "hidden", json_boolean(data[0] & HIDDEN));
	if ((le16(data) & CATEGORY) == CATEGORY_APP)
		json_put(option, "category", json_string("Application"));
	else if ((le16(data) & CATEGORY) == 0)
		json_put(option, "category", json_string("Boot"));
	else
		collect_unread(option, "category",
			       json_integer((le16(data) & CATEGORY) >> 8));
	path = le16(data + 4);
	data += OPTION_HEAD;
	len -= OPTION_HEAD;
	count = len / 2;
	while (name < count && le16(data + 2 * name) != 0)
		name++;
	text = efi_ucs2(data, name, &size);
	put_long_text(option, "display_name", text, size);
	if (name == count || path > len - 2 * (name + 1))
		collect_unread(option, "uefi_device_path",
			       json_string("it ends before its path does"));
	else
		put_path(option, data + 2 * (name + 1), path);
}

static void put_reference(json_t *to, unsigned number)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "Boot%04X", number & 0xffff);
	json_push(to, json_string(text));
}

/* The 16-bit numbers of a variable; NULL: not there, or not such a one. */
static json_t *numbers_of(json_t *props, const char *prop, const struct tree *tree,
			  const char *variable)
{
	struct span name = { variable, strlen(variable) };
	size_t len = 0, size;
	AUTO_FREE char *bytes = tree_bytes(tree, EFIVARS, name, "", &len);
	json_t *list;

	if (!bytes) {
		if (tree_find(tree, EFIVARS, name, ""))
			json_put(props, prop, json_null());
		return NULL;
	}
	/* Of an even number, that is the newline at the end that bee-read does not show. */
	if (len % 2)
		bytes[len++] = '\n';
	size = len < ATTRIBUTES ? 0 : (len - ATTRIBUTES) / 2;
	if (size == 0 || size > ORDER_MAX) {
		collect_unread(props, prop, json_integer((json_int_t)len));
		return NULL;
	}
	list = json_array();
	for (size_t i = 0; i < size; i++)
		put_reference(list, le16((uint8_t *)bytes + ATTRIBUTES + 2 * i));
	return list;
}

static void put_one(json_t *props, const char *prop, const struct tree *tree,
		    const char *variable)
{
	AUTO_JSON json_t *list = numbers_of(props, prop, tree, variable);

	if (json_array_size(list) == 1)
		json_put(props, prop, json_incref(json_array_get(list, 0)));
	else if (list)
		collect_unread(props, prop, json_incref(list));
}

static json_t *option_of(const struct tree *tree, struct span name)
{
	json_t *option = json_object();
	size_t len;
	AUTO_FREE char *bytes = tree_bytes(tree, EFIVARS, name, "", &len);

	collect_text(option, "boot_option_reference", name.at, 8);
	if (bytes && len >= ATTRIBUTES)
		put_load_option(option, (const uint8_t *)bytes + ATTRIBUTES,
				len - ATTRIBUTES);
	else
		collect_unread(option, "display_name", json_string("it cannot be read"));
	return option;
}

static void put_options(json_t *props, const struct tree *tree, struct output *out)
{
	size_t at = tree_seek(tree, EFIVARS, "Boot");
	json_t *list = json_array();
	struct span name;

	while (tree_next(tree, EFIVARS, &at, &name) && text_starts(name, "Boot")) {
		if (!is_option(name))
			continue;
		if (json_array_size(list) == OPTIONS_MAX) {
			collect_error(out, where, "more than %u boot options",
				      OPTIONS_MAX);
			break;
		}
		json_push(list, option_of(tree, name));
	}
	if (json_array_size(list) > 0)
		json_put(props, "boot_options", json_incref(list));
	json_decref(list);
}

void collect_board_efi_boot(const struct input *in, const char *instance,
			    struct output *out)
{
	struct tree tree;
	json_t *props = json_object(), *order;

	(void)instance;
	tree_open(&tree, in, where, out);
	order = numbers_of(props, "boot_order", &tree, "BootOrder" GLOBAL);
	if (order)
		json_put(props, "boot_order", order);
	put_one(props, "boot_current", &tree, "BootCurrent" GLOBAL);
	put_one(props, "boot_next", &tree, "BootNext" GLOBAL);
	put_options(props, &tree, out);
	if (json_object_size(props) > 0)
		collect_record(out, "firmware", "bios", props);
	else
		json_decref(props);
	tree_close(&tree);
}
