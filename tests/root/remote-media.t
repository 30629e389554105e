#!/bin/sh
# bee remote media: what a medium with the label BEE-CONF has of the configuration, with loop devices and a /sys that
# says what they are.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
for tool in mkfs.ext4 losetup; do
	command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-test"
done
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
echo 4433 >"$conf/BOOTPORT"
loops=''
# shellcheck disable=SC2317 # the trap calls it
release() {
	for loop in $loops; do losetup -d "/dev/$loop"; done
	tidy
}
trap release EXIT
mkdir -p "$made/block"
mount --bind "$made/block" /sys/block || skip_all "no mount on /sys/block"

# medium NAME TYPE LABEL [REMOVABLE]: what is in $made/NAME becomes a disk's; /dev/$device is its loop device.
medium() {
	case $2 in
	vfat)
		truncate -s 4M "$made/$1.img"
		mkfs.vfat -n "$3" "$made/$1.img" >/dev/null
		for file in "$made/$1"/*; do mcopy -i "$made/$1.img" "$file" ::; done
		;;
	iso9660) xorriso -as mkisofs -quiet -R -V "$3" -o "$made/$1.img" "$made/$1" 2>/dev/null ;;
	*)
		truncate -s 4M "$made/$1.img"
		"mkfs.$2" -qF -L "$3" -d "$made/$1" "$made/$1.img" >/dev/null 2>&1
		;;
	esac
	device=$(losetup -f --show "$made/$1.img") || skip_all "no loop device is free"
	device=${device##*/}
	loops="$loops $device"
	mkdir -p "$made/block/$device"
	echo "${4:-1}" >"$made/block/$device/removable"
	echo 8192 >"$made/block/$device/size"
}
# new NAME FILE=TEXT...: a folder for a medium.
new() {
	rm -rf "${made:?}/$1" "$made/$1.img"
	mkdir "$made/$1"
	name=$1
	shift
	for file; do printf '%s\n' "${file#*=}" >"$made/$name/${file%%=*}"; done
}
# As at the next boot, without any medium.
boot() {
	umount "$conf" 2>/dev/null
	rm -rf /run/bee/media "$made/block"/*
	for loop in $loops; do losetup -d "/dev/$loop"; done
	loops=''
}
media() {
	"$B/bee" remote media "$conf" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}
same() { diff -r "$conf" "$made/image" >/dev/null && ! grep -q " $conf " /proc/mounts; }
cp -r "$conf" "$made/image"

boot
media
is "$status $(cat "$made/out" "$made/err")" "0 " "without a medium nothing happens"
ok "$(same; echo $?)" "and the configuration is the image's"

# A drive that takes its time is not one without a label: it is told of.
printf '#!/bin/sh\nexec sleep 60\n' >"$made/blkid"
chmod 755 "$made/blkid"
blkid=$(readlink -f "$(command -v blkid)")
new slow ID=other
medium slow ext4 BEE-CONF
if mount --bind "$made/blkid" "$blkid"; then
	media
	is "$status $(cat "$made/out")" "65 /dev/$device: blkid: its time was over, so if it has the label BEE-CONF it does not count" \
		"a medium that does not answer in time is told of"
	ok "$(same; echo $?)" "and the configuration is the image's"
	for way in 'kill -KILL $$' 'exit 127'; do
		printf '#!/bin/sh\n%s\n' "$way" >"$made/blkid"
		media
		echo "$status $(sed 's/, so .*//' "$made/out")"
	done >"$made/ways"
	is "$(cat "$made/ways")" "65 /dev/$device: blkid: exit status 137
65 /dev/$device: blkid: exit status 127" "nor is one whose label was not read, for whatever reason"
	umount "$blkid"
fi
boot

for type in vfat iso9660 ext4; do
	if ! grep -qw $type /proc/filesystems && ! modprobe -q $type; then
		skip "a medium with $type" "this kernel has no $type"
		continue
	fi
	case $type in
	vfat) command -v mkfs.vfat mcopy >/dev/null ;;
	iso9660) command -v xorriso >/dev/null ;;
	esac || { skip "a medium with $type" "nothing makes one here"; continue; }
	boot
	new a "ID=spare-$type" "BOOTPORT=4434"
	medium a $type BEE-CONF
	before=$(sha256sum <"$made/a.img")
	media
	is "$status $(cat "$made/out")" "0 BEE-CONF on $device ($type): its ID, BOOTPORT in the place of the image's" \
		"$type: it says what it took"
	is "$(cat "$conf/ID" "$conf/BOOTPORT" "$conf/BOOTSERVER")" "spare-$type
4434
boot.test" "$type: and the rest is the image's"
	ok "$("$B/bee" remote lint "$conf"; echo $?)" "$type: a configuration like any other"
	blockdev --flushbufs "/dev/$device" && sync "$made/a.img"
	is "$(sha256sum <"$made/a.img") $(blockdev --getro "/dev/$device")" "$before 0" "$type: nothing is written to it, and it may be afterwards"
	is "$(grep -c "^/dev/$device " /proc/mounts)" 0 "$type: it stays mounted nowhere"
done

# A key of this one machine, which nobody but root can read from then on.
boot
"$B/bee" remote keys --new "$made/node" >/dev/null
new a
install -m 644 "$made/node.key" "$made/a/machine.key" # who reads media has no rights
medium a ext4 BEE-CONF
media
is "$status $(cat "$made/out")" "0 BEE-CONF on $device (ext4): its machine.key in the place of the image's" "a machine's key comes with a medium"
is "$(stat -c '%a %u' "$conf/machine.key") $(cmp "$conf/machine.key" "$made/node.key"; echo $?)" "400 0 0" "and is root's alone"
umount "$conf"
boot
new a "ID=spare" "machine.key=no key"
medium a ext4 BEE-CONF
media
is "$status $(grep -c 'it does not count: machine.key: no secret key of minisign' "$made/out")" "65 1" "one that is none makes the medium count for nothing"
# Who signs opens it again, as root: a pipe that nobody writes to would hold it for ever.
mkdir "$made/odd"
mkfifo "$made/odd/machine.key"
timeout 5 "$B/bee-order" step-prove "$made/odd" </dev/null >"$made/out" 2>"$made/err"
is "$? $(grep -ac 'machine.key: not a plain file' "$made/out")" "0 1" "a pipe in its place is refused, and nobody waits for it"
boot
new a ID=spare-again
medium a ext4 BEE-CONF
media
is "$("$B/bee" remote status --state "$state" 2>/dev/null | grep BEE-CONF)" "medium $(cat "$made/out")" "the status has it, also when nobody has asked"
media
is "$status" 75 "it is looked for once in a boot"
umount "$conf"
ok "$(same; echo $?)" "the image's own is below it, as it was"

# Whose it is.
boot
new a ID=fixed
medium a ext4 BEE-CONF 0
media
is "$status $(cat "$made/out")" "0 " "a disk that cannot be taken out is not asked"
boot
new a ID=usb
medium a ext4 BEE-CONF 0
mkdir -p "$made/usb1"
mv "$made/block/$device" "$made/usb1/$device"
ln -s "$made/usb1/$device" "$made/block/$device"
media
is "$status $(cat "$conf/ID")" "0 usb" "but on USB any is"
boot
new a ID=other
medium a ext4 BEECONF
media
is "$status $(cat "$made/out" "$conf/ID")" "0 rack4-node7" "another label is another medium"
boot
new a ID=one
new b ID=two
medium a ext4 BEE-CONF
medium b ext4 BEE-CONF
media
is "$status $(grep -c 'both have the label BEE-CONF: none of them counts' "$made/out")" "65 1" "of two with the label none counts"
ok "$(same; echo $?)" "and the configuration is the image's"

# What has more partitions than anybody looks at: a phone beside the medium.
boot
phone() {
	truncate -s 1M "$made/phone.img"
	device=$(losetup -f --show "$made/phone.img")
	device=${device##*/}
	loops="$loops $device"
	for n in $(seq 40); do mkdir -p "$made/block/$device/${device}p$n/partition"; done
	echo 1 >"$made/block/$device/removable"
	echo 2048 >"$made/block/$device/size"
}
phone
media
is "$status $(cat "$made/out")" "65 /dev/$device: it has more partitions than are looked at, so if it has the label BEE-CONF it does not count" \
	"a disk of more partitions than are looked at is told of"
boot
phone
new a ID=one
medium a ext4 BEE-CONF
media
is "$status $(cat "$made/out")" "0 BEE-CONF on $device (ext4): its ID in the place of the image's" "and keeps no medium from counting"
boot

# refuses NAME WORDS: what is in $made/a.
refuses() {
	medium a ext4 BEE-CONF
	media
	if [ "$status" -eq 65 ] && grep -qF "BEE-CONF on $device: it does not count: $2" "$made/out" && same &&
		[ "$(cat /run/bee/media/said)" = "$(cat "$made/out")" ] && [ ! -e /run/bee/media/conf ]; then
		ok 0 "$1"
	else
		ok 1 "$1"
		sed 's/^/#   got: /' "$made/out" "$made/err"
	fi
	boot
}
boot
new a README=hello
refuses "one without a file of a configuration" "no file of a configuration is on it"
for one in TRUST cacert.pem pubring.gpg remote.policy; do
	new a ID=x "$one=x"
	refuses "$one is the image's" "$one is on it, and the image does not let it be changed"
done
new a "ID=a b"
refuses "what lint would not take" "ID:1: an ID is 1 to 63 letters, digits and ._-"
new a BOOTSERVER=https://boot.test
refuses "in its words" "BOOTSERVER:1: a host's name alone; it is always asked by HTTPS"
new a "NETWORK=DHCP_INTERFACES=\"\$(reboot)\""
refuses "NETWORK is sourced by nobody" "NETWORK:1: "
new a
head -c 70000 /dev/zero >"$made/a/NETWORK"
refuses "a file without an end" "NETWORK: more than 64 KiB"
new a
mkdir "$made/a/ID"
refuses "a folder in a file's place" "ID: not a plain file"
new a BOOTPORT=1
ln -s /etc/hostname "$made/a/ID"
refuses "a symbolic link" "ID: Too many levels of symbolic links"
new a BOOTPORT=1
mkfifo "$made/a/ID"
refuses "a pipe, which nobody waits for" "ID: not a plain file"
new a ID=x
chmod 600 "$made/a/ID"
refuses "it is read as nobody" "ID: Permission denied"
new a ID=x
medium a ext2 BEE-CONF
media
is "$status $(cat "$made/out")" "65 /dev/$device: BEE-CONF is on FAT, ISO 9660 or ext4" "another type is not mounted"
boot
# What its superblock says of it is not so.
new a ID=x
medium a ext4 BEE-CONF
dd if=/dev/urandom of="/dev/$device" bs=1024 seek=2 count=200 conv=notrunc status=none
media
is "$status $(grep -c ': mount: ' "$made/out")" "65 1" "a file system that is broken"
ok "$(same; echo $?)" "leaves the image's configuration"

# Trust, where the image says so.
boot
echo 'override trust' >>"$conf/remote.policy"
rm -rf "$made/image"
cp -r "$conf" "$made/image"
new a
sed "s|$(pub bob)|$(pub stranger)|" "$conf/TRUST" >"$made/a/TRUST"
medium a ext4 BEE-CONF
media
is "$status $(grep -c "$(pub stranger)" "$conf/TRUST")" "0 1" "override trust: a medium's keys count"
boot
new a remote.policy='allow write'
refuses "what an order may have is the image's even so" "remote.policy is on it, and the image does not let it be changed"

# With another server the image's addresses are nobody's.
new a BOOTSERVER=spare.test
medium a ext4 BEE-CONF
media
is "$status $(cat "$conf/BOOTSERVER") $(ls "$conf/BOOTSERVER_IP" 2>/dev/null)" "0 spare.test " "BOOTSERVER_IP goes with BOOTSERVER"
boot
new a BOOTSERVER=spare.test BOOTSERVER_IP=127.0.0.2
medium a ext4 BEE-CONF
media
is "$status $(cat "$conf/BOOTSERVER_IP")" "0 127.0.0.2" "and comes from there"

# The order that is asked for is the one of the medium's ID.
boot
server_start
rm -rf "$made/image"
cp -r "$conf" "$made/image"
echo '{}' >"$made/audit.json"
echo 'echo ran' | make_order 7 "#bee-target id=spare-9"
refused "an order for another machine" "not for this machine"
new a ID=spare-9
medium a ext4 BEE-CONF
media
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "0 ran" "is run where the medium gives it that ID"
boot
tap_end
