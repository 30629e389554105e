/*
 * bee-accept: audit, verify, and a certificate that a stranger can check. It reads no document: each
 * part is made by the program that has it, and all this one does with their bytes is to hash them.
 */
#include "child.h"
#include "folder.h"

#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 400
#define KEY_ID_SIZE 17
#define WITH_MOST 1000 /* bytes */

enum { AS_ORDERED = 0, DEVIATES = 1, TROUBLE = 2 };

static const char usage_text[] =
	"usage: bee accept [OPTION...] --expect SPEC --key KEY -o DIR [FILE]\n"
	"\n"
	"  bee accept -e spec -k site.key -o machine7             audit this machine "
	"(root)\n"
	"  bee accept -e spec -k site.key -o machine7 audit.json  take an audit that "
	"was\n"
	"  minisign -Vm certificate.txt -p site.pub && sha256sum -c certificate.txt\n"
	"                       how a stranger checks it, in DIR\n"
	"\n"
	"  -e, --expect SPEC    what was ordered: bee verify --help\n"
	"  -k, --key KEY        who signs: a secret key of minisign -G -W\n"
	"  -o, --output DIR     a new folder for the certificate\n"
	"      --timeout N      seconds of the audit (30)\n"
	"      --with NAMES     opt-in collectors beside the others\n"
	"  -q, --quiet          one line: the reason\n"
	"  -h, --help           this text\n"
	"      --version        the version\n"
	"\n"
	"Exit: 0 as ordered; 1 it deviates, and the certificate says so; 2 trouble: "
	"there is "
	"none.\n";

struct accept {
	const char *spec, *key, *output, *file, *timeout, *with;
	bool quiet;
	char signer[KEY_ID_SIZE]; /* the key's number */
	char reason[LINE_SIZE], machine[LINE_SIZE];
	int verdict;
};

static const struct option options[] = {
	{ "expect", required_argument, NULL, 'e' },
	{ "key", required_argument, NULL, 'k' },
	{ "output", required_argument, NULL, 'o' },
	{ "timeout", required_argument, NULL, 't' },
	{ "with", required_argument, NULL, 'w' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void say_and_end(const char *text)
{
	(void)fputs(text, stdout);
	exit_written(TROUBLE);
}

static void read_options(struct accept *a, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "e:k:o:qh", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			a->spec = optarg;
			break;
		case 'k':
			a->key = optarg;
			break;
		case 'o':
			a->output = optarg;
			break;
		case 't':
			a->timeout = optarg;
			break;
		case 'w':
			a->with = optarg;
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'h':
			say_and_end(usage_text);
		case 'V':
			say_and_end("bee-accept " BEE_VERSION "\n");
		default:
			(void)fputs("bee accept --help has examples\n", stderr);
			exit(TROUBLE);
		}
	}
	a->file = argv[optind];
	if (a->file && argv[optind + 1])
		errx(TROUBLE, "one document at a time, not also %s", argv[optind + 1]);
	if (a->file && (a->timeout || a->with))
		errx(TROUBLE,
		     "--timeout and --with are for an audit, and %s is one "
		     "that was",
		     a->file);
	if (!a->spec || !a->key || !a->output)
		errx(TROUBLE, "--expect SPEC, --key KEY and -o DIR are needed: "
			      "bee accept --help");
}

/* What went wrong was said by the program that ran. */
static void need(bool good, const char *what)
{
	if (child_interrupted())
		folder_fail("ended by a signal; there is no certificate");
	if (!good)
		folder_fail("%s; there is no certificate", what);
}

/* Whether the key can sign is asked before half a minute is spent; and its number. */
static void check_key(struct accept *a)
{
	AUTO_FREE char *file = folder_path(ACCEPT_KEY_CHECK);
	AUTO_FREE char *signature = folder_path(ACCEPT_KEY_CHECK ".minisig");
	const char *const words[] = { "sign", "-k", a->key, file, NULL };
	const struct child child = { CHILD_IN_NULL, CHILD_OUT_NULL };
	unsigned char bytes[74];
	char text[512] = "";
	uint64_t number;
	size_t len = 0;

	close(folder_create(ACCEPT_KEY_CHECK));
	need(child_run(&child, "bee-order", words) == 0, "no signature can be made");
	AUTO_CLOSE int fd = open(signature, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) <= 0 || !strchr(text, '\n') ||
	    sodium_base642bin(bytes, sizeof(bytes), strchr(text, '\n') + 1, 100, NULL,
			      &len, NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    len != sizeof(bytes))
		folder_fail("%s: no signature of minisign's", signature);
	/* As minisign prints it, without zeros before it; the signature has the low byte first. */
	memcpy(&number, bytes + 2, sizeof(number));
	(void)snprintf(a->signer, sizeof(a->signer), "%" PRIX64, le64toh(number));
	folder_remove(ACCEPT_KEY_CHECK);
	folder_remove(ACCEPT_KEY_CHECK ".minisig");
}

/* The spec is read before the audit, too: against the least document there is. */
static void check_spec(const struct accept *a)
{
	static const char least[] = "{\"schema_version\":\"1.0\"}";
	const char *const words[] = { "-e", a->spec, "-", NULL };
	struct child child = { CHILD_IN_NULL, CHILD_OUT_NULL };
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC) || write_all(ends[1], least, sizeof(least) - 1))
		folder_fail("pipe: %s", strerrordesc_np(errno));
	close(ends[1]);
	child.in = ends[0];
	status = child_run(&child, "bee-verify", words);
	close(ends[0]);
	need(status == AS_ORDERED || status == DEVIATES, "there is no spec");
	AUTO_CLOSE int fd = open(a->spec, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		folder_fail("%s: %s", a->spec, strerrordesc_np(errno));
	folder_copy(fd, a->spec, ACCEPT_SPEC);
}

static void audit(const struct accept *a)
{
	const char *words[8] = { "-o", "-" };
	size_t count = 2;
	struct child child = { CHILD_IN_NULL, folder_create(ACCEPT_DOCUMENT) };
	int status;

	if (a->timeout) {
		words[count++] = "--timeout";
		words[count++] = a->timeout;
	}
	if (a->with) {
		words[count++] = "--with";
		words[count++] = a->with;
	}
	if (a->quiet)
		words[count] = "--quiet";
	status = child_run(&child, "bee-audit", words);
	close(child.out);
	need(status == BEE_OK || status == BEE_INCOMPLETE, "the audit failed");
}

static void take_document(const struct accept *a)
{
	if (!a->file) {
		audit(a);
		return;
	}
	AUTO_CLOSE int fd = open(a->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		folder_fail("%s: %s", a->file, strerrordesc_np(errno));
	folder_copy(fd, a->file, ACCEPT_DOCUMENT);
}

static void verify(struct accept *a)
{
	AUTO_FREE char *spec = folder_path(ACCEPT_SPEC);
	AUTO_FREE char *document = folder_path(ACCEPT_DOCUMENT);
	const char *const json[] = { "-e", spec, "-f", "json", document, NULL };
	const char *const line[] = { "-e", spec, "-f", "nagios", document, NULL };
	const char *const text[] = { "-e", spec, document, NULL };
	struct child child = { CHILD_IN_NULL, folder_create(ACCEPT_VERDICT) };
	int status;

	a->verdict = child_run(&child, "bee-verify", json);
	close(child.out);
	need(a->verdict == AS_ORDERED || a->verdict == DEVIATES,
	     "nothing could be verified");
	status = child_line(&child, "bee-verify", line, a->reason, sizeof(a->reason));
	need((status == 0) == (a->verdict == AS_ORDERED), "two verdicts");
	/* What is behind it is for Nagios. */
	if (strstr(a->reason, " |"))
		*strstr(a->reason, " |") = '\0';
	child.out = CHILD_OUT_SELF;
	if (!a->quiet && a->verdict == DEVIATES)
		need(child_run(&child, "bee-verify", text) == DEVIATES,
		     "nothing could be shown");
}

static void make_page(struct accept *a)
{
	AUTO_FREE char *spec = folder_path(ACCEPT_SPEC);
	AUTO_FREE char *document = folder_path(ACCEPT_DOCUMENT);
	AUTO_FREE char *verdict = folder_path(ACCEPT_VERDICT);
	const char *const page[] = {
		"--html",  "--certificate", verdict,         "--spec", spec, "--signer",
		a->signer, "--path",        ACCEPT_DOCUMENT, document, NULL
	};
	const char *const text[] = { "--qr-text", document, NULL };
	struct child child = { CHILD_IN_NULL, folder_create(ACCEPT_PAGE) };
	int status = child_run(&child, "bee-report", page);

	close(child.out);
	need(status == BEE_OK, "the page could not be made");
	status = child_line(&child, "bee-report", text, a->machine, sizeof(a->machine));
	need(status == BEE_OK, "the machine could not be named");
}

/* Lines behind a '#' are nothing to sha256sum -c, and a text of ours holds no line's end. */
static void make_words(const struct accept *a)
{
	static const char *const files[] = { ACCEPT_DOCUMENT, ACCEPT_SPEC, ACCEPT_VERDICT,
					     ACCEPT_PAGE };
	AUTO_CLOSE int fd = folder_create(ACCEPT_WORDS);
	char when[sizeof("-2147483648-12-31T00:00:00Z")] = "";
	time_t now = time(NULL);
	struct tm tm;
	int error = 0; /* the first */

	if (gmtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (dprintf(fd,
		    "# A certificate of bee accept. To check it, in its folder:\n"
		    "#   minisign -Vm " ACCEPT_WORDS " -p KEY.pub && "
		    "sha256sum -c " ACCEPT_WORDS "\n"
		    "# verdict  %s\n# machine  %s\n# document %s\n# signed   %s by "
		    "key %s, bee %s\n",
		    a->reason, a->machine,
		    a->file ? "given as a file" : "of an audit made for this", when,
		    a->signer, BEE_VERSION) < 0)
		error = errno;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char digest[SHA256_TEXT];

		folder_digest(files[i], digest);
		if (dprintf(fd, "%s  %s\n", digest, files[i]) < 0 && !error)
			error = errno;
	}
	if (error)
		folder_fail(ACCEPT_WORDS ": %s", strerrordesc_np(error));
}

static void sign(const struct accept *a, const char *name)
{
	AUTO_FREE char *file = folder_path(name);
	const char *const words[] = { "sign", "-k", a->key, file, NULL };
	const struct child child = { CHILD_IN_NULL, CHILD_OUT_NULL };

	need(child_run(&child, "bee-order", words) == 0, "it could not be signed");
}

int main(int argc, char **argv)
{
	struct accept a = { .spec = NULL };

	int error = process_hide();

	if (error)
		errx(TROUBLE, "giving up rights: %s", strerrordesc_np(-error));
	if (sodium_init() < 0)
		errx(TROUBLE, "libsodium does not start");
	read_options(&a, argc, argv);
	child_signals();
	folder_begin(a.output);
	check_key(&a);
	check_spec(&a);
	take_document(&a);
	verify(&a);
	make_page(&a);
	make_words(&a);
	sign(&a, ACCEPT_WORDS);
	sign(&a, ACCEPT_DOCUMENT);
	folder_end();
	puts(a.reason);
	return end_written(a.verdict, TROUBLE);
}
