/* bee-guest: root file systems that run as if booted. */
#include "command.h"
#include "guest.h"

#include <err.h>
#include <unistd.h>

static const struct command list[] = {
	{ "run", "NAME [OPTION...] [-- COMMAND...]", guest_run },
	{ "start", "NAME [OPTION...]", guest_start },
	{ "stop", "[--now | --keep] [--timeout SECONDS] NAME", guest_stop },
	{ "exec", "NAME [COMMAND...]", guest_exec },
	{ "console", "NAME", guest_console },
	{ "list", "[--json] [--mounts] [NAME]", guest_list },
	{ "report", "[--json | --prometheus] [--follow] [NAME]", guest_report },
	{ "ssh-config", "NAME", guest_ssh_config },
	{ "rm", "NAME", guest_rm },
	{ "gc", "", guest_gc },
	{ "pretend-boot", "NAME", guest_boot },
	{ "control", "start|stop NAME", guest_control },
	{ "vm", "run IMAGE [OPTION...] [-- COMMAND...] | ssh NAME | delete NAME",
	  guest_vm },
};

const char *guest_name(int argc, char **argv)
{
	const char *name;

	if (optind >= argc)
		command_usage("%s: which guest?", argv[0]);
	name = argv[optind++];
	if (!guest_name_good(name))
		errx(BEE_USAGE,
		     "\"%s\" is no name of a guest: up to %d letters, digits, \"-\", "
		     "\"_\" "
		     "and \".\"",
		     name, GUEST_NAME_MAX);
	return name;
}

const char *guest_only_name(int argc, char **argv)
{
	const char *name = guest_name(argc, argv);

	if (optind < argc)
		command_usage("%s: \"%s\" is a word too many: one guest at a time",
			      argv[0], argv[optind]);
	return name;
}

void guest_root(void)
{
	if (geteuid() != 0)
		errx(BEE_USAGE, "only root can do that");
}

int main(int argc, char **argv)
{
	static const struct commands commands = {
		.program = "bee-guest",
		.before =
			"  bee guest start web                     /opt/sub/web/config "
			"says "
			"what it is\n"
			"  bee guest start web --root /srv/web     this tree, as if "
			"booted\n"
			"  bee guest run try --root / --volatile -- apt-get -s upgrade\n"
			"  bee guest exec web                      a shell in it\n"
			"  bee guest stop web\n"
			"  bee guest run /srv/debian.qcow2 -- uname -a   in a VM of its "
			"own\n",
		.between =
			"\nOptions of run and start:\n"
			"  --config FILE    instead of /opt/sub/NAME/config\n"
			"  --root DIR       the tree\n"
			"  --lower DIR      a common tree; changes go to --upper DIR, "
			"--work "
			"DIR\n"
			"  --volatile       changes are kept in memory, and gone at the "
			"end\n"
			"  --disk D:N:FILE  partition N of an image; the first is the "
			"tree\n"
			"  --bridge B:MAC   a cable to bridge B; either may be missing\n"
			"  --init COMMAND   what runs as the first process\n"
			"  --memory BYTES, --tasks N\n"
			"  --tun            /dev/net/tun\n"
			"  --host-users     no user namespace: NO BOUNDARY\n"
			"  --raise-limits   of the kernel, where they are too low for "
			"one "
			"more\n"
			"  --backend vm     in QEMU: a VM, with its own kernel\n"
			"  --image FILE     of a VM: raw or qcow2, never written to\n"
			"  --kernel FILE, --initrd FILE, --append WORDS\n"
			"  --firmware FILE  of a VM that boots by UEFI: "
			"/usr/share/ovmf/OVMF.fd\n"
			"  --cpus N, --accel kvm|tcg, --authorized-keys FILE\n"
			"  --work-size N, --work-seed FILE   a disk for its /root\n"
			"  --rm             it is forgotten when it ends\n"
			"  --foreground     of start: stays until the guest ends\n"
			"  --timeout N      of start: seconds to be ready in, 60\n",
		.list = list,
		.count = ARRAY_LEN(list),
	};

	return commands_main(&commands, argc, argv);
}
