/* storage/arrays: md arrays and multipath devices, and the drives they are made of. */
#include "storage.h"
#include "tree_props.h"

#include <string.h>

#define BLOCK "/sys/block"
#define MEMBERS_MAX 1024u /* of one array; md(4) allows 384 */
#define SECTOR 512u       /* bytes */

/*
 * ../../../../pci0000:00/.../block/sda/sda1 and .../block/sda: the drive comes right
 * after "block". NVMe has no such folder: .../nvme/nvme0/nvme0n1/nvme0n1p1.
 */
static bool drive_of(struct span path, struct drive_key *key)
{
	struct span part, before = { "", 0 }, last = before;

	while (text_cut(&path, '/', &part)) {
		if (text_is(last, "block")) {
			*key = storage_key(part);
			return !storage_is_virtual(part);
		}
		before = last;
		last = part;
	}
	if (!text_starts(last, "nvme"))
		return false;
	/* A partition's folder is below its namespace's. */
	*key = storage_key(text_starts(before, "nvme") &&
					   memchr(before.at + 4, 'n', before.len - 4)
				   ? before
				   : last);
	return true;
}

/* {drive: [arrays]}: a drive may be part of several, by its partitions. */
static void note_member(json_t *drives, const struct drive_key *drive, struct span array)
{
	json_t *list = json_object_get(drives, drive->text);
	json_t *name = json_text(array.at, array.len, NULL);

	if (!list) {
		list = json_array();
		json_put(drives, drive->text, list);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_equal(json_array_get(list, i), name)) {
			json_decref(name);
			return;
		}
	}
	json_push(list, name);
}

/* What the array is made of: the links in its "slaves". */
static json_t *members_of(const struct tree *tree, struct span array, json_t *drives)
{
	AUTO_FREE char *slaves =
		xasprintf("%s/%.*s/slaves", BLOCK, (int)(array.len % 64), array.at);
	AUTO_FREE char *md =
		xasprintf("%s/%.*s/md", BLOCK, (int)(array.len % 64), array.at);
	json_t *list = json_array();
	struct span name;
	size_t at = 0;

	while (json_array_size(list) < MEMBERS_MAX &&
	       tree_next(tree, slaves, &at, &name)) {
		AUTO_FREE char *dev =
			xasprintf("dev-%.*s", (int)(name.len % 64), name.at);
		struct tree_device member = { tree, md, { dev, strlen(dev) } };
		json_t *entry = json_object();
		struct drive_key drive;
		struct span path;

		collect_span(entry, "device", name);
		if (tree_link(tree, slaves, name, "", &path) && drive_of(path, &drive) &&
		    json_text_is_clean(drive.text, strlen(drive.text))) {
			json_put(entry, "drive", json_string(drive.text));
			note_member(drives, &drive, array);
		}
		tree_put_text(entry, "state", &member, "state");
		tree_put_number(entry, "slot", &member, "slot");
		json_push(list, entry);
	}
	return list;
}

static void put_size(json_t *props, const struct tree_device *array)
{
	uint64_t sectors, bytes;

	if (tree_number(array, "size", &sectors) &&
	    !__builtin_mul_overflow(sectors, SECTOR, &bytes))
		json_put(props, "capacity_bytes", collect_integer(bytes));
	else
		tree_put_unread(props, "capacity_bytes", array, "size");
}

/* Linux, Documentation/admin-guide/md.rst. Degraded is a count, for levels that can be.
 */
static void put_md_health(json_t *props, const struct tree_device *array)
{
	struct span level, state;
	uint64_t degraded;

	/* Containers of BIOS RAID are never active; the arrays in them are. */
	if (!tree_text(array, "md/level", &level) ||
	    (!text_starts(level, "raid") && !text_is(level, "linear")))
		return;
	if (tree_text(array, "md/array_state", &state) &&
	    (text_is(state, "broken") || text_is(state, "inactive"))) {
		json_put(props, "health", json_string("Critical"));
		json_put(props, "health_reason", json_string("the array does not run"));
	} else if (tree_number(array, "md/degraded", &degraded)) {
		json_put(props, "health", json_string(degraded ? "Critical" : "OK"));
		if (degraded)
			json_put(props, "health_reason",
				 json_string("members are missing"));
	}
}

static void emit_md(const struct tree_device *array, json_t *drives, struct output *out)
{
	json_t *props = json_object();
	char key[64];

	tree_put_text(props, "level", array, "md/level");
	tree_put_text(props, "array_state", array, "md/array_state");
	tree_put_number(props, "member_count", array, "md/raid_disks");
	tree_put_number(props, "degraded_count", array, "md/degraded");
	tree_put_text(props, "metadata_version", array, "md/metadata_version");
	tree_put_text(props, "sync_action", array, "md/sync_action");
	tree_put_number(props, "mismatch_count", array, "md/mismatch_cnt");
	put_size(props, array);
	put_md_health(props, array);
	json_put(props, "members", members_of(array->tree, array->name, drives));
	tree_errors(array->tree, BLOCK, array->name, props);
	collect_record(out, "storage.arrays", text_copy(array->name, key, sizeof(key)),
		       props);
}

/* dm's UUID of a multipath device is "mpath-" and the WWID all its paths have. */
static void emit_multipath(const struct tree_device *device, json_t *drives,
			   struct output *out)
{
	json_t *props;
	struct span uuid;
	char key[64];

	if (!tree_text(device, "dm/uuid", &uuid) || !text_skip(&uuid, "mpath-"))
		return;
	props = json_object();
	json_put(props, "level", json_string("multipath"));
	tree_put_text(props, "name", device, "dm/name");
	collect_span(props, "wwid", uuid);
	put_size(props, device);
	json_put(props, "members", members_of(device->tree, device->name, drives));
	collect_record(out, "storage.arrays", text_copy(device->name, key, sizeof(key)),
		       props);
}

void collect_storage_arrays(const struct input *in, const char *instance,
			    struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, BLOCK, { NULL, 0 } };
	AUTO_JSON json_t *drives = json_object();
	const char *drive;
	json_t *arrays;
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "storage/arrays", out);
	while (tree_next(&tree, BLOCK, &at, &device.name)) {
		if (device.name.len >= 64)
			continue;
		if (text_starts(device.name, "md"))
			emit_md(&device, drives, out);
		else if (text_starts(device.name, "dm-"))
			emit_multipath(&device, drives, out);
	}
	json_object_foreach(drives, drive, arrays)
	{
		json_t *props = json_object();

		json_put(props, "member_of", json_incref(arrays));
		collect_record(out, STORAGE_DRIVES, drive, props);
	}
	tree_close(&tree);
}
