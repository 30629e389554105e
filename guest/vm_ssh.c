/* Keys of a VM, and the way in by ssh. */
#include "command.h"
#include "look.h"
#include "vm.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int key_make(struct vm *vm, const char *file)
{
	AUTO_FREE char *path = vm_path(vm->name, file);
	AUTO_FREE char *comment = xasprintf("bee-%s", vm->name);
	const char *const argv[] = { "ssh-keygen", "-q",    "-t", "ed25519", "-N", "",
				     "-C",         comment, "-f", path,      NULL };
	struct vm_child child = { .argv = argv, .in = -1, .group_of = vm };
	AUTO_FREE char *public = xasprintf("%s.pub", path);
	char said[200];
	int result;

	if (!access(path, F_OK) && !access(public, F_OK))
		return 0;
	(void)unlink(path); /* half of one, of a start that was killed */
	result = vm_child_run(&child, said, sizeof(said));
	if (result)
		return vm_fail(vm, EIO, "ssh-keygen: %s",
			       result == 127 ? "is not installed (openssh-client)"
					     : said);
	return 0;
}

/* Who answers is known before the first time: the key was made here. */
static int pin(struct vm *vm)
{
	AUTO_FREE char *path = vm_path(vm->name, "known_hosts");
	AUTO_FREE char *public = vm_path(vm->name, "host_key.pub");
	AUTO_CLOSE int from = open(public, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	AUTO_CLOSE int to =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	char key[1024];
	ptrdiff_t len = from < 0 ? -1 : read_full(from, key, sizeof(key) - 1);
	AUTO_FREE char *line = NULL;
	int result;

	key[len < 0 ? 0 : len] = '\0';
	line = xasprintf("%s %s", vm->name, key);
	result = to < 0 || len <= 0 ? -EIO : write_all(to, line, strlen(line));
	return result ? vm_fail(vm, result, "%s: %s", path, strerror(-result)) : 0;
}

int vm_keys_make(struct vm *vm)
{
	int result = key_make(vm, "host_key");

	if (!result)
		result = key_make(vm, "key");
	return result ? result : pin(vm);
}

int vm_enter(const char *name, struct look *look, int pidfd, char **argv)
{
	AUTO_FREE char *port = xasprintf("%u", look->handles.port);
	AUTO_FREE char *known = vm_path(name, "known_hosts"), *key = vm_path(name, "key");
	AUTO_FREE char *hosts = xasprintf("UserKnownHostsFile=%s", known);
	AUTO_FREE char *alias = xasprintf("HostKeyAlias=%s", name);
	const char *fixed[] = { "ssh",
				"-F",
				"none",
				"-q",
				"-p",
				port,
				"-i",
				key,
				"-o",
				"IdentitiesOnly=yes",
				"-o",
				"StrictHostKeyChecking=yes",
				"-o",
				"BatchMode=yes",
				"-o",
				"ConnectTimeout=30",
				"-o",
				hosts,
				"-o",
				alias,
				isatty(0) && isatty(1) ? "-t" : "-T",
				"root@127.0.0.1",
				"--" };
	size_t count = 0, fixed_count = ARRAY_LEN(fixed);
	const char **words;

	(void)pidfd;
	if (!look->handles.port)
		errx(BEE_TEMPFAIL,
		     "%s: it has no user-mode network, which ssh goes by: "
		     "bee guest console",
		     name);
	while (argv[count])
		count++;
	if (count == 0)
		fixed_count--;
	words = xcalloc(fixed_count + count + 1, sizeof(*words));
	memcpy(words, fixed, fixed_count * sizeof(*words));
	for (size_t i = 0; i < count; i++)
		words[fixed_count + i] = vm_quoted(argv[i]);
	(void)execvp("ssh", (char *const *)(uintptr_t)words);
	err(BEE_CANTCREAT, "ssh");
}

/* ssh gives its words to a shell, joined by blanks: each is one again. Owned. */
char *vm_quoted(const char *word)
{
	char *out = xcalloc(4 * strlen(word) + 3, 1), *at = out;

	*at++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			at = stpcpy(at, "'\\''");
		else
			*at++ = *word;
	}
	*at = '\'';
	return out;
}

int guest_ssh_config(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	AUTO_FREE char *known = NULL, *key = NULL;
	const char *name;
	struct look look;

	while (command_option(argc, argv, "h", options) != -1)
		;
	guest_root();
	name = guest_name(argc, argv);
	look_guest(name, &look);
	if (look.record_kind != STATE_GOOD || strcmp(look.record.backend, "vm") != 0 ||
	    !look.record.port)
		errx(BEE_USAGE, "%s: there is no VM of that name with a port for ssh",
		     name);
	known = vm_path(name, "known_hosts");
	key = vm_path(name, "key");
	printf("Host %s\n  HostName 127.0.0.1\n  Port %u\n  User root\n  HostKeyAlias "
	       "%s\n"
	       "  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n  IdentityFile %s\n"
	       "  IdentitiesOnly yes\n",
	       name, look.record.port, name, known, key);
	look_done(&look);
	return command_end(BEE_OK);
}
