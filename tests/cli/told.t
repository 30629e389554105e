#!/bin/sh
# What a record says by itself, so that a jq line needs no look elsewhere: wear, and what could not be learned.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
fixtures=${FIXTURES:-$here/../fixtures}
B=${B:-$here/../../build}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
[ -x "$B/bee-audit" ] || { echo "1..0 # SKIP $B/bee-audit is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }

cp -r "$fixtures/rack-server" "$made/capture"
# smartctl could not open the device (smartctl(8), bit 1), and one job said what nobody understands.
: >"$made/capture/storage/smart@sda/stdout"
echo 2 >"$made/capture/storage/smart@sda/status"
rm -r "$made/capture/storage/smart@sdb"
printf 'no such words\n' >"$made/capture/network/ethtool@eno1/stdout"
"$B/bee" audit --replay "$made/capture" --with identity >"$made/document.json" 2>/dev/null
ask() { jq -c "$1" "$made/document.json"; }

is "$(ask '[.storage.drives[] | select(.predicted_media_life_left_percent) | .predicted_media_life_left_percent + .wear_percent] | unique')" "[100]" \
	"a drive's wear is what is not left of its life"
is "$(ask '[.storage.drives[] | select(has("predicted_media_life_left_percent") | not) | has("wear_percent")] | unique')" "[false]" "and is there where that is"
is "$(ask '.storage.drives[] | select(.key == "sda") | .not_learned | map([.job, .status])')" '[["storage/smart@sda","failed"]]' "a drive knows the job that could not ask it"
is "$(ask '(.collectors[] | select(.job == "storage/smart@sda").reason) == (.storage.drives[] | select(.key == "sda").not_learned[0].reason)')" true "with its reason"
is "$(ask '[.network.interfaces[] | select(.not_learned).key, .not_learned[]?.job]')" '["eno1","network/ethtool@eno1"]' "so does a card, and no other"
is "$(ask '[.storage.drives[] | select(.not_learned) | .key] | sort')" '["sda"]' "a drive whose jobs did well says nothing"
is "$(ask '[.. | objects | .not_learned? // empty | .[] | .job] - [.collectors[] | select(.status != "ok" and .status != "absent").job]')" '[]' "only jobs that are not ok are named"
is "$("$B/bee-show" nvlinks -r --noheadings -o ACTIVE,LINKS,GB/S,DOWN "$made/document.json")" "12 12 2400 " "bee show nvlinks adds up what is active"
cat >"$made/boot.json" <<-'END'
	{"schema_version": "1.0", "gpu_links": [{"key": "GPU-1", "links": [{"number": 0, "active": true, "speed_gbps": 200}, {"number": 1, "active": false},
	{"active": true, "speed_gbps": 1e308}, {"active": true, "speed_gbps": 1e308}, 7]}, 5, {"links": 3}],
	"firmware": {"boot_order": ["Boot0002", 7, "Boot0001"], "boot_current": "Boot0001", "boot_next": "Boot0009", "boot_options": [
	{"boot_option_reference": "Boot0009", "display_name": "Shell"}, {"boot_option_reference": "Boot0001", "display_name": "debian"},
	{"boot_option_reference": "Boot0002", "display_name": "\u001b[31mnet"}, "Boot0003", {}]}}
END
is "$("$B/bee-show" boot -r --noheadings -o ORDER,OPTION,IS,NAME "$made/boot.json")" '1 Boot0002  \x5cx1b[31mnet
3 Boot0001 now debian
 Boot0009 next Shell
   ' "bee show boot has the firmware's order, then the rest"
is "$("$B/bee-show" nvlinks -r --noheadings -o GPU,GB/S,DOWN "$made/boot.json")" "GPU-1  1
  " "what is no list is none, and no sum is endless"
is "$("$B/bee-show" drives -r --noheadings -o NAME,WEAR,UNLEARNED "$made/document.json" | sed -n '/^sd[ac]/p' | cut -c 1-30)" 'sda  job:\x20storage/smart@sda
sdc 13% ' "and bee show has both"
tap_end
