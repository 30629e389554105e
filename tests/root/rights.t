#!/bin/sh
# Where no audit can work it says why, once, and begins nothing.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

command -v setpriv >/dev/null || skip_all "no setpriv"
base=sys_admin,sys_chroot,setuid,setgid,setpcap,mknod,chown,dac_override,kill

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
	[smart]
	run $tools/misbehave good
	device /dev/null read
	see /proc/devices
END
policy "$made/raw" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
	[smart]
	run $tools/misbehave good
	caps CAP_SYS_RAWIO
END

# under NAME COMMAND...: an audit that COMMAND starts, $policies for its policies.
under() {
	name=$1
	shift
	rm -f "$made/$name.json"
	"$@" "$B/bee-audit" -q -o "$made/$name.json" --policy-dir "$made/${policies:-good}" --timeout 5 \
		>"$made/$name.out" 2>"$made/$name.err" </dev/null
	status=$?
}

# refused NAME WORDS WHAT: what `under` has left is a refusal in one line.
refused() {
	is "$status $(wc -l <"$made/$1.err") $([ -e "$made/$1.json" ] && echo document)" "64 1 " "$3: exit 64, one line, no document"
	grep -q "no audit can work here: it needs $2" "$made/$1.err"
	ok $? "$3: the line names it"
	grep -q "no audit can work here: it needs $2" "$made/$1.err" || sed 's/^/# /' "$made/$1.err"
}

# bounded CAPS COMMAND...: as root with these capabilities alone.
bounded() {
	caps=$1
	shift
	setpriv --bounding-set "-all,+$(echo "$caps" | sed 's/,/,+/g')" --inh-caps=-all "$@"
}

# The hard limit for cores is not to be in the way of the rest.
under all env
is "$status" 0 "with all rights an audit completes"
under base bounded $base
is "$status $(cat "$made/base.err")" "0 " "what an audit is refused without is all that it needs"
[ "$status" = 0 ] || doc base '.collectors[] | .job + " " + .status + " " + (.reason // "")'
for cap in $(echo $base | tr , ' '); do
	under "$cap" bounded "$(echo ",$base," | sed "s/,$cap,/,/; s/^,//; s/,$//")"
	name=CAP_$(echo "$cap" | tr '[:lower:]' '[:upper:]')
	refused "$cap" "$name, which root has not got here" "without $name"
done
docker=chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write
under docker bounded $docker
refused docker "CAP_SYS_ADMIN, which" "Docker's default capabilities"
under none setpriv --bounding-set=-all --inh-caps=-all
refused none "CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_CHROOT, CAP_SYS_ADMIN, CAP_MKNOD, which" "root without capabilities"

if unshare -r true 2>/dev/null; then
	under user unshare -r
	refused user "uids and gids from 2079195136 to 2079260671" "a user namespace of one uid"
else
	skip "a user namespace of one uid" "none can be made"
fi

# caged COMMAND...: where a group's rules allow no device node of one kind to be made.
devices=$(awk '$3 == "cgroup" && $4 ~ /(^|,)devices(,|$)/ { print $2; exit }' /proc/mounts)/bee-test-$$
# shellcheck disable=SC2317
caged() {
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$devices" "$@"
}
if mkdir "$devices" 2>/dev/null && echo 'c 1:3 m' 2>/dev/null >"$devices/devices.deny"; then
	under caged caged setpriv --bounding-set "-all,+$(echo $base | sed 's/,/,+/g')" --inh-caps=-all
	refused caged "device nodes .*: Operation not permitted" "a container's rules for devices"
else
	skip "a container's rules for devices" "no such group can be made"
fi
rmdir "$devices" 2>/dev/null

# mapped COMMAND...: in a user namespace that has every uid.
# shellcheck disable=SC2317,SC2086
mapped() {
	# shellcheck disable=SC2016
	unshare -U sh -c 'read -r _ <"$0"; exec "$@"' "$made/go" "$@" &
	inside=$!
	for _ in $(seq 1 100); do
		[ "$(readlink /proc/$inside/ns/user)" = "$(readlink /proc/self/ns/user)" ] || break
		sleep 0.01
	done
	echo 0 0 4294967295 >/proc/$inside/gid_map
	echo 0 0 4294967295 >/proc/$inside/uid_map
	echo >"$made/go"
	wait $inside
}
mkfifo "$made/go"
if unshare -U true 2>/dev/null; then
	under mapped mapped
	refused mapped "device nodes .*: Operation not permitted" "a user namespace of all uids"
else
	skip "a user namespace of all uids" "none can be made"
fi

# nocores COMMAND...: under a hard limit of 0.
nocores() {
	# shellcheck disable=SC3045,SC2317
	(ulimit -c 0 && "$@")
}
under cores nocores bounded $base
refused cores "CAP_SYS_RESOURCE, or a hard limit for cores" "a hard limit for cores of 0, and no right to raise it"

for refusal in "unshare namespaces" "setns to enter" "mount to mount" "fsopen device nodes" "open_tree copies" "mknodat device nodes" \
	"setresuid uids" "seccomp a filter"; do
	call=${refusal%% *}
	under "$call" "$tools/refuse" "$call"
	refused "$call" "${refusal#* } .*: Operation not permitted" "a container's filter refuses $call"
done
under clone3 "$tools/refuse" clone3
is "$status $(cat "$made/clone3.err")" "70 bee-audit: clone3: Operation not permitted" "clone3 is what an audit begins with"
# What is tried beforehand is not all: the machine's tree could not be left.
under umount2 "$tools/refuse" umount2
is "$status $(doc umount2 '[.collectors[] | .status] | unique | join(" ")')" "3 setup" "umount2 refused: no job runs"
is "$(doc umount2 '.collectors[0].reason')" "a mount namespace without the machine's tree: Operation not permitted" "and each says why"
under ptrace "$tools/refuse" ptrace
is "$status" 0 "a filter that is in nobody's way: the audit completes"

# without PLACE COMMAND...: where that folder is an empty one.
# shellcheck disable=SC2317
without() {
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'mount -t tmpfs none "$0" && exec "$@"' "$@"
}
for place in /proc /sys; do
	under "no${place#/}" without $place
	refused "no${place#/}" "$place: the kernel's is not mounted there" "without $place, where all would be absent"
done
# systemd-nspawn with a network of its own mounts /sys so.
# shellcheck disable=SC2317
sys_in_parts() {
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'for f in devices block class; do mkdir -p "$0/$f"; mount --bind /sys/$f "$0/$f"; done
		mount -t tmpfs none /sys && for f in devices block class; do mkdir /sys/$f; mount --bind "$0/$f" /sys/$f; done && exec "$@"' "$made/parts" "$@"
}
under parts sys_in_parts
is "$status $(cat "$made/parts.err")" "0 " "where /sys has the kernel's folders it completes"

without /dev "$B/bee-run" --policy-dir "$made/good" storage/lsblk >"$made/run.out" 2>"$made/run.err"
is "$? $(cat "$made/run.err")" "125 bee-run: no jail can be made here: it needs /dev/null, and the null device is not there" \
	"no jail without /dev/null"
# filed COMMAND...: where it is a file, as by who has redirected to it where it was not.
# shellcheck disable=SC2317
filed() {
	: >"$made/null"
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'mount --bind "$0" /dev/null && exec "$@"' "$made/null" "$@"
}
under filed filed
refused filed "/dev/null, and the null device is not there" "a file in the place of /dev/null"

# files_of N COMMAND...: with so many open files, and no right to have more.
# shellcheck disable=SC2317
files_of() {
	most=$1
	shift
	prlimit --nofile="$most:$most" setpriv --bounding-set "-all,+$(echo $base | sed 's/,/,+/g')" --inh-caps=-all "$@"
}
under few files_of 111
refused few "112 open files at a time, of which the hard limit here leaves 111, or CAP_SYS_RESOURCE" "with few open files"
under enough files_of 112
is "$status $(cat "$made/enough.err")" "0 " "with as many as it asks for it completes"
# More jobs than there are descriptors for: fewer at a time.
mkdir "$made/many"
for i in $(seq 1 60); do : >"$made/many/disk$i"; done
policy "$made/waits" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave wait {instance}
END
files_of 160 "$B/bee-audit" -q --jobs 64 -o "$made/waits.json" --policy-dir "$made/waits" --timeout 2 >/dev/null 2>&1 </dev/null
is "$(doc waits '[.collectors[] | select(.status == "setup")] | length')" 0 "with 160 open files and --jobs 64 no job lacks one"
is "$(doc waits .audit.jobs)" 16 "and the document says how many jobs there were at a time"

# What only a policy needs is that policy's matter.
policies=raw
under raw bounded $base
is "$status $(grep -c 'root has no CAP_SYS_RAWIO here' "$made/raw.err")" "3 1" "without a policy's capability: the audit goes on, and says so once"
is "$(doc raw '[.collectors[] | .status] | join(" ")')" "ok setup" "without a policy's capability: only its job fails"
under raw env
is "$status $(cat "$made/raw.err")" "0 " "with it nothing is said"

bounded "$(echo $base | sed s/sys_admin,//)" "$B/bee" run --policy-dir "$made/good" storage/lsblk >"$made/run.out" 2>"$made/run.err"
is "$? $(cat "$made/run.err")" "125 bee-run: no jail can be made here: it needs CAP_SYS_ADMIN, which root has not got here" \
	"bee run says it too"
tap_end
