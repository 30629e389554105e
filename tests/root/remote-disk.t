#!/bin/sh
# Orders that need a disk: which one it is, who may have it, a partition that is installed anew.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
command -v losetup >/dev/null || skip_all "losetup is not installed"

# Two loop devices that have serials, by a /sys/block of the test's own.
loops=
# shellcheck disable=SC2317 # the trap calls it
loops_end() {
	for one in $loops; do losetup -d "$one" 2>/dev/null; done
	tidy
}
trap loops_end EXIT
mkdir "$made/block"
for n in 1 2; do
	head -c 4194304 /dev/urandom >"$made/disk$n"
	loop=$(losetup -f --show "$made/disk$n" 2>/dev/null) || skip_all "no loop devices here"
	loops="$loops $loop"
	mkdir -p "$made/block/${loop#/dev/}/device"
	echo "S4EVNX0M00000$n  " >"$made/block/${loop#/dev/}/device/serial"
	[ "$n" = 1 ] && first=$loop
	second=$loop
done
# As nvme0c0n1 beside nvme0n1: a way to the first, not a second of its serial.
mkdir -p "$made/block/nvme0c0n1/device"
echo S4EVNX0M000001 >"$made/block/nvme0c0n1/device/serial"
echo 1 >"$made/block/nvme0c0n1/hidden"
# A name of blanks is none: vital product data has the second's (SPC-6, page 80h, whose head is 4 bytes).
rm "$made/block/${second#/dev/}/device/serial"
echo "        " >"$made/block/${second#/dev/}/serial"
printf '\000\200\000\016S4EVNX0M000002' >"$made/block/${second#/dev/}/device/vpd_pg80"
mount --bind "$made/block" /sys/block || skip_all "no mount on /sys/block"
server_start

# Xenoboot's trashed partition: its image comes with the order, by its sum.
head -c 1000000 /dev/urandom >"$server/files/image"
cp "$made/disk2" "$made/before2"
sum=$(sha256sum <"$server/files/image" | cut -d' ' -f1)
serial=S4EVNX0M000001
install_order() {
	make_order "$1" "#bee-need write $serial" "#bee-file image $sum" <<-'END'
		echo "on $2 of $(blockdev --getsize64 "$2") bytes"
		dd if="$1/image" of="$2" bs=64k conv=fsync status=none || exit 1
		head -c 1000000 "$2" | cmp - "$1/image" && echo same
	END
}
install_order 7
refused "a disk is no order's by itself" "not allowed here"
echo "allow disk" >"$conf/remote.policy"
machine_key
refused "where disks may be read, none is written" "not allowed here"
make_order 7 "#bee-need disk $serial" <<'END'
head -c 512 "$2" | sha256sum
dd if=/dev/zero of="$2" count=1 && echo written
END
rm -rf "$state"
remote once
is "$(head -n 1 "$state/order.log")" "$(head -c 512 "$made/disk1" | sha256sum)" "one that may be read is read"
is "$(grep -c written "$state/order.log")" 0 "and not written to"
make_order 7 "#bee-need disk S4EVNX0M000002" <<'END'
head -c 512 "$2" | sha256sum
END
rm -rf "$state"
remote once
is "$(cat "$state/order.log")" "$(head -c 512 "$made/disk2" | sha256sum)" "as is one whose serial is in its vital product data alone"
echo "allow write" >"$conf/remote.policy"
rm "$conf/machine.key"
install_order 8
refused "a machine that signs nothing writes nothing" "it needs a disk, and nothing but its word proves which machine this is"
make_order 8 "#bee-need disk $serial" </dev/null
refused "nor does it read one" "it needs a disk, and nothing but its word proves which machine this is"
machine_key
install_order 8
remote once
is "$status $(cat "$state/order.log")" "0 on $first of 4194304 bytes
same" "an image that the order names is written where the serial says"
ok "$(head -c 1000000 "$made/disk1" | cmp -s - "$server/files/image"; echo $?)" "bit by bit"
ok "$(cmp -s "$made/disk2" "$made/before2"; echo $?)" "and nothing to the other disk"
: >"$server/log"
remote once
is "$status $(grep -c '/v1/file' "$server/log")" "0 0" "once"

serial=S4EVNX0M000009 install_order 9
remote once
ok "$(said "there is none with the serial"; echo $?)" "a serial that no disk has"
is "$status" 3 "is a failure of the order"
echo "S4EVNX0M000001" >"$made/block/${second#/dev/}/device/serial"
install_order 10
remote once
ok "$(said "there is more than one"; echo $?)" "a serial that two have"
echo "0000000000" >"$made/block/${first#/dev/}/device/serial"
serial=0000000000 install_order 11
remote once
ok "$(said "no serial that tells disks apart"; echo $?)" "a placeholder"
echo "S4EVNX0M000001" >"$made/block/${first#/dev/}/device/serial"
echo "S4EVNX0M000002" >"$made/block/${second#/dev/}/device/serial"
mkdir "$made/mnt"
if mkfs.ext2 -q "$first" 2>/dev/null && mount "$first" "$made/mnt" 2>/dev/null; then
	install_order 12
	remote once
	ok "$(said "it is in use"; echo $?)" "a disk that is mounted is not written to"
	umount "$made/mnt"
else
	skip "a disk that is mounted is not written to" "no ext2 here"
fi
for target in "#bee-target any" "#bee-target id=a
#bee-target id=rack4-node7"; do
	make_order 13 "$target" "#bee-need write $serial" <<-'END'
		echo ran
	END
	remote once
	ok "$(said "names not exactly one machine"; echo $?)" "an order for several machines has no disk"
done
tap_end
