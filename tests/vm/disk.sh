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
stamp=$(cat "$0" "$dir/stamp" "$tree/var/lib/dpkg/status" | sha256sum)
[ "$(cat "$dir/guest-stamp" 2>/dev/null)" != "$stamp" ] || exit 0
work=$(mktemp -d "$dir/guest.XXXXXX")
trap 'rm -rf "$work"' EXIT

dpkg-deb -x "$dir"/apt/cache/archives/linux-image-*.deb "$work/kernel"
version=$(basename "$work"/kernel/lib/modules/*)
depmod -b "$work/kernel" "$version"
mkdir -p "$work/initrd/bin" "$work/initrd/run" "$work/initrd/modules" "$work/initrd/proc" "$work/initrd/sys" "$work/initrd/dev" "$work/initrd/root"
cp /bin/busybox "$work/initrd/bin/"
for name in sh mount mkdir cat stty dd base64 tr sleep poweroff ip; do ln -s busybox "$work/initrd/bin/$name"; done
for module in virtio_pci virtio_blk virtio_net virtio_rng ext4 crc32c_generic fuse; do
	modprobe -d "$work/kernel" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { printf "%02d %s\n", ++n, $2 }' |
	while read -r number file; do cp "$file" "$work/initrd/modules/$number-${file##*/}"; done
cat >"$work/initrd/init" <<'END'
#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do $bb insmod "$module"; done
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
chmod 755 "$work/initrd/init"
(cd "$work/initrd" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | zstd -q -3 >"$dir/guest-initrd"

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
