/*
 * bee-report: a finished document, opened by name or on standard input, its summary and
 * QR code on standard output. Strings of hardware are formatted here, where nothing can be done with them.
 */
#include "check.h"
#include "discreet.h"
#include "document.h"
#include "html.h"
#include "html_certificate.h"
#include "input.h"
#include "json.h"
#include "qr.h"
#include "redact.h"
#include "redact_bundle.h"
#include "screen.h"
#include "stdio_filter.h"
#include "terminal.h"
#include "whole_file.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCREEN_MAX 1000 /* columns and lines that options may give */

static const char usage_text[] =
	"usage: bee report [OPTION...] [FILE]\n"
	"\n"
	"  bee report                            the last audit: summary and QR code\n"
	"  bee report audit.json                 of another document; - is standard "
	"input\n"
	"  bee report --no-qr audit.json | less  all of the summary\n"
	"  bee report --qr                       the QR code alone, for a phone\n"
	"  bee report --html -o page.html        one page: phone, print, no script\n"
	"  bee report --redact -o mailed.json    for strangers: no serial, no address\n"
	"  bee report --redact --bundle captured/ -o mailed/ audit.json\n"
	"  bee report --check-qr \"...\" audit.json  is it this document's code?\n"
	"  bee report --columns 80 --lines 25 audit.json     as on such a screen\n"
	"\n"
	"      --html            a page for a browser, with a picture of the machine\n"
	"  -o, --output FILE     to a file, which is whole or not there\n"
	"      --qr              the QR code alone, as large as the screen takes\n"
	"      --no-qr           leave the QR code out\n"
	"      --check-qr TEXT   whether TEXT, read from a code, is of this document\n"
	"      --qr-text         what the code says, as one line\n"
	"      --certificate VERDICT  with --html: what bee verify said, as JSON, on "
	"top\n"
	"      --spec SPEC       and what it was checked against\n"
	"      --signer TEXT     and whose signature there will be\n"
	"      --no-serials      leave serial numbers, WWNs, UUIDs and MAC addresses "
	"out\n"
	"      --redact          the document, with what tells this machine from others\n"
	"                        replaced by the like of it\n"
	"      --bundle DIR      with --redact: the folder of a capture in its place, to "
	"-o\n"
	"      --key FILE        with --redact: the same again in another run\n"
	"      --notes           also findings that are information\n"
	"      --columns N       the screen is N columns wide\n"
	"      --lines N         and N lines high; one is left for the prompt\n"
	"      --ascii           draw with '#', use no character beyond ASCII\n"
	"      --utf8            draw with half blocks whatever the locale says\n"
	"      --color           draw the QR code in white on black\n"
	"      --path FILE       say that the document is there\n"
	"      --exit-note TEXT  last words of the summary\n"
	"  -h, --help            this text\n"
	"      --version         the version\n";

struct report {
	struct screen_options page;
	bool code_alone, code_text, discreet, html;
	const char *output; /* a file, or NULL */
	const char *check;  /* what a phone has read, or NULL */
	struct certificate certificate;
	bool redact;
	const char *bundle, *key; /* a folder, a file; or NULL */
	struct bundle *files;
	unsigned char drawn[REDACT_KEY];
};

static unsigned size_option(const char *name, const char *text)
{
	uint64_t value;

	if (parse_u64(text, SCREEN_MAX, &value) || value == 0)
		errx(BEE_USAGE, "--%s: a number from 1 to %d is needed", name,
		     SCREEN_MAX);
	return (unsigned)value;
}

enum flag {
	F_HTML,
	F_QR,
	F_NO_QR,
	F_QR_TEXT,
	F_NO_SERIALS,
	F_REDACT,
	F_NOTES,
	F_ASCII,
	F_UTF8,
	F_COLOR,
	F_COUNT
};
static int flags[F_COUNT];
enum {
	CHECK_QR = 256,
	COLUMNS,
	LINES,
	PATH,
	NOTE,
	BUNDLE,
	KEY,
	VERSION,
	VERDICT,
	SPEC,
	SIGNER
};
static const struct option options[] = {
	{ "html", no_argument, &flags[F_HTML], 1 },
	{ "output", required_argument, NULL, 'o' },
	{ "qr", no_argument, &flags[F_QR], 1 },
	{ "no-qr", no_argument, &flags[F_NO_QR], 1 },
	{ "qr-text", no_argument, &flags[F_QR_TEXT], 1 },
	{ "certificate", required_argument, NULL, VERDICT },
	{ "spec", required_argument, NULL, SPEC },
	{ "signer", required_argument, NULL, SIGNER },
	{ "check-qr", required_argument, NULL, CHECK_QR },
	{ "no-serials", no_argument, &flags[F_NO_SERIALS], 1 },
	{ "redact", no_argument, &flags[F_REDACT], 1 },
	{ "bundle", required_argument, NULL, BUNDLE },
	{ "key", required_argument, NULL, KEY },
	{ "notes", no_argument, &flags[F_NOTES], 1 },
	{ "columns", required_argument, NULL, COLUMNS },
	{ "lines", required_argument, NULL, LINES },
	{ "ascii", no_argument, &flags[F_ASCII], 1 },
	{ "utf8", no_argument, &flags[F_UTF8], 1 },
	{ "color", no_argument, &flags[F_COLOR], 1 },
	{ "path", required_argument, NULL, PATH },
	{ "exit-note", required_argument, NULL, NOTE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 },
};

static void use_flags(struct report *r)
{
	struct screen_options *o = &r->page;

	r->html = flags[F_HTML];
	r->code_alone = flags[F_QR];
	r->code_text = flags[F_QR_TEXT];
	r->discreet = flags[F_NO_SERIALS];
	r->redact = flags[F_REDACT];
	o->qr = !flags[F_NO_QR];
	o->notes = flags[F_NOTES];
	o->utf8 = flags[F_UTF8] || (o->utf8 && !flags[F_ASCII]);
	o->color = o->color || flags[F_COLOR];
}

/* Fills `r` and ends the program after --help, --version and mistakes. */
static void read_options(struct report *r, int argc, char **argv)
{
	struct screen_options *o = &r->page;
	int c;

	while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (c) {
		case 0: /* a flag */
			break;
		case 'o':
			r->output = optarg;
			break;
		case CHECK_QR:
			r->check = optarg;
			break;
		case VERDICT:
			r->certificate.verdict_path = optarg;
			break;
		case SPEC:
			r->certificate.spec_path = optarg;
			break;
		case SIGNER:
			r->certificate.signer = optarg;
			break;
		case COLUMNS:
			o->columns = size_option("columns", optarg);
			o->screen = true;
			break;
		case LINES:
			o->lines = size_option("lines", optarg);
			o->screen = true;
			break;
		case PATH:
			o->path = optarg;
			break;
		case NOTE:
			o->note = optarg;
			break;
		case BUNDLE:
			r->bundle = optarg;
			break;
		case KEY:
			r->key = optarg;
			break;
		case 'h':
			(void)fputs(usage_text, stdout);
			exit_written(BEE_IOERR);
		case VERSION:
			printf("bee-report %s\n", BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee report --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
	use_flags(r);
}

static void check_options(const struct report *r, int argc, char **argv)
{
	if (r->certificate.verdict_path && (!r->html || !r->certificate.spec_path))
		errx(BEE_USAGE, "--certificate needs --html and --spec");
	if ((r->bundle || r->key) && !r->redact)
		errx(BEE_USAGE, "--bundle and --key go with --redact");
	if (r->bundle && !r->output)
		errx(BEE_USAGE, "--bundle: -o says where the redacted folder goes");
	if (argc - optind > 1)
		errx(BEE_USAGE, "one document at a time, not also %s", argv[optind + 1]);
}

/* A document can come there: nobody types one, and /dev/null has none. */
static bool input_is_given(void)
{
	struct stat st;

	return !fstat(STDIN_FILENO, &st) && !S_ISCHR(st.st_mode);
}

/* The document's bytes: of `path`, or of standard input. */
static char *read_document(int fd, const char *path, size_t *len)
{
	char *bytes;
	int error = document_read(fd, &bytes, len);

	if (error == -EFBIG)
		errx(BEE_DATAERR, "%s: the document is over 64 MiB", path);
	if (error)
		errx(BEE_IOERR, "%s: %s", path, strerrordesc_np(-error));
	return bytes;
}

/* Once the filter is loaded no file can be opened: what libraries open is opened here. */
static void confine(void)
{
	int error;

	json_seed();
	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
	error = stdio_filter_load(STDIO_ONLY);
	if (error)
		errx(BEE_SOFTWARE, "the filter: %s", strerrordesc_np(-error));
}

/* What bee show takes to show the same document: " FILE", "" where it needs none. Owned. */
static char *name_for_show(const char *path)
{
	if (!path || !strcmp(path, DOCUMENT_DEFAULT))
		return xstrdup("");
	/* A word without either is a section. */
	return xasprintf(" %s%s", strpbrk(path, "/.") ? "" : "./", path);
}

static int check(const json_t *document, const struct report *r)
{
	AUTO_FREE char *words = NULL;
	struct facts facts;
	bool same;

	facts_count(&facts, document);
	same = check_code(&facts, r->page.digest, r->check, &words);
	puts(words);
	return end_written(same ? BEE_OK : 1, BEE_IOERR);
}

/* The most that a code says, as a page's has it. */
static char *code_text(const json_t *document, const struct report *r)
{
	AUTO_FREE char *text = NULL;
	struct facts facts;

	facts_count(&facts, document);
	text = qr_text(&facts, r->page.digest, 0);
	return xasprintf("%s\n", text);
}

static char *page_html(const json_t *document, const struct report *r)
{
	const struct html_options o = { .digest = r->page.digest,
					.path = r->page.path,
					.serials = !r->discreet,
					.code = r->page.qr,
					.certificate = r->certificate.verdict_path
							       ? &r->certificate
							       : NULL };
	char *page = html_page(document, &o);

	if (!page)
		errx(BEE_SOFTWARE, "out of memory");
	return page;
}

/* The key by which replacements are drawn: nobody's, or of a file that somebody keeps. */
static void take_key(struct report *r)
{
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;
	int fd, error;

	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
	if (!r->key) {
		randombytes_buf(r->drawn, sizeof(r->drawn));
		return;
	}
	fd = open(r->key, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		err(BEE_IOERR, "%s", r->key);
	error = document_read(fd, &bytes, &len);
	if (error)
		errx(BEE_IOERR, "%s: %s", r->key, strerrordesc_np(-error));
	if (len < REDACT_KEY)
		errx(BEE_DATAERR, "%s: a key has %d bytes or more", r->key, REDACT_KEY);
	(void)crypto_generichash(r->drawn, sizeof(r->drawn), (unsigned char *)bytes, len,
				 NULL, 0);
	(void)close(fd);
}

static int write_redacted(const json_t *document, const struct report *r)
{
	struct redact *redact = redact_new(r->drawn);
	AUTO_FREE char *text = NULL;
	AUTO_JSON json_t *other = NULL;
	int error = 0;

	redact_learn_document(redact, document);
	if (r->files)
		bundle_learn(r->files, redact);
	redact_settle(redact);
	if (r->files) {
		bundle_write(r->files, redact);
	} else {
		other = redact_document(redact, document);
		text = json_dumps(other,
				  JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_SORT_KEYS);
		if (!text)
			errx(BEE_SOFTWARE, "out of memory");
		error = write_all(STDOUT_FILENO, text, strlen(text));
		error = error ?: write_all(STDOUT_FILENO, "\n", 1);
	}
	redact_free(redact);
	if (error)
		errx(BEE_IOERR, "%s: %s", r->output ?: "standard output",
		     strerrordesc_np(-error));
	return BEE_OK;
}

static int show(json_t *document, const struct report *r)
{
	const struct screen_options *o = &r->page;
	AUTO_FREE char *page = NULL;
	int error;

	if (r->check)
		return check(document, r);
	if (r->redact)
		return write_redacted(document, r);
	if (r->discreet)
		discreet(document);
	page = r->html         ? page_html(document, r)
	       : r->code_text  ? code_text(document, r)
	       : r->code_alone ? screen_code(document, o)
			       : screen_build(document, o);
	if (!page)
		errx(BEE_USAGE, "%u columns and %u lines are too few for a QR code",
		     o->columns, o->lines);
	error = write_all(STDOUT_FILENO, page, strlen(page));
	if (error)
		errx(BEE_IOERR, "%s: %s", r->output ?: "standard output",
		     strerrordesc_np(-error));
	return BEE_OK;
}

int main(int argc, char **argv)
{
	struct report r = { .page = { .columns = 80, .lines = 25, .qr = true } };
	unsigned char hash[crypto_hash_sha256_BYTES];
	char digest[2 * crypto_hash_sha256_BYTES + 1];
	AUTO_FREE char *bytes = NULL, *where = NULL;
	char reason[160] = "";
	const char *path;
	json_t *document;
	size_t len;
	int fd, status, error = process_hide();

	if (error)
		errx(BEE_SOFTWARE, "giving up rights: %s", strerrordesc_np(-error));
	r.page.utf8 = terminal_utf8();
	r.page.color = terminal_colors(STDOUT_FILENO);
	r.page.screen =
		terminal_size(STDOUT_FILENO, SCREEN_MAX, &r.page.columns, &r.page.lines);
	read_options(&r, argc, argv);
	check_options(&r, argc, argv);
	path = argv[optind];
	if (!path && input_is_given())
		path = "-";
	fd = input_open(&path);
	if (fd != STDIN_FILENO && !r.page.path)
		r.page.path = path;
	certificate_open(&r.certificate);
	where = name_for_show(r.page.path);
	r.page.where = where;
	if (r.redact)
		take_key(&r);
	if (r.bundle)
		r.files = bundle_read(r.bundle);
	if (r.bundle)
		bundle_begin(r.files, r.output);
	else if (r.output)
		whole_file_begin(r.output);
	confine();

	bytes = read_document(fd, path, &len);
	(void)crypto_hash_sha256(hash, (const unsigned char *)bytes, len);
	(void)sodium_bin2hex(digest, sizeof(digest), hash, sizeof(hash));
	r.page.digest = digest;
	document = document_parse(bytes, len, reason, sizeof(reason));
	if (!document)
		errx(BEE_DATAERR, "%s: not a document of bee audit: %s", path, reason);
	certificate_read(&r.certificate);
	status = show(document, &r);
	certificate_done(&r.certificate);
	json_decref(document);
	return status;
}
