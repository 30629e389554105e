#!/bin/sh
# bee policy check: what a document says the steps of a policy were refused, and the line for it.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
policy=${B:-$here/../../build}/bee-policy
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

# The words of a policy that is there for each kind of answer.
cat >"$made/psu.policy" <<'END'
policy 1
collector psu
emits power_supplies
syscalls @tool
open read-only
default report ENOSYS
[ask]
run cat
see? /sys/block /sys/nothing-of-that-name
device /dev/nvme0 read # asked
nvme-admin Identify # asked
[quiet] each /sys/block/*
run cat
see? /sys/nothing/{instance} /sys/class/{instance}
[never]
run cat
END
sum=$(sha256sum "$made/psu.policy" | cut -d' ' -f1)
# refused CALL DETAIL COUNT ...: a document in which the first step was.
refused() {
	jq -n --arg sum "$sum" '[$ARGS.positional | _nwise(3) | select(length == 3) | {call: .[0], detail: .[1], count: (.[2] | tonumber)}] as $denied
		| {schema_version: "1.0", collectors: [
		{job: "psu/ask", collector: "psu", step: "ask", status: "ok", denied: $denied, policy_sha256: $sum},
		{job: "psu/quiet@sda", collector: "psu", step: "quiet", instance: "sda", status: "ok", denied: [], policy_sha256: $sum},
		{job: "psu/never", collector: "psu", step: "never", status: "absent", reason: "there is no x", denied: [], policy_sha256: $sum}]}' \
		--args "$@" >"$made/doc.json"
}
# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	"$policy" check "$made/psu.policy" "$@" >"$made/out" 2>"$made/err"
	status=$?
}
# line CALL DETAIL: what would grant it.
line() {
	refused "$1" "$2" 1
	try "$made/doc.json"
	sed -n 's/^ *to grant it: //p' "$made/out"
}

refused
try "$made/doc.json"
is "$status $(cat "$made/out" "$made/err")" "0 psu/never: 1 job
  never ran absent: there is no x
psu: nothing was refused" "of an audit in which nothing was refused: exit 0, and what never ran"
refused socketpair '' 3 sendto '' 20
try "$made/doc.json"
is "$status $(sed '/^psu.never/,$d' "$made/out")" "1 psu/ask: 1 job
  refused   sendto, 20 x in 1 job
            to grant it: syscalls sendto
  refused   socketpair, 3 x in 1 job
            to grant it: syscalls socketpair" "exit 1, what was refused most is first, with the line that grants it"
jq '.collectors[0].denied_total = 30 | .collectors += [.collectors[0]]' "$made/doc.json" >"$made/twice.json"
try "$made/twice.json"
is "$(grep refused "$made/out")" "  refused   sendto, 40 x in 2 jobs
  refused   socketpair, 6 x in 2 jobs
  refused   14 x what the document does not list" "several jobs of a step are one, and what is not listed is counted"

# Each kind; the numbers are those of the kernel's headers and of the standards.
is "$(line ioctl 0x5413)" "ioctl TIOCGWINSZ=0x5413" "an ioctl by its name"
is "$(line ioctl 0x89ab)" "ioctl NAME=0x89ab, with the name that its header has" "one that has no name here"
is "$(line ioctl 0x5412)" "none: no policy can grant TIOCSTI: it types into a terminal" "one that is never granted"
is "$(line ioctl 0x2285)" "scsi with the names of the commands that it sends" "one that is a transport's"
is "$(line mount '')" "none: no policy can grant it: it changes what the jail sees" "a call that is never granted"
is "$(line openat '')" "open read-write, unless it makes or empties files" "the open line"
is "$(line execve '')" "exec with the path of what it starts" "an exec line"
is "$(line clone '')" "limits tasks 2" "one more process"
is "$(line prctl '')" "none: the call is granted, but not with these arguments" "what is decided by arguments"
is "$(line madvise '')" "none: the call is granted, but not with these arguments" "also of a call that is listed"
is "$(line ipmi '06h 04h Get_Self_Test_Results')" "ipmi Get_Self_Test_Results" "a device command"
is "$(line nvme-admin '06h Identify')" "none: Identify is granted, in another form than was asked for" \
	"one that is granted in another form"
is "$(line ipmi '0ah 12h Write_FRU_Data')" "none: bee-policy(5) has no ipmi command for it" "one that no policy has"
is "$(line ipmi '0ch 02h Get_LAN_Configuration_Parameters')" \
	"ipmi Get_LAN_Configuration_Parameters:, with the parameter that it asks for" "one with a choice that is not told"
is "$(line nvme-admin '02h 81h Get_Log_Page')" "nvme-admin Get_Log_Page:81h" "one with a choice that is"
is "$(line nvme-admin '0ah 0dh Get_Features')" "none: no policy can grant the feature 0dh" "a choice that is never granted"
is "$(line scsi '28h READ_10')" "none: bee-policy(5) has no scsi command for it" "reading a sector"

# The lines are a policy's: with them added it is taken.
for add in "syscalls socketpair" "ioctl TIOCGWINSZ=0x5413" "nvme-admin Get_Log_Page:81h"; do
	sed "s/^see? .sys.block/$add # why\n&/" "$made/psu.policy" >"$made/more.policy"
	sed -i 's/^collector psu/collector more/' "$made/more.policy"
	"$policy" lint "$made/more.policy" >"$made/out" 2>&1
	is "$(cat "$made/out")" "" "a policy with '$add' is good"
done

# What is optional is looked for where the document is this machine's.
refused
try --here "$made/doc.json"
is "$status $(grep 'not there' "$made/out")" "0   not there /sys/nothing-of-that-name, optional, line 9
  not there /sys/nothing/{instance}, optional, line 14" "--here: optional paths that are not there"
sed -i 's/^policy 1/&\n/' "$made/psu.policy"
try "$made/doc.json"
is "$(head -n 1 "$made/out")" "The audit had another text of this policy than $made/psu.policy is now." \
	"that the policy is another now is said"

# A document may say anything.
nasty=$(printf '\033]0;x\007\342\200\256')
refused "$nasty" "$nasty" 1 "syscalls x
ioctl" "" 1 socket "$nasty" 1 ioctl "0x5413 # $nasty" 1
jq --arg nasty "$nasty" '.collectors[2].reason = $nasty | .collectors[1].denied = [7, {}, [], {call: {}, count: -3}, {call: "socket", count: 18446744073709551615}]
	| .collectors[1].denied_total = "x" | .collectors += [7, null, "x"]' "$made/doc.json" >"$made/nasty.json"
try "$made/nasty.json"
is "$status $(LC_ALL=C tr -d '\n\040-\176' <"$made/out" | wc -c | tr -d ' ')" "1 0" "no escape of it reaches a terminal"
is "$(grep 'to grant' "$made/out" | sort -u)" "            to grant it: an ioctl line, with the number that was asked for
            to grant it: none: no call of this machine has that name
            to grant it: syscalls socket" "no text of it is in a line to be added"
jq -n '{schema_version: "1.0", collectors: [range(2000) | {job: "psu/ask", collector: "psu", step: "ask", status: "ok", denied: [{call: "c\(.)", count: 9007199254740993}]}]}' >"$made/many.json"
try "$made/many.json"
is "$status $(grep -c '^  refused' "$made/out") $(grep -c 'and more than' "$made/out")" "1 513 1" "what it lists has an end"

try "$made/none.json"
is "$status" 2 "a document that is not there is trouble"
echo '{"schema_version": "1"' >"$made/cut.json"
try "$made/cut.json"
is "$status $(sed 's/.*cut.json/cut.json/' "$made/err")" "2 cut.json: not a document of bee audit: it ends early" "so is one that is cut"
"$policy" --policy-dir "$made" check nobody "$made/doc.json" >"$made/out" 2>&1
is "$?" 2 "and a collector that is none"
"$policy" check >"$made/out" 2>&1
is "$?" 64 "check of nothing is wrong usage"
"$policy" --here lint >"$made/out" 2>&1
is "$?" 64 "--here is for check"
"$policy" check "$made/psu.policy" - <"$made/doc.json" >"$made/out" 2>&1
is "$?" 1 "- is standard input"
confined "the document is read without rights" "$policy" check "$made/psu.policy"
"$policy" --help >"$made/help"
options_told "$made/help" "$here/../../doc/man/bee-policy.1" "--help and bee-policy(1) name the same options"
tap_end
