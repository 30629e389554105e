/* The folder of a certificate: whole, or not there. */
#include "folder.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MOST (64u << 20) /* bytes, as of a document */

enum { TROUBLE = 2 };

static char *wanted, *part; /* NULL: there is none */

/* All that can be in it. */
static const char *const names[] = {
	ACCEPT_DOCUMENT,
	ACCEPT_SPEC,
	ACCEPT_VERDICT,
	ACCEPT_PAGE,
	ACCEPT_WORDS,
	ACCEPT_DOCUMENT ".minisig",
	ACCEPT_WORDS ".minisig",
	ACCEPT_KEY_CHECK,
	ACCEPT_KEY_CHECK ".minisig",
};

/* In a folder alone: a link of that name leads into somebody else's. */
static void drop(void)
{
	AUTO_CLOSE int dir = open(part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	for (size_t i = 0; dir >= 0 && i < ARRAY_LEN(names); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)rmdir(part);
}

void folder_drop(void)
{
	if (!part)
		return;
	drop();
	free(part);
	part = NULL;
}

void folder_fail(const char *fmt, ...)
{
	va_list ap;

	/* The words may be of the folder's name, which goes with it. */
	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
	folder_drop();
	exit(TROUBLE);
}

void folder_begin(const char *name)
{
	struct stat st;
	size_t len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	/* What begins with a '-' would be an option to the programs that are given it. */
	wanted = xasprintf("%s%.*s", *name == '-' ? "./" : "", (int)len, name);
	if (!*wanted)
		errx(TROUBLE, "-o wants the name of a new folder");
	if (!lstat(wanted, &st))
		errx(TROUBLE, "%s is there already: name a new folder", name);
	part = xasprintf("%s.part", wanted);
	drop();
	if (mkdir(part, 0750)) {
		int error = errno;

		free(part);
		part = NULL;
		errx(TROUBLE, "cannot make %s: %s", name, strerrordesc_np(error));
	}
}

char *folder_path(const char *file)
{
	return xasprintf("%s/%s", part, file);
}

int folder_create(const char *file)
{
	AUTO_FREE char *path = folder_path(file);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);

	if (fd < 0)
		folder_fail("cannot create %s: %s", path, strerrordesc_np(errno));
	return fd;
}

void folder_remove(const char *file)
{
	AUTO_FREE char *path = folder_path(file);

	if (unlink(path))
		folder_fail("%s: %s", path, strerrordesc_np(errno));
}

void folder_copy(int from, const char *called, const char *file)
{
	AUTO_FREE char *bytes = xrealloc_array(NULL, 65536, 1);
	AUTO_CLOSE int to = folder_create(file);
	ptrdiff_t n;
	size_t all = 0;

	while ((n = read_full(from, bytes, 65536)) > 0) {
		int error = write_all(to, bytes, (size_t)n);

		if (error)
			folder_fail("%s/%s: %s", part, file, strerrordesc_np(-error));
		all += (size_t)n;
		if (all > FILE_MOST)
			folder_fail("%s: over 64 MiB", called);
	}
	if (n < 0)
		folder_fail("%s: %s", called, strerrordesc_np((int)-n));
}

void folder_digest(const char *file, char out[SHA256_TEXT])
{
	unsigned char bytes[16384], hash[crypto_hash_sha256_BYTES];
	AUTO_FREE char *path = folder_path(file);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	crypto_hash_sha256_state state;
	ptrdiff_t n = fd < 0 ? -errno : 0;

	(void)crypto_hash_sha256_init(&state);
	while (fd >= 0 && (n = read_full(fd, bytes, sizeof(bytes))) > 0)
		(void)crypto_hash_sha256_update(&state, bytes, (size_t)n);
	if (n < 0)
		folder_fail("%s: %s", path, strerrordesc_np((int)-n));
	(void)crypto_hash_sha256_final(&state, hash);
	(void)sodium_bin2hex(out, SHA256_TEXT, hash, sizeof(hash));
}

void folder_end(void)
{
	AUTO_CLOSE int dir = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Of a file system, all: a certificate is half a dozen files. */
	if (dir < 0 || syncfs(dir))
		folder_fail("%s: %s", part, strerrordesc_np(errno));
	/* An empty folder that has come meanwhile would be replaced, where a file system lets
	 * nobody ask. */
	if (renameat2(AT_FDCWD, part, AT_FDCWD, wanted, RENAME_NOREPLACE) &&
	    (errno != EINVAL || rename(part, wanted)))
		folder_fail("%s: %s", wanted, strerrordesc_np(errno));
	free(part);
	free(wanted);
	part = wanted = NULL;
}
