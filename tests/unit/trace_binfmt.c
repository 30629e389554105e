/* Which interpreter binfmt_misc has for a program. The entries are as Linux 6.1 prints them, with
 * what Debian's qemu-user-static 7.2 and mono-runtime register. */
#include "binfmt.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARM_MAGIC "7f454c4601010100000000000000000002002800"
#define ARM_MASK "ffffffffffffff00fffffffffffffffffeffffff"

static char folder[] = "/tmp/bee-binfmt.XXXXXX";

static void put(const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_FCLOSE FILE *file = fopen(path, "we");

	CHECK(file && fputs(text, file) >= 0);
}

static const char arm[] = "\x7f"
			  "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x28\0";

static const char *find(const struct binfmt *all, const char *path)
{
	return binfmt_find(all, arm, sizeof(arm) - 1, path);
}

static void make(void)
{
	CHECK(mkdtemp(folder));
	put("status", "enabled\n");
	put("qemu-arm", "enabled\ninterpreter /usr/bin/qemu-arm\nflags: OC\noffset "
			"0\nmagic " ARM_MAGIC "\nmask " ARM_MASK "\n");
}

static void clean(void)
{
	AUTO_FREE char *words = xasprintf("rm -r %s", folder);

	(void)!system(words);
}

static void by_bytes(void)
{
	struct binfmt *all;
	char other[sizeof(arm)];

	make();
	all = binfmt_read(folder);
	clean();
	CHECK_STR(find(all, "/bin/true"), "/usr/bin/qemu-arm");
	memcpy(other, arm, sizeof(other));
	other[7] = 3; /* the mask leaves the system's kind out */
	CHECK_STR(binfmt_find(all, other, sizeof(arm) - 1, "/bin/true"),
		  "/usr/bin/qemu-arm");
	other[18] = 0x3e; /* x86-64 */
	CHECK_STR(binfmt_find(all, other, sizeof(arm) - 1, "/bin/true"), NULL);
	CHECK_STR(binfmt_find(all, arm, sizeof(arm) - 2, "/bin/true"), NULL);
	CHECK_STR(binfmt_find(NULL, arm, sizeof(arm) - 1, "/bin/true"), NULL);
	binfmt_free(all);
}

static void by_extension(void)
{
	struct binfmt *all;

	make();
	put("qemu-arm", "enabled\ninterpreter /usr/lib/cli\nflags: \nextension .exe\n");
	all = binfmt_read(folder);
	clean();
	CHECK_STR(find(all, "/opt/a.b/x.exe"), "/usr/lib/cli");
	CHECK_STR(find(all, "/opt/a.exe/x"), NULL);
	CHECK_STR(find(all, "x.exe.bak"), NULL);
	CHECK_STR(find(all, ""), NULL);
	binfmt_free(all);
}

static void off(void)
{
	static const char *const texts[] = {
		"disabled\ninterpreter /usr/bin/qemu-arm\nflags: \noffset "
		"0\nmagic " ARM_MAGIC "\n",
		"enabled\ninterpreter /usr/bin/qemu-arm\nflags: OCF\noffset "
		"0\nmagic " ARM_MAGIC "\n",
		"enabled\ninterpreter /usr/bin/qemu-arm\nflags: \noffset 0\nmagic 7f4\n",
		"enabled\ninterpreter /usr/bin/qemu-arm\nflags: \noffset 250\nmagic "
		"0102030405060708\n",
		"enabled\nflags: \noffset 0\nmagic " ARM_MAGIC "\n",
		"",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct binfmt *all;

		strcpy(folder + strlen(folder) - 6, "XXXXXX");
		make();
		put("qemu-arm", texts[i]);
		all = binfmt_read(folder);
		clean();
		CHECK_STR(find(all, "/bin/true"), NULL);
		binfmt_free(all);
	}
	CHECK(!binfmt_read("/none"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a program is known by its bytes, under a mask", by_bytes, 0 },
		{ "or by the end of its name", by_extension, 0 },
		{ "what is off, fixed or broken does not count", off, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
