/* bee image extract: an archive's entries as files, in a folder and nowhere else. */
#include "command.h"
#include "give_up.h"
#include "tree.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned names = 0;

	if (!dir)
		return false;
	while (names <= 2 && readdir(dir))
		names++;
	(void)closedir(dir);
	return names <= 2;
}

/* What is there already is somebody's. */
static int folder_open(const char *path, bool overwrite)
{
	int fd;

	if (mkdir(path, S_IRWXU | S_IRWXG | S_IRWXO) && errno != EEXIST)
		err(BEE_CANTCREAT, "%s", path);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	if (!overwrite && !is_empty(fd))
		errx(BEE_CANTCREAT, "%s is not empty; --overwrite replaces what is there",
		     path);
	return fd;
}

int command_extract(int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'C' },
		{ "overwrite", no_argument, NULL, 'o' },
		COMMAND_OPTIONS,
	};
	const char *folder = NULL;
	bool overwrite = false;
	struct feed feed;
	struct tree tree;
	int c, top, status;

	while ((c = command_option(argc, argv, "hC:", options)) != -1) {
		if (c == 'C')
			folder = optarg;
		overwrite |= c == 'o';
	}
	if (optind + 1 != argc || !folder)
		command_usage("extract: one FILE and -C DIR are needed");
	give_up_memory();
	feed_start(&feed, argv[optind]);
	top = folder_open(folder, overwrite);
	tree_init(&tree, top);
	while (feed_next(&feed))
		tree_make(&tree, &feed);
	tree_finish(&tree);
	status = feed_done(&feed);
	close(top);
	if (status == BEE_OK && tree.failed > 0)
		status = BEE_INCOMPLETE;
	return status;
}
