#!/bin/sh
# bee image: what reads or compresses an archive has no rights, whatever command it is of.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
mkdir tree
head -c 300000 /dev/urandom >tree/file
echo file >list
"$B/bee-image" build --bare -d tree --list list -o good.cpio

# confined WORD...: capabilities, no_new_privs and filter of the process that waits: for more on its
# standard input, or for somebody who reads `out`. It is that of the command itself, or its child.
confined() {
	rm -rf in out folder
	mkfifo in out
	exec 8<>out 9<>in
	"$B/bee-image" "$@" <in >/dev/null 2>&1 8>&- 9>&- &
	command=$!
	for _ in $(seq 1 100); do
		for pid in $command $(cat "/proc/$command/task/$command/children" 2>/dev/null); do
			seen=$(awk '/^(CapPrm|NoNewPrivs|Seccomp):/ { printf "%s ", $2 }' "/proc/$pid/status" 2>/dev/null)
		done
		[ "$seen" != "0000000000000000 1 2 " ] || break
		sleep 0.05
	done
	exec 8>&- 9>&-
	kill $command 2>/dev/null
	wait $command 2>/dev/null
	is "$seen" "0000000000000000 1 2 " "$1: it has no capability, and a filter"
}
confined list -
confined cat - name
confined check -
confined diff - good.cpio
confined extract - -C folder
confined build --bare -d tree --list list --compress gzip -o out
mkdir -p tree/lib/modules/6.1.0/kernel
confined build --bare -d tree --modules-for in -o image

# The one with rights remembers names: how many, the archive says.
mkfifo waits
exec 9<>waits
"$B/bee-image" extract - -C folder <waits >/dev/null 2>&1 9>&- &
command=$!
for _ in $(seq 1 100); do
	limit=$(awk '/^Max address space/ { print $4 }' "/proc/$command/limits")
	[ "$limit" != 1073741824 ] || break
	sleep 0.05
done
is "$limit" 1073741824 "extract: the process with rights has bounded memory"
exec 9>&-
wait $command
tap_end
