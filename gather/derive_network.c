/* What a network port is a port of, without a look into another list. */
#include "derive.h"

#include "rules.h"

#include <string.h>

static const char *const of_card[] = { "manufacturer", "model", "physical_slot" };

/* The functions by their addresses. */
static json_t *by_address(const json_t *devices)
{
	json_t *found = json_object();

	for (size_t i = 0; i < json_array_size(devices); i++) {
		json_t *device = json_array_get(devices, i);

		if (rule_text(device, "key"))
			json_put(found, rule_text(device, "key"), json_incref(device));
	}
	return found;
}

static void name_ports(const json_t *ports, const json_t *functions)
{
	for (size_t i = 0; i < json_array_size(ports); i++) {
		json_t *port = json_array_get(ports, i);
		const char *address = rule_text(port, "pci_address");
		const json_t *card = address ? json_object_get(functions, address) : NULL;

		for (size_t at = 0; at < ARRAY_LEN(of_card); at++) {
			const char *text = card ? rule_text(card, of_card[at]) : NULL;

			/* Records live on when the document is built again without some. */
			(void)json_object_del(port, of_card[at]);
			if (text)
				json_put(port, of_card[at], json_string(text));
		}
	}
}

void derive_network(json_t *document)
{
	const json_t *network = json_object_get(document, "network");
	const json_t *pcie = json_object_get(document, "pcie");
	AUTO_JSON json_t *functions = by_address(json_object_get(pcie, "devices"));

	name_ports(json_object_get(network, "interfaces"), functions);
	name_ports(json_object_get(network, "virtual_functions"), functions);
	name_ports(json_object_get(network, "infiniband"), functions);
}
