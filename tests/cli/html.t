#!/bin/sh
# bee report --html: one page, in which nothing that a document says is more than text.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}/report
report=${B:-$here/../../build}/bee-report
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM

[ -x "$report" ] || { echo "1..0 # SKIP $report is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
python3 "$here/big_machine.py" >"$made/big.json"

# page DOCUMENT OPTION...: $made/page.html
page() {
	"$report" --html "$@" >"$made/page.html" 2>"$made/err" </dev/null
}
check() { python3 "$here/html_check.py" "$@"; }
count() { check --count "$made/page.html" "$1"; }
# text: what a reader of the page reads, on one line.
text() { check --text "$made/page.html" | tr '\n' ' ' | tr -s ' '; }

cat >"$made/evil.json" <<-'END'
	{"schema_version":"1.0","identity":{"manufacturer":"</title><script>alert(1)</script>","model":"<img src=x onerror=alert(1)>",
	"serial_number":"\" onmouseover=\"alert(1)' x='"},"health":{"rollup":"OK\"><script>"},
	"memory":{"modules":[{"key":"<b>","locator":"</li></ul><h1>","health_rollup":"x\" onclick=\"1","capacity_bytes":64,"state":"</td>"}]},
	"storage":{"drives":[{"key":"--><!--","model":"&lt;script&gt;","serial_number":"a\nb\tc\u0000\u001b[31m\u009b1m\u202eevil",
	"enclosure":"'\"<","health_rollup":"Critical"},7,null,[]]},"collectors":[{"job":"</text></svg><script>","status":"stuck","duration_ms":5,
	"started_ms":-7,"reason":"javascript:alert(1)","stuck":[{"comm":"<svg onload=1>","wchan":"&","stack":["</code>",5]}],
	"denied":[{"call":"</code><script>"}],"collector":"]]>","policy_sha256":"<style>*{}</style>"}],
	"pcie":{"devices":[{"key":"a","upstream_port":"b"},{"key":"b","upstream_port":"a"},{"key":"c","upstream_port":"c","model":"</ul>"}]},
	"findings":[{"severity":"Critical\" class=\"x","message":"</table>","resolution":"<a href=javascript:1>","id":"<","evidence":{"<k>":"<v>","\"":[1,{"</":null}]}}],
	"power_supplies":"text","gpus":[{"key":{}}],"network":{"interfaces":[{"key":"<"}]},"firmware_inventory":[[1],{"version":"<"}],
	"audit":{"timeout_ms":"x","duration_ms":-1,"version":"</dd>"}}
END
long=$(printf '%010000d' 0 | tr 0 '<')
jq --arg long "$long" '.identity.model = $long | .storage.drives[0].model = $long | .findings[0].message = $long | .collectors[0].job = $long' \
	"$made/evil.json" >"$made/long.json"
for document in "$fixtures"/*.json "$made/big.json" "$made/evil.json" "$made/long.json"; do
	name=$(basename "$document" .json)
	page "$document"
	is "$? $(cat "$made/err")" "0 " "$name: a page"
	is "$(check "$made/page.html")" good "$name: markup, policy and addresses are ours"
	is "$(LC_ALL=C tr -d '\n -~\200-\377' <"$made/page.html" | wc -c)" 0 "$name: no control character is in it"
done
ok "$(($(wc -c <"$made/page.html") > 60000))" "names of 10 KB are cut"
is "$(grep -c '… <small>(10000 bytes)\|&hellip; <small>(10000 bytes)' "$made/page.html")" 4 "with how long they were"
page "$made/evil.json"
is "$(count script) $(grep -c '<script' "$made/page.html")" "0 0" "a document cannot bring a script"
ok "$(text | grep -qF '</title><script>alert(1)</script> <img src=x onerror=alert(1)>'; echo $?)" "it is text, and all of it is there"
ok "$(text | grep -qF '</table> Do: <a href=javascript:1>'; echo $?)" "also in a finding"
ok "$(text | grep -qF '<k>: <v>'; echo $?)" "and in its evidence"

page "$fixtures/stuck.json"
is "$(text | grep -o 'Critical sd0, sd1, sd2' | wc -l) $(text | grep -o 'hangs in the kernel, in blk_execute_rq Do:' | wc -l)" "1 1" \
	"what is said of many parts is said once"
is "$(text | grep -o 'sd[0-9]* · drive-not-answering · job: storage/smart@sd[0-9]*' | sort -u | wc -l)" 120 "with the evidence of each"
ok "$(text | grep -q 'health Critical 120 Critical audit incomplete: 120 of 137 jobs, 3.2 s'; echo $?)" "the head says what the summary says"
page "$made/big.json"
size=$(wc -c <"$made/page.html")
ok $((size > 300000)) "a page of 96 modules and 60 drives is below 300 KB ($size bytes)"
is "$(count li.empty) $(count li.warn) $(count li.crit)" "1 2 1" "slots without a module, and what is ill, stand out"
is "$(count li.ok)" $((94 + 59 + 7 + 4)) "what is well has a place each: modules, drives, GPUs, supplies"
is "$(text | grep -o 'SHELF30 0x5000c50200000000 Slot 00: sda 22.0 TB EXHDD 22T Slot 01: sdb' | wc -l)" 1 "drives stand in their bays, in order"
is "$(text | grep -o ' P[1-4] P[1-4] CHANNEL A DIMM A0' | wc -l)" 4 "modules stand by their processors"
is "$(jq -r '.findings[] | .message, .resolution' "$made/big.json" | while IFS= read -r line; do text | grep -qF "$line" || echo "$line"; done)" "" \
	"each finding has its words and what to do"
ok "$(text | grep -qF 'drive-failing · reallocated_sector_count: 2048'; echo $?)" "and its evidence"
is "$(text | grep -o '0000:28:00.0 Root Port 32 GT/s x16 0000:29:00.0 EX100 80GB 32 GT/s x8 of 32 GT/s x16 Warning' | wc -l)" 1 \
	"PCI functions stand below their ports, with what their links run at"
is "$(count rect)" $((73 + 1)) "each job that ran has a bar, and the code its ground"
is "$(count rect.b-crit) $(count line.end)" "2 1" "those that hung stand out, and the deadline is drawn"
ok "$(text | grep -qF 'storcli64 (pid 4711) in blk_execute_rq blk_execute_rq < sg_io < scsi_ioctl'; echo $?)" "a process that hangs is told with its stack"
is "$(jq -r '[.. | objects | .serial_number? // empty | strings] | unique[]' "$made/big.json" | while IFS= read -r line; do
	grep -qF "$line" "$made/page.html" || echo "$line"
done)" "" "every serial number is there"
if command -v zbarimg >/dev/null; then
	check --pgm "$made/page.html" >"$made/code.pgm"
	read=$(zbarimg -q --raw -Sdisable -Sqrcode.enable "$made/code.pgm" 2>/dev/null)
	is "$("$report" --check-qr "$read" "$made/big.json" | cut -c 1-4)" "yes:" "the code is the document's"
else
	skip "the code is the document's" "zbarimg is not there"
fi
page --no-serials "$made/big.json"
is "$(jq -r 'del(.identity.sources) | [.. | objects | (.serial_number?, .wwn?, .uuid?, .permanent_mac_address?) // empty | strings] | unique[]' "$made/big.json" |
	grep -oFf - "$made/page.html" | head -n 3)" "" "--no-serials: none is, nor a WWN, a UUID or a MAC address"
page --no-qr "$made/big.json"
is "$(count svg.code)" 0 "--no-qr: no code"
# Documents before started_ms, and jobs that never were.
jq 'del(.collectors[].started_ms) | .collectors[0].duration_ms = 0' "$made/big.json" >"$made/old.json"
page "$made/old.json"
is "$(count rect)" $((72 + 1)) "what never ran has no bar; where a beginning is not told, it is at 0"

# The file is whole or the old one.
echo old >"$made/out.html"
echo '{"no": "document"}' >"$made/no.json"
"$report" --html -o "$made/out.html" "$made/no.json" 2>/dev/null
is "$? $(cat "$made/out.html") $(find "$made" -name '.out*')" "65 old " "where there is no document the old page stays, and nothing else"
(umask 022 && "$report" --html -o "$made/out.html" "$made/big.json")
is "$? $(check "$made/out.html") $(stat -c %a "$made/out.html") $(find "$made" -name '.out*')" "0 good 640 " "else the new one is there, and not for everybody"
(umask 077 && "$report" --html -o "$made/own.html" "$made/big.json")
is "$? $(stat -c %a "$made/own.html")" "0 600" "the umask takes some of that"
"$report" --html -o "$made/no/where.html" "$made/big.json" 2>"$made/err"
is "$? $(cat "$made/err")" "73 bee-report: $made/no/: No such file or directory" "a folder that is not there is exit 73"
"$report" --html -o /dev/null "$made/big.json"
is $? 0 "a device is written as it is"
if [ -w /dev/full ]; then
	"$report" --html -o /dev/full "$made/big.json" 2>"$made/err"
	is "$? $(cat "$made/err")" "74 bee-report: /dev/full: No space left on device" "and a full one is told"
fi
# A browser's own word.
if command -v chromium >/dev/null && [ "$(id -u)" -eq 0 ]; then
	for name in big evil long; do
		page "$made/$name.json"
		cp "$made/page.html" "$made/$name.html"
		timeout 120 python3 "$here/html_browser.py" "$made/$name.html" "$made/picture" 390 844 >"$made/browser"
		is "$(sed 1d "$made/browser" | grep -v '^focus')" "without a name: none
wider than the window: False
said: nothing
asked for: nothing
dialogs: none" "$name in chromium, as wide as a phone: nothing is refused, asked for, nameless or beside the screen"
	done
	timeout 120 python3 "$here/html_browser.py" "$made/big.html" >"$made/browser"
	is "$(sed -n 's/^focus: //p' "$made/browser")" "a Findings, a Parts, a PCIe, a Jobs, a Lists, div Findings, div Network, figure Timeline, div What was not learned, div Firmware, div Serial numbers, div Policies" \
		"keys alone lead through its links, and to each place that can be scrolled"
else
	skip "in a browser" "no chromium, or not root"
fi
confined "the filter is loaded before the first byte is read" "$report" --html
tap_end
