#!/bin/sh
# bee accept: a certificate that a stranger checks with minisign and sha256sum alone.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}
B=$(cd "${B:-$here/../../build}" && pwd)
accept=$B/bee-accept
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM

[ -x "$accept" ] || { echo "1..0 # SKIP $accept is not there: make"; exit 0; }
for program in jq python3 minisign sha256sum; do
	command -v $program >/dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done
python3 "$here/big_machine.py" >"$made/big.json"
"$B/bee-expect" "$made/big.json" >"$made/spec"
minisign -G -W -f -p "$made/key.pub" -s "$made/key" >/dev/null
cd "$made" || exit 1

# accepts DIR DOCUMENT OPTION...: $made/out, $made/err and $status.
accepts() {
	folder=$1 document=$2
	shift 2
	"$accept" -e spec -k key -o "$folder" "$@" "$document" >out 2>err </dev/null
	status=$?
}
# stranger DIR: what somebody with the folder and the public key finds.
stranger() {
	(cd "$1" && minisign -Vm certificate.txt -p ../key.pub && sha256sum -c --strict certificate.txt) >checked 2>&1
}

accepts good big.json
is "$status $(cat out) $(cat err)" "0 BEE OK: as ordered, $("$B/bee-verify" -e spec -f json big.json | jq .checks) checks " "a machine that is as ordered: 0, and a reason"
is "$(cd good && echo *) " "audit.json audit.json.minisig certificate.html certificate.txt certificate.txt.minisig spec verdict.json " "the certificate is a folder"
cmp -s big.json good/audit.json && cmp -s spec good/spec
ok $? "with the document and the spec as they were"
stranger good
is "$? $(grep -c ': OK' checked)" "0 4" "minisign and sha256sum agree with each file of it"
(cd good && minisign -Vqm audit.json -p ../key.pub) >/dev/null 2>&1
ok $? "the document has a signature of its own"
is "$(sed -n 's/^# signed .* by key \([0-9A-F]*\),.*/\1/p' good/certificate.txt)" "$(head -n 1 key.pub | grep -o '[0-9A-F]*$')" "the key is named by its number"
is "$(python3 "$here/html_check.py" good/certificate.html)" good "its page is one of ours"
ok "$(python3 "$here/html_check.py" --text good/certificate.html | tr '\n' '|' | grep -qF '|As ordered|'; echo $?)" "which says so"
if command -v zbarimg >/dev/null; then
	python3 "$here/html_check.py" --pgm good/certificate.html >code.pgm
	read=$(zbarimg -q --raw -Sdisable -Sqrcode.enable code.pgm 2>/dev/null)
	is "$("$B/bee-report" --check-qr "$read" good/audit.json | cut -c 1-4) $(grep -cF "# machine  $read" good/certificate.txt)" "yes: 1" "its code is the document's, and the signed line is that code"
else
	skip "its code is the document's, and the signed line is that code" "zbarimg is not there"
fi
for file in audit.json spec verdict.json certificate.html; do
	cp -r good bad
	printf ' ' >>"bad/$file"
	stranger bad
	is "$? $(grep -c ': FAILED' checked)" "1 1" "a $file that was changed is found out"
	rm -r bad
done
cp -r good bad
sed -i 's/as ordered/AS ORDERED/' bad/certificate.txt
stranger bad
is $? 1 "so is a verdict that was"

jq '.power_supplies |= map(select(.name != "PSU3"))' big.json >worse.json
accepts worse worse.json
is "$status $(tail -n 1 out) $(cat err)" "1 BEE CRITICAL: 1 deviation: power: 3 there, not 4 x EXP-3000 " "one that deviates: 1, and why"
stranger worse
is "$? $(sed -n 's/^# verdict  //p' worse/certificate.txt)" "0 BEE CRITICAL: 1 deviation: power: 3 there, not 4 x EXP-3000" "which is certified, too"
ok "$(python3 "$here/html_check.py" --text worse/certificate.html | tr '\n' ' ' | grep -q 'Not as ordered .* 1 deviation .* power 3 there, not 4 x EXP-3000'; echo $?)" "and stands on the page"
rm -r worse
accepts worse worse.json --quiet
is "$status $(wc -l <out)" "1 1" "--quiet is one line"

# refused NAME WORDS: nothing was made, and why.
refused() {
	is "$status $(head -n 1 err) $(ls -d none* 2>/dev/null)" "2 $2 " "$1"
}
accepts good big.json
is "$status $(cat err)" "2 bee-accept: good is there already: name a new folder" "a folder that is there is left alone"
accepts "" big.json
is "$status $(cat err)" "2 bee-accept: -o wants the name of a new folder" "a folder without a name is none"
accepts none spec
refused "a document that is none" "bee-verify: none.part/audit.json: not a document of bee audit: byte 0: no value starts like this"
accepts none nothing.json
refused "one that is not there" "bee-accept: nothing.json: No such file or directory"
accepts none/where big.json
refused "a folder in a place that is not there" "bee-accept: cannot make none/where: No such file or directory"
echo 'wheels 4' >spec
accepts none big.json
refused "a spec that is none" 'bee-verify: spec:1: nobody can order "wheels": bee verify --help'
cp good/spec spec
cp key.pub key
accepts none big.json
refused "a key that is none" "bee-order: key: no secret key of minisign"
mkdir good2.part && echo old >good2.part/spec
minisign -G -W -f -p key.pub -s key >/dev/null
accepts good2 big.json
is "$status $(ls -d good2*)" "0 good2" "what one that was killed has left is taken away"
mkdir theirs && echo old >theirs/spec && ln -s theirs link.part
accepts link big.json
is "$status $(cat err theirs/spec)" "2 bee-accept: cannot make link: File exists
old" "nothing is taken away behind a link"
rm link.part
accepts -dash big.json
is "$status $(cd ./-dash && echo *)" "0 $(cd good && echo *)" "a folder whose name begins with a dash is one"
accepts hostile "$fixtures/report/hostile.json"
stranger hostile
is "$status $? $(LC_ALL=C tr -d ' -~\n' <hostile/certificate.txt | wc -c) $(python3 "$here/html_check.py" hostile/certificate.html)" "1 0 0 good" \
	"strings of a hostile document change nothing in the signed lines"

# One sheet of paper, whatever it is of; as a browser prints it.
long=$(printf '%010000d' 0 | tr 0 '<')
jq --arg long "$long" '.identity.model = $long | .identity.serial_number = $long | .storage.drives[].model = $long | .findings[].message = $long' big.json >long.json
{ cat good/spec; for i in 1 2 3 4 5 6 7 8 9; do echo "# $i $long" | cut -c 1-3000; done; } >spec
accepts long long.json
is "$status $(python3 "$here/html_check.py" long/certificate.html)" "1 good" "a page of names of 10 KB"
if command -v chromium >/dev/null && [ "$(id -u)" -eq 0 ]; then
	for folder in good worse long hostile; do
		# A browser that does not start is no page that is too long.
		for attempt in 1 2 3; do
			[ -s "$folder.pdf" ] || timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$made/chromium$attempt" \
				--no-pdf-header-footer --print-to-pdf="$made/$folder.pdf" "file://$made/$folder/certificate.html" >/dev/null 2>&1
		done
		is "$(LC_ALL=C grep -ac '/Type /Page$' "$folder.pdf")" 1 "$folder: one sheet"
	done
else
	skip "one sheet" "no chromium, or not root"
fi
"$accept" --help >out
is "$?" 0 "--help"
options_told "$made/out" "$here/../../doc/man/bee-accept.1" "--help and bee-accept(1) name the same options"
tap_end
