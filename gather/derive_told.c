/* What somebody asks of one record without a look elsewhere: how worn a drive is, and what the jobs
 * that asked this very device could not tell, and why. */
#include "derive.h"

#include "record.h"
#include "rules.h"
#include "verdict.h"

#include <string.h>

/* A collector that was taken over may write any number. */
static json_t *wear_of(const json_t *left)
{
	json_int_t value = json_integer_value(left);

	return json_is_integer(left) && value >= 0 && value <= 100
		       ? json_integer(100 - value)
		       : json_null();
}

void derive_wear(json_t *document)
{
	static const char *const lists[] = { "drives", "others" };
	const json_t *storage = json_object_get(document, "storage");

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		json_t *drive;
		size_t i;

		json_array_foreach(json_object_get(storage, lists[l]), i, drive)
		{
			json_t *left = json_object_get(
				drive, "predicted_media_life_left_percent");

			/* Records live on when the document is built again without some. */
			(void)json_object_del(drive, "wear_percent");
			if (left)
				json_put(drive, "wear_percent", wear_of(left));
		}
	}
}

/* Records whose job failed know what they would have told; a device that is not there is no loss. */
static bool told_nothing(enum job_status status)
{
	return status != JOB_OK && status != JOB_ABSENT;
}

/* {DEVICE: [{job, status, reason}]} of the jobs that may tell of a type; NULL: of none. */
static json_t *reasons_of(const struct gather *gather, const struct verdict *verdicts,
			  uint64_t types)
{
	json_t *all = NULL;

	for (unsigned n = 0; n < gather->job_count; n++) {
		unsigned i = gather->sorted ? gather->sorted[n] : n;
		const struct gathered *job = &gather->jobs[i];
		const char *at = strchr(job->name, '@');
		json_t *here, *entry;

		if (!at || !told_nothing(verdicts[i].status) ||
		    !(gather->policies[job->policy].emits & types))
			continue;
		if (!all)
			all = json_object();
		here = json_object_get(all, at + 1);
		if (!here) {
			here = json_array();
			json_put(all, at + 1, here);
		}
		entry = json_object();
		json_put(entry, "job", json_string(job->name));
		json_put(entry, "status",
			 json_string(job_status_names[verdicts[i].status]));
		json_put(entry, "reason",
			 *verdicts[i].reason ? json_text(verdicts[i].reason,
							 strlen(verdicts[i].reason), NULL)
					     : json_null());
		json_push(here, entry);
	}
	return all;
}

void derive_unlearned(json_t *document, const struct gather *gather,
		      const struct verdict *verdicts)
{
	int drives = record_type_find("storage.drives");

	for (int type = 0; record_types[type].name; type++) {
		const struct record_type *t = &record_types[type];
		json_t *parent =
			t->group ? json_object_get(document, t->group) : document;
		uint64_t types = UINT64_C(1) << type;
		AUTO_JSON json_t *reasons = NULL;
		json_t *record;
		size_t i;

		if (!t->list)
			continue;
		/* Drives of others were drives when they were asked. */
		if (!strcmp(t->name, "storage.others"))
			types |= UINT64_C(1) << drives;
		reasons = reasons_of(gather, verdicts, types);
		json_array_foreach(json_object_get(parent, t->member), i, record)
		{
			const char *key = rule_text(record, "key");
			json_t *here = key ? json_object_get(reasons, key) : NULL;

			(void)json_object_del(record, "not_learned");
			if (here)
				json_put(record, "not_learned", json_incref(here));
		}
	}
}
