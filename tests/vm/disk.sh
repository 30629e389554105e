#!/bin/sh
# What guests of `bee guest --backend vm` boot in the tests, from what image.sh has left in DIR and a
# tree of Debian with sshd (tree.sh): DIR/guest-initrd, which loads a few drivers and finds the root,
# DIR/small.raw, busybox and sshd, and DIR/debian.raw, that tree.
#
# disk.sh DIR TREE
set -eu
dir=$(cd "$1" && pwd)
tree=$(cd "$2" && pwd)
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/initrd.sh
. "$here/initrd.sh"
stamp=$(cat "$0" "$here/initrd.sh" "$dir/stamp" "$tree/var/lib/dpkg/status" | sha256sum)
[ "$(cat "$dir/guest-stamp" 2>/dev/null)" != "$stamp" ] || exit 0
work=$(mktemp -d "$dir/guest.XXXXXX")
trap 'rm -rf "$work"' EXIT

version=$(kernel_of "$dir" "$work/kernel")
initrd_of "$work/kernel" "$version" "$work/initrd" virtio_pci virtio_blk virtio_net virtio_rng ext4 crc32c_generic fuse <<'END'
root= init=/sbin/init
for word in $($bb cat /proc/cmdline); do
	case $word in root=*) root=${word#root=} ;; init=*) init=${word#init=} ;; esac
done
[ -n "$root" ] || while :; do $bb sleep 1000; done
for try in $($bb seq 100); do [ -b "$root" ] && break; $bb sleep 0.1; done
$bb mount -t ext4 -o rw "$root" /root
for name in proc sys dev; do $bb mount --move /$name /root/$name; done
exec $bb switch_root /root "$init"
END
for name in sh mount mkdir cat stty dd base64 tr sleep poweroff ip; do ln -s busybox "$work/initrd/bin/$name"; done
pack "$work/initrd" >"$dir/guest-initrd"

small=$work/small
for name in bin sbin etc/ssh dev proc sys run tmp root mnt usr/sbin var/empty; do mkdir -p "$small/$name"; done
# A home with another in it.
mkdir -p "$small/root/root/deep"
echo mine >"$small/root/.profile"
echo "from the home in the home" >"$small/root/root/nested"
echo other >"$small/root/root/.profile"
ln -s nested "$small/root/root/deep/link"
chmod 700 "$small/root"
cp /bin/busybox "$small/bin/"
for name in $(/bin/busybox --list); do
	case $name in busybox | init) ;; *) ln -sf busybox "$small/bin/$name" ;; esac
done
cp "$tree/usr/sbin/sshd" "$small/usr/sbin/"
chroot "$tree" ldd /usr/sbin/sshd | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$small${library%/*}"
	cp "$tree$library" "$small$library"
done
printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n' >"$small/etc/passwd"
echo 'Include /etc/ssh/sshd_config.d/*.conf' >"$small/etc/ssh/sshd_config"
printf 'UUID=0 / ext4 defaults 0 1\nUUID=1 /home ext4 defaults 0 2\n' >"$small/etc/fstab"

# disk NAME SIZE TREE
disk() {
	rm -f "$dir/$1"
	truncate -s "$2" "$dir/$1"
	mkfs.ext4 -q -F -d "$3" "$dir/$1"
}
disk small.raw 64M "$small"
disk debian.raw 1G "$tree"
echo "$stamp" >"$dir/guest-stamp"
