#!/bin/sh
# bee report --redact: documents and captures without what tells a machine from others, and the same machine still.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
export B
report=$B/bee-report
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

[ -x "$report" ] || { echo "1..0 # SKIP $report is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
if [ "${B##*/}" = san ]; then
	echo "1..0 # SKIP a sanitizer's memory does not fit into the gatherer's limit"
	exit 0
fi
# A monitor that exits frees nothing.
export ASAN_OPTIONS=detect_leaks=0

# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	"$report" --redact "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}

# Each made-up machine as a capture: what its tools printed, and no golden file.
for machine in rack-server gpu-server raid-server bmc-server uefi-server hostile-firmware hostile-bmc no-smbios cut-off old-tool; do
	cp -R "$here/../fixtures/$machine" "$made/$machine"
	find "$made/$machine" \( -name '*.jsonl' -o -name findings.txt -o -name firmware.txt \) -exec rm {} +
	if command -v python3 >/dev/null; then
		is "$(python3 "$here/../corpora/redacted.py" "$made/$machine" 2>&1 | head -n 5)" "" \
			"$machine: no value is left, and the redacted capture replays to the redacted document"
	else
		skip "$machine: no value is left" "python3 is not installed"
	fi
done

"$B/bee" audit -q --policy-dir "$root/policy" --replay "$made/rack-server" -o "$made/a.json"
echo "somebody's key, which is thirty-two bytes or more" >"$made/key"
try --key "$made/key" "$made/a.json"
cp "$made/out" "$made/one.json"
is "$status $(jq -r '.identity.serial_number | test("^[A-Z]{2}[0-9]{4}-[0-9]{4}[A-Z]$")' "$made/one.json")" "0 true" "a serial number keeps its shape"
is "$(jq -r .identity.serial_number "$made/one.json")" "$(jq -r .system.serial_number "$made/one.json")" "the same original is the same everywhere"
is "$(jq -r '.storage.drives[] | select(.key == "sda") | .wwn[:9]' "$made/one.json") $(jq -r '.network.interfaces[0].mac_address[:8]' "$made/one.json")" \
	"0x5000c50 3c:ec:ef" "who made it is still told"
is "$(jq -r .identity.sources.serial_number "$made/one.json")" system "and who told of it"
try --key "$made/key" "$made/a.json"
is "$(cmp "$made/out" "$made/one.json" 2>&1)" "" "the same key gives the same again"
try "$made/a.json"
is "$(jq -r .identity.serial_number "$made/out" | grep -cFx "$(jq -r .identity.serial_number "$made/one.json")")" 0 "without a key nobody can"
if command -v python3 >/dev/null && python3 -c 'import jsonschema' 2>/dev/null; then
	is "$(python3 "$root/tests/validate.py" "$made/one.json" 2>&1 | head -n 5)" "" "the redacted document validates"
else
	skip "the redacted document validates" "python3-jsonschema is not installed"
fi
is "$("$B/bee-show" findings -r "$made/one.json" | wc -l)" "$("$B/bee-show" findings -r "$made/a.json" | wc -l)" "it has as many findings"
try -o "$made/file.json" --key "$made/key" "$made/a.json"
is "$status $(cmp "$made/file.json" "$made/one.json" 2>&1)" "0 " "-o writes it to a file"

# What only raw text has.
mkdir -p "$made/raw/psu/info" "$made/raw/network/ethtool@enx3cecef123456"
printf 'bee-ipmi\t1\nlan16\t1\t117075626c6963000000\nlan3\t1\t110a010203\nend\t0\n' >"$made/raw/psu/info/stdout"
printf 'permanent_address\t3c:ec:ef:12:34:56\n' >"$made/raw/network/ethtool@enx3cecef123456/stdout"
printf '# dmidecode 3.4\n\nHandle 0x0060, DMI type 22, 26 bytes\nPortable Battery\n\tSerial Number: 77AB01CD\n\nHandle 0x0061, DMI type 219, 12 bytes\nOEM-specific Type\n\tHeader and Data:\n\t\tDB 0C 61 00 3C EC EF 99 88 77\n\tStrings:\n\t\tSN-ABC-4711\n\n' >"$made/raw/dmidecode.txt"
ln -s /etc/passwd "$made/raw/link"
try --bundle "$made/raw" -o "$made/raw.out" --key "$made/key" "$made/a.json"
is "$status $(grep -c 'left out, as it is no file: .*/link' "$made/err")" "0 1" "what is no file is left out, and said so"
is "$(find "$made/raw.out" -type f | wc -l)" 3 "all others are there"
is "$(grep -c 7075626c6963 "$made/raw.out/psu/info/stdout")" 0 "SNMP's password is not"
is "$(find "$made/raw.out" -name '*3cecef123456*' | wc -l) $(find "$made/raw.out" -path '*ethtool@enx3cecef*' -type f | wc -l)" "0 1" "a folder's name with an address in it is another"
is "$(grep -cE '77AB01CD|3C EC EF 99 88 77|SN-ABC-4711' "$made/raw.out/dmidecode.txt") $(wc -c <"$made/raw.out/dmidecode.txt")" \
	"0 $(wc -c <"$made/raw/dmidecode.txt")" "serials that no collector reads are others, and what a maker put there alone"
is "$(stat -c %a "$made/raw.out/dmidecode.txt")" 640 "files are as those of a capture"

# A spelling that no rewriting knows: that file is left out.
mkdir -p "$made/odd/board/dmi" "$made/odd/cpu/dmi" "$made/odd/psu/x@AB.CD.12.34.56"
jq '.identity.serial_number = "ABCD123456"' "$made/a.json" >"$made/odd.json"
printf 'serial ABCD123456, AB.CD.12.34.56\n' >"$made/odd/board/dmi/stdout"
printf 'serial ABCD123456, AB.CD.12.34.5\n' >"$made/odd/cpu/dmi/stdout"
echo nothing >"$made/odd/psu/x@AB.CD.12.34.56/stdout"
try --bundle "$made/odd" -o "$made/odd.out" --key "$made/key" "$made/odd.json"
is "$status $(find "$made/odd.out" -type f -printf '%P\n')" "0 cpu/dmi/stdout" "what would hold an original is left out, by its bytes and by its name"
is "$(sed 's/^[^:]*: //' "$made/err" | sort)" "$(printf 'left out, as a value of this machine was left in it: %s\n' board/dmi/stdout "a file with it in its name" | sort)" "and said so"

# A host by a common word, a tag that may be a count: only where a label says what it is.
mkdir -p "$made/word/identity/host"
printf 'v\t/etc/hostname\tserver\nv\t/usr/lib/os-release\tNAME=a server of 4711 words\n' >"$made/word/identity/host/stdout"
printf '\tAsset Tag: 4711\n\tPort: 4711\n' >"$made/word/dmidecode.txt"
jq '.host.name = "server" | .chassis = [{key: "0x0003", asset_tag: "4711", src: ["board/dmi"]}]' "$made/a.json" >"$made/word.json"
try --bundle "$made/word" -o "$made/word.out" --key "$made/key" "$made/word.json"
is "$status $(grep -c "hostname.*server" "$made/word.out/identity/host/stdout") $(grep -c 'a server of 4711 words' "$made/word.out/identity/host/stdout")" "0 0 1" \
	"a host's name that is a word goes where it is a name"
is "$(grep -c 'Tag: 4711' "$made/word.out/dmidecode.txt") $(grep -c 'Port: 4711' "$made/word.out/dmidecode.txt")" "0 1" "and a tag where it is one"

try --bundle "$made/raw" -o "$made/raw.out" "$made/a.json"
is "$status $(grep -c 'File exists' "$made/err")" "73 1" "a folder that is there is not written to"
try --bundle "$made/raw" "$made/a.json"
is "$status" 64 "--bundle wants -o"
"$report" --bundle "$made/raw" -o "$made/x" "$made/a.json" 2>/dev/null
is "$? $([ -e "$made/x" ] && echo there)" "64 " "and --redact"
echo short >"$made/short"
try --key "$made/short" "$made/a.json"
is "$status $(wc -c <"$made/out")" "65 0" "a short key is none"
try --bundle "$made/none" -o "$made/x" "$made/a.json"
is "$status $([ -e "$made/x" ] && echo there)" "74 " "a capture that is not there is exit 74, and nothing is made"
mkdir "$made/empty"
try --bundle "$made/empty" -o "$made/x" "$made/a.json"
is "$status" 65 "one without files is exit 65"
tap_end
