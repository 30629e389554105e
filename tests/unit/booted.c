/* A tree entered as if booted: this machine's own, changes kept in memory, as root. */
#include "booted.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS(n) (clock_now() + (n)*NSEC_PER_SEC)

static char said[65536];

/* A copy that is never freed, and not lost either. */
static char *word(const char *text)
{
	static char *words[32];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!words[i])
			return words[i] = xstrdup(text);
	tap_fail(__FILE__, __LINE__, "too many words");
}

static int said_by_hook(void *data)
{
	return write(*(int *)data, "hook\n", 5) == 5 ? 0 : -EIO;
}

static int refused_by_hook(void *data)
{
	(void)data;
	return -EXDEV;
}

static void ready(struct booted *booted)
{
	if (geteuid() != 0)
		tap_skip("root only");
	booted_default(booted);
	booted->root = "/";
	booted->changes = BOOTED_VOLATILE;
	booted->first_id = 0x7c000000;
	booted->id_count = 65536;
}

static void started(int result, const struct booted_failure *failure)
{
	if (result &&
	    (!strcmp(failure->stage, "map owners") || !strcmp(failure->stage, "proc") ||
	     !strcmp(failure->stage, "user namespace")))
		tap_skip("%s %s: %s", failure->stage, failure->path,
			 strerror(failure->error));
	if (result)
		tap_fail(__FILE__, __LINE__, "%s %s: %s", failure->stage, failure->path,
			 strerror(failure->error));
}

/* Runs `sh -c script` inside, to its end with status 0, and compares what it prints. */
static void check_said(struct booted *booted, const char *script, const char *wanted)
{
	char *argv[] = { word("sh"), word("-c"), word(script), NULL };
	struct booted_failure failure;
	struct booted_child child;
	int out[2], one = dup(1), two = dup(2), status;

	CHECK_INT(pipe2(out, O_CLOEXEC), 0);
	(void)fflush(stdout);
	CHECK(dup2(out[1], 1) == 1 && dup2(out[1], 2) == 2);
	close(out[1]);
	booted->argv = argv;
	status = booted_start(booted, SECONDS(5), &child, &failure);
	CHECK(dup2(one, 1) == 1 && dup2(two, 2) == 2);
	CHECK(!close(one) && !close(two));
	started(status, &failure);
	if (booted_go(&child, SECONDS(5), &failure))
		tap_fail(__FILE__, __LINE__, "%s %s: %s", failure.stage, failure.path,
			 strerror(failure.error));
	said[read_full(out[0], said, sizeof(said) - 1)] = '\0';
	CHECK_INT(waitpid(child.pid, &status, 0), child.pid);
	booted_done(&child);
	CHECK_STR(said, wanted);
	CHECK_INT(status, 0);
}

static void test_root_of_its_own(void)
{
	struct booted booted;

	ready(&booted);
	booted.hostname = "inside";
	check_said(&booted, "echo $$ $(id -u) $(hostname) $container; echo /proc/[0-9]*",
		   "1 0 inside bee\n/proc/1\n");
}

static void test_owners(void)
{
	struct booted booted;

	ready(&booted);
	/* Its ids, and that root's files are root's although the map is another. */
	check_said(&booted, "cat /proc/self/uid_map | tr -s ' '; stat -c %u /bin/sh /tmp",
		   " 0 2080374784 65536\n0\n0\n");
}

static void test_changes_gone(void)
{
	struct booted booted;
	char name[64];

	ready(&booted);
	(void)snprintf(name, sizeof(name), "/bee-test-%d", getpid());
	AUTO_FREE char *script =
		xasprintf("echo x >%s && rm /bin/true && stat -c %%u %s", name, name);
	check_said(&booted, script, "0\n");
	CHECK(access(name, F_OK));
	CHECK(!access("/bin/true", F_OK));
}

static void test_overlay_kept(void)
{
	char folder[] = "/var/tmp/bee-booted-XXXXXX";
	struct booted booted;
	struct stat st;

	ready(&booted);
	CHECK(mkdtemp(folder) != NULL);
	AUTO_FREE char *upper = xasprintf("%s/root", folder);
	AUTO_FREE char *work = xasprintf("%s/work", folder);
	AUTO_FREE char *file = xasprintf("%s/etc/kept", upper);
	AUTO_FREE char *gone = xasprintf("%s/etc/passwd", upper);
	AUTO_FREE char *tidy = xasprintf("rm -rf %s", folder);
	CHECK(!mkdir(upper, 0755) && !mkdir(work, 0755));
	booted.changes = BOOTED_OVERLAY;
	booted.upper = upper;
	booted.work = work;
	check_said(&booted,
		   "echo x >/etc/kept; chown 7 /etc/kept; rm /etc/passwd; ls /etc/passwd "
		   "2>&-; :",
		   "");
	CHECK(!stat(file, &st));
	CHECK_INT(st.st_uid, 7); /* on the disk it is the guest's 7 */
	CHECK(!lstat(gone, &st) && S_ISCHR(st.st_mode) && st.st_rdev == 0);
	check_said(&booted, "cat /etc/kept; stat -c %u /etc/kept", "x\n7\n");
	CHECK_INT(system(tidy), 0);
}

static void test_ready(void)
{
	char *argv[] = {
		word("python3"), word("-c"),
		word("import socket,os,time; s=socket.socket(socket.AF_UNIX,"
		     "socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET']);"
		     "s.send(b'STATUS=x'); s.send(b'X=1\\nREADY=1')"),
		NULL
	};
	struct booted_failure failure;
	struct booted_child child;
	struct booted booted;
	struct pollfd in = { .events = POLLIN };
	int status;

	ready(&booted);
	booted.argv = argv;
	started(booted_start(&booted, SECONDS(5), &child, &failure), &failure);
	CHECK_INT(booted_ready(child.notify), -EAGAIN);
	CHECK_INT(booted_go(&child, SECONDS(5), &failure), 0);
	in.fd = child.notify;
	CHECK_INT(poll(&in, 1, 5000), 1);
	CHECK_INT(booted_ready(child.notify), 0);
	CHECK_INT(poll(&in, 1, 5000), 1);
	CHECK_INT(booted_ready(child.notify), 1);
	CHECK_INT(waitpid(child.pid, &status, 0), child.pid);
	CHECK_INT(status, 0);
}

static void test_console(void)
{
	char *argv[] = { word("sh"), word("-c"), word("tty; echo to >/dev/console"),
			 NULL };
	struct booted_failure failure;
	struct booted_child child;
	struct booted booted;
	size_t len = 0;
	ssize_t n;
	int status;

	ready(&booted);
	booted.pty = true;
	booted.argv = argv;
	started(booted_start(&booted, SECONDS(5), &child, &failure), &failure);
	CHECK_INT(booted_go(&child, SECONDS(5), &failure), 0);
	CHECK_INT(waitpid(child.pid, &status, 0), child.pid);
	/* What was written last is there, and then EIO: nobody has the other end. */
	while ((n = read(child.console, said + len, sizeof(said) - len - 1)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	CHECK_STR(said, "/dev/pts/0\r\nto\r\n");
}

static void test_hook(void)
{
	struct booted_failure failure;
	struct booted booted;
	struct booted_child child;
	int out = 1;

	ready(&booted);
	booted.before_exec = said_by_hook;
	booted.data = &out;
	check_said(&booted, "echo run", "hook\nrun\n");
	booted.before_exec = refused_by_hook;
	started(booted_start(&booted, SECONDS(5), &child, &failure), &failure);
	CHECK_INT(booted_go(&child, SECONDS(5), &failure), -EXDEV);
	CHECK_STR(failure.stage, "before exec");
}

static void test_before_go(void)
{
	struct booted_failure failure;
	char *argv[] = { word("sh"), NULL };
	struct booted_child child;
	struct booted booted;
	int status;

	ready(&booted);
	booted.argv = argv;
	started(booted_start(&booted, SECONDS(5), &child, &failure), &failure);
	close(child.control); /* as if its starter had ended */
	CHECK_INT(waitpid(child.pid, &status, 0), child.pid);
	CHECK_INT(WEXITSTATUS(status), BEE_SOFTWARE);
}

static void test_exec_fails(void)
{
	char *argv[] = { word("/no/such/init"), NULL };
	struct booted_failure failure;
	struct booted_child child;
	struct booted booted;

	ready(&booted);
	booted.argv = argv;
	started(booted_start(&booted, SECONDS(5), &child, &failure), &failure);
	CHECK_INT(booted_go(&child, SECONDS(5), &failure), -ENOENT);
	CHECK_STR(failure.stage, "exec");
	CHECK_STR(failure.path, "/no/such/init");
	CHECK_INT(kill(child.pid, 0), -1); /* reaped */
}

static void test_tree_missing(void)
{
	struct booted_failure failure;
	struct booted_child child;
	struct booted booted;

	ready(&booted);
	booted.root = "/no/such/tree";
	CHECK_INT(booted_start(&booted, SECONDS(5), &child, &failure), -ENOENT);
	CHECK_STR(failure.stage, "root");
	CHECK_STR(failure.path, "/no/such/tree");
	CHECK_INT(waitpid(-1, NULL, 0), -1);
}

/*
 * A node in the tree that is the disk's own. Only nodev keeps root inside from opening it: the
 * file system is the machine's.
 */
static void test_nodes_in_tree(void)
{
	char folder[] = "/var/tmp/bee-booted-XXXXXX";
	struct booted_tree tree = { .at = "/mnt", .write = true };
	struct booted booted;

	ready(&booted);
	CHECK(mkdtemp(folder) != NULL);
	AUTO_FREE char *node = xasprintf("%s/zero", folder);
	AUTO_FREE char *tidy = xasprintf("rm -rf %s", folder);
	CHECK_INT(mknod(node, S_IFCHR | 0666, makedev(1, 5)), 0);
	CHECK_INT(chmod(node, 0666), 0);
	tree.from = folder;
	booted.trees = &tree;
	booted.tree_count = 1;
	check_said(&booted,
		   "head -c1 /mnt/zero 2>/dev/null || echo no;"
		   "mount -o remount,bind,dev /mnt 2>/dev/null || echo locked;"
		   "mount -o remount,bind,dev / 2>/dev/null || echo locked;"
		   "umount /mnt; mknod $(mktemp -u) c 1 5 2>/dev/null || echo no node;"
		   "head -c1 /dev/zero | od -An -tx1",
		   "no\nlocked\nlocked\nno node\n 00\n");
	CHECK_INT(system(tidy), 0);
}

/* What root inside may not write, although it may mount as much /proc as it likes. */
static void test_kernel_settings(void)
{
	struct booted booted;

	ready(&booted);
	check_said(&booted,
		   "p=$(mktemp -d); mount -t proc proc $p 2>/dev/null;"
		   "for f in /proc $p; do for n in kernel/core_pattern "
		   "vm/drop_caches; do"
		   " (: >$f/sys/$n) 2>/dev/null && echo wrote $f $n; done;"
		   " done; :",
		   "");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "pid 1 is root in namespaces of its own", test_root_of_its_own, 0 },
		{ "the tree's owners are the same inside, and other ids outside",
		  test_owners, 0 },
		{ "a volatile tree's changes are nowhere", test_changes_gone, 0 },
		{ "an overlay's changes stay, with the guest's owners on disk",
		  test_overlay_kept, 0 },
		{ "READY=1 arrives", test_ready, 0 },
		{ "the console is a terminal", test_console, 0 },
		{ "the caller's hook is called before the exec, and may refuse",
		  test_hook, 0 },
		{ "without its starter nothing runs", test_before_go, 0 },
		{ "an init that is not there is told", test_exec_fails, 0 },
		{ "a tree that is not there is told, and no child is left",
		  test_tree_missing, 0 },
		{ "device nodes of a tree cannot be opened", test_nodes_in_tree, 0 },
		{ "the kernel's settings are out of reach", test_kernel_settings, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
