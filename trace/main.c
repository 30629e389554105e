/* bee-trace: what a run uses of a reference tree. */
#include "command.h"

static const struct command list[] = {
	{ "run", "-d DIR [-o LIST] [--in-place] [-- CMD...]", trace_run },
	{ "boot",
	  "-d DIR [-o LIST] [--until CMD | --for SECONDS] [--timeout SECONDS] [-v]",
	  trace_boot },
	{ "arm", "-d DIR", trace_arm },
	{ "files", "-d DIR [-t TIMESTAMP] [-o LIST]", trace_files },
};

int main(int argc, char **argv)
{
	static const struct commands commands = {
		.program = "bee-trace",
		.before = "  bee trace run -d root/ -o app.list -- app --version   what "
			  "it uses\n",
		.between = "",
		.list = list,
		.count = ARRAY_LEN(list),
	};

	return commands_main(&commands, argc, argv);
}
