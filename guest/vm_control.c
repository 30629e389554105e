/* The control line of a VM, and QEMU's monitor. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_TIME (5 * NSEC_PER_SEC)

int vm_connect(const char *name, const char *file)
{
	AUTO_FREE char *path = vm_run_path(name, file);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	nsec_t deadline = clock_now() + ANSWER_TIME;
	int error = 0;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0)
		return -errno;
	/* unix(7): a QEMU that takes nobody, as it is stopped, has connect(2) wait for ever. */
	while (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		error = errno;
		if (error != EAGAIN || clock_now() > deadline)
			break;
		(void)poll(NULL, 0, 20);
		error = 0;
	}
	if (!error)
		return fd;
	close(fd);
	return -error;
}

/* The rest of a line goes when there is room; a QEMU that takes none is given up. */
static void line_send(int fd, const char *line, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	nsec_t deadline = clock_now() + ANSWER_TIME;

	while (len > 0) {
		ssize_t n = send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (n > 0) {
			line += n;
			len -= (size_t)n;
		} else if (poll(&room, 1, clock_poll_ms(deadline)) <= 0) {
			return;
		}
	}
}

/* Bytes of the monitor until `count` lines have come. False: they do not. */
static bool monitor_lines(int fd, unsigned count)
{
	nsec_t deadline = clock_now() + ANSWER_TIME;

	while (count > 0) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		ssize_t n;

		if (poll(&in, 1, clock_poll_ms(deadline)) <= 0)
			return false;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n && count > 0; i++)
			count -= bytes[i] == '\n';
	}
	return true;
}

/* docs/interop/qmp-spec.txt of QEMU: a greeting, then a line comes for each that goes. What
 * they hold is not looked at: QEMU may have been taken over by its guest. */
static void power_button(const char *name)
{
	static const char capabilities[] = "{\"execute\":\"qmp_capabilities\"}\n";
	static const char button[] = "{\"execute\":\"system_powerdown\"}\n";
	AUTO_CLOSE int fd = vm_connect(name, "monitor");

	if (fd >= 0 && monitor_lines(fd, 1) &&
	    send(fd, capabilities, strlen(capabilities), MSG_NOSIGNAL) > 0 &&
	    monitor_lines(fd, 1) && send(fd, button, strlen(button), MSG_NOSIGNAL) > 0)
		(void)monitor_lines(fd, 1);
}

/* The supervisor has the control line; where there is none, the word is ours to say. */
void vm_ask(const char *name, const struct look *look, int pidfd)
{
	AUTO_CLOSE int supervisor =
		process_open(&look->handles.supervisor, look->handles.boot);

	(void)pidfd;
	if (supervisor >= 0) {
		(void)pidfd_send_signal(supervisor, SIGUSR1, NULL, 0);
	} else {
		/* Open as long as we are: QEMU forgets what it has not passed on when it is closed. */
		int fd = vm_connect(name, "control");
		AUTO_FREE char *line = xasprintf("BEE-STOP %s\n", look->handles.nonce);

		if (fd >= 0)
			line_send(fd, line, strlen(line));
	}
	power_button(name);
}

void vm_say(struct vm *vm, const char *word, const char *rest)
{
	AUTO_FREE char *line =
		xasprintf("%s %s%s%s\n", word, vm->nonce, *rest ? " " : "", rest);

	if (vm->control >= 0)
		line_send(vm->control, line, strlen(line));
}

/* The words of a command, as one line of a shell in base64. Owned. */
char *vm_command_line(const struct words *command)
{
	AUTO_FREE char *line = xstrdup("");
	char *out;
	size_t size;

	for (size_t i = 0; i < command->count; i++) {
		AUTO_FREE char *word = vm_quoted(command->at[i]);
		char *longer = xasprintf("%s%s%s", line, i ? " " : "", word);

		free(line);
		line = longer;
	}
	size = sodium_base64_encoded_len(strlen(line), sodium_base64_VARIANT_ORIGINAL);
	out = xcalloc(1, size);
	return sodium_bin2base64(out, size, (const unsigned char *)line, strlen(line),
				 sodium_base64_VARIANT_ORIGINAL);
}
