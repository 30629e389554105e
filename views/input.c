/* How each view starts: what it needs is opened, then its rights go, then it reads. */
#include "input.h"

#include "document.h"
#include "json.h"
#include "stdio_filter.h"
#include "table.h"
#include "terminal.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#define WIDTH_MAX 10000 /* columns that --width may give */

static int trouble_status;

/* The exit status of a trouble that is `usual` elsewhere. */
static int status_of(int usual)
{
	return trouble_status ?: usual;
}

void input_start(int trouble)
{
	int error = process_hide();

	trouble_status = trouble;

	if (error)
		errx(status_of(BEE_SOFTWARE), "giving up rights: %s",
		     strerrordesc_np(-error));
	/* glibc has this one without a file, so that no installed locale is needed. */
	if (terminal_utf8())
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

int input_open(const char **path)
{
	bool last = !*path;
	int fd;

	if (last)
		*path = DOCUMENT_DEFAULT;
	if (!strcmp(*path, "-")) {
		*path = "standard input";
		return STDIN_FILENO;
	}
	fd = open(*path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && last && errno == ENOENT)
		errx(status_of(BEE_IOERR),
		     "there is no %s: run bee audit (root) first, or name a document",
		     *path);
	if (fd < 0)
		err(status_of(BEE_IOERR), "%s", *path);
	return fd;
}

/* Once the filter is loaded no file can be opened: what libraries open is opened here. */
void input_confine(void)
{
	int error;

	json_seed();
	error = stdio_filter_load(STDIO_ONLY);
	if (error)
		errx(status_of(BEE_SOFTWARE), "the filter: %s", strerrordesc_np(-error));
}

json_t *input_load(int fd, const char *path)
{
	AUTO_FREE char *bytes = NULL;
	char reason[160] = "";
	json_t *document;
	size_t len = 0;
	int error = document_read(fd, &bytes, &len);

	if (error == -EFBIG)
		errx(status_of(BEE_DATAERR), "%s: the document is over 64 MiB", path);
	if (error)
		errx(status_of(BEE_IOERR), "%s: %s", path, strerrordesc_np(-error));
	document = document_parse(bytes, len, reason, sizeof(reason));
	if (!document)
		errx(status_of(BEE_DATAERR), "%s: not a document of bee audit: %s", path,
		     reason);
	return document;
}

void output_screen(struct table_options *table)
{
	unsigned lines = 0;

	table->utf8 = terminal_utf8();
	table->colors = terminal_colors(STDOUT_FILENO);
	if (terminal_size(STDOUT_FILENO, WIDTH_MAX, &table->width, &lines) &&
	    table->width == 0)
		table->width = 80;
}

unsigned output_width(const char *word)
{
	uint64_t value;

	if (parse_u64(word, WIDTH_MAX, &value) || value == 0)
		errx(status_of(BEE_USAGE), "--width: a number from 1 to %d is needed",
		     WIDTH_MAX);
	return (unsigned)value;
}

void output_text(const char *text)
{
	int error = write_all(STDOUT_FILENO, text, strlen(text));

	if (error)
		errx(status_of(BEE_IOERR), "standard output: %s",
		     strerrordesc_np(-error));
}
