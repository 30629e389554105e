/* From what a document says a tool was refused to the line of a policy that grants it. */
#include "device_commands.h"
#include "parser.h"
#include "refused.h"

#include <string.h>
#include <sys/syscall.h>

static const struct command_table *table_named(const char *word)
{
	for (const struct command_table *table = command_tables; table->word; table++)
		if (!strcmp(table->word, word))
			return table;
	return NULL;
}

static bool is_granted(const struct step *step, const struct command_name *name)
{
	for (unsigned i = 0; i < step->command_count; i++)
		if (step->commands[i].name == name)
			return true;
	return false;
}

/* The second byte of "02h 81h Get_Log_Page", as command_label() writes it; or -1. */
static int second_byte(const char *detail)
{
	char digits[3] = "";
	uint64_t byte;

	if (strlen(detail) < 8 || detail[2] != 'h' || detail[3] != ' ' ||
	    detail[6] != 'h')
		return -1;
	memcpy(digits, detail + 4, 2);
	return parse_hex(digits, 0xff, &byte) ? -1 : (int)byte;
}

/* What is chosen of a name: which log, which feature. */
static char *choice_line(const struct command_table *table,
			 const struct command_name *name, const char *detail)
{
	const uint8_t *only = name->choice->only;
	int byte = second_byte(detail);

	/* An IPMI command's parameter is behind what the label has. */
	if (table->transport == COMMAND_IPMI || byte < 0)
		return xasprintf("%s %s:, with the %s that it asks for", table->word,
				 name->name, name->choice->kind);
	if (only && (!byte || !strchr((const char *)only, byte)))
		return xasprintf("none: no policy can grant the %s %02xh",
				 name->choice->kind, (unsigned)byte);
	return xasprintf("%s %s:%02xh", table->word, name->name, (unsigned)byte);
}

static char *command_line(const struct step *step, const struct command_table *table,
			  const char *detail)
{
	const char *blank = strrchr(detail, ' ');

	for (const struct command_name *name = table->names; blank && name->name;
	     name++) {
		if (strcmp(name->name, blank + 1) != 0)
			continue;
		if (name->choice)
			return choice_line(table, name, detail);
		if (is_granted(step, name))
			return xasprintf("none: %s is granted, in another form than was "
					 "asked for",
					 name->name);
		return xasprintf("%s %s", table->word, name->name);
	}
	return xasprintf("none: bee-policy(5) has no %s command for it", table->word);
}

/* Those of the transports, whose commands are granted, and not the call. */
static const char *transport_words(uint32_t number)
{
	for (const struct command_table *table = command_tables; table->word; table++)
		for (size_t i = 0; i < ARRAY_LEN(table->requests) && table->requests[i];
		     i++)
			if (table->requests[i] == number)
				return table->word;
	return NULL;
}

static char *ioctl_line(const char *detail)
{
	const char *name, *why, *words;
	uint64_t number;

	if (parse_hex(detail, UINT32_MAX, &number))
		return xstrdup("an ioctl line, with the number that was asked for");
	name = ioctl_name((uint32_t)number);
	why = ioctl_never(name ?: "", (uint32_t)number, UINT32_MAX);
	words = transport_words((uint32_t)number);
	if (why)
		return xasprintf("none: no policy can grant %s: %s", name, why);
	if (words)
		return xasprintf("%s with the names of the commands that it sends",
				 words);
	return xasprintf("ioctl %s=0x%x%s", name ?: "NAME", (unsigned)number,
			 name ? "" : ", with the name that its header has");
}

static char *call_line(const struct step *step, const char *call, int number)
{
	const char *why = syscall_never(call), *where = syscall_elsewhere(call);

	if (why)
		return xasprintf("none: no policy can grant it: %s", why);
	if (where && strstr(where, "'open'"))
		return xstrdup(
			step->open == OPEN_NONE ? "open read-only"
			: step->open == OPEN_READ_ONLY
				? "open read-write, unless it makes or empties files"
				: "none: no policy lets a tool make or empty files");
	if (where && strstr(where, "'exec'"))
		return xstrdup("exec with the path of what it starts");
	if (where && strstr(where, "tasks"))
		return xasprintf("limits tasks %u", step->limits.tasks + 1);
	if (where || call_has(step->syscalls, number))
		return xstrdup("none: the call is granted, but not with these arguments");
	return xasprintf("syscalls %s", call);
}

char *refused_line(const struct step *step, const char *call, const char *detail)
{
	const struct command_table *table = table_named(call);
	int number;

	if (table)
		return command_line(step, table, detail);
	number = syscall_number(call);
	if (number < 0)
		return xstrdup("none: no call of this machine has that name");
	return number == SYS_ioctl ? ioctl_line(detail) : call_line(step, call, number);
}
