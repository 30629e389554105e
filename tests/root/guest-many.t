#!/bin/sh
# bee guest: a hundred guests at once on one machine, half of them Debian's systemd, from one tree, and what the
# kernel has for all of them; beside it as many of systemd-nspawn as there are. On demand: BEE_MANY=50 (of each kind),
# BEE_GUEST_TREE as for guest-systemd.t; some 2 GB of memory.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

many=${BEE_MANY:-} debian=${BEE_GUEST_TREE:-}
[ -n "$many" ] || skip_all "BEE_MANY does not say how many: on demand"
[ -x "$debian/sbin/init" ] || skip_all "BEE_GUEST_TREE names no tree of Debian"
command -v systemd-nspawn >/dev/null || skip_all "systemd-nspawn is not installed"
guest() { timeout 300 "$B/bee" guest "$@"; }
guest rm probe
free() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }
machine >"$made/before"

# In the machine's words: inotify instances by who has them, terminals, loop devices.
# inotify NAMESPACE: of all processes whose user namespace is not ours, each instance once
inotify() {
	for fd in /proc/[0-9]*/fd/*; do
		[ "$(readlink "$fd" 2>/dev/null)" = anon_inode:inotify ] && echo "$(readlink "${fd%/fd/*}/ns/user") $fd"
	done | grep -vc "$(readlink /proc/self/ns/user) "
}

# each COMMAND: for 1 to $many, four at a time
each() { seq "$many" | xargs -P 4 -I @ sh -c "$1" >"$made/each" 2>&1; }

settled() {
	for _ in $(seq 600); do
		said=$(guest exec "$1" systemctl is-system-running 2>/dev/null)
		case $said in "" | starting | initializing) sleep 0.5 ;; *) break ;; esac
	done
	echo "$said"
}

had=$(free)
began=$(now)
each "timeout 300 '$B/bee' guest start s@ --root '$debian' --volatile --quiet --timeout 200"
took=$(($(now) - began))
is "$(grep -c . "$made/each")" 0 "$many of systemd start: $took ms, $(head -n 1 "$made/each")"
for i in $(seq "$many"); do settled "s$i"; done | sort | uniq -c | sed 's/^ */# /' >"$made/said"
is "$(cat "$made/said")" "# $many running" "each of them says that it is running"
for i in $(seq "$many"); do guest exec "s$i" systemctl --failed --no-legend --plain; done >"$made/failed"
is "$(cat "$made/failed")" "" "no unit of theirs has failed"
took=$(($(now) - began))
echo "# they have $(($(guest report --json | jq .sum.memory) >> 20)) MiB in their groups; $((had - $(free))) MiB less are available; after $took ms"
began=$(now)
each "timeout 300 '$B/bee' guest start t@ --root '$trees/small' --volatile --quiet"
took=$(($(now) - began))
is "$(grep -c . "$made/each")" 0 "$many of a small tree besides: $took ms, $(head -n 1 "$made/each")"
is "$(guest list --json | jq -s 'flatten | map(select(.state == "running")) | length')" $((2 * many)) "all run at once"
# What the kernel counts by user it counts for each guest apart.
is "$(for i in $(seq "$many"); do guest exec "s$i" sh -c 'find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null | wc -l'; done | sort -n | head -n 1)" \
	"$(guest exec s1 sh -c 'find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null | wc -l')" "the one with the fewest inotify instances has as many as the first"
echo "# inotify instances of guests: $(inotify), of 128 for one user where nothing is set, here $(cat /proc/sys/fs/inotify/max_user_instances); terminals: $(cat /proc/sys/kernel/pty/nr) of $(cat /proc/sys/kernel/pty/max)"
guest start last --root "$trees/small" --volatile --quiet 2>"$made/err"
is "$? $(cat "$made/err")" "0 " "one more finds what it needs"
guest stop last
guest rm last
began=$(now)
guest gc
took=$(($(now) - began))
is "$(guest list --json | jq -s 'flatten | map(select(.state == "running")) | length')" $((2 * many)) "gc beside them takes $took ms and nothing of theirs"
began=$(now)
each "timeout 300 '$B/bee' guest stop s@; timeout 300 '$B/bee' guest rm s@; timeout 300 '$B/bee' guest stop t@; timeout 300 '$B/bee' guest rm t@"
took=$(($(now) - began))
is "$(grep -c . "$made/each")" 0 "all are stopped: $took ms, $(head -n 1 "$made/each")"
machine >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "all is as before"

# systemd-nspawn with a user namespace, of the same tree, read-only: an overlay's owners it does not map.
had=$(free)
began=$(now)
groups=$(for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do [ ! -e "$top/cgroup.procs" ] || echo "$top/bee-many-$(stat -L -c %i /proc/self/ns/pid)"; done)
for i in $(seq "$many"); do
	# With --keep-unit it is in the group that it is started in, and that is to be its own.
	for group in $groups; do
		mkdir -p "$group/n$i"
		echo $$ >"$group/n$i/cgroup.procs"
	done
	systemd-nspawn -q -D "$debian" -M "n$i" --read-only --tmpfs=/var --register=no --keep-unit -U --private-users-ownership=map \
		--private-network --console=read-only -b >"$made/nspawn.$i" 2>&1 </dev/null &
	servers="$servers $!"
	[ $((i % 4)) -ne 0 ] || sleep 1
done
for _ in $(seq 240); do
	up=$(grep -laE 'Reached target.*(raphical|ulti-[Uu]ser)' "$made"/nspawn.* | wc -l)
	[ "$up" -ge "$many" ] && break
	sleep 0.5
done
echo "# of $many of systemd-nspawn, $up reached their target after $(($(now) - began)) ms; $((had - $(free))) MiB less are available"
echo "# inotify instances of theirs: $(inotify); units that failed in them: $(cat "$made"/nspawn.* | grep -ac 'Failed to start')," \
	"words of limits: $(cat "$made"/nspawn.* | grep -aciE 'inotify|too many open')"
for group in $groups; do echo $$ >"${group%/*}/cgroup.procs"; done
for pid in $servers; do kill -9 "$pid" 2>/dev/null; done
# Their first processes outlive them.
for group in $groups; do [ ! -e "$group/cgroup.kill" ] || echo 1 >"$group/cgroup.kill"; done
for group in $groups; do
	for _ in $(seq 100); do
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
		sleep 0.1
	done
done
tap_end
