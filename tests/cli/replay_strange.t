#!/bin/sh
# What a captured folder may hold that is no capture: links out of it, FIFOs, devices.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
command -v jq >/dev/null || { skip "replays of strange folders" "jq is not installed"; tap_end; }
bee=${B:-$here/../../build}/bee
case $bee in /*) ;; *) bee=$PWD/$bee ;; esac
made=$(mktemp -d) || exit 1
# shellcheck disable=SC2154
trap 'for pid in $writers; do kill "$pid" 2>/dev/null; done; rm -rf "$made"' EXIT
writers=

mkdir "$made/policies"
cat >"$made/policies/storage.policy" <<'END'
policy 1
collector storage
emits storage.drives
limits wall 3s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64
syscalls @tool
open read-only
default report ENOSYS
[lsblk]
run lsblk -J
[smart] each /sys/block/sd*
run smartctl -j /dev/{instance}
END
cat >"$made/policies/board.policy" <<'END'
policy 1
collector board
emits system
limits wall 3s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64
syscalls @tool
open read-only
default report ENOSYS
[dmi]
run dmidecode
replay dmidecode.txt
[sysfs]
read /sys/class/dmi/id/sys_vendor
END

# replay FOLDER: the document in $made/out.json.
replay() { "$bee" audit -q --policy-dir "$made/policies" --replay "$made/$1" -o - >"$made/out.json" 2>"$made/err" </dev/null; }
job() { jq -r ".collectors[] | select(.job == \"$1\") | .$2" "$made/out.json"; }
drives() { jq -r '[.storage.drives[]?.model] | join(" ")' "$made/out.json"; }
disk() { printf '{"blockdevices":[{"name":"sda","kname":"sda","type":"disk","size":1000,"model":"%s"}]}\n' "$1"; }

# Only what is below the folder is the capture's, by whatever name.
disk OUTSIDE >"$made/outside"
for link in "$made/outside" ../../../outside /proc/self/cwd/outside; do
	mkdir -p "$made/links/storage/lsblk"
	ln -sfn "$link" "$made/links/storage/lsblk/stdout"
	(cd "$made" && replay links)
	is "$(job storage/lsblk status) $(drives)" "skipped " "a link that leads out is not followed: $link"
done
disk INSIDE >"$made/links/inside"
ln -sfn ../../inside "$made/links/storage/lsblk/stdout"
replay links
is "$(job storage/lsblk status) $(drives)" "ok INSIDE" "a link inside the folder is"
mv "$made/links/storage/lsblk" "$made/lsblk"
disk ELSEWHERE >"$made/lsblk/real"
ln -sfn real "$made/lsblk/stdout"
ln -s "$made/lsblk" "$made/links/storage/lsblk"
replay links
is "$(job storage/lsblk status) $(drives)" "skipped " "nor a folder that is a link to outside"

# refused NAME WORDS: one line says why the folder is none, and nothing is audited.
refused() {
	"$bee" audit -q --policy-dir "$made/policies" --replay "$made/$1" -o - >"$made/out.json" 2>"$made/err" </dev/null
	is "$? $(cat "$made/err")" "64 bee-audit: --replay $made/$1: $2" "$1: said in one line"
	is "$(wc -c <"$made/out.json")" 0 "$1: no document"
}
wanted="the folders of collectors (storage/, psu/), dmidecode.txt or sys/"
mkdir -p "$made/empty" "$made/notes/storrage" "$made/high/machine/storage/lsblk"
touch "$made/capture.tar.gz" "$made/text" "$made/notes/a.txt"
refused empty "an empty folder; wanted are $wanted"
refused text "a file, and a folder is wanted"
refused capture.tar.gz "an archive: unpack it, and name the folder"
refused nowhere "No such file or directory"
refused high "one level too high: $made/high/machine has what is wanted"
refused high/machine/storage "this is one collector's folder: name the one above"
refused high/machine/storage// "this is one collector's folder: name the one above"
rm "$made/notes/a.txt"
refused notes "wanted are $wanted; here are storrage/"
mkdir "$made/notes/storage"
replay notes
is "$? $(head -1 "$made/err")" "3 bee-audit: --replay $made/notes: storrage/ is no collector's folder and is not read" \
	"a misspelt collector is told"

# A tree of which somebody copied a part.
mkdir -p "$made/part/sys/class/net"
replay part
is "$(job board/sysfs status) $(job board/sysfs reason) $(jq -c '[has("system"), has("storage")]' "$made/out.json")" \
	"skipped not captured [false,false]" "what was not copied is not captured, and not none"
mkdir -p "$made/part/sys/class/dmi/id"
replay part
is "$(job board/sysfs status)" ok "a root that is there is read"

# Who opens a FIFO lets its writer go on: it waits in open(2) for a reader.
# fifo PATH: makes one and starts its writer.
fifo() {
	mkdir -p "$(dirname "$made/$1")"
	rm -f "$made/$1"
	mkfifo "$made/$1"
	sh -c 'exec 3>"$1"' sh "$made/$1" &
	writer=$!
	writers="$writers $writer"
	for _ in $(seq 1 100); do
		grep -q wait_for_partner "/proc/$writer/wchan" 2>/dev/null && break
		sleep 0.02
	done
}
disk WHOLE >"$made/whole"
for place in storage/lsblk/stdout storage/lsblk/status storage/smart/status dmidecode.txt board/dmi/stdout \
	sys/class/dmi/id/sys_vendor; do
	rm -rf "$made/fifos"
	mkdir -p "$made/fifos/storage/lsblk"
	cp "$made/whole" "$made/fifos/storage/lsblk/stdout"
	fifo "fifos/$place"
	replay fifos
	kill -0 $writer 2>/dev/null
	ok $? "a FIFO is not opened: $place"
	kill $writer 2>/dev/null
	wait $writer 2>/dev/null
done
tap_end
