/* Record and handles of a guest: read with suspicion, written as a whole. */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_SIZE_MAX (256u << 10)

/* The file's bytes; STATE_GOOD with *text of malloc. An error that says nothing of what it holds, as
 * that no more files can be opened, makes no file bad. */
static enum state_kind text_load(const char *path, char **text, size_t *len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ptrdiff_t got;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? STATE_ABSENT
		       : errno == ELOOP || errno == ENXIO  ? STATE_BAD
							   : STATE_UNKNOWN;
	if (fstat(fd, &st))
		return STATE_UNKNOWN;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_size > (off_t)STATE_SIZE_MAX)
		return STATE_BAD;
	/* It is replaced as a whole, and does not grow. */
	*text = xcalloc(1, (size_t)st.st_size + 1);
	got = read_full(fd, *text, (size_t)st.st_size);
	if (got < 0) {
		free(*text);
		return STATE_UNKNOWN;
	}
	*len = (size_t)got;
	return STATE_GOOD;
}

/* An object of our schema, or of a later one. */
static enum state_kind state_load(const char *path, json_t **out)
{
	enum state_kind kind;
	AUTO_JSON json_t *value = NULL;
	unsigned repairs = 0;
	char reason[160], *text;
	uint64_t schema;
	size_t len;

	kind = text_load(path, &text, &len);
	if (kind == STATE_GOOD) {
		value = json_load_hostile(text, len, NULL, &repairs, reason,
					  sizeof(reason));
		free(text);
		if (!value || repairs ||
		    json_u64(json_object_get(value, "schema"), &schema))
			kind = STATE_BAD;
		else if (schema > STATE_SCHEMA)
			kind = STATE_NEWER;
	}
	if (kind == STATE_GOOD || kind == STATE_NEWER) {
		*out = value;
		value = NULL;
	}
	return kind;
}

void record_bad_keep(const char *name)
{
	AUTO_FREE char *path = xasprintf(GUEST_RECORDS "/%s/record", name);
	AUTO_FREE char *bad = xasprintf("%s.bad", path);

	(void)rename(path, bad);
}

void handles_bad_keep(const char *name)
{
	AUTO_FREE char *path = xasprintf(GUEST_RUN "/%s/handles", name);
	AUTO_FREE char *bad = xasprintf("%s.bad", path);

	(void)rename(path, bad);
}

static bool text_get(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool id_get(const json_t *object, char id[GUEST_ID_SIZE])
{
	return text_get(object, "id", id, GUEST_ID_SIZE) &&
	       strlen(id) == GUEST_ID_SIZE - 1 &&
	       strspn(id, "0123456789abcdef") == GUEST_ID_SIZE - 1;
}

/* It may be missing: an earlier bee did not write it. */
static bool text_maybe(const json_t *object, const char *key, char *out, size_t size)
{
	*out = '\0';
	return !json_object_get(object, key) || text_get(object, key, out, size);
}

/* Its name, or that of the only one that there once was. */
static bool backend_get(const json_t *object, char out[8])
{
	if (!text_maybe(object, "backend", out, 8))
		return false;
	if (!*out)
		(void)stpcpy(out, "ns");
	return !strcmp(out, "ns") || !strcmp(out, "vm");
}

static bool port_get(const json_t *object, unsigned *out)
{
	const json_t *value = json_object_get(object, "port");
	uint64_t port = 0;

	if (value && (json_u64(value, &port) || port > 65535))
		return false;
	*out = (unsigned)port;
	return true;
}

static bool integer_get(const json_t *object, const char *key, int64_t *out)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return false;
	*out = json_integer_value(value);
	return true;
}

static bool flag_get(const json_t *object, const char *key, bool *out)
{
	const json_t *value = json_object_get(object, key);

	*out = json_is_true(value);
	return json_is_boolean(value);
}

/* It may be missing: an earlier bee did not write it. */
static bool flag_maybe(const json_t *object, const char *key, bool *out)
{
	*out = false;
	return !json_object_get(object, key) || flag_get(object, key, out);
}

static bool process_get(const json_t *object, const char *key, struct process *out)
{
	const json_t *value = json_object_get(object, key);
	int64_t pid, start;

	*out = (struct process){ 0, 0 };
	if (!value)
		return true;
	if (!integer_get(value, "pid", &pid) || !integer_get(value, "start", &start) ||
	    pid < 1 || pid > INT32_MAX || start < 0)
		return false;
	*out = (struct process){ (pid_t)pid, (uint64_t)start };
	return true;
}

enum state_kind record_load(const char *name, struct record *out)
{
	AUTO_FREE char *path = xasprintf(GUEST_RECORDS "/%s/record", name);
	AUTO_JSON json_t *value = NULL;
	struct record r = { .exit_status = -2 };
	enum state_kind kind = state_load(path, &value);
	int64_t first = 0;
	json_t *config;

	if (kind == STATE_GOOD) {
		config = json_object_get(value, "config");
		if (!id_get(value, r.id) || !integer_get(value, "first_id", &first) ||
		    first < 0 || first > UINT32_MAX - GUEST_IDS ||
		    !flag_get(value, "host_users", &r.host_users) ||
		    !flag_get(value, "wanted", &r.wanted) ||
		    !flag_maybe(value, "once", &r.once) ||
		    !integer_get(value, "exit_status", &r.exit_status) ||
		    !text_get(value, "error", r.error, sizeof(r.error)) ||
		    !backend_get(value, r.backend) || !port_get(value, &r.port) ||
		    !text_maybe(value, "image", r.image, sizeof(r.image)) ||
		    (config && !json_is_object(config)) || (!r.host_users && first == 0))
			kind = STATE_BAD;
		r.first_id = (uid_t)first;
		r.config = kind == STATE_GOOD ? json_incref(config) : NULL;
	}
	if (kind == STATE_NEWER && !id_get(value, r.id))
		r.id[0] = '\0';
	if (kind == STATE_GOOD || kind == STATE_NEWER)
		*out = r;
	return kind;
}

static bool loops_get(const json_t *value, struct handles *h)
{
	const json_t *loops = json_object_get(value, "loops");
	size_t count = json_array_size(loops);

	if (!json_is_array(loops) || count > STATE_LOOPS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t number;

		if (json_u64(json_array_get(loops, i), &number) || number > 0xfffff)
			return false;
		h->loops[h->loop_count++] = (unsigned)number;
	}
	return true;
}

static bool argv_get(const json_t *value, struct handles *h)
{
	const json_t *argv = json_object_get(value, "argv");
	size_t count = json_array_size(argv);

	if (!argv)
		return true;
	if (!json_is_array(argv) || count > 4096)
		return false;
	for (size_t i = 0; i < count; i++) {
		const json_t *word = json_array_get(argv, i);

		if (!json_is_string(word) ||
		    strlen(json_string_value(word)) != json_string_length(word))
			return false;
		words_add(&h->argv, json_string_value(word), json_string_length(word));
	}
	return true;
}

enum state_kind handles_load(const char *name, struct handles *out)
{
	AUTO_FREE char *path = xasprintf(GUEST_RUN "/%s/handles", name);
	AUTO_JSON json_t *value = NULL;
	struct handles h = { .id = "" };
	enum state_kind kind = state_load(path, &value);
	int64_t cables = 0;

	if (kind == STATE_GOOD &&
	    (!id_get(value, h.id) || !text_get(value, "boot", h.boot, sizeof(h.boot)) ||
	     !backend_get(value, h.backend) || !port_get(value, &h.port) ||
	     !text_maybe(value, "nonce", h.nonce, sizeof(h.nonce)) ||
	     !text_maybe(value, "accel", h.accel, sizeof(h.accel)) ||
	     !process_get(value, "supervisor", &h.supervisor) ||
	     !process_get(value, "init", &h.init) ||
	     !process_get(value, "keeper", &h.keeper) ||
	     !flag_get(value, "ready", &h.ready) || !flag_get(value, "kept", &h.kept) ||
	     !flag_get(value, "pinned", &h.pinned) ||
	     !flag_get(value, "host_users", &h.host_users) ||
	     !flag_get(value, "netns", &h.netns) ||
	     !integer_get(value, "cables", &cables) || cables < 0 || cables > 100 ||
	     !integer_get(value, "started", &h.started) ||
	     !integer_get(value, "ready_after", &h.ready_after) ||
	     !loops_get(value, &h) || !argv_get(value, &h)))
		kind = STATE_BAD;
	h.cables = (unsigned)cables;
	if (kind == STATE_NEWER && !id_get(value, h.id))
		h.id[0] = '\0';
	if (kind == STATE_GOOD || kind == STATE_NEWER)
		*out = h;
	else
		handles_done(&h);
	return kind;
}

void handles_done(struct handles *handles)
{
	words_clear(&handles->argv);
}

static int folders_make(const char *above, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", above, name);

	/* What is in there is the disks of guests, with setuid files of theirs: root's alone. */
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, !strcmp(path, above) ? 0700 : 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* Temp file, fsync, rename, fsync of the folder. */
static int state_save(const char *above, const char *name, const char *file,
		      json_t *value)
{
	AUTO_FREE char *folder = xasprintf("%s/%s", above, name);
	AUTO_FREE char *fresh = xasprintf("%s/.%s.%d", folder, file, getpid());
	AUTO_FREE char *path = xasprintf("%s/%s", folder, file);
	AUTO_CLOSE int fd = -1, top = -1;
	int result = folders_make(above, name);

	if (result)
		return result;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || top < 0)
		return -errno;
	result = json_write_line(fd, value);
	/* It would not be read again. */
	if (!result && lseek(fd, 0, SEEK_CUR) > (off_t)STATE_SIZE_MAX)
		result = -E2BIG;
	if (!result && fsync(fd))
		result = -errno;
	if (!result && rename(fresh, path))
		result = -errno;
	if (result)
		(void)unlink(fresh);
	else if (fsync(top))
		result = -errno;
	return result;
}

int record_save(const char *name, const struct record *r)
{
	AUTO_JSON json_t *value = json_object();
	int result;

	json_put(value, "schema", json_integer(STATE_SCHEMA));
	json_put(value, "backend", json_string(r->backend));
	json_put(value, "port", json_integer(r->port));
	json_put(value, "image", json_text(r->image, strlen(r->image), NULL));
	json_put(value, "id", json_string(r->id));
	json_put(value, "first_id", json_integer(r->first_id));
	json_put(value, "host_users", json_boolean(r->host_users));
	json_put(value, "wanted", json_boolean(r->wanted));
	json_put(value, "once", json_boolean(r->once));
	json_put(value, "exit_status", json_integer(r->exit_status));
	json_put(value, "error", json_text(r->error, strlen(r->error), NULL));
	if (r->config)
		json_put(value, "config", json_incref(r->config));
	result = state_save(GUEST_RECORDS, name, "record", value);
	if (result != -E2BIG)
		return result;
	/* A command line may be longer than a record: then what it was started with is not kept. */
	json_object_del(value, "config");
	return state_save(GUEST_RECORDS, name, "record", value);
}

static void process_put(json_t *object, const char *key, const struct process *process)
{
	json_t *value;

	if (!process->pid)
		return;
	value = json_object();
	json_put(value, "pid", json_integer(process->pid));
	json_put(value, "start", json_integer((json_int_t)process->start));
	json_put(object, key, value);
}

int handles_save(const char *name, const struct handles *h)
{
	AUTO_JSON json_t *value = json_object();
	json_t *loops = json_array(), *argv = json_array();
	bool same = true;

	for (size_t i = 0; i < h->argv.count; i++) {
		const char *word = h->argv.at[i];

		json_push(argv, json_text(word, strlen(word), NULL));
		same &= json_text_is_clean(word, strlen(word)) && !strchr(word, '\\');
	}
	/* Escaped it would be another command. */
	if (!same)
		(void)json_array_clear(argv);
	json_put(value, "argv", argv);
	for (unsigned i = 0; i < h->loop_count; i++)
		json_push(loops, json_integer(h->loops[i]));
	json_put(value, "schema", json_integer(STATE_SCHEMA));
	json_put(value, "id", json_string(h->id));
	json_put(value, "boot", json_string(h->boot));
	json_put(value, "backend", json_string(h->backend));
	json_put(value, "port", json_integer(h->port));
	json_put(value, "nonce", json_string(h->nonce));
	json_put(value, "accel", json_string(h->accel));
	process_put(value, "supervisor", &h->supervisor);
	process_put(value, "init", &h->init);
	process_put(value, "keeper", &h->keeper);
	json_put(value, "ready", json_boolean(h->ready));
	json_put(value, "pinned", json_boolean(h->pinned));
	json_put(value, "kept", json_boolean(h->kept));
	json_put(value, "host_users", json_boolean(h->host_users));
	json_put(value, "netns", json_boolean(h->netns));
	json_put(value, "cables", json_integer(h->cables));
	json_put(value, "started", json_integer(h->started));
	json_put(value, "ready_after", json_integer(h->ready_after));
	json_put(value, "loops", loops);
	return state_save(GUEST_RUN, name, "handles", value);
}

void record_done(struct record *record)
{
	json_decref(record->config);
	record->config = NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_take(const char *folder, struct words *names)
{
	DIR *dir = opendir(folder);

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		bool known = false;

		for (size_t i = 0; i < names->count && !known; i++)
			known = !strcmp(names->at[i], e->d_name);
		if (!known && guest_name_good(e->d_name))
			words_add(names, e->d_name, strlen(e->d_name));
	}
	if (dir)
		closedir(dir);
}

int state_each(int (*each)(const char *name, void *data), void *data)
{
	struct words names = { NULL, 0 };
	int result = 0;

	names_take(GUEST_RECORDS, &names);
	names_take(GUEST_RUN, &names);
	if (names.count > 0)
		qsort(names.at, names.count, sizeof(char *), by_name);
	for (size_t i = 0; i < names.count && !result; i++)
		result = each(names.at[i], data);
	words_clear(&names);
	return result;
}
