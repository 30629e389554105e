/* Says in which ways a text is not a whole dmidecode output. */
#include "dmi.h"

#include <string.h>

struct check {
	struct output *out;
	unsigned structures;
	struct strange_lines bad_handles;
	unsigned truncated;
	uint64_t announced;    /* structures; 0: the text does not say */
	struct span complaint; /* the first line, len 0: none */
	bool ended;            /* the end-of-table structure was there */
	bool header;           /* "# dmidecode 3.4", or one of the lines that follow it */
	bool indented;         /* a value line was met before any Handle line */
	bool open;             /* inside a structure whose empty line has not come */
	bool last;             /* that structure is the end of the table */
};

/* What dmidecode says about a broken table, in the first column. */
static const char *const complaints[] = {
	"Invalid entry length", "Wrong DMI structures", "Table is unreachable",
	"Failed to read table", "SMBIOS 3 structure",   "Wrong SMBIOS",
	"No SMBIOS nor DMI",
};

static void take_complaint(struct check *check, struct span line)
{
	/* dmi_fixup_type_34 in dmidecode.c: it has mended that structure itself. */
	if (check->complaint.len > 0 || memmem(line.at, line.len, "Fixed up to", 11))
		return;
	/* "# No SMBIOS nor DMI entry point found, sorry." */
	if (text_skip(&line, "#"))
		line = text_trim(line);
	for (size_t i = 0; i < ARRAY_LEN(complaints); i++)
		if (text_starts(line, complaints[i]))
			check->complaint = line;
}

/* "115 structures occupying 4631 bytes." */
static void take_count(struct check *check, struct span line)
{
	uint64_t count;

	if (check->structures == 0 && text_take_u64(&line, &count) &&
	    text_starts(line, " structures occupying "))
		check->announced = count;
}

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
		strange_add(&check->bad_handles, line);
	/* Where the type has a line of its own, no empty line follows. */
	check->open = rest->at == below;
	check->last = type == 127;
	check->ended |= check->last;
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
		take_complaint(check, line);
		take_count(check, line);
	}
}

static void tell_missing(const struct check *check, const char *where)
{
	struct span said = check->complaint;

	if (said.len > 0)
		collect_error(check->out, where, "dmidecode says: %.*s",
			      (int)(said.len < 200 ? said.len : 200), said.at);
	/* A count that is one too high is common; the end of the table is the end. */
	if (check->announced > check->structures && !check->ended)
		collect_error(check->out, where, "%u of %llu structures came",
			      check->structures, (unsigned long long)check->announced);
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
	tell_missing(&check, where);
	/* What comes after the table's end is nothing that could be half. */
	if (in->text[in->len - 1] != '\n' && !(check.open && check.last))
		collect_error(out, where,
			      "the text is cut off inside a line, which is left out");
	else if (check.open && !check.last)
		collect_error(out, where, "the text is cut off inside a structure");
	strange_tell(&check.bad_handles, out, where, "",
		     "Handle lines are not understood");
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
