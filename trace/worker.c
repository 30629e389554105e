/* The process that answers the listener: it looks each name up, and lets the call go on. */
#include "worker.h"
#include "calls.h"
#include "exits.h"
#include "hash.h"
#include "interpreters.h"
#include "uses.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

struct worker {
	struct binfmt *formats; /* owned */
	struct lookup lookup;
	struct board *board;
	int listener;
	struct seccomp_data data; /* of the call that is looked at */
	const char *shown;        /* the program that the board names */
	bool beneath;             /* a name from the root is refused: RESOLVE_BENEATH */
	unsigned last[2], lasts; /* last names of the files that it removes or replaces */
	char text[PATH_MAX], start[PATH_MAX];
};

/* The call of this request has not been let go on, and its task was not killed. */
static bool still_waits(const struct worker *w)
{
	return !ioctl(w->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &w->board->request.id);
}

/*
 * The caller has a name, and it is not known here: errno. EPERM and EACCES are what ptrace(2) does
 * not allow (ptrace_scope, or no CAP_SYS_PTRACE).
 */
static void unread(struct worker *w)
{
	bool refused = errno == EPERM || errno == EACCES;

	if (!still_waits(w))
		return;
	w->board->unread++;
	if (refused)
		w->board->refused = true;
}

/* Bytes of the task's memory. False: told, unless the call fails, too. */
static bool memory_read(struct worker *w, uint64_t from, void *to, size_t len)
{
	struct iovec here = { to, len }, there = { (void *)(uintptr_t)from, len };
	ssize_t n =
		process_vm_readv((pid_t)w->board->request.pid, &here, 1, &there, 1, 0);

	if (n < 0 && errno != EFAULT)
		unread(w);
	return n == (ssize_t)len;
}

/* A name in the task's memory. False: there is none, and the call fails, too; or told. Up to the
 * end of a page at a time: what follows may not be there. */
static bool name_read(struct worker *w, uint64_t from, char to[PATH_MAX])
{
	pid_t tid = (pid_t)w->board->request.pid;
	size_t have = 0;

	while (have < PATH_MAX) {
		size_t piece = 4096 - (from + have) % 4096;
		struct iovec here = { to + have, 0 }, there;
		ssize_t n;

		/* Most names are short, and copying the rest of a page takes longer. */
		piece = piece > 256 && have == 0 ? 256 : piece;
		piece = piece > PATH_MAX - have ? PATH_MAX - have : piece;
		here.iov_len = piece;
		there = (struct iovec){ (void *)(uintptr_t)(from + have), piece };
		n = process_vm_readv(tid, &here, 1, &there, 1, 0);
		if (n < 0 && errno != EFAULT)
			unread(w);
		if (n <= 0)
			return false;
		if (memchr(to + have, '\0', (size_t)n))
			return true;
		have += (size_t)n;
	}
	return false;
}

/* The name of a socket; false: it has another kind of address, or an abstract one. */
static bool socket_read(struct worker *w, uint64_t from, uint64_t len, char to[PATH_MAX])
{
	struct sockaddr_un address = { .sun_family = AF_UNSPEC };

	/* The kernel refuses both. */
	if (len <= offsetof(struct sockaddr_un, sun_path) || len > sizeof(address) ||
	    !memory_read(w, from, &address, len) || address.sun_family != AF_UNIX)
		return false;
	(void)snprintf(to, PATH_MAX, "%.*s", (int)sizeof(address.sun_path),
		       address.sun_path);
	return *to;
}

static void run_program(struct worker *w, const struct lookup_object *object)
{
	AUTO_CLOSE int fd = -1;

	if (object->inside)
		lookup_tell(&w->lookup, S_ISREG(object->mode) ? USE_EXEC : USE_STAT,
			    object->path);
	if (S_ISREG(object->mode))
		fd = interpreters_open(object->fd);
	if (fd >= 0)
		interpreters_tell(&w->lookup, w->formats, w->start, fd, object->seen);
}

/* What is moved or removed; a folder or a link is more than a last name. */
static void note_removed(struct worker *w, enum lookup_result result,
			 const struct lookup_object *object)
{
	if (w->lasts < ARRAY_LEN(w->last) &&
	    (result == LOOKUP_MISSING ||
	     (result == LOOKUP_FOUND && !S_ISDIR(object->mode) &&
	      !S_ISLNK(object->mode))))
		w->last[w->lasts++] = lookup_last(object->seen);
}

/* One name of a call: read, followed, told. */
static void look(struct worker *w, const struct call *call, enum call_kind kind,
		 uint64_t flags)
{
	struct lookup *lookup = &w->lookup;
	uint64_t key = hash_text(hash_text(flags << 8 | (uint64_t)kind, w->text),
				 *w->text == '/' ? "" : w->start) ^
		       lookup->root->key ^ lookup->program_key;
	NOT_CLEARED struct lookup_object object;
	enum lookup_result result;

	bool removes = kind == CALL_REMOVE || kind == CALL_MOVE;

	if (!removes && lookup_is_done(lookup, key))
		return;
	object.open = kind == CALL_EXEC;
	errno = 0;
	result = lookup_walk(lookup, w->start, w->text, uses_follows(kind, flags),
			     &object);
	if (result == LOOKUP_FAILED && errno == EOVERFLOW)
		w->board->deep = true;
	if (removes)
		note_removed(w, result, &object);
	if (result == LOOKUP_MISSING && object.inside)
		lookup_tell(lookup, uses_missing(call, kind, flags), object.path);
	if (result != LOOKUP_FOUND)
		return;
	if (kind == CALL_EXEC)
		run_program(w, &object);
	else if (object.inside && !S_ISSOCK(object.mode)) /* of one who listens now */
		lookup_tell(lookup, uses_found(kind, flags, object.mode), object.path);
	/* A program may be written anew in its place, and have other interpreters then. */
	if (kind != CALL_EXEC && !removes && !object.own_proc)
		lookup_set_done(lookup, key, &object);
	if (object.fd >= 0)
		close(object.fd);
}

/* Where a relative name begins. False: nowhere. */
static bool start_of(struct worker *w, int folder)
{
	int fd = folder < 0 ? AT_FDCWD : (int)w->data.args[folder];

	*w->start = '\0';
	errno = 0;
	if (*w->text == '/' || lookup_folder(&w->lookup, fd, w->start))
		return true;
	if (errno == ENAMETOOLONG)
		w->board->deep = true;
	return false;
}

/* A descriptor itself is run; what has no name (any more) has interpreters all the same. */
static void run_descriptor(struct worker *w, const struct call *call, int fd)
{
	AUTO_FREE char *name =
		xasprintf("/proc/%d/fd/%d", (int)w->board->request.pid, fd);
	AUTO_CLOSE int file = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (file < 0 || fstat(file, &st) || !S_ISREG(st.st_mode))
		return;
	if (st.st_nlink > 0 && lookup_folder(&w->lookup, fd, w->text) && *w->text)
		look(w, call, CALL_EXEC, 0);
	else
		interpreters_tell(&w->lookup, w->formats, w->start, file, "");
}

static void look_at(struct worker *w, const struct call *call, enum call_kind kind,
		    int path, int folder, uint64_t flags)
{
	const struct seccomp_data *data = &w->data;

	if (kind == CALL_CONNECT || kind == CALL_BIND
		    ? !socket_read(w, data->args[path], flags, w->text)
		    : !name_read(w, data->args[path], w->text)) {
		/* A pointer of nowhere fails the call, too; utimensat(2) has NULL for "this". */
		*w->text = '\0';
		return;
	}
	/* With its NUL; printf(3) takes as long as a call of the kernel. */
	memcpy(w->board->text, w->text, strlen(w->text) + 1);
	if (!*w->text) {
		if (kind == CALL_EXEC && folder >= 0)
			run_descriptor(w, call, (int)data->args[folder]);
		return;
	}
	if ((w->beneath && *w->text == '/') || !start_of(w, folder))
		return;
	if (*w->text != '/')
		(void)snprintf(w->board->text, sizeof(w->board->text), "%s/%s", w->start,
			       w->text);
	for (unsigned i = 0; i < w->board->avoid_count; i++) {
		const char *avoid = w->board->avoid[i];
		size_t len = strlen(avoid);

		if (!strncmp(avoid, w->board->text, len) &&
		    (w->board->text[len] == '/' || !w->board->text[len])) {
			lookup_tell(&w->lookup, USE_UNRESOLVED, w->board->text + 1);
			return;
		}
	}
	look(w, call, kind, flags);
}

/* Flags of a call; of openat2(2) what it says besides of the way. False: the call fails. */
static bool flags_of(struct worker *w, const struct call *call, uint64_t *flags)
{
	const struct seccomp_data *data = &w->data;
	struct open_how how = { .flags = 0 };
	int folder = (int)data->args[0];

	*flags = call->flags < 0 ? 0 : data->args[call->flags] & UINT32_MAX;
	*flags = uses_flags(call, *flags);
	if (call->kind != CALL_HOW)
		return true;
	if (!memory_read(w, data->args[call->flags], &how, sizeof(how)))
		return false;
	*flags = how.flags;
	if (how.resolve & RESOLVE_NO_SYMLINKS)
		w->lookup.links = 0;
	w->beneath = how.resolve & RESOLVE_BENEATH;
	return !(how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) ||
	       lookup_enter(&w->lookup, folder, w->beneath);
}

/* Whether what is mounted already may be somewhere else afterwards, or be another. */
static unsigned places_of(const struct lookup *lookup, const struct call *call,
			  const struct seccomp_data *data)
{
	if (!strcmp(call->name, "pivot_root") || !strcmp(call->name, "move_mount") ||
	    (!strcmp(call->name, "mount") && data->args[3] & MS_MOVE))
		return LOOKUP_PLACES;
	/* Numbers that do not come again stay those of the same mounts. */
	return lookup->mounts.unique ? 0 : LOOKUP_PLACES;
}

/* Another name that is looked at: what is bound or moved elsewhere, where the old root goes. A mount
 * of another kind has a device or words there. */
static void look_at_more(struct worker *w, const struct call *call)
{
	if (!strcmp(call->name, "mount") && w->data.args[3] & MS_BIND)
		look_at(w, call, CALL_STAT, 0, -1, 0);
	else if (!strcmp(call->name, "pivot_root"))
		look_at(w, call, CALL_STAT, 1, -1, 0);
	else if (!strcmp(call->name, "move_mount"))
		look_at(w, call, CALL_STAT, 1, 0, 0);
}

/* The address of a message, to where sendto(2) has it. */
static bool message_arrange(struct worker *w)
{
	struct seccomp_data *data = &w->data;
	struct msghdr wide = { .msg_namelen = 0 };
	uint32_t narrow[2] = { 0 };

	if (calls_is_narrow(data)) {
		if (!memory_read(w, data->args[1], narrow, sizeof(narrow)))
			return false;
		data->args[4] = narrow[0];
		data->args[5] = narrow[1];
		return true;
	}
	if (!memory_read(w, data->args[1], &wide, sizeof(wide)))
		return false;
	data->args[4] = (uintptr_t)wide.msg_name;
	data->args[5] = wide.msg_namelen;
	return true;
}

/* The call's row, and its arguments to where the row says. NULL: nothing is named. */
static const struct call *arrange(struct worker *w)
{
	struct seccomp_data *data = &w->data;
	const struct call *call = call_find(data);
	uint32_t args[6] = { 0 };

	if (calls_is_socketcall(data)) {
		call = calls_socketcall(data->args[0]);
		/* bind and connect have three. */
		if (!call || !memory_read(w, data->args[1], args,
					  (call->path == 1 ? 3 : 6) * sizeof(*args)))
			return NULL;
		for (size_t i = 0; i < ARRAY_LEN(args); i++)
			data->args[i] = args[i];
	}
	if (call && !strcmp(call->name, "sendmsg") && !message_arrange(w))
		return NULL;
	/* Its mask has 64 bits, in two arguments there. */
	if (call && !strcmp(call->name, "fanotify_mark") &&
	    data->arch != AUDIT_ARCH_X86_64 && data->arch != AUDIT_ARCH_AARCH64) {
		data->args[3] = data->args[4];
		data->args[4] = data->args[5];
	}
	return call;
}

static void handle(struct worker *w)
{
	const struct call *call = arrange(w);
	struct lookup *lookup = &w->lookup;
	uint64_t flags;

	if (!call)
		return;
	if (!lookup_task(lookup, (pid_t)w->board->request.pid)) {
		unread(w);
		return;
	}
	if (w->shown != lookup->program) {
		w->shown = lookup->program;
		(void)snprintf(w->board->program, sizeof(w->board->program), "%s",
			       lookup->program);
	}
	w->beneath = false;
	w->lasts = 0;
	w->last[0] = w->last[1] = 0;
	if (call->path >= 0 && flags_of(w, call, &flags))
		look_at(w, call, call->kind, call->path, call->folder, flags);
	look_at_more(w, call);
	if (call->path2 >= 0)
		look_at(w, call, CALL_MOVE, call->path2, call->folder2, 0);
	if (call->kind == CALL_EXEC)
		lookup_forget_program(lookup);
	/* What is new was not there before, and of what is not there nothing is remembered. */
	if (call->moves)
		lookup_change(lookup,
			      LOOKUP_NAMES | LOOKUP_ROOTS |
				      places_of(lookup, call, &w->data),
			      w->last);
	else if (call->kind == CALL_REMOVE)
		lookup_change(lookup,
			      w->lasts == (call->path2 < 0 ? 1 : 2) ? LOOKUP_LAST
								    : LOOKUP_NAMES,
			      w->last);
}

static void answer(const struct worker *w)
{
	struct seccomp_notif_resp response = {
		.id = w->board->request.id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	/* ENOENT: the task was killed, or was answered for us. */
	if (ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) && errno != ENOENT)
		err_system("an answer to a traced program");
}

/*
 * The next call, to where the watching process sees it from the moment it is ours: who is killed now
 * is known by it. False: all are gone who could call, which ENOENT tells, too (Linux 6.11).
 */
static bool next(const struct worker *w)
{
	struct seccomp_notif *request = &w->board->request;

	for (;;) {
		struct pollfd polled = { .fd = w->listener };

		memset(request, 0, sizeof(*request));
		if (!ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, request))
			return true;
		if (errno != ENOENT && errno != EINTR)
			err_system("the listener");
		if (poll(&polled, 1, 0) > 0 && polled.revents & POLLHUP)
			return false;
	}
}

/* For who comes after too many that hung. */
static _Noreturn void let_all_through(const struct worker *w)
{
	while (next(w)) {
		w->board->unread++;
		answer(w);
	}
	exit(BEE_OK);
}

void worker_main(struct board *board, int listener, pid_t first)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	int error;

	w->board = board;
	w->listener = listener;
	if (board->blind)
		let_all_through(w);
	w->formats = binfmt_read(BINFMT_FOLDER);
	error = lookup_init(&w->lookup, board, first);
	if (error)
		errx(exit_of_errno(-error), "the root of the run: %s",
		     strerrordesc_np(-error));
	/* Of old kernels each call takes a way through the scheduler more. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	while (next(w)) {
		board->text[0] = '\0';
		board->since = clock_now();
		w->data = board->request.data;
		handle(w);
		board->since = 0;
		answer(w);
	}
	exit(BEE_OK);
}
