/* The layers of copier and performer. */
#include "command.h"
#include "layers.h"
#include "util.h"

WRAPS(int, process_hide, void)
{
	return off("dumpable") ? 0 : __real_process_hide();
}

const struct command_rule *__real_command_find(const struct command_rules *rules,
					       const struct command *command,
					       const uint8_t *data);
const struct command_rule *__wrap_command_find(const struct command_rules *rules,
					       const struct command *command,
					       const uint8_t *data);
const struct command_rule *__wrap_command_find(const struct command_rules *rules,
					       const struct command *command,
					       const uint8_t *data)
{
	static const struct command_rule any;
#ifdef LAYERS_OF_PERFORMER
	const char *layer = "performer-words";
#else
	const char *layer = "copier-words";
#endif

	return off(layer) ? &any : __real_command_find(rules, command, data);
}
