#!/bin/sh
# bee guest: its supervisor is killed at one system call after the other. gc leaves nothing.
#
# BEE_KILLS: how many of the points, in even steps; "all" takes some minutes.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

command -v strace >/dev/null || skip_all "strace is not installed"
strace -o "$made/strace" true 2>/dev/null || skip_all "nothing can be traced here"
[ -e /dev/loop-control ] || skip_all "this machine has no loop devices"

truncate -s 16M "$trees/disk.raw"
mkfs.ext4 -q -F -d "$trees/small" "$trees/disk.raw" || skip_all "mkfs.ext4 does not work"
ip link add bridge0 type bridge
set -- start killed --foreground --quiet --disk "vda::$trees/disk.raw" --bridge bridge0:06:a7:dd:b4:02:f2 \
	--bridge : --init "sleep 0.1"

guest start killed --quiet --disk "vda::$trees/disk.raw" --init "sleep 0.1"
guest rm probe
guest stop --now killed 2>/dev/null
machine >"$made/before"

# What changes something; the rest only looks.
calls=openat,rename,mkdir,mount,umount2,unlink,unlinkat,rmdir,ioctl,clone3,clone,sendto,sendmsg,write,close,socket,poll,waitid,kill,pidfd_send_signal,flock,fsync,bind
strace -o "$made/strace" -e "trace=$calls" "$B/bee-guest" "$@" 2>"$made/err"
is $? 0 "traced, the guest starts and ends"
awk -F'(' '/^[a-z0-9_]+\(/ { print $1, ++n[$1] }' "$made/strace" >"$made/points"
all=$(wc -l <"$made/points")
kills=${BEE_KILLS:-60}
[ "$kills" != all ] || kills=$all
awk -v all="$all" -v kills="$kills" 'int(NR * kills / all) != int((NR - 1) * kills / all)' "$made/points" >"$made/chosen"
ok $((all < 200)) "there are $all points, of which $(wc -l <"$made/chosen") are tried"

left=0 killed=0 alive=0 wrong=
while read -r call number; do
	timeout 60 strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$number" \
		"$B/bee-guest" "$@" >/dev/null 2>&1 </dev/null
	[ $? -ne 137 ] || killed=$((killed + 1))
	if [ "$(state killed)" = running ]; then
		# It may have ended by itself by now.
		alive=$((alive + 1))
		guest stop --now killed >/dev/null 2>"$made/err" || wrong="$wrong stop:$call:$number"
	fi
	guest gc 2>"$made/err" || wrong="$wrong gc:$call:$number"
	machine >"$made/after"
	# A namespace's last moments: what it held goes with it, soon.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cmp -s "$made/before" "$made/after" && break
		sleep 0.1
		machine >"$made/after"
	done
	if ! cmp -s "$made/before" "$made/after"; then
		left=$((left + 1))
		echo "# left after $call $number:"
		diff "$made/before" "$made/after" | head -n 5 | sed 's/^/# /'
	fi
	guest gc || wrong="$wrong gc2:$call:$number"
done <"$made/chosen"
ok $((killed < $(wc -l <"$made/chosen") / 2)) "killed $killed times"
ok $((alive < 1 && kills >= 40)) "of which the guest went on $alive times"
is "$left" 0 "nothing is left"
is "$wrong" "" "stop and gc do what they can"
guest start killed --quiet --root "$trees/small" --volatile 2>/dev/null
is "$(state killed)" running "after all this it starts"
guest stop killed

# At any moment: all of it that is this program, from outside. BEE_MOMENTS: how often.
guest rm killed
machine | grep -v world >"$made/before"
left=0
for i in $(seq "${BEE_MOMENTS:-15}"); do
	guest start killed --quiet --disk "vda::$trees/disk.raw" --bridge bridge0: --root "$trees/small" --volatile --init "sleep 0.05" \
		>/dev/null 2>&1 &
	sleep "0.0$(awk -v seed="$i$$" 'BEGIN { srand(seed); printf "%02d", rand() * 80 }')"
	for dir in /proc/[0-9]*; do
		case $(readlink "$dir/exe" 2>/dev/null) in "$B/bee-guest") kill -9 "${dir#/proc/}" 2>/dev/null ;; esac
	done
	wait
	guest stop --now killed >/dev/null 2>&1
	guest gc || left=$((left + 1))
	guest rm killed >/dev/null 2>&1
	machine | grep -v world >"$made/after"
	cmp -s "$made/before" "$made/after" || { sleep 0.5; machine | grep -v world >"$made/after"; }
	if ! cmp -s "$made/before" "$made/after"; then
		left=$((left + 1))
		diff "$made/before" "$made/after" | head -n 5 | sed 's/^/# /'
	fi
done
is "$left" 0 "killed ${BEE_MOMENTS:-15} times at any moment, keeper and all, nothing is left"

# Killed together with what it makes: gc alone has to do it.
guest start both --quiet --root "$trees/small" --volatile --bridge bridge0:
kill -9 "$(jq .supervisor.pid /run/bee/guest/both/handles)" "$(jq .init.pid /run/bee/guest/both/handles)"
for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(state both)" = ended ] && break; sleep 0.1; done
is "$(state both)" ended "both killed: it has ended, and is not tidied up"
guest gc
is "$? $(state both) $(state both exit)" "0 stopped unknown" "gc does that; how it ended is not known"
is "$(guest list | grep -c '^both .*how it ended is not known')" 1 "and list says so"
guest run once --root "$trees/small" --volatile --quiet -- sh -c 'exit 3'
# Whoever has waited for it is told before its supervisor has tidied up.
for _ in $(seq 50); do [ "$(state once)" = stopped ] && break; sleep 0.1; done
is "$(guest list | grep '^once ' | grep -o 'exit code.*\|how it.*')" "exit code 3" "of one whose end was seen it says that"
guest rm once

# Handles that are gone, or garbled.
for garbled in '' '{' '{"schema":1}' '{"schema":1,"id":"../../../x","boot":"x"}' "$(printf '\377\376')" '[]' 'null'; do
	guest start both --quiet --root "$trees/small" --volatile
	pid=$(jq .init.pid /run/bee/guest/both/handles)
	kill -9 "$(jq .supervisor.pid /run/bee/guest/both/handles)"
	printf '%s' "$garbled" >/run/bee/guest/both/handles
	sleep 0.1
	seen=$(state both)
	guest start both --quiet --root "$trees/small" --volatile 2>/dev/null
	again=$?
	guest stop --now both 2>/dev/null
	is "$seen $again $(state both) $(kill -0 "$pid" 2>/dev/null && echo alive)" "running 75 stopped " \
		"with handles of \"$(printf %s "$garbled" | tr -dc ' -~')\" it is known to run, and is stopped"
	rm -f /run/bee/guest/both/handles.bad
	guest gc
done
guest start both --quiet --root "$trees/small" --volatile
kill -9 "$(jq .supervisor.pid /run/bee/guest/both/handles)"
printf '{"schema":2}' >/run/bee/guest/both/handles
is "$(state both)" newer "handles of a later bee are left alone"
guest gc
is "$(cat /run/bee/guest/both/handles)" '{"schema":2}' "by gc, too"
rm /run/bee/guest/both/handles
guest stop --now both 2>/dev/null
echo '{"schema":' >/var/lib/bee/guest/both/record
is "$(state both)" bad "a record that is cut is told"
guest gc
ok "$(grep -q schema /var/lib/bee/guest/both/record.bad; echo $?)" "and kept"
guest start both --quiet --root "$trees/small" --volatile 2>/dev/null
is "$(state both)" running "it starts with a new one"
guest stop --now both
guest rm both

guest gc
ip link del bridge0
sed -i '/bridge0/d' "$made/before"
machine >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "in the end all is as before"
tap_end
