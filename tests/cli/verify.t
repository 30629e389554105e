#!/bin/sh
# bee expect and bee verify: is this the machine that was ordered, and what is not.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}
B=${B:-$here/../../build}
expect=$B/bee-expect
verify=$B/bee-verify
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG TERM NO_COLOR

[ -x "$verify" ] || { echo "1..0 # SKIP $verify is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
python3 "$here/big_machine.py" >"$made/big.json"

# check DOCUMENT ARGUMENT...: against $made/spec; $made/out, $made/err and $status.
check() {
	document=$1
	shift
	"$verify" --expect "$made/spec" "$@" "$document" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}
# differs NAME WHAT FILTER: the deviation of the machine's document with the filter over it, one of
# them, from a spec of the machine as it was.
differs() {
	jq "$3" "$made/big.json" >"$made/b.json"
	"$expect" "$made/big.json" >"$made/spec"
	check "$made/b.json" --format json
	is "$status $(jq -r '.deviations[] | "\(.kind) \(.part) \(.what)"' "$made/out")" "1 $2" "$1"
}
# ordered NAME STATUS WHAT LINE...: what a hand-written spec says of the machine.
ordered() {
	name=$1 wanted="$2 $3"
	shift 3
	printf '%s\n' "$@" >"$made/spec"
	check "$made/big.json" --format json
	is "$status $(jq -r '[.deviations[] | "\(.line) \(.part) \(.what)"] | join("|")' "$made/out" 2>/dev/null)" "$wanted" "$name"
}
# refused NAME WORDS LINE...: a spec that is none.
refused() {
	name=$1 wanted=$2
	shift 2
	printf '%s\n' "$@" >"$made/spec"
	check "$made/big.json"
	is "$status $(sed "s,.*$made/,," "$made/err")" "2 $wanted" "$name"
}

for document in "$fixtures"/report/*.json "$made/big.json"; do
	for option in --serials ''; do
		# shellcheck disable=SC2086
		"$expect" $option "$document" >"$made/spec"
		check "$document"
		is "$? $status $(cut -d ' ' -f 1-2 "$made/out")" "0 0 as ordered:" \
			"$(basename "$document"): what was made of a machine is met by it $option"
	done
done
# Two bars part the columns of NHC's lines.
jq '.storage.drives |= map(.model = "EX||100")' "$made/big.json" >"$made/bars.json"
"$expect" "$made/bars.json" >"$made/spec"
check "$made/bars.json"
is "$(grep -c '"EX||100"' "$made/spec" | sed 's/^[1-9].*/some/') $status $(cut -d ' ' -f 1-2 "$made/out")" "some 0 as ordered:" \
	"a model with two bars in it is quoted, and read back"

# The neighbour of the same model: other serial numbers, nothing else.
jq '(.. | objects | select(has("serial_number")) | .serial_number) |= "Z" + .' "$made/big.json" >"$made/neighbour.json"
"$expect" "$made/big.json" >"$made/spec"
check "$made/neighbour.json"
is "$status" 0 "a neighbour of the same model is as ordered"
is "$(grep -c 'HD0000\|serial' "$made/spec")" 0 "as no serial number is in a spec"
"$expect" --serials "$made/big.json" >"$made/spec"
check "$made/neighbour.json" --format json
is "$status $(jq -r '[.deviations[].property] | unique | join(" ")' "$made/out")" "1 serial" "unless they were asked for"

"$expect" "$made/big.json" >"$made/spec"
is "$(grep -c . "$made/spec")" 16 "a large server is sixteen lines"
is "$(sed -n '/^memory/p; /^drives/p' "$made/spec" | tr -s ' ')" \
	'memory 95 x EX64G5600R size 64GiB, type DDR5, speed >= 4800
drives 60 x "EXHDD 22T" size 22TB, type HDD, firmware >= EN03' "in words that people write"

differs "a supply that is out" "power null 3 there, not 4 x EXP-3000" \
	'.power_supplies |= map(if .name == "PSU3" then .state = "Absent" else . end)'
differs "a drive of another model" 'drives null 59 there, not 60 x EXHDD 22T
drives sdc was not ordered: OTHER' '.storage.drives |= map(if .key == "sdc" then .model = "OTHER" else . end)'
differs "a smaller module" "memory P1 CHANNEL C DIMM C1 size is 32GiB, not 64GiB" \
	'.memory.modules |= map(if .key == "0x1105" then .capacity_bytes = 34359738368 else . end)'
differs "older firmware" "drives sdc firmware is EN02, not >= EN03" \
	'.storage.drives |= map(if .key == "sdc" then .firmware_version = "EN02" else . end)'
differs "a narrower link, of the GPU and of its function" "gpus 0000:11:00.0 lanes is 4, not >= 16
pcie 0000:11:00.0 lanes is 4, not >= 16" \
	'.gpus[0].link_width_lanes = 4 | .pcie.devices |= map(if .key == "0000:11:00.0" then .link_width_lanes = 4 else . end)'
differs "another machine" "system  model is EX-2S, not EX-4S 96" '.identity.model = "EX-2S"'
differs "newer firmware is none" "bmc  firmware is 12.9.1, not >= 12.65.04" \
	'.firmware.version = "3.10" | .bmc.firmware_version = "12.9.1"'
jq '.findings[1].severity = "Critical" | .audit.complete = true' "$made/big.json" >"$made/b.json"
"$expect" "$made/b.json" | sed 's/above Critical/above Warning/' >"$made/spec"
check "$made/b.json" --format json
is "$status $(jq -r '.deviations[] | "\(.kind) \(.part) \(.what)"' "$made/out")" "1 storage.drives sdap Critical: the drive says that it is failing (drive-failing)
memory.modules 0x1111 Critical: 31 errors were corrected in this module (memory-corrected)" "no finding above Warning: those that are, with their rules"
check "$made/big.json" --format json
is "$(jq -c '[.deviations[] | select(.property == "complete") | .unlearned, .what]' "$made/out")" \
	'[true,"the audit is not complete: not learned (raid/storcli stuck)"]' "an audit that is not complete, and why"
jq 'del(.gpus)' "$made/big.json" >"$made/b.json"
check "$made/b.json" --format json
is "$(jq -r '[.deviations[] | select(.kind == "gpus") | .what, .unlearned] | map(tostring) | join("|")' "$made/out")" \
	"not learned (raid/storcli stuck); wanted are 7|true|not learned (raid/storcli stuck); wanted are 1|true" \
	"parts that nobody told of are not learned"

ordered "a count alone" 0 "" "drives 60" "gpus >= 4" "power <= 4" "processors 4"
ordered "a count that is not met" 1 "1 null 60 there, not 61|2 null 8 there, not >= 9" "drives 61" "gpus >= 9"
ordered "amounts as people write them" 0 "" "memory 95 size 64G" "drives 60 size 22T" "gpus 8 memory 80GiB" "drives total >= 1.3PB" \
	"memory total 6080GiB"
ordered "a total that is not met" 1 "1 null in all 6080GiB, not 8TiB" "memory total 8TiB"
ordered "the beginning of a model, and case" 0 "" 'drives 60 x exhdd*' 'system model ex-4s*'
ordered "comments, blank lines, commas" 0 "" "# ordered in May" "" "drives 60, size 22TB # all of a kind"
ordered "versions by their numbers" 0 "" "bmc firmware >= 12.9" "bios version >= 3.1" "network 12 firmware <= 22.100"
ordered "health" 1 "1 sdap health is Critical, not OK" "drives 60 health OK"
ordered "two lines share the parts, whatever their order" 0 "" "gpus 1 lanes >= 8" "gpus 7 lanes 16"
ordered "also where each part of the first could be the other's" 0 "" "gpus 7 lanes >= 8" "gpus 1 lanes >= 16"
ordered "what a line of a kind leaves over was not ordered" 1 "1 null 0 there, not 2 x OTHER|0 PSU1 was not ordered: EXP-3000|0 PSU2 was not ordered: EXP-3000|0 PSU3 was not ordered: EXP-3000|0 PSU4 was not ordered: EXP-3000" \
	"power 2 x OTHER"
"$verify" -e "$made/spec" "$made/big.json" >"$made/out"
is "$(tail -n 1 "$made/out" | tr -s ' ')" " power PSU1, PSU2, PSU3, PSU4 was not ordered: EXP-3000 psu/fru" "which a table says once"
ordered "an extra PCI function is none" 0 "" 'pcie 1 x "EXHBA 9500" lanes 8, speed >= 16'
ordered "rules that are allowed" 0 "" "no finding above OK" "allow drive-failing memory-corrected" "allow gpu-link-narrow"
ordered "serial numbers" 1 "1 null serial PSX is not there" "power serials PS000000 PS000001 PS000002 PS000003 PSX"
ordered "a value that nobody told" 1 "2  vendor is not known; wanted is Q" \
	"gpus 8 driver >= 550" "bios vendor Q"

# Specs of others, in their own words: NHC's as azurehpc-health-checks has them (conf/*.conf), and gcm's manifest
# (check_pci.py, check_blockdev.py, check_ethlink.py, check_iblink.py).
jq '.cpu = {socket_count: 4, core_count: 384, logical_cpu_count: 768} | .memory.summary = {visible_bytes: 6500000000000}
	| .network.infiniband = [{key: "mlx5_ib0", firmware_version: "28.39.1002", ports: [{number: 1, state: "ACTIVE", speed_gbps: 400, link_layer: "InfiniBand"}]},
		{key: "mlx5_ib1", firmware_version: "28.39.1002", ports: [{number: 1, state: "DOWN", speed_gbps: 400, link_layer: "InfiniBand"}]}]' \
	"$made/big.json" >"$made/hpc.json"
cp "$made/big.json" "$made/kept.json"
cp "$made/hpc.json" "$made/big.json"
ordered "NHC: what is there as its checks want it" 0 "" '# check_hw_swap || in a comment' '* || check_hw_cpuinfo 4 384 768' \
	' *|| check_hw_physmem 6347656250kB 6347656250kB 3%' '* || check_hw_physmem 6199MB 7TB' '* || check_hw_ib 400 mlx5_ib0:1' '* || check_hw_eth enp0f0' \
	'* || check_gpu_count 8' '* || check_hw_ib 400' '* || check_nvme_count 0'
is "$(jq -r '"\(.checks) \(.unchecked | length)"' "$made/out")" "14 0" "and each of them was checked"
ordered "NHC: what is not, by the line" 1 "5 null 8 there, not 7|3 enp9f9 is not there|4 mlx5_ib1:1 state is DOWN, not ACTIVE|1  sockets is 4, not 2|1  cores is 384, not 96|1  threads is 768, not 96|2  memory is 6054GiB, not <= 2108502363336" \
	'* || check_hw_cpuinfo 2 96 96' '* || check_hw_physmem 1915071MB 1915071MB 5%' '* || check_hw_eth enp9f9' '* || check_hw_ib 400 mlx5_ib1' '* || check_gpu_count 7'
ordered "NHC: what no document tells is no deviation" 0 "" '* || check_gpu_count 8' '* || check_cuda_bw 52' '* || check_hw_eth lo' '* || check_hw_eth docker0' \
	'n[1-9] || check_gpu_count 4' '* || export MARK_OFFLINE=1' '* || check_hw_physmem much' 'check_gpu_xid'
is "$(jq -c .unchecked "$made/out")" '["check_cuda_bw 52","check_hw_eth lo","check_hw_eth docker0","check_gpu_count 4","export MARK_OFFLINE=1","check_hw_physmem much","check_gpu_xid"]' \
	"and is told"
check "$made/big.json"
is "$(sed -n 2p "$made/out" | cut -c 1-60)" "7 lines of the spec are not checked: check_cuda_bw 52, check" "also in a table"
check "$made/big.json" --format nagios
is "$status $(cat "$made/out")" "0 BEE OK: as ordered, 1 checks, 7 lines of the spec are not checked | deviations=0" "and to Nagios"
manifest='{"pci": {"0000:11:00.0": {"type": "gpu", "dev": "/dev/nvidia0", "zone": "0", "slot": "GPU0", "link_speed": ["16.0 GT/s PCIe", "32.0 GT/s PCIe"], "link_width": 16}},
"disks": {"BAY0": {"blockdev": "sda", "size": 22000969973760}, "BOOT": {"blockdev": "nvme0n1", "size": 960197124096}},
"eth": {"FRONT": {"netdev": "enp0f0", "phys": true, "flags": ["UP"], "speed": 100000, "mtu": 9000}, "BOND": {"netdev": "bond0", "flags": [], "mtu": 1500}},
"ib": {"link_rate": "400 Gb/sec (4X NDR)", "firmware_version": ["28.39.1000", "28.39.1002"], "interfaces": {"ib0": {"mlx": "mlx5_ib0", "desc": "x"}}},
"cluster": "x"}'
jq '.storage.drives += [{key: "nvme0", capacity_bytes: 960197124096, protocol: "NVMe"}] | .pcie.devices |= map(if .key == "0000:11:00.0" then .link_speed_gtps = 32 | .link_width_lanes = 16 else . end)' \
	"$made/hpc.json" >"$made/big.json"
ordered "gcm: a machine as its manifest has it" 0 "" "$manifest"
is "$(jq -c '.checks, .unchecked' "$made/out" | tr '\n' ' ')" '15 ["BOND","cluster"] ' "and what is none of a machine's"
ordered "gcm: links, sizes, firmware that are not" 1 "2 sda size is 22TB, not >= 30000000000000|4 enp0f0 speed is 100, not 200|1 0000:11:00.0 lanes is 16, not 8|5 mlx5_ib0:1 firmware is 28.39.1002, not 28.39.1000|28.39.1004" \
	"$(echo "$manifest" | jq '.disks.BAY0.size = 30000000000000 | .eth.FRONT.speed = 200000 | .pci["0000:11:00.0"].link_width = 8 | .ib.firmware_version[1] = "28.39.1004"')"
for text in '{"pci"' '{}' '{"schema_version": "1.0"}' '{"pci": 1} x' '[1]'; do
	printf '%s\n' "$text" >"$made/spec"
	check "$made/big.json"
	echo "$status $(sed "s,.*$made/,," "$made/err")"
done >"$made/refusals"
is "$(cat "$made/refusals")" "2 spec:1: a machine manifest is JSON: it ends early
2 spec:1: a machine manifest has pci, disks, eth or ib
2 spec:1: this is a document; bee expect makes a spec of it
2 spec:1: a machine manifest is JSON: something follows it
2 spec:1: nobody can order \"[1]\": bee verify --help" "JSON that is no manifest"
printf '{"pci": {"\\u001b[31m\\"\\n": {"link_width": 16, "link_speed": 5}, "x": 7}, "disks": {"\\u202e": {}}, "eth": [], "ib": {"interfaces": {"a": {"mlx": "\\" 9 x"}}, "firmware_version": [[], "|||"]}}' >"$made/spec"
check "$made/big.json"
is "$status $(LC_ALL=C tr -d ' -~\n' <"$made/out" | wc -c) $(cat "$made/err")" "1 0 " "a hostile manifest is text"
cp "$made/kept.json" "$made/big.json"
ordered "a part by its place" 1 "2 sdzz is not there" "pcie 1 at 0000:05:00.0 lanes 8, speed 16|32" "drives 1 at sdzz" "others allowed"

refused "a spec that asks for nothing, which any machine would be" 'spec: it asks for nothing: bee expect writes a spec' "# drives 60" ""
refused "a kind that nobody has" 'spec:2: nobody can order "wheels": bee verify --help' "drives 60" "wheels 4"
refused "a property that a kind does not have" 'spec:1: drives have no "colour": size type bus firmware life hours health' "drives 60 colour red"
refused "a property of nothing" 'spec:1: "size" of what?' "drives 60 size"
refused "a kind alone" 'spec:1: how many drives?' "drives"
refused "a quote that is open" 'spec:1: a quote is not closed' 'system model "EX'
refused "findings above nonsense" 'spec:1: "no finding above OK", or Warning, or Critical' "no finding above Bad"
printf 'drives \033[31m 4\n' >"$made/spec"
check "$made/big.json"
is "$status $(LC_ALL=C tr -d ' -~\n' <"$made/err" | wc -c)" "2 0" "what is wrong with a spec is told in printable ASCII"

printf 'system model "EX\377\033"\nallow \377\n' >"$made/spec"
check "$made/big.json" --format json
is "$status $(jq -r '.deviations[0].wanted' "$made/out")" '1 EX\xff\x1b' "what is no text is escaped as in documents"

"$expect" "$made/big.json" >"$made/spec"
check "$made/big.json" --format nagios
is "$status $(cat "$made/out")" "0 BEE OK: as ordered, $("$verify" -e "$made/spec" -f json "$made/big.json" | jq .checks) checks | deviations=0" "a line for Nagios"
jq '.power_supplies |= map(select(.name != "PSU3")) | .storage.drives[0].firmware_version = "AN|02"' "$made/big.json" >"$made/b.json"
check "$made/b.json" --format nagios
is "$status $(cat "$made/out")" "2 BEE CRITICAL: 2 deviations: drives sda: firmware is AN/02, not >= EN03; power: 3 there, not 4 x EXP-3000 | deviations=2" \
	"one that says what is wrong"
jq 'del(.power_supplies)' "$made/big.json" >"$made/b.json"
check "$made/b.json" --format nagios
is "$status $(cut -c 1-12 "$made/out")" "3 BEE UNKNOWN:" "one that nobody can say"
check "$made/none.json" --format nagios
is "$status" 3 "so is a document that is not there"
check "$fixtures/report/hostile.json" --format nagios
is "$status $(wc -l <"$made/out") $(LC_ALL=C tr -d ' -~\n' <"$made/out" | wc -c)" "2 1 0" "a hostile document makes one line of printable ASCII"

for size in 40 80 200; do
	LANG=C.UTF-8 "$verify" -e "$made/spec" -w "$size" "$fixtures/report/server.json" >"$made/out" 2>&1
	is "$? $(LC_ALL=C.UTF-8 awk -v most="$size" 'length($0) > most' "$made/out" | head -n 3)" "1 " "no line is wider than $size columns"
done
check "$made/none.json"
is "$status $(cat "$made/err")" "2 bee-verify: $made/none.json: No such file or directory" "a document that is not there is exit 2"
"$verify" "$made/big.json" >"$made/out" 2>"$made/err"
is "$? $(cat "$made/err")" "2 bee-verify: --expect SPEC is needed: bee expect makes one" "a spec is needed"
"$expect" "$made/spec" >"$made/out" 2>"$made/err"
is "$? $(grep -c 'not a document of bee audit' "$made/err")" "2 1" "a spec of a spec is none"
confined "verify: the filter is loaded before the first byte is read" "$verify" -e "$made/spec"
confined "expect: the filter is loaded before the first byte is read" "$expect"
for command in expect verify; do
	"$B/bee-$command" --help >"$made/out"
	is "$? $(sed -n 3p "$made/out" | cut -c 1-13)" "0   bee expect " "bee $command --help begins with examples"
	options_told "$made/out" "$here/../../doc/man/bee-$command.1" "--help and bee-$command(1) name the same options"
done
tap_end
