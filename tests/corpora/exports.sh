#!/bin/sh
# exports.sh FOLDER: each export of each made-up machine by the validators that can be had: Prometheus' promtool and
# CycloneDX's schemas are fetched once into FOLDER, by apt and npm, and not installed; ansible-inventory is taken where it
# is. GLPI's, NetBox's and DMTF's schemas only where BEE_GLPI, BEE_NETBOX and BEE_REDFISH name them. TAP.
set -u
into=${1:?}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
B=${B:-$top/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
export B
mkdir -p "$into"
into=$(cd "$into" && pwd)
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

# had NAME WHERE WHY: tells which of them judge.
had() {
	if [ -n "$2" ] && [ -e "$2" ]; then
		ok 0 "$1 judges"
	else
		skip "$1 judges" "$3"
	fi
}

BEE_PROMTOOL=${BEE_PROMTOOL:-$(command -v promtool)}
if [ -z "$BEE_PROMTOOL" ] && [ ! -e "$into/usr/bin/promtool" ] && command -v apt-get >/dev/null; then
	(cd "$into" && apt-get download prometheus >/dev/null 2>&1 && dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb usr/bin/prometheus)
fi
BEE_PROMTOOL=${BEE_PROMTOOL:-$into/usr/bin/promtool}
[ -x "$BEE_PROMTOOL" ] || BEE_PROMTOOL=
BEE_CYCLONEDX=${BEE_CYCLONEDX:-$into/package/res/schema}
if [ ! -e "$BEE_CYCLONEDX" ] && command -v npm >/dev/null; then
	(cd "$into" && tar -xzf "$(npm pack --silent @cyclonedx/cyclonedx-library 2>/dev/null)" package/res/schema && rm -f ./*.tgz) 2>/dev/null
fi
python3 -c 'import jsonschema' 2>/dev/null && [ -e "$BEE_CYCLONEDX" ] || BEE_CYCLONEDX=
BEE_ANSIBLE=${BEE_ANSIBLE:-$(command -v ansible-inventory)}
export BEE_PROMTOOL BEE_CYCLONEDX BEE_ANSIBLE
had promtool "$BEE_PROMTOOL" "it is not installed and could not be fetched"
had "CycloneDX's schema" "$BEE_CYCLONEDX" "npm did not fetch it, or python3-jsonschema is not installed"
had ansible-inventory "$BEE_ANSIBLE" "ansible-core is not installed"
had "GLPI's schema" "${BEE_GLPI:-}" "BEE_GLPI names none"
had "NetBox's schema" "${BEE_NETBOX:-}" "BEE_NETBOX names none"
had "Redfish's schemas" "${BEE_REDFISH:-}" "BEE_REDFISH names no folder"

for machine in "$top"/tests/fixtures/*/; do
	name=$(basename "$machine")
	"$B/bee" audit -q --policy-dir "$top/policy" --replay "$machine" -o "$made/$name.json" 2>/dev/null
done
for document in "$made"/*.json "$top"/tests/fixtures/report/*.json; do
	[ -s "$document" ] || continue
	is "$(python3 -W ignore "$here/exported.py" "$document" 2>&1 | head -n 5)" "" "$(basename "$document" .json): each export is taken"
done
if [ -n "${BEE_CORPORA:-}" ]; then
	prove "$here/corpora.t" >"$made/corpora" 2>&1
	is "$? $(grep '^not' "$made/corpora" | head -n 5)" "0 " "and each of the machines in BEE_CORPORA"
	tail -n 3 "$made/corpora" | sed 's/^/# /'
else
	skip "and each of the machines in BEE_CORPORA" "BEE_CORPORA names no folder"
fi
tap_end
