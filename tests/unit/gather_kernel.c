/* Events of the kernel's log and the records they are about. */
#include "derive.h"
#include "findings.h"
#include "tap.h"

#include <string.h>

static json_t *document_of(const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	json_t *document;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	document = json_loads(copy, 0, NULL);
	CHECK(document != NULL);
	return document;
}

static const char machine[] =
	"'storage':{'drives':[{'key':'sda','hctl':'0:0:0:0','ata_port':'ata1'},"
	"{'key':'sdb','hctl':'1:0:0:0','ata_port':'ata2'},"
	"{'key':'sdc','hctl':'1:0:1:0','ata_port':'ata2'},{'key':'nvme0'},"
	"{'key':'sde','hctl':'3:0:0:0','paths':[{'key':'sde','hctl':'3:0:0:0'},"
	"{'key':'sdf','hctl':'4:0:0:0'}]}],"
	"'arrays':[{'key':'md0'},{'key':'dm-3'}],'controllers':[{'key':'0000:18:00.0'}]},"
	"'pcie':{'devices':[{'key':'0000:18:00.0'},{'key':'0000:3b:00.0'}]},"
	"'gpus':[{'key':'0000:3b:00.0'}],'network':{'interfaces':[{'key':'eno1'}]},"
	"'memory':{'edac':[{'key':'mc0/dimm0','label':'A1','module':'0x0011'},"
	"{'key':'mc0/dimm1','label':'B1'}],'modules':[{'key':'0x0011'},{'key':'0x0000'},"
	"{'key':'0x002A','state':'Enabled','locator':'DIMM 30','bank_locator':'CPU 2'}],"
	"'controllers':[{'key':'mc0'}]},'cpu':{'socket_count':2},"
	"'usb':{'devices':[{'key':'1-2'}]}";

static const struct {
	const char *event, *type, *key; /* type NULL: nobody's */
} parts[] = {
	{ "'component_type':'storage.drives','device':'sda'", "storage.drives", "sda" },
	{ "'component_type':'storage.drives','device':'sda1'", "storage.drives", "sda" },
	{ "'component_type':'storage.drives','device':'1:0:1:0'", "storage.drives",
	  "sdc" },
	{ "'component_type':'storage.drives','device':'ata1.00'", "storage.drives",
	  "sda" },
	/* A port multiplier: which of the two is not known. */
	{ "'component_type':'storage.drives','device':'ata2'", NULL, NULL },
	{ "'component_type':'storage.drives','device':'nvme0n1p2'", "storage.drives",
	  "nvme0" },
	{ "'component_type':'storage.drives','device':'nvme0'", "storage.drives",
	  "nvme0" },
	{ "'component_type':'storage.drives','device':'md0p1'", "storage.arrays", "md0" },
	{ "'component_type':'storage.drives','device':'dm-3'", "storage.arrays", "dm-3" },
	{ "'component_type':'storage.drives','device':'sdf'", "storage.drives", "sde" },
	{ "'component_type':'storage.drives','device':'4:0:0:0'", "storage.drives",
	  "sde" },
	{ "'component_type':'storage.drives','device':'sdz'", NULL, NULL },
	{ "'component_type':'storage.drives','device':null", NULL, NULL },
	{ "'component_type':'storage.controllers','device':'0000:18:00.0'",
	  "storage.controllers", "0000:18:00.0" },
	{ "'component_type':'gpus','device':'0000:3b:00.0'", "gpus", "0000:3b:00.0" },
	{ "'component_type':'gpus','device':'0000:18:00.0'", "pcie.devices",
	  "0000:18:00.0" },
	{ "'component_type':'network.interfaces','device':'eno1'", "network.interfaces",
	  "eno1" },
	{ "'component_type':'memory.edac','device':'A1','controller':'mc0'",
	  "memory.modules", "0x0011" },
	{ "'component_type':'memory.edac','device':'B1','controller':'mc0'",
	  "memory.edac", "mc0/dimm1" },
	/* cper_dimm_err_location in drivers/firmware/efi/cper.c: a blank at the end. */
	{ "'component_type':'memory.edac','device':'CPU 2 DIMM 30 '", "memory.modules",
	  "0x002A" },
	{ "'component_type':'memory.edac','device':'0x002a '", "memory.modules",
	  "0x002A" },
	{ "'component_type':'memory.edac','device':'0x0000'", NULL, NULL },
	{ "'component_type':'memory.edac','device':'any memory','controller':'mc0'",
	  "memory.controllers", "mc0" },
	{ "'component_type':'cpu','device':'cpu3'", "cpu", NULL },
	{ "'component_type':'usb.devices','device':'1-2'", "usb.devices", "1-2" },
	{ "'component_type':null,'device':'x'", NULL, NULL },
};

static json_t *with_event(const char *event)
{
	AUTO_FREE char *text = xasprintf("{%s,'kernel':{'events':[{'key':'k','event':'e',"
					 "'class':'drive','severity':'Warning','count':1,"
					 "'message':'m','first_unix_ms':0,%s}]}}",
					 machine, event);

	return document_of(text);
}

static bool is_text(const json_t *value, const char *wanted)
{
	const char *text = json_string_value(value);

	return wanted ? text && !strcmp(text, wanted) : !text;
}

static void joined(void)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		AUTO_JSON json_t *document = with_event(parts[i].event);
		const json_t *event, *component;
		struct findings findings;
		json_t *finding;

		/* A document that is too large is built again from the same records. */
		derive_kernel(document);
		derive_kernel(document);
		event = json_array_get(
			json_object_get(json_object_get(document, "kernel"), "events"),
			0);
		component = json_object_get(event, "component");
		printf("# %s\n", parts[i].event);
		CHECK(is_text(json_object_get(component, "type"), parts[i].type));
		CHECK(is_text(json_object_get(component, "key"), parts[i].key));
		CHECK(is_text(json_object_get(event, "first_time"),
			      "1970-01-01T00:00:00.000Z"));
		findings_build(&findings, document);
		CHECK_INT(json_array_size(findings.list), 1);
		finding = json_array_get(findings.list, 0);
		CHECK(is_text(json_object_get(finding, "id"), "log-drive-errors"));
		component = json_object_get(finding, "component");
		CHECK(is_text(json_object_get(component, "type"),
			      parts[i].type ? parts[i].type : "kernel.events"));
		CHECK(is_text(json_object_get(component, "key"),
			      parts[i].type ? parts[i].key : "k"));
		findings_done(&findings);
	}
}

/* A later good word of the drive itself changes nothing. */
static void not_outvoted(void)
{
	AUTO_JSON json_t *document = document_of(
		"{'storage':{'drives':[{'key':'sda','health':'OK','device_state':'"
		"running'}]},"
		"'kernel':{'events':[{'key':'k','event':'e','class':'drive','device':'"
		"sda',"
		"'component_type':'storage.drives','severity':'Critical','count':1,"
		"'message':'m'}]}}");
	struct findings findings;

	derive_kernel(document);
	findings_build(&findings, document);
	CHECK_INT(findings_worst(&findings, "storage.drives", "sda"), SEVERITY_CRITICAL);
	findings_done(&findings);
}

/* What a collector writes there is nobody's word: each kind of record loses it. */
static void not_told(void)
{
	json_t *document = json_object();

	for (int t = 0; record_types[t].name; t++) {
		const struct record_type *type = &record_types[t];
		json_t *parent = document,
		       *record = json_pack("{s:s, s:[]}", "key", "x", "kernel_events");

		if (type->group) {
			parent = json_object_get(document, type->group);
			if (!parent)
				(void)json_object_set_new(document, type->group,
							  parent = json_object());
		}
		(void)json_object_set_new(parent, type->member,
					  type->list ? json_pack("[o]", record) : record);
	}
	derive_kernel(document);
	for (int t = 0; record_types[t].name; t++) {
		const json_t *section = inventory_section_of(document, &record_types[t]);
		const json_t *record =
			json_is_array(section) ? json_array_get(section, 0) : section;

		CHECK_STR(json_string_value(json_object_get(record, "key")), "x");
		if (json_object_get(record, "kernel_events"))
			tap_fail(__FILE__, __LINE__, "of %s", record_types[t].name);
	}
	json_decref(document);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an event is told of its part once, or speaks for itself", joined, 0 },
		{ "what was logged of a part no collector says", not_told, 0 },
		{ "a fault that was logged stays, whatever the drive says", not_outvoted,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
