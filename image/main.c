/* bee-image: initramfs images, read and written. */
#include "command.h"

static const struct command list[] = {
	{ "list", "[-v] [--json] FILE", command_list },
	{ "cat", "FILE PATH", command_cat },
	{ "extract", "[--overwrite] FILE -C DIR", command_extract },
	{ "diff", "FILE FILE", command_diff },
	{ "check", "[--for AUDIT [--kernel VERSION]] FILE", command_check },
	{ "build",
	  "-d DIR -o FILE [--list LIST]... [--add GLOB]... [--drop GLOB]...\n"
	  "           [--modules FILE]... [--modules-for AUDIT]... [--kernel VERSION]\n"
	  "           [--init FILE | --bare] [--compress NAME[:LEVEL]] [-- CMD...]",
	  command_build },
	{ "why", "PATH FILE", command_why },
	{ "test",
	  "FILE [-d DIR] [--fix] [--boot | -- CMD...]\n"
	  "           FILE --boot KERNEL [--ready TEXT] [--timeout SECONDS] [--memory "
	  "MIB]\n"
	  "           [--append WORDS] [-v]",
	  command_test },
	{ "append",
	  "FILE -d DIR [--list LIST]... [--add GLOB]... [--drop GLOB]...\n"
	  "           [--compress NAME[:LEVEL]]",
	  command_append },
};

int main(int argc, char **argv)
{
	static const struct commands commands = {
		.program = "bee-image",
		.before = "  bee image list /boot/initrd.img       what is in it, one "
			  "name a line\n"
			  "  bee image cat initrd.img etc/fstab    one file of it\n",
		.between = "",
		.list = list,
		.count = ARRAY_LEN(list),
	};

	return commands_main(&commands, argc, argv);
}
