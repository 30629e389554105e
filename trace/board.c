/* What the process that looks names up and the one that watches it share. */
#include "board.h"
#include "exits.h"

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

	/* Where memory is not overcommitted (vm.overcommit_memory) not all may be had. */
	while ((log = shared(size)) == MAP_FAILED && size > BOARD_LOG_MIN)
		size /= 2;
	if (board == MAP_FAILED || log == MAP_FAILED)
		err_system("memory to share");
	board->log = log;
	board->log_size = size;
	return board;
}

void board_put(struct board *board, unsigned uses, const char *path, const char *program)
{
	struct board_entry entry = {
		.uses = uses,
		.path_size = (uint16_t)(strnlen(path, BOARD_TEXT - 1) + 1),
		.program_size = (uint16_t)(strnlen(program, BOARD_TEXT - 1) + 1),
	};
	uint64_t at = board->log_len;
	uint8_t *to = board->log + at;

	if (at + sizeof(entry) + entry.path_size + entry.program_size > board->log_size) {
		board->full = true;
		return;
	}
	memcpy(to, &entry, sizeof(entry));
	to += sizeof(entry);
	memcpy(to, path, entry.path_size - 1u);
	to[entry.path_size - 1] = '\0';
	to += entry.path_size;
	memcpy(to, program, entry.program_size - 1u);
	to[entry.program_size - 1] = '\0';
	board->log_len = at + sizeof(entry) + entry.path_size + entry.program_size;
}
