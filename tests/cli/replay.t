#!/bin/sh
# What a captured folder may say, and what is made of it; how a document comes to its file.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
[ "${B##*/}" != san ] || { echo "1..0 # SKIP a sanitizer's memory does not fit into the gatherer's limit"; exit 0; }
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
chmod 755 "$made"

mkdir "$made/p"
head='syscalls @tool
open read-only
default report ENOSYS
limits wall 3s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64'
cat >"$made/p/storage.policy" <<END
policy 1
collector storage
emits storage.drives
$head
[lsblk] each /sys/block/*
run lsblk -J {instance}
exit 0 ok  9 absent  12 unavailable
END
cat >"$made/p/board.policy" <<END
policy 1
collector board
emits system
$head
[dmi]
run dmidecode
replay dmidecode.txt
END

# disk NAME: a job's folder whose tool printed one disk of that name.
disk() {
	mkdir -p "$made/c/storage/lsblk@$1"
	printf '{"blockdevices":[{"name":"%s","kname":"%s","type":"disk","size":1000,"model":"WHOLE"}]}\n' \
		"$1" "$1" >"$made/c/storage/lsblk@$1/stdout"
}
# replay OPTION...: $made/out.json, $status
replay() {
	"$B/bee" audit --policy-dir "$made/p" --replay "$made/c" "$@" >"$made/out.json" 2>"$made/err" </dev/null
	status=$?
}
# job INSTANCE PROPERTY
job() { jq -r ".collectors[] | select(.job == \"storage/lsblk@$1\") | .$2" "$made/out.json"; }
kept() { jq -r "[.storage.drives[]? | select(.key == \"$1\")] | length" "$made/out.json"; }

# A captured status: its text, the job's status, its reason, whether the disk is there.
cat >"$made/statuses" <<'END'
none|ok||1
0|ok||1
0\nmore|ok||1
0\r\n|ok||1
|skipped|not captured|0
incomplete|skipped|not captured|0
absent|absent|there was none when this was captured|0
unavailable|unavailable|lsblk is not installed|0
9|absent|the tool exited with 9|1
12|unavailable|the tool exited with 12|1
255|partial|the tool exited with 255|1
256|partial|the tool exited with 1|1
-1|partial|the tool exited with 1|1
words|partial|the tool exited with 1|1
signal|partial|the tool exited with 1|1
signal x|partial|the tool exited with 1|1
signal 65|partial|the tool exited with 1|1
signal 64|crashed|the tool was ended by SIG?|1
signal 15|crashed|the tool was ended by SIGTERM|1
signal 31|denied|the tool was ended by SIGSYS|1
END
number=0
while IFS='|' read -r text _; do
	number=$((number + 1))
	disk "s$number"
	[ "$text" = none ] || printf '%b' "$text" >"$made/c/storage/lsblk@s$number/status"
done <"$made/statuses"
replay --only storage
is "$status" 3 "captured statuses: the audit is incomplete"
number=0
while IFS='|' read -r text wanted reason disk; do
	number=$((number + 1))
	is "$(job s$number status)|$(job s$number reason)|$(kept s$number)" "$wanted|${reason:-null}|$disk" \
		"a captured status \"$text\" is $wanted"
done <"$made/statuses"

# Only regular files, and no link that leads out of the folder.
rm -r "$made/c"
disk outside
mv "$made/c/storage/lsblk@outside/stdout" "$made/outside"
rmdir "$made/c/storage/lsblk@outside"
for name in inside relative absolute above folder fifo null magic; do
	disk $name
	[ $name = inside ] || rm "$made/c/storage/lsblk@$name/stdout"
done
ln -s ../lsblk@inside/stdout "$made/c/storage/lsblk@relative/stdout"
ln -s "$made/c/storage/lsblk@inside/stdout" "$made/c/storage/lsblk@absolute/stdout"
ln -s ../../../outside "$made/c/storage/lsblk@above/stdout"
mkdir "$made/c/storage/lsblk@folder/stdout"
mkfifo "$made/c/storage/lsblk@fifo/stdout"
ln -s /dev/null "$made/c/storage/lsblk@null/stdout"
ln -s /proc/self/fd/0 "$made/c/storage/lsblk@magic/stdout"
printf '# dmidecode 3.4\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: OUTSIDE\n' \
	>"$made/dmidecode.txt"
ln -s ../dmidecode.txt "$made/c/dmidecode.txt"
replay
for name in relative inside; do
	is "$(job $name status)" ok "files, and links within the folder, are read: $name"
done
for name in absolute above folder fifo null magic; do
	is "$(job $name status) $(job $name reason)" "skipped not captured" "what is no file of the folder is not read: $name"
done
is "$(grep -c OUTSIDE "$made/out.json") $(kept outside)" "0 0" "nothing from outside the folder is in the document"
rm "$made/c/dmidecode.txt"
mv "$made/dmidecode.txt" "$made/c"
replay --only board
grep -q OUTSIDE "$made/out.json"
ok $? "the same dmidecode.txt within it is read"
rm -r "$made/c/storage" "$made/c/dmidecode.txt"
mkdir "$made/c/storage"
replay
is "$(jq -r '[.collectors[] | .job + " " + .status + " " + .reason] | join(", ")' "$made/out.json")" \
	"board/dmi skipped not captured, storage/lsblk skipped not captured" "what is not there has an entry each"

# dmidecode says on stderr where it stopped: dmi_table_decode in dmidecode.c, 3.4.
mkdir -p "$made/c/board/dmi"
printf '# dmidecode 3.4\nSMBIOS 2.7 present.\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: X\n\n' \
	>"$made/c/board/dmi/stdout"
printf 'Invalid entry length (0). DMI table is broken! Stop.\n\nWrong DMI structures count: 94 announced, only 1 decoded.\n' \
	>"$made/c/board/dmi/stderr"
replay --only board
is "$status $(jq -r '[.collectors[0].status, .collectors[0].reason, (.errors[] | .job, .where, .reason)] | join("|")' "$made/out.json")" \
	"3 partial|the tool says that it could not tell all|$(
	)board/dmi|stderr|dmidecode says: Invalid entry length (0). DMI table is broken! Stop.|$(
	)board/dmi|stderr|dmidecode says: Wrong DMI structures count: 94 announced, only 1 decoded." \
	"what the tool said beside its output is heard in a replay, too"
rm -r "$made/c/board"

# A step for each device of a machine that had none.
mkdir -p "$made/c/storage/lsblk"
echo absent >"$made/c/storage/lsblk/status"
replay --only storage
is "$status $(jq -r '[.collectors[] | .job + " " + .status + " " + .reason] | join(", ")' "$made/out.json")" \
	"0 storage/lsblk absent nothing matches /sys/block/*" "where no device was, that is what a replay finds"
rm -r "$made/c/storage"

# Instances are the folder's names: what cannot be one is counted.
disk good
disk 'a b'
mkdir -p "$made/c/storage/lsblk@" "$made/c/storage/lsblkx@sdb" "$made/c/storage/other@sdc"
replay --only storage
is "$(jq -r '[.collectors[] | .job + " " + (.reason // .status)] | sort | join(", ")' "$made/out.json")" \
	"storage/lsblk 2 names in /sys/block/* cannot be instances: left out, storage/lsblk@good ok" "names that cannot be instances are told, others are not taken"

# How the document comes to its file: it is on the disk before it has the name, then the name is.
rm -r "$made/c"
disk sda
traced="$B/bee-audit -q --policy-dir $made/p --only storage --replay $made/c -o $made/o/x.json"
if command -v strace >/dev/null && strace -f -qq -e trace=none true 2>/dev/null; then
	mkdir "$made/o"
	echo old >"$made/o/x.json"
	ln -s nowhere "$made/o/.x.json.new"
	# shellcheck disable=SC2086
	strace -ff -qq -o "$made/trace" -e trace=openat,open,fsync,fdatasync,rename,renameat,renameat2,write \
		$traced </dev/null
	# A file for each process: in one for all, a call that another comes between takes two lines.
	writer=$(grep -l '^rename' "$made"/trace.*)
	is "$(sed -n -E \
		-e 's/^open(at)?\(.*\.new", .*O_CREAT\|O_EXCL.*, 0640\) = [0-9]+$/make/p' \
		-e 's/^f(data)?sync\(.* = 0$/sync/p' \
		-e 's/^write\([0-9]+, "\{.*/write/p' \
		-e 's/^rename(at2?)?\(.*= 0$/rename/p' \
		-e 's/^open(at)?\(.*O_DIRECTORY.* = [0-9]+$/folder/p' "$writer" | grep -v '^folder$' | uniq | xargs)" \
		"make write sync rename sync" "a file is made, written, synced, renamed; then its folder is synced"
	is "$(ls -A "$made/o")" x.json "and nothing is left beside it"
	is "$(jq -r '.storage.drives[].key' "$made/o/x.json")" sda "and it is whole"

	# A disk that fails at the last moment: the old file stays, no half of a new one, and it is said.
	for call in fsync rename,renameat,renameat2; do
		echo old >"$made/o/x.json"
		# shellcheck disable=SC2086
		strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=EIO" $traced \
			>"$made/out" 2>"$made/err" </dev/null
		is "$? $(head -n 1 "$made/o/x.json") $(ls -A "$made/o")" "74 old x.json" \
			"where ${call%%,*} fails the old file stays, and nothing else: exit 74"
		is "$(jq -r '.storage.drives[].key' "$made/out")" sda "and the document is on stdout (${call%%,*})"
		is "$(grep -c "cannot write $made/o/x.json: Input/output error" "$made/err")" 1 "and it is said why (${call%%,*})"
	done
else
	skip "how a document comes to its file" "no strace here"
fi
tap_end
