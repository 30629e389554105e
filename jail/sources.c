/* What a jail's root is made of, opened while the machine's own tree is still in sight. */
#include "sources.h"

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
#define OWN_TREES                                                                        \
	(ARRAY_LEN(library_folders) + 3) /* loader's cache, program, interpreter */

int sources_fail(struct sources *sources, enum jail_stage stage, const char *path)
{
	*sources->failure = (struct jail_failure){ .stage = stage, .error = errno };
	(void)snprintf(sources->failure->path, sizeof(sources->failure->path), "%s",
		       path);
	return -1;
}

static enum jail_msg_type setup_failed(struct sources *sources, enum jail_stage stage,
				       const char *path)
{
	sources_fail(sources, stage, path);
	return JAIL_MSG_SETUP;
}

/* Opens a detached copy of the tree at `path` with everything mounted below it. */
static int tree_open(struct sources *sources, const char *path, uint64_t attrs)
{
	/* Private: what the machine mounts later is not to come after. */
	struct mount_attr attr = { .attr_set = attrs, .propagation = MS_PRIVATE };
	struct source_tree *tree = &sources->trees[sources->count];
	struct stat st;

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
	tree->path = xstrdup(path);
	sources->count++;
	return 0;
}

/*
 * Opens the program as a shell would find it: the first that can be run. Only what is not
 * there is not installed; where none can be run and one was refused, errno says why.
 */
static int program_open(const char *name, char *path, size_t size)
{
	int error = ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(program_folders); i++) {
		int fd = -1;

		if (name[0] == '/')
			(void)snprintf(path, size, "%s", name);
		else
			(void)snprintf(path, size, "%s/%s", program_folders[i], name);
		if (!access(path, X_OK))
			fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd >= 0)
			return fd;
		if (error == ENOENT && errno != ENOTDIR)
			error = errno;
	}
	errno = error;
	return -1;
}

/* Opens the program, and what its "#!" line names. */
static enum jail_msg_type program_find(struct sources *sources,
				       struct jail_program *found)
{
	char *program = found->path;
	char head[256] = "";
	AUTO_CLOSE int fd =
		program_open(sources->jail->tool.argv[0], program, sizeof(found->path));

	if (fd < 0)
		return errno == ENOENT ? JAIL_MSG_UNAVAILABLE
				       : setup_failed(sources, STAGE_PROGRAM, "");
	if (read_full(fd, head, sizeof(head) - 1) < 0 ||
	    tree_open(sources, program, LIBRARY_ATTRS))
		return setup_failed(sources, STAGE_PROGRAM, "");
	if (head[0] == '#' && head[1] == '!') {
		char *interpreter = head + 2 + strspn(head + 2, " \t");

		errno = ENOEXEC; /* for one that is not absolute */
		interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
		if (interpreter[0] != '/' ||
		    tree_open(sources, interpreter, LIBRARY_ATTRS))
			return setup_failed(sources, STAGE_PROGRAM, "");
		(void)snprintf(found->interpreter, sizeof(found->interpreter), "%s",
			       interpreter);
	}
	return JAIL_MSG_STARTED;
}

static int libraries_open(struct sources *sources)
{
	for (size_t i = 0; i < ARRAY_LEN(library_folders); i++) {
		struct stat st;

		if (lstat(library_folders[i], &st)) {
			if (errno != ENOENT && errno != ENOTDIR)
				return -1;
			continue;
		}
		if (S_ISDIR(st.st_mode) &&
		    tree_open(sources, library_folders[i], LIBRARY_ATTRS))
			return -1;
	}
	return tree_open(sources, "/etc/ld.so.cache", DATA_ATTRS) && errno != ENOENT ? -1
										     : 0;
}

/* Opens every listed tree before the new root covers anything. */
static enum jail_msg_type trees_open(struct sources *sources)
{
	const struct jail *jail = sources->jail;
	const char *missing = NULL; /* of those of which one is needed */
	bool one = false;

	if (jail->libraries && libraries_open(sources))
		return setup_failed(sources, STAGE_OPEN_TREE, "");
	for (unsigned i = 0; i < jail->tree_count; i++) {
		const struct jail_tree *tree = &jail->trees[i];

		if (!tree_open(sources, tree->path,
			       tree->use == JAIL_DATA ? DATA_ATTRS : LIBRARY_ATTRS)) {
			one |= tree->need == JAIL_ONE_OF;
			continue;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return setup_failed(sources, STAGE_OPEN_TREE, tree->path);
		if (tree->need == JAIL_NEEDED) {
			sources_fail(sources, STAGE_OPEN_TREE, tree->path);
			return JAIL_MSG_ABSENT;
		}
		if (tree->need == JAIL_ONE_OF && !missing)
			missing = tree->path;
	}
	if (!missing || one)
		return JAIL_MSG_STARTED;
	errno = ENOENT;
	sources_fail(sources, STAGE_OPEN_TREE, missing);
	return JAIL_MSG_ABSENT;
}

/*
 * A driver that makes no node itself: udev makes none either, vendors' tools mknod(2) it.
 * Where none has run yet, its number is the one that the kernel tells.
 */
static int driver_stat(const char *driver, struct stat *st)
{
	char line[128];
	AUTO_FCLOSE FILE *file = driver ? fopen("/proc/devices", "re") : NULL;

	if (!file)
		return -1; /* errno is stat's where there is no driver */
	/* "Character devices:" and lines like "234 NAME"; then "Block devices:". */
	while (fgets(line, sizeof(line), file) && line[0] != 'B') {
		char *number = line + strspn(line, " "), *name = strchr(number, ' ');
		uint64_t major;

		if (!name)
			continue;
		*name++ = '\0';
		name[strcspn(name, "\n")] = '\0';
		if (strcmp(name, driver) != 0 || parse_u64(number, 4095, &major))
			continue;
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
static enum jail_msg_type nodes_stat(struct sources *sources)
{
	for (unsigned i = 0; i < sources->jail->node_count; i++) {
		const struct jail_node *node = &sources->jail->nodes[i];
		struct stat st;

		if (stat(node->path, &st) && driver_stat(node->major, &st)) {
			bool missing = errno == ENOENT || errno == ENOTDIR;

			if (missing && node->optional)
				continue;
			sources_fail(sources, STAGE_DEVICE, node->path);
			return missing ? JAIL_MSG_ABSENT : JAIL_MSG_SETUP;
		}
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
			errno = ENODEV;
			return setup_failed(sources, STAGE_DEVICE, node->path);
		}
		sources->nodes[i] = (struct source_node){
			(st.st_mode & S_IFMT) | (node->write ? 0600 : 0400), st.st_rdev
		};
	}
	return JAIL_MSG_STARTED;
}

enum jail_msg_type sources_open(struct sources *sources, struct jail_program *program)
{
	const struct jail *jail = sources->jail;
	enum jail_msg_type result = JAIL_MSG_STARTED;

	sources->trees = xcalloc(jail->tree_count + OWN_TREES, sizeof(*sources->trees));
	sources->nodes = xcalloc(jail->node_count + 1, sizeof(*sources->nodes));
	*program = (struct jail_program){ .path = "", .device = -1 };
	errno = 0;
	if (jail->tool.fd < 0)
		result = program_find(sources, program);
	if (result == JAIL_MSG_STARTED)
		result = nodes_stat(sources);
	if (result == JAIL_MSG_STARTED)
		result = trees_open(sources);
	return result;
}
