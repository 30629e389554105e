#!/bin/sh
# Makes what the virtual machine boots: DIR/vmlinuz and DIR/initrd, from the build host's own apt.
#
# image.sh DIR BEE-ROOT    BEE-ROOT is what `make install DESTDIR=BEE-ROOT` made.
# DIR keeps the packages and the part of the initramfs that holds no code of ours. SUITE=trixie: kernel,
# tools and their libraries are that suite's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/initrd.sh
. "$here/initrd.sh"
for tool in qemu-system-x86_64 cpio zstd depmod; do
	command -v "$tool" >/dev/null || { echo "$tool is missing: make deps-vm" >&2; exit 1; }
done
mkdir -p "$1"
dir=$(cd "$1" && pwd)
bee=$(cd "$2" && pwd)

# Tools of the policies and their libraries; busybox is init's shell.
packages="busybox-static dmidecode smartmontools nvme-cli pciutils ipmitool util-linux kmod
	libc6 libcap2 libjansson4 libseccomp2 libqrencode4 libsodium23 libsmartcols1 netbase attr"
# What the machine of machine.py has, and what init.sh needs.
modules="virtio_pci virtio_console virtio_scsi virtio_blk virtio_net nvme ahci sd_mod sr_mod sg
	megaraid_sas xhci_pci usb_storage uas e1000e ipmi_si ipmi_devintf dm_mod ext4"

# A dependency closure from an empty machine: what is installed here does not matter.
fetch() {
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
	: >"$dir/apt/status"
	{
		echo "Dir::State::status \"$dir/apt/status\";"
		echo "Dir::Cache \"$dir/apt/cache\";"
		echo 'Debug::NoLocking 1; APT::Sandbox::User root;'
		[ -z "${SUITE:-}" ] || another_suite
	} >"$dir/apt/conf"
	export APT_CONFIG="$dir/apt/conf"
	[ -z "${SUITE:-}" ] || apt-get -qq update >&2
	kernel=$(apt-cache depends linux-image-amd64 |
		awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
	# A library of bee's that another suite has no more comes from this machine, where bee was built.
	install=
	rm -rf "$dir/libraries"
	mkdir "$dir/libraries"
	for package in $packages; do
		if [ -n "$(apt-cache show "$package" 2>/dev/null)" ]; then
			install="$install $package"
		else
			dpkg -L "$package" | grep '\.so\.' | xargs cp -a -t "$dir/libraries"
		fi
	done
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --download-only \
		install $install >&2
	# Newer ones are in several packages.
	for package in "$kernel" $(apt-cache depends "$kernel" | sed -n 's/.*Depends: \(linux-\(base\|binary\|modules\)-[0-9][^ ]*\)$/\1/p'); do
		ls "$dir/apt/cache/archives/$package"_*.deb >/dev/null 2>&1 ||
			(cd "$dir/apt/cache/archives" && apt-get -qq download "$package" >&2)
	done
}

# From where the machine's own packages come.
another_suite() {
	# shellcheck disable=SC2016
	site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $SUITE main" \
		>"$dir/apt/sources.list"
	echo "Dir::Etc::SourceList \"$dir/apt/sources.list\"; Dir::Etc::SourceParts \"/dev/null\";"
	echo "Dir::State::Lists \"$dir/apt/lists\";"
}

unpack() {
	rm -rf "$dir/root" "$dir/kernel"
	mkdir -p "$dir/kernel" "$dir/root/usr/bin" "$dir/root/usr/sbin" "$dir/root/usr/lib" \
		"$dir/root/usr/lib64"
	for name in bin sbin lib lib64; do ln -s "usr/$name" "$dir/root/$name"; done
	for deb in "$dir"/apt/cache/archives/*.deb; do
		case ${deb##*/} in
		linux-*) dpkg-deb -x "$deb" "$dir/kernel" && continue ;;
		perl* | libperl* | lib*-perl_* | debconf_* | usrmerge_* | readline-common_*) continue ;;
		esac
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$dir/root" -xf - --keep-directory-symlink --no-same-owner \
				--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
				--exclude='./usr/share/locale/*' --exclude='./usr/lib/*/gconv/*' \
				--exclude='./usr/share/bash-completion/*' --exclude='./usr/share/zsh/*' \
				--exclude='./usr/lib/locale/*' --exclude='./etc/init.d/*'
	done
	cp -a "$dir/libraries/." "$dir/root/usr/lib/"
	[ -e "$dir/kernel/lib" ] || ln -s usr/lib "$dir/kernel/lib" # trixie and later
	find "$dir/kernel/" -type f -name 'vmlinuz*' -exec cp {} "$dir/vmlinuz" ';'
	version=$(kernel_ready "$dir/kernel")
	mkdir -p "$dir/root/usr/lib/modules/$version"
	cp "$dir/kernel/lib/modules/$version"/modules.builtin* \
		"$dir/kernel/lib/modules/$version"/modules.order "$dir/root/usr/lib/modules/$version/"
	# shellcheck disable=SC2086
	modules_of "$dir/kernel" "$version" $modules | while read -r file; do
		case $file in
		/*) file=${file#"$dir/kernel/"} ;;
		esac
		install -D -m 644 "$dir/kernel/$file" "$dir/root/usr/$file"
	done
	depmod -b "$dir/root" "$version"
	ldconfig -r "$dir/root"
	mkdir -p "$dir/root/etc" "$dir/root/proc" "$dir/root/sys" "$dir/root/dev" "$dir/root/run" \
		"$dir/root/tmp" "$dir/root/var/log" "$dir/root/var/lib" "$dir/root/opt/busybox"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$dir/root/etc/passwd"
	echo "$modules" >"$dir/root/etc/vm-modules"
	ln -sf ../../bin/busybox "$dir/root/usr/bin/sh"
	rm -rf "$dir/kernel" "$dir/libraries"
}

stamp=$(printf '%s\n' "${SUITE:-}" "$packages" "$modules" | cat - "$0" "$here/initrd.sh" | sha256sum | cut -c1-16)
if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ] || ! [ -e "$dir/base.cpio.zst" ]; then
	rm -f "$dir/stamp"
	fetch
	unpack
	pack "$dir/root" >"$dir/base.cpio.zst"
	rm -rf "$dir/root"
	echo "$stamp" >"$dir/stamp"
fi
# Two archives in a row are one initramfs; the second one holds what changes.
install -m 755 "$here/init.sh" "$bee/init"
pack "$bee" >"$dir/bee.cpio.zst"
cat "$dir/base.cpio.zst" "$dir/bee.cpio.zst" >"$dir/initrd"
