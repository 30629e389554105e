#!/bin/sh
# bee guest --backend vm: a qcow2 image that boots by itself, from a BIOS and from UEFI.
# What is in it is disk.sh's, in BEE_VM.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/../root/guest-env.sh"

vm=${BEE_VM:-}
[ -e "$vm/small.raw" ] || skip_all "BEE_VM names no folder of tests/vm/disk.sh: make check-vm does"
for tool in qemu-system-x86_64 qemu-img qemu-storage-daemon ssh-keygen syslinux mcopy mkfs.fat sfdisk; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
[ -e /dev/fuse ] || skip_all "there is no /dev/fuse"
guest() { timeout 400 "$B/bee" guest "$@"; }
guest rm probe

# The root file system is the first partition; boot loaders, kernel and initramfs are in the second.
words="console=ttyS0 panic=-1 root=/dev/vda1 rw init=/etc/bee/init"
printf 'default a\nlabel a\nlinux vmlinuz\ninitrd initrd\nappend %s loader=bios\n' "$words" >"$made/syslinux.cfg"
printf 'vmlinuz.efi initrd=\\initrd %s loader=uefi\r\n' "$words" >"$made/startup.nsh"
truncate -s 48M "$made/fat"
mkfs.fat -F 32 -h 133120 "$made/fat" >/dev/null
mcopy -i "$made/fat" "$made/syslinux.cfg" "$made/startup.nsh" ::
mcopy -i "$made/fat" "$vm/guest-initrd" ::initrd
mcopy -i "$made/fat" "$vm/vmlinuz" ::vmlinuz
mcopy -i "$made/fat" "$vm/vmlinuz" ::vmlinuz.efi
syslinux --install "$made/fat"
truncate -s 128M "$made/disk"
printf 'label: dos\nstart=2048,size=131072,type=83\nstart=133120,size=98304,type=c,bootable\n' | sfdisk -q "$made/disk"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$made/disk" bs=440 count=1 conv=notrunc status=none
dd if="$vm/small.raw" of="$made/disk" bs=1M seek=1 conv=notrunc status=none
dd if="$made/fat" of="$made/disk" bs=512 seek=133120 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$made/disk" "$made/own.qcow2"
sum=$(sha256sum <"$made/own.qcow2")

out=$(guest run "$made/own.qcow2" --memory 256M --accel tcg -- sh -c 'tr " " "\n" </proc/cmdline | grep loader; hostname; mkdir /kept' 2>"$made/err")
is "$? $(echo "$out" | head -n 1)" "0 loader=bios" "an image with a boot loader of its own boots by it, is configured, ready and runs a command"
is "$(sha256sum <"$made/own.qcow2")" "$sum" "a qcow2 image is as it was"
if [ -e /usr/share/ovmf/OVMF.fd ]; then
	out=$(guest run "$made/own.qcow2" --memory 512M --accel tcg --firmware /usr/share/ovmf/OVMF.fd -- \
		sh -c 'tr " " "\n" </proc/cmdline | grep loader; ls -d /kept /sys/firmware/efi' 2>"$made/err")
	is "$(echo "$out" | tr '\n' ' ')" "loader=uefi /sys/firmware/efi " "with --firmware it boots by UEFI"
else
	skip "with --firmware it boots by UEFI" "ovmf is not installed"
fi
tap_end
