/* Lists the instances of a step, in a child that may be abandoned: a folder can hang too. */
#include "job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTANCES_MAX 4096

static bool is_instance(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._:-");

	return len > 0 && !name[len] && len <= POLICY_INSTANCE_MAX && name[0] != '.';
}

/* "sda" before "sdaa" before "sdb" would be wrong to a technician: natural order. */
static int natural(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/*
 * From a captured folder: the STEP@INSTANCE folders below DIR/COLLECTOR. From the machine:
 * the entries of the pattern's folder that match its last component.
 */
static char *folder_of(const struct job_context *ctx, char **pattern)
{
	char *folder;

	if (ctx->replay) {
		*pattern = xasprintf("%s@*", ctx->step->name);
		return xasprintf("%s/%s", ctx->replay, ctx->policy->collector);
	}
	folder = xstrdup(ctx->step->each);
	*pattern = xstrdup(strrchr(folder, '/') + 1);
	*strrchr(folder, '/') = '\0';
	return folder;
}

_Noreturn void lister_main(const struct job_context *ctx)
{
	static char *names[INSTANCES_MAX];
	struct job_msg msg = { .type = JOB_MSG_BAD_NAME };
	int keep[] = { ctx->control };
	char *pattern, *folder = folder_of(ctx, &pattern);
	size_t count = 0, skip;
	DIR *dir;
	struct dirent *entry;

	descriptors_keep(keep, ARRAY_LEN(keep));
	descriptors_null();
	if (confine_drop(ctx->collector_uid))
		job_fail(ctx->control, JOB_MSG_SETUP, (struct job_failure){ STAGE_UID, errno, -1 });
	skip = ctx->replay ? strlen(ctx->step->name) + 1 : 0;
	dir = opendir(folder);
	if (!dir && errno != ENOENT && errno != ENOTDIR)
		job_fail(ctx->control, JOB_MSG_SETUP,
			 (struct job_failure){ STAGE_LIST, errno, -1 });
	while (dir && (entry = readdir(dir))) {
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD))
			continue;
		if (count == INSTANCES_MAX || !is_instance(entry->d_name + skip))
			msg.number++;
		else
			names[count++] = xstrdup(entry->d_name + skip);
	}
	if (msg.number)
		job_send(ctx->control, &msg);
	qsort(names, count, sizeof(*names), natural);
	for (size_t i = 0; i < count; i++) {
		msg = (struct job_msg){ .type = JOB_MSG_INSTANCE };
		(void)snprintf(msg.instance, sizeof(msg.instance), "%s", names[i]);
		job_send(ctx->control, &msg);
	}
	msg = (struct job_msg){ .type = JOB_MSG_DONE };
	msg.done = (struct job_done){ .tool_status = 0, .collector_status = -1 };
	job_send(ctx->control, &msg);
	_exit(0);
}
