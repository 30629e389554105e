/* --capture: a job's raw output as DIR/COLLECTOR/STEP[@INSTANCE]/{argv,stdout,stderr,status}. */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_new(int folder, const char *name)
{
	return openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0640);
}

/* The folder COLLECTOR/STEP[@INSTANCE] below `top`, made where it is missing. */
static int folder_new(int top, char *path)
{
	char *slash = strchr(path, '/');

	*slash = '\0';
	if (mkdirat(top, path, 0750) && errno != EEXIST)
		return -1;
	AUTO_CLOSE int collector =
		openat(top, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (collector < 0 || (mkdirat(collector, slash + 1, 0750) && errno != EEXIST))
		return -1;
	return openat(collector, slash + 1,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* For a step that runs a tool: its words, one a line. */
static int argv_write(int folder, const struct jail *jail, bool words)
{
	AUTO_CLOSE int fd = file_new(folder, "argv");

	for (size_t i = 0; words && fd >= 0 && jail->tool.argv[i]; i++)
		if (write_all(fd, jail->tool.argv[i], strlen(jail->tool.argv[i])) ||
		    write_all(fd, "\n", 1))
			return -1;
	return fd < 0 ? -1 : 0;
}

int capture_open(const struct job_context *ctx, struct jail *jail)
{
	const struct job *job = ctx->job;
	AUTO_CLOSE int top = open(ctx->capture, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_FREE char *path = job_path(job->policy, job->step, job->instance);
	AUTO_CLOSE int folder = top < 0 ? -1 : folder_new(top, path);

	if (folder < 0)
		return -errno;
	jail->copy_out = file_new(folder, "stdout");
	jail->copy_err = jail->copy_out < 0 ? -1 : file_new(folder, "stderr");
	jail->copy_status = jail->copy_err < 0 ? -1 : file_new(folder, "status");
	if (jail->copy_status < 0 || argv_write(folder, jail, job->step->argv[0]))
		return -errno;
	/* For want of room it may stay empty, which says "incomplete" as well. */
	(void)!write(jail->copy_status, "incomplete\n", 11);
	return 0;
}
