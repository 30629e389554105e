/* list: what guests there are, and what is in force for those that run. */
#include "backend.h"
#include "command.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct listing {
	json_t *all;
	const char *only; /* NULL: all */
	bool found;
};

static void ended_put(json_t *object, int64_t status)
{
	if (status == -2)
		return;
	if (status < 0)
		json_put(object, "exit", json_string("unknown"));
	else if (status == SIGINT || status == SIGHUP) /* reboot(2), in a pid namespace */
		json_put(object, "how",
			 json_string(status == SIGINT ? "powered off" : "rebooted"));
	else if (WIFEXITED((int)status))
		json_put(object, "exit_code", json_integer(WEXITSTATUS((int)status)));
	else
		json_put(object, "signal", json_integer(WTERMSIG((int)status)));
}

static json_t *describe(const char *name, const struct look *look)
{
	const struct handles *h = &look->handles;
	json_t *out = json_object();

	json_put(out, "name", json_string(name));
	json_put(out, "state", json_string(guest_state_names[look->state]));
	json_put(out, "id", json_string(look_id(look)));
	json_put(out, "backend", json_string(look_backend(look)->name));
	if (look->record_kind == STATE_GOOD) {
		json_put(out, "first_id", json_integer(look->record.first_id));
		json_put(out, "host_users", json_boolean(look->record.host_users));
		json_put(out, "wanted", json_boolean(look->record.wanted));
		if (*look->record.error)
			json_put(out, "error",
				 json_text(look->record.error, strlen(look->record.error),
					   NULL));
		if (look->record.config)
			json_put(out, "config", json_incref(look->record.config));
		if (look->state != GUEST_RUNNING)
			ended_put(out, look->record.exit_status);
	}
	if (look->handles_kind == STATE_GOOD && look->state == GUEST_RUNNING) {
		json_put(out, "ready", json_boolean(h->ready));
		json_put(out, "supervisor", json_boolean(look->supervisor));
		json_put(
			out, "console",
			json_boolean(process_look(&h->keeper, h->boot) == PROCESS_ALIVE));
		json_put(out, "pid", json_integer(h->init.pid));
		json_put(out, "running_ms",
			 json_integer((clock_now() - h->started) / NSEC_PER_MSEC));
		json_put(out, "ready_ms", json_integer(h->ready_after / NSEC_PER_MSEC));
		json_put(out, "cables", json_integer(h->cables));
		json_put(out, "disks", json_integer(h->loop_count));
		look_backend(look)->describe(look, out);
	}
	return out;
}

static int list_one(const char *name, void *data)
{
	struct listing *l = data;
	struct look look;

	if (l->only && strcmp(l->only, name) != 0)
		return 0;
	look_guest(name, &look);
	if (look.state == GUEST_NONE) { /* a folder that nothing is in yet, or any more */
		look_done(&look);
		return 0;
	}
	l->found = true;
	json_push(l->all, describe(name, &look));
	look_done(&look);
	return 0;
}

static void line_print(const json_t *g)
{
	const char *error = json_string_value(json_object_get(g, "error"));
	const char *state = json_string_value(json_object_get(g, "state"));

	printf("%-12s %-8s", json_string_value(json_object_get(g, "name")), state);
	if (!strcmp(state, "running"))
		printf(" pid %lld%s%s%s%s",
		       (long long)json_integer_value(json_object_get(g, "pid")),
		       json_is_true(json_object_get(g, "ready")) ? ", ready" : "",
		       json_is_true(json_object_get(g, "supervisor"))
			       ? ""
			       : ", no supervisor: how it ends will not be known",
		       json_is_true(json_object_get(g, "console")) ? "" : ", no console",
		       json_is_true(json_object_get(g, "host_users"))
			       ? ", HOST USERS: no boundary"
			       : "");
	else if (!strcmp(state, "ended"))
		printf(" nobody has tidied up: bee guest gc");
	else if (error)
		printf(" %s", error);
	else if (json_object_get(g, "exit"))
		printf(" how it ended is not known");
	else if (json_object_get(g, "how"))
		printf(" %s", json_string_value(json_object_get(g, "how")));
	else if (json_object_get(g, "exit_code"))
		printf(" exit code %lld",
		       (long long)json_integer_value(json_object_get(g, "exit_code")));
	else if (json_object_get(g, "signal"))
		printf(" signal %lld",
		       (long long)json_integer_value(json_object_get(g, "signal")));
	printf("\n");
}

/* The mounts of a guest, as it sees them: place, type, options. */
static void mounts_print(const json_t *g)
{
	AUTO_FREE char *path =
		xasprintf("/proc/%lld/mounts",
			  (long long)json_integer_value(json_object_get(g, "pid")));
	AUTO_FCLOSE FILE *file = json_object_get(g, "pid") ? fopen(path, "re") : NULL;
	char line[4096];

	/* Names are the guest's to choose: nothing of them reaches a terminal raw. */
	while (file && fgets(line, sizeof(line), file)) {
		AUTO_JSON json_t *clean = NULL;

		line[strcspn(line, "\n")] = '\0';
		clean = json_text(line, strlen(line), NULL);
		printf("%s %s\n", json_string_value(json_object_get(g, "name")),
		       json_string_value(clean));
	}
}

int guest_list(int argc, char **argv)
{
	enum { JSON = 256, MOUNTS };
	static const struct option options[] = {
		{ "json", no_argument, NULL, JSON },
		{ "mounts", no_argument, NULL, MOUNTS },
		COMMAND_OPTIONS,
	};
	struct listing l = { .all = json_array() };
	bool json = false, mounts = false;
	int c;

	while ((c = command_option(argc, argv, "h", options)) != -1) {
		json |= c == JSON;
		mounts |= c == MOUNTS;
	}
	guest_root();
	if (optind < argc)
		l.only = guest_only_name(argc, argv);
	(void)state_each(list_one, &l);
	if (l.only && !l.found)
		errx(BEE_USAGE, "there is no guest \"%s\"", l.only);
	if (json && json_write_line(1, l.only ? json_array_get(l.all, 0) : l.all))
		err(BEE_IOERR, "standard output");
	for (size_t i = 0; i < json_array_size(l.all); i++) {
		const json_t *g = json_array_get(l.all, i);

		if (!json && !mounts)
			line_print(g);
		if (mounts)
			mounts_print(g);
	}
	json_decref(l.all);
	return command_end(BEE_OK);
}
