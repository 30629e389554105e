#!/bin/sh
# What must hold for an image before it is booted: invariants.sh ROOT [KEYS]
#
# ROOT is the image's tree, KEYS the file that --authorized-keys was given, if it was.
# One PASS or FAIL line per invariant; exit 0 only when nothing failed. smoketest.sh looks at the
# same image when it runs.
set -u
export LC_ALL=C
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -d "$1/etc" ]; then
	echo "usage: invariants.sh ROOT [KEYS]" >&2
	exit 64
fi
root=$1 given=${2:-} failed=0
units="$root/etc/systemd/system $root/lib/systemd/system $root/usr/lib/systemd/system"

# holds NAME COMMAND...: the command prints what is against it, and nothing when all is well.
holds() {
	name=$1
	shift
	said=$("$@" 2>&1 | head -c 400 | tr '\n' ' ')
	if [ -z "$said" ]; then
		echo "PASS $name"
	else
		failed=$((failed + 1))
		echo "FAIL $name: $said"
	fi
}

files() { find "$@" 2>/dev/null; }

host_keys() { files "$root/etc/ssh" -name 'ssh_host_*'; }
machine_secrets() {
	files "$root/etc/machine-id" -size +0
	files "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed" \
		"$root/etc/nvme/hostid" "$root/etc/nvme/hostnqn"
}

# Settings of a unit with its drop-ins, "Key=value"; continued lines are joined.
unit() {
	for dir in $units; do
		for file in "$dir/$1" "$dir/$1.d"/*.conf; do
			[ -f "$file" ] && sed -e ':a' -e '/\\$/N; s/\\\n/ /; ta' "$file"
		done
	done | grep -v '^[#;]'
}

wanted_by() { # TARGET
	for dir in $units; do
		files "$dir/$1.wants" "$dir/$1.requires" -mindepth 1 -printf '%f\n'
	done
}

waits_for_network() {
	for name in bee-audit.service bee-sshsetup.service bee-nvidia.service bee-network.service \
		bee-bmc.service bee-media.service bee-remote.service ssh.service; do
		unit $name | grep -E '^(Requires|Requisite|Wants|BindsTo|After)=.*network-online\.target' |
			sed "s/^/$name: /"
	done
	wanted_by network-online.target
	wanted_by multi-user.target | grep -- -wait-online
}

ssh_needs_network() {
	unit ssh.service | grep -E '^(Requires|Requisite|BindsTo)=.*(network|bee-network)'
}

sshsetup_first() {
	unit bee-sshsetup.service | grep -q '^Before=.*ssh\.service' || echo "not before ssh.service"
	wanted_by ssh.service | grep -qx bee-sshsetup.service || echo "ssh.service does not want it"
}

enabled() {
	for name in bee-sshsetup bee-media bee-network bee-addresses bee-bmc bee-ahead bee-nvidia bee-audit bee-keep bee-remote ssh; do
		wanted_by multi-user.target | grep -qx "$name.service" || echo "$name.service is not enabled"
	done
}

network_blocks() {
	grep -q 'dhclient.* -nw' "$root/usr/local/lib/bee/network" || echo "dhclient runs without -nw"
	# Its end would be dhclient's, and a slow machine's would be without a network.
	for name in bee-network bee-network@; do
		unit $name.service | grep -q '^Type=exec' || echo "$name.service has a start that can be too late"
	done
	unit bee-network.service | grep -E '^Before=.*(ssh|bee-audit|multi-user)'
}

audit_blocks() {
	unit bee-audit.service | grep -qE '^SuccessExitStatus=(.* )?3( |$)' ||
		echo "exit 3 is a failure of the unit"
	unit bee-audit.service | grep -q '^DefaultDependencies=no' ||
		echo "multi-user.target waits for the audit"
	unit bee-audit.service | grep -E '^Before=.*(multi-user|ssh|getty)'
	unit bee-audit.service | grep -qE '^TimeoutStopSec=[1-9]$' || echo "a shutdown waits for it"
}

# It asks for ever where nobody answers.
remote_blocks() {
	unit bee-remote.service | grep -q '^ConditionPathExists=/etc/bee/remote/' ||
		echo "it runs without a configuration"
	unit bee-remote.service | grep -q '^DefaultDependencies=no' || echo "multi-user.target waits for it"
	unit bee-remote.service | grep -E '^Before=.*(multi-user|ssh|getty|bee-)'
	unit bee-media.service | grep -q '^ConditionPathExists=/etc/bee/remote/' || echo "media are mounted without a configuration"
	unit bee-media.service | grep -q '^DefaultDependencies=no' || echo "multi-user.target waits for media"
	unit bee-media.service | grep -E '^Before=.*(multi-user|ssh|getty|bee-audit)'
	files "$root/etc/bee/remote" -name '*.key'
	for name in ssh bee-audit bee-network bee-keep; do
		unit $name.service | grep -E '^(Requires|Wants|BindsTo|After)=.*bee-remote' | sed "s/^/$name: /"
	done
	for name in ssh bee-audit bee-keep; do
		unit $name.service | grep -E '^(Requires|Wants|BindsTo|After)=.*bee-media' | sed "s/^/$name: /"
	done
	unit bee-network.service | grep -E '^(Requires|BindsTo)=.*bee-media'
}

# Before sysinit.target a driver that waits for its BMC would hold all.
bmc_blocks() {
	files "$root/etc/modules-load.d" "$root/usr/lib/modules-load.d" "$root/etc/modules" -type f |
		while read -r file; do grep -ls '^ *ipmi' "$file"; done
	grep -rlsx 'blacklist ipmi_si' "$root/etc/modprobe.d" | grep -q . || echo "udev loads ipmi_si"
	unit bee-bmc.service | grep -q '^DefaultDependencies=no' || echo "multi-user.target waits for it"
	unit bee-bmc.service | grep -E '^Before=.*(multi-user|ssh|getty|sysinit)'
}

# What the modules need of the kernel is loaded by path as well. The BMC's are the kernel's own.
modprobe_used() {
	grep -nE '(^|[^a-z.-])modprobe( |$)' "$root"/usr/local/lib/bee/* | grep -v -e ':#' -e /bee/bmc:
	for dir in $units; do
		grep -lsE '^Exec[A-Za-z]*=.*modprobe.*nvidia' "$dir"/bee-*.service
	done
	grep -rls nvidia "$root/etc/modules" "$root/etc/modules-load.d" "$root/usr/lib/modules-load.d"
	files "$root/usr/bin/nvidia-modprobe" "$root/usr/local/bin/nvidia-modprobe"
}
nvidia_in_modules() {
	# The kernel has an nvidia-wmi-ec-backlight of its own.
	files "$root/lib/modules/" -regextype posix-extended \
		-regex '.*/nvidia(-(uvm|modeset|drm|peermem))?\.ko.*'
}
kernels() {
	abi=$(sed -n 's/^DEBIAN_KERNEL_ABI=//p' "$root/etc/bee-release")
	[ -d "$root/lib/modules/${abi:-unknown}" ] || echo "no modules of $abi"
	files "$root/lib/modules/" -mindepth 1 -maxdepth 1 ! -name "$abi"
	for module in "$root"/usr/local/lib/nvidia/*.ko; do
		[ -e "$module" ] || continue
		modinfo -F vermagic "$module" | grep -v "^$abi "
	done
}

# systemd(1), SYSTEM CLOCK EPOCH: a machine with an empty battery is at least not before its image.
old_clock() {
	built=$(date -d "$(sed -n 's/^BEE_DATE=//p' "$root/etc/bee-release")" +%s)
	[ "$(stat -c %Y "$root/usr/lib/clock-epoch")" = "$built" ] || echo "clock-epoch is not of $built"
}

# What the packet filter of bee remote loads, when nft asks the kernel for it.
filter_modules() {
	[ -x "$root/usr/sbin/nft" ] || echo "no nft"
	for name in nf_tables nft_ct nf_conntrack nfnetlink nf_defrag_ipv4 nf_defrag_ipv6; do
		[ -n "$(files "$root/lib/modules/" -name "$name.ko*")" ] || echo "no module $name"
	done
}

mirrors() {
	files "$root/etc/apt/sources.list" -size +0
	files "$root/etc/apt/sources.list.d" "$root/etc/apt/auth.conf.d" -type f
	files "$root/etc/apt/auth.conf"
	files "$root/var/lib/apt/lists" -type f ! -name lock
	grep -rlsiE 'https?://[a-z0-9.-]+[:/].*debian|Acquire::(http|https)::Proxy ' "$root/etc/apt"
	build_hosts | while read -r host; do
		grep -rlsIF "$host" "$root/etc" "$root/var" "$root/root" "$root/tmp"
	done
}
# Where this host has its packages from.
build_hosts() {
	# shellcheck disable=SC2016
	{
		apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages'
		apt-config dump Acquire | sed -n 's/^Acquire::https\?::Proxy.* "\(.*\)";$/\1/p'
	} 2>/dev/null | sed -n 's,^[a-z+]*://\([^/@]*@\)\?\([^/:]*\).*,\2,p' | sort -u
}
package_timers() {
	for name in apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service; do
		for dir in "$root/lib/systemd/system" "$root/usr/lib/systemd/system"; do
			[ -e "$dir/$name" ] || continue
			[ "$(readlink "$root/etc/systemd/system/$name")" = /dev/null ] || echo "$name may run"
			break
		done
	done
}

passwords() { awk -F: '$2 !~ /^[!*]/ { print "account " $1 " has a password" }' "$root/etc/shadow"; }
users() { awk -F: '$3 == 0 && $1 != "root" || $3 >= 1000 && $3 < 65534 { print "user " $1 }' "$root/etc/passwd"; }
ssh_rules() {
	conf="$root/etc/ssh/sshd_config.d/bee.conf"
	grep -qix 'PermitRootLogin prohibit-password' "$conf" || echo "root may log in otherwise"
	grep -qix 'PasswordAuthentication no' "$conf" || echo "a password may be tried"
	rule='(PermitRootLogin|PermitEmptyPasswords|(Password|KbdInteractive)Authentication)'
	grep -rlsiE "^[[:space:]]*${rule}[[:space:]=]+\"?yes" "$root/etc/ssh"
}
way_in() {
	keys=$root/root/.ssh/authorized_keys marker=$root/etc/bee/password-fallback
	if [ -n "$given" ]; then
		cmp -s "$given" "$keys" || echo "authorized_keys is not the file that was given"
		files "$marker"
	else
		files "$keys"
		[ -e "$marker" ] || echo "no key was given and there is no password's marker"
	fi
	files "$root/home" "$root/etc/ssh" -name 'authorized_keys*'
	files "$root/root/.ssh" -mindepth 1 ! -name authorized_keys
}

holds "no ssh host key is baked" host_keys
holds "no other secret of one machine is baked" machine_secrets
holds "nothing waits for network-online.target" waits_for_network
holds "ssh does not need the network to be up" ssh_needs_network
holds "bee-sshsetup comes before ssh" sshsetup_first
holds "the units are enabled" enabled
holds "DHCP runs in the background" network_blocks
holds "the audit holds neither boot nor shutdown" audit_blocks
holds "no BMC holds the boot" bmc_blocks
holds "orders are asked for with a configuration, and hold nothing" remote_blocks
holds "modules are loaded by insmod alone" modprobe_used
holds "no NVIDIA module is in the kernel's folder" nvidia_in_modules
holds "one kernel, the pinned one" kernels
holds "the clock starts no earlier than the image" old_clock
holds "a packet filter can be set up" filter_modules
holds "no package mirror is known" mirrors
holds "no package manager runs by itself" package_timers
holds "no account has a password" passwords
holds "nobody but root may log in" users
holds "root logs in by key alone" ssh_rules
holds "the way in is the key that was given, or else the marker" way_in
[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
