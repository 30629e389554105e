#!/bin/sh
# Two whole builds of one commit, in folders of their own, are the same bytes; so are two on one base.
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
for tool in lb debootstrap mksquashfs xorriso; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps-iso"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: as the build does"; exit 0; }
[ -d "$top/dist/cache/live-build" ] || { echo "1..0 # SKIP no packages are there: make check-iso"; exit 0; }
# Beside dist/, whose cache is linked and not copied.
made=$(mktemp -d "$top/dist/same.XXXXXX")
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM

built() {
	BEE_DIST=$made/$1 "$top/iso/build.sh" --output "$made/$1/$2" >"$made/said" 2>&1
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$made/said"
	return $status
}
# The second at another time of day, on another path, and with another umask.
for folder in one another-and-longer; do
	mkdir -p "$made/$folder/cache"
	cp -al "$top/dist/cache/live-build" "$made/$folder/cache/live-build"
	built $folder whole.iso
	ok $? "a whole build in $folder"
	umask 077
done
cmp "$made/one/whole.iso" "$made/another-and-longer/whole.iso" >"$made/said" 2>&1
ok $? "of one commit they are the same bytes"
sed 's/^/# /' "$made/said"
built one again.iso && cmp "$made/one/whole.iso" "$made/one/again.iso"
ok $? "and so is one more on the first's base"
tap_end
