/* A policy file in memory: what one collector may do. bee-policy(5) describes the text. */
#ifndef BEE_LANGUAGE_POLICY_H
#define BEE_LANGUAGE_POLICY_H

#include "jail.h"
#include "status.h"

#define POLICY_VERSION 1
#define POLICY_NAME_MAX 31 /* bytes of a collector, step, lock or instance-free name */
#define POLICY_INSTANCE_MAX 63 /* bytes of an instance; [A-Za-z0-9._:-]+ only */
#define POLICY_STEPS_MAX 16
#define POLICY_ORDER_LAST 1000
#define POLICY_ARGS_MAX 32
#define POLICY_NOWAKE_MAX 4
#define POLICY_GRANTS_MAX 64   /* see + device + exec + read lines of a step */
#define POLICY_SYSCALL_MAX 512 /* native system call numbers are below this */
#define POLICY_FILE_MAX 65536  /* bytes of a policy file */

/* A path the step is given. `path` may hold "{instance}". */
struct grant {
	enum { GRANT_SEE, GRANT_DEVICE, GRANT_EXEC, GRANT_READ } kind;
	char *path;    /* owned, absolute; for GRANT_READ a pattern with * and {a,b} */
	bool optional; /* see? device?: missing is not "absent" */
	bool write;    /* device ... readwrite */
	char *major;   /* owned: device ... major NAME; or NULL */
	unsigned line;
	char *reason; /* owned: the comment on the line or right above, or NULL */
};

struct ioctl_rule {
	char *name; /* owned */
	uint32_t number;
	uint32_t
		mask; /* bits that are compared; all of them unless the line says "/MASK" */
	unsigned line;
	char *reason; /* owned or NULL */
};

struct command_table;
struct command_name;
struct command_rules;

/* A device command that may be sent, by its standard's name (device_commands.h). */
struct command_grant {
	const struct command_table *table;
	const struct command_name *name;
	uint8_t choices[16]; /* of the name: which logs, which features */
	unsigned choice_count;
	unsigned line;
	char *reason; /* owned or NULL */
};

struct answer_rule { /* answered by the filter itself and not reported */
	int syscall;
	int error; /* positive errno */
};

struct exit_rule {
	unsigned value; /* exit code, or mask when is_mask */
	bool is_mask;
	enum job_status status;
};

/* One step: file-level grants are already merged into it. */
struct step {
	char *name;  /* owned */
	char *each;  /* owned glob, last component has the '*'; or NULL */
	char *group; /* owned, may hold "{instance}"; or NULL */
	char *lock;  /* owned: at most one job of that lock at a time; or NULL */
	char *after; /* owned: a step of this policy; or NULL */
	char *replay; /* owned: its input where a captured folder has none of the step; or NULL */
	char *argv
		[POLICY_ARGS_MAX +
		 1]; /* owned, NULL-terminated, may hold "{instance}"; empty for a read step */
	char *nowake[POLICY_NOWAKE_MAX +
		     1]; /* owned, NULL-terminated: what policy_nowake() puts into argv */
	struct grant grants[POLICY_GRANTS_MAX];
	unsigned grant_count;
	bool network_host;       /* the machine's network namespace, not one of its own */
	uint16_t network_listen; /* ethertype it hears there, and never sends; or 0 */
	unsigned network_line;
	char *network_reason; /* owned or NULL */
	bool uid0;
	char *uid0_reason; /* owned or NULL */
	uint64_t caps;     /* bit N is capability N */
	char *caps_reason; /* owned or NULL: of the first caps line without one NULL */
	struct ioctl_rule ioctls[32];
	unsigned ioctl_count;
	struct command_grant commands[48];
	unsigned command_count;
	struct command_rules *rules; /* owned: of the commands; NULL without any */
	uint64_t syscalls[POLICY_SYSCALL_MAX /
			  64]; /* allowed, without those checked by argument */
	struct answer_rule answers[32];
	unsigned answer_count;
	enum { OPEN_NONE, OPEN_READ_ONLY, OPEN_READ_WRITE } open;
	bool default_kill; /* default kill: anything not listed kills the tool */
	int default_error; /* default report ERRNO: what a refused call gets (positive) */
	struct exit_rule exits[16];
	unsigned exit_count;
	struct jail_limits limits;
	unsigned line; /* of "[name]" */
	char *about;   /* owned or NULL: the comment on the header or right above */
	unsigned uid0_line,
		caps_line; /* the caps line is the first without a reason, if any */
	unsigned
		calls_line; /* first syscalls line that names calls without a reason, or 0 */
	int own_fd;         /* of policy_own_program(), opened by bee-audit; else -1 */
	struct sock_fprog
		filter; /* owned: the tool's seccomp program, by filter_build() */
};

struct policy {
	char *file;      /* owned: path as messages show it */
	char *collector; /* owned */
	char *about;     /* owned: the comment above the first line; or NULL */
	unsigned order;  /* lower ones go first, POLICY_ORDER_LAST without the line */
	uint64_t emits;  /* bit N is record_types[N] */
	struct step steps[POLICY_STEPS_MAX];
	unsigned step_count;
	bool default_given; /* the file says what happens to calls that are not listed */
	char sha256[65];    /* of the file's bytes, hexadecimal */
};

/*
 * Parses `text` (`len` bytes, any bytes) as the policy `file`. Every error found is
 * written to `errors` as "file:line:column: reason\n". Returns the policy, or NULL when
 * there was at least one error. The caller frees it with policy_free (NULL is fine).
 */
MUST_CHECK struct policy *policy_parse(const char *file, const char *text, size_t len,
				       FILE *errors);
void policy_free(struct policy *policy);

/* Before the name of a policy that runs only where somebody asks for it: its folder. */
#define POLICY_OPTIONAL "optional/"

struct policy_file {
	char *name; /* owned: its collector's, an opt-in one's with POLICY_OPTIONAL before it */
	char *path; /* owned */
	bool own;   /* it is opened by trusted_open() */
};

/*
 * The policies that count, one for each collector: of `own`, the administrator's folder or NULL,
 * then of `dir`; a file right in a folder before one in its folder "optional". Sorted by
 * collector. Returns how many, *out is for policy_files_free(); or -errno, and what is wrong is written to `errors`.
 */
MUST_CHECK int policy_list(const char *own, const char *dir, struct policy_file **out,
			   FILE *errors);
void policy_files_free(struct policy_file *files, int count);
/* Reads and parses one; a file over POLICY_FILE_MAX, unreadable or not a regular file is an
 * error like the others. The collector named in it must be the file's. */
MUST_CHECK struct policy *policy_load(const struct policy_file *file, FILE *errors);
/* What a user names: a collector, whose policy is found as policy_list() does, or a file: with a
 * slash or ending in .policy. */
MUST_CHECK struct policy *policy_find(const char *own, const char *dir, const char *name,
				      FILE *errors);
/* The number of the step of this name; step_count: it has none. */
unsigned policy_step(const struct policy *policy, const char *name);
/* Takes one of its steps out; those after it move up. */
void policy_step_drop(struct policy *policy, unsigned number);
/* Puts the words of the step's `nowake` line behind its program's name; nothing without one. */
void policy_nowake(struct step *step);
/* For qsort(3) of policies: by their `order` lines, then by collector. */
int policy_by_order(const void *a, const void *b);
bool policy_is_optional(const char *name);
/* The collector of such a name; borrowed. */
const char *policy_collector(const char *name);

/*
 * The program of ours a step runs, "bee-read" for a read step, "bee-NAME" for `run @NAME`;
 * NULL for a tool of the machine. Valid until the next call.
 */
const char *policy_own_program(const struct step *step);

/* What the process that sends a step's device commands needs of the kernel; the tool has none. */
uint64_t policy_performer_caps(const struct step *step);
/* Its patterns (step->rules), with what is of one instance filled in. The caller owns them. */
struct command_rule *policy_rules(const struct step *step, const char *instance);
/* The numbers of ioctl(2) by which its tool asks for them; NULL and 0 without any. */
const uint32_t *policy_requests(const struct step *step, unsigned *count);
/* "scsi" and "2ah WRITE_10", of a command that a jail has told of by transport and key. */
void command_label(int transport, uint32_t key, char *word, size_t word_size,
		   char *detail, size_t detail_size);
/* The same of whatever a jail has refused (message.h), a system call or such a command. */
void refusal_label(int call, uint32_t arg, char *word, size_t word_size, char *detail,
		   size_t detail_size);

/* True for what may be an instance: it becomes part of paths, arguments and messages. */
bool policy_instance_good(const char *name);

/* The part of a pattern that is seen: the folder before its first wildcard; owned by the caller. Of
 * a pattern without any the file alone, where its folder is one that cannot be seen. */
char *policy_pattern_folder(const char *pattern, const char *instance);

/* `text` with every "{instance}" replaced; owned by the caller. */
char *policy_expand(const char *text, const char *instance);

/* Writes what a reviewer wants changed ("file:line:column: reason"): dangerous grants (uid 0,
 * caps, device, exec, ioctl, default-less files ...) without a reason. Returns their number. */
unsigned policy_lint(const struct policy *policy, FILE *out);
/* Says in words what each step may run, see, open, call, and for how long. */
void policy_explain(const struct policy *policy, FILE *out);
/* The same for one step (as `bee audit --dry-run` prints it for each job). */
void policy_explain_step(const struct policy *policy, const struct step *step,
			 const char *instance, FILE *out);

/*
 * What the tool's exit code means: the code named by `exit` first, then the first `exitmask`
 * that shares a bit. Else 0 is ok; with masks, any other code is ok too (its bits speak of
 * the device); without masks it is failed.
 */
enum job_status policy_exit_status(const struct step *step, unsigned code);

/* Builds step->filter. 0 or -errno. See filter.c for the rules every filter has. */
MUST_CHECK int filter_build(struct step *step);

/* Name of a native system call ("openat"), or NULL; number by name, or -1. */
const char *syscall_name(int number, char *buffer, size_t size);
int syscall_number(const char *name);
/* A call that x86-64 or arm64 has, and this machine has not: a policy is written for both. */
bool syscall_foreign(const char *name);
/* The name, or "syscall N" where there is none. */
void syscall_label(int number, char *buffer, size_t size);
const char *capability_name(int number); /* or NULL; valid until the next call */

/* Sets of system calls, of POLICY_SYSCALL_MAX bits. */
static inline bool call_has(const uint64_t *set, int number)
{
	return set[number / 64] >> (number % 64) & 1;
}

static inline void call_add(uint64_t *set, int number)
{
	set[number / 64] |= UINT64_C(1) << (number % 64);
}

static inline void call_drop(uint64_t *set, int number)
{
	set[number / 64] &= ~(UINT64_C(1) << (number % 64));
}

#endif
