/* Folders of policy files, the administrator's and the shipped: which there are, loading one. */
#include "parser.h"
#include "paths.h"
#include "trusted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICIES_MAX 256 /* files in the policy folders, all together */

bool policy_is_optional(const char *name)
{
	return !strncmp(name, POLICY_OPTIONAL, strlen(POLICY_OPTIONAL));
}

const char *policy_collector(const char *name)
{
	return policy_is_optional(name) ? name + strlen(POLICY_OPTIONAL) : name;
}

/* Which collector's policy a file of that name is: owned, or NULL: nobody's. */
static char *policy_of_file(const char *name)
{
	static const char suffix[] = ".policy";
	size_t len = strlen(name), tail = sizeof(suffix) - 1;

	if (name[0] == '.' || len <= tail || strcmp(name + len - tail, suffix) != 0)
		return NULL;
	return xasprintf("%.*s", (int)(len - tail), name);
}

/* A descriptor; or -errno, and *why (owned) says it in words. */
static int place_open(bool own, const char *path, int flags, char **why)
{
	int fd;

	if (own)
		return trusted_open(path, flags, why);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	fd = -errno;
	*why = xstrdup(strerror(-fd));
	return fd;
}

struct policy *policy_load(const struct policy_file *file, FILE *errors)
{
	/* One byte more than allowed: that is how a longer file is told. */
	AUTO_FREE char *text = xcalloc(1, POLICY_FILE_MAX + 2), *why = NULL;
	/* Not blocking: a FIFO in the folder must not hang the program. */
	AUTO_CLOSE int fd =
		/* What policy_list() frees lies past the count that it returns. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		place_open(file->own, file->path, O_RDONLY | O_NOCTTY | O_NONBLOCK, &why);
	struct stat st;
	ptrdiff_t len;

	if (fd < 0 || fstat(fd, &st)) {
		(void)fprintf(errors, "%s:1:1: cannot read: %s\n", file->path,
			      why ?: strerror(errno));
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)fprintf(errors, "%s:1:1: not a regular file\n", file->path);
		return NULL;
	}
	len = read_full(fd, text, POLICY_FILE_MAX + 1);
	if (len < 0) {
		(void)fprintf(errors, "%s:1:1: cannot read: %s\n", file->path,
			      strerror((int)-len));
		return NULL;
	}
	return parse_text(file->path, policy_collector(file->name), text, (size_t)len,
			  errors);
}

/* By collector; of one collector the file that counts comes first. */
static int by_collector(const void *a, const void *b)
{
	const struct policy_file *left = a, *right = b;
	int order = strcmp(policy_collector(left->name), policy_collector(right->name));

	if (order)
		return order;
	if (left->own != right->own)
		return left->own ? -1 : 1;
	return policy_is_optional(left->name) - policy_is_optional(right->name);
}

struct files {
	struct policy_file *at; /* owned */
	int count;
};

static void file_done(struct policy_file *file)
{
	free(file->name);
	free(file->path);
}

void policy_files_free(struct policy_file *files, int count)
{
	for (int i = 0; files && i < count; i++)
		file_done(&files[i]);
	free(files);
}

/* Notes `entry` of the folder `path` if it is a policy. 0 or -errno. */
static int files_note(struct files *files, bool own, const char *path, const char *prefix,
		      const char *entry)
{
	AUTO_FREE char *collector = policy_of_file(entry);

	if (!collector)
		return 0;
	if (files->count == POLICIES_MAX)
		return -E2BIG;
	files->at =
		xrealloc_array(files->at, (size_t)files->count + 1, sizeof(*files->at));
	files->at[files->count++] = (struct policy_file){
		.name = xasprintf("%s%s", prefix, collector),
		.path = xasprintf("%s/%s", path, entry),
		.own = own,
	};
	return 0;
}

/*
 * The policies right in `dir`, or those in its folder "optional"; `own`: the administrator's.
 * 0, also where there is no such folder unless it is the shipped one; or -errno, said.
 */
static int files_add(struct files *files, bool own, const char *dir, bool optional,
		     FILE *errors)
{
	AUTO_FREE char *path = xasprintf("%s%s", dir, optional ? "/optional" : "");
	AUTO_FREE char *why = NULL;
	int fd = place_open(own, path, O_RDONLY | O_DIRECTORY, &why);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int error = 0;

	if (fd == -ENOENT && (own || optional))
		return 0;
	if (!folder) {
		error = fd < 0 ? fd : -errno;
		util_close(&fd);
	}
	while (folder && !error && (errno = 0, entry = readdir(folder)))
		error = files_note(files, own, path, optional ? POLICY_OPTIONAL : "",
				   entry->d_name);
	if (folder && !error)
		error = -errno;
	if (folder)
		(void)closedir(folder);
	if (error == -E2BIG)
		why = xasprintf("more than %d policy files", POLICIES_MAX);
	if (error)
		(void)fprintf(errors, "%s: %s\n", path, why ?: strerror(-error));
	return error;
}

int policy_list(const char *own, const char *dir, struct policy_file **out, FILE *errors)
{
	struct files files = { NULL, 0 };
	int error = 0, kept = 0;

	for (int optional = 0; optional < 2 && !error; optional++) {
		if (own)
			error = files_add(&files, true, own, optional, errors);
		error = error ?: files_add(&files, false, dir, optional, errors);
	}
	if (error) {
		policy_files_free(files.at, files.count);
		return error;
	}
	if (files.count)
		qsort(files.at, (size_t)files.count, sizeof(*files.at), by_collector);
	for (int i = 0; i < files.count; i++) {
		const char *before =
			kept ? policy_collector(files.at[kept - 1].name) : "";

		if (strcmp(policy_collector(files.at[i].name), before) != 0)
			files.at[kept++] = files.at[i];
		else
			file_done(&files.at[i]);
	}
	*out = files.at;
	return kept;
}

/* A policy by its collector's name. */
static struct policy *find_listed(const char *own, const char *dir, const char *name,
				  FILE *errors)
{
	struct policy_file *files = NULL;
	struct policy *policy = NULL;
	int count = policy_list(own, dir, &files, errors), i = 0;

	if (count < 0)
		return NULL;
	while (files && i < count &&
	       strcmp(policy_collector(files[i].name), policy_collector(name)) != 0)
		i++;
	if (files && i < count)
		policy = policy_load(&files[i], errors);
	else
		(void)fprintf(errors, "%s: there is no policy for it in %s%s%s\n", name,
			      own ?: "", own ? " and " : "", dir);
	policy_files_free(files, count);
	return policy;
}

struct policy *policy_find(const char *own, const char *dir, const char *name,
			   FILE *errors)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	AUTO_FREE char *path = xasprintf("%s%s", slash ? "" : "./", name);
	AUTO_FREE char *collector = policy_of_file(base);

	if (collector)
		return policy_load(
			&(struct policy_file){ .name = collector, .path = path }, errors);
	if (!slash || policy_is_optional(name))
		return find_listed(own, dir, name, errors);
	(void)fprintf(errors, "%s: a policy file is called COLLECTOR.policy\n", name);
	return NULL;
}
