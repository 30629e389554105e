/* A file or link of sysfs as one property, in the same way for every collector. */
#include "tree_props.h"

bool tree_text(const struct tree_device *device, const char *attribute,
	       struct span *value)
{
	return tree_value(device->tree, device->folder, device->name, attribute, value);
}

bool tree_number(const struct tree_device *device, const char *attribute,
		 uint64_t *number)
{
	struct span value;

	return tree_text(device, attribute, &value) && !text_u64(value, number);
}

bool tree_signed(const struct tree_device *device, const char *attribute, int64_t *number)
{
	struct span value;
	uint64_t size;
	bool negative;

	if (!tree_text(device, attribute, &value))
		return false;
	negative = text_skip(&value, "-");
	if (text_u64(value, &size) || size > INT64_MAX)
		return false;
	*number = negative ? -(int64_t)size : (int64_t)size;
	return true;
}

static bool is_there(const struct tree_device *device, const char *attribute)
{
	return tree_find(device->tree, device->folder, device->name, attribute);
}

void tree_put_text(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute)
{
	struct span value = { "", 0 };

	if (!is_there(device, attribute))
		return;
	(void)tree_text(device, attribute, &value);
	collect_span(props, prop, value);
}

void tree_put_unread(json_t *props, const char *prop, const struct tree_device *device,
		     const char *attribute)
{
	struct span value = { "", 0 };

	if (!is_there(device, attribute))
		return;
	(void)tree_text(device, attribute, &value);
	collect_unread_span(props, prop, value);
}

void tree_put_number(json_t *props, const char *prop, const struct tree_device *device,
		     const char *attribute)
{
	struct span value = { "", 0 };

	if (!is_there(device, attribute))
		return;
	(void)tree_text(device, attribute, &value);
	collect_u64(props, prop, value);
}

void tree_put_flag(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute)
{
	struct span value = { "", 0 };

	if (!is_there(device, attribute))
		return;
	(void)tree_text(device, attribute, &value);
	if (text_is(value, "1") || text_is(value, "0"))
		json_put(props, prop, json_boolean(text_is(value, "1")));
	else
		collect_unread_span(props, prop, value);
}

void tree_put_base(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute)
{
	struct span target;

	if (tree_link(device->tree, device->folder, device->name, attribute, &target))
		collect_span(props, prop, tree_base(target));
}

bool tree_is_pci_address(struct span text)
{
	static const char tail[] = ":hh:hh.h";
	size_t len = sizeof(tail) - 1;

	if (text.len < len + 4 || text.len > len + 8)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i],
		     form = i < text.len - len ? 'h' : tail[i - (text.len - len)];
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		if (form == 'h' ? !hex : c != form)
			return false;
	}
	return true;
}

bool tree_pci_address(struct span path, struct span *address)
{
	struct span part;
	bool found = false;

	while (text_cut(&path, '/', &part)) {
		if (!tree_is_pci_address(part))
			continue;
		*address = part;
		found = true;
	}
	return found;
}

/* Only what was loaded has a state: kernel/module/main.c, show_initstate. */
static bool is_loaded(const struct tree *tree, struct span module)
{
	return tree_find(tree, "/sys/module", module, "initstate");
}

void tree_put_driver(json_t *props, const struct tree_device *device, const char *drivers)
{
	struct span driver, module;

	tree_put_text(props, "modalias", device, "modalias");
	tree_put_base(props, "driver", device, "driver");
	if (!tree_link(device->tree, device->folder, device->name, "driver", &driver) ||
	    !tree_link(device->tree, drivers, tree_base(driver), "module", &module))
		return;
	module = tree_base(module);
	if (is_loaded(device->tree, module))
		collect_span(props, "driver_module", module);
}
