#!/bin/sh
# Device commands by the broker, without hardware: bee-performer is played from recorded answers.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

# shellcheck source=tests/broker/machine.sh
. "$here/../broker/machine.sh"

any >/mnt/answers
# Here the disk is a device that gives zeros.
run storage/smart sda stat -c %t:%T /dev/sda
is "$(cat "$made/out")" 1:3 "the tool has the null device under the disk's name"
run storage/smart sda head -c 16 /dev/sda
is "$(wc -c <"$made/out")" 0 "and reads nothing of the disk"
run storage/smart sda "$made/hostile" /dev/sda scsi
is "$(grep -v sent "$made/out" | sed 's,/.* , ,; s/^b7.*/b7 in/' | sort -u | tr '\n' ';')" \
	"$(printf '%s in;' 03 12 1a 1c 25 37 4d 5a 9e a0 a3 b7 | sed 's/^/00 none;/')" \
	"of all SCSI commands, in each length and direction, those go through that the policy names"
is "$(grep -v sent "$made/out" | grep -v '^b7' | tr '\n' ';')" \
	"00/00 6 none;03/00 6 in;03/01 6 in;12/00 6 in;12/01 6 in;1a/00 6 in;1a/08 6 in;1c/00 6 in;1c/01 6 in;25/00 10 in;37/00 10 in;4d/00 10 in;5a/00 10 in;5a/08 10 in;5a/10 10 in;5a/18 10 in;9e/10 16 in;a0/00 12 in;a3/0c 12 in;" \
	"each in its own length, direction and service action"
is "$(grep sent "$made/out")" "sent $((256 * 32 * 5 * 3))" "and that was all of them"
grep -v -e sent -e ' 32 ' "$made/out" | grep '/[01]0 ' >"$made/disk"
is "$(refused | wc -l)" 64 "the first 64 kinds that were refused are told"
ok "$(refused | grep -qx 'scsi 2ah WRITE_10 x 480'; echo $?)" "by transport, command, name, and how often"
run storage/smart sda "$made/hostile" /dev/sda ata
is "$(grep -v sent "$made/out" | sort -u | tr '\n' ';')" \
	"$(for size in 12 16 32; do printf '%s;' "a1/00 $size in" "b0/d0 $size in" "b0/d1 $size in" "b0/d5 $size in" "b0/da $size none" "e5/00 $size none" "ec/00 $size in"; done | tr ';' '\n' | sort | tr '\n' ';')" \
	"of all ATA commands and features, in each protocol, those that the policy names"
is "$(grep sent "$made/out")" "sent $(((254 * 16 + 2 * 256) * 3 * 3))" "and that was all of them"
run storage/smart sda "$made/hostile" /dev/sda sct
is "$(grep -v sent "$made/out" | sort | tr '\n' ';')" "03/02 02;04/02 02;05/01 02;" \
	"of all that SMART WRITE LOG can order, three questions; no other byte of them may be set"

run storage/smart sda "$made/hostile" /dev/sda lengths
is "$(sort "$made/out" | uniq -c | sed 's/^ *//' | LC_ALL=C sort)" "$(
	LC_ALL=C sort <<-END
		6 a CDB of another length: EMSGSIZE
		1 a CDB nowhere: EFAULT
		1 a header in the kernel: EFAULT
		1 a header nowhere: EFAULT
		1 a list of buffers: EIO
		1 both ways: EIO
		1 data in the kernel: done
		1 data nowhere: done
		8 data too long: EIO
		1 flags: done
		1 no way: EIO
		1 version 4: EINVAL
	END
)" "lengths and places that lead nowhere are refused, one by one"
any "$(printf '%072d' 0)" >/mnt/answers
run storage/smart sda "$made/hostile" /dev/sda lengths
is "$(grep -c 'data .*: EFAULT' "$made/out")" 2 "an answer is not written where the tool cannot write"
any >/mnt/answers

rounds=20000
run hostile/smart sda "$made/hostile" /dev/sda race "$rounds" &
# Of those below bee-run: pid 1 of the jail, who copies, who performs, the tool.
processors() {
	for task in /proc/[0-9]*; do
		case $(cat "$task/comm" 2>/dev/null) in
		bee-run | bee-copier | bee-performer | hostile)
			awk '/^Name:/ { name = $2 } /^NSpid:/ { inner = NF > 2 && $NF == 1 ? "stub" : name }
				/^Cpus_allowed_list:/ { print inner, $2 }' "$task/status" 2>/dev/null
			;;
		esac
	done
}
for _ in $(seq 100); do
	processors >"$made/where"
	grep -q '^hostile' "$made/where" && break
	sleep 0.05
done
wait $!
everywhere=$(awk '/^Cpus_allowed_list:/ { print $2 }' /proc/self/status)
is "$(awk '/^(stub|bee-copier|bee-performer) / { print $2 }' "$made/where" | uniq -c | grep -c '^ *3 [0-9]*$') $(
	sed -n 's/^hostile //p' "$made/where" | sort -u)" "1 $everywhere" \
	"those who work for a tool while it waits share a processor; the tool may be on any"
if [ "$(nproc)" -gt 1 ]; then
	passed=$(awk '/ of / { print $1 }' "$made/out")
	[ "${passed:-0}" -gt 0 ] && [ "$passed" -lt "$rounds" ]
	ok $? "a command that another process rewrites all the time is one or the other"
	is "$(jq -r '[.denied[] | select(.call == "scsi") | .detail] | unique | join(" ")' "$made/r.json")" "2ah WRITE_10" \
		"what was refused of it is the one that may not be sent"
	is "$(refused | awk '/WRITE_10/ { print $NF }')" "$((rounds - ${passed:-0}))" "each time, so that none was sent"
else
	skip "a command that another process rewrites all the time" "one processor, where it is emulated, writes both at once"
fi

# Yama's scope 1 lets but a parent look in, and whom it names; a kernel without it says EINVAL.
if command -v strace >/dev/null; then
	strace -f -qq -e trace=prctl -o "$made/strace" "$made/bin/bee" run -q --policy-dir "$made/p" storage/smart sda \
		-- "$made/hostile" /dev/sda lengths >"$made/out" 2>"$made/err" </dev/null
	is "$(grep -c 'PR_SET_PTRACER, [1-9]' "$made/strace")" 1 "the tool lets the copier look into it, where somebody asks"
else
	skip "the tool lets the copier look into it" "there is no strace"
fi

run hostile/smart sda "$made/hostile" /dev/sda dies
is "$status" $((128 + 14)) "a tool that dies with a command on its way is a tool that died"
pages >/mnt/answers
run hostile/smart sda "$made/hostile" /dev/sda stale 300
is "$(cat "$made/out") $(refused)" "300 died, 0 wrong " \
	"each of many that die at any time is answered what it asked, and none what another one did"
any >/mnt/answers
run storage/smart sda "$made/hostile" /dev/sda neighbours
is "$(grep -c 'mem refused, tgkill refused, kill refused, prlimit refused, ptrace refused' "$made/out")" 6 \
	"a tool reaches none of those who copy and perform for it"
is "$(grep -c -e OPEN -e DONE "$made/out")" 0 "in no way"

run storage/nvme-smart nvme0 "$made/hostile" /dev/nvme0 nvme
is "$(grep -v sent "$made/out" | grep -v '^06/' | tr '\n' ';')" "02/02 512;02/02 4096;" \
	"of all NVMe admin commands Get Log Page goes through for the one log"
is "$(grep -c '^06/.* 4096$' "$made/out") $(grep -c '^06/.* [05]' "$made/out")" "256 0" "and Identify, with its length alone"
run storage/nvme-smart nvme0 "$made/hostile" /dev/nvme0 nvme-bits
# Bits 32-63 are the namespace, 351 RAE, which is set in any case; 384-447 an offset; 512-575 time and answer.
is "$(grep -v sent "$made/out" | awk '$1 >= 32 && $1 < 64 || $1 == 335 || $1 >= 384 && $1 < 448 || $1 >= 512 { next } { print }' | tr '\n' ' ')" "" \
	"one wrong bit in it is refused, but in what is free"

# The BMC: what the shipped steps of psu name, and the addresses that the kernel would bridge by.
policy "$made/p" psu sensors <<-END
	[bmc]
	run $made/hostile /dev/ipmi0 ipmi
	open read-write
	device /dev/ipmi0 readwrite
	see /mnt/answers
	limits wall ${BEE_PATIENCE:-60}s
	ipmi Get_Device_ID Get_Chassis_Status Read_FRU_Data Get_Sensor_Reading Get_SDR
	ipmi Get_LAN_Configuration_Parameters:03h
END
"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" psu/bmc >"$made/out" 2>"$made/err"
is "$(grep -v sent "$made/out" | tr '\n' ';')" \
	"00/01 0;04/2d 1;06/01 0;0a/11 4;0a/23 6;06/01 by 0c f;" \
	"of all IPMI commands those go through that are named, to the BMC alone"
is "$(grep sent "$made/out")" "sent $((64 * 256 * 6 + 15))" "and that was all of them"
ok "$(refused | grep -q '^ipmi 00h 02h Chassis_Control x 6'; echo $?)" "a power-off that was refused is told"
echo '060100 = - - 002081020102009f7d010002000000000000' >/mnt/answers
sed -i 's,^run .*,run @ipmi info,' "$made/p/psu.policy"
"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" psu/bmc >"$made/out" 2>"$made/err"
ok "$(grep -q '2081020102009f7d' "$made/out"; echo $?)" "bee-ipmi asks by the broker, and is answered"

# A MegaRAID controller: its frames and questions, then what its disks are asked.
any >/mnt/answers
for mode in mfi-other mfi-low mfi; do
	run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node "$mode" quick
	grep -v sent "$made/out"
	sed -n '/^sent/s/^/# /p' "$made/out" >>"$made/sent"
done >"$made/through"
is "$(tr '\n' ';' <"$made/through")" "02010000 in;frame 04;frame 05;02010000 in;" \
	"of all frames and DCMDs the list of disks goes through, and CDBs for them"
cat "$made/sent"
ok "$(refused | grep -q '^mfi 02h LD_WRITE x 1$'; echo $?)" "a write to a volume that was refused is told"
run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node mfi-places
is "$(cat "$made/out")" "$(
	cat <<-END
		as it should be: passed
		a list elsewhere: passed
		sense data elsewhere, none asked for: passed
		sense data elsewhere: refused
		more buffers: refused
		a longer answer than its buffer: refused
		another unit: refused
		a longer CDB: refused
		a write: refused
		sent 9
	END
)" "where the kernel is to write is not the tool's to say"
run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node mfi-scsi quick
is "$(grep -v sent "$made/out" | md5sum) $(grep sent "$made/out")" "$(md5sum <"$made/disk") sent $((256 * 2 * 4 * 3))" \
	"of all SCSI commands, by two service actions, a disk behind it gets what a disk gets"
ok "$(refused | grep -qx 'scsi 2ah WRITE_10 x 24'; echo $?)" "and of the others it is told which"
run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node mfi-ata quick
is "$(grep -v sent "$made/out" | sort | tr '\n' ';') $(grep sent "$made/out")" \
	"a1/00 12 in;a1/00 16 in;e5/00 12 none;e5/00 16 none;ec/00 12 in;ec/00 16 in; sent $((256 * 4 * 3 * 2))" \
	"of all ATA commands, by four features, too"
run megaraid/smart - "$made/hostile" /dev/megaraid_sas_ioctl_node mfi-sct
is "$(grep -v sent "$made/out")" "" "and no SCT, which smartctl does not order there"

# A transceiver: what linux/ethtool.h has, of an interface that every machine has. Its memory begins as
# SFF-8024's identifier of an SFP+.
{
	sed -n '/^policy/,/^default/p' "$root/policy/network.policy"
	sed -n '/^\[module\]/,/^$/p' "$root/policy/network.policy" | sed 's,^see.*,see /mnt/answers,'
} >"$made/p/network.policy"
any >/mnt/answers
run network/module lo "$made/hostile" lo ethtool
is "$(grep -v sent "$made/out" | xargs) $(grep sent "$made/out")" "42/lo 43/lo sent $((5 * 3 * 256))" \
	"of all questions to network drivers two go through, of the step's own interface"
ok "$(refused | grep -q '^ethtool 26h x'; echo $?)" "the others are told by number"
hex() { printf '%s' "$1" | sed 's/./&/g' | od -An -tx1 | tr -d ' \n'; }
lo="$(hex lo)0000000000000000000000000000"
zeros=$(printf '%064d' 0)
{
	echo "4200000000000000$lo = 00 - 420000000200000020000000$zeros"
	echo "4300000000000000$lo = 00 - 43000000000000000000000020000000030422$(printf '%058d' 0)"
} >/mnt/answers
"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" network/module lo >"$made/out" 2>"$made/err"
is "$? $(tr '\t' ' ' <"$made/out" | tr '\n' ';')$(refused)" \
	"0 module_type 2;module_bytes 32;module.hex 030422$(printf '%058d' 0);" "bee-ethtool asks by the broker, and is answered"
cp "$made/real/bee-performer" "$made/bin/bee-performer"
"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" network/module lo >"$made/out" 2>"$made/err"
is "$? $(tr '\t' ' ' <"$made/out")$(refused)" "9 error GMODULEINFO EOPNOTSUPP" "and by the real one hears what the kernel says of a loop"
cp "$played/player" "$made/bin/bee-performer"
any >/mnt/answers

# A tool that knows nothing of all that.
if command -v smartctl >/dev/null; then
	for kind in sata sas; do
		/usr/bin/python3 "$here/../broker/$kind.py" >/mnt/answers
		for command in "smartctl -x" "smartctl -j -x" "smartctl -a"; do
			# shellcheck disable=SC2086
			LD_PRELOAD=$played/preload.so $command /dev/sda >"$made/direct" 2>&1 </dev/null
			direct=$?
			# shellcheck disable=SC2086
			run storage/smart sda $command /dev/sda
			sed -i -e '/^Local Time is/d' -e '/"time_t"/d' -e '/"asctime"/d' "$made/direct" "$made/out"
			is "$status $(md5sum <"$made/out")" "$direct $(md5sum <"$made/direct")" \
				"$command of a $kind disk says the same with the broker ($(wc -l <"$made/out") lines, exit $status)"
			diff "$made/direct" "$made/out" | head -n 20 | sed 's/^/# /'
			is "$(refused | grep -v '^ioctl 0x1 ')" "" "and nothing that it asks is refused"
		done
	done
	# Behind a controller: smartctl by itself, then bee-megaraid, which lists two disks and asks each.
	for kind in sata sas; do
		/usr/bin/python3 "$here/../broker/$kind.py" >/mnt/answers
		for command in "smartctl -x" "smartctl -j -x"; do
			# shellcheck disable=SC2086
			LD_PRELOAD=$played/preload.so $command -d megaraid,9 /dev/bus/7 >"$made/direct" 2>&1 </dev/null
			direct=$?
			# shellcheck disable=SC2086
			run megaraid/smart - $command -d megaraid,9 /dev/bus/7
			sed -i -e '/^Local Time is/d' -e '/"time_t"/d' -e '/"asctime"/d' "$made/direct" "$made/out"
			is "$status $(md5sum <"$made/out")" "$direct $(md5sum <"$made/direct")" \
				"$command of a $kind disk behind a controller says the same with the broker ($(wc -l <"$made/out") lines, exit $status)"
			diff "$made/direct" "$made/out" | head -n 20 | sed 's/^/# /'
			is "$(refused)" "" "and nothing that it asks is refused"
		done
	done
	mount -t tmpfs tmpfs /sys/class || skip_all "cannot mount on sysfs"
	mkdir -p /sys/class/scsi_host/host7
	echo megaraid_sas >/sys/class/scsi_host/host7/proc_name
	# struct MR_PD_LIST: two disks, 9 and 10; an enclosure's processor, 11 (scsi_type 0Dh), is none.
	disk() { printf '%02x00ffff00%02x%02x01%032d' "$1" "$1" "$2" 0; }
	echo "00000102000000000000000000000000 = 00 - 5000000003000000$(disk 9 0)$(disk 10 0)$(disk 11 13)" >>/mnt/answers
	"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" megaraid/smart >"$made/out" 2>"$made/err" </dev/null
	is "$? $(sed -n 's/^bee-megaraid\t//p' "$made/out" | tr '\t\n' ' ;')$(refused)" "0 host7 9 smartctl;host7 10 smartctl;" \
		"bee-megaraid lists the disks by the broker, and starts smartctl for each"
	is "$(grep -c '"serial_number": "BEESAS0001"' "$made/out")" 2 "which asks it by the broker, too"
	umount /sys/class
else
	skip "smartctl with the broker" "smartctl is not installed"
fi

# An NVMe controller. The event of a log stays for whom it is meant for: RAE (NVM Express 1.4, 5.14) is set by who
# performs, which nvme itself does not.
if command -v nvme >/dev/null; then
	/usr/bin/python3 "$here/../broker/nvme.py" >/mnt/answers
	while read -r step command; do
		# shellcheck disable=SC2086
		LD_PRELOAD=$played/preload.so nvme $command >"$made/direct" 2>&1 </dev/null
		direct=$?
		# shellcheck disable=SC2086
		run "storage/nvme-$step" nvme0 nvme $command
		is "$status $(md5sum <"$made/out") $(refused)" "$direct $(md5sum <"$made/direct") " \
			"nvme $command says the same with the broker ($(wc -c <"$made/out") bytes, exit $status)"
		ok "$(grep -q -e BEENVME0001 -e 12345678 -e 0x1000 -e 4096 -e sprog "$made/out"; echo $?)" "which is what the controller has told"
	done <<-END
		id id-ctrl /dev/nvme0 -o json
		smart smart-log /dev/nvme0 -o json
		smart smart-log /dev/nvme0
		errors error-log /dev/nvme0 -e 64 -o json
		sanitize sanitize-log /dev/nvme0 -r -o json
	END
	sed -i 's/^0200????????02??/0200????????0280/' /mnt/answers
	run storage/nvme-smart nvme0 nvme smart-log /dev/nvme0 -o json
	is "$status $(grep -c 12345678 "$made/out")" "0 1" "the performer asks for a log with RAE"
	failed=0
	LD_PRELOAD=$played/preload.so nvme smart-log /dev/nvme0 -o json >"$made/direct" 2>&1 </dev/null || failed=1
	is "$failed" 1 "where nvme did not"
else
	skip "nvme with the broker" "nvme is not installed"
fi

# A BMC, which ipmitool asks in its own way.
if command -v ipmitool >/dev/null; then
	/usr/bin/python3 "$here/../broker/bmc.py" >/mnt/answers
	{
		sed -n '/^policy/,/^default/p' "$root/policy/psu.policy"
		echo "[tool]"
		sed -n '/^\[ipmitool\]/,/^$/{/^run\|^device/p}' "$root/policy/psu.policy"
		echo "see /mnt/answers"
		echo "see? /usr/share/misc"
		echo "ipmi Get_Device_ID Get_PICMG_Properties Get_VSO_Capabilities Get_FRU_Inventory_Area_Info Read_FRU_Data"
		echo "ipmi Get_SDR_Repository_Info Reserve_SDR_Repository Get_SDR Get_Sensor_Reading Get_SEL_Info Get_SEL_Entry Get_SEL_Time"
	} >"$made/p/psu.policy"
	while read -r command; do
		# shellcheck disable=SC2086
		LD_PRELOAD=$played/preload.so ipmitool $command >"$made/direct" 2>&1 </dev/null
		direct=$?
		# shellcheck disable=SC2086
		run psu/tool - ipmitool $command
		is "$status $(md5sum <"$made/out") $(refused)" "$direct $(md5sum <"$made/direct") " \
			"ipmitool $command says the same with the broker ($(wc -c <"$made/out") bytes, exit $status)"
	done <<-END
		mc info
		fru print 0
		sdr elist all
		sel list
	END
else
	skip "ipmitool with the broker" "ipmitool is not installed"
fi

# A program that its own uid cannot read is not dumpable (fs/exec.c, would_dump), as under Yama's scope 2.
chmod 711 "$made/hostile"
run storage/smart sda "$made/hostile" /dev/sda lengths
is "$(sort -u "$made/out" | sed 's/.*: //' | sort -u | tr '\n' ' ')$(refused)" "EIO ioctl 0x2285 x 24" \
	"a tool whose memory may not be read is refused each command, and it is listed"
chmod 755 "$made/hostile"

# Those who perform and copy fail: the tool is told, the job ends.
printf '#!/bin/sh\nexit 3\n' >"$made/none"
chmod 755 "$made/none"
any >/mnt/answers
echo '12?????????? = exit' >/mnt/answers
any >>/mnt/answers
run storage/smart sda "$made/hostile" /dev/sda lengths
is "$(grep -c 'flags: EIO' "$made/out")" 1 "a performer that has ended is EIO to the tool"
ok "$(refused | grep -q 'scsi 12h INQUIRY'; echo $?)" "and what was not performed is listed"
any >/mnt/answers
mv "$made/bin/bee-performer" "$made/player"
cp "$tools/misbehave" "$made/bin/bee-performer"
run storage/smart sda "$made/hostile" /dev/sda lengths
is "$status $(grep -c 'who performs device commands' "$made/err") $(wc -c <"$made/out")" "125 1 0" \
	"without a performer nothing runs"
# The real one: the capability that its commands need cannot be had here.
cp "$made/real/bee-performer" "$made/bin/bee-performer"
if command -v setpriv >/dev/null; then
	setpriv --bounding-set=-sys_rawio "$made/bin/bee" run -q --policy-dir "$made/p" storage/smart sda \
		-- "$made/hostile" /dev/sda lengths >"$made/out" 2>"$made/err" </dev/null
	is "$? $(wc -c <"$made/out")" "125 0" "without the performer's capability nothing runs"
	sed 's/^/# /' "$made/err"
else
	skip "without the performer's capability nothing runs" "there is no setpriv"
fi
cp "$made/player" "$made/bin/bee-performer"
mv "$made/bin/bee-copier" "$made/copier"
cp "$tools/misbehave" "$made/bin/bee-copier"
run storage/smart sda "$made/hostile" /dev/sda lengths
is "$status $(grep -c 'who performs device commands' "$made/err")" "125 1" "without a copier nothing runs"
cp "$made/copier" "$made/bin/bee-copier"

# A tool that takes a refused command for a device that is not there.
policy "$made/absent" storage storage.drives <<-END
	[smart]
	run $made/hostile /dev/sda lengths exit1
	device /dev/sda read
	see /mnt/answers
	scsi TEST_UNIT_READY
	exit 1 absent
END
kept=$B
B=$made/bin
audit absent --timeout 6 --policy-dir "$made/absent"
B=$kept
is "$(job absent storage/smart status)" denied "a tool whose commands were refused and that sees no device has learned nothing"

# A device that hangs in the kernel costs its own job, and is named with what it was asked.
hang_start /mnt/hang || skip_all "nothing can be made to hang here"
hung=$hang_pid
policy "$made/hung" storage storage.drives <<-END
	[smart]
	run $made/hostile /dev/sda lengths
	device /dev/sda read
	see /mnt/answers /mnt/hang
	limits wall 1s
	scsi INQUIRY
	[lsblk]
	run $tools/misbehave good
END
kept=$B
B=$made/bin
audit hung --timeout 6 --policy-dir "$made/hung"
B=$kept
is "$(job hung storage/smart status)" stuck "a performer that hangs in the kernel is a stuck job"
ok "$(job hung storage/smart reason | grep -q 'no answer to scsi 12h INQUIRY'; echo $?)" "named with what it was asked"
job hung storage/smart reason | sed 's/^/# /'
ok "$(job hung storage/smart 'stuck[].comm' | grep -q bee-performer; echo $?)" "and so is the process"
is "$(job hung storage/lsblk status)" ok "another job is none the worse"
in_time 7000 "the audit ends in its time"
hang_end "$hung"
tap_end
