/* doc/findings.md lists the rules as they are. ACCEPT=1 writes its table anew. */
#include "findings.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define PAGE "doc/findings.md"
#define PAGE_BEGIN "<!-- rules: made by tests/unit/findings_page.c, ACCEPT=1 -->\n"
#define PAGE_MAX (1u << 20)

/* Table cells end at a bar. */
static void print_cell(FILE *to, const char *text)
{
	fputs(" ", to);
	for (; *text; text++)
		fprintf(to, *text == '|' ? "\\%c" : "%c", *text);
	fputs(" |", to);
}

static void print_evidence(FILE *to, const struct rule *rule)
{
	AUTO_FREE char *text = xstrdup("");

	for (int i = 0; i < FINDING_EVIDENCE_MAX && rule->evidence[i]; i++) {
		char *longer =
			xasprintf("%s%s`%s`", text, i ? ", " : "", rule->evidence[i]);

		free(text);
		text = longer;
	}
	print_cell(to, text);
}

static void print_share(FILE *to, const struct rule *rule)
{
	if (rule->share > 0)
		fprintf(to, " %.1f %% |", rule->share);
	else
		print_cell(to, rule->share < 0 ? "none" : "");
}

static char *page_table(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	CHECK(to != NULL);
	fputs("\n| id | severity | component | condition | evidence | what to do | "
	      "source | share |\n"
	      "|---|---|---|---|---|---|---|---|\n",
	      to);
	for (int t = 0; rule_tables[t]; t++) {
		for (const struct rule *rule = rule_tables[t]; rule->id; rule++) {
			fprintf(to, "| `%s` | %s |", rule->id,
				severity_names[rule->severity]);
			print_cell(to, rule->type ? rule->type : "any");
			print_cell(to, rule->condition);
			print_evidence(to, rule);
			print_cell(to, rule->resolution);
			print_cell(to, rule->source);
			print_share(to, rule);
			fputs("\n", to);
		}
	}
	CHECK_INT(fclose(to), 0);
	return text;
}

static void test_page(void)
{
	static char page[PAGE_MAX];
	AUTO_FREE char *table = page_table();
	FILE *file = fopen(PAGE, "re");
	char *begin;
	size_t len;

	if (!file)
		tap_skip("%s is not here: run it in the source's top folder", PAGE);
	len = fread(page, 1, sizeof(page) - 1, file);
	page[len] = '\0';
	CHECK_INT(fclose(file), 0);
	begin = strstr(page, PAGE_BEGIN);
	CHECK(begin != NULL);
	begin += strlen(PAGE_BEGIN);
	if (getenv("ACCEPT")) {
		*begin = '\0';
		file = fopen(PAGE, "we");
		CHECK(file != NULL);
		fprintf(file, "%s%s", page, table);
		CHECK_INT(fclose(file), 0);
	} else if (strcmp(begin, table) != 0) {
		tap_fail(__FILE__, __LINE__, "%s is not what the rules say: ACCEPT=1 %s",
			 PAGE,
			 "build/tests/unit/findings_page.t, and read the difference");
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "doc/findings.md has the rules as they are", test_page, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
