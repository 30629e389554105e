#!/bin/sh
# bee diff: what has become of a machine, told once and in an operator's words.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}
B=${B:-$here/../../build}
diff=$B/bee-diff
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM NO_COLOR

[ -x "$diff" ] || { echo "1..0 # SKIP $diff is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
python3 "$here/big_machine.py" >"$made/a.json"

# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	"$diff" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}
# after NAME STATUS LINES FILTER: what is told once the filter has been over the machine's document.
after() {
	jq "$4" "$made/a.json" >"$made/b.json"
	try "$made/a.json" "$made/b.json"
	is "$status $(tr -s ' ' <"$made/out" | sed 's/ $//')" "$2 $3" "$1"
}

try --help
is "$status $(sed -n 3p "$made/out" | cut -c 1-11)" "0   bee diff " "help begins with examples"
try "$made/a.json" "$made/a.json"
is "$status $(cat "$made/out" "$made/err")" "0 " "a document is the same as itself, which is exit 0 and no word"

# shellcheck disable=SC2016 # jq expands them
four='.memory.modules |= (map(select(.key == "0x1105"))[0] as $m | map(
		if .key == "0x1105" then {key, locator, bank_locator, system_memory, src, state: "Absent"}
		elif .key == "0x115f" then $m + {key, locator, bank_locator} else . end)) |
	.storage.drives |= map(if .serial_number == "HD00000007" then .serial_number = "HD99999999" | .wwn = "0x5000c599999999"
		else . end) |
	.power_supplies |= map(if .name == "PSU3" then {key, name, location, src, state: "Absent"} else . end) |
	.network.interfaces |= map(if (.pci_address | startswith("0000:1a")) then .firmware_version = "22.42.1000" else . end)'
after "a module moved, a disk replaced, a supply out, an adapter's firmware changed: four lines" 1 \
	"removed supply PSU3 EXP-3000, serial PS000002
replaced drive sdh Slot 07 of 0x5000c50200000000: EXHDD 22T, serial HD00000007 is now EXHDD 22T, serial HD99999999
moved memory P4 CHANNEL L DIMM L1 EX64G5600R, serial D0000005: from P1 CHANNEL C DIMM C1 to P4 CHANNEL L DIMM L1
firmware network enp1f0, enp1f1 22.41.1000 -> 22.42.1000" "$four"
cp "$made/b.json" "$made/four.json"
try "$made/four.json" "$made/a.json"
is "$(cut -c 1-8 "$made/out" | tr -s ' \n' ' ')" "replaced moved added firmware " "the other way round what was removed is added"
try --json "$made/a.json" "$made/four.json"
is "$status $(jq -c '[.same, (.counters | length), (.changes[] | [.change, .type, .part])]' "$made/out")" \
	'1 [false,0,["removed","power_supplies","PSU3"],["replaced","storage.drives","sdh"],["moved","memory.modules","P4 CHANNEL L DIMM L1"],["firmware","network.interfaces","enp1f0"],["firmware","network.interfaces","enp1f1"]]' \
	"as JSON each has its type and its part"
jq -e '.changes[] | select(.change == "moved") | .from == "P1 CHANNEL C DIMM C1" and .to == "P4 CHANNEL L DIMM L1"' "$made/out" >/dev/null
ok $? "and from what to what"

# The same machine an hour and a boot later: SCSI hosts and disks are counted in another order, a card
# with a bridge has moved the numbers of buses, everything that counts has counted.
later='def host: sub("^(?<h>[0-9]+):"; "\((.h | tonumber) + 5):");
	def bus: if type == "string" and test("^0000:(1[1-9]|2[0-9])") and (test("^0000:(18|20|28):00.0$") | not) then
		sub("^0000:1"; "0000:a") | sub("^0000:2"; "0000:b") else . end;
	.audit.started = "2026-11-29T07:00:00.000Z" | .audit.boot_id = "99999999-2222-3333-4444-555555555555" |
	.storage.drives |= (map(.key |= (explode | reverse | implode) + "x" | .hctl |= host | .enclosure |= host | .power_on_hours += 1 |
		.data_written_bytes += 512000 | .temperature_celsius += 1 | .controller_pci_address |= bus) | reverse) |
	.storage.enclosures |= map(.key |= host) | .pcie.devices |= map(.key |= bus | .upstream_port |= bus) |
	.gpus |= map(.key |= bus | .temperature_celsius += 2 | .power_watts += 0.5) |
	.network.interfaces |= map(.pci_address |= bus | .key |= "x" + . | .received_packets += 77) |
	.sensors |= map(.reading_celsius += 3) | .collectors |= map(.duration_ms += 7)'
after "an hour and a boot later: nothing" 0 "" "$later"
is "$(jq -c '[.pcie.devices[].key, .gpus[].key, .network.interfaces[].pci_address] | [., input] | length' "$made/b.json" "$made/a.json")" \
	2 "though addresses"
ok "$([ "$(jq -c '[.gpus[].key]' "$made/a.json")" != "$(jq -c '[.gpus[].key]' "$made/b.json")" ]; echo $?)" "have changed"
try --counters "$made/a.json" "$made/b.json"
is "$status $(grep -c power_on_hours "$made/out") $(grep -c received_packets "$made/out")" "0 60 12" "--counters has what has counted"
is "$(grep 'drive ads*x .*power_on' "$made/out" | tr -s ' ' | head -n 1)" "drive adsx power_on_hours 12000 12001 +1" "with how much"
try --json "$made/a.json" "$made/b.json"
is "$(jq -c '[.same, (.changes | length), (.counters[0] | keys)]' "$made/out")" \
	'[true,0,["from","kind","part","property","to","type"]]' "so has --json"

# What was not learned has not gone.
fail='def failed(j): .collectors |= map(if (.job | startswith(j)) then .status = "timeout" else . end);'
after "GPUs that nobody told of are not removed" 1 \
	"unlearned GPU 0000:11:00.0, 0000:19:00.0, 0000:21:00.0, 0000:29:00.0, 0000:31:00.0, 0000:39:00.0, 0000:41:00.0, 0000:49:00.0 not learned in B: nvidia/smi timeout" \
	'del(.gpus)'
after "nor are supplies, where one of their jobs failed" 1 "unlearned supply PSU3 not learned in B: psu/fru timeout" \
	"$fail"' failed("psu/fru") | .power_supplies |= map(select(.name != "PSU3"))'
after "nor drives, where nobody listed them" 1 "unlearned drive sdh not learned in B: storage/disks timeout" \
	"$fail"' failed("storage/disks") | .storage.drives |= map(select(.key != "sdh"))'
after "one that is not in the list is, though a neighbour hangs" 1 \
	"removed drive sdh EXHDD 22T, serial HD00000007, Slot 07 of 0x5000c50200000000" \
	"$fail"' failed("storage/smart@sdb") | .storage.drives |= map(select(.key != "sdh"))'
after "a collector that did not run" 1 "unlearned network enp0f0 not learned in B: network/sysfs not run" \
	'.collectors |= map(select(.job != "network/sysfs")) | .network.interfaces |= map(select(.key != "enp0f0"))'
after "a drive whose serial number nobody told is the same drive" 0 "" \
	'.storage.drives |= map(if .key == "sdh" then del(.serial_number, .wwn) else . end)'
after "also where it has no place" 0 "" \
	'.storage.drives |= map(if .key == "sdh" then del(.serial_number, .wwn, .enclosure, .enclosure_slot_name) else . end)'

after "nothing has moved where nobody told of the bridges" 0 "" 'del(.pcie.devices[].upstream_port)'
jq "$fail"' failed("pcie/sysfs") | del(.pcie)' "$made/a.json" >"$made/b.json"
try "$made/a.json" "$made/b.json"
is "$status $(tr -s ' ' <"$made/out" | sed 's/pcie .* more/pcie/')" "1 unlearned pcie not learned in B: pcie/sysfs timeout" \
	"nor where PCI was not read at all"

after "a part that has become worse, and why" 1 "degraded drive sda OK -> Warning: 16 sectors wait to be reallocated" \
	'.storage.drives |= map(if .key == "sda" then .health_rollup = "Warning" else . end) |
	.findings += [{severity: "Warning", id: "x", component: {type: "storage.drives", key: "sda"}, message: "16 sectors wait to be reallocated"}]'
after "and one that is well again" 1 "recovered drive sdap Critical -> OK: was: the drive says that it is failing" \
	'.storage.drives |= map(if .key == "sdap" then .health_rollup = "OK" else . end) | .findings |= map(select(.id != "drive-failing"))'
after "a narrower link of a GPU is told once" 1 "degraded GPU 0000:11:00.0 16 -> 4 lanes" \
	'.gpus[0].link_width_lanes = 4 | .pcie.devices |= map(if .key == "0000:11:00.0" then .link_width_lanes = 4 else . end)'
after "one of an adapter by its function" 1 "degraded pcie 0000:12:00.0 8 -> 4 lanes" \
	'.pcie.devices |= map(if .key == "0000:12:00.0" then .link_width_lanes = 4 else . end)'
after "slower memory in one line" 1 "degraded memory P1 CHANNEL A DIMM A0, P1 CHANNEL A DIMM A1, P1 CHANNEL B DIMM B0, P1 CHANNEL B DIMM B1, P1 CHANNEL C DIMM C0, P1 CHANNEL C DIMM C1, P1 CHANNEL D DIMM D0, P1 CHANNEL D DIMM D1 and 87 more 4800 -> 4400 MT/s" \
	'.memory.modules |= map(if .configured_speed_mts then .configured_speed_mts = 4400 else . end)'
after "what is about no part" 1 "degraded memory.modules channels of different size" \
	'.findings += [{severity: "Warning", id: "m", component: {type: "memory.modules", key: null}, message: "channels of different size"}]'
after "an adapter with two ports is out: its functions are not told again" 1 \
	"removed network enp2f0 MAC 02:00:5e:00:02:00, 0000:22:00.0
removed network enp2f1 MAC 02:00:5e:00:02:01, 0000:22:00.1" \
	'.network.interfaces |= map(select(.pci_address | startswith("0000:22") | not)) | .pcie.devices |= map(select(.key | startswith("0000:22") | not))'
after "a card without ports is" 1 "added pcie 0000:00:1f.5 SPI" \
	'.pcie.devices += [{key: "0000:00:1f.5", class_code: "0x0c8000", model: "SPI", vendor_id: "0x8086", device_id: "0x1"}]'
after "firmware of the machine" 1 "firmware BIOS 3.1a -> 3.2
firmware BMC 12.65.04 -> 12.66.01" '.firmware.version = "3.2" | .bmc.firmware_version = "12.66.01"'
# shellcheck disable=SC2016
after "two GPUs that have changed places are moved, both" 1 \
	"moved GPU 0000:11:00.0 EX100 80GB, serial 1650000000001: from 0000:19:00.0 to 0000:11:00.0
moved GPU 0000:19:00.0 EX100 80GB, serial 1650000000000: from 0000:11:00.0 to 0000:19:00.0" \
	'.gpus |= (. as $g | map(if .key == "0000:11:00.0" then $g[1] + {key} elif .key == "0000:19:00.0" then $g[0] + {key} else . end))'
# Cheap modules share a serial number: the place tells them apart, and none has moved.
jq '.memory.modules |= map(if .serial_number then .serial_number = "12345678" else . end)' "$made/a.json" >"$made/cheap.json"
jq '.memory.modules |= (map(select(.key != "0x1105")) | reverse)' "$made/cheap.json" >"$made/b.json"
try "$made/cheap.json" "$made/b.json"
is "$status $(tr -s ' ' <"$made/out")" "1 removed memory P1 CHANNEL C DIMM C1 EX64G5600R, serial 12345678" \
	"of modules that share a serial number one is removed"
# A SATA disk of no bay: the one that is gone from the controller, and the one that is new there.
jq '.storage.drives = [range(4) | {key: "sd\(["a","b","c","d"][.])", model: "EX", serial_number: "S\(.)", hctl: "\(.):0:0:0",
	controller_pci_address: "0000:21:00.0", src: ["storage/disks"]}]' "$made/a.json" >"$made/sata.json"
jq '.storage.drives |= map(if .serial_number == "S2" then .serial_number = "N9" else . end | .hctl |= "9" + .)' "$made/sata.json" >"$made/b.json"
try "$made/sata.json" "$made/b.json"
is "$status $(tr -s ' ' <"$made/out")" "1 replaced drive sdc EX, serial S2 is now EX, serial N9" "a disk without a bay is replaced as well"

for size in 40 80 200; do
	LANG=C.UTF-8 "$diff" -w "$size" "$fixtures/report/server.json" "$made/a.json" >"$made/out" 2>&1
	is "$? $(LC_ALL=C.UTF-8 awk -v most="$size" 'length($0) > most' "$made/out" | head -n 3)" "1 " \
		"between two machines: no line is wider than $size columns"
done
is "$(grep -c '^replaced *system' "$made/out")" 1 "and that they are two is told"
for pair in "hostile server" "server hostile" "stuck hostile" "hostile hostile"; do
	"$diff" "$fixtures/report/${pair% *}.json" "$fixtures/report/${pair#* }.json" >"$made/out" 2>"$made/err"
	status=$?
	is "$((status < 2)) $(LC_ALL=C tr -d ' -~\n' <"$made/out" | wc -c)" "1 0" "${pair% *} and ${pair#* }: compared, in printable ASCII"
	"$diff" --json "$fixtures/report/${pair% *}.json" "$fixtures/report/${pair#* }.json" | jq -e .changes >/dev/null
	ok $? "and in JSON"
done

try "$made/a.json" "$made/none.json"
is "$status $(cat "$made/err")" "2 bee-diff: $made/none.json: No such file or directory" "a file that is not there is exit 2"
echo '{}' >"$made/no.json"
try "$made/no.json" "$made/a.json"
is "$status $(grep -c 'not a document of bee audit' "$made/err")" "2 1" "so is another JSON text"
try
is "$status $(wc -l <"$made/err")" "2 1" "so is no document"
try --fly a b
is "$status" 2 "and an unknown option"
confined "the filter is loaded before the first byte is read" "$diff" "$made/a.json"
try --help
options_told "$made/out" "$here/../../doc/man/bee-diff.1" "--help and bee-diff(1) name the same options"
"$diff" - "$made/a.json" <"$made/four.json" >"$made/out"
is "$? $(wc -l <"$made/out")" "1 4" "- is standard input"
tap_end
