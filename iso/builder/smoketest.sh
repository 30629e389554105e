#!/bin/sh
# After boot: ssh root@IP 'sh -s' < iso/builder/smoketest.sh
#
# One PASS, FAIL or SKIP line per check; exit 0 only when nothing failed. It changes nothing.
# 'sh -s CHECK' runs that one alone; a check that does not exist is a failure too.
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
failed=0
only=${1:-}
done=0
document=/var/log/bee-audit.json

# check NAME COMMAND...: what it printed is the note of a failure.
check() {
	name=$1
	shift
	[ -z "$only" ] || [ "$only" = "$name" ] || return 0
	done=$((done + 1))
	if said=$("$@" 2>&1); then
		echo "PASS $name"
	else
		failed=$((failed + 1))
		echo "FAIL $name${said:+: $(printf '%s' "$said" | head -c 300 | tr '\n' ' ')}"
	fi
}

skip() {
	[ -z "$only" ] || [ "$only" = "$1" ] || return 0
	done=$((done + 1))
	echo "SKIP $1: $2"
}

# Its exit status may be any that the audit has for "done", so "active" is not "exit 0".
unit_active() {
	# One that copies the image, say, is given a minute.
	for _ in $(seq 60); do
		[ "$(systemctl is-active "$1")" = activating ] || break
		sleep 1
	done
	[ "$(systemctl is-active "$1")" = active ] || { systemctl is-active "$1"; return 1; }
}

audit_ended() {
	status=$(systemctl show -P ExecMainStatus bee-audit.service)
	case $status in
	0 | 3) ;;
	*) echo "exit status $status" && return 1 ;;
	esac
}

nothing_failed() {
	units=$(systemctl list-units --state=failed --no-legend --plain) || return 1
	units=$(echo "$units" | cut -d' ' -f1)
	[ -z "$units" ] || { echo "$units"; return 1; }
}

document_whole() {
	[ -s "$document" ] || { echo "there is none"; return 1; }
	jq -e '[has("schema_version", "identity", "storage", "pcie", "memory")] | all' \
		"$document" >/dev/null && bee report <"$document" >/dev/null
}

# It is of this boot, and was there in the time that bee-audit.service gives.
audit_timely() {
	boot=$(cat /proc/sys/kernel/random/boot_id)
	jq -e --arg b "$boot" '.audit.boot_id == $b and .audit.duration_ms <= .audit.timeout_ms + 1000' \
		"$document" >/dev/null || { jq -c .audit "$document"; return 1; }
}

# None waits for a network that may never come.
waits_for_no_network() {
	for unit in ssh bee-sshsetup bee-media bee-network bee-addresses bee-bmc bee-ahead bee-nvidia bee-audit bee-keep bee-remote; do
		words=$(systemctl show -P After -P Requires -P Wants "$unit.service")
		case $words in
		'') echo "$unit: nothing known" && return 1 ;;
		*network-online.target*) echo "$unit" && return 1 ;;
		esac
	done
	[ "$(systemctl is-active network-online.target)" = inactive ]
}

# What the kernel shows now must be in the document that was made at boot.
disks_listed() {
	for path in /sys/block/*; do
		# A machine that booted over the network may have none.
		[ -e "$path" ] || continue
		disk=${path##*/}
		case $disk in
		loop* | ram* | zram* | dm-* | md* | sr* | fd* | nbd* | mtdblock*) continue ;;
		mmcblk*boot* | mmcblk*rpmb) continue ;;
		# One path of a shared namespace: nvme0c1n1 is of the controller nvme1.
		nvme*c*n*) disk=nvme${disk#nvme*c} disk=${disk%n*} ;;
		nvme*)
			set -- "${path%n*}"c*n"${path##*n}"
			[ ! -e "$1" ] || continue
			disk=${disk%n*}
			;;
		esac
		jq -e --arg k "$disk" 'any(.storage.drives[]; .key == $k)' "$document" >/dev/null ||
			{ echo "$disk is missing"; return 1; }
	done
}

pci_listed() {
	have=$(find /sys/bus/pci/devices -mindepth 1 | wc -l)
	listed=$(jq '.pcie.devices | length' "$document")
	[ "$have" -eq "$listed" ] || { echo "$have in sysfs, $listed in the document"; return 1; }
}

dmi_listed() {
	want=$(sed 's/^ *//; s/ *$//' /sys/class/dmi/id/sys_vendor)
	# A text that the firmware's makers leave in place of a name is kept as one.
	got=$(jq -r '.identity | .manufacturer // .placeholders.manufacturer // ""' "$document")
	[ "$want" = "$got" ] || { echo "'$got' is not '$want'"; return 1; }
}

nics_listed() {
	for path in /sys/class/net/*; do
		[ -e "$path/device" ] || continue
		jq -e --arg k "${path##*/}" 'any(.network.interfaces[]; .key == $k)' "$document" \
			>/dev/null || { echo "${path##*/} is missing"; return 1; }
	done
}

# A collector without any job would have been lost silently.
collectors_there() {
	for name in $(bee policy list | awk '$1 !~ "/" { print $1 }'); do
		jq -e --arg n "$name" 'any(.collectors[]; .collector == $n)' "$document" >/dev/null ||
			{ echo "$name has no job"; return 1; }
	done
}

only_ssh_listens() {
	# Port 68 is dhclient's, for the answers of the DHCP server.
	open=$(ss -Hlntu | awk '{ n = split($5, part, ":"); print $1 "/" part[n] }' | sort -u)
	echo "$open" | grep -qx tcp/22 || { echo "not even ssh"; return 1; }
	others=$(echo "$open" | grep -v -x -e tcp/22 -e udp/68)
	[ -z "$others" ] || { echo "$others"; return 1; }
}

# Every squashfs of the medium, without what this boot wrote on top.
lower_layers() {
	find /run/live/rootfs -mindepth 1 -maxdepth 1 -name '*.squashfs' 2>/dev/null
}

no_baked_keys() {
	[ -n "$(lower_layers)" ] || { echo "no layer under /run/live/rootfs"; return 1; }
	found=$(lower_layers | while read -r layer; do find "$layer/etc/ssh" -name 'ssh_host_*'; done)
	[ -z "$found" ] || { echo "$found"; return 1; }
}

one_host_key() {
	[ -s /etc/ssh/ssh_host_ed25519_key ] &&
		[ "$(find /etc/ssh -name 'ssh_host_*_key' | wc -l)" -eq 1 ]
}

login_rules() {
	rules=$(sshd -T)
	if [ -e /etc/bee/password-fallback ]; then
		echo "$rules" | grep -qx 'permitrootlogin yes'
		return
	fi
	echo "$rules" | grep -qx 'permitrootlogin without-password' &&
		echo "$rules" | grep -qx 'passwordauthentication no'
}

no_passwords() {
	others=$(awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow) || return 1
	if [ -e /etc/bee/password-fallback ]; then
		[ "$others" = root ]
		return
	fi
	[ -z "$others" ] || { echo "$others"; return 1; }
}

no_mirror() {
	[ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f 2>/dev/null)" ]
}

dhcp_asked() {
	for path in /sys/class/net/*; do
		if [ ! -e "$path/device" ] || [ "$(cat "$path/type")" != 1 ]; then continue; fi
		[ -d "/run/bee-network/${path##*/}" ] || { echo "not on ${path##*/}"; return 1; }
	done
}

lan_address() {
	ip -o -4 address show scope global | grep -q . || { echo "no IPv4 address"; return 1; }
}

# The one who runs this by ssh is reached by the LAN, which is the proof.
lan_reached() {
	[ -n "${SSH_CONNECTION:-}" ] || { echo "not by ssh"; return 1; }
}

release_whole() {
	for name in BEE_VERSION BEE_COMMIT BEE_DATE DEBIAN_RELEASE DEBIAN_KERNEL_ABI \
		NVIDIA_VERSION; do
		grep -q "^$name=." /etc/bee-release || { echo "no $name"; return 1; }
	done
}

kernel_pinned() {
	[ "$(uname -r)" = "$(sed -n 's/^DEBIAN_KERNEL_ABI=//p' /etc/bee-release)" ] || { uname -r; return 1; }
}

clock_sane() {
	built=$(date -d "$(sed -n 's/^BEE_DATE=//p' /etc/bee-release)" +%s)
	now=$(date +%s)
	date
	[ "$now" -ge "$built" ] && [ "$now" -lt $((built + 10 * 365 * 86400)) ]
}

# Without a configuration it has not even been started; with one it asks, or has done what it was told.
remote_asks() {
	state=$(systemctl is-active bee-remote.service)
	if [ ! -e /etc/bee/remote/BOOTSERVER ]; then
		condition=$(systemctl show -P ConditionResult bee-remote.service)
		if [ "$state" != inactive ] || [ "$condition" != no ] || [ -e /run/bee/remote ]; then
			echo "it has no configuration and is $state" && return 1
		fi
		return 0
	fi
	bee remote lint || return 1
	case $state in
	active | activating) ;;
	inactive)
		# Ended: exit 0 or 3.
		[ "$(systemctl show -P Result bee-remote.service)" = success ] || { echo "it failed"; return 1; }
		;;
	*) echo "it is $state" && return 1 ;;
	esac
	bee remote status >/dev/null || { echo "nobody has asked"; return 1; }
}
# What is on the image only for that: no program lacks a library.
remote_whole() {
	bee remote --version || return 1
	! ldd /usr/local/libexec/bee/bee-fetch /usr/local/libexec/bee/bee-order | grep 'not found'
}

policies_right() {
	bee policy lint
}

check "multi-user.target is reached" unit_active multi-user.target
for unit in ssh bee-sshsetup bee-network bee-addresses bee-bmc bee-audit; do
	check "$unit.service is active" unit_active "$unit.service"
done
for unit in bee-ahead bee-nvidia bee-keep; do
	if [ -e /etc/bee/mini ]; then
		skip "$unit.service is active" "an initramfs has no medium, and no driver of NVIDIA"
	else
		check "$unit.service is active" unit_active "$unit.service"
	fi
done
check "no unit failed" nothing_failed
check "the audit ended with 0 or 3" audit_ended
check "the document is whole" document_whole
check "the audit is of this boot and was in time" audit_timely
check "nothing waits for the network" waits_for_no_network
check "every collector has a job" collectors_there
check "every disk is in the document" disks_listed
check "every PCI function is in the document" pci_listed
check "every network interface is in the document" nics_listed
if [ -r /sys/class/dmi/id/sys_vendor ]; then
	check "the maker is the firmware's" dmi_listed
else
	skip "the maker is the firmware's" "the firmware has no DMI tables"
fi
check "the policies are right" policies_right
check "bee remote asks where there is a configuration, and nowhere else" remote_asks
if [ -e /etc/bee/mini ] && [ ! -e /etc/bee/remote/BOOTSERVER ]; then
	skip "bee remote has its libraries" "a small image without a configuration has no bee remote"
else
	check "bee remote has its libraries" remote_whole
fi

driver=$(sed -n 's/^NVIDIA_VERSION=//p' /etc/bee-release)
gpus=$(grep -l 0x10de /sys/bus/pci/devices/*/vendor 2>/dev/null | while read -r vendor; do
	case $(cat "${vendor%/vendor}/class") in 0x030[02]*) echo gpu ;; esac
done | wc -l)
gpus_seen() {
	seen=$(nvidia-smi -L | grep -c '^GPU')
	[ "$seen" -eq "$gpus" ] || { echo "$seen of $gpus"; return 1; }
}
nvidia_links() {
	for name in libnvidia-ml.so.1 libcuda.so.1; do
		[ -e "/usr/lib/$name" ] || { echo "no /usr/lib/$name"; return 1; }
		# As a program would look for it, whatever ldconfig's cache has.
		LD_PRELOAD=$name /bin/true 2>&1 | grep 'cannot be preloaded' && return 1
	done
	true
}
nvidia_loaded() {
	grep -q '^nvidia ' /proc/modules && [ -c /dev/nvidiactl ]
}
gpus_listed() {
	# Of these, with what nvidia-smi knows of them; other makers' are in the list too.
	listed=$(jq '[.gpus[] | select(.manufacturer == "NVIDIA" and .driver_version)] | length' "$document")
	[ "$listed" -eq "$gpus" ] || { echo "$listed of $gpus"; return 1; }
}
# The kernel has modules of its own with that name: nvidiafb, i2c-nvidia-gpu.
nvidia_outside() {
	[ -d "/lib/modules/$(uname -r)" ] || { echo "no modules at all"; return 1; }
	found=$(find /lib/modules -name 'nvidia.ko*' -o -name 'nvidia-uvm.ko*' \
		-o -name 'nvidia-modeset.ko*' -o -name 'nvidia-drm.ko*')
	[ -z "$found" ] || { echo "$found"; return 1; }
}
check "no NVIDIA module in the kernel's folder" nvidia_outside
if [ "$driver" = none ]; then
	skip "NVIDIA libraries" "built without the driver"
else
	check "NVIDIA libraries and their links" nvidia_links
fi
if [ "$driver" = none ] || [ "$gpus" -eq 0 ]; then
	skip "NVIDIA modules and GPUs" "driver $driver, $gpus GPUs on the bus"
else
	check "NVIDIA modules are loaded" nvidia_loaded
	check "nvidia-smi sees every GPU" gpus_seen
	check "every GPU is in the document" gpus_listed
fi

check "nothing listens but ssh" only_ssh_listens
if [ -e /etc/bee/mini ]; then
	skip "no host key is baked into the image" "an initramfs has no layers; iso/mini.sh looks at it"
else
	check "no host key is baked into the image" no_baked_keys
fi
check "this boot made one host key" one_host_key
check "root logs in by key, by password only with the marker" login_rules
check "no account has a password that is not this boot's" no_passwords
check "the image knows no package mirror" no_mirror
check "DHCP is asked on every interface" dhcp_asked
check "the LAN gave an address" lan_address
if [ -n "${SSH_CONNECTION:-}" ]; then
	check "reached over the LAN" lan_reached
else
	skip "reached over the LAN" "not run by ssh"
fi
check "the release file is whole" release_whole
check "the kernel is the pinned one" kernel_pinned
check "the clock is not before the image was built" clock_sane

[ "$done" -gt 0 ] || { echo "FAIL there is no check '$only'"; exit 1; }
[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
