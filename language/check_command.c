/* `bee policy check`: the policy and the document are opened, rights go, then the document is read. */
#include "check_command.h"
#include "document.h"
#include "json.h"
#include "refused.h"
#include "stdio_filter.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int document_open(const char **path)
{
	int fd;

	if (*path && !strcmp(*path, "-")) {
		*path = "standard input";
		return STDIN_FILENO;
	}
	fd = open(*path ?: DOCUMENT_DEFAULT, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && !*path && errno == ENOENT)
		warnx("there is no %s: run bee audit (root) first, or name a document",
		      DOCUMENT_DEFAULT);
	else if (fd < 0)
		warn("%s", *path ?: DOCUMENT_DEFAULT);
	if (!*path)
		*path = DOCUMENT_DEFAULT;
	return fd;
}

static json_t *document_load(int fd, const char *path)
{
	AUTO_FREE char *bytes = NULL;
	char reason[160] = "";
	json_t *document = NULL;
	size_t len = 0;
	int error = document_read(fd, &bytes, &len);

	if (error)
		warnx("%s: %s", path, strerrordesc_np(-error));
	else if (!(document = document_parse(bytes, len, reason, sizeof(reason))))
		warnx("%s: not a document of bee audit: %s", path, reason);
	return document;
}

int policy_check_document(const struct policy *policy, const char *path, bool here)
{
	uint64_t missing[POLICY_STEPS_MAX] = { 0 };
	AUTO_JSON json_t *document = NULL;
	int error = process_hide(), fd;
	size_t refused;

	if (error) {
		warnx("giving up rights: %s", strerrordesc_np(-error));
		return CHECK_TROUBLE;
	}
	here = here || !path;
	if (here)
		refused_look(policy, missing);
	fd = document_open(&path);
	if (fd < 0)
		return CHECK_TROUBLE;
	error = stdio_filter_load(STDIO_ONLY);
	if (error) {
		warnx("the filter: %s", strerrordesc_np(-error));
		return CHECK_TROUBLE;
	}
	document = document_load(fd, path);
	if (!document)
		return CHECK_TROUBLE;
	refused = refused_print(policy, document, here ? missing : NULL, stdout);
	return end_written(refused ? CHECK_REFUSED : BEE_OK, CHECK_TROUBLE);
}
