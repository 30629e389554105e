/* Fuzzes the header of an order. */
#include "order.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct order order;
	struct said said = { "" };

	if (order_read((const char *)data, size, &order, &said)) {
		if (!*said.text)
			abort();
		return 0;
	}
	if (order.need_count > ORDER_NEEDS_MAX || order.file_count > ORDER_FILES_MAX ||
	    !order.target_count || order.target_count > ORDER_TARGETS_MAX ||
	    !order.sequence || memchr(data, '\0', size))
		abort();
	for (unsigned i = 0; i < order.file_count; i++)
		if (!is_name(order.files[i].name, ORDER_NAME_MAX))
			abort();
	return 0;
}
