/* Rules about network interfaces. */
#include "rules.h"

#include <string.h>

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

/* The words of a module's list, and of its lanes', that `counts` accepts, each once. */
static bool module_words(const struct judgement *j, const char *list,
			 bool (*counts)(const json_t *interface, const char *word))
{
	const json_t *module = json_object_get(j->subject, "module");
	const json_t *lanes = json_object_get(module, "lanes"), *part = module;
	AUTO_JSON json_t *found = json_object();
	json_t *words = json_array();
	const char *name;
	json_t *value;

	for (size_t i = 0; part; part = json_array_get(lanes, i++)) {
		const json_t *said = json_object_get(part, list);

		for (size_t w = 0; w < json_array_size(said); w++) {
			name = json_string_value(json_array_get(said, w));
			if (name && counts(j->subject, name))
				json_put(found, name, json_true());
		}
	}
	json_object_foreach(found, name, value)
	{
		json_push(words, json_string(name));
	}
	if (json_array_size(words) == 0) {
		json_decref(words);
		return false;
	}
	json_put(j->evidence, list, words);
	return true;
}

/* Without a link there may be nobody to send light, and a laser that is off has no current. */
static bool is_trouble(const json_t *interface, const char *word)
{
	size_t len = strlen(word);
	bool low = len > 3 && !strcmp(word + len - 3, "Low");

	if (!strcmp(word, "ReceivedPowerLow"))
		return false;
	return !low || has_link(interface) || !strncmp(word, "Volt", 4);
}

static bool module_alarms(const struct judgement *j)
{
	return module_words(j, "alarms", is_trouble);
}

static bool is_dim(const json_t *interface, const char *word)
{
	return has_link(interface) && !strcmp(word, "ReceivedPowerLow");
}

static bool light_is_low(const struct judgement *j)
{
	return module_words(j, "alarms", is_dim) || module_words(j, "warnings", is_dim);
}

static bool module_gave_up(const struct judgement *j)
{
	const json_t *module = json_object_get(j->subject, "module");
	const char *state = json_string_value(json_object_get(module, "state"));

	return state && !strcmp(state, "Fault");
}

static bool module_cannot_send(const struct judgement *j)
{
	const json_t *module = json_object_get(j->subject, "module");
	const json_t *lanes = json_object_get(module, "lanes");

	for (size_t i = 0; i < json_array_size(lanes); i++)
		if (json_is_true(
			    json_object_get(json_array_get(lanes, i), "transmit_fault")))
			return true;
	return false;
}

/* A cable that is plugged in damages some; a bad one goes on. */
static bool has_crc_errors(const struct judgement *j)
{
	double errors, packets;

	return rule_at_least(j) &&
	       rule_number(j->subject, "receive_crc_errors", &errors) &&
	       rule_number(j->subject, "received_packets", &packets) &&
	       errors * 1e6 > packets;
}

/* The number of port's list `from` that has the property. */
static bool port_number(const json_t *port, json_t *evidence)
{
	json_t *number = json_object_get(port, "number");

	if (!number)
		return false;
	json_put(evidence, "port", json_incref(number));
	return true;
}

/*
 * IBTA 1.4, 14.2.5.6: a port that is Initialize has a link, and waits for the subnet manager to give
 * it an address; Ethernet's ports (RoCE) have none.
 */
static bool has_no_manager(const struct judgement *j)
{
	const json_t *ports = json_object_get(j->subject, "ports");

	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);

		if (rule_is(port, "link_layer", "InfiniBand") &&
		    rule_is(port, "physical_state", "LinkUp") &&
		    rule_is(port, "state", "INIT"))
			return port_number(port, j->evidence);
	}
	return false;
}

/* Puts the first port that counted as many as the limit, and what it counted so. */
static bool port_counted(const struct judgement *j, const char *const *names)
{
	const json_t *ports = json_object_get(j->subject, "port_errors");

	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);
		json_t *counted = json_object();

		for (size_t n = 0; names[n]; n++) {
			double count;

			if (rule_number(port, names[n], &count) &&
			    count >= j->rule->limit)
				json_put(counted, names[n],
					 json_incref(json_object_get(port, names[n])));
		}
		if (json_object_size(counted) > 0) {
			json_put(j->evidence, "counted", counted);
			return port_number(port, j->evidence);
		}
		json_decref(counted);
	}
	return false;
}

static bool infiniband_is_damaged(const struct judgement *j)
{
	static const char *const names[] = { "link_recoveries", "receive_errors",
					     "link_integrity_errors", "buffer_overruns",
					     NULL };

	return port_counted(j, names);
}

/* These grow, too, where the other end starts anew. */
static bool infiniband_was_lost(const struct judgement *j)
{
	static const char *const names[] = { "link_losses", "symbol_errors", NULL };

	return port_counted(j, names);
}

#define THRESHOLDS "infiniband-diags, error_thresholds; IBTA 1.4, 16.1.3.5"

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
	{ .id = "network-module-transmit-fault",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = module_cannot_send,
	  .evidence = { "module" },
	  .condition = "`transmit_fault` of one of `module.lanes` is true",
	  .message = "the plugged-in module says that its laser has failed",
	  .resolution = "Replace the module.",
	  .source = "SFF-8472, 9.9, byte 110; SFF-8636, byte 4" },
	{ .id = "network-module-fault",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = module_gave_up,
	  .evidence = { "module" },
	  .condition = "`module.state` is Fault",
	  .message = "the plugged-in module has stopped itself",
	  .resolution = "Plug it in again; replace it if it does so again.",
	  .source = "CMIS 5.0, 6.3.2.12 and table 8-6" },
	{ .id = "network-module-alarm",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = module_alarms,
	  .evidence = { "module" },
	  .condition = "`module.alarms`, or those of a lane: anything but little light "
		       "received; "
		       "low ones but the voltage's with a link alone",
	  .message = "the plugged-in module is beyond its own limits: {alarms}",
	  .resolution = "Cool it where it is hot; else plan to replace the module.",
	  .source = "SFF-8472, 9.4; SFF-8636, 6.7; CMIS 5.0, table 8-9" },
	{ .id = "network-light-low",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = light_is_low,
	  .evidence = { "module" },
	  .condition = "ReceivedPowerLow among the `alarms` or `warnings` of a lane, "
		       "with a link",
	  .message = "little light comes in, though the link still holds",
	  .resolution = "Clean fibre and modules; look at the module at the other end.",
	  .source = "SFF-8472, 9.4; SFF-8636, 6.7" },
	{ .id = "infiniband-no-subnet-manager",
	  .severity = SEVERITY_WARNING,
	  .type = "network.infiniband",
	  .check = has_no_manager,
	  .evidence = { "description", "pci_address" },
	  .condition = "a port in `ports` has the `link_layer` \"InfiniBand\", the "
		       "`physical_state` \"LinkUp\" and the `state` \"INIT\"",
	  .message = "port {port} has a link, and no subnet manager gave it an address",
	  .resolution = "Start a subnet manager on the fabric (the switch's, or opensm).",
	  .source = "IBTA 1.4, 14.2.5.6" },
	{ .id = "infiniband-link-errors",
	  .severity = SEVERITY_WARNING,
	  .type = "network.infiniband",
	  .check = infiniband_is_damaged,
	  .limit = 10,
	  .evidence = { "pci_address" },
	  .condition = "a port in `port_errors` has a `link_recoveries`, "
		       "`receive_errors`, `link_integrity_errors` or "
		       "`buffer_overruns` of 10 or more; evidence: `port`, `counted`",
	  .message = "port {port} has counted errors of its link",
	  .resolution = "Clean or replace cable and modules; see whether the counters "
			"go on (perfquery).",
	  .source = THRESHOLDS },
	{ .id = "infiniband-link-restarts",
	  .severity = SEVERITY_OK,
	  .type = "network.infiniband",
	  .check = infiniband_was_lost,
	  .limit = 10,
	  .evidence = { "pci_address" },
	  .condition = "a port in `port_errors` has a `link_losses` or `symbol_errors` "
		       "of 10 or more; evidence: `port`, `counted`",
	  .message = "the link of port {port} was lost, or came up badly, many times",
	  .resolution = "Nothing, where the other end was started as often; else the "
			"cable.",
	  .source = THRESHOLDS },
	{ .id = "network-crc-errors",
	  .severity = SEVERITY_WARNING,
	  .type = INTERFACES,
	  .check = has_crc_errors,
	  .limit = 100,
	  .evidence = { "receive_crc_errors", "received_packets" },
	  .condition =
		  "`receive_crc_errors` 100 or more, and more than one in a million of "
		  "`received_packets`",
	  .message = "{receive_crc_errors} frames came damaged, {received_packets} came "
		     "well",
	  .resolution = "Clean or replace cable and modules; look at the switch's port.",
	  .source = "IEEE 802.3-2018, 44.1.1: a bit in 10^12; with frames of 1,500 bytes "
		    "one in "
		    "80 million" },
	{ .id = NULL },
};
