#!/bin/sh
# All commands there are, through every shipped step that asks a device: what goes through is what its line
# says, by the standards' numbers, and nothing else. Long, so it is make check-escape's; tests/root/broker.t
# has the first of it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# Where processors are emulated: each code, and less beside it (hostile.c).
case ${BEE_ESCAPE:-} in
whole) all='' rounds=1000000 deaths=10000 ;;
each) all=each rounds=20000 deaths=300 ;;
*) skip_all "make check-escape: it takes minutes" ;;
esac
# shellcheck source=tests/broker/machine.sh
. "$here/../broker/machine.sh"
any - >/mnt/answers
# sent WHOLE EACH: how many commands a tool has sent.
sent() {
	is "$(grep sent "$made/out")" "sent $([ "$all" ] && echo "$2" || echo "$1")" "and all were sent"
}

# The BMC: network function and command (IPMI 2.0, appendix G), whose data may all be zero. Of those with data
# of another length or kind none goes through so: Get LAN Configuration Parameters is asked apart.
{
	sed -n '/^policy/,/^default/p' "$root/policy/psu.policy" | sed 's/wall 20s/wall 600s/'
	for step in fru info sel sdr ipmitool; do
		sed -n "/^\[$step\]/,/^\$/p" "$root/policy/psu.policy" |
			sed '/^after/d; s/^limits.*/limits wall 600s/; s,^device.*,&\nsee /mnt/answers,'
		echo
	done
} >"$made/p/psu.policy"
# bmc STEP MODE: what goes through.
bmc() {
	# shellcheck disable=SC2086
	"$made/bin/bee" run -q --policy-dir "$made/p" "psu/$1" -- "$made/hostile" /dev/ipmi0 "$2" $all >"$made/out" 2>"$made/err"
	grep -v sent "$made/out" | cut -d ' ' -f "${3:-1}" | sort -u | xargs
}
is "$(bmc fru ipmi)" "04/2d 0a/10 0a/11 0a/20 0a/22 0a/23" "psu/fru: parts, and the readings of sensors"
sent $((64 * 256 * 6 + 15)) $(((64 + 6 * 5) * 256 + 15))
is "$(bmc info ipmi)" "00/01 06/01 06/04 06/37 06/42" "psu/info: the BMC itself"
is "$(bmc info ipmi-lan 3)" "03 04 05 06 0c 14 33 37 38 3b" "and of the LAN's parameters the addresses"
is "$(bmc sel ipmi)" "0a/40 0a/43 0a/48" "psu/sel: the event log"
is "$(bmc sdr ipmi)" "04/2d 0a/20 0a/22 0a/23" "psu/sdr: sensors"
is "$(bmc ipmitool ipmi)" "06/01 0a/10 0a/11 0a/20 0a/22 0a/23 2c/00" "psu/ipmitool: parts"
for step in fru sel sdr ipmitool; do
	is "$(bmc $step ipmi-lan)" "" "psu/$step: nothing of the LAN"
done

# NVMe: Identify of any kind, and the one log of the step.
for kind in id: smart:02/02 errors:02/01 sanitize:02/81; do
	# shellcheck disable=SC2086
	run "storage/nvme-${kind%:*}" nvme0 "$made/hostile" /dev/nvme0 nvme $all
	is "$(grep -v -e sent -e '^06/' "$made/out" | cut -d ' ' -f 1 | sort -u)" "${kind#*:}" \
		"storage/nvme-${kind%:*}: of all NVMe admin commands beside Identify"
	is "$(grep -c '^06/.* 4096$' "$made/out")" 256 "Identify of any kind"
	sent $((256 * 256 * 3)) $(((253 * 7 + 3 * 256) * 3))
done

# MegaRAID: the list of disks, and CDBs; in parts, as a jail has ten minutes.
for part in "mfi:1 02010000 in;1 frame 04;1 frame 05;:$((256 + 0x900 * 7 * 3)):$((256 + 0x900 * 7 * 3))" \
	"mfi-other::$(((65536 - 0x900) * 7)):$((65536 - 0x900))" "mfi-low:1 02010000 in;:$((65536 * 3)):65536"; do
	IFS=: read -r mode through whole some <<-END
		$part
	END
	# shellcheck disable=SC2086
	run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node "$mode" $all
	is "$(grep -v sent "$made/out" | sort | uniq -c | sed 's/^ *//' | tr '\n' ';')" "$through" "megaraid/smart: of all frames and DCMDs of $mode"
	sent "$whole" "$some"
done

# Its disks: what goes through to one of their own, by 6 to 16 bytes.
for mode in scsi ata; do
	# shellcheck disable=SC2086
	run storage/smart sda "$made/hostile" /dev/sda $mode $all
	grep -v -e sent -e ' 32 ' "$made/out" | sort >"$made/disk"
	# shellcheck disable=SC2086
	run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node "mfi-$mode" $all
	is "$(grep -v sent "$made/out" | sort | md5sum) $(wc -l <"$made/disk")" "$(md5sum <"$made/disk") $(grep -vc sent "$made/out")" \
		"megaraid/smart: of $mode commands what a disk of its own gets ($(wc -l <"$made/disk") kinds)"
done
sent $(((254 * 16 + 2 * 256) * 3 * 2)) $(((254 * 16 + 2 * 256) * 3 * 2))

# What is checked is what is sent.
sed -i 's/wall [0-9]*s/wall 600s/' "$made/p/hostile.policy"
if [ "$(nproc)" -gt 1 ]; then
	run hostile/smart sda "$made/hostile" /dev/sda race "$rounds"
	passed=$(awk '/ of / { print $1 }' "$made/out")
	[ "${passed:-0}" -gt 0 ] && [ "$passed" -lt "$rounds" ]
	ok $? "a command rewritten all the time is one or the other, $rounds times"
	is "$(refused | awk '/WRITE_10/ { print $NF }')" "$((rounds - ${passed:-0}))" "and each other one was refused"
else
	skip "a command rewritten all the time" "one processor, where it is emulated, writes both at once"
fi
pages >/mnt/answers
run hostile/smart sda "$made/hostile" /dev/sda stale "$deaths"
is "$(cat "$made/out") $(refused)" "$deaths died, 0 wrong " "each of many that die at any time is answered what it asked"
tap_end
