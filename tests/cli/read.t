#!/bin/sh
# bee-read on a folder of all that a file can be.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
read=${BEE_READ:-${B:-$here/../../build}/bee-read}
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT

if [ ! -x "$read" ]; then
	skip "bee-read prints files" "$read is not there: make"
	tap_end
fi
folder=$root/sys/block
mkdir -p "$folder/sda/queue" "$folder/sdb" "$root/sys/devices/deep"
printf 'EXAMPLE\n' >"$folder/sda/model"
printf 'one\ntwo' >"$folder/sda/lines"
: >"$folder/sda/empty"
printf '1\n' >"$folder/sda/queue/rotational"
printf '0\n' >"$root/sys/devices/deep/size"
ln -s ../devices/deep "$folder/sdc"
ln -s ../../bus/drivers/sd "$folder/sda/driver"
ln -s /etc "$folder/etc"
mkfifo "$folder/sdb/fifo"
head -c 70000 /dev/zero | tr '\0' x >"$folder/sdb/long"
printf 'x\n' >"$folder/sdb/.hidden"

# lines PATTERN...: what is printed, a tab shown as one blank
lines() {
	"$read" --root "$root" "$@" 2>"$root/error" | cut -c 1-60 | tr '\t' ' '
}

is "$(lines '/sys/block/sda/model')" "v /sys/block/sda/model EXAMPLE" "a file gives its lines"
is "$(lines '/sys/block/sda/{empty,lines}')" "v /sys/block/sda/empty 
v /sys/block/sda/lines one
v /sys/block/sda/lines two" "an empty file has one empty line, the last line needs no end"
is "$(lines '/sys/block/sda/driver')" "l /sys/block/sda/driver ../../bus/drivers/sd" \
	"a link in the last place is told, not followed"
is "$(lines '/sys/block/*/size')" "v /sys/block/sdc/size 0" "a link on the way is followed"
is "$(lines '/sys/block/*')" "l /sys/block/etc /etc
l /sys/block/sdc ../devices/deep" "folders print nothing"
is "$(lines '/sys/block/etc/passwd')" "" "an absolute link does not lead out of --root"
is "$(lines '/sys/../../../../etc/passwd')" "" "nor do dots"
is "$(lines '/sys/block/s*a/{model,queue/rotational}' | head -n 1)" "" \
	"a brace does not reach over components"
is "$(lines '/sys/block/{sdb,sda}/{model,nothing}' '/sys/block/sda/queue/*')" \
	"v /sys/block/sda/model EXAMPLE
v /sys/block/sda/queue/rotational 1" "patterns come in their order, matches sorted"
is "$(lines '/sys/block/sdb/*' | cut -c 1-30)" "e /sys/block/sdb/fifo EINVAL
v /sys/block/sdb/long xxxxxxxx
e /sys/block/sdb/long EFBIG" "a fifo does not hang it, and a long file is cut and told"
is "$("$read" --root "$root" /sys/block/sdb/long | head -n 1 | wc -c)" \
	"$((65536 + 23))" "64 KiB of a file are printed"
is "$(lines '/sys/block/sdb/.h*')" "v /sys/block/sdb/.hidden x" "a dot in front is matched by a dot"
is "$(lines '/sys/block/*d*/m*del*')" "v /sys/block/sda/model EXAMPLE" "a star may stand for nothing"
touch "$folder/sda/a\\b"
is "$(lines '/sys/block/sda/a\*')" 'v /sys/block/sda/a\b ' "a backslash is itself"
is "$(lines '/sys/block/sd[a]/model' '/sys/block/sd?/model')" "" "brackets and question marks are themselves"
"$read" --root "$root" '/sys/block/sd[a-z]*' 2>"$root/error"
is "$?" 64 "beside a star they are a mistake"
"$read" --root "$root" '/sys/block/s?*' 2>"$root/error"
is "$?" 64 "both of them"
is "$(lines /nowhere/at/all)" "" "what is not there prints nothing"
"$read" --root "$root" '/sys/{a' 2>"$root/error"
is "$?" 64 "a brace that is not closed is a mistake"
"$read" --root "$root" sys/block 2>"$root/error"
is "$?" 64 "so is a path that is not absolute"
"$read" --root "$root" "/sys/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}" \
	2>"$root/error"
is "$?" 64 "so are braces that multiply without end"
"$read" /proc/self/stat >/dev/full 2>"$root/error"
is "$?" 74 "a full device is told"
tap_end
