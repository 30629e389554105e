/*
 * bee-console: what a technician sees on the machine's own screen. It never waits for a key, and reads
 * nothing but sizes and times: frames are made by children without rights.
 */
#include "console.h"
#include "document.h"
#include "terminal.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_EVERY 1000 /* ms: for something new, and a frame while an audit runs */
#define REPAIR_EVERY 10 /* looks: drawn again, as the kernel writes there, too */
#define DEFAULT_COLUMNS 80
#define DEFAULT_LINES 25

#define TTY_MAJOR 4   /* Linux, Documentation/admin-guide/devices.txt */
#define FIRST_UART 64 /* minor of ttyS0: those below are the screens */
#define PTS_MAJORS 136, 143

static const char usage_text[] =
	"usage: bee console [OPTION...] [FILE...]\n"
	"\n"
	"  bee console              on tty1: who this machine is, how ssh reaches it, "
	"the\n"
	"                           jobs of the audit that runs, then its summary; any "
	"key "
	"ends it\n"
	"  bee console --once       one frame, and that is it\n"
	"  bee console a.json b.json  the newest of these documents\n"
	"\n"
	"      --once           draws one frame and ends\n"
	"      --stay           no key ends it\n"
	"      --serial         on a serial line, too\n"
	"      --host-key FILE  ssh's public key, or a fingerprint\n"
	"      --password FILE  a password for ssh that is shown\n"
	"      --told FILE      a file whose last line is shown; twice, two\n"
	"      --progress FILE  what the audit notes\n"
	"      --lock FILE      what it holds\n"
	"      --dmi DIR        where the kernel shows the machine's name\n"
	"      --ascii          no character beyond ASCII\n"
	"  -h, --help           this text\n"
	"      --version        the version\n"
	"\n"
	"Exit: 0; 64 usage; 74 the terminal is gone.\n";

static volatile sig_atomic_t ended, resized;

static void on_end(int number)
{
	ended = number;
}

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

enum { HOST_KEY_ = 256, PASSWORD_, TOLD_, PROGRESS_, LOCK_, DMI_, VERSION_ };
static int flags[4];
enum { F_ONCE, F_STAY, F_SERIAL, F_ASCII };
static const struct option options[] = {
	{ "once", no_argument, &flags[F_ONCE], 1 },
	{ "stay", no_argument, &flags[F_STAY], 1 },
	{ "serial", no_argument, &flags[F_SERIAL], 1 },
	{ "ascii", no_argument, &flags[F_ASCII], 1 },
	{ "host-key", required_argument, NULL, HOST_KEY_ },
	{ "password", required_argument, NULL, PASSWORD_ },
	{ "told", required_argument, NULL, TOLD_ },
	{ "progress", required_argument, NULL, PROGRESS_ },
	{ "lock", required_argument, NULL, LOCK_ },
	{ "dmi", required_argument, NULL, DMI_ },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, VERSION_ },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void say_and_end(const char *text)
{
	(void)fputs(text, stdout);
	exit_written(BEE_IOERR);
}

static void file_option(struct console *c, int option)
{
	switch (option) {
	case HOST_KEY_:
		c->host_key = optarg;
		break;
	case PASSWORD_:
		c->password = optarg;
		break;
	case TOLD_:
		c->told[c->told[0] ? 1 : 0] = optarg;
		break;
	case PROGRESS_:
		c->progress = optarg;
		break;
	case LOCK_:
		c->lock = optarg;
		break;
	case DMI_:
		c->dmi = optarg;
		break;
	default:
		(void)fputs("bee console --help has examples\n", stderr);
		exit(BEE_USAGE);
	}
}

static void read_options(struct console *c, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			say_and_end(usage_text);
		if (option == VERSION_)
			say_and_end("bee-console " BEE_VERSION "\n");
		if (option != 0)
			file_option(c, option);
	}
	c->once = flags[F_ONCE];
	c->stay = flags[F_STAY];
	c->serial = flags[F_SERIAL];
	if (argc - optind > DOCUMENTS_MAX)
		errx(BEE_USAGE, "at most %d documents", DOCUMENTS_MAX);
	for (; optind < argc; optind++)
		c->documents[c->document_count++] = argv[optind];
	if (c->document_count == 0)
		c->documents[c->document_count++] = DOCUMENT_DEFAULT;
	c->utf8 = terminal_utf8() && !flags[F_ASCII];
	c->colors = terminal_colors(STDOUT_FILENO);
}

/* Neither a screen nor a window: what is drawn there is read by who knows what, in its own time. */
static bool is_serial(int fd)
{
	static const unsigned windows[] = { PTS_MAJORS };
	struct stat st;
	unsigned number;

	if (!isatty(fd) || fstat(fd, &st))
		return false;
	number = major(st.st_rdev);
	if (number >= windows[0] && number <= windows[1])
		return false;
	return number != TTY_MAJOR || minor(st.st_rdev) >= FIRST_UART;
}

static void size_read(struct console *c)
{
	c->columns = DEFAULT_COLUMNS;
	c->lines = DEFAULT_LINES;
	(void)terminal_size(STDOUT_FILENO, SIDE_MAX, &c->columns, &c->lines);
}

/* Whole or not: a terminal that is gone ends the program. */
static void put(const char *text)
{
	if (write_all(STDOUT_FILENO, text, strlen(text)))
		err(BEE_IOERR, "standard output");
}

/* Each line in place of what was there; the last is ours. Emptied before it is written: behind a line
 * that is as wide as the screen the cursor still stands on its last character. */
static void screen_put(const struct console *c, const char *frame)
{
	AUTO_FREE char *last =
		xasprintf("\033[%u;1H\033[2K%.*s", c->lines, (int)c->columns - 1,
			  c->stay ? "bee " BEE_VERSION
				  : "any key: a shell, in which bee help says more");

	put("\033[H");
	for (size_t len; *frame; frame += len) {
		AUTO_FREE char *line = NULL;

		len = strcspn(frame, "\n");
		line = xasprintf("\033[2K%.*s\r\n", (int)len, frame);
		put(line);
		len += frame[len] == '\n';
	}
	put("\033[J");
	put(last);
}

static struct termios before;
static bool raw;

static void terminal_begin(void)
{
	struct termios now;

	put("\033[?25l\033[H\033[J");
	if (tcgetattr(STDIN_FILENO, &before))
		return;
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	/* Ctrl-S would stop it for whoever comes next. */
	now.c_iflag &= ~(tcflag_t)(IXON);
	raw = !tcsetattr(STDIN_FILENO, TCSANOW, &now);
}

static void terminal_end(const struct console *c)
{
	AUTO_FREE char *last = xasprintf("\033[%u;1H\033[K\033[?25h", c->lines);

	put(last);
	if (raw)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

/* True: a key. With nothing to read from, time passes all the same. */
static bool wait_for_key(const struct console *c, const sigset_t *unblocked)
{
	struct pollfd in = { c->stay ? -1 : STDIN_FILENO, POLLIN, 0 };
	struct timespec time = { LOOK_EVERY / 1000, 0 };
	static bool deaf;
	char key[64];

	if (deaf)
		in.fd = -1;
	if (ppoll(&in, 1, &time, unblocked) <= 0)
		return false;
	if (in.revents & POLLIN && read(STDIN_FILENO, key, sizeof(key)) > 0)
		return true;
	deaf = true;
	return false;
}

/* What stands there where nothing could be drawn: a document that is none, memory that is short. */
static char *no_frame(const struct console *c)
{
	return xasprintf("%.*s\n", (int)c->columns,
			 "nothing to show; bee report says why");
}

static void watch(struct console *c, const sigset_t *unblocked)
{
	AUTO_FREE char *frame = no_frame(c);
	unsigned looks = 0;

	do {
		if (resized)
			size_read(c);
		resized = 0;
		addresses_read(c->addresses);
		if (frame_is_due(c)) {
			char *next = frame_make(c);

			free(frame);
			frame = next ?: no_frame(c);
			looks = 0;
		}
		if (looks % REPAIR_EVERY == 0 && c->lines > 1)
			screen_put(c, frame);
		looks++;
	} while (!wait_for_key(c, unblocked) && !ended);
}

static void signals_take(sigset_t *unblocked)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_end };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		sigaddset(&blocked, ends[i]);
		(void)sigaction(ends[i], &action, NULL);
	}
	action.sa_handler = on_resize;
	(void)sigaction(SIGWINCH, &action, NULL);
	/* They come while it waits, and at no other time. */
	(void)sigprocmask(SIG_BLOCK, &blocked, unblocked);
}

int main(int argc, char **argv)
{
	struct console c = { .host_key = "/etc/ssh/ssh_host_ed25519_key.pub",
			     .progress = PROGRESS_FILE,
			     .lock = PROGRESS_LOCK,
			     .dmi = "/sys/class/dmi/id" };
	sigset_t unblocked;
	int error = process_hide();

	if (error)
		errx(BEE_SOFTWARE, "giving up rights: %s", strerrordesc_np(-error));
	read_options(&c, argc, argv);
	if (is_serial(STDOUT_FILENO) && !c.serial)
		errx(BEE_USAGE,
		     "this is a serial line, which is not drawn on unless --serial "
		     "says so; bee report shows the last audit");
	size_read(&c);
	if (c.once) {
		AUTO_FREE char *frame = NULL;

		addresses_read(c.addresses);
		frame = frame_make(&c);
		if (!frame)
			errx(BEE_SOFTWARE, "nothing could be drawn");
		put(frame);
		return BEE_OK;
	}
	if (!isatty(STDOUT_FILENO))
		errx(BEE_USAGE, "standard output is no terminal: --once draws one frame");
	signals_take(&unblocked);
	terminal_begin();
	watch(&c, &unblocked);
	terminal_end(&c);
	return BEE_OK;
}
