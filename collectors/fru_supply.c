/* Finds the power supplies among the FRUs, by what they call themselves. */
#include "fru.h"

#include <string.h>

/* Words that name a power supply, in lower case; digits end a word ("PSU1"). */
static const char *const supply_words[] = {
	"psu", "psus", "pws", "dps", "pwrsupply", "powersupply", "powersup", "pwrsup",
};
/* With one of these it is what supplies are plugged into. */
static const char *const other_words[] = {
	"backplane", "bp", "pdb", "distribution", "cage", "midplane", "interposer", "bay",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the next run of letters off `text`, in lower case; false at the end. */
static bool word_take(struct span *text, char *word, size_t size)
{
	size_t n = 0;

	while (text->len > 0 && !is_letter(text->at[0])) {
		text->at++;
		text->len--;
	}
	while (text->len > 0 && is_letter(text->at[0])) {
		if (n < size - 1)
			word[n++] = (char)(text->at[0] | 0x20);
		text->at++;
		text->len--;
	}
	word[n] = '\0';
	return n > 0;
}

static bool in_table(const char *word, const char *const *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, table[i]))
			return true;
	return false;
}

/* "PS1", "PS 1", "PS_1", "PS#1": PS alone means too many things. */
static bool digit_follows(struct span rest)
{
	if (rest.len > 0 && strchr(" _#-", rest.at[0]) && rest.at[0] != '\0') {
		rest.at++;
		rest.len--;
	}
	return rest.len > 0 && rest.at[0] >= '0' && rest.at[0] <= '9';
}

/* NAMES_OTHER outweighs NAMES_SUPPLY. */
enum name { NAMES_NOTHING, NAMES_SUPPLY, NAMES_OTHER };

static enum name name_of(struct span text)
{
	char word[24], before[24] = "";
	bool yes = false;

	while (word_take(&text, word, sizeof(word))) {
		if (in_table(word, other_words, ARRAY_LEN(other_words)))
			return NAMES_OTHER;
		if (in_table(word, supply_words, ARRAY_LEN(supply_words)) ||
		    (!strcmp(word, "ps") && digit_follows(text)) ||
		    (!strcmp(word, "supply") &&
		     (!strcmp(before, "power") || !strcmp(before, "pwr"))))
			yes = true;
		memcpy(before, word, sizeof(before));
	}
	return yes ? NAMES_SUPPLY : NAMES_NOTHING;
}

bool fru_is_power_supply(const struct fru *fru)
{
	enum name described = name_of(fru->description);

	if (fru->is_supply && described != NAMES_OTHER)
		return true;
	return described == NAMES_SUPPLY ||
	       name_of(fru->field[FRU_PRODUCT_NAME]) == NAMES_SUPPLY ||
	       name_of(fru->field[FRU_BOARD_PRODUCT]) == NAMES_SUPPLY;
}

void fru_put_state(const struct fru *fru, json_t *props)
{
	struct span rest = fru->missing;
	json_t *state = json_null();

	/* IPMI 2.0, table 5-2: CBh is "not present"; other codes do not say that. */
	if (fru->absent || text_ends(rest, "not found)") ||
	    text_ends(rest, "not present)"))
		state = json_string("Absent");
	else if (fru->content)
		state = json_string("Enabled");
	json_put(props, "state", state);
}

/* The product area speaks of the device as sold, the board area of the part in it. */
static void put_either(const struct fru *fru, json_t *props, const char *key,
		       enum fru_field product, enum fru_field board,
		       enum placeholder_kind kind)
{
	struct span value = fru->field[product];

	if (!value.at || placeholder_is(value.at, value.len, kind))
		if (fru->field[board].at)
			value = fru->field[board];
	if (value.at)
		placeholder_put(props, key, value.at, value.len, kind);
}

json_t *fru_power_supply(const struct fru *fru)
{
	json_t *props = json_object();

	collect_span(props, "name", fru->description);
	json_put(props, "fru_id", json_integer(fru->id));
	put_either(fru, props, "manufacturer", FRU_PRODUCT_MAKER, FRU_BOARD_MAKER,
		   PLACEHOLDER_WORDS);
	put_either(fru, props, "model", FRU_PRODUCT_NAME, FRU_BOARD_PRODUCT,
		   PLACEHOLDER_WORDS);
	put_either(fru, props, "part_number", FRU_PRODUCT_PART, FRU_BOARD_PART,
		   PLACEHOLDER_IDENTITY);
	put_either(fru, props, "serial_number", FRU_PRODUCT_SERIAL, FRU_BOARD_SERIAL,
		   PLACEHOLDER_IDENTITY);
	put_either(fru, props, "version", FRU_PRODUCT_VERSION, FRU_PRODUCT_VERSION,
		   PLACEHOLDER_WORDS);
	if (fru->capacity_watts > 0)
		json_put(props, "power_capacity_watts",
			 collect_integer(fru->capacity_watts));
	if (fru->supply)
		(void)json_object_update(props, fru->supply);
	fru_put_state(fru, props);
	return props;
}
