#!/bin/sh
# bee remote tailor: a configuration on a built image, as one more layer, and nothing else of it changed.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
for tool in xorriso mksquashfs unsquashfs; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps-iso"; exit 0; }
done
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
export ASAN_OPTIONS=detect_leaks=0

# An image as iso/build.sh's are, as far as live-boot's layers go.
mkdir -p tree/etc/bee base/live conf
echo base >tree/etc/bee/release
mksquashfs tree base/live/filesystem.squashfs -quiet -no-progress >/dev/null
echo kernel >base/live/vmlinuz
xorriso -as mkisofs -quiet -V BEE_TEST -o in.iso base 2>/dev/null
"$B/bee" remote keys --new alice >/dev/null
"$B/bee" remote keys --new ticket >/dev/null
echo node-7 >conf/ID
echo boot.example.org >conf/BOOTSERVER
echo 443 >conf/BOOTPORT
printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >conf/cacert.pem
printf 'scheme minisign\nthreshold 1\norder-key %s\nticket-key %s\n' "$(tail -n 1 alice.pub)" "$(tail -n 1 ticket.pub)" >conf/TRUST
echo 'DHCP_INTERFACES="eth0"' >conf/NETWORK

# tailor IN OUT DIR: $status
tailor() {
	"$B/bee" remote tailor "$@" >out 2>err </dev/null
	status=$?
}
# layer ISO: what the layer has, in layer/
layer() {
	rm -rf layer got
	xorriso -osirrox on -indev "$1" -extract /live got >/dev/null 2>&1
	unsquashfs -q -n -d layer got/zz-remote.squashfs >/dev/null
}

sum=$(sha256sum <in.iso)
# Folders of the layer lie over the image's own, whatever the caller's files are like.
umask 077
tailor in.iso one.iso conf
umask 022
is "$status $(cat err)" "0 " "an image is tailored"
layer one.iso
is "$(cd layer/etc/bee/remote && find . -type f -exec sha256sum {} + | sort)" "$(cd conf && sha256sum ./* | sort)" "it has the configuration, as it was given"
is "$(sha256sum <in.iso)" "$sum" "the image that it is made of is as it was"
cmp -s got/filesystem.squashfs base/live/filesystem.squashfs && cmp -s got/vmlinuz base/live/vmlinuz
ok $? "what was on it is on it still"
is "$(xorriso -indev one.iso -pvd_info 2>/dev/null | sed -n "s/^Volume Id *: *//p")" BEE_TEST "with its name, by which it is found at boot"
is "$(find layer ! -type d ! -path '*/etc/bee/remote/*')" "" "the layer has nothing else"
is "$(find layer -mindepth 1 -type d ! -perm 755)" "" "all may go into its folders"
is "$(unsquashfs -lln got/zz-remote.squashfs | awk '{ print $2 }' | sort -u | grep -v '^$')" 0/0 "and is root's"

rm conf/NETWORK
echo node-8 >conf/ID
tailor one.iso two.iso conf
layer two.iso
is "$status $(cat layer/etc/bee/remote/ID)" "0 node-8" "a tailored image is tailored again"
is "$(unsquashfs -lln got/zz-remote.squashfs | awk '/NETWORK/ { print substr($1, 1, 1), $3 $4 }')" "c 0,0" \
	"what the new configuration has not is covered, wherever it was"
is "$(find got -name '*.squashfs' | wc -l)" 2 "and there is one such layer"

tailor in.iso two.iso conf
is "$status" 73 "a file that is there is not written over"
echo 0 >conf/BOOTPORT
tailor in.iso three.iso conf
is "$status $(grep -c BOOTPORT:1: err) $(find . -name 'three.iso*')" "65 1 " "a configuration that is wrong goes on no image"
echo 443 >conf/BOOTPORT
xorriso -as mkisofs -quiet -o other.iso conf 2>/dev/null
tailor other.iso three.iso conf
is "$status $(grep -c 'not a live image' err) $(find . -name 'three.iso*')" "73 1 " "an image without /live is refused"
tailor none.iso three.iso conf
is "$status $(find . -name 'three.iso*')" "73 " "so is one that is not there"
head -c 40000 in.iso >cut.iso
tailor cut.iso three.iso conf
is "$status $(find . -name 'three.iso*')" "73 " "and one that was cut off"
# Who is to end: as by Ctrl-C, to all of a terminal's, or alone; while the image is written, or its layer.
cat >interrupt.py <<'END'
import glob, os, signal, subprocess, sys, time
number, whom, at = signal.Signals[sys.argv[1]], sys.argv[2], sys.argv[3]
child = subprocess.Popen(sys.argv[4:], start_new_session=True, stderr=open("err", "w"))
def there():
    return any(os.path.getsize(path) for path in glob.glob(at) if os.path.exists(path))
while child.poll() is None and not there():
    time.sleep(0.001)
if child.poll() is None:
    (os.killpg if whom == "all" else os.kill)(child.pid, number)
began = time.monotonic()
print(child.wait(), "soon" if time.monotonic() - began < 2 else "late")
END
left() { find . -name 'three.iso*'; find /tmp -maxdepth 1 -name 'bee-tailor.*' -newer in.iso; }
truncate -s 256M base/live/filler
xorriso -as mkisofs -quiet -o large.iso base 2>/dev/null
cp "alice.key" conf/machine.key
for end in "SIGINT all" "SIGINT alone" "SIGTERM alone" "SIGHUP alone"; do
	# shellcheck disable=SC2086
	is "$(python3 interrupt.py $end three.iso.part "$B/bee" remote tailor large.iso three.iso conf) $(left)" "73 soon " "who is to end while the image is written ($end) leaves no image, and no key"
done
is "$(python3 interrupt.py SIGTERM alone '/tmp/bee-tailor.*/tree/etc/bee/remote/machine.key' "$B/bee" remote tailor in.iso three.iso conf) $(left) $(grep -c 'not a live' err)" \
	"73 soon  0" "nor one who is while the layer is made"
# No room for what is to go on the image, as far as a limit goes.
yes '# a comment' | head -n 1000 >conf/remote.policy
(trap '' XFSZ; ulimit -f 4; "$B/bee" remote tailor in.iso three.iso conf >out 2>err)
is "$? $(grep -c 'remote.policy: it cannot be written' err) $(left)" "74 1 " "nor where there is no room"
rm conf/machine.key
rm large.iso base/live/filler
is "$(left)" "" "nothing is left behind"
tap_end
