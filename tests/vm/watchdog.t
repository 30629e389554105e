#!/bin/sh
# An order's watchdog, in a machine that has one: it resets the machine of an order that is not over, of no other, and it
# counts anew before the boot ends.
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
kernel=$(find "$vm/apt/cache/archives" -name 'linux-image-[0-9]*.deb' 2>/dev/null | head -n 1)
[ -n "$kernel" ] || skip_all "the kernel's package is not there: make check-vm"
busybox=$(command -v busybox) || skip_all "busybox is not installed"
for tool in qemu-system-x86_64 cpio dpkg-deb; do command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-vm"; done
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
cd "$made" || exit 1

mkdir -p first/usr/bin first/usr/sbin first/usr/lib first/usr/lib64 first/dev first/proc first/sys first/run first/tmp first/o first/etc/bee/remote
for name in bin sbin lib lib64; do ln -s usr/$name first/$name; done
cp "$busybox" first/usr/bin/busybox
for name in sh cat mount mkdir insmod poweroff sleep echo watchdog kill grep tr; do ln -s busybox "first/usr/bin/$name"; done
printf '#!/bin/sh\necho "BEE-SYSTEMD $*" >/dev/console\n' >first/usr/bin/systemctl
dpkg-deb --fsys-tarfile "$kernel" | tar -xf - --wildcards --transform 's|.*/||' '*/drivers/watchdog/i6300esb.ko' '*/drivers/watchdog/watchdog.ko' ||
	skip_all "this kernel's package has no i6300esb"
mv i6300esb.ko watchdog.ko first/
cat >first/init <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mkdir -p /run/bee/remote
insmod /watchdog.ko
insmod /i6300esb.ko
run() {
	/bee-order step-run /etc/bee/remote "$(cat "/o/$1.sum")" 1795935600 0 /run/bee/remote none 0 unsigned <"/o/$1" 3<"/o/$1.minisig" 4>/run/log >/run/answer
	echo "BEE-RAN $1: $(cat /run/log) $(tr -cd ' -~' </run/answer | grep -o '[a-z]*: .*')"
}
run short
sleep 16
echo "BEE-ALIVE behind an order of 10 seconds"
run ends
# As that has left it, but for 14 seconds.
watchdog -F -T 14 -t 1000 /dev/watchdog &
sleep 1
kill -9 $!
sleep 8
/bee-order step-end reboot watchdog >/run/answer
sleep 9
echo "BEE-ALIVE after 18 of 14 seconds, as it was told again"
watchdog -F -T 60 -t 1000 /dev/watchdog &
sleep 1
kill -9 $!
run long
echo "BEE-ALIVE behind what hangs"
poweroff -f
END
chmod 755 first/init first/usr/bin/systemctl
for key in alice ticket; do "$B/bee" remote keys --new $key >/dev/null; done
c=first/etc/bee/remote
echo node-7 >$c/ID
echo boot.test >$c/BOOTSERVER
echo 443 >$c/BOOTPORT
printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >$c/cacert.pem
printf 'scheme minisign\nthreshold 1\norder-key %s\nticket-key %s\n' "$(tail -n 1 alice.pub)" "$(tail -n 1 ticket.pub)" >$c/TRUST
printf 'allow %s\n' watchdog reboot >$c/remote.policy
# order NAME SCRIPT LINE...
order() {
	name=$1 script=$2
	shift 2
	{
		printf '#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target id=node-7\n#bee-not-after 2099-01-01T00:00:00Z\n#bee-time-limit 300\n'
		for line; do echo "#bee-do $line"; done
		printf '#bee-end\n%s\n' "$script"
	} >"first/o/$name"
	"$B/bee" remote sign -k alice.key "first/o/$name"
	sha256sum <"first/o/$name" | cut -d' ' -f1 >"first/o/$name.sum"
}
order short "echo fine" "watchdog 10"
order ends "echo fine" "watchdog 180" reboot
order long "echo begun >&2; exec /usr/bin/sleep 250" "watchdog 10"
cp "$B/bee-order" first/
ldd "$B/bee-order" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do
	mkdir -p "first${library%/*}"
	cp -L "$library" "first$library"
done
(cd first && find . | cpio -o -H newc -R 0:0 --quiet) >first.cpio

timeout 300 qemu-system-x86_64 -accel tcg -m 512 -smp 1 -display none -no-reboot -kernel "$vm/vmlinuz" -initrd first.cpio \
	-device i6300esb -action watchdog=reset -append "console=ttyS0 quiet panic=-1" -serial "file:$made/console" -net none </dev/null >qemu.out 2>&1
is "$?" 0 "the machine ends by itself, which is a reset or a poweroff"
tr -d '\r' <console | grep -a '^BEE-' >said
is "$(sed -n 1,2p said)" "BEE-RAN short: fine 
BEE-ALIVE behind an order of 10 seconds" "an order that is over in time leaves no watchdog that counts"
is "$(sed -n 3,5p said)" "BEE-RAN ends: fine 
BEE-SYSTEMD --no-block reboot
BEE-ALIVE after 18 of 14 seconds, as it was told again" "one that ends the boot leaves it counting, and anew when systemd is asked"
is "$(sed -n '6,$p' said)" "" "one that hangs is ended with its machine"
[ -s said ] || tail -n 20 console | sed 's/^/# /'
tap_end
