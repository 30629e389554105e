/* PCI functions below each other, with what their links run at. */
#include "html.h"

#include "document.h"
#include "json.h"
#include "kinds.h"
#include "value.h"

#include <string.h>

#define DEPTH_MAX 24

/* Functions by the address above them; those that hang below none are at "". */
static json_t *children_of(const json_t *list)
{
	AUTO_JSON json_t *known = json_object();
	json_t *children = json_object(), *device;
	size_t i;

	json_array_foreach(list, i, device)
	{
		const char *key = record_text(device, "key");

		if (key)
			json_put(known, key, json_true());
	}
	json_array_foreach(list, i, device)
	{
		const char *above = record_text(device, "upstream_port") ?: "";
		json_t *below;

		if (!json_object_get(known, above) ||
		    !strcmp(above, record_text(device, "key") ?: ""))
			above = "";
		below = json_object_get(children, above);
		if (!below) {
			below = json_array();
			json_put(children, above, below);
		}
		json_push(below, json_incref(device));
	}
	return children;
}

static void put_device(const struct html *h, const json_t *device)
{
	static const struct column link = {
		"LINK", { "link_speed_gtps" }, LINK, 0, NULL
	};
	const char *health = record_text(device, "health_rollup");
	AUTO_FREE char *runs = value_shown(device, &link, false);

	(void)fputs("<li><code>", h->to);
	html_text(h, record_text(device, "key"));
	(void)fputs("</code> ", h->to);
	html_text(h, record_text(device, "model")
			     ?: record_text(device, "class") ?: "unknown");
	if (*runs) {
		(void)fputs(" <small>", h->to);
		html_text(h, runs);
		(void)fputs("</small>", h->to);
	}
	if (health && strcmp(health, "OK") != 0) {
		(void)fprintf(h->to, " <strong class=\"%s\">", html_class(health));
		html_text(h, health);
		(void)fputs("</strong>", h->to);
	}
}

/* Each is shown once: `children` loses what was. A circle hangs below nothing, and is not shown
 * here. */
static void put_below(const struct html *h, json_t *children, const char *above,
		      unsigned depth)
{
	json_t *below = json_incref(json_object_get(children, above)), *device;
	size_t i;

	if (!below)
		return;
	(void)json_object_del(children, above);
	(void)fputs(depth ? "<ul>" : "<ul class=\"tree\">", h->to);
	json_array_foreach(below, i, device)
	{
		put_device(h, device);
		if (depth < DEPTH_MAX && record_text(device, "key"))
			put_below(h, children, record_text(device, "key"), depth + 1);
	}
	(void)fputs("</ul>\n", h->to);
	json_decref(below);
}

void html_tree(const struct html *h)
{
	const json_t *list = document_at(h->document, "pcie.devices");
	AUTO_JSON json_t *children = children_of(list);

	html_begin(h, "pcie", "PCIe");
	if (!list)
		(void)fputs("<p class=\"soft\">not collected</p>\n", h->to);
	put_below(h, children, "", 0);
	if (json_object_size(children) > 0)
		(void)fputs("<p class=\"soft\">Others hang below each other in "
			    "circles.</p>\n",
			    h->to);
	html_end(h);
}
