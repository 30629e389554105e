/* bee-order: signs, verifies and runs orders. It has no network. */
#include "commands.h"

#include <err.h>
#include <sodium.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "lint", command_lint },         { "keys", command_keys },
	{ "sign", command_sign },         { "open", command_open },
	{ "verify", command_verify },     { "explain", command_explain },
	{ "tailor", command_tailor },     { "network", command_network },
	{ "filter", command_filter },     { "media", command_media },
	{ "step-ticket", step_ticket },   { "step-pointer", step_pointer },
	{ "step-order", step_order },     { "step-receipt", step_receipt },
	{ "step-pack", step_pack },       { "step-run", step_run },
	{ "step-restore", step_restore }, { "chunks", command_chunks },
	{ "step-end", step_end },         { "step-keys", step_keys },
	{ "step-prove", step_prove },     { "step-floor", step_floor },
};

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	errx(BEE_USAGE, "it is started by bee remote, which see");
}
