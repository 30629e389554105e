#!/bin/sh
# bee trace arm and files: what was used, by access times.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
B=${B:-$here/../../build}
bee=$(cd "$B" && pwd)/bee
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

case $(stat -f -c %T .) in
overlayfs) printf '1..0 # SKIP the temporary folder is on an overlay\n' && exit 0 ;;
esac
awk -v dir="$(df --output=target . | tail -n 1)" '$2 == dir { options = $4 } END { exit options ~ /noatime/ }' /proc/mounts || {
	printf '1..0 # SKIP the temporary folder is mounted with noatime\n'
	exit 0
}

mkdir -p tree/used tree/never tree/listed
for file in used/file used/other never/file 'never/new
line'; do echo "$file" >"tree/$file"; done
ln -s used/file tree/link
ln -s used/other tree/never/link

"$bee" trace files -d tree >list 2>err
is "$? $(cat err)" "0 bee-trace: no access time is at the epoch: was the tree armed?" "a tree that was not armed"

"$bee" trace arm -d tree 2>err
is "$? $(find tree -printf '%As\n' | sort -u)" "0 0" "armed: every access time is the epoch"
is "$(grep -c 'ctimes are now' err)" 1 "that ctimes change is said"
mtimes=$(find tree -type f -printf '%p %T@\n' | sort) # find sets folders' access times
"$bee" trace arm -d tree 2>err
is "$(find tree -type f -printf '%p %T@\n' | sort)" "$mtimes" "times of change stay"
"$bee" trace arm -d tree 2>err

cat tree/link >/dev/null
ls tree/listed
"$bee" trace files -d tree -o first
is "$?" 0 "a list"
is "$(cat first)" "$(printf '/link\tlink\n/listed\tlisted\n/used/file\tread')" "what was used, and how"
"$bee" trace files -d tree -o second
is "$(cmp first second 2>&1)" "" "asked again, the same list"

# nbic's own way: a file's time says since when.
sleep 0.05
touch stamp
sleep 0.05
cat 'tree/never/new
line' >/dev/null
ln -s "$bee" trace-files
./trace-files -t stamp -d tree -o third 2>err
is "$(cat third err)" "$(printf '/never/new\\x0aline\tread')" "what was used since a time, by trace-files"
mkdir unarmed
echo >unarmed/file
cat unarmed/file
./trace-files -t stamp -d unarmed -o fourth 2>err
relatime=$(awk -v dir="$(df --output=target . | tail -n 1)" '$2 == dir { found = $4 ~ /relatime/ } END { print found }' /proc/mounts)
is "$(grep -c 'unarmed: the tree was not armed' err)" "$relatime" "that one which was not armed tells less is said"
"$bee" image build -d tree --bare -o image --list first
is "$? $("$bee" image list image | tr '\n' ' ')" "0 link listed used used/file " "an image of the list"

"$bee" trace files -d nowhere 2>err
is "$? $(cat err)" "74 bee-trace: nowhere: No such file or directory" "a tree that is not there"
"$bee" trace files -d tree -t nowhere 2>err
is "$? $(cat err)" "74 bee-trace: nowhere: No such file or directory" "a time that is not there"

# Who may not set times, nor read a folder: only what was set is counted.
if [ "$(id -u)" -eq 0 ] && setpriv --bounding-set -all true 2>/dev/null; then
	mkdir -p theirs/closed
	chmod 700 theirs/closed
	chown -R 1 theirs
	: >theirs/ours
	setpriv --bounding-set -all "$bee" trace arm -d theirs 2>err
	is "$? $(grep -o '[0-9]* access times are.*' err)" \
		"3 1 access times are at the epoch; their ctimes are now, so that a backup will find these files changed" \
		"what could not be armed is not counted"
else
	skip "what could not be armed is not counted" "not root, or no setpriv"
fi

# A tree by somebody else, deeper than a path can tell; the rest of it is listed.
mkdir deep
(cd deep && echo last >z && perl -e 'for (1 .. 2500) { mkdir "a"; chdir "a" or die }')
prlimit --nofile=4096: "$bee" trace arm -d deep 2>err # each folder on the way has a descriptor
is "$? $(grep -c '^bee-trace: /a/.*: File name too long$' err)" "3 1" "a folder whose name no list can have is told"
cat deep/z >/dev/null
prlimit --nofile=4096: "$bee" trace files -d deep -o list 2>err
is "$? $(tail -n 1 list)" "3 $(printf '/z\tread')" "and what is beside it is listed"
tap_end
