#!/bin/sh
# bee show on documents of healthy, sick, stuck and hostile machines, against golden tables.
#
# The documents are those of report.t; tests/fixtures/show/NAME.txt has each section at 80 columns.
# ACCEPT=1 writes them anew.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}
B=${B:-$here/../../build}
show=$B/bee-show
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM NO_COLOR

[ -x "$show" ] || { echo "1..0 # SKIP $show is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
document=$fixtures/report/server.json

# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	LANG=C.UTF-8 "$show" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}
# wider COLUMNS FILE: lines of it that take more.
wider() {
	LC_ALL=C.UTF-8 awk -v most="$1" 'length($0) > most' "$2" | head -n 3
}

try --help
is "$status $(sed -n 3p "$made/out" | cut -c 1-11)" "0   bee show " "help begins with examples"
sections=$(sed -n '/^Sections:/,$s/^  \([a-z][a-z]*\) .*/\1/p' "$made/out")
is "$(echo "$sections" | wc -l)" 18 "and names each section"

for name in server sick stuck hostile; do
	for section in '' $sections; do
		echo "== bee show $section"
		# shellcheck disable=SC2086
		LANG=C.UTF-8 "$show" -w 80 $section "$fixtures/report/$name.json" 2>&1 || echo "exit $?"
	done >"$made/$name.txt"
	[ -n "$ACCEPT" ] && cp "$made/$name.txt" "$fixtures/show/$name.txt"
	is "$(cat "$made/$name.txt")" "$(cat "$fixtures/show/$name.txt")" "$name: the tables are the golden ones"
	is "$(wider 80 "$made/$name.txt")" "" "$name: no line is wider than 80 columns"
done

# What a terminal would obey, or draw in another place, comes from no document.
marks=$(printf '\342\200\256|\342\200\255|\342\201\246|\302\233')
cat >"$made/evil.json" <<-'END'
	{"schema_version":"1.0","storage":{"drives":[{"key":"sda","model":"\u001b[31mred\u001b]8;;http://x/\u0007go\u001b\\",
	"serial_number":"a\nb\tc\u009b1m\u202eevil\u2066","health_rollup":"Critical\u001b[2J","capacity_bytes":{"a":[1,null,"\u0000"]}},
	{"key":["x"],"model":7},5,"text",null,{"key":"</script><b a=\"'>"}]},
	"pcie":{"devices":[{"key":"a","upstream_port":"b"},{"key":"b","upstream_port":"a"},{"key":"c","upstream_port":"c"},
	{"key":"d","upstream_port":"a","link_speed_gtps":"x"},{"key":"d"}]},
	"findings":[{"component":7,"message":["\u001b"],"severity":true}],"collectors":[[],{"status":"stuck","stuck":[1]}]}
END
long=$(printf '%010000d' 0 | tr 0 n)
jq --arg long "$long" '.storage.drives += [{key: $long, model: ($long + " x"), serial_number: $long}] |
	.findings += [{severity: "OK", message: $long, resolution: ("a " * 4000)}]' "$made/evil.json" >"$made/long.json"
python3 "$here/big_machine.py" >"$made/big.json" 2>/dev/null
for size in 80 40 200; do
	for section in '' $sections; do
		for lang in C C.UTF-8; do
			# shellcheck disable=SC2086
			LANG=$lang "$show" -w $size $section "$made/long.json" 2>/dev/null || echo "exit $?"
			# shellcheck disable=SC2086
			LANG=$lang "$show" -w $size $section "$fixtures/report/hostile.json" 2>/dev/null || echo "exit $?"
			[ -s "$made/big.json" ] || continue
			# shellcheck disable=SC2086
			LANG=$lang "$show" -w $size $section "$made/big.json" 2>/dev/null || echo "exit $?"
		done
	done >"$made/out"
	is "$(wider $size "$made/out")" "" "hostile strings and a large server fit $size columns"
	is "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <"$made/out" | od -c | head -n 2)" \
		"$(printf '' | od -c)" "and hold no control character at $size"
	is "$(grep -E "$marks|^exit" "$made/out")" "" "nor a mark of C1 or of direction at $size"
done
LANG=C "$show" drives "$made/evil.json" >"$made/out"
is "$(LC_ALL=C tr -d '\n -~' <"$made/out")" "" "without a UTF-8 locale everything is ASCII"
is "$(sed -n 2p "$made/out" | grep -o '^sda .*red')" "$(sed -n 2p "$made/out" | grep -o '^sda .*\\x1b\[31mred')" \
	"an escape character is written as its number"

try drives --json "$made/long.json"
is "$(jq -c '.drives | length, (map(.name | strings | length) | max)' "$made/out" | xargs)" "4 10000" "JSON cuts nothing"
is "$(LC_ALL=C tr -d '\n -~' <"$made/out")" "" "and is ASCII"
try drives --raw -o name,model "$made/long.json"
is "$(grep nnnnn "$made/out" | wc -c)" 20007 "neither does --raw"
try pcie "$made/evil.json"
is "$status $(grep -c . "$made/out")" "0 6" "loops in the tree end, and every row is there"

# A tree and columns.
try pcie -o address,class "$fixtures/show/tree.json"
is "$(cat "$made/out")" "$(cat "$fixtures/show/tree.txt")" "functions stand below their bridges"
LANG=C "$show" pcie -o address,class "$fixtures/show/tree.json" >"$made/out"
is "$(sed -n 3p "$made/out" | cut -c 1-14)" '`-0000:01:00.0' "in ASCII, too"
try drives -o name,serial "$document"
is "$(head -n 1 "$made/out" | xargs)" "NAME SERIAL" "-o names the columns"
try drives -o +key -n "$document"
is "$(awk '{print $NF}' "$made/out" | head -n 1)" "$(jq -r '.storage.drives[0].key' "$document")" "-o + adds one"
try drives -o NAME,size -b -r -n "$document"
is "$(cat "$made/out")" "$(jq -r '.storage.drives[] | "\(.key) \(.capacity_bytes)"' "$document")" \
	"-b -r -n are words for a script"
try drives -o name,health_rollup -r -n "$document"
is "$(cat "$made/out")" "$(jq -r '.storage.drives[] | "\(.key) \(.health_rollup)"' "$document")" \
	"a property of the records is a column, too"
try drives -o name,sreial "$document"
is "$status" 64 "a column that nothing has is a mistake"
try drives -o 'a b;' "$document"
is "$status" 64 "so is a word that can be none"
jq -n '{schema_version: "1.0", sensors: [{key: "ipmi/0x53", name: "FAN1"}], memory: {edac: [{key: "mc0/rank2"}]}, findings:
	([["sensors", "ipmi/0x53"], ["memory.edac", "mc0/rank2"], ["kernel.events", "dmesg-erst-1:kernel-panic"], ["event_log", null], ["new.kind", "x"]] |
	map({component: {type: .[0], key: .[1]}, severity: "Warning", message: "m"}))}' >"$made/things.json"
try findings -o part -n "$made/things.json"
is "$(paste -sd, "$made/out")" "sensor FAN1,memory mc0/rank2,kernel,BMC's log,new.kind x" "a finding's subject has an operator's name, also where it is no part"
# sd_format_disk_name() of drivers/scsi/sd.c: after sdz comes sdaa.
jq -n '{schema_version: "1.0", storage: {drives: ["nvme0","nvme10","nvme2","sda","sdaa","sdb","sdz"] | map({key: .})}}' >"$made/many.json"
try drives -o name -r -n "$made/many.json"
is "$(xargs <"$made/out")" "nvme0 nvme2 nvme10 sda sdb sdz sdaa" "drives come as the kernel counts them"
try drives --json -o name,size "$document"
is "$(jq -c .drives "$made/out")" "$(jq -c '[.storage.drives[] | {name: .key, size: .capacity_bytes}]' "$document")" \
	"JSON has the document's values"
try sensors --json "$document"
is "$status $(jq -c . "$made/out")" '0 {"sensors":[]}' "JSON of nothing is an empty list"

# Where there is nothing, it is said whether anybody looked.
echo '{"schema_version":"1.0","storage":{"drives":[]}}' >"$made/none.json"
try drives "$made/none.json"
is "$status $(cat "$made/out" "$made/err")" "0 bee-show: drives: none" "no drive is none"
try gpus "$made/none.json"
is "$status $(cut -c 1-29 "$made/err")" "0 bee-show: gpus: not collected" "not looked at is something else"
for size in 12 1; do
	try drives -w $size "$document"
	is "$status" 0 "a screen of $size columns is no trouble"
done

# Colours are for terminals.
try drives "$document"
is "$(grep -c "$(printf '\033')" "$made/out")" 0 "there are no colours in a pipe"
if command -v script >/dev/null; then
	for no in '' 1; do
		TERM=xterm NO_COLOR=$no LANG=C.UTF-8 script -qec "$show drives -w 80 $fixtures/report/sick.json" /dev/null \
			</dev/null >"$made/tty$no" 2>&1
	done
	is "$(grep -c "$(printf '\033\[31m')Critical" "$made/tty")" \
		"$(jq '[.storage.drives[] | select(.health_rollup == "Critical")] | length' "$fixtures/report/sick.json")" \
		"on a terminal what is Critical is red"
	is "$(grep -c "$(printf '\033')" "$made/tty1")" 0 "NO_COLOR is heeded"
else
	skip "on a terminal what is Critical is red" "script is not there"
fi

# Mistakes, and what they say.
try nonsense "$document"
is "$status" 64 "an unknown section is a mistake"
try drives "$document" "$document"
is "$status" 64 "so are two documents"
try drives "$made/nowhere.json"
is "$status $(cat "$made/err")" "74 bee-show: $made/nowhere.json: No such file or directory" "a file that is not there is named"
echo '[]' >"$made/bad.json"
try drives "$made/bad.json"
is "$status" 65 "another JSON text is refused"
"$show" drives - <"$document" >"$made/piped" 2>&1
"$show" drives "$document" >"$made/out"
is "$(cat "$made/piped")" "$(cat "$made/out")" "- is standard input"
if [ -w /dev/full ]; then
	"$show" drives "$document" >/dev/full 2>/dev/null
	is "$?" 74 "a full output is told by the exit status"
fi

confined "the filter is loaded before the first byte is read" "$show" drives
try --help
options_told "$made/out" "$here/../../doc/man/bee-show.1" "--help and bee-show(1) name the same options"
tap_end
