/* What a VM says on its two lines while it is watched. */
#include "vm_watch.h"

#include <string.h>

/* init/version-timestamp.c; kernel/panic.c; init/main.c, init/do_mounts.c; klibc's run-init and
 * busybox's switch_root; initramfs-tools' init. */
static const struct {
	const char *text;
	unsigned seen;
} signs[] = {
	{ "Linux version ", WATCH_LIFE },
	{ "Kernel panic - not syncing", WATCH_PANIC },
	{ "No working init found", WATCH_NO_INIT },
	{ "Unable to mount root fs", WATCH_NO_INIT },
	{ "No init found. Try passing init=", WATCH_NO_INIT },
	{ "can't execute '/", WATCH_NO_INIT },
};

void watch_take(struct watch *w, const char *bytes, size_t len)
{
	while (len > 0) {
		char text[sizeof(w->kept) + 4096 + 1];
		size_t part = len < 4096 ? len : 4096, all = w->len + part;

		memcpy(text, w->kept, w->len);
		memcpy(text + w->len, bytes, part);
		text[all] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(signs); i++)
			if (memmem(text, all, signs[i].text, strlen(signs[i].text)))
				w->seen |= signs[i].seen;
		w->len = all < sizeof(w->kept) ? all : sizeof(w->kept);
		memcpy(w->kept, text + all - w->len, w->len);
		bytes += part;
		len -= part;
	}
}

void watch_lines(struct watch_lines *lines, const char *bytes, size_t len,
		 void (*each)(char *line, void *data), void *data)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			lines->text[lines->len] = '\0';
			if (!lines->overlong)
				each(lines->text, data);
			lines->len = 0;
			lines->overlong = false;
		} else if (lines->len + 1 < sizeof(lines->text)) {
			if (bytes[i] != '\r')
				lines->text[lines->len++] = bytes[i];
		} else {
			lines->overlong = true;
		}
	}
}

enum watch_word watch_word(char *line, const char *nonce, char **rest)
{
	static const struct {
		const char *text;
		enum watch_word word;
	} words[] = {
		{ "BEE-READY", WORD_READY },
		{ "BEE-OUT", WORD_OUT },
		{ "BEE-ERR", WORD_ERR },
		{ "BEE-EXIT", WORD_EXIT },
	};
	char *word = strsep(&line, " "), *its = line ? strsep(&line, " ") : NULL;
	static char nothing[1];

	if (!its || !*nonce || strcmp(its, nonce) != 0)
		return WORD_NONE;
	*rest = line ? line : nothing;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(word, words[i].text))
			return words[i].word;
	return WORD_NONE;
}
