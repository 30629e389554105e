/* Fuzzes bee report: the summary on a screen of any size stays on it, and of a page nothing is
 * markup but what is ours. */
#include "discreet.h"
#include "document.h"
#include "html.h"
#include "json.h"
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_screen(const json_t *document, unsigned columns, unsigned lines)
{
	const struct screen_options options = { .columns = columns + 1,
						.lines = lines + 2,
						.screen = true,
						.qr = true,
						.where = "",
						.digest = DIGEST };
	AUTO_FREE char *page = screen_build(document, &options);
	unsigned count = 0;

	for (const char *at = page; *at; at += strcspn(at, "\n") + 1) {
		if (strcspn(at, "\n") > columns + 1)
			abort();
		count++;
	}
	if (count > lines + 1)
		abort();
}

static void check_page(const json_t *document)
{
	const struct html_options options = { .digest = DIGEST, .serials = true };
	AUTO_FREE char *page = html_page(document, &options);

	if (!page || strstr(page, "<script") || strstr(page, "<!--"))
		abort();
	for (const char *at = page; *at; at++)
		if ((unsigned char)*at < 0x20 && *at != '\n')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char reason[80];
	json_t *document = size > 2 ? document_parse((const char *)data + 2, size - 2,
						     reason, sizeof(reason))
				    : NULL;

	if (!document)
		return 0;
	check_screen(document, data[0], data[1]);
	check_page(document);
	discreet(document);
	check_page(document);
	json_decref(document);
	return 0;
}
