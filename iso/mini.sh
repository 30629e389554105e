#!/bin/sh
# Builds the small image: iso/mini.sh [OPTION...]
#
# One file for PXE, HTTP and kexec: an initramfs in which the live image's audit, ssh and DHCP run, and which
# fetches nothing. It is made of the live image's own tree: iso/mini/add, names, drop, modules and packed say what of it, and
# how. Where that has the configuration of a boot server, the small one asks it, too: iso/mini/remote and remote-modules.
set -eu
umask 022
export LC_ALL=C TZ=UTC

iso=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$iso")
dist=${BEE_DIST:-$top/dist}
from='' output='' level=19 modules=1

usage() {
	sed -n '2s/^# //p' "$0"
	echo
	echo "  --iso FILE       the live image that it is made of (dist/bee.iso); who may log in there may here"
	echo "  --output FILE    instead of dist/bee-mini.img; FILE.vmlinuz, FILE.sha256 and FILE.list go beside it"
	echo "  --level N        of zstd, 1 to 19 (19)"
	echo "  --no-modules     none, and no firmware: to see what they weigh"
	exit "$1"
}

complain() {
	echo "iso/mini.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--iso) [ $# -gt 1 ] || usage 64 >&2; from=$2; shift ;;
	--output) [ $# -gt 1 ] || usage 64 >&2; output=$2; shift ;;
	--level) [ $# -gt 1 ] || usage 64 >&2; level=$2; shift ;;
	--no-modules) modules='' ;;
	-h | --help) usage 0 ;;
	*) usage 64 >&2 ;;
	esac
	shift
done
[ "$(id -u)" -eq 0 ] || complain "needs root: owners and device nodes"
for tool in xorriso unsquashfs xz; do
	command -v "$tool" >/dev/null || complain "$tool is missing: make deps-iso"
done
from=${from:-$dist/bee.iso}
[ -s "$from" ] || complain "$from is not there: make iso"
bee=${B:-$top/build}/bee
[ -x "$bee" ] || complain "$bee is not built: make"
mkdir -p "$dist"
output=${output:-$dist/bee-mini.img}
[ -d "$(dirname "$output")" ] || complain "no folder for $output"
work=$(mktemp -d "$dist/mini.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
start=$(date +%s)

# The layers of the image, in the order that live-boot puts them: by name, a later one on top.
unpack() {
	xorriso -osirrox on -indev "$from" -extract /live "$work/live" >"$work/log" 2>&1 ||
		{ tail -5 "$work/log" >&2 && complain "$from cannot be read"; }
	for layer in "$work"/live/*.squashfs; do
		rm -rf "$work/layer"
		unsquashfs -q -n -d "$work/layer" "$layer" >"$work/log" 2>&1 ||
			{ tail -5 "$work/log" >&2 && complain "$layer cannot be read"; }
		if [ ! -d "$work/root" ]; then
			mv "$work/layer" "$work/root"
			continue
		fi
		# overlayfs' mark for "gone": a character device 0/0 (overlayfs.rst).
		find "$work/layer" -type c | while read -r mark; do
			[ "$(stat -c %t:%T "$mark")" = 0:0 ] || continue
			rm -rf "$work/root${mark#"$work/layer"}" "$mark"
		done
		cp -a "$work/layer/." "$work/root/"
	done
	rm -rf "$work/layer"
}

# What a boot of the live image has from live-boot, and this one does not.
settle() {
	# The kernel starts /init, which is pid 1 from its first moment.
	ln -s sbin/init "$work/root/init"
	# There is no file system to check or to mount again.
	: >"$work/root/etc/fstab"
	# udev looks at devices alone: buses, drivers and modules, which Debian's unit has it look at, too, ask for no module, nor
	# do the text consoles' memories, what waits for writes, and what wakes a machine up. Of their rules one counts
	# (60-block.rules), by which the kernel sees that a drive has another medium; tmpfiles.d does the same.
	trigger=$work/root/etc/systemd/system/systemd-udev-trigger.service.d
	mkdir -p "$trigger"
	cat >"$trigger/bee-mini.conf" <<-END
		[Service]
		ExecStart=
		ExecStart=-udevadm trigger --type=devices --action=add --subsystem-nomatch=vc --subsystem-nomatch=bdi \\
			--subsystem-nomatch=wakeup --subsystem-nomatch=workqueue --prioritized-subsystem=block,tpmrm,net,tty
	END
	tmpfiles=$work/root/usr/lib/tmpfiles.d
	echo "w /sys/module/block/parameters/events_dfl_poll_msecs - - - - 2000" >"$tmpfiles/bee-mini.conf"
	# What the smoke test asks for.
	echo "This image is an initramfs: nothing is below it." >"$work/root/etc/bee/mini"
	touch -h -d "@$epoch" "$work/root/init" "$work/root/etc/fstab" "$work/root/etc/bee" "$work/root/etc/bee/mini" \
		"$trigger" "$trigger/bee-mini.conf" "${trigger%/*}" \
		"$tmpfiles" "$tmpfiles/bee-mini.conf"
}

# words FILE: its lines without comments
words() { grep -v -e '^#' -e '^$' "$1"; }

# xz, as it has a filter for code. What is packed by itself is larger than as a part of the whole, the small ones most: with all
# modules so the image would be above its limit.
pack() {
	for kernel in "$work"/root/usr/lib/modules/*/kernel; do
		(
			cd "$kernel"
			words "$iso/mini/packed" | while read -r glob; do
				find . -type f -path "./$glob" -name '*.ko' -size +128k -print0
			done | xargs -0 -r -n 16 -P "$(nproc)" xz --x86 --lzma2=preset=6e
		)
	done
}

build() {
	asks=--drop
	[ ! -e "$work/root/etc/bee/remote/BOOTSERVER" ] || asks=--add
	set -- --list "$iso/mini/names"
	while read -r glob; do set -- "$@" $asks "$glob"; done <<-END
		$(words "$iso/mini/remote")
	END
	while read -r glob; do set -- "$@" --add "$glob"; done <<-END
		$(words "$iso/mini/add")
	END
	while read -r glob; do set -- "$@" --drop "$glob"; done <<-END
		$(words "$iso/mini/drop")
	END
	[ -z "$modules" ] || set -- "$@" --modules "$iso/mini/modules"
	[ -z "$modules" ] || [ $asks = --drop ] || set -- "$@" --modules "$iso/mini/remote-modules"
	# 3: something cannot be taken whole, which it says; ping without its capability is run by root.
	SOURCE_DATE_EPOCH=$epoch "$bee" image build -d "$work/root" -o "$output" --compress "zstd:$level" "$@" 2>"$work/said" ||
		[ $? -eq 3 ] || { cat "$work/said" >&2 && exit 1; }
	# Drivers name firmware of all their versions: that is no news. What the lists name has to be there.
	grep -v -e 'firmware that is not in the tree' -e 'cannot carry its security.capability' "$work/said" >&2 &&
		complain "the lists in iso/mini name what the tree does not have"
	# The tree goes now, and had a name of its own each time.
	sed -i '/^# tree/d' "$output.list"
}

# No secret of one machine for all.
look() {
	"$bee" image list "$output" >"$work/names"
	! grep -E '^etc/ssh/ssh_host_|^var/lib/(systemd/random-seed|dbus/machine-id)' "$work/names" ||
		complain "it has what belongs to one machine"
	# It is there, as systemd wants to bind one over it, and empty.
	[ -z "$("$bee" image cat "$output" etc/machine-id 2>/dev/null)" ] || complain "it has a machine's id"
}

unpack
# As of the live image, whose commit and time it has.
date=$(sed -n 's/^BEE_DATE=//p' "$work/root/etc/bee-release")
epoch=${SOURCE_DATE_EPOCH:-$(date -u -d "$date" +%s)}
mkdir -p "$work/root/etc/bee"
settle
[ -z "$modules" ] || pack
build
look
cp "$work/live/vmlinuz" "$output.vmlinuz"
(cd "$(dirname "$output")" && sha256sum "$(basename "$output")" "$(basename "$output").vmlinuz") >"$output.sha256"
printf '%s: %d kB in %d s\n' "$output" $(($(stat -c %s "$output") / 1000)) $(($(date +%s) - start))
