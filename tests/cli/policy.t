#!/bin/sh
# bee-policy: the shipped policies are good, and what it says of them and of bad ones.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
policy=${BEE_POLICY:-${B:-$here/../../build}/bee-policy}
dir=${POLICY_DIR:-$here/../../policy}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

# said FILE: what bee-policy wrote there, on fewer lines than a screen.
said() { head -n 20 "$1"; }

listed() { "$policy" "$@" list | awk '{ print $1 }' | tr '\n' ' '; }
is "$(listed --policy-dir "$dir")" \
	"board cpu memory storage pcie psu nvidia kernel optional/cciss gpu optional/identity optional/lldp optional/megaraid network optional/raid sensors tpm usb " "list names the collectors in the audit's order"

"$policy" --policy-dir "$dir" lint >"$made/out" 2>&1
ok $? "the shipped policies are good and give their reasons"
is "$(said "$made/out")" "" "lint is silent about good policies"

for collector in board cpu memory storage pcie psu nvidia kernel gpu network optional/cciss optional/identity optional/lldp optional/megaraid optional/raid sensors tpm usb; do
	"$policy" --policy-dir "$dir" explain "$collector" >"$made/${collector#*/}" 2>&1
	ok $? "explain $collector works"
done
is "$(grep -hE '^[a-z]+/[a-z0-9-]+$' "$made"/[a-z]* | sort | tr '\n' ' ')" \
	"board/dmi board/efi-boot board/efi-vars board/platform board/sysfs cciss/smart cpu/dmi cpu/info cpu/sysfs gpu/sysfs identity/host kernel/log kernel/pstore lldp/hear megaraid/smart memory/dmi memory/edac memory/visible network/errors network/ethtool network/infiniband network/infiniband-errors network/link network/module network/sysfs nvidia/nvlink nvidia/smi pcie/lspci pcie/sysfs psu/dmi psu/fru psu/info psu/ipmitool psu/sdr psu/sel raid/perccli raid/perccli-bare raid/perccli-drives raid/perccli-volumes raid/sas2ircu-0 raid/sas2ircu-1 raid/sas3ircu-0 raid/sas3ircu-1 raid/storcli raid/storcli-bare raid/storcli-drives raid/storcli-volumes sensors/hwmon storage/arrays storage/controllers storage/disks storage/enclosure storage/hba storage/lsblk storage/nvme-errors storage/nvme-id storage/nvme-sanitize storage/nvme-smart storage/phys storage/smart tpm/sysfs usb/ids usb/names " \
	"explain names every step"
grep -vE '^  *([a-z]+ +)?[^ ]{66,}$' "$made"/[a-z]* -h | awk 'length > 80' | grep -v '^/' >"$made/long"
is "$(said "$made/long")" "" "explain fits 80 columns where words allow it"

is "$(cd "$dir" && grep -lE '^network +listen' ./*.policy optional/*.policy)" \
	"optional/lldp.policy" "one policy, an opt-in one, hears the network"
"$policy" --policy-dir "$dir" explain storage smart >"$made/out"
is "$(grep -c '^storage/' "$made/out")" 1 "explain can be asked for one step"
is "$(grep -E '^  (runs|as|devices|capabilities|time) ' "$made/out" | cut -c 1-60)" \
	"  runs         smartctl -j -x /dev/{instance}
  as           a user id of its own, without name or rights
  devices      /dev/{instance} opened to read only -- SMART 
  capabilities none
  time         20 s to run; then TERM, 300 ms later KILL, 1 " \
	"explain says what runs, as whom, on what and for how long"
grep -qw socket "$made/out"
ok $((! $?)) "explain names no call that is not granted"

is "$(grep -A1 '^  sees ' "$made/megaraid" | tr -s ' \n' ' ' | cut -c 1-38)" " sees /usr/lib, /usr/lib32, /usr/lib64" \
	"explain tells of the libraries that a program of ours is given for another one"

is "$(grep -c '^  as ' "$made/tpm") $(grep -c '^every step' "$made/tpm")" "1 0" "one step has its words with it"
is "$(sed -n '/^every step/,/^$/s/^  \(as\|network\) .*/\1/p' "$made/storage" | tr '\n' ' ') $(grep -c '^  as ' "$made/storage")" \
	"as network  1" "what every step of a file has is said once"

# For a script: the same words.
"$policy" --policy-dir "$dir" explain --json network >"$made/json"
is "$(jq -r '.collector, (.emits | length), (.steps | length), (.steps[] | select(.name == "module")
	| .commands[1] | .what, .reason)' "$made/json" | tr '\n' '|')" \
	"network|2|7|ethtool: GMODULEINFO GMODULEEEPROM|what it is, and its memory|" "explain --json has grants and reasons"
is "$(jq -r '.steps[] | select(.name == "module") | .calls[].what' "$made/json" | grep -cx 'read\|openat')" 1 \
	"a call is an entry of its own"
is "$("$policy" --policy-dir "$dir" explain --json network module | jq '.steps | length')" 1 "and one step alone"
# Whose tool has a right or a real node, of all that is shipped: doc/THREATS.md says why of each.
for name in $("$policy" --policy-dir "$dir" list | awk '{ print $1 }'); do "$policy" --policy-dir "$dir" explain --json "$name"; done >"$made/all.json"
vendors=$(for step in storcli storcli-drives storcli-bare storcli-volumes perccli perccli-drives perccli-bare perccli-volumes sas2ircu-0 sas2ircu-1 sas3ircu-0 sas3ircu-1; do echo "raid/$step"; done | sort | xargs)
# have FILTER: the steps of which that is so.
have() { jq -r ".collector as \$c | .steps[] | select($1) | \"\(\$c)/\(.name)\"" "$made/all.json" | sort | xargs; }
is "$(have '(.capabilities // [])[].what | startswith("CAP_")' | tr ' ' '\n' | uniq | xargs)" "cciss/smart kernel/log lldp/hear $vendors" \
	"the kernel's log, cciss, lldp and the vendors' tools have a capability, and no other step of a shipped policy"
is "$(have '(.devices // [])[0].what // "none" | . != "none"' | tr ' ' '\n' | grep -vx "$(have .commands | sed 's/ /\\|/g')" | xargs)" \
	"cciss/smart kernel/log nvidia/nvlink nvidia/smi $vendors" "these and nvidia's have a real node"
is "$(have .commands)" "megaraid/smart network/module psu/fru psu/info psu/ipmitool psu/sdr psu/sel storage/nvme-errors storage/nvme-id storage/nvme-sanitize storage/nvme-smart storage/smart" \
	"and of these others perform what they ask"
"$policy" --policy-dir "$dir" --json lint >"$made/out" 2>&1
is "$?" 64 "--json is for explain"

# What a change really grants.
mkdir "$made/changed"
sed -e 's/wall 20s/wall 60s/; s/^syscalls @tool.*/& socketpair/' \
	-e 's/^ethtool  GMODULEINFO GMODULEEEPROM.*/see \/etc\/hostname\nethtool GMODULEINFO/' \
	"$dir/network.policy" >"$made/changed/network.policy"
"$policy" --policy-dir "$dir" diff network "$made/changed/network.policy" >"$made/out" 2>&1
is "$?" 1 "diff of two policies that differ"
is "$(grep -A9 '^network/module' "$made/out" | sed '/^$/,$d' | cut -c 1-70)" "network/module
  gains   sees          /etc/hostname
  gains   commands      ethtool: GMODULEINFO
  gains   calls         socketpair
  loses   commands      ethtool: GMODULEINFO GMODULEEEPROM -- what it " "what is granted and what is not any more"
is "$(grep -c '^  changes time  *60 s .*; was: 20 s ' "$made/out")" 1 "what changed, with what it was"
sed 's/#.*//' "$dir/network.policy" | sed '1,/^policy/{/^policy/!d}' >"$made/changed/network.policy"
"$policy" --policy-dir "$dir" diff network "$made/changed/network.policy" >"$made/out" 2>&1
is "$? $(said "$made/out")" "0 " "comments are no difference"
sed 's/^\[module\]/[modules]/' "$dir/network.policy" >"$made/changed/network.policy"
"$policy" --policy-dir "$dir" diff network "$made/changed/network.policy" >"$made/out" 2>&1
is "$? $(grep -c '^network/module: a step no more$\|^network/modules: a new step$' "$made/out")" "1 2" "steps come and go"
"$policy" --policy-dir "$dir" diff network >"$made/out" 2>&1
is "$? $(said "$made/out")" "0 " "the shipped one against the one that counts, which is the same"
"$policy" --policy-dir "$dir" diff network nobody >"$made/out" 2>&1
is "$?" 65 "one of which there is none"
"$policy" --policy-dir "$dir" diff >"$made/out" 2>&1
is "$?" 64 "diff of nothing is exit 64"

# What a run did not need of a step: what learn has written is all that it did.
cat >"$made/wide.policy" <<-END
	policy 1
	collector wide
	emits storage.drives
	limits wall 20s tasks 4
	syscalls read write pread64
	open read-write
	default report ENOSYS
	[one] each /sys/block/sd*
	run /usr/sbin/tool -x /dev/{instance}
	device /dev/{instance} read  # why
	see /sys/block /usr/share/tool
	ioctl TCGETS=0x5401  # why
	scsi INQUIRY LOG_SENSE  # why
	[two] each /sys/class/nvme/nvme*
	run tool log /dev/{instance}
	device /dev/{instance} read  # why
	nvme-admin Identify Get_Log_Page:01h,02h  # why
	[other]
	run another
END
cat >"$made/seen.policy" <<-END
	policy 1
	collector seen
	emits storage.drives
	open read-only
	syscalls read write
	[run]
	run tool -x /dev/sdb
	device /dev/sdb read
	see /sys/block/sdb/size
	scsi INQUIRY
END
"$policy" --run "$made/seen.policy" lint "$made/wide.policy" one >"$made/out" 2>&1
is "$? $(sed "s,^$made/,,; s/^/;/" "$made/out" | tr -d '\n')" "1 $(
	tr -d '\n' <<-END
		;wide.policy:8:1: one: that run did not need open read-write
		;wide.policy:8:1: one: that run did not need tasks 4, but 1
		;wide.policy:11:1: one: that run did not need see /usr/share/tool
		;wide.policy:12:1: one: that run did not need ioctl TCGETS=0x5401
		;wide.policy:13:1: one: that run did not need scsi LOG_SENSE
		;wide.policy:5:1: one: that run did not need the calls pread64 wait4 waitid
	END
)" "lint --run says what a step grants beyond what that run needed, and where"
mkdir "$made/nvme"
sed 's/^scsi .*/nvme-admin Identify Get_Log_Page:02h/; s,/dev/sdb,/dev/nvme7,' "$made/seen.policy" >"$made/nvme/seen.policy"
"$policy" --run "$made/nvme/seen.policy" lint "$made/wide.policy" two >"$made/out" 2>&1
is "$? $(grep -c -e ' Get_Log_Page' -e Identify -e device "$made/out") $(grep -c ':17:1: two: that run did not need nvme-admin Get_Log_Page:01h$' "$made/out")" "1 1 1" \
	"of a command what was chosen beyond"
"$policy" --run "$made/seen.policy" lint "$made/wide.policy" >"$made/out" 2>&1
is "$(cut -d ' ' -f 2 "$made/out" | sort -u | tr -d '\n')" "one:two:" "without a name, of the steps that run that program"
"$policy" --run "$made/wide.policy" lint "$made/wide.policy" one >"$made/out" 2>&1
is "$? $(said "$made/out")" "0 " "nothing is said where nothing was granted beyond"
sed -i 's/^run tool.*/run nothing/' "$made/seen.policy"
"$policy" --run "$made/seen.policy" lint "$made/wide.policy" >"$made/out" 2>&1
is "$? $(grep -c 'no step of it runs what' "$made/out")" "65 1" "a run of another program is said"
"$policy" --run "$made/seen.policy" explain "$made/wide.policy" >"$made/out" 2>&1
is "$? $(sed 's/^[^:]*: //' "$made/out")" "64 --run is for lint" "--run is for lint"

# What the manuals list is what there is.
types=$(sed -n 's/^\t{ "\([a-z_.]*\)", .*/\1/p' "$here/../../lib/record.c" | sort)
is "$(sed -n 's/^\.Li \(.*[a-z] ,.*\)/\1/p' "$here/../../doc/man/bee-policy.5" | tr -s ' ,' '\n' | grep -Fx "$types" | sort)" "$types" \
	"the manual has every word for emits"
missing=$(for name in $("$policy" --policy-dir "$dir" list | sed -n 's/^optional.\([^ ]*\) .*/\1/p'); do
	grep -q "^\.Cm $name " "$here/../../doc/man/bee-audit.1" || echo "$name"
done)
is "$missing" "" "the manual has every opt-in collector"

names=$(cd "$here/../../language" && sed -n 's/^\t\(ASK(\|{ \)"\([A-Z][A-Za-z0-9_:]*\)",.*/\2/p' \
	device_scsi.c device_ata.c device_nvme.c device_ipmi.c | sort)
is "$(sed -n '/^\.Ss Device commands/,/^\.Ss How/s/^\.Li //p' "$here/../../doc/man/bee-policy.5" | tr -s ' ,.' '\n' | grep -Fx "$names" | sort -u)" \
	"$names" "and every device command"

# doc/calls.md has gone through every call of the sets, and every capability.
page=$here/../../doc/calls.md
words=$(tr -cs 'a-zA-Z0-9_' '\n' <"$page" | sort -u)
"$policy" --policy-dir "$dir" explain storage smart >"$made/out"
"$policy" --policy-dir "$dir" explain board sysfs >>"$made/out"
calls=$(sed -n '/^  calls /,/ by their arguments/p' "$made/out" | sed 's/^  calls//; /by their/d' | tr -s ' ' '\n' | sort -u)
is "$(echo "$calls" | grep . | grep -vxF "$words")" "" "every call of the sets is in doc/calls.md"
is "$(echo "$calls" | grep -cxE 'madvise|tgkill|mremap|rseq|statx')" 5 "and these are the calls"
caps=$(sed -n 's/^#define \(CAP_[A-Z_]*\)[\t ]*[0-9][0-9]*$/\1/p' /usr/include/linux/capability.h)
is "$(echo "$caps" | grep -vxF "$words")" "" "so is every capability"
is "$(echo "$caps" | grep -cxE 'CAP_CHOWN|CAP_SYS_ADMIN|CAP_CHECKPOINT_RESTORE')" 3 "and these are the capabilities"

# The ranges that the manual tells are those that the parser knows.
manual=$here/../../doc/man/bee-policy.5
sed -n 's/^\.It \([a-z]*\) Ta \([0-9].*[^ ]\) Ta .* Ta .*/\1 \2/p' "$manual" >"$made/ranges"
is "$(wc -l <"$made/ranges" | tr -d ' ')" 8 "the manual has eight limits"
while read -r key range; do
	unit=
	case $range in *s) unit=s ;; esac
	printf 'policy 1\ncollector psu\nlimits %s 0%s\n' "$key" "$unit" >"$made/psu.policy"
	"$policy" --policy-dir "$made" lint psu 2>&1 | sed -n "s/.*: $key 0$unit is out of range: //p" >"$made/out"
	is "$(said "$made/out")" "$range" "the manual's range of $key"
done <"$made/ranges"

# No tool's policy gives a file that a device has to be asked for.
grep -hE '^read' "$dir"/*.policy | grep -E '[/{,](vpd|rom|config|resource[0-9]*)([,}]|$)' >"$made/out"
is "$(said "$made/out")" "" "no read line names vpd, rom, config or resource"

cp "$dir"/psu.policy "$made/psu.policy"
"$policy" lint "$made/psu.policy"
ok $? "lint takes a file"
sed 's/^uid.*/uid 0/' "$dir/board.policy" >"$made/board.policy"
"$policy" --policy-dir "$made" lint board 2>"$made/out"
is "$? $(sed 's/.*board.policy/board.policy/' "$made/out")" \
	"65 board.policy:15:1: uid 0 without a reason: write a comment on the line or above
board.policy:20:1: uid 0 without a reason: write a comment on the line or above" \
	"lint wants a reason and exits 65"
printf 'policy 1\ncollector psu\nemits power_supplies\n[s]\nrum x\n' >"$made/psu.policy"
for command in lint explain; do
	"$policy" --policy-dir "$made" "$command" psu >"$made/out" 2>"$made/err"
	is "$? $(sed 's/.*psu.policy/psu.policy/' "$made/err")" \
		"65 psu.policy:5:1: unknown word 'rum': is it 'run'?
psu.policy:4:1: step [s] has neither 'run' nor 'read'" "$command says what is wrong and exits 65"
	is "$(said "$made/out")" "" "$command of a bad file prints nothing else"
done
"$policy" --policy-dir "$made/none" lint >"$made/out" 2>&1
is $? 65 "a folder that is not there is exit 65"
"$policy" --policy-dir "$made" explain nobody >"$made/out" 2>&1
is $? 65 "a collector without a policy is exit 65"
"$policy" --policy-dir "$dir" explain psu nostep >"$made/out" 2>&1
is $? 64 "a step that is not there is exit 64"
"$policy" >"$made/out" 2>&1
is $? 64 "no command is exit 64"
"$policy" --fly >"$made/out" 2>&1
is $? 64 "an unknown option is exit 64"
"$policy" --help >"$made/out" 2>"$made/err"
is "$? $(grep -c 'bee policy explain storage' "$made/out") $(wc -c <"$made/err")" "0 2 0" \
	"--help leads with examples, on stdout"
is "$("$policy" --version | cut -d' ' -f1)" bee-policy "--version names the program"
# Opt-in policies: in a folder apart, checked like the others.
mkdir "$made/p" "$made/p/optional"
cp "$dir/tpm.policy" "$dir/usb.policy" "$made/p"
sed 's/^collector tpm/collector extra/' "$dir/tpm.policy" >"$made/p/optional/extra.policy"
is "$(listed --policy-dir "$made/p")" "optional/extra tpm usb " \
	"list says which policies are opt-in"
"$policy" --policy-dir "$made/p" explain extra sysfs >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out")" "0 extra/sysfs" "explain knows an opt-in policy by its name"
audit=${BEE_AUDIT:-${B:-$here/../../build}/bee-audit}
# planned OPTION...: the steps a dry run has.
planned() { "$audit" --policy-dir "$made/p" --dry-run "$@" | grep -E '^[a-z]+/[a-z]+$' | tr '\n' ' '; }
is "$(planned)" "tpm/sysfs usb/ids usb/names " "an opt-in collector does not run by itself"
is "$(planned --with extra)" "extra/sysfs tpm/sysfs usb/ids usb/names " "--with adds it"
is "$(planned --only extra)" "extra/sysfs " "--only names it alone"
is "$(planned --only tpm --with extra)" "extra/sysfs tpm/sysfs " "--only and --with go together"
"$audit" --policy-dir "$made/p" --dry-run --with nobody >"$made/out" 2>&1
is "$? $(sed 's/^[^:]*: //' "$made/out")" "65 --with nobody: there is no policy for it" \
	"--with a collector without a policy is exit 65"
mkdir -p "$made/alone/optional"
cp "$made/p/optional/extra.policy" "$made/alone/optional"
"$audit" --policy-dir "$made/alone" --dry-run >"$made/out" 2>&1
is "$? $(sed 's/^.*alone: //' "$made/out")" "64 every policy is opt-in: --only or --with names one" \
	"a folder of opt-in policies alone runs none of them"
mkdir -p "$made/bundle/extra/sysfs"
printf 'absent\n' >"$made/bundle/extra/sysfs/status"
"$audit" --policy-dir "$made/p" --replay "$made/bundle" 2>/dev/null | grep '"job": "extra' >"$made/out"
is "$(wc -l <"$made/out" | tr -d ' ')" 1 "a replay takes the opt-in collectors its folder has outputs of"
cp "$made/p/optional/extra.policy" "$made/p"
is "$(planned)" "extra/sysfs tpm/sysfs usb/ids usb/names " "a copy in the folder itself runs always, and once"
sed 's/^policy 1/policy 9/' "$dir/tpm.policy" >"$made/p/optional/bad.policy"
"$policy" --policy-dir "$made/p" lint >"$made/out" 2>&1
is $? 65 "lint checks the opt-in policies too"
if [ -w /dev/full ]; then
	"$policy" --policy-dir "$dir" list >/dev/full 2>"$made/err"
	is $? 74 "output that cannot be written is exit 74"
else
	skip "output that cannot be written is exit 74" "no /dev/full"
fi
tap_end
