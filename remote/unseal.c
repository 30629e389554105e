/* bee remote open: what a machine has sealed, for who has the key. */
#include "box.h"
#include "commands.h"
#include "option.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEALED_MAX (65u << 20)
#define PLAIN_MAX (64u << 20) /* what bee remote sends at most */

static void secret_read(const char *path, struct minisig_secret *out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct said said = { "" };
	char text[1024];
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);

	if (len < 0)
		err(BEE_DATAERR, "%s", path);
	if (minisig_secret_file(text, (size_t)len, out, &said))
		errx(BEE_DATAERR, "%s: %s", path, said.text);
	explicit_bzero(text, sizeof(text));
}

/* open -k KEY FILE: to standard output. Whoever can reach the server can have sealed it: it is opened without rights. */
int command_open(int argc, char **argv)
{
	struct said said = { "" };
	struct minisig_secret secret;
	struct bytes sealed, plain;
	static const struct option none[] = { { NULL, 0, NULL, 0 } };
	const char *key = NULL;
	int error, fd;

	while (option_next("bee-remote", argc, argv, "k:", none) != -1)
		key = optarg;
	if (!key || optind + 1 != argc)
		errx(BEE_USAGE, "open: -k KEY FILE");
	if (isatty(STDOUT_FILENO))
		errx(BEE_USAGE, "open: to a file or a program: what a machine has sent "
				"is not for a terminal");
	secret_read(key, &secret);
	fd = open(argv[optind], O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		err(BEE_DATAERR, "%s", argv[optind]);
	if ((geteuid() == 0 && confine_drop(UID_CHECK)) || process_hide() ||
	    stdio_filter_load(STDIO_ONLY))
		errx(BEE_SOFTWARE, "it cannot give up its rights");
	sealed = bytes_read(fd, SEALED_MAX);
	if (!sealed.at)
		errx(BEE_DATAERR, "%s: more than %u bytes", argv[optind], SEALED_MAX);
	if (box_open(&secret, sealed, PLAIN_MAX, &plain, &said))
		errx(BEE_DATAERR, "%s: %s", argv[optind], said.text);
	error = write_all(STDOUT_FILENO, plain.at, plain.len);
	if (error)
		errx(BEE_IOERR, "standard output: %s", strerrordesc_np(-error));
	return BEE_OK;
}
