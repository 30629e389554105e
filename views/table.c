/* Rows and columns as a table on a terminal, as words for a script, or as JSON. */
#include "table.h"

#include "json.h"
#include "kinds.h"
#include "text.h"
#include "value.h"

#include <ctype.h>
#include <err.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#define NARROW 60     /* columns of a screen */
#define TREE_DEPTH 24 /* levels below each other; what is deeper starts anew */

/* Rows and cells of one table. */
struct cells {
	char **text; /* owned, of rows * columns */
	size_t rows, columns;
};

static const struct {
	const char *word, *color;
} colors[] = {
	{ "OK", "green" },         { "ok", "green" },        { "Warning", "yellow" },
	{ "Critical", "red" },     { "stuck", "red" },       { "crashed", "red" },
	{ "failed", "red" },       { "timeout", "red" },     { "denied", "red" },
	{ "setup", "red" },        { "partial", "yellow" },  { "truncated", "yellow" },
	{ "skipped", "yellow" },   { "starved", "yellow" },  { "removed", "red" },
	{ "degraded", "red" },     { "replaced", "yellow" }, { "moved", "yellow" },
	{ "unlearned", "yellow" }, { "added", "green" },     { "recovered", "green" },
};

static const char *color_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(colors); i++)
		if (!strcmp(colors[i].word, word))
			return colors[i].color;
	return NULL;
}

static struct cells cells_new(const struct table *table, const json_t *rows,
			      const struct table_options *options)
{
	struct cells cells = { .rows = json_array_size(rows), .columns = table->count };

	cells.text = xcalloc(cells.rows * cells.columns + 1, sizeof(*cells.text));
	for (size_t row = 0; row < cells.rows; row++)
		for (size_t at = 0; at < cells.columns; at++) {
			AUTO_FREE char *text =
				value_shown(json_array_get(rows, row), table->columns[at],
					    options->bytes);

			cells.text[row * cells.columns + at] =
				text_clean(text, options->utf8);
		}
	return cells;
}

static void cells_free(struct cells *cells)
{
	for (size_t i = 0; i < cells->rows * cells->columns; i++)
		free(cells->text[i]);
	free(cells->text);
}

/* Every character that text_clean lets through takes one column. */
static size_t columns_of(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

/* What a column may be cut to before another one goes: a number, an address or a serial
 * number that is not whole says nothing. */
static size_t least_width(const struct column *column, size_t screen)
{
	if (column->flags & WRAP)
		return screen < NARROW ? 12 : 20;
	return column->flags & CUT ? 14 : 24;
}

struct layout {
	size_t width[TABLE_COLUMNS_MAX], count;
};

static size_t widest(const struct table *table, const struct cells *cells, size_t at)
{
	size_t width = columns_of(table->columns[at]->name);

	for (size_t row = 0; row < cells->rows; row++) {
		size_t wide = columns_of(cells->text[row * cells->columns + at]);

		if (wide > width)
			width = wide;
	}
	/* Branches of the tree stand before it: two columns for each level, or three. */
	return width + ((table->columns[at]->flags & BRANCH) ? 6 : 0);
}

static size_t sum_of(const struct layout *layout)
{
	size_t sum = layout->count ? layout->count - 1 : 0;

	for (size_t at = 0; at < layout->count; at++)
		sum += layout->width[at];
	return sum;
}

/* The widest gives until all fit; what cannot give any more loses its last column. */
static void lay_out(struct layout *layout, const struct table *table,
		    const struct cells *cells, size_t screen)
{
	for (size_t at = 0; at < table->count; at++) {
		layout->width[at] = widest(table, cells, at);
		if (layout->width[at] > screen)
			layout->width[at] = screen;
	}
	layout->count = table->count;
	while (sum_of(layout) > screen) {
		size_t giver = SIZE_MAX;

		for (size_t at = 0; at < layout->count; at++)
			if (layout->width[at] > least_width(table->columns[at], screen) &&
			    (giver == SIZE_MAX ||
			     layout->width[at] > layout->width[giver]))
				giver = at;
		if (giver != SIZE_MAX)
			layout->width[giver]--;
		else if (layout->count > 1 && !table->chosen)
			layout->count--;
		else
			return;
	}
}

/* Columns where no row says anything take no room, unless somebody named them. */
static void drop_empty(struct table *table, const json_t *rows)
{
	size_t kept = 0, i;

	for (size_t at = 0; at < table->count; at++) {
		const struct column *column = table->columns[at];
		bool says = column->unit == LINK;
		json_t *row;

		json_array_foreach(rows, i, row)
		{
			if (says)
				break;
			says = value_of(row, column) != NULL;
		}
		if (says || at == 0)
			table->columns[kept++] = column;
	}
	table->count = kept;
}

/* Whole words on lines of `width`, with line ends between. */
static char *folded(const char *text, size_t width)
{
	char *out = xcalloc(2 * strlen(text) + 1, 1), *at = out;

	while (*text) {
		size_t len = text_fold(text, (unsigned)width);

		at = mempcpy(at, text, len);
		text += len;
		text += strspn(text, " ");
		if (*text)
			*at++ = '\n';
	}
	return out;
}

/* Cells that are wider than their column go on below, or end in '~'. */
static void cut_cells(const struct layout *layout, const struct table *table,
		      struct cells *cells, bool utf8)
{
	for (size_t i = 0; i < cells->rows * cells->columns; i++) {
		size_t at = i % cells->columns;
		char *text = cells->text[i];

		if (at >= layout->count || columns_of(text) <= layout->width[at])
			continue;
		if (table->columns[at]->flags & WRAP) {
			cells->text[i] = folded(text, layout->width[at]);
		} else {
			struct text_line line = { .len = 0 };

			line_add(&line, text, (unsigned)layout->width[at], utf8);
			cells->text[i] = xstrdup(line.bytes);
		}
		free(text);
	}
}

/* The row above each in the tree, or SIZE_MAX; loops and endless chains of a made-up
 * document are cut. Owned by the caller. */
static size_t *parents_of(const struct section *section, const json_t *rows)
{
	size_t count = json_array_size(rows), *parents;
	AUTO_JSON json_t *by_key = json_object();

	parents = xcalloc(count + 1, sizeof(*parents));
	for (size_t i = 0; i < count; i++) {
		const char *key = record_text(json_array_get(rows, i), "key");

		if (key && section->parent)
			json_put(by_key, key, json_integer((json_int_t)i));
	}
	for (size_t i = 0; i < count; i++) {
		const char *up = section->parent ? record_text(json_array_get(rows, i),
							       section->parent)
						 : NULL;
		const json_t *at = up ? json_object_get(by_key, up) : NULL;

		parents[i] = at ? (size_t)json_integer_value(at) : SIZE_MAX;
	}
	for (size_t i = 0; i < count; i++) {
		size_t depth = 0, at = parents[i];

		for (; at != SIZE_MAX && depth < TREE_DEPTH; depth++)
			at = parents[at];
		if (at != SIZE_MAX)
			parents[i] = SIZE_MAX;
	}
	return parents;
}

static void add_columns(struct libscols_table *out, const struct table *table, bool raw)
{
	for (size_t at = 0; at < table->count; at++) {
		unsigned wanted = table->columns[at]->flags;
		struct libscols_column *column = scols_table_new_column(
			out, table->columns[at]->name, 0,
			(wanted & RIGHT ? SCOLS_FL_RIGHT : 0) |
				(wanted & WRAP ? SCOLS_FL_WRAP : 0) |
				(wanted & BRANCH && !raw ? SCOLS_FL_TREE : 0));

		if (!column)
			errx(BEE_SOFTWARE, "out of memory");
		if (wanted & WRAP) {
			(void)scols_column_set_safechars(column, "\n");
			(void)scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
							scols_wrapnl_nextchunk, NULL);
		}
	}
}

/* Row `row` of the tree, those above it first. Ends within TREE_DEPTH. */
static struct libscols_line *add_line(struct libscols_table *out,
				      struct libscols_line **lines, const size_t *parents,
				      const struct cells *cells,
				      const struct table *table, size_t row)
{
	struct libscols_line *above = NULL;

	if (lines[row])
		return lines[row];
	if (parents[row] != SIZE_MAX)
		above = add_line(out, lines, parents, cells, table, parents[row]);
	lines[row] = scols_table_new_line(out, above);
	if (!lines[row])
		errx(BEE_SOFTWARE, "out of memory");
	for (size_t at = 0; at < table->count; at++) {
		const char *text = cells->text[row * cells->columns + at];

		if (scols_line_set_data(lines[row], at, text))
			errx(BEE_SOFTWARE, "out of memory");
		if (table->columns[at]->flags & JUDGED)
			(void)scols_cell_set_color(scols_line_get_cell(lines[row], at),
						   color_of(text));
	}
	return lines[row];
}

static struct libscols_table *new_table(const struct table_options *options)
{
	struct libscols_table *out = scols_new_table();

	if (!out)
		errx(BEE_SOFTWARE, "out of memory");
	/* It asks no terminal: what ours is was asked before the filter came. */
	(void)scols_table_set_termforce(out, options->width > 0 ? SCOLS_TERMFORCE_ALWAYS
								: SCOLS_TERMFORCE_NEVER);
	(void)scols_table_set_termwidth(out, options->width ?: 80);
	/* text_clean has seen to every cell; \x of an escape would become \x5cx. */
	(void)scols_table_enable_noencoding(out, true);
	(void)scols_table_enable_raw(out, options->raw);
	(void)scols_table_enable_noheadings(out, options->noheadings);
	(void)scols_table_enable_colors(out, options->colors);
	(void)scols_table_enable_ascii(out, !options->utf8);
	return out;
}

char *table_text(struct table *table, const json_t *rows,
		 const struct table_options *options)
{
	AUTO_FREE size_t *parents = parents_of(table->section, rows);
	AUTO_FREE struct libscols_line **lines =
		xcalloc(json_array_size(rows) + 1, sizeof(struct libscols_line *));
	struct libscols_table *out = new_table(options);
	AUTO_FREE char *text = NULL;
	struct layout layout;
	struct cells cells;

	if (options->width > 0 && !table->chosen)
		drop_empty(table, rows);
	cells = cells_new(table, rows, options);
	if (options->width > 0) {
		lay_out(&layout, table, &cells, options->width);
		cut_cells(&layout, table, &cells, options->utf8);
		table->count = layout.count;
	}
	add_columns(out, table, options->raw);
	for (size_t row = 0; row < cells.rows; row++)
		(void)add_line(out, lines, parents, &cells, table, row);
	if (scols_print_table_to_string(out, &text))
		errx(BEE_SOFTWARE, "the table cannot be drawn");
	scols_unref_table(out);
	cells_free(&cells);
	return xasprintf("%s\n", text ?: "");
}

static void put_column(json_t *row, const struct column *column, const json_t *from)
{
	char name[32];
	size_t len = 0;
	const json_t *value;

	for (; column->name[len] && len + 1 < sizeof(name); len++)
		name[len] = (char)tolower((unsigned char)column->name[len]);
	name[len] = '\0';
	if (column->unit == LINK) {
		AUTO_FREE char *text = value_shown(from, column, true);

		json_put(row, name, *text ? json_string(text) : json_null());
		return;
	}
	value = value_of(from, column);
	json_put(row, name,
		 value ? json_incref((json_t *)(uintptr_t)value) : json_null());
}

char *table_json(const struct table *table, const json_t *rows)
{
	AUTO_JSON json_t *whole = json_object();
	json_t *list = json_array(), *from;
	AUTO_FREE char *text = NULL;
	size_t i;

	json_put(whole, table->section->name, list);
	json_array_foreach(rows, i, from)
	{
		json_t *row = json_object();

		json_push(list, row);
		for (size_t at = 0; at < table->count; at++)
			put_column(row, table->columns[at], from);
	}
	text = json_dumps(whole, JSON_INDENT(3) | JSON_ENSURE_ASCII);
	if (!text)
		errx(BEE_SOFTWARE, "out of memory");
	return xasprintf("%s\n", text);
}
