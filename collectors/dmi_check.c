/* Says in which ways a text is not a whole dmidecode output. */
#include "dmi.h"

struct check {
	struct output *out;
	unsigned structures;
	unsigned bad_handles;
	unsigned truncated;
	const char *complaint; /* the first, NULL: none */
	bool header;           /* "# dmidecode 3.4", or one of the lines that follow it */
	bool indented;         /* a value line was met before any Handle line */
	bool open;             /* inside a structure whose empty line has not come */
	bool last;             /* that structure is the end of the table */
};

/* What dmidecode says about a broken table, in the first column. */
static const char *const complaints[] = {
	"Invalid entry length", "Wrong DMI structures", "Table is unreachable",
	"Failed to read table", "SMBIOS 3 structure",   "Wrong SMBIOS",
};

static void tool_version(struct check *check, struct span line)
{
	struct span version;

	if (!check->header && text_cut(&line, ' ', &version) && version.len <= 32)
		collect_tool_version(check->out, "dmidecode", version.at, version.len);
	check->header = true;
}

static void handle_line(struct check *check, struct span line, struct span *rest)
{
	unsigned handle, type = 0;
	const char *below = rest->at;

	check->structures++;
	if (!dmi_take_handle(line, rest, &handle, &type))
		check->bad_handles++;
	/* Where the type has a line of its own, no empty line follows. */
	check->open = rest->at == below;
	check->last = type == 127;
}

static void check_line(struct check *check, struct span line, struct span *below)
{
	struct span rest = line;

	if (line.len == 0) {
		check->open = false;
	} else if (text_skip(&rest, "# dmidecode ")) {
		tool_version(check, rest);
	} else if (text_skip(&rest, "Handle ")) {
		handle_line(check, line, below);
	} else if (text_is(line, "\t<TRUNCATED>")) {
		check->truncated++;
	} else if (line.at[0] == '\t') {
		check->indented |= check->structures == 0;
	} else {
		for (size_t i = 0; i < ARRAY_LEN(complaints); i++)
			if (!check->complaint && text_skip(&rest, complaints[i]))
				check->complaint = complaints[i];
	}
}

void dmi_check(const struct input *in, const char *where, struct output *out)
{
	struct check check = { .out = out };
	struct span rest = { in->text, in->len }, line, version, lead = dmi_lead(in);

	if (in->len == 0) {
		collect_error(out, where, "dmidecode printed nothing");
		return;
	}
	while (text_line(&rest, &line))
		check_line(&check, dmi_line(line, lead), &rest);
	if (check.complaint)
		collect_error(out, where, "dmidecode says: %s ...", check.complaint);
	/* What comes after the table's end is nothing that could be half. */
	if (in->text[in->len - 1] != '\n' && !(check.open && check.last))
		collect_error(out, where,
			      "the text is cut off inside a line, which is left out");
	else if (check.open && !check.last)
		collect_error(out, where, "the text is cut off inside a structure");
	if (check.bad_handles > 0)
		collect_error(out, where, "%u Handle lines are not understood",
			      check.bad_handles);
	if (check.truncated > 0)
		collect_error(out, where, "%u structures go beyond the end of the table",
			      check.truncated);
	if (check.structures > 65536)
		collect_error(out, where, "%u structures, more than there can be handles",
			      check.structures);
	if (check.indented && check.structures == 0)
		collect_error(out, where, "structures without handles (dmidecode -q?)");
	else if (!check.header && check.structures == 0 &&
		 !dmi_smbios_version(in, &version))
		collect_error(out, where, "this is not dmidecode's text");
}
