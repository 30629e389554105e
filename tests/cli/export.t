#!/bin/sh
# bee export: each target by the consumer's own reader, hostile documents, mistakes.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=$here/../fixtures/report
B=${B:-$here/../../build}
export B
export=$B/bee-export
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

[ -x "$export" ] || { echo "1..0 # SKIP $export is not there: make"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }

# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	"$export" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}

try --help
is "$status $(sed -n 3p "$made/out" | cut -c 1-17)" "0   bee export --to" "help begins with examples"
options_told "$made/out" "$here/../../doc/man/bee-export.1" "--help and bee-export(1) name the same options"
targets=$(sed -n '/^Targets:/,$s/^  \([a-z][a-z]*\) .*/\1/p' "$made/out")
is "$(sed -n 's/^\.It Cm //p' "$here/../../doc/man/bee-export.1" | xargs)" "$(echo "$targets" | xargs)" "and the same targets"

# A document that says what each form would obey.
jq '.identity.serial_number = "a\"b\\c\nbee_evil 1" | .identity.model = "=1+cmd|x" | .storage.drives[0].model = "a,\"b\"\r\nc" |
	.storage.drives[0].serial_number = "{{ lookup(\"pipe\", \"id\") }}" | .storage.drives[0].key = "\u0007</x>" |
	.storage.drives += [.storage.drives[1]] | .storage.drives[2].temperature_celsius = {"a": 1} |
	.findings += [7, {"id": "x\ny"}, null] | .processors += ["text", null] | .memory.modules += [{"key": 7}]' \
	"$fixtures/server.json" >"$made/evil.json"
printf '{"schema_version":"1.0"}\n' >"$made/bare.json"

if command -v python3 >/dev/null; then
	for each in "$fixtures"/*.json "$made/evil.json" "$made/bare.json"; do
		is "$(python3 "$here/../corpora/exported.py" "$each" 2>&1 | head -n 5)" "" "${each##*/} is taken by what each form is for"
	done
else
	skip "each form is taken by what it is for" "python3 is not installed"
fi
for target in $targets; do
	try --to "$target" "$made/evil.json"
	cp "$made/out" "$made/one"
	try -t "$target" - <"$made/evil.json"
	"$export" -t "$target" - <"$made/evil.json" >"$made/out"
	is "$(cmp "$made/one" "$made/out" 2>&1)" "" "$target: the same document gives the same bytes"
done

try --to prometheus "$fixtures/sick.json"
is "$(grep -E '^bee_(health|audit_timestamp_seconds|audit_duration_seconds) ' "$made/out" | xargs)" \
	"bee_audit_timestamp_seconds 1795168800.000 bee_health 2 bee_audit_duration_seconds 29.7" "metrics: health, and time in seconds"
is "$(date -u -d @1795168800 +%FT%TZ)" "$(jq -r .audit.started "$fixtures/sick.json" | sed 's/\.000//')" "which is when it started"
try --to prometheus "$made/evil.json"
# The end of line was escaped when the document was read, and that escape's backslash is one here.
is "$(grep -c '^bee_evil' "$made/out") $(grep -cF 'serial_number="a\"b\\c\\x0abee_evil 1"' "$made/out")" "0 1" \
	"a serial number makes no metric of its own"
is "$(grep '^bee_' "$made/out" | sed 's/ [^ ]*$//' | sort | uniq -d)" "" "no series comes twice, also where a part does"
jq '.storage.drives[0] |= . + {power_on_hours: 2, predicted_media_life_left_percent: 93, data_written_bytes: 9007199254740991} |
	.network.interfaces = [{key: "eth0", speed_gbps: 25, link_detected: true}]' "$fixtures/server.json" >"$made/units.json"
try --to prometheus "$made/units.json"
is "$(sed -nE 's/^bee_(drive_(power_on|life|written)|interface_speed|interface_link)[a-z_]*\{[^}]*\} //p' "$made/out" | xargs)" \
	"0.93 7200 9007199254740991 3125000000 1" "hours are seconds, percents ratios, bits bytes, and whole numbers whole"

try --to csv "$fixtures/server.json"
is "$(sed -n 1p "$made/out" | tr -d '\r' | cut -d , -f 1-9)" \
	"machine_manufacturer,machine_model,machine_serial_number,machine_uuid,audited,kind,key,name,place" "csv: the first line names the columns"
is "$(grep -c ',drive,' "$made/out")" "$(jq '.storage.drives | length' "$fixtures/server.json")" "each drive has a row"
is "$(grep -c ',memory,' "$made/out")" "$(jq '[.memory.modules[] | select(.state == "Enabled")] | length' "$fixtures/server.json")" \
	"each module has one, and no empty slot"
is "$(tr -d '\r' <"$made/out" | wc -l) $(grep -c "$(printf '\r')\$" "$made/out")" "$(wc -l <"$made/out") $(wc -l <"$made/out")" "lines end in CR LF"
try --to csv "$made/evil.json"
jq '.identity.model = "x;=1+cmd|y"' "$made/evil.json" >"$made/parted.json"
try --to csv "$made/parted.json"
ok "$(grep -q "\"'x;=1+cmd|y\"" "$made/out"; echo $?)" "nor one where a semicolon parts them"
try --to csv "$made/evil.json"
is "$(grep -c "\"'=1+cmd|x\"" "$made/out")" "$(grep -c '^Dell' "$made/out")" "no cell begins like a formula"

try --to netbox --site "Berlin 1" --role "GPU node" "$fixtures/server.json"
is "$(jq -c '[.[2].objects[0] | .name, .serial, .site, .role]' "$made/out")" \
	'["7XK2M13","7XK2M13",{"name":"Berlin 1","slug":"berlin-1"},{"name":"GPU node","slug":"gpu-node"}]' "netbox: site and role are those that were named"
is "$(jq '[.[5].objects[] | select(.name | startswith("drive "))] | length' "$made/out")" "$(jq '.storage.drives | length' "$fixtures/server.json")" \
	"each drive is an inventory item"
jq --arg long "$(printf '%0300d' 0)" '.identity.model = $long | .identity.serial_number = "  \($long)" | .identity.manufacturer = "\u8054\u60f3" |
	.memory.modules |= map(.manufacturer = "Acme (R)" | .part_number = "  " | .locator = $long)' "$fixtures/server.json" >"$made/long.json"
try --to netbox "$made/long.json"
is "$(jq -c '[.[2].objects[0] | (.name | length), (.serial | length), (.device_type.model | length)]' "$made/out")" "[64,50,100]" \
	"what is longer than a field is cut"
is "$(jq -c '.[0].objects[0]' "$made/out")" '{"name":"联想","slug":"x-444b5e4a"}' "a maker in other letters has a slug"
is "$(jq -r '[.[5].objects[].name] | (length == (unique | length)), (map(length) | max)' "$made/out" | xargs)" "true 64" \
	"names of items differ, also where they are cut"

# The man page's loop, against what NetBox does: it takes one object, or a list whole or not at all
# (SequentialBulkCreatesMixin of netbox/api/viewsets/mixins.py), and a backslash is JSON's own.
jq '.identity.model = "a \\ \u0022b\u0022 \n"' "$fixtures/server.json" >"$made/slash.json"
sed -n '/^A machine into NetBox/,/^\.Ed/p' "$here/../../doc/man/bee-export.1" | sed '1,2d; $d; s/^\$ //; s/\\e/\\/g' >"$made/loop"
cat >"$made/posts" <<-'END'
	bee() { [ "$1" = export ] && shift && "$program" "$@" "$slash"; }
	curl() { printf '%s %s\n' "$7" "$(printf '%s' "$6" | jq -c 'type')"; }
	URL=http://n TOKEN=x
END
program=$export slash=$made/slash.json sh -c ". '$made/posts'; . '$made/loop'" >"$made/posted"
try --to netbox "$made/slash.json"
is "$(sort "$made/posted" | uniq -c | xargs)" "$(jq -r '.[] | "http://n/api/\(.endpoint)/ \(.objects[] | type | tojson)"' "$made/out" | sort | uniq -c | xargs)" \
	"netbox: the loop of the manual page posts each object by itself"

try --to cyclonedx "$fixtures/server.json"
is "$(jq -c '[.specVersion, .metadata.timestamp, .metadata.component.name, ([.components[] | select(.type == "device") | .description | select(startswith("drive"))] | length)]' "$made/out")" \
	"[\"1.6\",\"2026-11-20T10:00:00.000Z\",\"PowerEdge R640\",$(jq '.storage.drives | length' "$fixtures/server.json")]" "cyclonedx: the machine and its drives"
jq '.firmware_inventory = [{key: "storage.drives/sda/firmware_version", class: "Drive", version: "X1", component: {type: "storage.drives", key: "sda"}},
	{key: "bmc/firmware_version", class: "BMC", version: "2", component: {type: "bmc", key: null}}]' "$fixtures/server.json" >"$made/firmware.json"
try --to cyclonedx "$made/firmware.json"
is "$(jq -c '[.dependencies[] | select(.ref == "storage.drives/sda") | .dependsOn[]], (.dependencies[0].dependsOn | map(select(startswith("firmware/"))))' "$made/out" | xargs)" \
	"[firmware/storage.drives/sda/firmware_version] [firmware/bmc/firmware_version]" "firmware belongs to what runs it"

try --to ansible "$made/evil.json"
is "$(jq -c '[.. | objects | select(has("__ansible_unsafe")) | .[]] | map(select(startswith("{{")))' "$made/out")" '["{{ lookup(\"pipe\", \"id\") }}"]' \
	"ansible: what would run on the controller is marked as data"
jq '.host = {name: "-e x;{{1}}"}' "$fixtures/server.json" >"$made/host.json"
try --to ansible "$made/host.json"
is "$(jq -r '.all.hosts | keys[]' "$made/out")" "h-e-x---1--" "and a host's name is no option and no pattern"
jq '.storage.drives = [{key: "nvme0", model: "EX", serial_number: "S1", namespaces: [{name: "nvme0n1", capacity_bytes: 7, wwid: "eui.01"}, {name: "nvme0n2"}]},
	{key: "sda", capacity_bytes: 9, rotational: true}] | .network.interfaces = [{key: "eth0", mac_address: "02:00:5e:00:00:01"}, {key: "eth1"}]' \
	"$fixtures/server.json" >"$made/disks.json"
try --to ipa "$made/disks.json"
is "$(jq -c '[.inventory.disks[] | [.name, .size, .serial, .wwn]], [.inventory.interfaces[].name]' "$made/out" | xargs)" \
	"[[/dev/nvme0n1,7,S1,eui.01],[/dev/nvme0n2,null,S1,null],[/dev/sda,9,null,null]] [eth0]" "ipa: a disk for each namespace, and interfaces with an address"
try --to glpi "$fixtures/server.json"
is "$(jq -c '[.deviceid, .content.bios.ssn, (.content.storages | length), .content.memories[0].capacity]' "$made/out")" \
	"[\"bee-4c4c4544-0058-4b10-8032-b7c04f4d3133\",\"7XK2M13\",$(jq '.storage.drives | length' "$fixtures/server.json"),32768]" "glpi: by the machine's UUID; memory in MiB"

# The same machine as a Redfish service: what is not there, what stands in two places, what is no address.
jq '.pcie.devices = [{key: "0000:3b:00.0", class_code: "0x020000", vendor_id: "0x15b3", device_id: "0x1017", model: "ConnectX-5", link_width_lanes: 64, max_link_width_lanes: 16}, {key: "0000:3b:00.1", device_id: "text"}, {key: "../..:0"}] |
	.memory.modules = [{key: "0x1", locator: "A1", state: "Enabled", capacity_bytes: 34359738368, memory_device_type: "DDR5"}, {key: "0x2", locator: "A2", state: "Absent"}] |
	.sensors = [{key: "t", reading_celsius: -4.5}, {key: "x", reading: 1}] | .gpus = [{key: "0000:01:00.0", model: "G"}] |
	.network.interfaces = [{key: "ib0", mac_address: "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01"}, {key: "eth0", mac_address: "02:00:5e:00:00:01", speed_gbps: 2.5}]' \
	"$fixtures/server.json" >"$made/redfish.json"
try --to redfish "$made/redfish.json"
S=/redfish/v1/Systems/1 C=/redfish/v1/Chassis/1
at() { jq -c --arg at "$1" "[.[\$at]$2]" "$made/out"; }
is "$(at $S '|.SerialNumber, .UUID, .Processors["@odata.id"]')" '["7XK2M13","4c4c4544-0058-4b10-8032-b7c04f4d3133","/redfish/v1/Systems/1/Processors"]' "redfish: the system"
is "$(at $S/Memory/1 '|.CapacityMiB, .MemoryDeviceType, .Status.State, .Location.PartLocation.ServiceLabel') $(at $S/Memory/2 '|.Status.State')" \
	'[32768,"DDR5","Enabled","A1"] ["Absent"]' "memory in MiB, and the empty slot"
is "$(at $C/PCIeDevices '|.["Members@odata.count"]') $(at $C/PCIeDevices/0000-3b-00/PCIeFunctions '|.Members[]["@odata.id"][-2:]') $(at $C/PCIeDevices/0000-3b-00/PCIeFunctions/1 '|.FunctionId, .DeviceId')" \
	'[1] ["/0","/1"] [1,null]' "functions are of one device, and a number is one or left out"
is "$(at $C/PCIeDevices/0000-3b-00 '|.PCIeInterface')" '[{"MaxLanes":16}]' "more lanes than the schema takes are none"
is "$(at $C/Sensors/1 '|.Reading, .ReadingUnits, .ReadingType') $(at $C/Sensors/2 '')" '[-4.5,"Cel","Temperature"] [null]' "a reading has a unit"
is "$(at $S/EthernetInterfaces/1 '|.MACAddress') $(at $S/EthernetInterfaces/2 '|.MACAddress, .SpeedMbps')" '[null] ["02:00:5e:00:00:01",2500]' "an address is one of Ethernet; speed in Mb/s"
is "$(jq -r '[.[] | select(.ProcessorType == "GPU") | .["@odata.id"]] | length' "$made/out")" 1 "a GPU is a processor of its type"
is "$(at $S/Storage/1 '|.["Drives@odata.count"]')" "[$(jq '.storage.drives | length' "$fixtures/server.json")]" "storage has the chassis' drives"

try --to nothing "$fixtures/server.json"
is "$status $(grep -c 'there is no "nothing"' "$made/err")" "64 1" "a target that is none is exit 64"
try "$fixtures/server.json"
is "$status" 64 "so is none at all"
try --to csv a b
is "$status" 64 "and two documents"
try --to csv "$made/none.json"
is "$status $(cat "$made/err")" "74 bee-export: $made/none.json: No such file or directory" "a file that is not there is exit 74"
echo '{}' >"$made/no.json"
try --to csv "$made/no.json"
is "$status" 65 "another JSON text is exit 65"
"$export" --to csv "$fixtures/server.json" >/dev/full 2>"$made/err"
is "$?" 74 "a full disk is exit 74"
confined "the filter is loaded before the first byte is read" "$export" --to csv
tap_end
