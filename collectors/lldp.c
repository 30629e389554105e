/* lldp/hear: frames that bee-lldp heard on an interface: who is at the other end of its cable. */
#include "lldp_unit.h"
#include "text.h"

#define FRAME_MAX 9216u /* bytes */
#define FRAMES_MAX 16u  /* of one interface; bee-lldp prints one */
#define HEADER 14u      /* two addresses and a type: IEEE 802.3, 3.2 */
#define ETHERTYPE 0x88ccu

static void emit_frame(const struct lldp_bytes *frame, const char *instance,
		       unsigned number, struct output *out)
{
	const struct lldp_bytes unit = { frame->at + HEADER, frame->len - HEADER };
	json_t *props = json_object();
	const char *trouble;
	char key[96];

	(void)snprintf(key, sizeof(key), "%.63s", instance);
	json_put(props, "interface", json_text(key, strlen(key), NULL));
	lldp_put_mac(props, "mac_address", frame->at + 6);
	lldp_put_mac(props, "group_mac_address", frame->at);
	trouble = lldp_unit(props, unit);
	if (trouble)
		collect_error(out, "lldp/hear", "%s", trouble);
	if (number > 1)
		(void)snprintf(key, sizeof(key), "%.63s/%u", instance, number);
	collect_record(out, "network.neighbors", key, props);
}

static bool is_lldp(const struct lldp_bytes *frame)
{
	return frame->len > HEADER && lldp_word(frame->at + HEADER - 2) == ETHERTYPE;
}

void collect_lldp_hear(const struct input *in, const char *instance, struct output *out)
{
	struct span rest = { in->text, in->len }, line, key;
	static uint8_t bytes[FRAME_MAX];
	unsigned frames = 0;
	size_t bad = 0;

	while (text_line(&rest, &line)) {
		struct lldp_bytes frame = { bytes, 0 };

		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, "lldp/hear", "the input ends inside a line");
			break;
		}
		if (!text_cut(&line, '\t', &key) || key.at[key.len] != '\t') {
			bad++;
		} else if (text_is(key, "cut")) {
			collect_error(out, "lldp/hear", "a frame over %u bytes was cut",
				      FRAME_MAX);
		} else if (text_is(key, "frame")) {
			frame.len = text_unhex(line, bytes, sizeof(bytes));
			if (!is_lldp(&frame))
				collect_error(out, "lldp/hear", "a frame is not LLDP");
			else if (frames < FRAMES_MAX)
				emit_frame(&frame, instance, ++frames, out);
		} else if (!text_is(key, "silent")) {
			bad++;
		}
	}
	if (bad)
		collect_error(out, "lldp/hear", "%zu lines that bee-lldp does not print",
			      bad);
}
