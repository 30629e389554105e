#!/bin/sh
# What is found about the machines in tests/fixtures; NAME/findings.txt is what should be.
# ACCEPT=1 writes it anew.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
fixtures=${FIXTURES:-$here/../fixtures}
bee=${BEE:-${B:-$here/../../build}/bee}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

if [ ! -x "$bee" ] || ! command -v jq >/dev/null; then
	skip "findings are the golden ones" "needs $bee (make) and jq"
	tap_end
fi

for folder in "$fixtures"/*/; do
	folder=${folder%/}
	name=${folder##*/}
	case $name in report | show) continue ;; esac # what they hold are documents
	"$bee" audit -q --policy-dir "$here/../../policy" --replay "$folder" -o "$made/document" 2>/dev/null
	jq -r '"rollup \(.health.rollup)", (.health.components | to_entries[] |
		"\(.key): \(.value | to_entries | map("\(.value) \(.key)") | join(", "))"),
		(.findings[] | "\(.severity) \(.id) \(.component.type) \(.component.key): \(.message)")' \
		"$made/document" >"$made/text"
	[ -n "$ACCEPT" ] && cp "$made/text" "$folder/findings.txt"
	is "$(cat "$made/text")" "$(cat "$folder/findings.txt")" "$name: the findings are the golden ones"
	is "$(jq -r '([.findings[].severity] | if index("Critical") then "Critical"
			elif index("Warning") then "Warning" else "" end) as $worst |
		if $worst == "" then (.health.rollup | IN("OK", "Unknown")) else .health.rollup == $worst end' \
		"$made/document")" true "$name: the rollup is the worst finding"
	is "$(jq -r '[.. | objects | select(has("src") and (.health | IN("Warning", "Critical"))) | .key // ""]
		- [.findings[] | select(.severity != "OK") | .component.key // ""] | join(" ")' \
		"$made/document")" "" "$name: whatever a source calls unwell has a finding"
done
tap_end
