/* Reads a policy file: the loop over its lines, its life and its place on disk. */
#include "policy_parser.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICIES_MAX 256 /* files in a policy folder */

void step_done(struct step *step)
{
	free(step->name);
	free(step->each);
	free(step->group);
	free(step->lock);
	free(step->after);
	free(step->about);
	free(step->uid0_reason);
	free(step->network_reason);
	free(step->caps_reason);
	free(step->filter.filter);
	for (unsigned i = 0; step->argv[i]; i++)
		free(step->argv[i]);
	for (unsigned i = 0; i < step->grant_count; i++) {
		free(step->grants[i].path);
		free(step->grants[i].reason);
	}
	for (unsigned i = 0; i < step->ioctl_count; i++) {
		free(step->ioctls[i].name);
		free(step->ioctls[i].reason);
	}
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (unsigned i = 0; i < policy->step_count; i++)
		step_done(&policy->steps[i]);
	free(policy->file);
	free(policy->collector);
	free(policy);
}

static void hash_text(struct policy *policy, const char *text, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const unsigned char *)text, len);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(policy->sha256 + 2 * i, 3, "%02x", hash[i]);
}

static const struct policy_word *find_word(const char *name)
{
	for (const struct policy_word *w = policy_words; w->name; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

static void parse_words(struct parser *p)
{
	const struct word *first = &p->words[0];
	const struct policy_word *word;
	unsigned *once;

	if (!p->started && strcmp(first->text, "policy") != 0)
		parse_error(p, first, "the first line must be 'policy %d'",
			    POLICY_VERSION);
	p->started = true;
	if (first->text[0] == '[') {
		step_header(p);
		return;
	}
	word = find_word(first->text);
	if (!word) {
		parse_error(p, first, "unknown word '%.64s'", first->text);
		return;
	}
	if (!(word->where & (p->step == &p->base ? IN_FILE : IN_STEP))) {
		parse_error(p, first,
			    p->step == &p->base ? "'%s' belongs in a step, below a [name]"
						: "'%s' belongs above the first [step]",
			    word->name);
		return;
	}
	once = &(p->step == &p->base ? &p->base_places : &p->places)
			->once[word - policy_words];
	if (word->once && *once) {
		parse_error(p, first, "'%s' is there twice, first on line %u", word->name,
			    *once);
		return;
	}
	*once = p->line;
	if (p->word_count - 1 < word->min_args) {
		parse_error(p, first, "'%s' needs %s", word->name, word->usage);
		return;
	}
	word->handle(p);
}

static struct policy *parse(const char *file, const char *expected, const char *text,
			    size_t len, FILE *errors)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	struct policy *policy = xcalloc(1, sizeof(*policy));
	const char *end = text + len;

	p->file = file;
	p->expected = expected;
	p->errors = errors;
	p->policy = policy;
	p->step = &p->base;
	p->base.limits = limits_default;
	p->base.open = OPEN_READ_ONLY;
	p->base.default_error = ENOSYS;
	policy->file = xstrdup(file);
	hash_text(policy, text, len);
	if (len > POLICY_FILE_MAX)
		parse_error_at(p, 1, 1, "file is longer than %d bytes", POLICY_FILE_MAX);
	else
		for (const char *at = text; at < end && p->error_count < ERRORS_MAX;) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			size_t bytes = (size_t)((newline ? newline : end) - at);

			p->line++;
			if (lex_line(p, at, bytes))
				parse_words(p);
			at += bytes + 1;
		}
	if (len <= POLICY_FILE_MAX && p->error_count < ERRORS_MAX) {
		step_check(p);
		policy_check(p);
	}
	if (p->error_count) {
		policy_free(policy);
		policy = NULL;
	}
	step_done(&p->spare);
	free(p);
	return policy;
}

struct policy *policy_parse(const char *file, const char *text, size_t len, FILE *errors)
{
	return parse(file, NULL, text, len, errors);
}

bool policy_is_optional(const char *name)
{
	return !strncmp(name, POLICY_OPTIONAL, strlen(POLICY_OPTIONAL));
}

const char *policy_collector(const char *name)
{
	return policy_is_optional(name) ? name + strlen(POLICY_OPTIONAL) : name;
}

struct policy *policy_load(const char *dir, const char *name, FILE *errors)
{
	AUTO_FREE char *file = xasprintf("%s/%s.policy", dir, name);
	/* One byte more than allowed: that is how a longer file is told. */
	AUTO_FREE char *text = xcalloc(1, POLICY_FILE_MAX + 2);
	/* Not blocking: a FIFO in the folder must not hang the program. */
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ptrdiff_t len;

	if (fd < 0 || fstat(fd, &st)) {
		(void)fprintf(errors, "%s:1:1: cannot read: %s\n", file, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)fprintf(errors, "%s:1:1: not a regular file\n", file);
		return NULL;
	}
	len = read_full(fd, text, POLICY_FILE_MAX + 1);
	if (len < 0) {
		(void)fprintf(errors, "%s:1:1: cannot read: %s\n", file,
			      strerror((int)-len));
		return NULL;
	}
	return parse(file, policy_collector(name), text, (size_t)len, errors);
}

/* The order of the audit; what is not named here comes after, by name. */
static const char *const flow[] = { "board", "cpu", "memory", "storage",
				    "pcie",  "psu", "nvidia" };

static size_t flow_place(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(flow) && strcmp(flow[i], name) != 0)
		i++;
	return i;
}

static int by_flow(const void *a, const void *b)
{
	const char *left_name = *(const char *const *)a,
		   *right_name = *(const char *const *)b;
	const char *left = policy_collector(left_name),
		   *right = policy_collector(right_name);
	size_t left_place = flow_place(left), right_place = flow_place(right);
	int order = strcmp(left, right);

	if (left_place != right_place)
		return left_place < right_place ? -1 : 1;
	return order ? order : left_name != left ? 1 : right_name != right ? -1 : 0;
}

struct names {
	char **at; /* owned, as its strings */
	int count;
};

static void names_done(struct names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->at[i]);
	free(names->at);
}

/* The policies right in `dir`, each with `prefix` before its name. 0 or -errno. */
static int names_add(struct names *names, const char *dir, const char *prefix)
{
	static const char suffix[] = ".policy";
	struct dirent *entry;
	DIR *folder = opendir(dir);
	int error = 0;

	if (!folder)
		return -errno;
	while ((errno = 0, entry = readdir(folder))) {
		size_t len = strlen(entry->d_name);

		if (len < sizeof(suffix) || entry->d_name[0] == '.' ||
		    strcmp(entry->d_name + len - (sizeof(suffix) - 1), suffix) != 0)
			continue;
		if (names->count == POLICIES_MAX) {
			errno = E2BIG;
			break;
		}
		names->at = xrealloc_array(names->at, (size_t)names->count + 1,
					   sizeof(*names->at));
		names->at[names->count++] =
			xasprintf("%s%.*s", prefix, (int)(len - (sizeof(suffix) - 1)),
				  entry->d_name);
	}
	error = -errno;
	(void)closedir(folder);
	return error;
}

int policy_list(const char *dir, char ***out)
{
	AUTO_FREE char *optional = xasprintf("%s/" POLICY_OPTIONAL, dir);
	struct names names = { NULL, 0 };
	int error = names_add(&names, dir, ""), kept = 0;

	if (!error) {
		error = names_add(&names, optional, POLICY_OPTIONAL);
		error = error == -ENOENT ? 0 : error;
	}
	if (error) {
		names_done(&names);
		return error;
	}
	if (names.count)
		qsort(names.at, (size_t)names.count, sizeof(*names.at), by_flow);
	/* One that was copied into the folder itself stands for the one it was copied from. */
	for (int i = 0; i < names.count; i++) {
		const char *before = kept ? policy_collector(names.at[kept - 1]) : "";

		if (strcmp(policy_collector(names.at[i]), before) != 0)
			names.at[kept++] = names.at[i];
		else
			free(names.at[i]);
	}
	*out = names.at;
	return kept;
}

const char *policy_own_program(const struct step *step)
{
	static char name[POLICY_NAME_MAX + 8];

	if (step->argv[0] && step->argv[0][0] != '@')
		return NULL;
	(void)snprintf(name, sizeof(name), "bee-%s",
		       step->argv[0] ? step->argv[0] + 1 : "read");
	return name;
}

char *policy_expand(const char *text, const char *instance)
{
	static const char mark[] = "{instance}";
	size_t room = strlen(text) + 1, len = strlen(instance);
	char *out, *to;

	for (const char *at = text; (at = strstr(at, mark)); at += sizeof(mark) - 1)
		room += len;
	out = to = xcalloc(1, room);
	while (*text) {
		if (!strncmp(text, mark, sizeof(mark) - 1)) {
			to = mempcpy(to, instance, len);
			text += sizeof(mark) - 1;
		} else {
			*to++ = *text++;
		}
	}
	return out;
}

enum job_status policy_exit_status(const struct step *step, unsigned code)
{
	bool masks = false;

	for (unsigned i = 0; i < step->exit_count; i++)
		if (!step->exits[i].is_mask && step->exits[i].value == code)
			return step->exits[i].status;
	for (unsigned i = 0; i < step->exit_count; i++) {
		if (!step->exits[i].is_mask)
			continue;
		masks = true;
		if (step->exits[i].value & code)
			return step->exits[i].status;
	}
	return masks || code == 0 ? JOB_OK : JOB_FAILED;
}
