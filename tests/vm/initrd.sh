# What the machines in QEMU begin with: busybox, some modules of Debian's kernel, and an init. Sourced by escape.sh,
# disk.sh and image.sh.
# shellcheck shell=sh

# kernel_of DIR TO: unpacks the kernel of DIR's packages (image.sh); its version.
kernel_of() {
	dpkg-deb -x "$1"/apt/cache/archives/linux-image-*.deb "$2"
	kernel_ready "$2"
}
kernel_ready() {
	depmod -b "$1" "$(basename "$1"/lib/modules/*)"
	basename "$1"/lib/modules/*
}

# modules_of KERNEL VERSION MODULE...: the files of them and of what they need, as they are loaded.
modules_of() {
	kernel=$1 version=$2
	shift 2
	for module; do
		modprobe -d "$kernel" -S "$version" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# pack FOLDER: as the kernel wants it.
pack() {
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | zstd -q -3
}

# initrd_of KERNEL VERSION FOLDER MODULE...: one in FOLDER, whose init loads the modules, then does what stdin says.
initrd_of() {
	of=$1 release=$2 initrd=$3
	shift 3
	for name in bin modules proc sys dev run root; do mkdir -p "$initrd/$name"; done
	cp /bin/busybox "$initrd/bin/"
	modules_of "$of" "$release" "$@" | awk '{ printf "%03d %s\n", NR, $0 }' |
		while read -r number file; do cp "$file" "$initrd/modules/$number-${file##*/}"; done
	cat - >"$initrd/init" <<'END'
#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do $bb insmod "$module"; done
END
	cat >>"$initrd/init"
	chmod 755 "$initrd/init"
}

# initrd_of_machine KERNEL VERSION FOLDER MODULE...: one whose root is this machine's, by 9p as "machine", below a tmpfs; there the
# shell runs what the kernel's command line has as inside=.
initrd_of_machine() {
	of=$1 release=$2 initrd=$3
	shift 3
	initrd_of "$of" "$release" "$initrd" virtio_pci 9pnet_virtio 9p overlay "$@" <<'END'
$bb mkdir /lower /upper
$bb mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 machine /lower
$bb mount -t tmpfs -o mode=0755 tmpfs /upper
$bb mkdir /upper/upper /upper/work
$bb mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work overlay /root
for name in proc sys dev; do $bb mount --move /$name /root/$name; done
exec $bb switch_root /root /bin/sh "$($bb sed 's/.*inside=//; s/ .*//' /root/proc/cmdline)"
END
}
