#!/bin/sh
# The command line of bee: words, mistakes, what needs no root, captured folders.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
chmod 755 "$made"
for_everybody "$made/tree"
bee=$made/tree/build/bee
fixtures=$made/tree/tests/fixtures
mkdir "$made/w"
chmod 1777 "$made/w"

command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
# A monitor that exits frees nothing; a sanitizer would call that leaks.
export ASAN_OPTIONS=detect_leaks=0
is_root=false
[ "$(id -u)" -eq 0 ] && is_root=true

# try COMMAND...: $made/out, $made/err and $status.
try() {
	"$@" >"$made/out" 2>"$made/err"
	status=$?
}
# ordinary COMMAND...: the same as somebody who owns nothing.
ordinary() {
	if $is_root; then
		try setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		try "$@"
	fi
}
says() { grep -q -- "$1" "$made/$2"; ok $? "$3"; }
quiet() { is "$(head -n 5 "$made/$1")" "" "$2"; }
try "$bee"
is $status 64 "bee without a command is exit 64"
quiet out "and says nothing on stdout"
try "$bee" --help
is $status 0 "bee --help is exit 0"
says 'bee audit --timeout 30' out "it leads with examples, on stdout"
quiet err "and says nothing on stderr"
try "$bee" --version
is "$status $(cat "$made/out")" "0 bee $(cat "$root/VERSION")" "bee --version"
try "$bee" schema
is "$status $(cat "$made/out")" "0 $(cat "$root/doc/schema/bee-audit-1.json")" "bee schema prints the schema"
try "$bee" version
is "$status $(cat "$made/out")" "0 bee $(cat "$root/VERSION")" "bee version"
try "$bee" help
is "$status $(cat "$made/out")" "0 $("$bee" --help)" "bee help is bee --help"
commands=$(sed -n '/^Commands/,$s/^  \([a-z]*\) .*/\1/p' "$made/out")
for command in $commands; do
	[ "$command" != save ] || continue # the live image alone has it
	try "$bee" help "$command"
	is "$status $(cat "$made/out")" "0 $("$bee" "$command" --help)" "bee help $command is bee $command --help"
	is "$(grep -n "bee $command" "$made/out" | sed -n 's/^\([123]\):.*/leads/p' | head -n 1)" leads "which leads with examples"
done
try "$bee" help frobnicate
is "$status $(grep -c 'no command "frobnicate"' "$made/err")" "64 1" "bee help of an unknown command is exit 64"
try "$bee" schema 1
is $status 64 "it takes no argument"
try "$bee" frobnicate
is $status 64 "an unknown command is exit 64"
is "$(cat "$made/err")" 'bee: no command "frobnicate": bee help lists them' "and is named, in one line"
try "$bee" image frobnicate
is "$status $(cat "$made/err")" "64 bee-image: there is no command \"frobnicate\"
bee image --help has the commands" "so is one of a command's own, and no screen of help hides it"
for words in 'image list' 'image build' 'trace run' 'guest start' 'guest pretend-boot'; do
	# shellcheck disable=SC2086
	try "$bee" $words --fly
	is "$status $(head -n 1 "$made/err")" "64 bee-${words% *}: ${words#* }: unrecognized option '--fly'" "bee $words says who does not know an option"
done
for command in $(echo "$commands" | grep -vx -e save -e fleet); do
	"$bee" "$command" --fly >"$made/out" 2>"$made/err" </dev/null
	[ "$(wc -l <"$made/err")" -eq 2 ] && grep -q "^bee-$command: .*--fly" "$made/err" || echo "$command"
done >"$made/long"
quiet long "every command names a word that it does not know, and where to read, in two lines"

try "$bee" audit --help
is $status 0 "bee audit --help is exit 0"
is "$(sed -n 3p "$made/out" | cut -c 1-27)" "  bee audit --timeout 30   " "it leads with examples"
for word in timeout jobs only no-wake output json capture replay policy-dir dry-run quiet verbose help version; do
	grep -q -- "--$word" "$made/out" || echo "$word"
done >"$made/lost"
quiet lost "every option is in --help"
try "$bee" audit --version
is "$status $(cat "$made/out")" "0 bee-audit $(cat "$root/VERSION")" "bee audit --version"

# wrong WHAT ARGUMENT...: a mistake that is exit 64, with a word on stderr and none on stdout.
wrong() {
	name=$1
	shift
	try "$bee" audit "$@"
	is "$status $(wc -c <"$made/out") $(grep -c 'bee audit --help' "$made/err")" "64 0 1" "$name"
}
wrong "an unknown option is exit 64" --fly
wrong "an argument that belongs to nothing is exit 64" disk
wrong "--timeout 0 is exit 64" --timeout 0
says '^bee-audit: --timeout 0: not a number of seconds' err "and says what is wrong with it"
wrong "--timeout 3601 is exit 64" --timeout 3601
wrong "--timeout -5 is exit 64" --timeout -5
wrong "--timeout 5m is exit 64" --timeout 5m
wrong "--timeout s is exit 64" --timeout s
wrong "--timeout 1.2345 is exit 64" --timeout 1.2345
wrong "--timeout without a value is exit 64" --timeout
wrong "--jobs 0 is exit 64" --jobs 0
wrong "--jobs 1025 is exit 64" --jobs 1025
wrong "an empty -o is exit 64" -o ''
wrong "an empty --only is exit 64" --only ''
wrong "so is one of blanks and commas" --only ' , '
wrong "and one that no document holds whole" --only "$(printf 'storage,%.0s' $(seq 40))"
wrong "--capture and --replay together are exit 64" --capture "$made/c" --replay "$fixtures"

try "$bee" audit --only disk
is $status 65 "--only with a collector that has no policy is exit 65"
says '--only disk: there is no policy for it' err "and names it"
try "$bee" audit --only board,disk --dry-run
is $status 65 "one wrong name among good ones is enough"
try "$bee" audit --dry-run --only 'storage/smartx'
is "$status $(grep -c 'storage has no such step; it has disks ' "$made/err")" "65 1" "so is a step that a policy does not have, and those that it has are named"
try "$bee" audit --dry-run --only 'psu, memory/dmi storage/lsblk'
is "$status $(sed -n 's/^\([a-z].*\)/\1/p' "$made/out" | sort | xargs)" "0 memory/dmi psu/dmi psu/fru psu/info psu/ipmitool psu/sdr psu/sel storage/lsblk" \
	"--only takes steps, and blanks beside commas"
try "$bee" audit --dry-run --only psu --with raid/storcli
is "$(sed -n 's/^\(raid.*\)/\1/p' "$made/out")" raid/storcli "--with takes steps too"
mkdir "$made/none"
try "$bee" audit --policy-dir "$made/none"
is $status 65 "a folder without policies is exit 65"
try "$bee" audit --policy-dir "$made/nowhere"
is $status 65 "a policy folder that is not there is exit 65"
mkdir "$made/bad"
printf 'policy 1\ncollector cpu\nemits processors\n[a]\nrum x\n' >"$made/bad/cpu.policy"
printf 'policy 1\ncollector psu\nemits power_supplies\n[a]\nrun x\ncaps CAP_SYS_FLY\n' >"$made/bad/psu.policy"
try "$bee" audit --policy-dir "$made/bad" -o "$made/w/never.json"
is $status 65 "a wrong policy is exit 65"
is "$(grep -cE 'cpu\.policy:5:1: |psu\.policy:6:6: ' "$made/err")" 2 \
	"the mistakes of two files are told in one go, with line and column"
says 'nothing was started' err "and nothing was started"
[ ! -e "$made/w/never.json" ]
ok $? "and no document was made"
cp "$made/bad/cpu.policy" "$made/none/"
: >"$made/none/psu.policy"
chmod 0 "$made/none/psu.policy"
chmod 755 "$made/none"
ordinary "$bee" audit --policy-dir "$made/none" --dry-run
is "$status $(grep -c 'psu.policy' "$made/err")" "65 1" "a policy that cannot be read is exit 65"

try "$bee" audit --dry-run --only storage
is $status 0 "--dry-run is exit 0"
says '^storage/lsblk' out "it names the jobs"
says 'runs  *lsblk -J' out "and what they run"
says '^  calls  *[a-z]' out "and what they may call"
mkdir "$made/nowake"
printf 'policy 1\ncollector storage\nemits storage.drives\nsyscalls @tool\nopen none\ndefault report EPERM\n%s\n' \
	'[s]
run tool -x /dev/sda
nowake -n standby,0' >"$made/nowake/storage.policy"
for option in --quiet --no-wake; do
	try "$bee" audit --policy-dir "$made/nowake" --dry-run $option
	grep -oE '  (runs|nowake) .*' "$made/out" | tr -s ' ' >>"$made/commands"
done
is "$(tr '\n' '|' <"$made/commands")" \
	" runs tool -x /dev/sda| nowake -n standby,0 before these arguments, with bee audit --no-wake| runs tool -n standby,0 -x /dev/sda|" \
	"--no-wake puts a policy's words into the command line"
try "$bee" audit --dry-run --only psu -o "$made/w/never.json"
if [ -e "$made/w/never.json" ]; then ok 1 "--dry-run writes nothing"; else ok 0 "--dry-run writes nothing"; fi
if command -v strace >/dev/null && strace -f -qq -e trace=none true 2>/dev/null && [ "${B##*/}" != san ]; then
	try strace -f -qq -e trace=execve,execveat -o "$made/trace" \
		"$B/bee-audit" --dry-run
	is "$(grep -c execve "$made/trace")" 1 "--dry-run starts no program"
else
	skip "--dry-run starts no program" "no strace here"
fi

try "$bee" audit --dry-run --replay "$fixtures/rack-server" --with raid
is "$status $(grep -E '^(memory/(dmi|edac)|storage/smart@sda|raid/perccli|cpu/sysfs) ' "$made/out" | sort | tr '\n' ';')" \
	"0 cpu/sysfs  from cpu/sysfs/stdout;memory/dmi  from dmidecode.txt;memory/edac  from memory/edac/stdout;raid/perccli  skipped: not captured;storage/smart@sda  from storage/smart@sda/stdout;" \
	"--dry-run of a replay says what each job is made of"
cp -r "$fixtures/rack-server" "$made/known"
echo absent >"$made/known/memory/edac/status"
echo incomplete >"$made/known/cpu/sysfs/status"
try "$bee" audit --dry-run --replay "$made/known" --only 'memory/edac cpu/sysfs'
is "$(tr '\n' ';' <"$made/out")" "cpu/sysfs  skipped: not captured;memory/edac  absent, as memory/edac/status says;" \
	"also what was not there, or nobody saw end"
ordinary "$bee" audit
is $status 64 "an audit without root is exit 64"
says 'needs root' err "with a word on what root is for"
says '--replay' err "and what can be had without"
quiet out "and nothing on stdout"
ordinary "$bee" policy lint
is $status 0 "bee policy needs no root"
ordinary "$bee" audit --dry-run
is $status 0 "--dry-run needs no root"

if [ "${B##*/}" = san ]; then
	skip "audits" "a sanitizer's memory does not fit into the gatherer's limit"
	
# Else the same source would give another build id, and another image, in another folder. One that is
# called /bee is not meant by /run/bee.
grep -laE "(^|[^A-Za-z0-9_.-])$root(/|$)" "$B"/bee "$B"/bee-* >"$made/out"
is "$(grep -v '\.[do]$' "$made/out")" '' "no program holds the name of the folder it was built in"
tap_end
fi

# What an ordinary user gets from a dmidecode text that somebody mailed.
mkdir "$made/mailed"
cp "$fixtures/rack-server/dmidecode.txt" "$made/mailed/"
chmod -R go+rX "$made/mailed"
ordinary "$bee" audit --replay "$made/mailed"
is $status 3 "--replay of a dmidecode.txt alone is exit 3: the rest was not captured"
jq -e . "$made/out" >/dev/null
ok $? "the document is on stdout, and nothing else is"
is "$(jq -c '[.identity.manufacturer, .identity.model, (.processors | length), (.memory.modules | length)]' "$made/out")" \
	'["Nordlicht","Fjord R2280",2,5]' "board, cpu and memory are there"
is "$(jq -r '[.collectors[] | select(.status == "ok") | .job] | join(" ")' "$made/out")" \
	"board/dmi cpu/dmi memory/dmi psu/dmi" "from the jobs that read such a text"
is "$(jq -r '[.collectors[] | select(.status != "ok") | .status + ":" + .reason] | unique | join(" ")' "$made/out")" \
	"skipped:not captured" "the others say that they were not captured"
is "$(jq -c '[.audit.replay, .audit.kernel, .audit.boot_id]' "$made/out")" '[true,null,null]' \
	"nothing of this machine is in it"

ordinary "$bee" audit --replay "$fixtures/rack-server" -o "$made/w/r.json"
is $status 0 "--replay of a whole folder is exit 0"
says '^Nordlicht Fjord R2280' out "with -o the summary is on stdout"
is "$(jq -c '[.audit.complete, (.storage.drives | length), (.power_supplies | length), (.gpus | length)]' "$made/w/r.json")" \
	'[true,6,3,2]' "and the document in the file"
ordinary "$bee" audit --replay "$fixtures/rack-server" -q -o "$made/w/q.json"
is "$status $(wc -c <"$made/out") $(wc -c <"$made/err")" "0 0 0" "-q is silent"
ordinary "$bee" audit --replay "$made/mailed" -q -o "$made/w/q.json"
is "$status $(wc -c <"$made/out") $(wc -l <"$made/err")" "3 0 1" "-q is one line where the exit status is 3"
is "$(cut -d ' ' -f 1-6 "$made/err"), $(grep -c "skipped and [0-9]* more; bee show unlearned $made/w/q.json tells all$" "$made/err")" \
	"bee-audit: incomplete: $(jq '[.collectors[] | select(.status == "skipped")] | length' "$made/w/q.json") of $(jq '.collectors | length' "$made/w/q.json") jobs:, 1" \
	"which counts jobs and names some"
"$bee" audit --replay "$fixtures/rack-server" --timeout 30s >"$made/out" 2>/dev/null
is "$? $(jq .audit.timeout_ms "$made/out")" "0 30000" "--timeout 30s is 30 seconds"
ordinary "$bee" audit --replay "$fixtures/rack-server" --only 'storage/smart, memory'
is "$(jq -c '[.audit.only, ([.collectors[].job | sub("@.*"; "")] | unique)]' "$made/out")" \
	'[["storage/smart","memory"],["memory/dmi","memory/edac","memory/visible","storage/smart"]]' "--only of a step is that step"
ordinary "$bee" audit --replay "$fixtures/rack-server" --json -o "$made/w/j.json"
cmp -s "$made/out" "$made/w/j.json"
ok $? "--json prints the bytes of the file"
ordinary "$bee" audit --replay "$fixtures/rack-server" --json -q -o "$made/w/j.json"
cmp -s "$made/out" "$made/w/j.json"
ok $? "with -q too: it is no summary"
# What a captured status says of the tool's end.
mkdir -p "$made/ends"
cp -r "$fixtures/rack-server/storage" "$fixtures/rack-server/cpu" "$made/ends/"
drive=$made/ends/storage/smart@sda
echo unavailable >"$made/ends/cpu/sysfs/status"
rm "$made/ends/cpu/sysfs/stdout"
for end in 192:ok 'signal 15:crashed' incomplete:skipped :skipped; do
	echo "${end%:*}" >"$drive/status"
	chmod -R go+rX "$made/ends"
	ordinary "$bee" audit --replay "$made/ends" --only storage,cpu
	is "$(jq -r '.collectors[] | select(.job == "storage/smart@sda") | .status' "$made/out")" \
		"${end#*:}" "a captured status '${end%:*}'"
done
is "$(jq -r '.collectors[] | select(.job == "cpu/sysfs") | .reason' "$made/out")" \
	"bee-read is not installed" "a captured 'unavailable' of a step that reads files"
mkdir -p "$made/fifo/storage/smart"
mkfifo "$made/fifo/storage/smart/status"
chmod -R go+rX "$made/fifo"
ordinary "$bee" audit --replay "$made/fifo" --only storage --timeout 3
is "$(jq -r '.audit.duration_ms < 2000' "$made/out")" true "a FIFO in a captured folder holds nothing up"
ordinary "$bee" audit --replay "$fixtures/rack-server" --only memory,board
is "$(jq -r '[.collectors[].collector] | unique | join(" ")' "$made/out")" "board memory" \
	"--only leaves the others out"
for times in 1 2; do
	"$bee" audit --replay "$fixtures/rack-server" -q --jobs $times |
		jq -S 'del(.audit) | del(.collectors[] | .duration_ms, .started_ms)' >"$made/again.$times"
done
cmp -s "$made/again.1" "$made/again.2"
ok $? "a replay gives the same document each time, whatever --jobs is"
try "$bee" audit --replay "$fixtures/hostile-firmware" -o "$made/w/h.json"
is $status 3 "hostile firmware is read in part: exit 3"
LC_ALL=C grep -q '[^ -~]' "$made/w/h.json"
ok $((! $?)) "and the document is printable ASCII"
LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f\x9b]' "$made/out"
ok $((! $?)) "and nothing raw reaches the terminal"

try "$bee" audit --replay "$made/nowhere"
is "$status $(grep -c nowhere "$made/err")" "64 1" "a folder to replay that is not there is exit 64"
try "$bee" audit --replay "$fixtures/rack-server" -o "$made/nowhere/x.json"
is "$status $(wc -c <"$made/out")" "73 0" "an output that cannot be created is exit 73"
try "$bee" audit --replay "$fixtures/rack-server" -o "$made"
is $status 73 "a folder as the output is exit 73"
find "$made/w" -name '.*' -type f >"$made/left"
quiet left "no temporary file is left behind"
if [ -w /dev/full ]; then
	try "$bee" audit --replay "$fixtures/rack-server" -q -o /dev/full
	jq -e .audit "$made/out" >/dev/null
	is "$status $?" "74 0" "a full disk is exit 74, and the document goes to stdout"
	"$bee" audit --replay "$fixtures/rack-server" -q >/dev/full 2>"$made/err"
	is $? 74 "a full stdout is exit 74"
	"$bee" audit --replay "$fixtures/rack-server" -q --json -o "$made/w/full.json" >/dev/full 2>"$made/err"
	is "$? $(cat "$made/err")" "74 bee-audit: cannot write stdout: No space left on device" "so is one of --json, and it is told"
	# The summary, of an audit that is done, on a full disk, and where there is no stdout.
	"$bee" audit --replay "$fixtures/rack-server" -o "$made/w/full.json" >/dev/full 2>"$made/err"
	is "$? $(tail -n 1 "$made/err") $(jq -r .audit.replay "$made/w/full.json")" \
		"74 bee-audit: cannot write the summary: No space left on device true" "so is one of the summary, and the document is there"
	"$bee" audit --replay "$fixtures/rack-server" -o "$made/w/full.json" >&- 2>"$made/err"
	is "$? $(tail -n 1 "$made/err")" "74 bee-audit: cannot write the summary: Bad file descriptor" "and without a stdout"
	"$bee" audit --replay "$fixtures/cut-off" -o "$made/w/full.json" >/dev/full 2>"$made/err"
	is "$? $(tail -n 1 "$made/err")" "3 bee-audit: cannot write the summary: No space left on device" "an incomplete one stays 3, and tells"
	mkdir "$made/tree/mute"
	cp "$bee" "$bee"-* "$made/tree/mute/" && cp /bin/false "$made/tree/mute/bee-report"
	"$made/tree/mute/bee" audit --replay "$fixtures/rack-server" -o "$made/w/full.json" >"$made/out" 2>"$made/err"
	is "$? $(tail -n 1 "$made/err") $(wc -c <"$made/out")" "74 bee-audit: cannot write the summary: No data available 0" "and where there is no summary"
	{ sleep 0.3; "$bee" audit --replay "$fixtures/rack-server" -o "$made/w/full.json" 2>"$made/err"; echo "$?" >"$made/out"; } | true
	is "$(cat "$made/out")" 141 "a summary whose reader has gone is none, as of other programs"
	# loud COMMAND...: printed where it ends into a full disk as if all were well, or without its one line.
	loud() {
		! "$bee" "$@" >/dev/full 2>"$made/err" &&
			[ "$(cat "$made/err")" = "bee-$1: standard output: No space left on device" ] || echo "$@"
	}
	{
		loud audit --dry-run
		loud schema
		loud policy explain psu
		loud show drives "$fixtures/report/bare-vm.json"
		loud report "$fixtures/report/bare-vm.json"
		loud report --qr "$fixtures/report/bare-vm.json"
		loud export --to prometheus "$fixtures/report/bare-vm.json"
		loud expect "$fixtures/report/bare-vm.json"
		loud diff "$fixtures/report/bare-vm.json" "$made/w/full.json"
		loud policy list
		loud console --once
	} >"$made/silent"
	quiet silent "and so with what it was asked for"
	for words in 'audit --dry-run' 'policy explain storage'; do
		# shellcheck disable=SC2086
		{ sleep 0.3; "$bee" $words 2>"$made/err"; echo "$?$(cat "$made/err")" >"$made/out"; } | true
		is "$(cat "$made/out")" 141 "bee $words, whose reader has gone, ends as other programs do"
	done
else
	skip "a full disk is exit 74, and the document goes to stdout" "no /dev/full"
	skip "a full stdout is exit 74" "no /dev/full"
fi

for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	eval "\"\$bee\" report --html -o \"\$made/w/closed.html\" \"\$fixtures/report/bare-vm.json\" $closed"
	echo "$? $(sed 's/.*<\/html>$/page/' "$made/w/closed.html" | tail -n 1)"
	rm -f "$made/w/closed.html"
done >"$made/pages"
is "$(sort -u "$made/pages")" "0 page" "a descriptor that the caller has closed is not the file's that is written"
"$bee" schema >&- 2>"$made/err"
is "$? $(cat "$made/err")" "74 bee-schema: standard output: Bad file descriptor" "and what is printed to one is told"

# unshare: not in the way of an audit of the machine.
if $is_root && unshare -m true 2>/dev/null; then
	cat >"$made/audit" <<-END
		mkdir -p /run/bee && mount -t tmpfs -o mode=0700 tmpfs /run/bee || exit 99
		exec "$bee" audit -q --timeout 15 --only storage,pcie "\$@"
	END
	try unshare -m --propagation private sh "$made/audit" --capture "$made/cap" -o "$made/w/live.json"
	live=$status
	{ [ "$live" -eq 0 ] || [ "$live" -eq 3 ]; }
	ok $? "--capture: the audit ends as usual"
	is "$(find "$made/cap"/*/ -perm /007 | head -n 5)" "" "what was captured is not for everybody"
	jq -e '.format == 1' "$made/cap/manifest.json" >/dev/null
	ok $? "the folder has a manifest"
	try "$bee" audit -q --only storage,pcie --replay "$made/cap" -o "$made/w/replayed.json"
	for name in live replayed; do
		jq -S '[.storage, .pcie]' "$made/w/$name.json" >"$made/$name"
	done
	is "$(jq length "$made/replayed")" 2 "the captured folder can be replayed"
	is "$(cat "$made/replayed")" "$(cat "$made/live")" "and gives the same drives and PCI functions"
	is "$(stat -c %a "$made/w/live.json")" 640 "the document is not for everybody: serial numbers are in it"
	try unshare -m --propagation private sh "$made/audit" --capture "$made/cap" -o "$made/w/live.json"
	is "$status $(cat "$made/err")" "73 bee-audit: --capture $made/cap: it is not empty" \
		"a folder that is not empty is not captured into"
	try unshare -m --propagation private sh "$made/audit" --capture "$made/w/live.json/cap" -o "$made/w/live2.json"
	is "$status $(cat "$made/err")" "73 bee-audit: --capture $made/w/live.json/cap: Not a directory" \
		"one that cannot be made is named, and not the document"
	try unshare -m --propagation private sh "$made/audit" --capture "$made/cap2" -o "$made/nowhere/x.json"
	is "$status $(cat "$made/err")" "73 bee-audit: cannot create $made/nowhere/x.json: No such file or directory" \
		"where it is the document, that is"
else
	for name in ends modes manifest replay same 'not empty' mode 'no folder' 'no output'; do
		skip "--capture: $name" "needs root and mount namespaces"
	done
fi

# Else the same source would give another build id, and another image, in another folder. One that is
# called /bee is not meant by /run/bee.
grep -laE "(^|[^A-Za-z0-9_.-])$root(/|$)" "$B"/bee "$B"/bee-* >"$made/out"
is "$(grep -v '\.[do]$' "$made/out")" '' "no program holds the name of the folder it was built in"
tap_end
