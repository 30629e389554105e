/* A device that hangs in the kernel when it is opened: a file system that does not answer. */
#include "start.h"

#include <sys/stat.h>
#include <unistd.h>

/* start_filter() as the linker has it with --wrap: it comes just after the device is opened. */
int __real_start_filter(const unsigned *calls, size_t call_count,
			const unsigned *requests, size_t request_count);
int __wrap_start_filter(const unsigned *calls, size_t call_count,
			const unsigned *requests, size_t request_count);

int __wrap_start_filter(const unsigned *calls, size_t call_count,
			const unsigned *requests, size_t request_count)
{
	struct stat st;

	if (!access("/mnt/hang", F_OK))
		(void)!stat("/mnt/hang/x", &st);
	return __real_start_filter(calls, call_count, requests, request_count);
}
