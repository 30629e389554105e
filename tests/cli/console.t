#!/bin/sh
# bee console: what a technician sees on tty1, on a terminal of each size.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=${FIXTURES:-$here/../fixtures}/report
B=$(cd "${B:-$here/../../build}" && pwd)
console=$B/bee-console
made=$(mktemp -d) || exit 1
chmod 755 "$made"
trap 'rm -rf "$made"' EXIT
unset LC_ALL LC_CTYPE LANG NO_COLOR
# Python would give the program another locale than the test does.
export TERM=linux PYTHONCOERCECLOCALE=0 PYTHONUTF8=1

[ -x "$console" ] || { echo "1..0 # SKIP $console is not there: make"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
python3 "$here/big_machine.py" >"$made/big.json"
mkdir "$made/dmi"
echo Nordlicht >"$made/dmi/sys_vendor"
echo 'Fjord R2280' >"$made/dmi/product_name"
echo NL7XK2M13 >"$made/dmi/product_serial"
# The key of RFC 8032's first test, and what ssh-keygen -lf says of it.
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea test' >"$made/key.pub"
echo 'kp4m9x2cq7ta' >"$made/password"
echo 'The image is in memory: the medium may be pulled.' >"$made/told"

# shows SIZE STEP... -- ARGUMENT...: what pty.py says.
shows() {
	size=$1
	shift
	python3 "$here/console_pty.py" "$size" "$@"
}
set -- "$console" --dmi "$made/dmi" --host-key "$made/key.pub" --password "$made/password" --told "$made/told" --progress "$made/progress" --lock "$made/lock"

# record TEXT: one of lib/progress_file.h. Times are of CLOCK_BOOTTIME.
record() { printf '%s\n' "$1" | dd bs=256 conv=sync status=none; }
now=$(awk '{ printf "%d", $1 * 1000 }' /proc/uptime)
{
	record "bee-progress 1 77 $((now - 3000)) 30000"
	record "board/dmi ok $((now - 3000)) $((now - 2900))"
	record "storage/smart@sdb runs $((now - 2000)) 0"
	record "storage/smart@sda runs $((now - 2500)) 0"
	record "raid/storcli stuck $((now - 2900)) $((now - 1000))"
	record "psu/fru absent $((now - 2900)) $((now - 1000))"
	record "nvidia/smi waits 0 0"
	i=0
	while [ $i -lt 40 ]; do
		record "storage/nvme@nvme$i runs $((now - 500)) 0"
		i=$((i + 1))
	done
} >"$made/progress"
: >"$made/lock"

is "$(shows 80x25 wait:'audit   none yet' -- "$@" "$made/none.json")" "fits 0 " "without an audit there is who it is, and no more"
if command -v ssh-keygen >/dev/null; then
	wanted=$(ssh-keygen -lf "$made/key.pub" | cut -d ' ' -f 2)
	is "$(shows 80x25 "wait:key     $wanted" "wait:Nordlicht Fjord R2280" "wait:serial  NL7XK2M13" wait:kp4m9x2cq7ta wait:'note    The image is in memory' \
		wait:'any key: a shell' -- "$@" "$made/none.json")" "fits 0 " "make, serial number, the host key's fingerprint, the password, the last note"
else
	skip "make, serial number, the host key's fingerprint, the password, the last note" "no ssh-keygen"
fi

# The lock, as an audit holds it.
python3 -c "import fcntl, sys, time
lock = open('$made/lock', 'r+')
fcntl.lockf(lock, fcntl.LOCK_EX)
print('held', flush=True)
time.sleep(600)" >"$made/held" &
holder=$!
trap 'kill $holder 2>/dev/null; rm -rf "$made"' EXIT
until [ -s "$made/held" ]; do sleep 0.1; done
is "$(shows 80x25 wait:'jobs: 42 run, 1 wait, 3 done, not all complete' wait:'runs      storage/smart@sda' wait:' more' -- "$@" "$made/big.json")" \
	"fits 0 " "while an audit runs its jobs are shown, whatever document there is"
rows=$(shows 80x60 wait:'raid/storcli' print -- "$@" "$made/big.json")
is "$(echo "$rows" | sed -n 's/^ .* s  \([a-z]*\) *\(storage.smart@sd.\|raid.*\)$/\1 \2/p')" "runs storage/smart@sda
runs storage/smart@sdb
stuck raid/storcli" "those that run first, the longest first, then those that did not complete"
for size in 40x12 20x6 1x1 200x60; do
	is "$(shows $size sleep:1.5 -- "$@" "$made/big.json")" "fits 0 " "$size: nothing scrolls, no line is too wide"
done
# What is no progress file is none.
head -c 70000 /dev/urandom >"$made/progress"
is "$(shows 80x25 wait:'jobs:' -- "$@" "$made/big.json")" "fits 0 " "bytes at random are no jobs, and no escapes"
# Its end: the document.
is "$(shows 80x25 wait:'jobs:' "run:kill $holder" wait:'EXBIG00001' gone:' wait, ' -- "$@" "$made/big.json")" "fits 0 " "when it ends the summary follows, without a key"

for document in "$made/big.json" "$fixtures"/*.json; do
	name=$(basename "$document" .json)
	for size in 80x25 40x12; do
		is "$(shows $size wait:any sleep:0.1 -- "$@" "$document")" "fits 0 " "$name at $size"
	done
done
is "$(shows 80x25 wait:EXBIG00001 print -- env LANG=C TERM=xterm "$@" "$made/big.json" | LC_ALL=C tr -d '\n -~' | wc -c)" 0 "LANG=C is ASCII"
is "$(shows 80x25 wait:EXBIG00001 size:40x12 wait:EXBIG00001 size:132x50 wait:EXBIG00001 wait:▄▄▄ -- "$@" "$made/big.json")" "fits 0 " "a screen that becomes another size is drawn anew, with room for the code with it"
cp "$made/big.json" "$made/new.json"
is "$(shows 80x25 wait:EXBIG00001 "run:sed -i s/EXBIG00001/EXBIG00002/g $made/new.json" wait:EXBIG00002 -- "$@" "$made/new.json")" "fits 0 " "a new document is shown as it comes"
echo '{"broken' >"$made/new.json"
is "$(shows 80x25 wait:"nothing to show" wait:any -- "$@" "$made/new.json")" "fits 0 " "one that is broken ends nothing"
is "$(shows 80x25 wait:EXBIG00001 scribble wait:scribble gone:scribble -- "$@" "$made/big.json")" "fits 0 " "what the kernel writes over it is mended"
is "$(shows 80x25 wait:EXBIG00001 key:x ends -- "$@" "$made/big.json")" "fits 0 " "a key ends it, and the terminal is as it was"
is "$(shows 80x25 wait:EXBIG00001 key:x sleep:1.5 -- "$console" --stay "$made/big.json")" "fits 0 " "--stay: it does not"

printf '\033[2J\033]8;;x\007\302\2331m\342\200\256evil' >"$made/dmi/product_name"
printf '%010000d\033[31m' 0 >"$made/dmi/product_serial"
printf '\033[31m' >"$made/told"
printf 'ssh-ed25519 \033[31m' >"$made/key.pub"
for size in 80x25 40x12; do
	is "$(shows $size wait:'any key' sleep:0.5 -- "$@" "$made/none.json")" "fits 0 " "hostile strings of the firmware at $size"
done
mkfifo "$made/fifo"
rm "$made/told" "$made/dmi/product_name"
ln -s "$made/fifo" "$made/told"
ln -s /dev/zero "$made/dmi/product_name"
is "$(shows 80x25 wait:'audit   none yet' -- "$@" "$made/fifo")" "fits 0 " "a FIFO or a device in a file's place holds nothing up"

"$console" --once "$made/big.json" >"$made/out"
is "$? $(grep -c EXBIG00001 "$made/out") $(LC_ALL=C tr -dc '\033' <"$made/out" | wc -c)" "0 1 0" "--once: a frame, into a pipe too"
"$console" "$made/big.json" >"$made/out" 2>&1 </dev/null
is "$? $(cat "$made/out")" "64 bee-console: standard output is no terminal: --once draws one frame" "without a terminal it says so"
"$console" --help >"$made/out"
is $? 0 "--help"
options_told "$made/out" "$here/../../doc/man/bee-console.1" "--help and bee-console(1) name the same options"
tap_end
