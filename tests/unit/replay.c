/* The child of a replayed job (runner/replay.c). */
#include "replay.h"
#include "tap.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Root that may not become somebody else, as in a container. */
static void setuid_drop(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	CHECK(!syscall(SYS_capget, &header, data));
	data[0].effective &= ~(1u << CAP_SETUID);
	data[0].permitted &= ~(1u << CAP_SETUID);
	CHECK(!syscall(SYS_capset, &header, data));
}

static void test_rights(void)
{
	struct policy policy = { .collector = (char[]){ "a" } };
	struct step step = { .name = (char[]){ "b" },
			     .own_fd = -1,
			     .argv = { (char[]){ "tool" } } };
	struct job job = { .policy = &policy, .step = &step };
	char folder[] = "/tmp/bee-test-XXXXXX";
	struct job_context ctx = { .job = &job, .collect_fd = -1, .replay = folder };
	struct jail_msg msg;
	int control[2], bytes[2];

	if (geteuid() != 0)
		tap_skip("only root has rights to give up");
	CHECK(mkdtemp(folder) && !pipe(bytes));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control));
	ctx.control = control[1];
	ctx.records = ctx.errors = bytes[1];
	if (fork() == 0) {
		setuid_drop();
		replay_main(&ctx);
	}
	close(control[1]);
	CHECK(recv(control[0], &msg, sizeof(msg), 0) == sizeof(msg));
	CHECK(!rmdir(folder));
	CHECK_INT(msg.type, JAIL_MSG_SETUP);
	CHECK_INT(msg.failure.stage, STAGE_UID);
	CHECK_INT(recv(control[0], &msg, sizeof(msg), 0), 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "where it cannot give up its rights nothing of the folder is read",
		  test_rights, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
