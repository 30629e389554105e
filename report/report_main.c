/*
 * bee-report: a finished document on standard input, its summary and QR code on standard
 * output. Strings of hardware are formatted here, where nothing can be done with them.
 */
#include "json.h"
#include "page.h"
#include "stdio_filter.h"

#include <err.h>
#include <getopt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DOCUMENT_MAX (64u << 20) /* bytes */
#define SCREEN_MAX 1000          /* columns and lines that options may give */

static const char usage_text[] =
	"usage: bee report [OPTION...] < DOCUMENT\n"
	"\n"
	"  bee report < /var/log/bee-audit.json          summary and QR code on one "
	"screen\n"
	"  bee report --no-qr < audit.json | less        the summary alone\n"
	"  bee report --columns 80 --lines 25 < audit.json   as on such a screen\n"
	"\n"
	"      --no-qr           leave the QR code out\n"
	"      --columns N       the screen is N columns wide\n"
	"      --lines N         and N lines high; one is left for the prompt\n"
	"      --ascii           draw with '#', use no character beyond ASCII\n"
	"      --utf8            draw with half blocks whatever the locale says\n"
	"      --color           draw the QR code in white on black\n"
	"      --path FILE       say that the document is there\n"
	"      --exit-note TEXT  last words of the summary\n"
	"  -h, --help            this text\n"
	"      --version         the version\n";

/* The kernel's console is UTF-8 unless told otherwise, also before any locale is set. */
static bool terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *term = getenv("TERM");

	if (term && !strcmp(term, "dumb"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return term && !strcmp(term, "linux");
}

static unsigned size_option(const char *name, const char *text)
{
	uint64_t value;

	if (parse_u64(text, SCREEN_MAX, &value) || value == 0)
		errx(BEE_USAGE, "--%s: a number from 1 to %d is needed", name,
		     SCREEN_MAX);
	return (unsigned)value;
}

/* Fills `o` and ends the program after --help, --version and mistakes. */
static void read_options(struct page_options *o, int argc, char **argv)
{
	enum { NO_QR = 256, COLUMNS, LINES, ASCII, UTF8, COLOR, PATH, NOTE, VERSION };
	static const struct option options[] = {
		{ "no-qr", no_argument, NULL, NO_QR },
		{ "columns", required_argument, NULL, COLUMNS },
		{ "lines", required_argument, NULL, LINES },
		{ "ascii", no_argument, NULL, ASCII },
		{ "utf8", no_argument, NULL, UTF8 },
		{ "color", no_argument, NULL, COLOR },
		{ "path", required_argument, NULL, PATH },
		{ "exit-note", required_argument, NULL, NOTE },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case NO_QR:
			o->qr = false;
			break;
		case COLUMNS:
			o->columns = size_option("columns", optarg);
			o->screen = true;
			break;
		case LINES:
			o->lines = size_option("lines", optarg);
			o->screen = true;
			break;
		case ASCII:
			o->utf8 = false;
			break;
		case UTF8:
			o->utf8 = true;
			break;
		case COLOR:
			o->color = true;
			break;
		case PATH:
			o->path = optarg;
			break;
		case NOTE:
			o->note = optarg;
			break;
		case 'h':
			(void)fputs(usage_text, stdout);
			exit(BEE_OK);
		case VERSION:
			printf("bee-report %s\n", BEE_VERSION);
			exit(BEE_OK);
		default:
			(void)fputs(usage_text, stderr);
			exit(BEE_USAGE);
		}
	}
	if (optind < argc)
		errx(BEE_USAGE, "the document is read from standard input: < %s",
		     argv[optind]);
}

static void ask_terminal(struct page_options *o)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return;
	o->screen = true;
	if (size.ws_col > 0 && size.ws_col <= SCREEN_MAX)
		o->columns = size.ws_col;
	if (size.ws_row > 0 && size.ws_row <= SCREEN_MAX)
		o->lines = size.ws_row;
}

static char *read_document(size_t *len)
{
	size_t room = 65536, have = 0;
	char *bytes = xrealloc_array(NULL, room, 1);

	for (;;) {
		ptrdiff_t n = read_full(STDIN_FILENO, bytes + have, room - have);

		if (n < 0)
			errx(BEE_IOERR, "standard input: %s", strerrordesc_np((int)-n));
		have += (size_t)n;
		if (have < room)
			break;
		if (room > DOCUMENT_MAX)
			errx(BEE_DATAERR, "the document is over 64 MiB");
		room *= 2;
		bytes = xrealloc_array(bytes, room, 1);
	}
	if (have > DOCUMENT_MAX)
		errx(BEE_DATAERR, "the document is over 64 MiB");
	*len = have;
	return bytes;
}

/* Once the filter is loaded no file can be opened: what libraries open is opened here. */
static void prepare(void)
{
	json_seed();
	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
}

int main(int argc, char **argv)
{
	struct page_options o = { .columns = 80, .lines = 25, .qr = true };
	unsigned char hash[crypto_hash_sha256_BYTES];
	char digest[2 * crypto_hash_sha256_BYTES + 1];
	AUTO_FREE char *bytes = NULL, *page = NULL;
	json_t *document;
	json_error_t where;
	size_t len;
	int error;

	o.utf8 = terminal_is_utf8();
	ask_terminal(&o);
	read_options(&o, argc, argv);
	prepare();
	error = stdio_filter_load(STDIO_ONLY);
	if (error)
		errx(BEE_SOFTWARE, "the filter: %s", strerrordesc_np(-error));

	bytes = read_document(&len);
	(void)crypto_hash_sha256(hash, (const unsigned char *)bytes, len);
	(void)sodium_bin2hex(digest, sizeof(digest), hash, sizeof(hash));
	o.digest = digest;
	document = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &where);
	/* jansson's text quotes the document, so only the place is told. */
	if (!document)
		errx(BEE_DATAERR, "not a document: unreadable at line %d, column %d",
		     where.line, where.column);
	if (!json_is_string(json_object_get(document, "schema_version")))
		errx(BEE_DATAERR,
		     "not a document of bee audit: it has no schema_version");
	page = page_build(document, &o);
	error = write_all(STDOUT_FILENO, page, strlen(page));
	json_decref(document);
	if (error)
		errx(BEE_IOERR, "standard output: %s", strerrordesc_np(-error));
	return BEE_OK;
}
