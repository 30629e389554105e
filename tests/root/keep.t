#!/bin/sh
# The image's layers are taken off their medium while they are in use: the real script, on real loop devices.
# shellcheck disable=SC2016,SC2317 # a program's text; a trap's function
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
for tool in mksquashfs mkfs.ext4 losetup perl; do
	command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-iso"
done
mkdir "$made/bee" "$made/fake"
cp "$root/iso/overlay/usr/local/lib/bee/keep" "$made/bee/"
printf '#!/bin/sh\necho "$1" >>%s/told\n' "$made" >"$made/bee/tell"
chmod 755 "$made/bee/tell"
mkdir -p /run/live
mount -t tmpfs bee /run
mkdir -p /run/live/medium /run/live/rootfs/a /run/live/rootfs/b
loops=
release() {
	umount -l /run/live/rootfs/a /run/live/rootfs/b /run/live/medium 2>/dev/null
	for loop in $loops; do losetup -d "$loop" 2>/dev/null; done
	tidy
}
trap release EXIT

# meminfo TOTAL AVAILABLE: in MiB
meminfo() {
	umount /proc/meminfo 2>/dev/null
	printf 'MemTotal: %d kB\nMemAvailable: %d kB\n' $(($1 * 1024)) $(($2 * 1024)) >"$made/meminfo"
	mount --bind "$made/meminfo" /proc/meminfo
}
# loop FILE [OPTION...]: its device
loop() {
	losetup -f --show "$@" || skip_all "no loop device is free"
}
keep() {
	: >"$made/told"
	sh "$made/bee/keep" >"$made/said" 2>&1
	status=$?
}

meminfo 4096 3000
keep
is "$status $(cat "$made/told")" "0 " "without a medium there is nothing to do"

mount -t tmpfs bee /run/live/medium
keep
is "$status $(cat "$made/told")" "0 The image is in memory: the medium may be pulled." \
	"an image that was copied at the start, or came over the network, is in memory"
umount /run/live/medium

# A medium with two layers, in use as live-boot has them.
mkdir "$made/tree"
for layer in a b; do
	head -c 3000000 /dev/urandom >"$made/tree/$layer"
	mksquashfs "$made/tree" "$made/$layer.squashfs" -noappend -comp zstd -quiet -no-progress >/dev/null
done
sum=$(cat "$made/tree/a" "$made/tree/b" | cksum)
truncate -s 24M "$made/medium.img"
mkfs.ext4 -q "$made/medium.img"
boot() {
	medium=$(loop "$made/medium.img")
	mount "$medium" /run/live/medium
	mkdir -p /run/live/medium/live
	[ -e /run/live/medium/live/a.squashfs ] || cp "$made"/[ab].squashfs /run/live/medium/live/
	for layer in a b; do
		device=$(loop -r "/run/live/medium/live/$layer.squashfs")
		loops="$loops $device"
		mount -t squashfs -o ro "$device" "/run/live/rootfs/$layer"
	done
	loops="$loops $medium"
	sync
	echo 3 >/proc/sys/vm/drop_caches
}
boot
meminfo 2047 1900
keep
is "$status $(cat "$made/told")" "0 The medium has to stay: memory is too short for a copy of the image." \
	"below 2 GiB nothing is copied"
meminfo 4096 515
keep
is "$(cat "$made/told")" "The medium has to stay: memory is too short for a copy of the image." \
	"nor where too little of it is free"
is "$(grep -c bee-image /proc/mounts)" 0 "and no memory is taken"

meminfo 2048 1900
keep
is "$status $(cat "$made/told" "$made/said")" "0 The image is in memory: the medium may be pulled.
The image is in memory: the medium may be pulled." "with 2 GiB it is copied, and that is told"
is "$(grep -c ' /run/live/medium ' /proc/mounts)" 0 "the medium is let go"
losetup -d "$medium"
is "$(losetup -a | grep -c "^$medium:")" 0 "so that it can be pulled"
# What stood on the medium is no more.
head -c 24000000 /dev/urandom | dd of="$made/medium.img" conv=notrunc status=none
sync
echo 3 >/proc/sys/vm/drop_caches
is "$(cat /run/live/rootfs/b/a /run/live/rootfs/b/b | cksum)" "$sum" "what is read then is all there"
is "$(cksum </run/live/rootfs/a/a)" "$(cksum <"$made/tree/a")" "of each layer"

# A loop device that can be written takes no other file.
umount /run/live/rootfs/a /run/live/rootfs/b
for loop in $loops; do losetup -d "$loop" 2>/dev/null; done
loops=
truncate -s 24M "$made/medium.img"
mkfs.ext4 -qF "$made/medium.img"
medium=$(loop "$made/medium.img")
loops=$medium
mount "$medium" /run/live/medium
mkdir /run/live/medium/live
cp "$made/a.squashfs" /run/live/medium/live/
device=$(loop /run/live/medium/live/a.squashfs)
loops="$device $loops"
mount -t squashfs -o ro "$device" /run/live/rootfs/a
keep
is "$status $(cat "$made/told")" "0 The medium has to stay: the image could not be taken off it." \
	"where it cannot be done that is told"
grep -q ' /run/live/medium ' /proc/mounts && cat /run/live/rootfs/a/a >/dev/null
ok $? "and the medium stays"
tap_end
