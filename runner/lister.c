/* Lists the instances of a step, in a child that may be abandoned: a folder can hang too. */
#include "lister.h"
#include "confine.h"
#include "descriptors.h"
#include "replay.h"
#include "slots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INSTANCES_MAX 4096

int lister_natural(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static bool captured(const char *replay, const struct policy *policy,
		     const struct step *step)
{
	AUTO_FREE char *pattern =
		xasprintf("%s/%s/%s@*", replay, policy->collector, step->name);
	glob_t found;
	bool any = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return any;
}

char *lister_folder(const char *replay, const struct policy *policy,
		    const struct step *step, char **pattern, size_t *skip)
{
	char *folder;

	*skip = 0;
	folder = xasprintf("%s%s", replay ?: "", step->each);
	*pattern = xstrdup(strrchr(folder, '/') + 1);
	*strrchr(folder, '/') = '\0';
	/* DIR/sys stands in for the machine's, as long as no job of the step was captured. */
	if (!replay ||
	    (!step->argv[0] && !captured(replay, policy, step) && !access(folder, F_OK)))
		return folder;
	free(folder);
	free(*pattern);
	*pattern = xasprintf("%s@*", step->name);
	*skip = strlen(step->name) + 1;
	return xasprintf("%s/%s", replay, policy->collector);
}

/*
 * What the capture keeps of a step without instances, in the place of its folders: so that a
 * replay tells "there was none" from "was not captured".
 */
static char *absent_file(const struct job_context *ctx, const char *top)
{
	return xasprintf("%s/%s/%s/status", top, ctx->job->policy->collector,
			 ctx->job->step->name);
}

static void absent_write(const struct job_context *ctx)
{
	AUTO_FREE char *path = absent_file(ctx, ctx->capture);

	char *slash = path + strlen(ctx->capture);

	do {
		*slash = '\0';
		if (mkdir(path, 0750) && errno != EEXIST)
			return;
		*slash = '/';
	} while ((slash = strchr(slash + 1, '/')));
	AUTO_CLOSE int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd >= 0)
		(void)!write(fd, "absent\n", 7);
}

static bool absent_read(const struct job_context *ctx)
{
	AUTO_FREE char *path = absent_file(ctx, "");
	AUTO_CLOSE int fd = replay_open(ctx->replay, path + 1);
	char text[16] = "";

	return fd >= 0 && read_full(fd, text, sizeof(text) - 1) > 0 &&
	       !strcmp(text, "absent\n");
}

_Noreturn void lister_main(const struct job_context *ctx)
{
	static char *names[INSTANCES_MAX];
	struct jail_msg msg = { .type = JOB_MSG_BAD_NAME };
	struct jail_failure none = { .stage = STAGE_LIST, .error = ENOENT };
	int keep[] = { ctx->control };
	size_t count = 0, skip;
	char *pattern, *folder = lister_folder(ctx->replay, ctx->job->policy,
					       ctx->job->step, &pattern, &skip);
	struct dirent *entry;
	DIR *dir;

	if (descriptors_keep(keep, ARRAY_LEN(keep)))
		message_fail_errno(ctx->control, STAGE_DESCRIPTORS);
	streams_null();
	/* Opened with our rights: a captured folder may be its owner's alone. */
	dir = opendir(folder);
	if (!dir && errno != ENOENT && errno != ENOTDIR)
		message_fail_errno(ctx->control, STAGE_LIST);
	if (ctx->replay && absent_read(ctx))
		message_fail(ctx->control, JAIL_MSG_ABSENT, &none);
	if (!ctx->capture && confine_drop(UID_COLLECTOR(ctx->job->slot)))
		message_fail_errno(ctx->control, STAGE_UID);
	while (dir && (errno = 0, entry = readdir(dir))) {
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD))
			continue;
		if (count == INSTANCES_MAX || !policy_instance_good(entry->d_name + skip))
			msg.number++;
		else
			names[count++] = xstrdup(entry->d_name + skip);
	}
	if (dir && errno) /* the rest is not known; what was listed can be asked */
		msg.number++;
	if (msg.number)
		message_send(ctx->control, &msg);
	if (count == 0 && ctx->capture)
		absent_write(ctx);
	qsort(names, count, sizeof(*names), lister_natural);
	for (size_t i = 0; i < count; i++) {
		msg = (struct jail_msg){ .type = JOB_MSG_INSTANCE };
		(void)snprintf(msg.text, sizeof(msg.text), "%s", names[i]);
		message_send(ctx->control, &msg);
	}
	msg = (struct jail_msg){ .type = JAIL_MSG_RESULT };
	msg.result = (struct jail_result){ .tool_status = 0, .reader_status = -1 };
	message_send(ctx->control, &msg);
	_exit(0);
}
