#!/bin/sh
# Each property the schema knows has its source in the pages.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
doc=$here/../../doc

# Words in backquotes or in a list in braces; a table's `reading_celsius`, `_volts` stands for reading_volts too.
# shellcheck disable=SC2016
told=$(
	grep -oE '`[a-z0-9_]+' "$doc/fields.md" | tr -d '`' | sed -E 's/^_/reading_/'
	grep -oE '\{[^}]*\}' "$doc/fields.md" | grep -oE '[a-z][a-z0-9_]+'
	grep -oE '[A-Za-z][A-Za-z0-9_]+' "$doc/man/bee-audit.json.5"
)
properties=$(jq -r '[.. | objects | .properties? | objects | keys[]] | unique[]' \
	"$doc/schema/bee-audit-1.json")
is "$([ "$(echo "$properties" | wc -l)" -gt 100 ]; echo $?)" 0 "the schema's properties are found"
is "$(echo "$properties" | while read -r name; do
	echo "$told" | grep -qx "$name" || echo "$name"
done)" "" "each of them is in doc/fields.md or bee-audit.json(5)"
tap_end
