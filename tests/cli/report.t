#!/bin/sh
# bee-report on documents of healthy, sick and hostile machines, against golden screens.
#
# tests/fixtures/report/NAME.json is a document, NAME.txt its screen of 80x25 without a code.
# ACCEPT=1 writes the screens anew. Decoding a code needs zbarimg (zbar-tools).
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}/report
report=${BEE_REPORT:-${B:-$here/../../build}/bee-report}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM

if [ ! -x "$report" ]; then
	skip "the screens are the golden ones" "$report is not there: make"
	tap_end
fi

utf8() {
	LANG=C.UTF-8 "$report" "$@"
}

# fits COLUMNS LINES NAME: the output in $made/out stays on such a screen.
fits() {
	if ! command -v python3 >/dev/null; then
		skip "$3" "python3 is not there"
		return
	fi
	is "$(python3 "$here/report_screen.py" "$1" "$2" <"$made/out")" "fits" "$3"
}

# decode [--ascii]: the text of the code in $made/out.
decode() {
	python3 "$here/report_screen.py" --pgm "$@" <"$made/out" >"$made/code.pgm" &&
		zbarimg -q --raw -Sdisable -Sqrcode.enable "$made/code.pgm" 2>/dev/null
}

short="PowerEdge R640 SN 7XK2M13 CPU 2 DIMM 12 384G DRV 8 64T PCI 26 PSU 2 BAD 0/17"
long="Dell Inc. PowerEdge R640 SN 7XK2M13 CPU 2 DIMM 12 384G DRV 8 64T PCI 26 PSU 2 BAD 0/17"

for document in "$fixtures"/*.json; do
	name=$(basename "$document" .json)
	utf8 --no-qr --columns 80 --lines 25 --path /var/log/bee-audit.json <"$document" \
		>"$made/out" 2>"$made/err"
	is "$?" 0 "$name: exit status"
	is "$(cat "$made/err")" "" "$name: nothing on stderr"
	[ -n "$ACCEPT" ] && cp "$made/out" "$fixtures/$name.txt"
	is "$(cat "$made/out")" "$(cat "$fixtures/$name.txt")" "$name: the summary is the golden one"
	whole=$(sha256sum <"$document" | cut -c 1-64)
	digest=$(echo "$whole" | cut -c 1-16)
	ok "$(grep -q "^sha256  $digest\$" "$made/out"; echo $?)" \
		"$name: the summary has the document's SHA-256"

	for size in "80 25" "40 12" "200 60"; do
		utf8 --columns "${size% *}" --lines "${size#* }" --path /var/log/bee-audit.json \
			--exit-note "exit 3" <"$document" >"$made/out"
		fits "${size% *}" "${size#* }" "$name: the summary fits ${size% *}x${size#* }"
	done
	utf8 --columns 80 --lines 25 --path /var/log/bee-audit.json --exit-note "exit 3" \
		<"$document" >"$made/out"
	fits 80 25 "$name: summary and code fit 80x25"
	if command -v zbarimg >/dev/null && command -v python3 >/dev/null; then
		text=$(decode)
		is "${text##* }" "$digest" "$name: a phone reads the document's SHA-256"
		case $name in
		server) is "$text" "$short OK $digest" \
			"$name: a phone reads identity, counts and health" ;;
		esac
		utf8 --columns 200 --lines 90 --ascii <"$document" >"$made/out"
		text=$(decode --ascii)
		case $name in
		server) is "$text" "$long OK $(echo "$whole" | cut -c 1-32)" "$name: and more where there is room" ;;
		esac
		is "$(echo "${text##* }" | cut -c 1-16)" "$digest" "$name: the code in ASCII has it too"
		"$report" --check-qr "$text" "$document" >"$made/out"
		is "$? $(cut -c 1-4 "$made/out")" "0 yes:" "$name: what a phone has read is this document's"
	else
		skip "$name: a phone reads the code" "zbarimg or python3 is not there"
	fi
done

for size in "40 12" "40 24" "76 18" "80 24" "80 25" "84 25" "100 30" "132 43" "240 67" "40 40" "76 17" "20 10" "1 1"; do
	columns=${size% *} lines=${size#* }
	for name in server hostile stuck; do
		utf8 --columns "$columns" --lines "$lines" --path /x/y --color \
			<"$fixtures/$name.json" >"$made/out"
		is "$?" 0 "$name on $columns x $lines is printed"
		[ "$lines" -lt 2 ] && continue
		fits "$columns" "$lines" "$name fits $columns x $lines"
	done
done

"$report" --columns 80 --lines 25 <"$fixtures/hostile.json" >"$made/out"
is "$(LC_ALL=C tr -d ' -~\n' <"$made/out")" "" "without a UTF-8 locale everything is ASCII"
ok "$(grep -q '^(no QR code: too small, or no UTF-8)$' "$made/out"; echo $?)" \
	"a code that does not fit is left out with a word"
utf8 --columns 40 --lines 12 <"$fixtures/server.json" >"$made/out"
ok "$(grep -q '^(no QR code: too small a screen)$' "$made/out"; echo $?)" "unless the screen is too small for any"
utf8 <"$fixtures/server.json" >"$made/out"
ok "$(grep -q 'no QR code: not a terminal' "$made/out"; echo $?)" \
	"without a terminal the code is left out with a word"
# How one gets into the machine: no part of it may be lost, whatever room there is.
note="ssh: 192.168.100.100 192.168.100.101, password abcdefghijkm"
utf8 --columns 80 --lines 25 --exit-note "$note" <"$fixtures/server.json" >"$made/out"
is "$(sed -n '/^ssh/,$s/ *[█▀▄].*//p' "$made/out" | xargs)" "$note" "a long note takes two lines"
fits 80 25 "and the whole still has a place on 80x25"
utf8 --columns 80 --lines 25 --exit-note "$(printf '%0100d' 0)" <"$fixtures/server.json" >"$made/out"
is "$(grep -o '^0*' "$made/out" | tr -d '\n')" "$(printf '%0100d' 0)" "so does a long word"
utf8 --exit-note "$(printf 'a\033[31mb')" <"$fixtures/server.json" >"$made/out"
ok "$(grep -q '^a?\[31mb$' "$made/out"; echo $?)" "the note is escaped too"

printf '{"schema_version":"1.0","a":"\033[31m' | "$report" >"$made/out" 2>"$made/err"
is "$?" 65 "half a document is refused"
is "$(LC_ALL=C tr -d ' -~\n' <"$made/err")" "" "and not quoted raw"
printf '[]' | "$report" >/dev/null 2>&1
is "$?" 65 "another JSON text is refused"

# reads NAME STATUS: whether the document in $made/in is taken.
reads() {
	"$report" <"$made/in" >"$made/out" 2>"$made/err"
	is "$?" "$2" "$1"
}
# deep LEVELS: a document with so many objects and arrays inside each other.
deep() {
	printf '{"schema_version":"1.0","x":%s%s}' "$(printf '%*s' $(($1 - 1)) '' | tr ' ' '[')" \
		"$(printf '%*s' $(($1 - 1)) '' | tr ' ' ']')"
}
deep 64 >"$made/in"
reads "a document may be nested 64 levels deep" 0
deep 65 >"$made/in"
reads "and no deeper" 65
echo '{"schema_version":"1.0","identity":{"model":"a","model":"b"}}' >"$made/in"
reads "a document with a key twice is refused" 65
echo '{"schema_version":"1.0"} {}' >"$made/in"
reads "a document with something behind it is refused" 65
echo '{"schema_version":"1.0","identity":{"model":"a"},"audit":{"duration_ms":99999999999999999999}}' \
	>"$made/in"
reads "a number that no program holds is no trouble" 0
printf '{"schema_version":"1.0","identity":{"model":"a\377\\u001b[31m"}}' >"$made/in"
reads "bytes that are no text are no trouble" 0
is "$(LC_ALL=C tr -d '\n -~' <"$made/out" | wc -c)" 0 "and none of them is printed"
{
	printf '{"schema_version":"1.0","x":[0'
	head -c 600000 /dev/zero | sed 's/\x0\x0/,0/g'
	printf ']}'
} >"$made/in"
reads "a document of 300,000 values is read" 0
printf '{"schema_version":"1.0"}' | "$report" --columns 0 >/dev/null 2>&1
is "$?" 64 "a screen without columns is a mistake of usage"
utf8 <"$fixtures/server.json" >"$made/piped"
utf8 "$fixtures/server.json" </dev/null >"$made/out" 2>"$made/err"
is "$? $(cat "$made/out")" "0 $(sed "s,^sha256 ,file    $fixtures/server.json\n&," "$made/piped")" \
	"a document is read by its name, and named"
"$report" "$fixtures/server.json" "$fixtures/sick.json" </dev/null >/dev/null 2>&1
is "$?" 64 "two are a mistake of usage"
"$report" </dev/null >"$made/out" 2>"$made/err"
status=$?
if [ -e /var/log/bee-audit.json ]; then
	is $status 0 "where there is nothing to read from, it is the last audit"
else
	is "$status $(cat "$made/err")" "74 bee-report: there is no /var/log/bee-audit.json: run bee audit (root) first, or name a document" "where there is nothing to read from, it is the last audit"
fi
"$report" "$made/none.json" </dev/null >/dev/null 2>"$made/err"
is "$? $(cat "$made/err")" "74 bee-report: $made/none.json: No such file or directory" \
	"one that is not there is named"
"$report" --help >"$made/out"
is "$?" 0 "--help works"
if [ -w /dev/full ]; then
	"$report" <"$fixtures/server.json" >/dev/full 2>/dev/null
	is "$?" 74 "a full output is told by the exit status"
fi
confined "the filter is loaded before the first byte is read" "$report"
"$report" --help >"$made/out"
options_told "$made/out" "$here/../../doc/man/bee-report.1" "--help and bee-report(1) name the same options"

head -c 70000000 /dev/zero | "$report" >/dev/null 2>&1
is "$?" 65 "a document over 64 MiB is refused"
# What is information on most machines has no line unless somebody asks.
utf8 --no-qr --lines 60 <"$fixtures/server.json" >"$made/out"
ok "$(grep -q "found:" "$made/out"; echo $(($? != 1)))" "information has no line"
utf8 --no-qr --lines 60 --notes <"$fixtures/server.json" >"$made/out"
is "$(sed -n '/^found:/,/^CPU/p' "$made/out" | grep -c '^ [^ ]')" "$(jq '.findings | length' "$fixtures/server.json")" \
	"with --notes each finding has"

# What somebody has to know first is there whole, whatever the screen: each finding's words, and the
# parts that it is about, one after the other.
messages() { # FILE: those of findings that are no information
	jq -r '.findings[] | select(.severity != "OK") | .message' "$1" | sort -u
}
# told: the words on the screen, without the code and the lines' ends.
told() {
	sed 's/ *[█▀▄][█▀▄ ]*$//' "$made/out" | tr '\n' ' ' | tr -s ' '
}
python3 "$here/big_machine.py" >"$made/big.json"
if python3 -c 'import jsonschema' 2>/dev/null; then
	is "$("$here/../validate.py" "$made/big.json" 2>&1)" "" "the large server's document is one that bee audit could have written"
else
	skip "the large server's document is one that bee audit could have written" "python3-jsonschema is not there"
fi
for size in "80 25" "100 30" "200 60" "60 50"; do
	for document in "$fixtures/sick.json" "$fixtures/stuck.json" "$made/big.json"; do
		utf8 --columns "${size% *}" --lines "${size#* }" "$document" >"$made/out"
		messages "$document" | while IFS= read -r message; do
			told | grep -qF ": $message " || echo "$message"
		done >"$made/lost"
		is "$(cat "$made/lost")" "" "$(basename "$document") at $size: each finding is there, and whole"
		fits "${size% *}" "${size#* }" "and all of it fits"
	done
done
utf8 --columns 80 --lines 25 "$made/big.json" >"$made/out"
is "$(sed -n '4,5p' "$made/out" | sed 's/ *[█▀▄].*//')" "found:
 sdap: the drive says that it is failing" "findings come right after the machine's health"
ok "$(told | grep -qF ' memory P1 CHANNEL I DIMM I1: 31 errors'; echo $?)" "a module is told by its slot"
jq '.findings = [range(40) | {severity: "Critical", id: "r\(.)", component: {type: "gpus", key: "g\(.)"},
	message: ("finding \(.) " + "word " * 30 + "end")}]' "$fixtures/server.json" >"$made/many.json"
utf8 --columns 80 --lines 25 "$made/many.json" >"$made/out"
shown=$(told | grep -o 'end' | wc -l)
ok "$((shown < 2))" "where there is no room for all findings, those that have some are whole"
is "$(grep -o '(no QR code.*' "$made/out")" "(no QR code here: bee report --qr $made/many.json)" "the code is left out, with where it is"
is "$(grep -o 'more: bee show findings .*' "$made/out" | head -n 1) $(grep -o '+[0-9]* more' "$made/out" | head -n 1)" \
	"more: bee show findings $made/many.json +$((40 - shown)) more" "and the others are counted, with where they are"
fits 80 25 "and the screen does not scroll"
utf8 --no-qr "$made/many.json" | cat >"$made/out"
is "$(told | grep -o ' word end' | wc -l)" 40 "a pipe gets all of them"
jq '.findings = [range(40) | {severity: "Critical", id: "r", component: {type: "storage.drives", key: "sd\(.)"},
	message: "it fails"}]' "$fixtures/server.json" >"$made/alike.json"
utf8 --no-qr --columns 80 --lines 25 "$made/alike.json" >"$made/out"
ok "$(told | grep -q ' sd0, sd1, .* and 28 more: it fails'; echo $?)" "what is alike shares a line"
utf8 --no-qr "$made/alike.json" >"$made/out"
ok "$(told | grep -q ' sd0, sd1, .* sd38, sd39: it fails'; echo $?)" "in which a pipe gets each name"
# By reason: forty drives that hang alike are one line.
utf8 --no-qr --columns 80 --lines 25 "$fixtures/stuck.json" >"$made/out"
is "$(grep -c '^ 120 stuck in blk_execute_rq: storage/smart@sd0, @sd1' "$made/out")" 1 "jobs are put together by reason"

# Supplies that differ are named, those that do not are counted.
jq '.power_supplies[0].model = "EX-750" | .power_supplies[1].model = "EX-1100" | .power_supplies[1].power_capacity_watts = 1100' \
	"$fixtures/server.json" >"$made/two.json"
utf8 --no-qr "$made/two.json" >"$made/out"
is "$(grep -A1 '^power' "$made/out")" "power   2 supplies, 1850 W in all
        1 x EX-750 750 W, 1 x EX-1100 1100 W" "two different power supplies are both named"
jq '.collectors |= map(if (.job | test("^storage/(disks|lsblk)$")) then .status = "skipped" else . end)' "$fixtures/server.json" >"$made/in"
utf8 --no-qr "$made/in" >"$made/out"
is "$(grep '^drives' "$made/out")" "drives  at least 8, 64.0 TB" "drives that nobody listed may be more"
jq '.storage.drives = []' "$made/in" >"$made/in2"
utf8 --no-qr "$made/in2" >"$made/out"
is "$(grep '^drives' "$made/out")" "drives  not collected" "and none is not what that says"

# The code, checked against documents.
text="$short OK $(sha256sum <"$fixtures/server.json" | cut -c 1-16)"
"$report" --check-qr "$text" "$fixtures/server.json" >"$made/out"
is "$? $(cat "$made/out")" "0 yes: the code is of this document; 16 digits of its SHA-256 agree" "a code of the document"
"$report" --check-qr "$(echo "$text" | sed 's/DRV 8/DRV 9/')" "$fixtures/server.json" >"$made/out"
is "$? $(cut -c 1-24 "$made/out")" "1 no: the digest is this d" "with other words it is not"
"$report" --check-qr "$text" "$fixtures/sick.json" >"$made/out"
is "$? $(cut -c 1-56 "$made/out")" "1 no: the code is of another document of the same machine;" "of another document of the machine"
"$report" --check-qr "https://example.com" "$fixtures/server.json" >"$made/out"
is "$? $(cat "$made/out")" "1 this is no code of bee: its last word is no SHA-256" "something else a phone has read"
utf8 --qr --columns 80 --lines 25 "$fixtures/stuck.json" >"$made/out"
fits 80 25 "the code alone fits 80x25"
if command -v zbarimg >/dev/null; then
	is "$("$report" --check-qr "$(decode)" "$fixtures/stuck.json" | cut -c 1-4)" "yes:" "and is read"
fi
utf8 --qr --columns 40 --lines 12 "$fixtures/stuck.json" >/dev/null 2>"$made/err"
is "$? $(cat "$made/err")" "64 bee-report: 40 columns and 12 lines are too few for a QR code" "where it does not fit, it is said"

# Without what tells this machine from its neighbour.
utf8 --no-serials --columns 80 --lines 25 "$made/big.json" >"$made/out"
is "$(grep '^serial' "$made/out") $(grep -c EXBIG00001 "$made/out")" "serial  left out 0" "--no-serials: none is shown"
if command -v zbarimg >/dev/null; then
	text=$(decode)
	is "$(echo "$text" | grep -o ' SN [^ ]*')" " SN -" "nor in the code"
	is "$("$report" --check-qr "$text" "$made/big.json" | cut -c 1-4)" "yes:" "which can be checked all the same"
fi
jq '.findings[0].message = "drive HD00000041 of EXBIG00001 fails" | .findings[1].message = "a permanent fault of the system" |
	.network.interfaces[0].mac_address_source = "permanent"' "$made/big.json" >"$made/quoted.json"
utf8 --no-serials --no-qr "$made/quoted.json" >"$made/out"
is "$(told | grep -c 'drive left out of left out fails')" 1 "a finding that quotes one does not"
is "$(told | grep -c 'a permanent fault of the system')" 1 "words that say who told of a number are no numbers"
tap_end
