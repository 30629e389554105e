/* What a VM says: signs of life and death in pieces, lines of any length, nonces; its fstab. */
#include "vm_watch.h"
#include "tap.h"
#include "vm_disk.h"

#include <stdlib.h>
#include <string.h>

#define NONCE "0123456789abcdef0123456789abcdef"

/* Of a boot of Debian's 6.1 under QEMU, and what it says at its end. */
static const char booted[] = "\033[2J[    0.000000] Linux version 6.1.0-56-amd64 "
			     "(debian-kernel@lists.debian.org)\r\n";
static const char panicked[] = "[    1.2] Kernel panic - not syncing: Attempted to kill "
			       "init! exitcode=0x00000100\r\n";
static const char rootless[] = "[    1.2] Kernel panic - not syncing: VFS: Unable to "
			       "mount root fs on unknown-block(0,0)\r\n";

static unsigned seen_of(const char *text, size_t piece)
{
	struct watch watch = { .len = 0 };
	size_t len = strlen(text);

	for (size_t at = 0; at < len; at += piece)
		watch_take(&watch, text + at, len - at < piece ? len - at : piece);
	return watch.seen;
}

static void pieces(void)
{
	for (size_t piece = 1; piece < 100; piece++) {
		CHECK_INT(seen_of(booted, piece), WATCH_LIFE);
		CHECK_INT(seen_of(panicked, piece), WATCH_PANIC);
		CHECK_INT(seen_of(rootless, piece), WATCH_PANIC | WATCH_NO_INIT);
	}
}

static void flood(void)
{
	size_t size = 3 << 20;
	char *text = xcalloc(1, size + sizeof(booted));

	memset(text, 'L', size);
	CHECK_INT(seen_of(text, 1000), 0);
	(void)stpcpy(text + size, booted);
	CHECK_INT(seen_of(text, 5000), WATCH_LIFE);
	free(text);
}

static unsigned count;
static size_t longest;

static void line_count(char *line, void *data)
{
	(void)data;
	count++;
	if (strlen(line) > longest)
		longest = strlen(line);
}

static void long_lines(void)
{
	struct watch_lines lines = { .len = 0 };
	char text[3 * WATCH_LINE];

	count = 0;
	memset(text, 'x', sizeof(text));
	watch_lines(&lines, text, sizeof(text), line_count, NULL);
	watch_lines(&lines, "\nshort\r\n", 8, line_count, NULL);
	CHECK_INT(count, 1);
	CHECK_INT(longest, 5);
	watch_lines(&lines, text, WATCH_LINE - 1, line_count, NULL);
	watch_lines(&lines, "\n", 1, line_count, NULL);
	CHECK_INT(count, 2);
	CHECK_INT(longest, WATCH_LINE - 1);
}

static enum watch_word word_of(const char *text, const char *nonce, const char *wanted)
{
	char line[200], *rest = NULL;
	enum watch_word word;

	(void)snprintf(line, sizeof(line), "%s", text);
	word = watch_word(line, nonce, &rest);
	if (word != WORD_NONE)
		CHECK_STR(rest, wanted);
	return word;
}

static void nonces(void)
{
	CHECK_INT(word_of("BEE-READY " NONCE, NONCE, ""), WORD_READY);
	CHECK_INT(word_of("BEE-EXIT " NONCE " 7", NONCE, "7"), WORD_EXIT);
	CHECK_INT(word_of("BEE-OUT " NONCE " YQ==", NONCE, "YQ=="), WORD_OUT);
	CHECK_INT(word_of("BEE-ERR " NONCE " YQ==", NONCE, "YQ=="), WORD_ERR);
	CHECK_INT(word_of("BEE-READY", NONCE, ""), WORD_NONE);
	CHECK_INT(word_of("BEE-READY ", NONCE, ""), WORD_NONE);
	CHECK_INT(word_of("BEE-READY 0123456789abcdef0123456789abcdee", NONCE, ""),
		  WORD_NONE);
	CHECK_INT(word_of("BEE-READY " NONCE "0", NONCE, ""), WORD_NONE);
	CHECK_INT(word_of("BEE-ready " NONCE, NONCE, ""), WORD_NONE);
	CHECK_INT(word_of("", NONCE, ""), WORD_NONE);
	/* None was made yet: then none is right. */
	CHECK_INT(word_of("BEE-READY ", "", ""), WORD_NONE);
}

static void fstab_is(const char *old, const char *more, const char *wanted)
{
	char *got = disk_fstab(old, more);

	CHECK_STR(got, wanted);
	free(got);
}

static void fstabs(void)
{
	fstab_is("", "tmpfs /tmp tmpfs x 0 0\n", "tmpfs /tmp tmpfs x 0 0\n");
	fstab_is("a / ext4\nb /home ext4", "",
		 "a / ext4\n# bee: a VM has no such disk: b /home ext4\n");
	/* What is below them stays; so do comments, and lines that are none. */
	fstab_is("b /home/x ext4\n#c /home ext4\n/home\n\n", "",
		 "b /home/x ext4\n#c /home ext4\n/home\n\n");
	/* A second time it is the same. */
	fstab_is("# bee: a VM has no such disk: b /var ext4\ntmpfs /tmp tmpfs x 0 0\n",
		 "tmpfs /tmp tmpfs x 0 0\n",
		 "# bee: a VM has no such disk: b /var ext4\ntmpfs /tmp tmpfs x 0 0\n");
	fstab_is("x /root ext4 y\n", "LABEL=bee-work /root ext4 z\n",
		 "# bee: a VM has no such disk: x /root ext4 y\nLABEL=bee-work /root "
		 "ext4 z\n");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "signs are seen in pieces of any size", pieces, 0 },
		{ "behind a flood, too", flood, 0 },
		{ "a line that is too long is left out, the next is not", long_lines, 0 },
		{ "only a word with our nonce is one", nonces, 0 },
		{ "fstab loses the disks of another machine", fstabs, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
