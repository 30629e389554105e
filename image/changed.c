/* What an archive's later entries change besides what they name. */
#include "changed.h"
#include "archive.h"
#include "give_up.h"
#include "json.h"
#include "rootfs.h"

#include <err.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(void *context, const char *name, const char *by)
{
	archive_tell(context, "%s is changed, too: it is the same file as %s", name, by);
}

static _Noreturn void look(struct archive *a, uint64_t from)
{
	const struct reader_entry *e = &a->reader.entry;
	char target[NEWC_LINK_MAX];
	struct rootfs fs;
	bool over = false;

	give_up_rights();
	archive_begin(a);
	rootfs_init(&fs);
	fs.from = from;
	while (!over && archive_next(a)) {
		bool link = S_ISLNK(e->header.mode);

		if (link && reader_text(&a->reader, target, sizeof(target)) < 0)
			link = false;
		(void)rootfs_make(&fs, e, link ? target : NULL);
		over = archive_ends(a, rootfs_excess(&fs));
	}
	rootfs_changed(&fs, tell, a);
	_exit(archive_done(a));
}

void changed_tell(const char *file, uint64_t from)
{
	static struct archive archive;
	pid_t pid;

	json_seed();
	archive_open(&archive, file);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		look(&archive, from);
	close(archive.fd);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		warn("%s: what else is changed is not known", file);
}
