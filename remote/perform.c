/* The watchdog, mounts, sshd, kexec and reboot of an order that has been verified. */
#include "perform.h"
#include "disk.h"
#include "kexec.h"
#include "outside.h"
#include "readonly.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define WATCHDOG "/dev/watchdog"
#define SYSTEMD_TIME (30 * NSEC_PER_SEC)
#define KEYS_MAX (64u << 10)

static bool wanted(const struct performer *performer, enum action_kind kind,
		   struct action *out)
{
	return action_find(performer->order, kind, out);
}

/* It counts from now on, and nobody tells it that all is well: an order that hangs is one that the machine is reset from. */
static int watchdog_arm(struct performer *performer, const struct action *action,
			struct said *said)
{
	int seconds = (int)action->number, fd = open(WATCHDOG, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return say(said, "watchdog: %s",
			   errno == EBUSY    ? "another program has it"
			   : errno == ENOENT ? "there is none"
					     : strerrordesc_np(errno) ?: "?");
	if (ioctl(fd, WDIOC_SETTIMEOUT, &seconds) || seconds < (int)action->number) {
		/* "V": a close that is meant (Documentation/watchdog/watchdog-api.rst). */
		(void)!write(fd, "V", 1);
		close(fd);
		return say(said, "watchdog: it does not count to %llu",
			   (unsigned long long)action->number);
	}
	performer->watchdog = fd;
	return 0;
}

void perform_watchdog_again(void)
{
	AUTO_CLOSE int fd = open(WATCHDOG, O_WRONLY | O_CLOEXEC);

	/* Closed without a "V" it counts on. */
	if (fd >= 0)
		(void)ioctl(fd, WDIOC_KEEPALIVE, 0);
}

void perform_done(struct performer *performer, enum after after)
{
	for (unsigned i = 0; i < performer->mount_count; i++) {
		(void)umount2(performer->mounts[i], 0);
		readonly_open(performer->nodes[i]);
		free(performer->mounts[i]);
	}
	performer->mount_count = 0;
	if (performer->watchdog < 0)
		return;
	/* It counts anew for what comes then: a kernel that does not come up is reset. */
	if (after == AFTER_NOTHING)
		(void)!write(performer->watchdog, "V", 1);
	else
		(void)ioctl(performer->watchdog, WDIOC_KEEPALIVE, 0);
	close(performer->watchdog);
	performer->watchdog = -1;
}

static int mount_one(struct performer *performer, const struct action *action,
		     struct said *said)
{
	AUTO_FREE char *folders = xasprintf("%s/mounts", performer->state);
	char *place = xasprintf("%s/%u", folders, performer->mount_count);
	const char *node;
	struct disk disk;

	performer->nodes[performer->mount_count] = -1;
	performer->mounts[performer->mount_count++] = place;
	if (disk_find(action->words[0], false, &disk, said))
		return -1;
	node = disk_partition(&disk, action->number);
	if (!node)
		return say(said, "mount: the disk has no partition %llu",
			   (unsigned long long)action->number);
	if ((mkdir(folders, 0755) && errno != EEXIST) ||
	    (mkdir(place, 0755) && errno != EEXIST))
		return say(said, "mount: %s: %s", place, strerrordesc_np(errno) ?: "?");
	/* A namespace of our own, once: with this process it is gone, and with it what is mounted there. */
	if (performer->mount_count == 1 && readonly_namespace())
		return say(said, "mount: %s", strerrordesc_np(errno) ?: "?");
	return readonly_close(node, &performer->nodes[performer->mount_count - 1],
			      said) ||
			       readonly_mount(node, place, action->words[2], said)
		       ? -1
		       : 0;
}

static const char *const key_kinds[] = { "ssh-ed25519 ",
					 "ssh-rsa ",
					 "ecdsa-sha2-nistp256 ",
					 "ecdsa-sha2-nistp384 ",
					 "ecdsa-sha2-nistp521 ",
					 "sk-ssh-ed25519@openssh.com ",
					 "sk-ecdsa-sha2-nistp256@openssh.com " };

static bool key_good(const char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(key_kinds); i++) {
		size_t len = strlen(key_kinds[i]), text;

		if (strncmp(line, key_kinds[i], len) != 0)
			continue;
		text = strspn(line + len,
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789+/=");
		return text >= 64 && (!line[len + text] || line[len + text] == ' ');
	}
	return false;
}

int ssh_keys_check(const char *text, size_t len, struct said *said)
{
	struct take take = take_begin(text, len);
	char line[2048];
	unsigned count = 0;

	while (take.at < take.end) {
		if (take_line(&take, line, sizeof(line)))
			return say(said, "sshd: line %u of the keys is no line of text%s",
				   take.line + 1, take_why(&take));
		if (!*line || *line == '#')
			continue;
		if (!key_good(line))
			return say(said, "sshd: line %u of the keys is no public key",
				   take.line);
		count++;
	}
	return count ? 0 : say(said, "sshd: the file of keys has none");
}

/* Its sum was compared when it was placed beside the script; sshd reads it from then on, for root. */
static int sshd_admit(struct performer *performer, const struct action *action,
		      struct said *said)
{
	AUTO_FREE char *from =
		xasprintf("%s/files/%s", performer->state, action->words[0]);
	AUTO_FREE char *to = xasprintf("%s/authorized_keys", performer->state);
	AUTO_FREE char *next = xasprintf("%s.next", to);
	AUTO_FREE char *text = xcalloc(1, KEYS_MAX + 1);
	AUTO_CLOSE int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	ptrdiff_t len = in < 0 ? -1 : read_full(in, text, KEYS_MAX + 1);

	if (len < 0 || len > (ptrdiff_t)KEYS_MAX)
		return say(said, "sshd: the file of keys cannot be read");
	if (ssh_keys_check(text, (size_t)len, said))
		return -1;
	(void)unlink(next);
	out = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || write_all(out, text, (size_t)len) || rename(next, to))
		return say(said, "sshd: %s cannot be written", to);
	return perform_sshd_start(said);
}

/* Where there is our filter; that nft is not installed is no failure then. */
static int ssh_open(struct said *said)
{
	char *have[] = { (char[]){ "nft" },  (char[]){ "list" }, (char[]){ "table" },
			 (char[]){ "inet" }, (char[]){ "bee" },  NULL };
	char *argv[] = { (char[]){ "nft" },     (char[]){ "add" },
			 (char[]){ "element" }, (char[]){ "inet" },
			 (char[]){ "bee" },     (char[]){ "open" },
			 (char[]){ "{ 22 }" },  NULL };
	AUTO_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct said why = { "" };
	int code = outside_run(have, null, -1, clock_now() + SYSTEMD_TIME, &why);

	if (code)
		return 0;
	code = outside_run(argv, -1, -1, clock_now() + SYSTEMD_TIME, said);
	return code > 0 ? say(said, "sshd: nft says %d", code) : code;
}

int perform_sshd_start(struct said *said)
{
	char *argv[] = { (char[]){ "systemctl" }, (char[]){ "start" },
			 (char[]){ "ssh.service" }, NULL };
	int code;

	if (ssh_open(said))
		return -1;
	code = outside_run(argv, -1, -1, clock_now() + SYSTEMD_TIME, said);

	return code > 0 ? say(said, "sshd: systemctl says %d", code) : code;
}

int perform_before(struct performer *performer, struct said *said)
{
	struct action action = { .number = 0 };

	if (wanted(performer, ACTION_KEXEC, &action) && kexec_ready(said))
		return -1;
	if (wanted(performer, ACTION_WATCHDOG, &action) &&
	    watchdog_arm(performer, &action, said))
		return -1;
	for (unsigned i = 0; i < performer->order->action_count; i++)
		if (!action_read(performer->order, performer->order->actions[i], &action,
				 said) &&
		    action.kind == ACTION_MOUNT && mount_one(performer, &action, said))
			return -1;
	if (wanted(performer, ACTION_SSHD, &action))
		return sshd_admit(performer, &action, said);
	return 0;
}

int perform_after(struct performer *performer, enum after *out, struct said *said)
{
	const struct order *order = performer->order;
	struct action action = { .number = 0 };

	*out = wanted(performer, ACTION_REBOOT, &action) ? AFTER_REBOOT : AFTER_NOTHING;
	if (!wanted(performer, ACTION_KEXEC, &action))
		return 0;
	if (kexec_load_files(ORDER_FILES + (int)action.files[0],
			     &order->files[action.files[0]],
			     *action.words[1] ? ORDER_FILES + (int)action.files[1] : -1,
			     &order->files[action.files[1]], order->cmdline, said))
		return -1;
	*out = AFTER_KEXEC;
	return 0;
}

int perform_end(enum after after, struct said *said)
{
	static char kexec[] = "kexec", reboot[] = "reboot";
	char *argv[] = { (char[]){ "systemctl" }, (char[]){ "--no-block" }, reboot,
			 NULL };
	int code;

	if (after == AFTER_KEXEC)
		argv[2] = kexec;
	code = outside_run(argv, -1, -1, clock_now() + SYSTEMD_TIME, said);
	return code > 0 ? say(said, "%s: systemctl says %d", argv[2], code) : code;
}
