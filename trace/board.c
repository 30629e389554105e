/* What the process that looks names up and the one that watches it share. */
#include "board.h"

#include <err.h>
#include <string.h>
#include <sys/mman.h>

static void *shared(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

struct board *board_new(void)
{
	struct board *board = shared(sizeof(*board));
	void *log = MAP_FAILED;
	uint64_t size = BOARD_LOG;

	if (board == MAP_FAILED)
		err(BEE_SOFTWARE, "no memory");
	/* Where memory is not overcommitted (vm.overcommit_memory) not all may be had. */
	while ((log = shared(size)) == MAP_FAILED && size > BOARD_LOG_MIN)
		size /= 2;
	if (log == MAP_FAILED)
		err(BEE_SOFTWARE, "no memory");
	board->log = log;
	board->log_size = size;
	return board;
}

void board_put(struct board *board, unsigned uses, const char *path, const char *program)
{
	struct board_entry entry = {
		.uses = uses,
		.path_len = (uint16_t)strnlen(path, UINT16_MAX),
		.program_len = (uint16_t)strnlen(program, UINT16_MAX),
	};
	uint64_t at = board->log_len;
	uint8_t *to = board->log + at;

	if (at + sizeof(entry) + entry.path_len + entry.program_len > board->log_size) {
		board->full = true;
		return;
	}
	memcpy(to, &entry, sizeof(entry));
	memcpy(to + sizeof(entry), path, entry.path_len);
	memcpy(to + sizeof(entry) + entry.path_len, program, entry.program_len);
	board->log_len = at + sizeof(entry) + entry.path_len + entry.program_len;
}
