/* bee image check: what a kernel would do with an archive. */
#include "archive.h"
#include "command.h"
#include "drives.h"
#include "elf_file.h"
#include "give_up.h"
#include "json.h"
#include "names.h"
#include "rootfs.h"
#include "wants.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct check {
	struct archive archive;
	struct rootfs fs;
	unsigned segment; /* that is being read */
	uint64_t begin, entries, bytes;
	const char *compression;
	bool not_made;  /* the entry is dropped */
	bool stopped;   /* the kernel reads no further */
	uint64_t after; /* entries it does not come to */
	uint64_t dropped, changed;
	char script[SCRIPT_LINE + 1]; /* the first bytes of /init */
	char *wants;                  /* owned; of --for */
	struct drives drives;
};

/* What ends the kernel's reading there and then (error() of init/initramfs.c). */
static const bool stops[READER_NOTES] = {
	[READER_SUM] = true,    [READER_SPLIT] = true,   [READER_UNALIGNED] = true,
	[READER_NO_NUL] = true, [READER_REFUSED] = true, [READER_GARBAGE] = true,
};

static void on_note(void *context, const struct reader *r, enum reader_note note)
{
	struct check *c = context;
	AUTO_FREE char *shown = name_shown(r->entry.name, r->entry.name_len);

	/* Of a file that is not made nothing is summed up. */
	if (!stops[note] || c->stopped || (note == READER_SUM && c->not_made))
		return;
	c->stopped = true;
	if (!archive_note_text(note))
		printf("stops at byte %" PRIu64 ": %s\n", r->why_at, r->why);
	else
		printf("stops at %s: %s\n", shown, archive_note_text(note));
}

static void segment_print(const struct check *c)
{
	if (c->segment)
		printf("segment %u: at byte %" PRIu64 ", compression %s, %" PRIu64
		       " entries, %" PRIu64 " bytes of data\n",
		       c->segment, c->begin, c->compression, c->entries, c->bytes);
}

static void segment_count(struct check *c)
{
	const struct reader_entry *e = &c->archive.reader.entry;

	if (e->segment != c->segment) {
		segment_print(c);
		c->segment = e->segment;
		c->begin = e->offset;
		c->compression = reader_compression(&c->archive.reader);
		c->entries = c->bytes = 0;
	}
	c->entries++;
	c->bytes += e->header.size;
}

/* /init's first bytes, wherever it is: a later entry may have a link lead to it. */
static void init_keep(struct check *c)
{
	const uint8_t *at;
	ptrdiff_t n = reader_data(&c->archive.reader, &at);

	memset(c->script, 0, sizeof(c->script));
	if (n > 0)
		memcpy(c->script, at, n < SCRIPT_LINE ? (size_t)n : SCRIPT_LINE);
}

static void changed_print(void *context, const char *name, const char *by)
{
	struct check *c = context;
	AUTO_FREE char *shown = name_shown(name, strlen(name));
	AUTO_FREE char *shown_by = name_shown(by, strlen(by));

	c->changed++;
	printf("changed %s: it is the file %s, which comes again\n", shown, shown_by);
}

static void entry_check(struct check *c)
{
	struct reader *r = &c->archive.reader;
	char target[NEWC_LINK_MAX] = "";
	bool fits = !S_ISLNK(r->entry.header.mode) ||
		    reader_text(r, target, sizeof(target)) >= 0;
	const char *why;

	segment_count(c);
	if (c->stopped) {
		c->after++;
		return;
	}
	why = rootfs_make(&c->fs, &r->entry,
			  S_ISLNK(r->entry.header.mode) && fits ? target : NULL);
	c->not_made = why;
	if (why) {
		AUTO_FREE char *shown = name_shown(r->entry.name, r->entry.name_len);

		printf("dropped %s: %s\n", shown, why);
		c->dropped++;
		return;
	}
	if (c->wants) {
		ptrdiff_t error = drives_entry(&c->drives, r, archive_path(&r->entry));

		if (error == -EFBIG) {
			archive_tell(&c->archive, "%s: it is too large to be looked at",
				     r->entry.name);
			c->archive.status = BEE_DATAERR;
		} else if (error) {
			archive_broken(&c->archive, error);
		}
	}
	if (S_ISREG(r->entry.header.mode) &&
	    rootfs_leads_to(&c->fs, "init", r->entry.name))
		init_keep(c);
}

/* What the kernel would start first. False, and printed: it cannot. */
static bool init_check(struct check *c)
{
	unsigned mode = rootfs_mode(&c->fs, "init");
	AUTO_FREE char *shown = NULL;
	const char *name;

	if (!mode) {
		puts("there is no /init: the kernel looks for a root= instead");
		return false;
	}
	if (!S_ISREG(mode) || !(mode & 0111)) {
		puts("/init is no file that can be run");
		return false;
	}
	if (strncmp(c->script, "#!", 2) != 0)
		return true;
	name = script_interpreter(c->script) ?: "";
	mode = rootfs_mode(&c->fs, name);
	if (S_ISREG(mode) && mode & 0111)
		return true;
	shown = name_shown(name, strlen(name));
	printf("/init wants %s, which is not there to be run\n", shown);
	return false;
}

static char *audit_read(FILE *from, const char *file)
{
	char *bytes = NULL, *wants = NULL;
	size_t room = 0, len;
	ssize_t n = getdelim(&bytes, &room, '\0', from);

	if (n < 0 || wants_of(bytes, (size_t)n, &wants, &len))
		errx(BEE_DATAERR, "%s: it is no document of an audit with pcie.devices",
		     file);
	free(bytes);
	return wants;
}

/* False: it does not drive the machine. */
static bool drives_check(struct check *c)
{
	if (c->drives.several)
		errx(BEE_USAGE,
		     "%s: it has modules of several kernels: --kernel VERSION "
		     "says which",
		     c->archive.file);
	if (!c->drives.version)
		printf("it has no modules of %s\n",
		       c->drives.kernel ? c->drives.kernel : "any kernel");
	return drives_print(&c->drives, c->wants);
}

int command_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "for", required_argument, NULL, 'F' },
		{ "kernel", required_argument, NULL, 'K' },
		COMMAND_OPTIONS,
	};
	struct check c = { .compression = "none" };
	const char *audit = NULL;
	bool good, over = false;
	FILE *from = NULL; /* it stays open: closing is no right any more */
	int status, option;

	while ((option = command_option(argc, argv, "h", options)) != -1)
		*(option == 'F' ? &audit : &c.drives.kernel) = optarg;
	if (optind + 1 != argc)
		command_usage("check: one FILE is needed, - is standard input");
	if (c.drives.kernel && !audit)
		command_usage("check: --kernel says whose modules --for is about");
	archive_open(&c.archive, argv[optind]);
	if (audit && !(from = fopen(audit, "re")))
		err(BEE_IOERR, "%s", audit);
	json_seed();
	give_up_rights();
	if (audit)
		c.wants = audit_read(from, audit);
	archive_begin(&c.archive);
	c.archive.reader.note = on_note;
	c.archive.reader.context = &c;
	rootfs_init(&c.fs);
	while (!over && archive_next(&c.archive)) {
		entry_check(&c);
		over = archive_ends(&c.archive,
				    rootfs_excess(&c.fs) ?: drives_excess(&c.drives));
	}
	segment_print(&c);
	if (c.after > 0)
		printf("%" PRIu64 " entries come after that\n", c.after);
	rootfs_changed(&c.fs, changed_print, &c);
	/* Of what was not read nothing can be said. */
	over = c.archive.cut;
	good = !over && init_check(&c) && !c.stopped && c.dropped + c.changed == 0;
	if (audit && !over)
		good &= drives_check(&c);
	status = archive_done(&c.archive);
	drives_done(&c.drives);
	free(c.wants);
	rootfs_done(&c.fs);
	return command_end(!status && !good ? BEE_INCOMPLETE : status);
}
