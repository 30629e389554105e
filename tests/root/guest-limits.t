#!/bin/sh
# bee guest: what all guests share of the kernel is looked at before a start. The kernel's own limits are
# left alone, as they are the whole machine's: files of ours are mounted over those that say them.
# shellcheck disable=SC2086 source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

guest rm probe
mkdir "$made/limits"
# limit PATH NUMBER: what this test's processes read there
limit() {
	umount "$1" 2>/dev/null
	echo "$2" >"$made/limits/${1##*/}"
	mount --bind "$made/limits/${1##*/}" "$1"
}
ptys=/proc/sys/kernel/pty
set -- start some --root "$trees/small" --volatile --quiet
# With the machine's users: /proc of others is refused where something is mounted over a file of ours.
same="--host-users"

# 1024 of them are the machine's own, as the kernel has it without a word of ours.
is "$(cat $ptys/reserve)" 1024 "the kernel keeps 1024 terminals for the machine"
limit $ptys/nr 100
limit $ptys/max 1131
guest "$@" $same 2>"$made/err"
is "$? $(state some)" "75 " "with 7 terminals left for guests none is started"
ok "$(grep -q "some: of terminals this machine has 7 left, and a guest may need 8: .*$ptys/max.*--raise-limits" "$made/err"; echo $?)" \
	"and that is said: $(grep left "$made/err" | cut -c1-90)"
limit $ptys/max 1000
guest "$@" $same 2>"$made/err"
is "$? $(grep -c 'has 0 left' "$made/err")" "75 1" "with less than the machine's own none is left"
limit $ptys/max 1132
guest "$@" $same
is "$? $(state some)" "0 running" "with 8 it is"
guest stop some
limit $ptys/max 1131
guest "$@" $same --raise-limits 2>"$made/err"
is "$? $(state some) $(cat "$made/limits/max")" "0 running 1697" "--raise-limits raises it, by what is missing and a half"
ok "$(grep -q "$ptys/max was 1131, and is 1697 now" "$made/err"; echo $?)" "and that is said"
guest stop some
guest "$@" $same --raise-limits 2>"$made/err"
is "$? $(cat "$made/limits/max") $(grep -c "is .* now" "$made/err")" "0 1697 0" "once"
guest stop some
umount $ptys/max $ptys/nr

# Instances of inotify are counted by user: a guest's user is nobody else's, but for --host-users.
if strace -o "$made/strace" true 2>/dev/null; then
	instances=/proc/sys/fs/inotify/max_user_instances
	few() {
		timeout 60 strace -qq -o "$made/strace" -e trace=inotify_init1 -e inject=inotify_init1:error=EMFILE:when=4+ \
			"$B/bee-guest" "$@"
	}
	limit $instances 128
	few "$@" --host-users 2>"$made/err"
	is "$? $(state some) $(grep -c "of inotify instances of a user this machine has 3 left.*$instances" "$made/err")" \
		"75 stopped 1" "with 3 instances left none with the machine's users is started"
	umount $instances
	few "$@"
	is "$? $(state some)" "0 running" "one with users of its own is"
	guest stop some
	limit $instances 128
	few "$@" --host-users --raise-limits 2>"$made/err"
	is "$? $(state some) $(cat "$made/limits/max_user_instances")" "0 running 197" "and --raise-limits raises this one, too"
	guest stop some
	umount $instances
	guest "$@" --host-users 2>"$made/err"
	is "$? $(state some)" "0 running" "with enough it is started"
	guest stop some
else
	skip "inotify instances" "nothing can be traced here"
fi
guest start some --backend vm --image /x --raise-limits 2>"$made/err"
is "$? $(grep -c -- "--raise-limits is of a guest in namespaces" "$made/err")" "64 1" "a VM has a kernel of its own: the word is refused"
guest rm some
tap_end
