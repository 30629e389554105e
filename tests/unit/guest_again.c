/* What a guest was made with, kept in its record and taken from it again. */
#include "../../guest/again.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct look look;

/* A guest's words are never given up, as a command that has one ends: here a leak checker finds them. */
static struct guest *a_guest(struct guest with)
{
	static struct guest guests[16];
	static unsigned used;

	CHECK(used < ARRAY_LEN(guests));
	guests[used] = with;
	return &guests[used++];
}

/* Everything that can be said of a guest, but a config file. */
static void made(enum guest_state state, const char *backend)
{
	struct guest *g = a_guest((struct guest){
		.root = xstrdup("/tree"),
		.lower = xstrdup("/lower"),
		.upper = xstrdup("/upper"),
		.work = xstrdup("/work"),
		.is_volatile = true,
		.tun = true,
		.memory = 1000,
		.tasks = 20,
		.cpus = 3,
		.image = xstrdup("/image"),
		.kernel = xstrdup("/kernel"),
		.initrd = xstrdup("/initrd"),
		.append = xstrdup("quiet"),
		.firmware = xstrdup("/firmware"),
		.accel = xstrdup("tcg"),
		.keys = xstrdup("/keys"),
		.work_seed = xstrdup("/seed"),
		.work_size = 5,
	});

	words_split(&g->disks, "vda:1:/one vdb::/two");
	words_split(&g->bridges, "br0:");
	words_split(&g->cables, "br1=");
	words_split(&g->init, "sleep 1");
	json_decref(look.record.config);
	look = (struct look){ .state = state, .record_kind = STATE_GOOD };
	look.record.config = again_config(g);
	(void)stpcpy(look.record.backend, backend);
}

/* What a guest is to be, in one line: only what has been said of it. */
static void is(const struct guest *g, const char *wanted)
{
	AUTO_JSON json_t *config = again_config(g), *said = json_object();
	AUTO_FREE char *text = NULL;
	const char *key;
	json_t *value;

	json_object_foreach(config, key, value)
	{
		if (json_is_string(value) || json_array_size(value) > 0 ||
		    json_is_true(value) || json_integer_value(value))
			json_object_set(said, key, value);
	}
	text = json_dumps(said, JSON_COMPACT | JSON_SORT_KEYS);
	CHECK_STR(text, wanted);
}

static void test_kept(void)
{
	struct guest *g = a_guest((struct guest){ .root = NULL });

	made(GUEST_KEPT, "ns");
	again_fill(g, &look);
	is(g, "{\"bridges\":[\"br0:\"],\"cables\":[\"br1=\"],"
	      "\"disks\":[\"vda:1:/one\",\"vdb::/two\"],\"lower\":\"/lower\","
	      "\"root\":\"/tree\",\"tun\":true,\"upper\":\"/upper\",\"volatile\":true,"
	      "\"work\":\"/work\"}");
}

static void test_vm(void)
{
	struct guest *g = a_guest((struct guest){ .root = NULL });

	made(GUEST_STOPPED, "vm");
	again_fill(g, &look);
	is(g,
	   "{\"accel\":\"tcg\",\"append\":\"quiet\",\"authorized_keys\":\"/keys\","
	   "\"bridges\":[\"br0:\"],\"cables\":[\"br1=\"],\"cpus\":3,"
	   "\"disks\":[\"vda:1:/one\",\"vdb::/two\"],\"firmware\":\"/"
	   "firmware\",\"image\":\"/image\","
	   "\"initrd\":\"/initrd\",\"kernel\":\"/kernel\",\"memory\":1000,\"tasks\":20,"
	   "\"volatile\":true}");
}

/* What is said now counts. */
static void test_said(void)
{
	struct guest *g =
		a_guest((struct guest){ .memory = 7, .append = xstrdup("debug") });

	words_split(&g->cables, "br2=");
	made(GUEST_STOPPED, "vm");
	again_fill(g, &look);
	CHECK_INT(g->memory, 7);
	CHECK_INT(g->tasks, 20);
	CHECK_STR(g->append, "debug");
	CHECK_INT(g->cables.count, 1);
	CHECK_STR(g->cables.at[0], "br2=");
	CHECK_INT(g->bridges.count, 1);
}

/* A tree that is not kept, other disks, a tree of another kind, one with a folder. */
static void test_nothing(void)
{
	struct guest *tree = a_guest((struct guest){ .root = NULL }),
		     *disks = a_guest(*tree), *file = a_guest(*tree),
		     *other = a_guest((struct guest){ .root = xstrdup("/x") }),
		     *lower = a_guest((struct guest){ .lower = xstrdup("/x") }),
		     *image = a_guest((struct guest){ .image = xstrdup("/x") }),
		     *kernel = a_guest((struct guest){ .kernel = xstrdup("/x") }),
		     *config = a_guest((struct guest){ .config = xstrdup("/x") });

	made(GUEST_STOPPED, "ns");
	again_fill(tree, &look);
	is(tree, "{}");
	made(GUEST_KEPT, "ns");
	words_split(&disks->disks, "vda::/x");
	again_fill(disks, &look);
	is(disks, "{\"disks\":[\"vda::/x\"]}");
	again_fill(other, &look);
	is(other, "{\"root\":\"/x\"}");
	again_fill(lower, &look);
	is(lower, "{\"lower\":\"/x\"}");
	json_put(look.record.config, "folder", json_string("/opt/sub/x"));
	again_fill(file, &look);
	is(file, "{}");
	made(GUEST_STOPPED, "vm");
	again_fill(image, &look);
	is(image, "{\"image\":\"/x\"}");
	again_fill(kernel, &look);
	is(kernel, "{\"kernel\":\"/x\"}");
	again_fill(config, &look);
	is(config, "{}");
	look.record_kind = STATE_BAD;
	again_fill(file, &look);
	is(file, "{}");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a tree that is kept is what it was made with", test_kept, 0 },
		{ "so is a VM", test_vm, 0 },
		{ "what is said now counts", test_said, 0 },
		{ "nothing comes of a record that another guest has left", test_nothing,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
