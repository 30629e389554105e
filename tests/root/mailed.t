#!/bin/sh
# bee audit --capture DIR --redact: the capture that may be mailed, whole or not there; what is not redacted goes, or is named.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
mkdir "$made/places"

# A drive whose serial number is the machine's secret, in a capture and in the document.
policy "$made/p" storage storage.drives <<-END
	[lsblk]
	run /bin/cat $made/told.json
	see $made/told.json
END
cat >"$made/told.json" <<-END
	{"blockdevices": [{"name": "sda", "kname": "sda", "type": "disk", "size": 1000204886016, "model": "EXAMPLE", "serial": "SECRET4711AB", "tran": "sata"}]}
END
# What there is of an original below a folder, names too.
left() { (cd "$1" && find . | grep -ci secret4711ab; grep -rci secret4711ab . | grep -vc ':0$') | xargs; }

audit one --policy-dir "$made/p" --timeout 10 --capture "$made/places/one/" --redact
is "$status $(doc one '.storage.drives[].serial_number')" "0 SECRET4711AB" "the document tells the machine's own"
is "$(cat "$made/places/one/storage/lsblk/status")" 0 "the capture is there"
is "$(left "$made/places/one")" "0 0" "and holds none of it"
is "$(grep -oE '"serial": "[A-Z]{6}[0-9]{4}[A-Z]{2}"' "$made/places/one/storage/lsblk/stdout" | wc -l)" 1 "but the like of it"
is "$(ls "$made/places")" one "nothing else is left beside it"
is "$(tail -n 1 "$made/one.err")" "bee-audit: $made/places/one is redacted: look at it before it is mailed" "the last line says what it is"

"$B/bee" audit -o - --policy-dir "$made/p" --timeout 10 --capture "$made/places/two" --redact >"$made/two.json" 2>"$made/two.err" </dev/null
is "$? $(doc two '.storage.drives[].serial_number') $(left "$made/places/two")" "0 SECRET4711AB 0 0" "-o -: the document comes on stdout"
"$B/bee" audit -q --policy-dir "$made/p" --timeout 10 -o "$made/three.json" --redact --capture="$made/places/three" 2>"$made/three.err" </dev/null
is "$? $(cat "$made/three.err") $(left "$made/places/three")" "0  0 0" "--quiet says nothing of it"

# A summary that goes nowhere is told, and no reason to leave the capture as it is; a document that went nowhere is.
"$B/bee" audit --policy-dir "$made/p" --timeout 10 -o "$made/lost.json" --redact --capture "$made/places/lost" >/dev/full 2>"$made/lost.err" </dev/null
is "$? $(grep -c 'the summary: No space' "$made/lost.err") $(left "$made/places/lost") $(find "$made/places" -name 'lost.*')" "74 1 0 0 " \
	"a full stdout is 74, and the capture is redacted"
mkdir "$made/tiny"
mount -t tmpfs -o size=4k tmpfs "$made/tiny"
echo old >"$made/tiny/d.json"
"$B/bee" audit -q --policy-dir "$made/p" --timeout 10 -o "$made/tiny/d.json" --redact --capture "$made/places/none" >"$made/out" 2>"$made/none.err" </dev/null
is "$? $(cat "$made/tiny/d.json") $(grep -c 'is not redacted' "$made/none.err") $([ -e "$made/places/none" ] && echo there)" "74 old 1 " \
	"with an old document nothing is redacted"
rm -r "$made"/places/none.raw-*

# It may not be made: nothing is in its place, and what is not redacted has its name, for root alone.
mkdir -p "$made/places/four"
: >"$made/places/four/mine"
audit four --policy-dir "$made/p" --timeout 10 --capture "$made/places/four" --redact
is "$status $(ls "$made/places/four") $(ls "$made/four.json" 2>/dev/null)" "73 mine " "a folder that holds something is refused, before anything is asked"
mkdir "$made/bin"
cp "$B/bee" "$B"/bee-* "$made/bin/"
cp /bin/false "$made/bin/bee-report"
"$made/bin/bee" audit -q --policy-dir "$made/p" --timeout 10 -o "$made/five.json" --capture "$made/places/five" --redact 2>"$made/five.err" </dev/null
status=$?
raw=$(find "$made/places" -maxdepth 1 -name 'five.raw-*')
is "$status $([ -e "$made/places/five" ] && echo there)" "74 " "where it cannot be redacted there is none"
is "$(stat -c '%a %u' "$raw") $(cat "$made/five.err")" "700 0 bee-audit: $made/places/five could not be made; $raw/capture is not redacted" "what was captured is kept for root, and named"
is "$(left "$raw/capture")" "0 1" "with all that is in it"

"$B/bee" audit --redact -o - 2>"$made/err" </dev/null
is "$? $(head -n 1 "$made/err")" "64 bee-audit: --redact goes with --capture" "--redact alone is a mistake"
"$B/bee" audit --redact --policy-dir "$made/none" --capture "$made/places/six" -o "$made/six.json" 2>"$made/err" </dev/null
is "$? $(find "$made/places" -name '*six*' | wc -l)" "65 0" "an audit that does not begin leaves nothing"
is "$("$B/bee" audit --dry-run --redact --capture "$made/places/seven" --policy-dir "$made/p" 2>&1 | head -n 1 | cut -d ' ' -f 1) $(find "$made/places" -name '*seven*' | wc -l)" \
	"storage/lsblk 0" "nor does a dry run"
tap_end
