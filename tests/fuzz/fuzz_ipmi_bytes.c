/* Fuzzes the BMC's bytes: a fuzzer's bytes as well-formed lines of bee-ipmi, in every
 * step. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "fru",     "sdr",       "reading",
					     "sel",     "sel-info",  "lan3",
					     "lan5",    "lan20",     "guid",
					     "chassis", "device-id", "self-test" };
	static collect_fn *const steps[] = { collect_psu_fru, collect_psu_info,
					     collect_psu_sdr, collect_psu_sel };
	char *text = NULL;
	size_t len = 0, at = 0;
	FILE *lines = open_memstream(&text, &len);

	if (!lines)
		abort();
	(void)fprintf(lines, "bee-ipmi\t1\n");
	/* A name, a number, a length, and so many bytes. */
	while (at + 3 <= size) {
		size_t count = data[at + 2];

		(void)fprintf(lines, "%s\t%u\t", names[data[at] % ARRAY_LEN(names)],
			      data[at + 1] & 15);
		at += 3;
		for (; count > 0 && at < size; count--)
			(void)fprintf(lines, "%02x", data[at++]);
		(void)fputc('\n', lines);
	}
	(void)fprintf(lines, "end\t0\t\n");
	if (fclose(lines))
		abort();
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		(void)fuzz_collect(steps[i], (const uint8_t *)text, len);
	free(text);
	return 0;
}
