#!/bin/sh
# #bee-do restore: an image on a partition, chunk by chunk, interrupted and gone on with.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
command -v losetup >/dev/null || skip_all "losetup is not installed"

# A disk with one partition: two loop devices, of which a /sys/block says so.
loops=
# shellcheck disable=SC2317 # the trap calls it
loops_end() {
	for one in $loops; do losetup -d "$one" 2>/dev/null; done
	tidy
}
trap loops_end EXIT
for n in 1 2; do
	head -c 1500000 /dev/urandom >"$made/disk$n"
	truncate -s 2M "$made/disk$n"
	loop=$(losetup -f --show "$made/disk$n" 2>/dev/null) || skip_all "no loop devices here"
	loops="$loops $loop"
	[ "$n" = 1 ] && disk=$loop
	part=$loop
done
# Its number is the partition's, and 0 would be the whole disk.
if [ "$part" = /dev/loop0 ]; then
	part=$(losetup -f --show "$made/disk2")
	loops="$loops $part"
fi
name=${part#/dev/}
number=${name#loop}
mkdir -p "$made/block/${disk#/dev/}/device" "$made/block/${disk#/dev/}/$name"
echo S4EVNX0M000001 >"$made/block/${disk#/dev/}/device/serial"
echo "$number" >"$made/block/${disk#/dev/}/$name/partition"
mount --bind "$made/block" /sys/block || skip_all "no mount on /sys/block"
server_start
echo '{}' >"$made/audit.json"
serial=S4EVNX0M000001

# The image, of 20 chunks of 64 KiB and one that is shorter, two of them the same.
head -c 1300000 /dev/urandom >"$made/image"
dd if="$made/image" of="$made/image" bs=65536 skip=2 seek=7 count=1 conv=notrunc status=none
"$B/bee" remote chunks "$made/image" "$server/files" 65536 >"$server/files/root.chunks"
is "$? $(wc -l <"$server/files/root.chunks") $(find "$server/files" -name '????????????????????????????????*' | wc -l)" "0 24 19" \
	"an image has a list of its chunks, each a file by its sum"
is "$(sed -n 4p "$server/files/root.chunks")" "$(head -c 65536 "$made/image" | sha256sum | cut -d' ' -f1)" "as sha256sum has it"

fetched() { grep -c "^GET /v1/file/" "$server/log"; }
# restores SEQUENCE [LINE...]: an order that restores that partition, and then runs.
restores() {
	to=$1
	shift
	: >"$server/log"
	echo 'echo ran' | make_order "$to" "#bee-do restore $serial $number root.chunks" \
		"#bee-file root.chunks $(sha256sum <"$server/files/root.chunks" | cut -d' ' -f1)" "$@"
}
whole() { cmp -s -n 1300000 "$made/image" "$part" && tail -c +1300001 "$part" | cmp -s - "$made/rest"; }
tail -c +1300001 "$made/disk2" >"$made/rest"
cp "$made/disk1" "$made/before1"
cp "$made/disk2" "$made/before2"

restores 7
refused "nothing is restored where it is not allowed" "it wants restore $serial $number root.chunks, which is not allowed here"
echo "allow restore" >"$conf/remote.policy"
restores 7 "#bee-target any"
refused "nor on every machine" "it wants restore, and names not exactly one machine"
restores 7
refused "nor where nothing is signed" "it wants restore, and nothing but its word proves which machine this is"
machine_key
restores 7
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "0 restore 1: 20 of 20 chunks were written
ran" "an image is written, and then the script runs"
ok "$(whole; echo $?)" "bit by bit, and not a byte behind it"
usual=$took
ok "$(cmp -s "$made/disk1" "$made/before1"; echo $?)" "and nothing elsewhere on the disk"

# What is right is not written again.
restores 8
remote once
is "$status $(sed -n 1p "$state/order.log") $(fetched)" "0 restore 1: 0 of 20 chunks were written 2" "a second time nothing is fetched or written"
printf x | dd of="$part" bs=1 seek=200000 conv=notrunc status=none
printf x | dd of="$part" bs=1 seek=1299999 conv=notrunc status=none
restores 9
remote once
is "$status $(sed -n 1p "$state/order.log") $(fetched)" "0 restore 1: 2 of 20 chunks were written 4" "of what is trashed, that alone"
ok "$(whole; echo $?)" "and all is as it should be"

# trash: as it was at first.
trash() { dd if="$made/before2" of="$part" bs=65536 conv=notrunc,fsync status=none; }

# A chunk that is not what the list says, in the middle of it.
bad=$(sed -n 8p "$server/files/root.chunks")
for how in wrong flipped; do
	trash
	echo "$how=$bad" >"$server/mode"
	restores 10
	remote once
	is "$status" 75 "a chunk that is another ($how) is a server's fault"
	ok "$(said 'restore: chunk 4 is not what its list says'; echo $?)" "in words"
	is "$(dd if="$part" bs=65536 skip=4 count=1 status=none | sha256sum)" "$(dd if="$made/before2" bs=65536 skip=4 count=1 status=none | sha256sum)" \
		"and not written"
done
: >"$server/mode"
: >"$server/log"
remote once
is "$status $(sed -n 1p "$state/order.log")" "0 restore 1: 16 of 20 chunks were written" "the next attempt goes on where it was"
ok "$(whole; echo $?)" "to the end"

# A disk that says "written" and has not done it: a loop device over a file of a file system of the test's own.
cp "$made/before2" "$made/lying"
if fuse_start fuselie "$made/fuse" "$made/lying" 200000 && lie=$(losetup -f --show "$made/fuse/disk" 2>"$made/losetup.err"); then
	loops="$loops $lie"
	mkdir -p "$made/block/${lie#/dev/}/device"
	echo S4EVNX0M000007 >"$made/block/${lie#/dev/}/device/serial"
	serial=S4EVNX0M000007 number=0 restores 7
	rm -rf "$state"
	remote once
	is "$status $(cat "$state/order.log" 2>&1)" "3 " "what a disk does not keep ends the restoring, and nothing runs"
	ok "$(said 'restore: chunk 3: the disk gives back something else'; echo $?)" "in words"
	is "$(cmp -n 196608 "$made/image" "$made/lying") $(grep -l '^status -1$' "$server"/home/* | wc -l)" " 1" "what was before it is written, and home hears of it"
	losetup -d "$lie"
	loops=${loops%" $lie"}
	hang_end "$hang_pid"
	umount "$made/fuse"
else
	skip "what a disk does not keep ends the restoring" "$(cat "$made/fuselie.err" "$made/losetup.err")"
fi

# A whole disk may have other partitions then: the kernel is asked to look, by who may ask (CAP_SYS_ADMIN, else EACCES).
truncate -s 2M "$made/disk3"
if command -v strace >/dev/null && table=$(losetup -f -P --show "$made/disk3" 2>/dev/null); then
	loops="$loops $table"
	mkdir -p "$made/block/${table#/dev/}/device"
	echo S4EVNX0M000008 >"$made/block/${table#/dev/}/device/serial"
	serial=S4EVNX0M000008 number=0 restores 8
	rm -rf "$state"
	strace -f -qq -e trace=ioctl -o "$made/trace" "$B/bee" remote once --config "$conf" --state "$state" --document "$made/audit.json" \
		>/dev/null 2>"$made/err" </dev/null
	is "$? $(sed -n 1p "$state/order.log") $(grep -c BLKRRPART "$made/trace") $(grep -c 'BLKRRPART.* = 0$' "$made/trace")" \
		"0 restore 1: 20 of 20 chunks were written 1 1" "the partitions of a whole disk are looked for anew"
	losetup -d "$table"
	loops=${loops%" $table"}
else
	skip "the partitions of a whole disk are looked for anew" "no strace, or no loop device with partitions"
fi
# And as the kernel has them then: those that it finds in a copy of the image (on a kernel that reads such tables: two), none of before.
# parts NODE: where they begin and how long they are, in the kernel's own words, which are not in the /sys/block of the test.
parts() { for one in /sys/devices/virtual/block/"${1#/dev/}"/"${1#/dev/}"p*; do [ ! -e "$one/start" ] || echo "${one##*p} $(cat "$one/start" "$one/size" | tr '\n' ' ')"; done; }
truncate -s 4M "$made/disk4" "$made/whole"
printf 'label: dos\nstart=2048,size=2048\nstart=4096,size=1024\n' | sfdisk -q "$made/whole" 2>"$made/sfdisk.err"
if table=$(losetup -f -P --show "$made/disk4" 2>/dev/null) && copy=$(losetup -f -P --show "$made/whole" 2>/dev/null) && loops="$loops $table $copy" &&
	python3 - "$table" 2>"$made/partx.err" <<'END'
import fcntl, struct, sys
# BLKPG_ADD_PARTITION of linux/blkpg.h, as partx(8) does it: partition 3, at 1 MiB, of 512 KiB.
part = struct.pack("qqi64s64s4x", 1 << 20, 1 << 19, 3, b"", b"")
import ctypes
buffer = ctypes.create_string_buffer(part)
with open(sys.argv[1], "rb") as disk:
    fcntl.ioctl(disk, 0x1269, struct.pack("iiiP", 1, 0, len(part), ctypes.addressof(buffer)))
END
then
	is "$(parts "$table")" "3 2048 1024 " "a disk has a partition"
	wanted=$(parts "$copy")
	losetup -d "$copy"
	"$B/bee" remote chunks "$made/whole" "$server/files" 65536 >"$server/files/root.chunks"
	mkdir -p "$made/block/${table#/dev/}/device"
	echo S4EVNX0M000004 >"$made/block/${table#/dev/}/device/serial"
	serial=S4EVNX0M000004 number=0 restores 8
	rm -rf "$state"
	remote once
	is "$status $(cmp "$made/whole" "$made/disk4" 2>&1)$(parts "$table")" "0 $wanted" "and those of its new table ($(echo "$wanted" | grep -c . )), as soon as it is restored"
	losetup -d "$table"
	loops=${loops%" $table $copy"}
	"$B/bee" remote chunks "$made/image" "$server/files" 65536 >"$server/files/root.chunks"
else
	skip "and those of its new table, as soon as it is restored" "$(cat "$made/partx.err" "$made/sfdisk.err")"
fi

# Killed at any time, again and again, with all that it has started; each time some of it is there.
killed_at_random() {
	trash
	restores 11
	kills=0
	while [ "$kills" -lt 100 ]; do
		"$B/bee" remote once --config "$conf" --state "$state" --document "$made/audit.json" --connect 2 --total 3 >/dev/null 2>&1 </dev/null &
		pid=$!
		# Of the time that all of it takes, and more and more on a machine that has got slower.
		sleep "$(awk -v n="$kills" -v usual="$usual" 'BEGIN { srand(n + 4711); printf "%.3f", usual / 1000 * (0.1 + rand() * 0.6 + n * 0.03) }')"
		kill -9 "$pid" 2>/dev/null || break
		wait "$pid" 2>/dev/null
		kills=$((kills + 1))
		# What it has left behind is killed with it (PDEATHSIG), but not at once.
		gone_soon 5 bee-order
	done
	wait "$pid" 2>/dev/null
}
killed_at_random
# The machine has got faster since it was timed, and was done before it was killed: once more, sooner.
for _ in 1 2 3; do
	[ "$kills" -lt 2 ] || break
	usual=$((usual / 3))
	rm -rf "$state"
	killed_at_random
done
printf '# killed %d times, %d files fetched; %d ms without\n' "$kills" "$(fetched)" "$usual"
[ "$kills" -ge 2 ] && [ "$kills" -lt 100 ]
ok $? "killed at random, it gets done"
ok "$(whole; echo $?)" "bit by bit"

# What cannot be is the order's failure, and not tried for ever.
# fails WORDS NAME
fails() {
	if [ "$status" -eq 3 ] && said "$1" && [ ! -s "$state/order.log" ]; then ok 0 "$2"; else
		ok 1 "$2"
		sed 's/^/#   got: /' "$made/err"
	fi
}
serial=S4EVNX0M000009
restores 20
remote once
fails "there is none with the serial S4EVNX0M000009" "a disk that is not there"
is "$(grep -l '^status -1$' "$server"/home/* | xargs grep -l '^sequence 20$' | wc -l)" 1 "which is told at home"
serial=S4EVNX0M000001
number=77
restores 21
remote once
fails "restore: the disk has no partition 77" "a partition that is not there"
number=${name#loop}
head -c 3000000 /dev/zero >"$made/large"
"$B/bee" remote chunks "$made/large" "$server/files" 65536 >"$server/files/root.chunks"
restores 22
remote once
fails "restore: $part has 2097152 bytes, the image has 3000000" "one that is too small"
ok "$(whole; echo $?)" "of which nothing is written"
# shellcheck disable=SC2016 # a line's end for sed
for change in 's/^bee-chunks 1/bee-chunks 2/' 's/^size .*/size 0/' 's/^bytes .*/bytes 65537/' 's/^bytes .*/bytes 33554432/' '4d' '$d' '$s/$/ x/' '4s/^./g/' '4p'; do
	"$B/bee" remote chunks "$made/image" "$server/files" 65536 | sed "$change" >"$server/files/root.chunks"
	restores 23
	rm -rf "$state"
	remote once
	fails "restore: chunks: " "a list with $change"
done
"$B/bee" remote chunks "$made/image" "$server/files" 65536 >"$server/files/root.chunks"
mkdir "$made/mnt"
if mkfs.ext2 -q "$part" 2>/dev/null && mount "$part" "$made/mnt" 2>/dev/null; then
	restores 24
	remote once
	fails "it is in use" "a disk that is mounted"
	umount "$made/mnt"
fi
blockdev --setro "$part"
trash 2>/dev/null
restores 25
remote once
fails "restore: chunk 0: Operation not permitted" "one that cannot be written to"
blockdev --setrw "$part"
for line in "restore $serial" "restore $serial $number none" "restore $serial x root.chunks" "restore $serial $number root.chunks x"; do
	restores 26 "#bee-do $line"
	remote once
	is "$status" 75 "#bee-do $line: refused"
done
tap_end
