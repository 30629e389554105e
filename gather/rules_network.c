/* Rules about network interfaces. */
#include "findings.h"

#define INTERFACES "network.interfaces"

static bool has_link(const json_t *interface)
{
	return rule_is(interface, "link_status", "LinkUp") ||
	       json_is_true(json_object_get(interface, "link_detected"));
}

/* Both ends are known only where they negotiate and the driver tells what the partner
 * said. */
static bool link_is_slow(const struct judgement *j)
{
	double now, own, partners;

	return has_link(j->subject) && rule_number(j->subject, "speed_gbps", &now) &&
	       rule_number(j->subject, "max_speed_gbps", &own) &&
	       rule_number(j->subject, "max_partner_speed_gbps", &partners) && now > 0 &&
	       now < own && now < partners;
}

static bool is_half_duplex(const struct judgement *j)
{
	return has_link(j->subject) && rule_false(j);
}

static bool module_is_damaged(const struct judgement *j)
{
	const json_t *module = json_object_get(j->subject, "module");

	return json_is_false(json_object_get(module, "checksum_valid"));
}

const struct rule rules_network[] = {
	{ .id = "network-link-slow",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = link_is_slow,
	  .evidence = { "speed_gbps", "max_speed_gbps", "max_partner_speed_gbps",
			"auto_negotiation", "driver" },
	  .condition = "`speed_gbps` below `max_speed_gbps` and "
		       "`max_partner_speed_gbps`, with "
		       "a link",
	  .message = "{speed_gbps} Gb/s; this end can do {max_speed_gbps}, the other one "
		     "{max_partner_speed_gbps}",
	  .resolution =
		  "Replace the cable; see whether an administrator limits the speed.",
	  .source = "ethtool(8)" },
	{ .id = "network-half-duplex",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = is_half_duplex,
	  .evidence = { "full_duplex", "speed_gbps", "auto_negotiation" },
	  .condition = "`full_duplex` is false, with a link",
	  .message = "the link runs half duplex",
	  .resolution = "One end does not negotiate: set both to, or replace the cable.",
	  .source = "IEEE 802.3, 28" },
	{ .id = "network-module-checksum",
	  .severity = SEVERITY_OK,
	  .type = INTERFACES,
	  .check = module_is_damaged,
	  .evidence = { "module" },
	  .condition = "`module.checksum_valid` is false",
	  .message = "the plugged-in module's description of itself is damaged",
	  .resolution =
		  "Nothing while it works; cheap modules are programmed carelessly.",
	  .source = "SFF-8472, SFF-8636, CMIS" },
	{ .id = NULL },
};
