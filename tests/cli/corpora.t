#!/bin/sh
# What the storage, pcie and nvidia collectors make of real machines' outputs, against jq and
# awk on the raw ones. The outputs are not ours to keep: BEE_CORPORA names a folder of them.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
collect=${BEE_COLLECT:-${B:-$here/../../build}/bee-collect}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

if [ ! -d "$BEE_CORPORA" ]; then
	skip "real machines' outputs are read" "BEE_CORPORA names no folder of them"
	tap_end
fi
if [ ! -x "$collect" ] || ! command -v jq >/dev/null; then
	skip "real machines' outputs are read" "needs $collect (make) and jq"
	tap_end
fi

# The properties as jq reads them from smartctl's JSON; "" for what is not there.
raw='[
	(.model_name // .scsi_product // .scsi_model_name),
	.serial_number,
	(.firmware_version // .scsi_revision),
	(.user_capacity.bytes // .nvme_total_capacity),
	(.smart_status.passed | if . == null then null elif . then "OK" else "Critical" end),
	.temperature.current,
	.power_on_time.hours,
	(.rotation_rate | if . == 0 then null else . end),
	(.interface_speed.current | if . == null then null
		else .units_per_second * .bits_per_unit / 1e9 end),
	(.nvme_smart_health_information_log.percentage_used
		| if . == null then null else [100 - ., 0] | max end)
] | map(if . == null then "" else tostring | sub("^ +"; "") | sub(" +$"; "") end) | join("|")'
ours='select(.type == "storage.drives").props | [
	.model, .serial_number, .firmware_version, .capacity_bytes, .health,
	.temperature_celsius, .power_on_hours, .rotation_speed_rpm, .negotiated_speed_gbps,
	(if .protocol == "NVMe" then .predicted_media_life_left_percent else null end)
] | map(if . == null then "" else tostring end) | join("|")'
for json in "$BEE_CORPORA"/smartctl/*.json; do
	[ -f "$json" ] || continue
	"$collect" storage smart sda <"$json" >"$made/got" 2>"$made/stderr"
	is "$?" 0 "$(basename "$json") is read without an error"
	is "$(jq -r "$ours" "$made/got")" "$(jq -r "$raw" "$json")" \
		"$(basename "$json") gives what jq reads in it"
done

for dump in "$BEE_CORPORA"/lspci/*; do
	[ -f "$dump" ] || continue
	if ! lspci -F "$dump" -vmm -D >"$made/text" 2>/dev/null; then
		skip "$(basename "$dump") gives every function" "lspci cannot read it"
		continue
	fi
	"$collect" pcie lspci <"$made/text" >"$made/got"
	is "$(jq -r '[.key, .props.class, .props.model] | join("|")' "$made/got")" \
		"$(awk -F '\t' '$1 == "Slot:" { slot = $2 } $1 == "Class:" { class = $2 }
			$1 == "Device:" { print slot "|" class "|" $2 }' "$made/text")" \
		"$(basename "$dump") gives every function with its class and name"
done

for capture in "$BEE_CORPORA"/nvidia/*; do
	[ -f "$capture" ] || continue
	awk '/^# \$ nvidia-smi -q$/ { on = 1; next } on && /^####/ && seen { exit }
		on && /^####/ { seen = 1; next } on' "$capture" >"$made/text"
	"$collect" nvidia smi <"$made/text" >"$made/got"
	is "$?" 0 "$(basename "$capture") is read without an error"
	is "$(jq -r '.props | [.model, .uuid, .driver_version, .memory_bytes / 1048576,
			.vbios_version] | join("|")' "$made/got")" \
		"$(awk -F ' : ' '{ gsub(/^ +| +$/, "", $1) }
			$1 == "Driver Version" { driver = $2 }
			$1 == "Product Name" { name = $2 } $1 == "GPU UUID" { uuid = $2 }
			$1 == "VBIOS Version" { bios = $2 }
			$1 ~ /^FB Memory Usage/ { fb = 1 }
			$1 == "Total" && fb { sub(/ MiB/, "", $2); fb = 0
				print name "|" uuid "|" driver "|" $2 "|" bios }' "$made/text")" \
		"$(basename "$capture") gives what awk reads in it"
done
tap_end
