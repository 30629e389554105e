#!/bin/sh
# An order's kexec, in a machine of its own: Debian's kernel starts itself again; locked down it refuses what nobody has signed.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$root/tests/cli/tap.sh"
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
vm=${BEE_VM:-$B/vm}
[ -s "$vm/vmlinuz" ] || skip_all "$vm/vmlinuz is not there: make check-vm"
busybox=$(command -v busybox) || skip_all "busybox is not installed"
for tool in qemu-system-x86_64 cpio cc; do command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-vm"; done
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
cd "$made" || exit 1

# The second system: it says with which words it was started.
tree() {
	mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib64" "$1/dev" "$1/proc" "$1/sys" "$1/run" "$1/tmp"
	for name in bin sbin lib64; do ln -s usr/$name "$1/$name"; done
	cp "$busybox" "$1/usr/bin/busybox"
	for name in sh cat mount mkdir poweroff strings sleep grep echo; do ln -s busybox "$1/usr/bin/$name"; done
	{ echo '#!/bin/sh'; cat; } >"$1/init"
	chmod 755 "$1/init"
}
pack() { (cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet) >"$2"; }
tree second <<'END'
mount -t proc proc /proc
echo "BEE-SECOND $(cat /proc/cmdline)"
poweroff -f
END
pack second second.cpio

cp "$vm/vmlinuz" kernel
# The same but for one byte: a kernel that nobody has signed.
cp kernel altered
printf 'x' | dd of=altered bs=1 seek=$(($(stat -c %s altered) / 2)) conv=notrunc status=none

for key in alice ticket; do "$B/bee" remote keys --new $key >/dev/null; done
tree first <<'END'
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t securityfs securityfs /sys/kernel/security
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mkdir -p /run/bee/remote
try() {
	/bee-order step-run /etc/bee/remote "$(cat "/o/$1.sum")" 1795935600 0 /run/bee/remote none 0 signed <"/o/$1" 3<"/o/$1.minisig" 4>/run/log \
		8<"/o/$1.kernel" 9</o/second.cpio >/run/answer
	echo "BEE-TRIED $1: log $(cat /run/log); $(strings -n 12 /run/answer | grep kexec); loaded $(cat /sys/kernel/kexec_loaded)"
}
grep -q lockdown= /proc/cmdline && try altered
try kernel
[ "$(cat /sys/kernel/kexec_loaded)" = 1 ] && /kexec-now
poweroff -f
END
mkdir -p first/etc/bee/remote first/o
c=first/etc/bee/remote
echo node-7 >$c/ID
echo boot.test >$c/BOOTSERVER
echo 443 >$c/BOOTPORT
printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >$c/cacert.pem
printf 'scheme minisign\nthreshold 1\norder-key %s\nticket-key %s\n' "$(tail -n 1 alice.pub)" "$(tail -n 1 ticket.pub)" >$c/TRUST
echo "allow kexec" >$c/remote.policy
"$B/bee" remote keys --new machine >/dev/null
cp machine.key $c/machine.key
for name in kernel altered; do
	cat >first/o/$name <<-END
		#!/bin/sh
		#bee-order 1
		#bee-sequence 7
		#bee-target id=node-7
		#bee-not-after 2099-01-01T00:00:00Z
		#bee-time-limit 60
		#bee-file kernel $(sha256sum <$name | cut -d' ' -f1)
		#bee-file initrd $(sha256sum <second.cpio | cut -d' ' -f1)
		#bee-do kexec kernel initrd
		#bee-cmdline console=ttyS0 quiet
		#bee-cmdline bee.second=yes panic=-1
		#bee-end
		echo ready
	END
	"$B/bee" remote sign -k alice.key first/o/$name
	sha256sum <first/o/$name | cut -d' ' -f1 >first/o/$name.sum
	cp $name first/o/$name.kernel
done
cp second.cpio first/o/
cp "$B/bee-order" first/
ldd "$B/bee-order" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do
	mkdir -p "first${library%/*}"
	cp -L "$library" "first$library"
done
mkdir -p first/usr/lib
[ -e first/lib ] || ln -s usr/lib first/lib
cat >now.c <<'END'
#include <sys/reboot.h>
#include <linux/reboot.h>
int main(void) { return reboot(LINUX_REBOOT_CMD_KEXEC); }
END
cc -static -o first/kexec-now now.c || skip_all "no static libc"
pack first first.cpio

# boots WORD: a machine, with this on the kernel's command line; $made/console
boots() {
	timeout 400 qemu-system-x86_64 -accel tcg -m 768 -smp 1 -display none -no-reboot -kernel kernel -initrd first.cpio \
		-append "console=ttyS0 quiet panic=-1 $1" -serial "file:$made/console" -net none </dev/null >qemu.out 2>&1
	tr -d '\r' <"$made/console" | grep -a '^BEE-' >"$made/said"
}
boots bee.first=yes
is "$(sed -n 1p said)" "BEE-TRIED kernel: log ready; ; loaded 1" "an order's kernel is loaded when its script went well"
is "$(sed -n 2p said)" "BEE-SECOND console=ttyS0 quiet bee.second=yes panic=-1" "and starts, with the order's words and initrd"
[ -s said ] || tail -n 20 console | sed 's/^/# /'
boots lockdown=integrity
is "$(sed -n 1p said)" "BEE-TRIED altered: log ready; kexec: refused: this kernel is locked down, and takes signed ones alone; loaded 0" \
	"a kernel that is locked down refuses one that nobody has signed, in words"
# Whose signatures it believes is the firmware's to say, and here there is no Secure Boot.
case $(sed -n 2p said) in
*"loaded 1") is "$(sed -n 3p said)" "BEE-SECOND console=ttyS0 quiet bee.second=yes panic=-1" "and takes one whose signature it believes" ;;
*) is "$(sed -n 2p said)" "BEE-TRIED kernel: log ready; kexec: refused: this kernel is locked down, and takes signed ones alone; loaded 0" \
	"as it does one whose signer it does not know; the machine goes on" ;;
esac
[ "$(grep -c . said)" -ge 2 ] || sed 's/^/# /' said
tap_end
