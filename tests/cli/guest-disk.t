#!/bin/sh
# bee-guest-disk: what makes an ext image a guest, written and read back; hostile images.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
: "${B:=build}"
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
PATH=$PATH:/usr/sbin:/sbin
if ! command -v mkfs.ext4 >/dev/null || ! command -v debugfs >/dev/null; then
	echo "1..0 # SKIP e2fsprogs is not installed"
	exit 0
fi

# The tree of an image that means harm: links at the names that are written to.
tree=$made/tree
mkdir -p "$tree/etc" "$tree/root/.ssh" "$tree/lib/systemd"
ln -s "$made/outside" "$tree/etc/hostname"
ln -s ../../../../../etc/passwd "$tree/etc/hosts"
ln -s loop "$tree/etc/loop"
mkdir "$tree/etc/resolv.conf"
ln -s /etc/away "$tree/etc/bee"
ln -s /lib/systemd/systemd "$tree/init"
echo "ssh-ed25519 AAAA user" >"$tree/root/.ssh/authorized_keys"
printf 'UUID=1 / ext4 defaults 0 1\nUUID=2 /home ext4 defaults 0 2\n# kept\nUUID=3\t/var ext4 d 0 0\nUUID=4 /srv ext4 d 0 0\nUUID=5 /tmp ext4 d 0 0\n' >"$tree/etc/fstab"
chmod 775 "$tree/root"

# image TYPE [OPTION...]
image() {
	type=$1
	shift
	rm -f "$made/disk"
	truncate -s 32M "$made/disk"
	"mkfs.$type" -q -F -d "$tree" "$@" "$made/disk"
}
# disk FILE: the orders in it; status and what is said
disk() { "$B/bee-guest-disk" "${2:-0}" 3<>"$made/disk" <"$1" >"$made/said" 2>"$made/err"; }
read_back() { debugfs -R "cat $1" "$made/disk" 2>/dev/null; }
stat_of() { debugfs -R "stat $1" "$made/disk" 2>/dev/null; }
sound() { e2fsck -fn "$made/disk" >"$made/fsck" 2>&1; }
# orders NAME CONTENT...
with() { printf '%s %s %s\n%s' "$1" "${#3}" "$2" "$3"; }

{
	printf 'look /init\nlook /etc\nlook /none\nlook /etc/fstab\n'
	with "file 644" /etc/hostname "name
"
	with "file 644" /etc/hosts "127.0.0.1 localhost
"
	printf 'folder 700 /root\nfolder 700 /root/.ssh\n'
	with "more 600" /root/.ssh/authorized_keys "ssh-ed25519 AAAA user
ssh-ed25519 BBBB bee
"
	printf 'fstab %d\ntmpfs /tmp tmpfs mode=1777 0 0\n' 31
	with "own 755" /etc/new/a/b "script
"
	printf 'link /etc/new/l ../x y\n'
} >"$made/orders"
for type in ext2 ext3 ext4 "ext4 -O inline_data" "ext4 -O ^extent,^64bit" "ext4 -O bigalloc"; do
	# shellcheck disable=SC2086
	image $type || { skip "$type" "mkfs does not make it"; continue; }
	disk "$made/orders"
	is "$? $(cat "$made/err")" "0 " "$type: it is written"
	ok "$(sound; echo $?)" "$type: and e2fsck finds it sound"
	is "$(cat "$made/said")" "/init link /lib/systemd/systemd
/etc folder
/none none
/etc/fstab file" "$type: what is there is told"
	is "$(read_back /etc/hostname)" name "$type: a link at /etc/hostname is replaced"
	is "$(stat_of /etc/hostname.before-bee | grep -c 'Type: symlink')" 1 "$type: and kept"
	is "$(read_back /root/.ssh/authorized_keys)" "ssh-ed25519 AAAA user
ssh-ed25519 BBBB bee" "$type: the user's key is kept, ours is added once"
	is "$(stat_of /root/.ssh/authorized_keys | grep -o 'Mode:  *[0-9]*' | tr -s ' ')" "Mode: 0600" "$type: with its mode"
	is "$(stat_of /root | grep -o 'Mode:  *[0-9]*' | tr -s ' ')" "Mode: 0700" "$type: and that of its folder"
	is "$(read_back /etc/new/a/b)" script "$type: folders are made"
done
ok "$([ ! -e "$made/outside" ]; echo $?)" "nothing outside the image was made"
is "$(read_back /etc/fstab)" "UUID=1 / ext4 defaults 0 1
# bee: a VM has no such disk: UUID=2 /home ext4 defaults 0 2
# kept
# bee: a VM has no such disk: UUID=3	/var ext4 d 0 0
UUID=4 /srv ext4 d 0 0
# bee: a VM has no such disk: UUID=5 /tmp ext4 d 0 0
tmpfs /tmp tmpfs mode=1777 0 0" "/home, /var and what is mounted anew are left out of fstab"

disk "$made/orders"
is "$? $(debugfs -R 'ls /etc' "$made/disk" 2>/dev/null | grep -o 'before-bee' | wc -l)" "0 3" "written again, nothing more is kept"
is "$(read_back /root/.ssh/authorized_keys | wc -l)" 2 "and no key comes twice"
is "$(read_back /etc/fstab | wc -l)" 7 "nor a line of fstab"

# What cannot be is told, and ends it.
refused() {
	image ext4
	printf '%s' "$1" >"$made/order"
	disk "$made/order"
	is "$?" "$2" "$3"
	ok "$(sound; echo $?)" "and the file system is sound"
}
refused "$(with 'own 755' /etc/bee/agent agent)" 74 "a folder that is a link to nowhere: refused"
ok "$(grep -q '^bee-guest-disk: /etc/bee/agent: File not found' "$made/err"; echo $?)" "by its name"
refused "$(with 'own 755' /etc/loop/agent agent)" 74 "one that is a link to itself: refused"
refused "$(with 'file 644' /etc/resolv.conf x)" 74 "a folder where a file should be is left alone"
refused "file 644 9 /x
short" 70 "input that is cut"
refused "file 644 2000000 /x
" 70 "a length that is none"

# Another file system, none, and one whose journal is dirty.
truncate -s 0 "$made/disk"
truncate -s 32M "$made/disk"
disk "$made/orders"
is "$? $(cat "$made/err")" "65 bee-guest-disk: Bad magic number in super-block" "what is no ext file system is refused in words"
image ext4
debugfs -w -R 'feature needs_recovery' "$made/disk" >/dev/null 2>&1
disk "$made/orders"
is $? 75 "a journal that was not replayed is told, and nothing written"
is "$(debugfs -R 'cat /etc/hosts' "$made/disk" 2>/dev/null)" "" "really nothing"

# In a partition.
image ext4
{ head -c 1048576 /dev/zero; cat "$made/disk"; } >"$made/whole" && mv "$made/whole" "$made/disk"
disk "$made/orders" 1048576
is $? 0 "in a partition, by its offset"
tail -c +1048577 "$made/disk" >"$made/part"
is "$(debugfs -R 'cat /etc/hostname' "$made/part" 2>/dev/null)" name "it is there"
is "$(head -c 1048576 "$made/disk" | tr -d '\0' | wc -c)" 0 "and nothing in front of it"

# A copy of a folder to another disk, as a work disk gets it.
home=$tree/home
mkdir -p "$home/root/a" "$home/b" "$home/many"
printf one >"$home/file"
printf nested >"$home/root/nested"
printf other >"$home/root/file"
printf deep >"$home/root/a/deep"
head -c 3000000 /dev/urandom >"$home/b/large"
chown 1000:100 "$home/b/large"
chmod 4750 "$home/b/large"
ln -s /etc/passwd "$home/link"
long=$(printf '%0200d' 0)
ln -s "$long" "$home/long"
mkfifo "$home/pipe"
for i in $(seq 500); do : >"$home/many/$(printf '%050d' "$i")"; done
image ext4
rm -f "$made/work"
truncate -s 16M "$made/work"
mkfs.ext4 -q -F "$made/work"
echo 'copy /home' >"$made/order"
"$B/bee-guest-disk" 0 3<>"$made/disk" 4<>"$made/work" <"$made/order" >"$made/said" 2>"$made/err"
is "$? $(cat "$made/err")" "0 " "a folder is copied to another disk"
cp "$made/disk" "$made/kept"
cp "$made/work" "$made/disk"
ok "$(sound; echo $?)" "which is sound then"
is "$(read_back /file) $(read_back /nested) $(read_back /a/deep)" "one nested deep" "what is in a folder root moves up, and is in nobody's way"
debugfs -R "dump /b/large $made/large" "$made/disk" 2>/dev/null
ok "$(cmp -s "$made/large" "$home/b/large"; echo $?)" "a large file is whole"
is "$(stat_of /b/large | grep -o -e 'Mode:  *[0-9]*' -e 'User:  *[0-9]*' -e 'Group:  *[0-9]*' | tr -s ' ' | tr '\n' ' ')" "Mode: 04750 User: 1000 Group: 100 " "with mode and owner"
is "$(stat_of /link | grep -o 'Fast link dest.*')" 'Fast link dest: "/etc/passwd"' "a link is a link"
is "$(debugfs -R 'cat /long' "$made/disk" 2>/dev/null)" "$long" "also a long one"
is "$(debugfs -R 'ls -p /many' "$made/disk" 2>/dev/null | grep -c '/0000')" 500 "and a folder of many names"
is "$(stat_of /pipe | grep -c Inode)" 0 "a pipe is left out"
rm "$made/work"
truncate -s 2M "$made/work"
mkfs.ext4 -q -F "$made/work"
cp "$made/kept" "$made/disk"
"$B/bee-guest-disk" 0 3<>"$made/disk" 4<>"$made/work" <"$made/order" >"$made/said" 2>"$made/err"
is "$? $(grep -c '/home: ' "$made/err")" "74 1" "what does not fit is told"
rm -rf "$home"

# What it gives up before it reads anything.
case $B in
*/san) skip "it runs under a filter" "a sanitized build loads none" ;;
*)
	image ext4
	mkfifo "$made/held"
	"$B/bee-guest-disk" 0 3<>"$made/disk" <"$made/held" >/dev/null 2>&1 &
	writer=$!
	exec 9>"$made/held"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		filter=$(awk '/^NoNewPrivs|^Seccomp:/ { print $2 }' /proc/$writer/status | tr '\n' ' ')
		[ "$filter" = "1 2 " ] && break
		sleep 0.1
	done
	is "$filter" "1 2 " "it runs under a filter, without new privileges"
	exec 9>&-
	wait $writer
	is $? 0 "without orders it changes nothing"
	;;
esac

# Garbled metadata: it may refuse, it does not crash, and no call is made that the filter kills.
crashed='' refusals=0
image ext4
cp "$made/disk" "$made/good"
for seed in $(seq 60); do
	cp "$made/good" "$made/disk"
	python3 - "$made/disk" "$seed" <<'END'
import random, sys
r = random.Random(int(sys.argv[2]))
with open(sys.argv[1], "r+b") as f:
    for _ in range(r.choice((1, 4, 40))):
        f.seek(1024 + r.randrange(1024) if r.random() < 0.5 else r.randrange(1 << 21))
        f.write(bytes([r.randrange(256)]))
END
	timeout 20 "$B/bee-guest-disk" 0 3<>"$made/disk" <"$made/orders" >/dev/null 2>&1
	status=$?
	[ $status -lt 124 ] || crashed="$crashed $seed:$status"
	[ $status -eq 0 ] || refusals=$((refusals + 1))
done
is "$crashed" "" "60 garbled images: none crashes it, or takes longer than 20 s"
ok $((refusals < 5)) "$refusals of them were refused"
tap_end
