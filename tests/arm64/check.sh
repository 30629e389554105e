#!/bin/sh
# check.sh LIBRARY...: everything cross-built for arm64, the unit tests run on it: in a machine of QEMU with Debian's kernel
# where qemu-system-aarch64 is installed, else by qemu-aarch64, which knows no filters. TAP.
#
# Debian's packages of that name for arm64 are unpacked, not installed, below BEE_ARM64 (build/arm64), once. BEE_QEMU_SYSTEM and
# BEE_QEMU_USER are the two programs where they are not in PATH.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
cd "$top" || exit 1
into=${BEE_ARM64:-$top/build/arm64}
system=${BEE_QEMU_SYSTEM:-$(command -v qemu-system-aarch64)}
user=${BEE_QEMU_USER:-$(command -v qemu-aarch64-static || command -v qemu-aarch64)}
for tool in aarch64-linux-gnu-gcc mmdebstrap cpio; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed: make deps deps-arm64"; exit 0; }
done

# What qemu-aarch64 has no answer to: filters, Landlock, openat2 and clone3, or a program's start without binfmt.
by_kernel=" booted child confine filter gather_program gatherer guest_filter helper hidden image_rights image_scan patience performer relay turns "

mkdir -p "$into"
libraries=linux-libc-dev,$(echo "$*" | tr ' ' ,)
if [ ! -e "$into/root.done" ]; then
	rm -rf "$into/root"
	mmdebstrap --quiet --variant=extract --architectures=arm64 --include="$libraries,linux-image-cloud-arm64,busybox-static" \
		bookworm "$into/root" >"$into/root.log" 2>&1 || {
		tail -n 3 "$into/root.log"
		echo "1..0 # SKIP mmdebstrap gets no libraries here"
		exit 0
	}
	: >"$into/root.done"
fi
root=$into/root
out=$into/out
make -k -j"$(nproc)" B="$out" CC="${CCACHE:-} aarch64-linux-gnu-gcc --sysroot=$root" WERROR=-Werror all unit-tests test-tools >"$into/make.log" 2>&1
is "$? $(grep -E '(error|warning):' "$into/make.log" | head -n 5)" "0 " "everything compiles, without a warning"

# judged NAME STATUS
judged() {
	is "$2" 0 "$1"
}

by_system() {
	tree=$into/tree
	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/etc" "$tree/usr" "$tree/work/build/tests"
	cp -a "$root/lib" "$tree/"
	cp -a "$root/usr/lib" "$tree/usr/"
	rm -rf "$tree/lib/modules" "$tree"/usr/lib/gcc* "$tree"/usr/lib/*/*.a
	cp "$root/bin/busybox" "$tree/bin/"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$tree/etc/passwd"
	cp "$out"/bee "$out"/bee-* "$tree/work/build/"
	for folder in unit tools hostile broker; do
		cp -r "$out/tests/$folder" "$tree/work/build/tests/"
	done
	find "$tree/work" \( -name '*.o' -o -name '*.d' \) -exec rm {} +
	find "$tree/work/build" -type f -exec aarch64-linux-gnu-strip {} + 2>/dev/null
	cp -r policy "$tree/work/"
	mkdir -p "$tree/work/tests"
	cp -r tests/fixtures tests/unit "$tree/work/tests/"
	cp "$here/init" "$tree/init"
	chmod 755 "$tree/init"
	(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$into/tree.img"
	timeout 1800 "$system" -M virt -cpu cortex-a72 -smp 1 -m 2048 -nographic -no-reboot -nic none -kernel "$root"/boot/vmlinuz-* \
		-initrd "$into/tree.img" -append "console=ttyAMA0 panic=-1 quiet rdinit=/init" </dev/null 2>&1 | tr -d '\r' >"$into/system.log"
	grep '^READY' "$into/system.log" | sed 's/^/# /'
	for test in "$out"/tests/unit/*.t; do
		name=${test##*/}
		judged "${name%.t}" "$(sed -n "s/^UNIT ${name%.t} //p" "$into/system.log")"
	done
	is "$(sed -n 's/^LINT //p' "$into/system.log")" 0 "the policies are those of this architecture, too"
	ok "$(sed -n 's/^AUDIT [03]$/0/p' "$into/system.log")" "an audit ends with a whole document"
	grep -v '^UNIT .* 0$' "$into/system.log" | sed 's/^/# /'
}

by_user() {
	for test in "$out"/tests/unit/*.t; do
		name=${test##*/}
		name=${name%.t}
		case $by_kernel in
		*" $name "*) skip "$name" "qemu-aarch64 is no kernel"; continue ;;
		esac
		B=$out BEE_TEST_SLOW=1 QEMU_LD_PREFIX=$root timeout 300 "$user" "$test" >"$into/one.log" 2>&1 </dev/null
		judged "$name" $?
		grep -v '^ok' "$into/one.log" | grep -A 5 '^not' | sed 's/^/# /'
	done
}

if [ -n "$system" ]; then
	by_system
elif [ -n "$user" ]; then
	by_user
else
	skip "the unit tests" "neither qemu-system-aarch64 nor qemu-aarch64 is installed: make deps-arm64"
fi
tap_end
