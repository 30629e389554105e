/* What a job's root is made of, opened while the machine's own tree is still in sight. */
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Where programs and libraries are, everywhere; as links where the host has links. */
static const char *const library_folders[] = { "/usr/lib", "/usr/lib32", "/usr/lib64",
					       "/lib",     "/lib32",     "/lib64" };
static const char *const program_folders[] = { "/usr/local/sbin", "/usr/local/bin",
					       "/usr/sbin", "/usr/bin" };

int jail_fail(struct jail *jail, enum job_stage stage, int index)
{
	*jail->failure = (struct job_failure){ stage, errno, index };
	return -1;
}

/* Opens a detached copy of the tree at `path` with everything mounted below it. */
static int tree_open(struct jail *jail, const char *path, const char *target,
		     uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs };
	struct tree *tree = &jail->trees[jail->count];
	struct stat st;

	if (jail->count == ARRAY_LEN(jail->trees)) {
		errno = E2BIG;
		return -1;
	}
	tree->fd = open_tree(AT_FDCWD, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree->fd < 0)
		return -1;
	if (mount_setattr(tree->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
			  sizeof(attr)) ||
	    fstat(tree->fd, &st)) {
		close(tree->fd);
		return -1;
	}
	tree->folder = S_ISDIR(st.st_mode);
	tree->path = xstrdup(target);
	jail->count++;
	return 0;
}

/* Finds the program as a shell would, opens it and what its "#!" line names. */
static enum job_msg_type program_find(struct jail *jail, struct job_program *found)
{
	const char *name = jail->ctx->step->argv[0];
	char *program = found->path;
	char head[256] = "";
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < ARRAY_LEN(program_folders); i++) {
		if (name[0] == '/')
			(void)snprintf(program, sizeof(found->path), "%s", name);
		else
			(void)snprintf(program, sizeof(found->path), "%s/%s",
				       program_folders[i], name);
		if (access(program, X_OK) == 0)
			fd = open(program, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (fd < 0)
		return JOB_MSG_UNAVAILABLE;
	if (read_full(fd, head, sizeof(head) - 1) < 0 ||
	    tree_open(jail, program, program, LIBRARY_ATTRS)) {
		jail_fail(jail, STAGE_PROGRAM, -1);
		close(fd);
		return JOB_MSG_SETUP;
	}
	close(fd);
	if (head[0] == '#' && head[1] == '!') {
		char *interpreter = head + 2 + strspn(head + 2, " \t");

		interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
		if (interpreter[0] != '/' ||
		    tree_open(jail, interpreter, interpreter, LIBRARY_ATTRS)) {
			errno = errno ? errno : ENOEXEC;
			jail_fail(jail, STAGE_PROGRAM, -1);
			return JOB_MSG_SETUP;
		}
		(void)snprintf(found->interpreter, sizeof(found->interpreter), "%s",
			       interpreter);
	}
	return JOB_MSG_STARTED;
}

/* Opens every listed tree before the new root covers anything. */
static enum job_msg_type sources_open(struct jail *jail)
{
	const struct step *step = jail->ctx->step;
	bool dynamic = !policy_own_program(step); /* ours are linked statically */

	for (unsigned i = 0; i < step->grant_count; i++)
		dynamic |= step->grants[i].kind == GRANT_EXEC;
	for (size_t i = 0; dynamic && i < ARRAY_LEN(library_folders); i++) {
		struct stat st;

		if (lstat(library_folders[i], &st) || !S_ISDIR(st.st_mode))
			continue;
		if (tree_open(jail, library_folders[i], library_folders[i],
			      LIBRARY_ATTRS)) {
			jail_fail(jail, STAGE_OPEN_TREE, -1);
			return JOB_MSG_SETUP;
		}
	}
	if (dynamic &&
	    tree_open(jail, "/etc/ld.so.cache", "/etc/ld.so.cache", DATA_ATTRS) &&
	    errno != ENOENT) {
		jail_fail(jail, STAGE_OPEN_TREE, -1);
		return JOB_MSG_SETUP;
	}
	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];
		AUTO_FREE char *path = policy_expand(grant->path, jail->ctx->instance);

		if (grant->kind != GRANT_SEE && grant->kind != GRANT_EXEC)
			continue;
		if (!tree_open(jail, path, path,
			       grant->kind == GRANT_EXEC ? LIBRARY_ATTRS : DATA_ATTRS))
			continue;
		if (errno == ENOENT || errno == ENOTDIR) {
			if (grant->optional)
				continue;
			jail_fail(jail, STAGE_OPEN_TREE, (int)i);
			return JOB_MSG_ABSENT;
		}
		jail_fail(jail, STAGE_OPEN_TREE, (int)i);
		return JOB_MSG_SETUP;
	}
	return JOB_MSG_STARTED;
}

static bool tree_has(const struct jail *jail, const char *path)
{
	for (unsigned i = 0; i < jail->count; i++)
		if (!strcmp(jail->trees[i].path, path))
			return true;
	return false;
}

/* Whether a folder that is open already holds `path`: its links lead into /sys/devices. */
static bool tree_covers(const struct jail *jail, const char *path)
{
	for (unsigned i = 0; i < jail->count; i++) {
		size_t len = strlen(jail->trees[i].path);

		if (!strncmp(jail->trees[i].path, path, len) &&
		    (path[len] == '/' || !path[len]))
			return true;
	}
	return false;
}

/* The folder a read pattern starts in: up to the component before its first wildcard. */
static char *pattern_folder(const struct jail *jail, const char *pattern)
{
	char *path = policy_expand(pattern, jail->ctx->instance);
	char *wild = path + strcspn(path, "*{");

	while (wild > path && *wild != '/')
		wild--;
	if (*wild == '/')
		*wild = '\0';
	return path;
}

/*
 * A read step sees the folders its patterns start in and, as sysfs is links into it,
 * /sys/devices; bee-read opens nothing but what the patterns say.
 */
static enum job_msg_type patterns_open(struct jail *jail)
{
	const struct step *step = jail->ctx->step;
	bool in_sysfs = false;

	for (unsigned i = 0; i < step->grant_count; i++) {
		AUTO_FREE char *folder = pattern_folder(jail, step->grants[i].path);

		if (tree_covers(jail, folder))
			continue;
		if (!tree_open(jail, folder, folder, DATA_ATTRS)) {
			in_sysfs |= !strncmp(folder, "/sys/", 5);
		} else if (errno != ENOENT && errno != ENOTDIR) {
			jail_fail(jail, STAGE_OPEN_TREE, (int)i);
			return JOB_MSG_SETUP;
		}
	}
	if (jail->count == 0) {
		*jail->failure = (struct job_failure){ STAGE_OPEN_TREE, ENOENT, 0 };
		return JOB_MSG_ABSENT;
	}
	if (in_sysfs && !tree_has(jail, "/sys/devices") &&
	    tree_open(jail, "/sys/devices", "/sys/devices", DATA_ATTRS)) {
		jail_fail(jail, STAGE_OPEN_TREE, -1);
		return JOB_MSG_SETUP;
	}
	return JOB_MSG_STARTED;
}

/*
 * A driver that makes no node itself: udev makes none either, vendors' tools mknod(2) it.
 * Where none has run yet, its number is the one that the kernel tells.
 */
static int driver_stat(const char *path, struct stat *st)
{
	static const char node[] = "/dev/megaraid_sas_ioctl_node";
	static const char driver[] = " megaraid_sas_ioctl\n";
	char line[128];
	AUTO_FCLOSE FILE *file = NULL;

	if (strcmp(path, node) != 0 || !(file = fopen("/proc/devices", "re")))
		return -1;
	while (fgets(line, sizeof(line), file)) {
		char *name = strstr(line, driver);
		uint64_t major;

		if (!name)
			continue;
		*name = '\0';
		if (parse_u64(line + strspn(line, " "), 4095, &major))
			break;
		*st = (struct stat){ .st_mode = S_IFCHR,
				     .st_rdev = makedev((unsigned)major, 0) };
		return 0;
	}
	errno = ENOENT;
	return -1;
}

/*
 * The node is made anew, owned by the tool's uid with just the bits its policy grants, so
 * that most tools need not be uid 0: the kernel's own permission check then says the same
 * as Landlock and the filter do.
 */
static enum job_msg_type devices_stat(struct jail *jail)
{
	const struct step *step = jail->ctx->step;

	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];
		AUTO_FREE char *path = policy_expand(grant->path, jail->ctx->instance);
		struct stat st;

		jail->modes[i] = 0;
		if (grant->kind != GRANT_DEVICE)
			continue;
		if (stat(path, &st) && driver_stat(path, &st)) {
			bool missing = errno == ENOENT || errno == ENOTDIR;

			if (missing && grant->optional)
				continue;
			jail_fail(jail, STAGE_DEVICE, (int)i);
			return missing ? JOB_MSG_ABSENT : JOB_MSG_SETUP;
		}
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
			errno = ENODEV;
			jail_fail(jail, STAGE_DEVICE, (int)i);
			return JOB_MSG_SETUP;
		}
		jail->modes[i] = (st.st_mode & S_IFMT) | (grant->write ? 0600 : 0400);
		jail->numbers[i] = st.st_rdev;
	}
	return JOB_MSG_STARTED;
}

enum job_msg_type jail_open(struct jail *jail, struct job_program *program)
{
	const struct step *step = jail->ctx->step;
	enum job_msg_type result = JOB_MSG_STARTED;

	*program = (struct job_program){ .path = "" };
	errno = 0;
	if (!policy_own_program(step))
		result = program_find(jail, program);
	if (result == JOB_MSG_STARTED)
		result = devices_stat(jail);
	if (result == JOB_MSG_STARTED)
		result = step->argv[0] ? sources_open(jail) : patterns_open(jail);
	return result;
}
