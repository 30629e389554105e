/* That a request is of the machine that has a key: signed by it, by a process that reads nothing but the two. */
#include "answer.h"
#include "commands.h"
#include "minisig.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST_MAX (64u << 10)

static int secret_open(const char *dir, struct minisig_secret *secret, struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/" CONFIG_MACHINE_KEY, dir);
	AUTO_CLOSE int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[1024];
	struct stat st;
	ptrdiff_t len;
	int error;

	if (fd >= 0 && !fstat(fd, &st) && !S_ISREG(st.st_mode))
		return say(said, CONFIG_MACHINE_KEY ": not a plain file");
	len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	if (len < 0)
		return say(said, CONFIG_MACHINE_KEY ": %s",
			   strerrordesc_np(errno) ?: "?");
	error = minisig_secret_file(text, (size_t)len, secret, said);
	explicit_bzero(text, sizeof(text));
	return error;
}

/* prove DIR: the request on stdin, and what is to be behind it. */
int step_prove(int argc, char **argv)
{
	static struct answer answer;
	struct minisig_secret secret;
	struct bytes request;

	if (argc != 2)
		return BEE_USAGE;
	if (!secret_open(argv[1], &secret, &answer.said)) {
		if ((geteuid() == 0 && confine_drop(UID_CHECK)) || process_hide() ||
		    stdio_filter_load(STDIO_ONLY))
			return BEE_SOFTWARE;
		request = bytes_read(STDIN_FILENO, REQUEST_MAX);
		if (request.at) {
			minisig_proof(&secret, request.at, request.len, answer.proof);
			answer.good = true;
		} else {
			say(&answer.said, "request: more than %u bytes", REQUEST_MAX);
		}
		explicit_bzero(&secret, sizeof(secret));
	}
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}
