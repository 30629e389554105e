#!/bin/sh
# The image's scripts and the smoke test on machines that are made up: only names of sysfs.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: for mounts"; exit 0; }
# What is mounted over /sys, /run and /dev is gone with a namespace of our own.
[ -n "${BEE_OWN_MOUNTS:-}" ] || BEE_OWN_MOUNTS=1 exec unshare -m "$0" "$@"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
scripts=$top/iso/overlay/usr/local/lib/bee
mkdir "$made/bin"
export PATH="$made/bin:$PATH"
# program NAME TEXT: stands before the real one.
program() {
	printf '#!/bin/sh\n%s\n' "$2" >"$made/bin/$1"
	chmod 755 "$made/bin/$1"
}
for dir in /sys /run /var/log /usr/local/lib; do mount -t tmpfs bee $dir || exit 1; done
# writes FILE TEXT
writes() {
	mkdir -p "${1%/*}"
	echo "$2" >"$1"
}

# card NAME TYPE INDEX
card() {
	mkdir -p "/sys/class/net/$1/device"
	writes "/sys/class/net/$1/type" "$2"
	writes "/sys/class/net/$1/ifindex" "$3"
	writes "/sys/class/net/$1/address" "52:54:00:00:00:0$3"
}
mkdir -p /run/bee-network /run/udev/data
card eno1 1 2
card eno2 1 3
card ib0 32 4
card usb0 1 5
writes /sys/class/net/lo/type 772
writes /sys/class/net/lo/ifindex 1
writes /sys/class/net/bonding_masters bond0
for index in 1 2 3 4; do : >/run/udev/data/n$index; done
# The first takes as long as some cards do to bring their link up.
# shellcheck disable=SC2016
program dhclient 'for card; do :; done
echo "$card" >>/run/begun
[ "$card" != eno1 ] || sleep 4
echo "$card" >>/run/asked'
began=$(date +%s)
sh "$scripts/network" >/dev/null 2>&1
ok $? "the network's script succeeds"
[ $(($(date +%s) - began)) -le 2 ]
ok $? "a card whose link comes up slowly does not hold it"
sleep 1
is "$(sort /run/begun)" "eno1
eno2" "Ethernet cards that udev has named are asked, and nothing else"
is "$(cat /run/asked)" eno2 "the other card did not wait for it"
sh "$scripts/network" usb0 >/dev/null
sh "$scripts/network" eno2 >/dev/null
sleep 1
is "$(sort /run/begun)" "eno1
eno2
usb0" "one that comes later is asked, and none twice"

# What a login shell begins with, on the screen and on serial lines.
for tty in /dev/tty1 /dev/ttyS0 /dev/ttyS1 /dev/hvc0 /dev/pts/0 /dev/tty2; do
	program tty "echo $tty"
	program stty "[ \$1 = size ] && echo 0 0 || echo \$* >>/run/stty"
	program console "echo $tty >>/run/shown"
	mkdir -p /usr/local/lib/bee
	cp "$made/bin/console" /usr/local/lib/bee/
	sh "$top/iso/overlay/etc/profile.d/bee.sh"
done
is "$(tr '\n' ' ' </run/shown)" "/dev/tty1 /dev/ttyS0 /dev/ttyS1 /dev/hvc0 " "the summary is shown on consoles alone"
is "$(sort -u /run/stty)" "rows 25 columns 80" "whose size is set when it is not known"

# tty1 has bee console, and then a shell; where that cannot draw, what serial consoles have.
program tty 'echo /dev/tty1'
# shellcheck disable=SC2016
program bee 'echo "$1 $(ls /run/bee-console 2>&1)" >>/run/bee-was
[ "$1" = report ] || exit "$(cat /run/bee-says)"'
program systemctl 'echo active'
for says in 0 64; do
	echo $says >/run/bee-says
	: >/run/bee-was
	echo '{}' >/var/log/bee-audit.json
	sh "$scripts/console" >/run/out 2>/dev/null
	[ ! -e /run/bee-console ] || echo "still there" >>/run/bee-was
	tr '\n' ';' </run/bee-was
done >/run/consoles
is "$(cat /run/consoles)" "console /run/bee-console;console /run/bee-console;report ls: cannot access '/run/bee-console': No such file or directory;" \
	"tty1 has bee console, which notes that it draws there"
rm "$made/bin/bee" "$made/bin/systemctl"
# What is told goes elsewhere meanwhile.
mount -t tmpfs bee /dev
mknod /dev/tty1 c 1 3
# shellcheck disable=SC2016
program tee 'echo "$1" >>/run/told'
sh "$scripts/tell" words
: >/run/bee-console
sh "$scripts/tell" words
is "$(cat /run/told)" /dev/tty1 "and what is told is not written across it"
rm "$made/bin/tee" /run/bee-console
umount /dev

# The driver's modules, without the one that a display needs.
# shellcheck disable=SC2016
program insmod 'echo "$1" >>/run/insmod
case $1 in *modeset*) exit 1 ;; esac'
mount -t tmpfs bee /dev
mknod /dev/null c 1 3
writes /sys/module/nvidia/version 1.2.3
sh "$scripts/nvidia" >/run/said
is "$?: $(cat /run/said)" "0: no NVIDIA GPU on the PCI bus: nothing to load" "without a GPU that is said"
for device in 0000:01:00.0 0000:02:00.0; do
	writes /sys/bus/pci/devices/$device/vendor 0x10de
	writes /sys/bus/pci/devices/$device/class 0x030200
done
writes /sys/bus/pci/devices/0000:01:00.1/vendor 0x10de
writes /sys/bus/pci/devices/0000:01:00.1/class 0x040300
sh "$scripts/nvidia" >/run/said
is "$?: $(cat /run/said)" "0: 2 NVIDIA GPUs, and this image was built without NVIDIA's driver" \
	"without a driver too"
for name in nvidia nvidia-uvm nvidia-modeset; do writes /usr/local/lib/nvidia/$name.ko ''; done
sh "$scripts/nvidia" >/run/said 2>&1
is "$(grep -c '^/usr/local/lib/nvidia/' /run/insmod)" 3 "modules are loaded by their absolute paths"
is "$(find /dev -name 'nvidia[0-9c]*' | sort | tr '\n' ' ')" "/dev/nvidia0 /dev/nvidia1 /dev/nvidiactl " \
	"a module that is not needed and fails is no reason to leave out the nodes"

# A medium whose label does not come: what live-boot tries then. Its own functions are made up.
get_fstype() { cat "$made/types/$1"; }
sys2dev() { echo "${1##*/}"; }
removable_dev() { echo sda; }
non_removable_dev() { echo sdb sdc sdd sde; }
subdevices() { echo "/sys/block/$1"; }
check_dev() {
	echo "$1" >>"$made/tried"
	return 1
}
mkdir "$made/types"
for pair in sda:vfat sdb:ext4 sdc:xfs sdd:btrfs sde:iso9660; do echo "${pair#*:}" >"$made/types/${pair%:*}"; done
export LIVE_MEDIA=/dev/disk/by-label/NONE FROMISO='' FINDISO=''
# shellcheck source=iso/overlay/usr/lib/live/boot/9991-bee.sh
. "$top/iso/overlay/usr/lib/live/boot/9991-bee.sh"
: >"$made/tried"
find_livefs 19
is "$(cat "$made/tried")" "" "no other disk is read before 20 s"
find_livefs 20
is "$(tr '\n' ' ' <"$made/tried")" "/sys/block/sda /sys/block/sde " "nor a journal played back after them"
: >"$made/tried"
FINDISO=/bee.iso
find_livefs 20
is "$(wc -l <"$made/tried")" 5 "unless an ISO in a file system is asked for"

# smoke CHECK: what the smoke test says, with the document's field and its value for jq.
smoke() {
	jq -n "$2" >/var/log/bee-audit.json
	sh "$top/iso/builder/smoketest.sh" "$1" 2>/dev/null | head -1
}
for disk in sda sr0 loop0 mmcblk0 mmcblk0boot0 nvme0n1 nvme1c2n1 nvme1c3n1 nvme1n1 nvme9n12 nvme9n2; do
	mkdir -p /sys/block/$disk
done
# disks KEY...: a document with these.
disks() {
	check="every disk is in the document"
	smoke "$check" "{storage: {drives: [$(printf '{key: "%s"},' "$@" | sed 's/,$//')]}}"
}
is "$(disks sda mmcblk0 nvme0 nvme2 nvme3 nvme9)" "PASS every disk is in the document" \
	"shared namespaces are their controllers'"
is "$(disks sda mmcblk0 nvme0 nvme2 nvme9)" "FAIL every disk is in the document: nvme3 is missing" \
	"one of which is missing"
is "$(disks mmcblk0 nvme0 nvme2 nvme3 nvme9)" "FAIL every disk is in the document: sda is missing" \
	"so is a disk"
maker="the maker is the firmware's"
writes /sys/class/dmi/id/sys_vendor 'Acme Inc.  '
is "$(smoke "$maker" '{identity: {manufacturer: "Acme Inc."}}')" "PASS $maker" "blanks are no difference"
writes /sys/class/dmi/id/sys_vendor 'To be filled by O.E.M.'
is "$(smoke "$maker" '{identity: {manufacturer: null, placeholders: {manufacturer: "To be filled by O.E.M."}}}')" \
	"PASS $maker" "nor is a placeholder"
is "$(smoke "$maker" '{identity: {manufacturer: null}}')" "FAIL $maker: '' is not 'To be filled by O.E.M.'" \
	"a lost name is"
# The machine has two of NVIDIA's GPUs, from above.
mkdir /run/upper /run/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work bee /etc
writes /etc/bee-release NVIDIA_VERSION=1.2.3
gpus="every GPU is in the document"
one='{manufacturer: "NVIDIA", driver_version: "1.2.3"}'
is "$(smoke "$gpus" "{gpus: [$one, $one, {manufacturer: \"AMD\"}]}")" "PASS $gpus" "another maker's GPU does not count"
is "$(smoke "$gpus" "{gpus: [$one, {manufacturer: \"AMD\"}]}")" "FAIL $gpus: 1 of 2" "nor makes up for one"
is "$(smoke "$gpus" "{gpus: [$one, {manufacturer: \"NVIDIA\"}]}")" "FAIL $gpus: 1 of 2" \
	"nor does one that nvidia-smi said nothing of"

# NETWORK, by what bee remote network says of it.
mkdir -p /etc/bee/remote
rm -rf /run/bee-network
mkdir -p /run/bee-network
echo boot.test >/etc/bee/remote/BOOTSERVER
echo text >/etc/bee/remote/NETWORK
# The slow card of above has been asked by now.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	! grep -qx eno1 /run/begun || grep -qx eno1 /run/asked || sleep 1
done
rm -f /run/asked /run/begun
program bee 'case "$*" in
"remote filter /etc/bee/remote") [ ! -e /run/wants ] || echo table; exit ;;
"remote network /etc/bee/remote") ;;
*) exit 1 ;;
esac
echo "net eno1 0 dhcp -"; echo "net usb0 0 192.0.2.9/24 192.0.2.1"; echo "mtu usb0 1400"; echo "dns 192.0.2.53"'
# shellcheck disable=SC2016
program dhclient 'echo "$*" | sed "s,-cf [^ ]*/,-cf ,; s/-pf.* /on /" >>/run/asked'
# shellcheck disable=SC2016
program ip 'echo "$*" >>/run/ip'
mkdir -p /run/bee/media
echo "BEE-CONF on sdb1 (vfat): its ID in the place of the image's" >/run/bee/media/said
sh "$scripts/network" >/dev/null 2>&1
sh "$scripts/network" usb0 >/dev/null 2>&1
sleep 1
is "$(cat /run/asked)" "-nw -cf dhclient-remote.conf on eno1" "NETWORK: DHCP is asked where it says so, and nowhere else"
is "$(cat /run/ip)" "link set dev eno1 up
link set dev usb0 mtu 1400
link set dev usb0 up
address replace 192.0.2.9/24 dev usb0
route replace default via 192.0.2.1 dev usb0" "what is static has its address, mtu and gateway"
is "$(cat /run/bee-network/resolv.conf)" "nameserver 192.0.2.53" "its name servers are asked"
is "$(grep -c '^BEE-CONF on sdb1 ' /run/bee-network/notes)" 1 "what a medium has changed is told there, too"
is "$(grep -c 'NETWORK does not speak of eno2' /run/bee-network/notes)" 1 "and a card that it does not speak of is told on the consoles"
# shellcheck disable=SC2016
program bee '[ "$2" != media ] || exit 65; [ "$2" != network ] || echo "hostname node-7"'
# shellcheck disable=SC2016
is "$(unshare -u sh -c 'sh "$1"; echo "$? $(uname -n)"' sh "$scripts/media")" "65 node-7" "NETWORK's HOSTNAME is the machine's, whatever a medium was"
# shellcheck disable=SC2016
program bee '[ "$2" != network ] || echo "dns 192.0.2.53"'
# shellcheck disable=SC2016
is "$(unshare -u sh -c 'echo before >/proc/sys/kernel/hostname; sh "$1"; echo "$? $(uname -n)"' sh "$scripts/media")" "0 before" "without one it keeps its own"
# shellcheck disable=SC2016
program bee '[ "$2" != filter ] || [ ! -e /run/wants ] || echo table'
: >/run/wants
rm -rf /run/bee-network /run/asked
mkdir /run/bee-network
program nft 'exit 1'
sh "$scripts/network" >/dev/null 2>&1
is "$? $(cat /run/asked 2>/dev/null) $(grep -c 'no network' /run/bee-network/notes)" "1  1" "without the packet filter that it wants an image stays off the network"
# shellcheck disable=SC2016
program nft 'cat "$2" >>/run/nft'
sh "$scripts/network" >/dev/null 2>&1
sh "$scripts/network" usb0 >/dev/null 2>&1
sleep 1
is "$(cat /run/nft) $(grep -c eno1 /run/asked)" "table 1" "with it, it is set up once"
rm /run/wants
: >/run/bee-network/dns-said
# hook NAMES: what dhclient's hook makes of these.
hook() {
	rm -f /run/bee-network/resolv.conf
	new_domain_name_servers=$1 sh -c '. "$1"; make_resolv_conf' sh "$top/iso/overlay/etc/dhcp/dhclient-enter-hooks.d/bee"
	[ ! -e /run/bee-network/resolv.conf ] || tr '\n' ' ' </run/bee-network/resolv.conf
}
is "$(hook 192.0.2.1)" "" "those of DHCP are not, where NETWORK has some"
rm /run/bee-network/dns-said
is "$(hook '192.0.2.1 192.0.2.2')" "nameserver 192.0.2.1 nameserver 192.0.2.2 " "else they are"
# shellcheck disable=SC2016
is "$(hook '1.2.3 1.2.3.4.5 a.b.c.d $(x) 1.2.3.4;x 192.0.2.9
option x')" "nameserver 192.0.2.9 " "but nothing that is no address"
rm -r /etc/bee/remote

# bee remote, by what systemctl and bee say.
# asks ACTIVE RESULT CONDITION LINT STATUS
asks() {
	program systemctl "case \$* in is-active*) echo $1 ;; *Result*bee-remote*) case \$* in *ConditionResult*) echo $3 ;; *) echo $2 ;; esac ;; esac"
	program bee "case \$* in *lint*) exit $4 ;; *status*) exit $5 ;; esac"
	name="bee remote asks where there is a configuration, and nowhere else"
	# The script has a path of its own, where these are not.
	sed "s,^export LC_ALL=C PATH=,&$made/bin:," "$top/iso/builder/smoketest.sh" >"$made/smoketest"
	sh "$made/smoketest" "$name" | sed "s/$name/asks/; 2,\$d"
}
is "$(asks inactive success no 0 0)" "PASS asks" "smoke: without a configuration it does not run"
is "$(asks active success yes 0 0)" "FAIL asks: it has no configuration and is active" "one that runs then is seen"
mkdir -p /etc/bee/remote
echo boot.test >/etc/bee/remote/BOOTSERVER
is "$(asks active success yes 0 0)" "PASS asks" "with one it asks"
is "$(asks inactive success yes 0 0)" "PASS asks" "or has done what it was told"
is "$(asks inactive exit-code yes 0 0)" "FAIL asks: it failed" "one that failed is seen"
is "$(asks failed exit-code yes 0 0)" "FAIL asks: it is failed" "by either word"
is "$(asks active success yes 65 0)" "FAIL asks" "so is a configuration that is wrong"
is "$(asks active success yes 0 75)" "FAIL asks: nobody has asked" "and one that has asked nobody"
tap_end
