/* What a person does with orders: keys, signatures, and the question what an order would do here. */
#include "commands.h"
#include "ends.h"
#include "gpg.h"
#include "identity.h"
#include "keylist.h"
#include "option.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct bytes file_read(const char *path, size_t max)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct bytes bytes = bytes_read(fd, max);

	if (!bytes.at)
		err(BEE_DATAERR, "%s", path);
	return bytes;
}

/* The options that these commands share; what is left are files. */
struct words {
	const char *command, *dir, *key;
	bool new_key, tpm;
	char **files;
	int count;
};

static struct words words_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "new", no_argument, NULL, 'n' },
		{ "tpm", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct words words = { .command = argv[0], .dir = CONFIG_DIR };
	int option;

	while ((option = option_next("bee-remote", argc, argv, "c:k:", options)) != -1) {
		if (option == 'c')
			words.dir = optarg;
		else if (option == 'k')
			words.key = optarg;
		else if (option == 'n')
			words.new_key = true;
		else
			words.tpm = true;
	}
	words.files = argv + optind;
	words.count = argc - optind;
	return words;
}

int command_lint(int argc, char **argv)
{
	struct words words = words_read(argc, argv);
	static struct config config;
	const char *dir = words.count ? words.files[0] : words.dir;
	int wrong;

	if (words.count > 1)
		errx(BEE_USAGE, "lint: one folder");
	wrong = config_read(dir, &config, stderr);
	config_done(&config);
	return wrong ? BEE_DATAERR : BEE_OK;
}

/* 0 or -errno; then it is not there. */
static int file_new(const char *path, mode_t mode, const char *comment, const char *line)
{
	AUTO_FREE char *text = xasprintf("untrusted comment: %s\n%s\n", comment, line);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int error = fd < 0 ? -errno : write_all(fd, text, strlen(text));

	if (error && fd >= 0)
		(void)unlink(path);
	return error;
}

/* Both, or none: nobody can sign for a key whose other half is lost. */
static int key_make(const char *name)
{
	char secret[MINISIG_SECRET_TEXT], public[MINISIG_PUBLIC_TEXT],
		id[MINISIG_ID_TEXT];
	AUTO_FREE char *key = xasprintf("%s.key", name), *pub = xasprintf("%s.pub", name);
	AUTO_FREE char *comment = NULL;
	const char *wrong = key;
	sigset_t before;
	int error;

	minisig_new(secret, public, id);
	comment = xasprintf("minisign public key %s", id);
	ends_hold(&before);
	error = file_new(key, 0600, "minisign secret key", secret);
	if (!error) {
		wrong = pub;
		error = file_new(pub, 0644, comment, public);
		if (error)
			(void)unlink(key);
	}
	ends_let(&before);
	if (error)
		errx(BEE_CANTCREAT, "%s: %s", wrong, strerrordesc_np(-error) ?: "?");
	printf("%s %s\n", id, pub);
	return end_written(BEE_OK, BEE_IOERR);
}

static void key_print(const char *role, const struct minisig_key *key)
{
	char id[MINISIG_ID_TEXT];

	printf("%-8s %s\n", role, minisig_id_text(key->id, id));
}

int command_keys(int argc, char **argv)
{
	struct words words = words_read(argc, argv);
	static struct config config;

	if (words.new_key && !words.tpm && words.count == 1)
		return key_make(words.files[0]);
	if (words.tpm && !words.new_key && !words.count)
		return end_written(command_tpm_key(), BEE_IOERR);
	if (words.new_key || words.tpm || words.count > 1)
		errx(BEE_USAGE, "keys: a folder, --new NAME, or --tpm");
	if (config_read(words.count ? words.files[0] : words.dir, &config, stderr))
		return BEE_DATAERR;
	printf("An order runs with signatures of %u of these %u:\n", config.threshold,
	       config.order_key_count);
	for (unsigned i = 0; i < config.order_key_count; i++)
		key_print("order", &config.order_keys[i]);
	if (config.has_ticket_key)
		key_print("ticket", &config.ticket_key);
	if (config.has_receipt_key)
		key_print("receipt", &config.receipt_key);
	if (config.has_seal_key)
		key_print("seal", &config.seal_key);
	return end_written(BEE_OK, BEE_IOERR);
}

/* The second line of a key's file. */
static void second_line(const char *path, char *line, size_t size)
{
	struct bytes text = file_read(path, 4096);
	struct take take = take_begin(text.at, text.len);

	if (take_line(&take, line, size) || take_line(&take, line, size))
		errx(BEE_DATAERR, "%s: not a key of minisign", path);
	free((void *)(uintptr_t)text.at);
}

/* A name may be of any bytes; who verifies a signature takes lines of ASCII. Owned. */
static char *sign_comment(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *comment = xasprintf("timestamp:%lld\tfile:%s\thashed",
				  (long long)time(NULL), slash ? slash + 1 : path);

	for (char *at = comment; *at; at++)
		if ((*at < ' ' || *at > '~') && *at != '\t')
			*at = '?';
	return comment;
}

/* Whether this key has signed it before. One of another text would make all of the file worthless. */
static bool is_signed(const char *path, const struct minisig_secret *secret,
		      struct bytes text)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct bytes there = bytes_read(fd, MINISIG_ALL_MAX);
	struct minisig_key key;
	struct said said = { "" };
	struct minisig one;
	bool ours = false;

	if (fd < 0)
		return false;
	if (!there.at)
		err(BEE_DATAERR, "%s", path);
	memcpy(key.id, secret->id, sizeof(key.id));
	/* Behind its seed, as libsodium has it. */
	memcpy(key.key, secret->key + 32, sizeof(key.key));
	struct take take = take_begin(there.at, there.len);
	while (take.at < take.end) {
		if (minisig_take(&take, &one, &said))
			errx(BEE_DATAERR, "%s: %s", path, said.text);
		ours |= !memcmp(one.id, key.id, sizeof(key.id));
	}
	if (ours &&
	    minisig_verify(&key, 1, 1, text.at, text.len, there.at, there.len, &said))
		errx(BEE_DATAERR,
		     "%s: it has a signature of this key that is of another text, or "
		     "another's: remove it, and sign again",
		     path);
	free((void *)(uintptr_t)there.at);
	return ours;
}

/* Behind what is there. A part of a signature would make all of the file worthless: it is taken back. */
static void signature_add(const char *path, const char *signature)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	struct stat st;
	sigset_t before;
	int error;

	if (fd < 0 || fstat(fd, &st))
		err(BEE_CANTCREAT, "%s", path);
	ends_hold(&before);
	error = write_all(fd, signature, strlen(signature));
	if (error && (st.st_size ? ftruncate(fd, st.st_size) : unlink(path)))
		warnx("%s: a part of a signature is at its end", path);
	ends_let(&before);
	if (error)
		errx(BEE_IOERR, "%s: %s", path, strerrordesc_np(-error) ?: "?");
}

/* sign -k KEY FILE: to FILE.minisig, behind the signatures that are there. */
int command_sign(int argc, char **argv)
{
	struct words words = words_read(argc, argv);
	struct minisig_secret secret;
	struct said said = { "" };
	char line[512];

	if (!words.key || words.count != 1)
		errx(BEE_USAGE, "sign: -k KEY FILE");
	second_line(words.key, line, sizeof(line));
	if (minisig_secret_read(line, &secret, &said))
		errx(BEE_DATAERR, "%s: %s", words.key, said.text);
	struct bytes text = file_read(words.files[0], 1u << 30);
	AUTO_FREE char *path = xasprintf("%s.minisig", words.files[0]);
	if (is_signed(path, &secret, text))
		return BEE_OK;
	AUTO_FREE char *comment = sign_comment(words.files[0]);
	AUTO_FREE char *signature = minisig_sign(&secret, text.at, text.len, comment);
	signature_add(path, signature);
	return BEE_OK;
}

/* By gpgv, in a jail; only root can make one. */
static void gpg_load(const struct words *words, struct check_order *check,
		     struct bytes *status)
{
	AUTO_FREE char *dir = realpath(words->dir, NULL);
	AUTO_FREE char *keyring = xasprintf("%s/pubring.gpg", dir ?: ".");
	AUTO_CLOSE int message = open(words->files[0], O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct said said = { "" };
	struct gpg gpg;

	if (geteuid() != 0)
		errx(BEE_USAGE,
		     "scheme gpg takes root: for the jail that gpgv is run in");
	if (message < 0)
		err(BEE_DATAERR, "%s", words->files[0]);
	if (gpg_run(keyring, message, &gpg, &said))
		errx(BEE_DATAERR, "%s", said.text);
	check->content = bytes_read(gpg.content, ORDER_MAX);
	*status = bytes_read(gpg.status, MINISIG_ALL_MAX);
}

/* An order and FILE.minisig, as this configuration and this machine take them. */
static int order_load(const struct words *words, struct config *config,
		      struct identity *identity, struct order *order)
{
	struct check_order check = { config, identity, NULL, time(NULL), 0, { 0 } };
	AUTO_FREE char *path = NULL;
	struct bytes text, text_read, signatures;
	struct said said = { "" }, why = { "" };

	if (words->count != 1)
		errx(BEE_USAGE, "%s: one file", words->command);
	if (config_read(words->dir, config, stderr))
		exit(BEE_DATAERR);
	identity_read(config->id, identity);
	path = xasprintf("%s.minisig", words->files[0]);
	text_read = text = file_read(words->files[0], ORDER_MAX);
	/* Before it is signed it is told of as well: it is not good yet, and what it would do can be read. */
	if (config->is_gpg) {
		gpg_load(words, &check, &signatures);
		if (check.content.len)
			text_read = check.content;
	} else if (access(path, F_OK) && errno == ENOENT) {
		signatures = (struct bytes){ "", 0 };
	} else {
		signatures = file_read(path, MINISIG_ALL_MAX);
	}
	if (!check_order(&check, text, signatures, order, &said))
		return BEE_OK;
	warnx("%s: %s", words->files[0], said.text);
	/* What it would do is told also where it does nothing here. */
	if (order_read(text_read.at, text_read.len, order, &why)) {
		if (strcmp(why.text, said.text) != 0)
			warnx("%s: %s", words->files[0], why.text);
		exit(BEE_DATAERR);
	}
	return BEE_DATAERR;
}

/* Which of the three an object is, by its first line. */
static bool begins(struct bytes text, const char *line)
{
	return text.len >= strlen(line) && !memcmp(text.at, line, strlen(line));
}

/* A key list with its signatures behind it or beside it: as the next one of this configuration. */
static int list_verify(const char *file, struct bytes list, struct config *config)
{
	AUTO_FREE char *path = xasprintf("%s.minisig", file);
	struct said said = { "" };

	if (!access(path, R_OK)) {
		struct bytes beside = file_read(path, MINISIG_ALL_MAX);
		char *whole = xcalloc(1, list.len + beside.len + 1);

		memcpy(whole, list.at, list.len);
		memcpy(whole + list.len, beside.at, beside.len);
		list = (struct bytes){ whole, list.len + beside.len };
	}
	if (keylist_apply(config, list, &said) ||
	    keylist_now(config, keylist_clock(), &said) ||
	    keylist_ticket_now(config, keylist_clock(), &said)) {
		warnx("%s: %s", file, said.text);
		return BEE_DATAERR;
	}
	printf("%s: key list %llu, good upon this configuration\n", file,
	       (unsigned long long)config->keys_version);
	return BEE_OK;
}

static int state_verify(const char *file, struct bytes text, const struct config *config)
{
	static struct identity identity;
	struct check_order check = { config, &identity, NULL, time(NULL), 0, { 0 } };
	AUTO_FREE char *path = xasprintf("%s.minisig", file);
	struct bytes signatures = file_read(path, MINISIG_ALL_MAX);
	struct node_state state;
	struct said said = { "" };

	identity_read(config->id, &identity);
	if (check_state(&check, text, signatures, &state, &said)) {
		warnx("%s: %s", file, said.text);
		return BEE_DATAERR;
	}
	printf("%s: state %llu, of this machine, good now\n", file,
	       (unsigned long long)state.sequence);
	return BEE_OK;
}

int command_verify(int argc, char **argv)
{
	struct words words = words_read(argc, argv);
	static struct config config;
	static struct identity identity;
	static struct order order;
	struct bytes text = { "", 0 };
	int code;

	if (words.count == 1)
		text = file_read(words.files[0],
				 KEYLIST_MAX > ORDER_MAX ? KEYLIST_MAX : ORDER_MAX);
	if (begins(text, "bee-keys ") || begins(text, "bee-state ")) {
		if (config_read(words.dir, &config, stderr))
			return BEE_DATAERR;
		code = begins(text, "bee-keys ")
			       ? list_verify(words.files[0], text, &config)
			       : state_verify(words.files[0], text, &config);
		return end_written(code, BEE_IOERR);
	}
	code = order_load(&words, &config, &identity, &order);
	if (code == BEE_OK)
		printf("%s: order %llu, good here and now\n", words.files[0],
		       (unsigned long long)order.sequence);
	return end_written(code, BEE_IOERR);
}

static void needs_explain(const struct config *config, const struct order *order)
{
	for (unsigned i = 0; i < order->need_count; i++) {
		struct said said = { "" };
		struct need need = { NEED_NET, "" };
		bool granted =
			!grants_check(&config->grants, order->needs[i], &need, &said);

		printf("  %-9s %s%s%s\n", granted ? "may" : "may NOT", order->needs[i],
		       granted ? "" : ": ", said.text);
	}
	for (unsigned i = 0; i < order->action_count; i++) {
		struct said said = { "" };
		bool granted = !grants_check_action(&config->grants, order,
						    order->actions[i], &said);

		printf("  %-9s %s%s%s\n", granted ? "has done" : "has NOT",
		       order->actions[i], granted ? "" : ": ", said.text);
	}
	if (order->once)
		printf("  runs      once\n");
	if (order->once || order_can_destroy(order))
		printf("  a TPM     remembers it: none older, nor another of its "
		       "sequence, runs then\n");
	if (*order->cmdline)
		printf("  cmdline   %s\n", order->cmdline);
	if (!order->need_count)
		printf("  may       compute and print, and nothing else\n");
}

int command_explain(int argc, char **argv)
{
	struct words words = words_read(argc, argv);
	static struct config config;
	static struct identity identity;
	static struct order order;
	int code = order_load(&words, &config, &identity, &order);
	char text[TIME_TEXT], hex[SHA256_HEX + 1];

	printf("%s: order %llu, %s here and now\n", words.files[0],
	       (unsigned long long)order.sequence, code ? "NOT good" : "good");
	for (unsigned i = 0; i < order.target_count; i++)
		printf("  for       %s %s\n", target_word(order.targets[i].kind),
		       order.targets[i].value);
	printf("  until     %s\n", time_text(order.not_after, text));
	printf("  at most   %llu s\n", (unsigned long long)order.time_limit);
	needs_explain(&config, &order);
	for (unsigned i = 0; i < order.file_count; i++)
		if (*order.files[i].serial)
			printf("  with      %s %s of the disk %s, %u, %s\n",
			       order.files[i].name,
			       sha256_text(order.files[i].sha256, hex),
			       order.files[i].serial, order.files[i].partition,
			       order.files[i].path);
		else
			printf("  with      %s %s\n", order.files[i].name,
			       sha256_text(order.files[i].sha256, hex));
	return end_written(code, BEE_IOERR);
}
