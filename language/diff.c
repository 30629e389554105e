/* What one policy grants that another does not, step by step. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

/* What is of the text alone, the file's or the step's. */
static bool is_text(const struct page_item *item)
{
	return !strcmp(item->label, "about") || !strcmp(item->label, "sha256");
}

static bool grants(const struct page_item *item)
{
	return !is_text(item) && strncmp(item->text, "none", 4) != 0;
}

static bool has_changed(const struct page_item *a, const struct page_item *b)
{
	return !is_text(a) && strcmp(a->text, b->text) != 0;
}

/* Whether `word` is one of an item's, of `len` bytes. */
static bool has_word(const struct page_item *item, const char *word, size_t len)
{
	for (const char *at = item->text; *at; at += strspn(at, " ")) {
		size_t own = strcspn(at, " ");

		if (own == len && !strncmp(at, word, len))
			return true;
		at += own;
	}
	return false;
}

/* Whether a page says this under that label: an item's text, or a word of a list. */
static bool has(const struct page *page, const struct page_item *item, const char *text,
		size_t len)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct page_item *own = &page->items[i];

		if (strcmp(own->label, item->label) != 0)
			continue;
		if (item->list && own->list ? has_word(own, text, len)
					    : !strcmp(own->text, item->text))
			return true;
	}
	return false;
}

struct difference {
	FILE *out;
	const char *step; /* printed before its first difference; NULL once it is */
	bool any;
	bool of_b; /* the later one is gone through */
};

static void tell(struct difference *diff, const char *what, const struct page_item *item,
		 const char *text)
{
	if (diff->step)
		(void)fprintf(diff->out, "%s%s\n", diff->any ? "\n" : "", diff->step);
	diff->step = NULL;
	diff->any = true;
	(void)fprintf(diff->out, "  %-7s %-13s %s%s%s\n", what, item->label, text,
		      item->reason ? " -- " : "", item->reason ? item->reason : "");
}

/* The words of a list that `other` has not. */
static void tell_words(struct difference *diff, const char *what,
		       const struct page_item *item, const struct page *other)
{
	struct page words = { .instance = "" };

	page_label(&words, item->label);
	for (const char *at = item->text; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (!has(other, item, at, len))
			page_say(&words, "%.*s", (int)len, at);
		at += len;
	}
	if (*words.items->text)
		tell(diff, what, item, words.items->text);
	page_done(&words);
}

/* The one item under a label, where there is just one and no list; else NULL. */
static const struct page_item *only(const struct page *page, const char *label)
{
	const struct page_item *found = NULL;

	for (size_t i = 0; i < page->count; i++)
		if (!strcmp(page->items[i].label, label)) {
			if (found || page->items[i].list)
				return NULL;
			found = &page->items[i];
		}
	return found;
}

/* The items of `page` that `other` has not. What is one thing in both is told once, of `b`. */
static void tell_missing(struct difference *diff, const char *what,
			 const struct page *page, const struct page *other)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct page_item *item = &page->items[i],
				       *before = only(other, item->label);

		if (item->list && grants(item)) {
			tell_words(diff, what, item, other);
		} else if (!item->list && before && only(page, item->label)) {
			AUTO_FREE char *text =
				xasprintf("%s; was: %s", item->text, before->text);

			if (diff->of_b && has_changed(item, before))
				tell(diff, "changes", item, text);
		} else if (!item->list && grants(item) && !has(other, item, NULL, 0)) {
			tell(diff, what, item, item->text);
		}
	}
}

static void diff_pages(struct difference *diff, const struct page *a,
		       const struct page *b)
{
	diff->of_b = true;
	tell_missing(diff, "gains", b, a);
	diff->of_b = false;
	tell_missing(diff, "loses", a, b);
}

static const struct step *step_named(const struct policy *policy, const char *name)
{
	unsigned i = policy_step(policy, name);

	return i < policy->step_count ? &policy->steps[i] : NULL;
}

/* A step that is new is compared with one that grants nothing. */
static void diff_step(struct difference *diff, const char *collector,
		      const struct step *a, const struct step *b)
{
	struct page pages[2] = { { .instance = NULL } };
	AUTO_FREE char *title =
		xasprintf("%s/%s%s", collector, b->name, a ? "" : ": a new step");

	if (a)
		policy_explain_page(a, NULL, &pages[0]);
	policy_explain_page(b, NULL, &pages[1]);
	diff->step = title;
	diff_pages(diff, &pages[0], &pages[1]);
	page_done(&pages[0]);
	page_done(&pages[1]);
}

bool policy_diff(const struct policy *a, const struct policy *b, FILE *out)
{
	struct difference diff = { .out = out, .step = b->collector };
	struct page pages[2] = { { .instance = NULL } };

	policy_explain_file(a, &pages[0]);
	policy_explain_file(b, &pages[1]);
	diff_pages(&diff, &pages[0], &pages[1]);
	page_done(&pages[0]);
	page_done(&pages[1]);
	for (unsigned i = 0; i < b->step_count; i++)
		diff_step(&diff, b->collector, step_named(a, b->steps[i].name),
			  &b->steps[i]);
	for (unsigned i = 0; i < a->step_count; i++)
		if (!step_named(b, a->steps[i].name)) {
			(void)fprintf(out, "%s%s/%s: a step no more\n",
				      diff.any ? "\n" : "", a->collector,
				      a->steps[i].name);
			diff.any = true;
		}
	return !diff.any;
}
