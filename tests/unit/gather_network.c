/* A port has the maker and model of its card, for as long as somebody tells of the card. */
#include "derive.h"
#include "tap.h"

#include <string.h>

static json_t *parse(const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	return json_loads(copy, 0, NULL);
}

static const char *text_at(const json_t *document, const char *list, size_t at,
			   const char *property)
{
	const json_t *network = json_object_get(document, "network");
	const json_t *port = json_array_get(json_object_get(network, list), at);

	return json_string_value(json_object_get(port, property)) ?: "none";
}

static json_t *machine(void)
{
	return parse("{'pcie':{'devices':[{'key':'0000:3b:00.0','manufacturer':'Example',"
		     "'model':"
		     "'EXNIC','physical_slot':'3'},{'key':'0000:3c:00.0','model':7}]},"
		     "'network':{'interfaces':[{'key':'a','pci_address':'0000:3b:00.0'},"
		     "{'key':'b','pci_address':'0000:3c:00.0'},{'key':'c'},{'key':'d',"
		     "'pci_address':'0000:ff:00.0'}],"
		     "'infiniband':[{'key':'m','pci_address':'0000:3b:00.0'}]}}");
}

static void test_named(void)
{
	AUTO_JSON json_t *document = machine();

	derive_network(document);
	CHECK(!strcmp(text_at(document, "interfaces", 0, "model"), "EXNIC"));
	CHECK(!strcmp(text_at(document, "interfaces", 0, "manufacturer"), "Example"));
	CHECK(!strcmp(text_at(document, "interfaces", 0, "physical_slot"), "3"));
	CHECK(!strcmp(text_at(document, "infiniband", 0, "model"), "EXNIC"));
}

static void test_unknown(void)
{
	AUTO_JSON json_t *document = machine();

	derive_network(document);
	for (size_t at = 1; at < 4; at++)
		CHECK(!strcmp(text_at(document, "interfaces", at, "model"), "none"));
}

static void test_again(void)
{
	AUTO_JSON json_t *document = machine();

	derive_network(document);
	(void)json_object_del(document, "pcie");
	derive_network(document);
	CHECK(!strcmp(text_at(document, "interfaces", 0, "model"), "none"));
	CHECK(!strcmp(text_at(document, "infiniband", 0, "manufacturer"), "none"));
}

static void test_nothing(void)
{
	AUTO_JSON json_t *document = parse("{'network':7,'pcie':{'devices':{}}}");

	derive_network(document);
	CHECK(json_object_size(document) == 2);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a port has maker, model and slot of its card", test_named, 0 },
		{ "one whose card nobody told of, or told strangely, has none",
		  test_unknown, 0 },
		{ "nor when the document is built again without the card", test_again,
		  0 },
		{ "a document without ports is no trouble", test_nothing, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
