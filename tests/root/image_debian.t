#!/bin/sh
# Images of a whole Debian's parts: sshd with a login, systemd up to multi-user.target, and the /init of nbic's README.
# Each has what its run used and nothing else, and there the same comes out as in the tree. BEE_VM_TREE is one with
# systemd, udev and sshd (tests/vm/tree.sh).
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

tree=${BEE_VM_TREE:-}
{ [ -x "$tree/sbin/init" ] && [ -x "$tree/usr/sbin/sshd" ]; } || skip_all "BEE_VM_TREE names no tree of Debian with sshd: make check-vm does"
# shellcheck source=tests/root/payload.sh
. "$here/payload.sh"
cd "$trees" || exit 1

# A client with a key, a server with another, a login over loopback and what it prints: the words of the machine too.
# shellcheck disable=SC2016
login='set -e
mkdir -p -m 755 /run/sshd
mkdir -p -m 700 /root/.ssh
ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/id
cp /root/.ssh/id.pub /root/.ssh/authorized_keys
/usr/sbin/sshd -p 2222 -o PidFile=/run/sshd/pid
for try in $(seq 300); do sleep 0.1; [ -s /run/sshd/pid ] && break; done
ssh -i /root/.ssh/id -p 2222 -o StrictHostKeyChecking=no -o LogLevel=ERROR 127.0.0.1 "id -un; tty || cat /etc/debian_version; exit 3" ||
	echo "exit $?"
kill "$(cat /run/sshd/pid)"'
payload sshd bash -c "$login"
is "$(tr '\n' ' ' <reference)" "root not a tty $(cat "$tree/etc/debian_version") exit 3 " "sshd: a command was run in a login"
is "$(holds payload.cpio usr/sbin/sshd) $(holds payload.cpio usr/bin/scp)" "1 0" "with the programs that it took, not their neighbours"

# settled NAME: what its systemd says of itself once nothing is left to be started
settled() {
	for _ in $(seq 200); do
		said=$(guest exec "$1" systemctl is-system-running 2>/dev/null)
		case $said in "" | starting | initializing) sleep 0.1 ;; *) break ;; esac
	done
	echo "$said"
}

# units NAME TREE: all of its units, with their states, as a guest that comes up
units() {
	guest start "$1" --root "$2" --volatile --quiet 2>>err
	settled "$1"
	guest exec "$1" systemctl list-units --all --no-legend --plain | awk '{ print $1, $2, $3 }' | grep -v '\.device '
	guest stop "$1"
	guest rm "$1"
}

# boot NAME TREE: traced up to multi-user.target and a login, which a service of "Type=idle" is the last to ask for; built, tried in
# a container until nothing is missing, and looked at as a guest
boot() {
	timeout 100 "$B/bee" trace boot -d "$2" -o boot.list --until 'systemctl is-system-running && pidof agetty' 2>err
	is $? 0 "$1: traced up to multi-user.target"
	image build -d "$2" -o boot.cpio --list boot.list --add usr/bin/systemctl
	is $? 0 "$1: built"
	image test boot.cpio --boot --fix >out
	fixed=$?
	image test boot.cpio --boot >out
	is "$fixed $? $(cat out)" "$fixed 0 " "$1: tried until nothing is missing"
	"$B/bee" image extract boot.cpio -C alone 2>/dev/null
	units whole "$2" >reference
	units alone "$PWD/alone" >again
	is "$(diff reference again)" "" "$1: the same units are in the same states"
	is "$(head -n 1 again) $(grep -c '^multi-user.target loaded active' again)" "running 1" "$1: and the target is reached"
	rm -rf alone
}
boot systemd "$tree"
is "$(holds boot.cpio usr/lib/systemd/systemd-logind) $(holds boot.cpio usr/bin/apt-get)" "1 0" "a service's program is there, and what no boot uses is not"

# The same tree, with the /init as nbic's README has it, dhcpd and all.
cp -al "$tree" initree 2>/dev/null || cp -a "$tree" initree
cat >initree/init <<'END'
#!/bin/bash

mount -t proc /proc /proc
mount -t sysfs /sys /sys
mount -t devpts devpts /dev/pts
echo 1 > /proc/sys/net/ipv4/ip_forward
dhcpd eth1
exec /sbin/init
/bin/bash --login --noprofile --norc
END
chmod 755 initree/init
boot "nbic's /init" "$PWD/initree"
is "$(awk -F '\t' '$1 == "/init" && $2 ~ /exec/ || $1 == "/usr/bin/bash" && $2 ~ /interpreter/ { print $1 }' boot.list | tr '\n' ' ')" "/init /usr/bin/bash " \
	"nbic's /init was the first process, and its shell is there"
is "$(holds boot.cpio init) $("$B/bee" image cat boot.cpio init | cksum)" "1 $(cksum <initree/init)" "and is what a machine starts"
tap_end
