#!/bin/sh
# The flat list of firmware versions of the machines in tests/fixtures; NAME/firmware.txt is
# what it should be. ACCEPT=1 writes it anew.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
fixtures=${FIXTURES:-$here/../fixtures}
bee=${BEE:-${B:-$here/../../build}/bee}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

if [ ! -x "$bee" ] || ! command -v jq >/dev/null; then
	skip "firmware versions are the golden ones" "needs $bee (make) and jq"
	tap_end
fi

for folder in "$fixtures"/*/; do
	folder=${folder%/}
	name=${folder##*/}
	case $name in report | show) continue ;; esac # what they hold are documents
	"$bee" audit -q --policy-dir "$here/../../policy" --replay "$folder" -o "$made/document" 2>/dev/null
	jq -r '.firmware_inventory[] | [.class, .manufacturer, .model, .version, .release_date, .key] |
		map(. // "-") | join(" | ")' "$made/document" >"$made/text"
	[ -n "$ACCEPT" ] && cp "$made/text" "$folder/firmware.txt"
	is "$(cat "$made/text")" "$(cat "$folder/firmware.txt")" "$name: the versions are the golden ones"
	# The record an entry names has that version there, in itself or in a list.
	is "$(jq -r '. as $d | .firmware_inventory[] | .component as $c | .property as $p | .version as $v |
		($d | getpath($c.type | split("."))) |
		(if type == "array" then .[] | select(.key == $c.key) else . end) | .[$p] |
		if type == "array" then map(.version? // .) else [.] end | map(tostring) |
		select(index($v) | not) | $v' "$made/document"; echo $?)" 0 "$name: each is where its key says"
done
tap_end
