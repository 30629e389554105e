#!/bin/sh
# bee guest: partitions of disk images, whole, broken and hostile.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

for tool in sfdisk mkfs.ext4; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
[ -e /dev/loop-control ] || skip_all "this machine has no loop devices"

# disk FILE LABEL: two partitions of 8 MiB, from 1 MiB and from 9 MiB
disk() {
	truncate -s 18M "$1"
	printf 'label: %s\nstart=2048, size=16384\nstart=18432, size=16384\n' "$2" |
		sfdisk -q "$1" >"$made/sfdisk" 2>&1 || sed 's/^/# /' "$made/sfdisk"
}

# fill FILE PARTITION DIR: an ext4 with the files of DIR in it
fill() {
	truncate -s 0 "$made/part"
	truncate -s 8M "$made/part"
	mkfs.ext4 -q -F -d "$3" "$made/part" 2>"$made/mkfs" || sed 's/^/# /' "$made/mkfs"
	dd if="$made/part" of="$1" bs=1M seek=$((1 + ($2 - 1) * 8)) conv=notrunc status=none
}

small=${trees:?}/small
mkdir -p "$made/data"
echo data >"$made/data/file"
printf '/dev/vdb2 /mnt ext4 defaults 0 2\n/dev/vdb1 /../../tmp ext4 defaults 0 0\n/dev/sda1 /tmp ext4 x 0 0\n' \
	>"$small/etc/fstab"

for label in gpt dos; do
	disk "$trees/$label.raw" $label
	fill "$trees/$label.raw" 1 "$small"
	fill "$trees/$label.raw" 2 "$made/data"
done
disk "$trees/more.raw" gpt
fill "$trees/more.raw" 2 "$made/data"

machine >"$made/before"
for label in gpt dos; do
	out=$(guest run disks --disk "vda:1:$trees/$label.raw" -- sh -c 'ls /etc/passwd; echo x >/tmp/kept; id -u')
	is "$? $out" "0 /etc/passwd
0" "a partition of a $label image is the tree"
	is "$(guest run disks --disk "vda:1:$trees/$label.raw" -- cat /tmp/kept)" x "and keeps what is written, $label"
done
is "$(machine | grep ^loop)" "" "no loop device is left"
# What somebody has said of a device outlives its file: it is not ours to be stopped by.
free=$(losetup -f)
blockdev --setro "$free"
guest run disks --disk "vda:1:$trees/gpt.raw" -- sh -c 'echo x >/tmp/kept'
is "$? $(blockdev --getro "$free")" "0 0" "a free loop device that was left read-only is used, and written to"

cat >"$trees/config" <<END
DISKS=( vda:1:$trees/gpt.raw vdb:2:$trees/more.raw vdb:1:$trees/more.raw )
END
guest start disks --config "$trees/config" --quiet
is "$? $(guest exec disks cat /mnt/file)" "0 data" "a further disk is mounted where the guest's fstab says"
is "$(guest exec disks sh -c 'ls -l /dev/vda1 /dev/vdb1 /dev/vdb2 | cut -c1-10' | tr '\n' ' ')" \
	"b--------- brw------- b--------- " "those that are mounted cannot be opened, others are the guest's"
guest exec disks sh -c 'dd if=/dev/vda1 bs=512 count=1 of=/dev/null 2>/dev/null || chmod 666 /dev/vda1 2>/dev/null'
ok $(($? == 0)) "not even by root inside, nor can it change that"
# size NODE: its bytes, as far as they can be read inside.
size() { guest exec disks sh -c "dd if=$1 bs=64k 2>/dev/null | wc -c"; }
first=$(size /dev/vdb1)
ok "$([ "${first:-0}" -gt 0 ]; echo $?)" "the one that is not mounted can"
guest exec disks sh -c 'echo mine | dd of=/dev/vdb1 conv=notrunc,fsync 2>/dev/null'
is "$(guest exec disks head -c 4 /dev/vdb1)" mine "read and written"
# Nobody but the node holds it: it is no other guest's once the supervisor is gone.
kill -9 "$(jq .supervisor.pid /run/bee/guest/disks/handles)"
printf 'DISKS=( vda:1:%s )\n' "$trees/dos.raw" >"$trees/config.other"
guest start other --config "$trees/config.other" --quiet
# An image has one writer, as long as it is one and whoever has started it.
for image in gpt more; do
	guest start third --disk "vda:2:$trees/$image.raw" >"$made/out" 2>&1
	is "$? $(grep -c "$image.raw: it is in use" "$made/out")" "73 1" "$image.raw is not written by two"
	guest rm third
done
is "$(guest exec disks head -c 4 /dev/vdb1) $(size /dev/vdb1)" "mine $first" "it stays that disk, without a supervisor and with other guests"
guest stop other
guest rm other
guest list disks --mounts >"$made/mounts"
for word in nosuid nodev errors=remount-ro; do
	ok "$(grep ' /mnt ext4 ' "$made/mounts" | grep -q $word; echo $?)" "it is mounted with $word"
done
is "$(state disks disks)" 3 "they are counted"
guest stop disks
is "$(machine | grep ^loop)" "" "stopped, no loop device is left"
is "$(guest run third --disk "vda:1:$trees/gpt.raw" -- cat /tmp/kept)" x "and its image is another's"
guest rm third

# What the guest's own fstab says: of the layer above, with its options; what fails is a note.
mkdir -p "$trees/over/root/etc" "$trees/over/work" "$made/place"
printf '/dev/vdb2 /mnt ext4 ro 0 2\n/dev/vdc2 /root ext4 noauto 0 0\n/dev/vdd2 /etc/passwd/\033[31mx ext4 x 0 0\n' \
	>"$trees/over/root/etc/fstab"
cp "$trees/more.raw" "$trees/more2.raw"
cp "$trees/more.raw" "$trees/more3.raw"
truncate -s 18M "$trees/blank.raw"
guest start disks --lower "$small" --upper "$trees/over/root" --work "$trees/over/work" --disk "vda::$trees/blank.raw" \
	--disk "vdb:2:$trees/more.raw" --disk "vdc:2:$trees/more2.raw" --disk "vdd:2:$trees/more3.raw" --quiet 2>"$made/err"
is "$? $(guest exec disks cat /mnt/file)" "0 data" "fstab of an overlay's upper layer is the one; the first disk may be empty where the tree is a folder"
guest exec disks sh -c 'echo x >/mnt/new' 2>"$made/out"
is "$(grep -c 'Read-only' "$made/out") $(guest exec disks ls -l /dev/vdc2 /dev/vdb2 | cut -c1-10 | tr '\n' ' ')" \
	"1 b--------- brw------- " "ro is read-only, noauto is not mounted"
is "$(grep -c '/etc/passwd/\\x1b\[31mx of its fstab is not mounted: Not a directory' "$made/err") $(tr -cd '\033' <"$made/err" | wc -c)" "1 0" \
	"what cannot be mounted is a note, and nothing in it reaches a terminal raw"
guest stop disks

# Where a path begins: beside the file that names it, or where the caller is.
printf 'DISKS=( vda:1:gpt.raw )\nROOT=\nLOWER=""\n' >"$trees/config"
is "$(cd / && guest run disks --config "$trees/config" -- cat /tmp/kept)" x "a config file names images beside it; an empty name is none"
is "$(cd "$trees" && guest run disks --disk vda:1:gpt.raw -- cat /tmp/kept) $(jq -r '.config.disks[0]' /var/lib/bee/guest/disks/record)" \
	"x vda:1:$trees/gpt.raw" "an option one that is where the caller is, and the record knows where"

# refused NAME WORDS OPTION...: it does not start, and says so
refused() {
	what=$1
	words=$2
	shift 2
	guest start disks "$@" >"$made/out" 2>&1
	is "$? $(grep -c "$words" "$made/out")" "73 1" "$what"
}
refused "a partition that is not there" "no partition 3" --disk "vda:3:$trees/gpt.raw"
head -c 18M /dev/zero >"$trees/zero.raw"
refused "an image without a table" "no partition table" --disk "vda:1:$trees/zero.raw"
refused "an image without a file system" "no file system" --disk "vda::$trees/zero.raw"
: >"$trees/empty.raw"
refused "an empty image" "it is empty" --disk "vda:1:$trees/empty.raw"
refused "no image" "No such file" --disk "vda:1:$trees/none.raw"
refused "a folder" "Is a directory" --disk "vda:1:$trees"
mkfifo "$trees/fifo"
refused "a pipe, which does not hang it" "it is no file" --disk "vda:1:$trees/fifo"
head -c 5M "$trees/dos.raw" >"$trees/cut.raw"
refused "an image that is cut" "not inside the image" --disk "vda:1:$trees/cut.raw"
cp "$trees/dos.raw" "$trees/overlap.raw"
# The second of four entries of 16 bytes from 446 on; its start, in sectors, is 8 bytes into it.
printf '\001\020\000\000' | dd of="$trees/overlap.raw" bs=1 seek=470 conv=notrunc status=none
refused "partitions that lie over each other" "and . overlap$" --disk "vda:1:$trees/overlap.raw"
truncate -s 8M "$made/swap"
mkswap -q "$made/swap" 2>/dev/null
refused "a type that is not mounted" '"swap" is not mounted' --disk "vda::$made/swap"

if command -v debugfs >/dev/null; then
	fill "$trees/dos.raw" 1 "$small"
	cp "$made/part" "$trees/journal.raw"
	# A journal on loop device 0, whoever has that (linux/kdev_t.h: 7 << 8).
	debugfs -w -R 'ssv journal_dev 0x700' "$trees/journal.raw" 2>/dev/null
	refused "a journal on another device" "on another device" --disk "vda::$trees/journal.raw"
else
	skip "a journal on another device" "debugfs is not installed"
fi
if command -v mkfs.btrfs >/dev/null; then
	truncate -s 120M "$trees/btrfs.raw" "$trees/btrfs2.raw"
	mkfs.btrfs -q -f "$trees/btrfs.raw" "$trees/btrfs2.raw" >"$made/mkfs" 2>&1
	refused "a file system over two disks" "on another device" --disk "vda::$trees/btrfs.raw" --disk "vdb::$trees/btrfs2.raw"
else
	skip "a file system over two disks" "mkfs.btrfs is not installed"
fi

# subhost's NAME.img: what is changed of a common tree, or the whole tree.
mkdir -p "$trees/sub/imaged" "$trees/img/root" "$trees/img/work"
truncate -s 16M "$trees/sub/imaged/imaged.img"
mkfs.ext4 -q -F -d "$trees/img" "$trees/sub/imaged/imaged.img"
printf 'LOWER=%s\n' "$small" >"$trees/sub/imaged/config"
SUBHOST=$trees/sub guest run imaged -- sh -c 'echo in the image >/etc/in-image'
is "$? $(SUBHOST=$trees/sub guest run imaged -- cat /etc/in-image)" "0 in the image" "with NAME.img changes are in it, and there the next time"
is "$(debugfs -R 'cat /root/etc/in-image' "$trees/sub/imaged/imaged.img" 2>/dev/null)" "in the image" "in its folder /root"
is "$(ls "$trees/sub/imaged")" "config
imaged.img" "and not beside it"
cp -R "$small/." "$trees/img/root/"
truncate -s 64M "$trees/sub/imaged/imaged.img"
mkfs.ext4 -q -F -d "$trees/img" "$trees/sub/imaged/imaged.img"
: >"$trees/sub/imaged/config"
is "$(SUBHOST=$trees/sub guest run imaged -- cat /etc/passwd | wc -l)" 1 "without a common tree it is the tree"
rm "$trees/sub/imaged/imaged.img"
mkfs.ext4 -q -F "$trees/sub/imaged/imaged.img" 8M
printf 'LOWER=%s\n' "$small" >"$trees/sub/imaged/config"
SUBHOST=$trees/sub guest run imaged -- true 2>"$made/err"
is "$? $(grep -c 'disk[0-9]*/root' "$made/err")" "73 1" "an image without these folders is refused, by their name"
# They would be entered as the machine's.
mkdir -p "$made/stolen"
for where in root:/ root:../../../.. root:"$made/stolen" work:"$made/stolen"; do
	rm -rf "$trees/img" "$trees/sub/imaged/imaged.img"
	mkdir -p "$trees/img/root" "$trees/img/work"
	rmdir "$trees/img/${where%%:*}"
	ln -s "${where#*:}" "$trees/img/${where%%:*}"
	mkfs.ext4 -q -F -d "$trees/img" "$trees/sub/imaged/imaged.img" 16M
	SUBHOST=$trees/sub guest run imaged -- sh -c 'echo x >/stolen' 2>"$made/err"
	is "$? $(grep -c "disk[0-9]*/${where%%:*}" "$made/err") $(ls "$made/stolen")" "73 1 " "an image whose $where is a link is refused"
done
SUBHOST=$trees/sub guest rm imaged

# Somebody else's loop device, the file of which is on a file system that has died.
if command -v qemu-storage-daemon >/dev/null && command -v losetup >/dev/null && [ -e /dev/fuse ]; then
	truncate -s 4M "$trees/dead"
	: >"$trees/exported"
	qemu-storage-daemon --blockdev driver=file,node-name=f,filename="$trees/dead" \
		--export type=fuse,id=e,node-name=f,mountpoint="$trees/exported",writable=on >"$made/out" 2>&1 &
	daemon=$!
	for _ in $(seq 50); do grep -q " $trees/exported fuse" /proc/mounts && break; sleep 0.1; done
	dead=$(losetup -f --show "$trees/exported")
	kill -STOP $daemon
	sleep 2 # its attributes are kept for one
	guest start other --disk "vda:1:$trees/gpt.raw" --quiet
	guest stop --now other 2>"$made/err"
	is "$? $(state other) $(grep -c "$dead does not answer" "$made/err" | sed 's/[1-9][0-9]*/told/')" "0 stopped told" \
		"somebody else's disk that has died keeps no guest from ending"
	guest gc 2>"$made/err"
	is "$? $(grep -c "$dead does not answer" "$made/err")" "0 1" "nor gc"
	kill -CONT $daemon
	losetup -d "$dead"
	kill $daemon
	wait $daemon 2>/dev/null
	umount -l "$trees/exported" 2>/dev/null
	guest rm other
else
	skip "somebody else's disk that has died keeps no guest from ending" "there is no qemu-storage-daemon, losetup or FUSE"
fi

# A device node in the image, and links that lead out of it.
mknod "$small/node" c 1 5
chmod 666 "$small/node"
rm -f "${small:?}/etc/fstab"
ln -s /etc/shadow "$small/etc/hostname"
ln -s /../../../../../../../../etc/fstab "$small/etc/fstab"
rm -rf "${small:?}/run"
ln -s /../../../../../../../../../var/lib/bee "$small/run"
mkdir -p "$small/var/lib/bee"
fill "$trees/gpt.raw" 1 "$small"
guest run disks --disk "vda:1:$trees/gpt.raw" -- head -c1 /node >"$made/out" 2>"$made/err"
is "$(wc -c <"$made/out") $(grep -c 'Permission denied' "$made/err")" "0 1" "a device node of an image cannot be opened"
guest start disks --disk "vda:1:$trees/gpt.raw" --quiet
is "$(ls /var/lib/bee) $(guest exec disks ls /var/lib/bee | tr '\n' ' ')" "guest host systemd " \
	"links in an image lead nowhere outside it"
guest stop disks
guest rm disks
guest rm probe
machine | grep -v guest/.world >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "all is as before"
tap_end
