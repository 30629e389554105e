#!/bin/sh
# bee-report on documents of healthy, sick and hostile machines, against golden screens.
#
# tests/fixtures/report/NAME.json is a document, NAME.txt its screen of 80x25 without a code.
# ACCEPT=1 writes the screens anew. Decoding a code needs zbarimg (zbar-tools).
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
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
	digest=$(sha256sum <"$document" | cut -c 1-16)
	ok "$(grep -q "^sha256  $digest\$" "$made/out"; echo $?)" \
		"$name: the summary has the document's SHA-256"

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
		server) is "$text" "$long OK $digest" "$name: and more where there is room" ;;
		esac
		is "${text##* }" "$digest" "$name: the code in ASCII is the same"
	else
		skip "$name: a phone reads the code" "zbarimg or python3 is not there"
	fi
done

for size in "76 18" "80 24" "80 25" "84 25" "100 30" "132 43" "240 67" "40 40" "76 17" "20 10" "1 1"; do
	columns=${size% *} lines=${size#* }
	for name in server hostile stuck; do
		utf8 --columns "$columns" --lines "$lines" --path /x/y --color \
			<"$fixtures/$name.json" >"$made/out"
		is "$?" 0 "$name on $columns x $lines is printed"
		[ "$lines" -lt 10 ] && continue
		fits "$columns" "$lines" "$name fits $columns x $lines"
	done
done

"$report" --columns 80 --lines 25 <"$fixtures/hostile.json" >"$made/out"
is "$(LC_ALL=C tr -d ' -~\n' <"$made/out")" "" "without a UTF-8 locale everything is ASCII"
ok "$(grep -q 'no QR code' "$made/out"; echo $?)" "a code that does not fit is left out with a word"
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
is "$? $(cat "$made/out")" "0 $(cat "$made/piped")" "a document is read by its name"
"$report" "$fixtures/server.json" "$fixtures/sick.json" </dev/null >/dev/null 2>&1
is "$?" 64 "two are a mistake of usage"
"$report" "$made/none.json" </dev/null >/dev/null 2>"$made/err"
is "$? $(cat "$made/err")" "74 bee-report: $made/none.json: No such file or directory" \
	"one that is not there is named"
"$report" --help >"$made/out"
is "$?" 0 "--help works"
if [ -w /dev/full ]; then
	"$report" <"$fixtures/server.json" >/dev/full 2>/dev/null
	is "$?" 74 "a full output is told by the exit status"
fi
# Before the first byte arrives the filter is there (a build with sanitizers has none).
mkfifo "$made/fifo"
"$report" <"$made/fifo" >/dev/null 2>&1 &
pid=$!
exec 9>"$made/fifo"
filter=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	filter=$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$pid/status")
	[ "$filter" = 2 ] && break
	sleep 0.1
done
exec 9>&-
wait "$pid" 2>/dev/null
if nm "$report" 2>/dev/null | grep -q __asan_init; then
	skip "the filter is loaded before the first byte is read" "built with sanitizers"
else
	is "$filter" 2 "the filter is loaded before the first byte is read"
fi

head -c 70000000 /dev/zero | "$report" >/dev/null 2>&1
is "$?" 65 "a document over 64 MiB is refused"
# What is information on most machines has no line unless somebody asks.
utf8 --no-qr --lines 60 <"$fixtures/server.json" >"$made/out"
ok "$(grep -q "found:" "$made/out"; echo $(($? != 1)))" "information has no line"
utf8 --no-qr --lines 60 --notes <"$fixtures/server.json" >"$made/out"
is "$(sed -n '/^found:/,/^not learned/p' "$made/out" | grep -c '^ ')" "$(jq '.findings | length' "$fixtures/server.json")" \
	"with --notes each finding has"
tap_end
