#!/bin/sh
# bee policy learn: what a program did in one run, as a policy in whose jail it does the same again.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

for tool in lspci smartctl; do command -v "$tool" >/dev/null || skip_all "no $tool"; done

# learn NAME STATUS COMMAND...: $made/NAME.policy, and what it printed in $made/NAME.out.
learn() {
	name=$1 wanted=$2
	shift 2
	timeout 120 "$B/bee" policy learn -o "$made/$name.policy" -- "$@" >"$made/$name.out" 2>"$made/$name.err" </dev/null
	is $? "$wanted" "$name is learned"
	"$B/bee" policy lint "$made/$name.policy" >"$made/lint" 2>&1
	is "$? $(cat "$made/lint")" "0 " "$name: lint takes it"
}
# again NAME: in its jail it prints the same, and nothing is refused.
again() {
	timeout 120 "$B/bee" run --report "$made/report" "$made/$1.policy" >"$made/$1.again" 2>"$made/err" </dev/null
	is "$? $(jq -c '[.denied[] | .call]' "$made/report")" "${2:-0} []" "$1: bee run with it ends as before, and nothing is refused"
	cmp "$made/$1.out" "$made/$1.again" >"$made/cmp" 2>&1
	is "$(cat "$made/cmp")" "" "$1: it prints the same"
}

echo one >"$made/file"
learn cat 0 cat "$made/file"
again cat
is "$(sed -n 's/^see  *//p; /^exec/p; /^device/p' "$made/cat.policy")" "$made/file  # used by cat" "cat sees its file and no other, and starts nothing"
"$B/bee" run "$made/cat.policy" -- cat /etc/hostname >"$made/out" 2>&1
is $? 1 "another file is not there"
"$B/bee" run "$made/cat.policy" -- sh -c : >"$made/out" 2>&1
is "$(grep -c 'refused: ' "$made/out" | sed 's/[1-9].*/some/')" some "what cat does not call is refused"

learn version 0 smartctl --version
again version
# Of two devices, as lspci -x prints them (pciutils' own format of a dump).
cat >"$made/dump" <<'END'
00:00.0 Host bridge: Intel Corporation 440FX - 82441FX PMC [Natoma] (rev 02)
00: 86 80 37 12 07 01 00 00 02 00 00 06 00 00 00 00
10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 00 11
30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00

END
learn lspci 0 lspci -vmm -F "$made/dump"
again lspci
is "$(grep -c '^Device:.*440FX' "$made/lspci.again")" 1 "lspci: with its table of names, which was learned"

cat >"$made/script" <<END
#!/bin/sh
cat "$made/file" | head -n 1
lspci -F "$made/dump" | grep -c 440
smartctl --version | grep -c smartctl
for i in 1 2; do uname -s; done
END
chmod 755 "$made/script"
learn script 0 "$made/script"
again script
is "$(sed -n 's/^exec  *\([^ ]*\) .*/\1/p' "$made/script.policy" | sed 's/.*\///' | sort | tr '\n' ' ')" \
	"cat $(basename "$(realpath /bin/sh)") grep head lspci smartctl uname " "script: each program that it started has a line"

# Over 40 files of one folder are the folder.
mkdir "$made/many"
for i in $(seq 60); do echo "$i" >"$made/many/$i"; done
cat >"$made/reads" <<END
#!/bin/sh
for i in $(seq -s ' ' 60); do read -r x <"$made/many/\$i"; echo "\$x"; done
END
chmod 755 "$made/reads"
learn reads 0 "$made/reads"
again reads
is "$(grep -c "^see  *$made/many  # for several" "$made/reads.policy") $(grep -c '^see' "$made/reads.policy")" "1 1" "many files are their folder, and the line says so"

# What no policy grants is said, and the rest is granted.
learn writes 1 sh -c "echo x>$made/new"
is "$(sed -n '/^# Of the run/,$p' "$made/writes.policy" | sed 's/(.*//' | tr -d '\n')" \
	"# Of the run, this is not granted:#   arguments that no line can have: bee run POLICY -- COMMAND gives them#   $made/new was made, emptied or claimed " \
	"a file that was made and arguments with blanks are told of"
"$B/bee" run "$made/writes.policy" -- sh -c "echo x>$made/other" >"$made/out" 2>&1
is "$? $(test -e "$made/other" || echo none)" "2 none" "and its jail makes none"
install -m 400 "$made/file" "$made/secret"
learn secret 0 cat "$made/secret"
again secret
is "$(grep -c '^uid  *0  # a guess' "$made/secret.policy")" 1 "a file of root alone: uid 0, as a guess"

# The commands to a device; it is the null device, so what smartctl sends gets no answer, watched or not.
mount -t tmpfs -o mode=0755 tmpfs /dev/shm && mknod -m 666 /dev/shm/sdx c 1 3
learn scsi 0 smartctl -d scsi -i /dev/shm/sdx
again scsi 2
is "$(sed -n 's/^scsi  *//p; s/^ioctl.*SG_IO.*/SG_IO/p; s/^device  *//p' "$made/scsi.policy" | sort)" "/dev/shm/sdx read  # opened by smartctl
INQUIRY  # sent by smartctl" "a device's commands by their names, and not SG_IO"

# A list of bee trace brings its files.
printf '%s\tread\tx\n%s\tmissing\tx\n/usr/bin/env\texec\tx\n' "$made/many/1" "$made/nothing" >"$made/list"
"$B/bee" policy learn --from "$made/list" --name listed -- cat "$made/file" >"$made/listed.policy" 2>"$made/err"
is "$? $(cat "$made/err")" "0 one" "without a file the policy goes to stdout, and the program's words to stderr"
is "$(sed -n 's/^\(see\|exec\)  *//p' "$made/listed.policy")" "$made/file  # used by cat
$made/many/1  # used by the list
/usr/bin/env  # started by the list" "--from: what a list has, as far as it is here"
"$B/bee" policy lint "$made/listed.policy"
is $? 0 "--name is the collector's"

"$B/bee" policy learn -o "$made/none.policy" -- no-such-program >"$made/out" 2>&1
is "$? $(test -e "$made/none.policy" || echo none)" "2 none" "a program that is not there leaves no policy"
"$B/bee" policy learn -o "$made/Bad_Name.policy" -- cat >"$made/out" 2>&1
is $? 64 "a collector has a good name"
"$B/bee" policy learn -o "$made/false.policy" -- false >"$made/out" 2>&1
is "$? $(cat "$made/out")" "0 bee-learn: /usr/bin/false ended with 1" "a program's own exit is told"

# Ended before it watches: the program waits for that, and would for ever.
if command -v strace >/dev/null; then
	strace -qq -o /dev/null -e trace=ptrace -e inject=ptrace:signal=KILL "$B/bee-learn" -o "$made/killed.policy" -- \
		sleep "600.$$" >"$made/out" 2>&1
	sleep 0.3
	is "$(pgrep -f "sleep 600[.]$$")" "" "nothing of it is left when it is ended before it watches"
else
	skip "nothing of it is left when it is ended before it watches" "strace is not installed"
fi

# An audit's document, and the line that check names: with it nothing is refused.
calls=$(sed -n 's/^syscalls //p' "$made/cat.policy" | sed 's/#.*//' | tr '\n' ' ') policy "$made/p" pcie pcie.devices <<END
[lspci]
run cat $made/file
see $made/file
END
sed -i 's/\<fadvise64\>//' "$made/p/pcie.policy"
audit_once() { timeout 60 "$B/bee" audit --timeout 10 --policy-dir "$made/p" -o "$made/doc.json" >"$made/out" 2>&1 </dev/null; }
audit_once
"$B/bee" policy --policy-dir "$made/p" check pcie "$made/doc.json" >"$made/check"
is "$? $(grep -A1 refused "$made/check" | tr '\n' ' ' | tr -s ' ')" "1  refused fadvise64, 1 x in 1 job to grant it: syscalls fadvise64 " "check: a call that an audit refused, and its line"
sed -n 's/^ *to grant it: \(.*\)/\1 # cat reads ahead/p' "$made/check" >>"$made/p/pcie.policy"
audit_once
"$B/bee" policy --policy-dir "$made/p" check pcie "$made/doc.json" >"$made/check"
is "$? $(cat "$made/check")" "0 pcie: nothing was refused" "with that line nothing is"
tap_end
