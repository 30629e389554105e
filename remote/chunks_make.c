/* chunks IMAGE FOLDER [BYTES]: the list of an image, to standard output, and each chunk as a file by its sum. */
#include "chunks.h"
#include "commands.h"
#include "ends.h"
#include "option.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_USUAL (4u << 20)

/* Whole under its name, or not there: a server may be serving the folder. */
static void chunk_keep(const char *folder, const char *name, const unsigned char *bytes,
		       size_t len)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_FREE char *next = xasprintf("%s/%s.next", folder, name);
	AUTO_CLOSE int fd = -1;
	sigset_t before;
	int error = 0;

	if (!access(path, F_OK))
		return;
	ends_hold(&before);
	(void)unlink(next);
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		error = -errno;
	else
		error = write_all(fd, bytes, len);
	if (!error && rename(next, path))
		error = -errno;
	if (error && fd >= 0)
		(void)unlink(next);
	ends_let(&before);
	if (error)
		errx(BEE_CANTCREAT, "%s: %s", path, strerrordesc_np(-error) ?: "?");
}

static uint64_t size_of(int fd, const char *path)
{
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		err(BEE_DATAERR, "%s", path);
	return (uint64_t)size;
}

int command_chunks(int argc, char **argv)
{
	static struct chunks chunks;
	AUTO_FREE unsigned char *bytes = NULL;
	AUTO_CLOSE int fd = -1;
	uint64_t each = CHUNK_USUAL;

	option_none("bee-remote", argc, argv);
	if (argc < 3 || argc > 4 || (argc == 4 && parse_u64(argv[3], CHUNK_MOST, &each)))
		errx(BEE_USAGE, "chunks: IMAGE FOLDER [BYTES]");
	fd = open(argv[1], O_RDONLY | O_NOCTTY | O_CLOEXEC);
	chunks.size = size_of(fd, argv[1]);
	chunks.bytes = (uint32_t)each;
	if (each)
		chunks.count = (uint32_t)((chunks.size + each - 1) / each);
	if (!chunks_in_range(&chunks))
		errx(BEE_USAGE,
		     "%s: at most %u chunks, of a multiple of %u bytes up to %u", argv[1],
		     CHUNKS_MAX, CHUNK_LEAST, CHUNK_MOST);
	bytes = xcalloc(1, chunks.bytes);
	printf("bee-chunks 1\nsize %llu\nbytes %u\n", (unsigned long long)chunks.size,
	       chunks.bytes);
	for (uint32_t i = 0; i < chunks.count; i++) {
		size_t len = chunks_len(&chunks, i);
		unsigned char sum[SHA256_BYTES];
		char name[SHA256_HEX + 1];

		if (read_full(fd, bytes, len) != (ptrdiff_t)len)
			errx(BEE_IOERR, "%s: it cannot be read to its end", argv[1]);
		crypto_hash_sha256(sum, bytes, len);
		chunk_keep(argv[2], sha256_text(sum, name), bytes, len);
		puts(name);
	}
	puts("end");
	return end_written(BEE_OK, BEE_IOERR);
}
