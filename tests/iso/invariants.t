#!/bin/sh
# Each invariant of the image holds, and its check fails when it is broken.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
iso=${BEE_ISO:-$top/dist/test/bee.iso}

for tool in unsquashfs xorriso; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps-iso"; exit 0; }
done
[ -s "$iso" ] || { echo "1..0 # SKIP $iso is not there: make check-iso"; exit 0; }
keys=${BEE_ISO_KEYS:-$top/dist/test/key.pub}
[ -s "$keys" ] || { echo "1..0 # SKIP $keys is not there: make check-iso"; exit 0; }
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: for overlay mounts"; exit 0; }
# Mounts of a namespace of our own are gone with it.
[ -n "${BEE_OWN_MOUNTS:-}" ] || BEE_OWN_MOUNTS=1 exec unshare -m "$0" "$@"

made=$(mktemp -d)
trap 'umount -l "$made/t" "$made" 2>/dev/null; rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
mount -t tmpfs -o size=1500m bee "$made"
mkdir "$made/t"
xorriso -osirrox on -indev "$iso" -extract /live "$made/live" >/dev/null 2>&1
for layer in "$made"/live/*.squashfs; do
	unsquashfs -q -n -f -d "$made/${layer##*/}.d" "$layer" >/dev/null
	rm "$layer"
	# live-boot puts layers on top of each other in the order of their names.
	lower=$made/${layer##*/}.d${lower:+:$lower}
done

# fresh: the image's tree at $t, where changes are lost with the next one.
t=$made/t
fresh() {
	umount -l "$t" 2>/dev/null
	rm -rf "$made/upper" "$made/work"
	mkdir "$made/upper" "$made/work"
	mount -t overlay -o "lowerdir=$lower,upperdir=$made/upper,workdir=$made/work" bee "$t"
}

fresh
"$top/iso/builder/invariants.sh" "$t" "$keys" >"$made/said"
ok $? "every invariant holds for the image"
grep '^FAIL' "$made/said" | sed 's/^/# /'
all=$(grep -c '^PASS' "$made/said")

# breaks INVARIANT COMMAND: the command, run in the tree, makes this check fail and no other.
broken=''
breaks() {
	fresh
	(cd "$t" && eval "$2")
	"$top/iso/builder/invariants.sh" "$t" ${keys:+"$keys"} >"$made/said"
	is "$(sed -n 's/^FAIL \([^:]*\):.*/\1/p' "$made/said")" "$1" "seen when broken: $2"
	broken="$broken$1
"
}

# shellcheck disable=SC2016 # commands are expanded by breaks
units=etc/systemd/system
audit=$units/bee-audit.service
breaks "no ssh host key is baked" 'echo key >etc/ssh/ssh_host_rsa_key'
breaks "no other secret of one machine is baked" 'echo 00112233445566778899aabbccddeeff >etc/machine-id'
breaks "no other secret of one machine is baked" 'head -c 512 /dev/zero >var/lib/systemd/random-seed'
breaks "nothing waits for network-online.target" "sed -i 's/^After=.*/& network-online.target/' $audit"
breaks "nothing waits for network-online.target" "sed -i '/^\[Unit\]/a Requires=network-online.target' $audit"
breaks "nothing waits for network-online.target" \
	"mkdir -p $units/ssh.service.d && printf '[Unit]\nWants=network-online.target\n' >$units/ssh.service.d/x.conf"
breaks "nothing waits for network-online.target" \
	"mkdir -p $units/network-online.target.wants && ln -s /lib/x $units/network-online.target.wants/x-wait-online.service"
breaks "ssh does not need the network to be up" \
	"mkdir -p $units/ssh.service.d && printf '[Unit]\nRequires=bee-network.service\n' >$units/ssh.service.d/x.conf"
breaks "bee-sshsetup comes before ssh" "sed -i '/^Before=/d' $units/bee-sshsetup.service"
breaks "the units are enabled" "rm $units/multi-user.target.wants/bee-audit.service"
breaks "DHCP runs in the background" 'sed -i "s/dhclient -nw/dhclient/" usr/local/lib/bee/network'
breaks "DHCP runs in the background" "sed -i s/^Type=exec/Type=oneshot/ $units/bee-network.service"
breaks "the audit holds neither boot nor shutdown" "sed -i '/^SuccessExitStatus=/d' $audit"
breaks "the audit holds neither boot nor shutdown" "sed -i 's/^Before=.*/& multi-user.target/' $audit"
breaks "the audit holds neither boot nor shutdown" "sed -i '/^TimeoutStopSec=/d' $audit"
breaks "a packet filter can be set up" 'find lib/modules/ -name "nft_ct.ko*" -delete'
breaks "a packet filter can be set up" 'rm usr/sbin/nft'
orders="orders are asked for with a configuration, and hold nothing"
breaks "$orders" "sed -i '/^ConditionPathExists=/d' $units/bee-remote.service"
breaks "$orders" "sed -i '/^DefaultDependencies=/d' $units/bee-remote.service"
breaks "$orders" "sed -i 's/^Before=.*/& multi-user.target/' $units/bee-remote.service"
breaks "$orders" "sed -i 's/^After=.*/& bee-remote.service/' $units/bee-keep.service"
breaks "$orders" "sed -i '/^ConditionPathExists=/d' $units/bee-media.service"
breaks "$orders" "sed -i 's/^After=.*/& bee-media.service/' $units/bee-audit.service"
breaks "$orders" 'mkdir -p etc/bee/remote; echo secret >etc/bee/remote/alice.key'
breaks "no BMC holds the boot" 'echo ipmi_si >>etc/modules-load.d/bmc.conf'
breaks "no BMC holds the boot" 'sed -i "/ipmi_si/d" etc/modprobe.d/bee.conf'
breaks "no BMC holds the boot" "sed -i '/^DefaultDependencies=/d' $units/bee-bmc.service"
breaks "no BMC holds the boot" "sed -i 's/^Before=.*/& multi-user.target/' $units/bee-bmc.service"
breaks "modules are loaded by insmod alone" 'sed -i "s/insmod \"/modprobe \"/" usr/local/lib/bee/nvidia'
breaks "modules are loaded by insmod alone" 'echo nvidia >etc/modules-load.d/gpu.conf'
# shellcheck disable=SC2016 # it is expanded by breaks
breaks "no NVIDIA module is in the kernel's folder" \
	'for dir in lib/modules/*; do : >"$dir/nvidia-uvm.ko"; done'
breaks "one kernel, the pinned one" 'mkdir lib/modules/6.1.0-1-amd64'
breaks "one kernel, the pinned one" "mv lib/modules/* lib/modules/6.1.0-1-amd64"
breaks "the clock starts no earlier than the image" "touch usr/lib/clock-epoch"
breaks "the clock starts no earlier than the image" "rm usr/lib/clock-epoch"
breaks "no package mirror is known" 'echo "deb http://deb.example/debian bookworm main" >etc/apt/sources.list'
breaks "no package mirror is known" 'echo "Acquire::http::Proxy \"x\";" >etc/apt/apt.conf.d/99proxy'
# shellcheck disable=SC2016 # apt expands it
host=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
	sed -n '1s,^[a-z+]*://\([^/:]*\).*,\1,p')
breaks "no package mirror is known" "echo 'fetched from $host' >>etc/motd"
breaks "no package manager runs by itself" "rm $units/apt-daily.timer"
breaks "no account has a password" "sed -i 's/^root:[^:]*/root:/' etc/shadow"
breaks "nobody but root may log in" 'echo "user:x:1000:1000::/:/bin/sh" >>etc/passwd'
breaks "root logs in by key alone" 'sed -i "s/prohibit-password/yes/" etc/ssh/sshd_config.d/bee.conf'
breaks "root logs in by key alone" 'echo "PasswordAuthentication yes" >etc/ssh/sshd_config.d/00-x.conf'
breaks "root logs in by key alone" 'printf "\tpermitrootlogin=yes\n" >etc/ssh/sshd_config.d/00-x.conf'
way="the way in is the key that was given, or else the marker"
breaks "$way" 'rm root/.ssh/authorized_keys'
breaks "$way" 'echo "ssh-ed25519 AAAA other" >>root/.ssh/authorized_keys'
breaks "$way" 'mkdir -p etc/bee && : >etc/bee/password-fallback'
breaks "$way" 'cp root/.ssh/authorized_keys etc/ssh/authorized_keys2'
given=$keys keys=
breaks "$way" 'mkdir -p etc/bee && : >etc/bee/password-fallback # and nobody gave the key'
breaks "$way" 'rm root/.ssh/authorized_keys # and there is no marker either'
keys=$given

is "$(printf '%s' "$broken" | sort -u | wc -l)" "$all" "each of the $all invariants was broken once"
tap_end
