#!/bin/sh
# Each order of remote/examples is one, and does what is said of it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
server_start
cp "$root"/remote/examples/*.sh "$server/files/"
sequence=10

# give FILE [SED-SCRIPT]: the example as the server's order, with a sequence of its own; asked for once.
give() {
	sequence=$((sequence + 1))
	sed -e "s/^#bee-sequence .*/#bee-sequence $sequence/" -e "${2:-}" "$root/remote/examples/$1" >"$order"
	sign "$order" alice bob
	echo "$order" >"$server/order"
	remote once
}
sum_of() { sha256sum <"$1" | cut -d' ' -f1; }

give node.sh "s/common.sh 0*/common.sh $(sum_of "$server/files/common.sh")/"
is "$status $(cat "$state/order.log")" "0 check: kernel vmlinuz-6.1, root /dev/vda1
vmlinuz-6.1 root=/dev/vda1" "node.sh and common.sh: one script for all, one line for each"
give node.sh
ok "$(said 'says 404'; echo $?)" "with another sum than that of common.sh nothing runs"

# The first order of doc/remote.md, as it stands there, and what its policy allows.
if [ -r /var/lib/dpkg/status ]; then
	printf 'bash\nno-such-package\n' >"$server/files/names.txt"
	sed -n '/^## An order/,/^The header/s/^    //p' "$root/doc/remote.md" | sed -e 's/^#bee-sequence .*/#bee-sequence 13/' \
		-e 's/^#bee-not-after .*/#bee-not-after 2099-01-01T00:00:00Z/' -e "s/names.txt [0-9a-f]*/names.txt $(sum_of "$server/files/names.txt")/" >"$order"
	sed -n 's/^    \(allow see [^ ]*\).*/\1/p' "$root/doc/remote.md" >"$conf/remote.policy"
	sign "$order" alice bob
	echo "$order" >"$server/order"
	remote once
	sequence=13
	is "$status $(cat "$state/order.log")" "0 bash 1
no-such-package 0" "the first order of doc/remote.md does what it says"
fi

machine_key
printf 'allow kexec\nallow mount\n' >"$conf/remote.policy"
give boot-local.sh
ok "$(said 'it wants watchdog 600, which is not allowed here'; echo $?)" "boot-local.sh: a watchdog has to be allowed, too"
printf 'allow kexec\nallow mount\nallow watchdog\n' >"$conf/remote.policy"
"$B/bee" remote explain -c "$conf" "$order" >"$made/out" 2>&1
is "$(grep -c 'has done  \(watchdog\|kexec\)' "$made/out") $(grep -c 'with .* of the disk S4EVNX0M000001, 1, /' "$made/out")" "2 2" "and what it would do is told"

# shellcheck disable=SC2317 # the trap calls it
loop_end() {
	[ -z "${loop:-}" ] || losetup -d "$loop"
	tidy
}
trap loop_end EXIT
head -c 4194304 /dev/urandom >"$made/disk"
loop=$(losetup -f --show "$made/disk" 2>/dev/null)
if [ -n "$loop" ]; then
	mkdir -p "$made/block/${loop#/dev/}/device"
	echo S4EVNX0M000001 >"$made/block/${loop#/dev/}/device/serial"
fi
if [ -n "$loop" ] && mount --bind "$made/block" /sys/block; then
	printf 'allow write\nallow restore\nallow see /proc/version\n' >"$conf/remote.policy"
	give look.sh
	is "$status $(sed -n 1p "$state/order.log")" "0 $(cat /proc/version)" "look.sh: says which kernel this is"
	is "$(sed -n 2,3p "$state/order.log")" "disk $loop: 4194304 bytes
$(head -c 446 "$made/disk" | sha256sum | sed 's/-$/boot code/')" "and what is on the disk"
	head -c 3000000 /dev/urandom >"$made/image"
	zstd -q "$made/image" -o "$server/files/root.img.zst"
	tail -c +3000001 "$made/disk" >"$made/rest"
	name="s/img.zst 0*/img.zst $(sum_of "$server/files/root.img.zst")/"
	give restore.sh "$name"
	is "$status $(cat "$state/order.log")" "0 $loop has been installed again" "restore.sh: installs a disk again"
	ok "$(cmp -s -n 3000000 "$made/image" "$made/disk"; echo $?)" "bit by bit"
	ok "$(tail -c +3000001 "$made/disk" | cmp -s - "$made/rest"; echo $?)" "and no byte behind it"
	give restore.sh "$name"
	is "$status $(cat "$state/order.log")" "0 $loop is as it should be" "and not where it is as it should be"
	head -c 5000000 /dev/zero | zstd -qf -o "$server/files/root.img.zst"
	give restore.sh "s/img.zst 0*/img.zst $(sum_of "$server/files/root.img.zst")/"
	is "$status $(cat "$state/order.log")" "3 $loop is too small for 5000000 bytes" "nor on one that is too small"
	ok "$(cmp -s -n 3000000 "$made/image" "$made/disk"; echo $?)" "which keeps what it has"
	"$B/bee" remote chunks "$made/rest" "$server/files" 65536 >"$server/files/root.chunks"
	give reinstall.sh "s/root.chunks 0*$/root.chunks $(sum_of "$server/files/root.chunks")/"
	is "$status $(head -n 1 "$state/order.log")" "0 restore 1: 19 of 19 chunks were written" "reinstall.sh: an image by its chunks"
	ok "$(cmp -s -n "$(stat -c %s "$made/rest")" "$made/rest" "$loop"; echo $?)" "bit by bit"
else
	skip "look.sh and restore.sh" "no loop device here"
fi
tap_end
