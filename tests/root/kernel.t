#!/bin/sh
# The kernel's log of this machine, by the shipped policy: what a program writes into it is none of it.
# tests/vm/kernel.t floods one.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/kmsg ] || skip_all "there is no /dev/kmsg"
head -c 1 /dev/kmsg >/dev/null 2>&1
echo "<3>NVRM: Xid (PCI:0000:3b:00): 79, this is no GPU but $0" 2>/dev/null >/dev/kmsg ||
	skip_all "/dev/kmsg cannot be written, so there is nothing to look for"

audit log --policy-dir "$root/policy" --only kernel
is "$status" 0 "the audit completes"
is "$(job log kernel/log status) $(doc log '.collectors[] | select(.job == "kernel/log") | .denied | length')" "ok 0" \
	"the log is read with its one capability, by a uid of its own, and nothing is refused"
is "$(doc log '.kernel.log.ended')" empty "it is read to its end"
is "$(doc log '[.kernel.events[] | select(.event == "gpu-xid" and (.message | contains("this is no GPU")))] | length')" 0 \
	"what a program wrote is no event"
is "$(doc log '.kernel.log.other_record_count > 0')" true "and is counted"

# Without its capability.
mkdir "$made/p"
sed 's/^caps .*//' "$root/policy/kernel.policy" >"$made/p/kernel.policy"
audit bare --policy-dir "$made/p" --only kernel
case $(cat /proc/sys/kernel/dmesg_restrict 2>/dev/null) in
1)
	is "$(job bare kernel/log status)" failed "without CAP_SYSLOG the kernel refuses it where it is told to"
	;;
*) skip "without CAP_SYSLOG the kernel refuses it where it is told to" "kernel.dmesg_restrict is 0" ;;
esac
tap_end
