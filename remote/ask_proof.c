/* What a machine's TPM or key does for its requests and orders, by processes of their own. */
#include "found.h"
#include "memfile.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROVE_TIME (10 * NSEC_PER_SEC) /* a TPM makes a key in one second, or two */
#define TPM_FAILURES_MAX 3

static int proof_make(struct asker *asker, const char *request, struct answer *answer,
		      struct said *said)
{
	char *words[] = { (char[]){ "bee-order" }, (char[]){ "step-prove" },
			  (char *)(uintptr_t)asker->dir,
			  asker->config.has_machine_key ? NULL : (char[]){ "tpm" },
			  NULL };
	AUTO_CLOSE int text = memory_file("request");
	int fds[] = { text, -1, -1 };

	if (text < 0 || write_all(text, request, strlen(request)) || memory_seal(text) ||
	    ask_rewind(text) < 0)
		return say(said, "memory: %s", strerrordesc_np(errno) ?: "?");
	if (ask_step(asker, words, fds, 3, PROVE_TIME, answer, said))
		return -1;
	answer->proof[sizeof(answer->proof) - 1] = '\0';
	return 0;
}

/*
 * A TPM that does not sign keeps nobody from asking for what takes no key, nor for long, as each try may leave a process that
 * hangs in it.
 */
char *ask_prove(struct asker *asker, char *request, struct said *said)
{
	AUTO_FREE char *plain = request;
	struct answer answer;
	struct said why = { "" };

	asker->proved = false;
	if (!asker->config.grants.proved || asker->tpm_failed == TPM_FAILURES_MAX)
		return xstrdup(plain);
	if (!proof_make(asker, plain, &answer, &why)) {
		asker->proved = true;
		return xasprintf("%s%s", plain, answer.proof);
	}
	if (asker->config.has_machine_key) {
		*said = why;
		return NULL;
	}
	asker->tpm_failed++;
	warnx("%s: asking without a key", why.text);
	return xstrdup(plain);
}

char *ask_proved(const struct asker *asker)
{
	static char words[2][9] = { "unsigned", "signed" };

	return words[asker->proved];
}

int ask_floor(struct asker *asker, const struct found *found, const char *word,
	      struct said *said)
{
	AUTO_FREE char *sequence = xasprintf("%llu", (unsigned long long)found->sequence);
	char *words[] = { (char[]){ "bee-order" },          (char[]){ "step-floor" },
			  (char *)(uintptr_t)word,          sequence,
			  (char *)(uintptr_t)found->sha256, NULL };
	int fds[] = { -1, -1, -1 };
	struct answer answer;

	return ask_step(asker, words, fds, 3, PROVE_TIME, &answer, said);
}
