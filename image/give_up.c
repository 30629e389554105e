/* What reads archives gives its rights up before the first byte. */
#include "give_up.h"
#include "exits.h"
#include "stdio_filter.h"

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void uid_give_up(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	/* EINVAL: a user namespace that does not know the number. */
	if (geteuid() == 0 &&
	    ((setgroups(0, NULL) && errno != EPERM) ||
	     (setresgid(GIVE_UP_UID, GIVE_UP_UID, GIVE_UP_UID) && errno != EINVAL) ||
	     (setresuid(GIVE_UP_UID, GIVE_UP_UID, GIVE_UP_UID) && errno != EINVAL)))
		err_system("giving up rights");
	if (syscall(SYS_capset, &head, none))
		err_system("giving up rights");
}

/* A caller's lower limit (ulimit -v) stays: it could not be raised without rights. */
void give_up_memory(void)
{
#ifndef BEE_SANITIZED
	struct rlimit memory;

	if (getrlimit(RLIMIT_AS, &memory))
		err_system("giving up rights");
	if (memory.rlim_max > GIVE_UP_MEMORY)
		memory.rlim_max = GIVE_UP_MEMORY;
	if (memory.rlim_cur > memory.rlim_max)
		memory.rlim_cur = memory.rlim_max;
	if (setrlimit(RLIMIT_AS, &memory))
		err_system("giving up rights");
#endif
}

static void give_up(enum stdio_filter_extra extra)
{
	int error;

	uid_give_up();
	give_up_memory();
	error = process_hide();
	if (!error)
		error = stdio_filter_load(extra);
	if (error)
		errx(exit_of_errno(-error), "giving up rights: %s",
		     strerrordesc_np(-error));
}

void give_up_rights(void)
{
	give_up(STDIO_ONLY);
}

void give_up_rights_but_sockets(void)
{
	give_up(STDIO_AND_SOCKET);
}
