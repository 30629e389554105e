/* What a certificate is of, beside the document: a verdict and a spec, read as anybody's bytes. */
#include "document.h"
#include "html_certificate.h"

#include <err.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		err(BEE_IOERR, "%s", path);
	return fd;
}

static char *file_read(int fd, const char *path, size_t *len)
{
	char *bytes;
	int error = document_read(fd, &bytes, len);

	if (error)
		errx(BEE_IOERR, "%s: %s", path, strerrordesc_np(-error));
	return bytes;
}

void certificate_open(struct certificate *c)
{
	if (!c->verdict_path)
		return;
	c->verdict_fd = file_open(c->verdict_path);
	c->spec_fd = file_open(c->spec_path);
}

static void spec_read(struct certificate *c)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	size_t len;

	c->spec = file_read(c->spec_fd, c->spec_path, &len);
	if (strlen(c->spec) != len)
		errx(BEE_DATAERR, "%s: a spec is text, and this is none", c->spec_path);
	(void)crypto_hash_sha256(hash, (const unsigned char *)c->spec, len);
	(void)sodium_bin2hex(c->spec_digest, sizeof(c->spec_digest), hash, sizeof(hash));
}

void certificate_read(struct certificate *c)
{
	AUTO_FREE char *bytes = NULL;
	char reason[160] = "";
	size_t len;

	if (!c->verdict_path)
		return;
	spec_read(c);
	bytes = file_read(c->verdict_fd, c->verdict_path, &len);
	c->verdict = document_json(bytes, len, reason, sizeof(reason));
	if (!c->verdict)
		errx(BEE_DATAERR, "%s: %s", c->verdict_path, reason);
	if (!json_is_boolean(json_object_get(c->verdict, "as_ordered")))
		errx(BEE_DATAERR, "%s: it is not what bee verify --format json writes",
		     c->verdict_path);
}

void certificate_done(struct certificate *c)
{
	json_decref(c->verdict);
	free(c->spec);
}
