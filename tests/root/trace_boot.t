#!/bin/sh
# bee trace boot: an init until it is ready, and what it uses.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
tree=$made/tree
list=$made/list
mkdir -p "$tree/sbin" "$tree/data" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/run"
cp "$tools/names" "$tree/sbin/init"
for file in by-init at-the-end; do echo "$file" >"$tree/data/$file"; done
chmod 755 "$made"

# boot WORD...: $status, $took
boot() {
	began=$(now)
	timeout 100 "$B/bee" trace boot -d "$tree" -o "$list" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
	took=$(($(now) - began))
}
used() { awk -F '\t' -v path="$1" '$1 == path { print $2; found = 1 } END { if (!found) print "-" }' "$list"; }

boot
if grep -q 'user namespace\|map owners' "$made/err"; then
	skip_all "no tree is booted here: $(cat "$made/err")"
fi
is "$status $(cat "$made/err")" "0 " "an init that says that it is ready"
is "$(used /sbin/init) $(used /data/by-init)" "exec read" "what it uses"
is "$(used /data/at-the-end)" "read" "until it has powered off"
in_time $((5000 * $(pace))) "that takes as long as it takes"
is "$(used /data/by-boot) $(find "$tree" -newer "$tree/data/at-the-end" -type f | wc -l)" "created 0" \
	"the tree is as it was, and what the boot made is told"
boot -v
is "$(grep -c 'init is here' "$made/err")" 1 "its console, with -v"

touch "$tree/data/never-ready"
boot --timeout 1
is "$status $(grep -o 'not ready after 1 s' "$made/err") $(used /data/by-init)" "3 not ready after 1 s read" \
	"one that is not ready in time: there is a list"
is "$(grep -c 'the end of its console:\|init is here' "$made/err")" 2 "and the end of its console is shown, as nobody had asked for all of it"
boot --for 1
is "$status $(used /data/at-the-end)" "0 read" "so many seconds, ready or not"
touch "$tree/data/ends-early"
boot
is "$status $(grep -o 'it ended before it was ready' "$made/err")" "3 it ended before it was ready" "one that ends before"
rm "$tree/data/ends-early"

if command -v busybox >/dev/null && ! ldd "$(command -v busybox)" >/dev/null 2>&1; then
	mkdir -p "$tree/bin"
	cp "$(command -v busybox)" "$tree/bin/sh"
	echo words >"$tree/data/asked"
	boot --timeout 20 --until '[ -e /data/by-init ] && read -r x </data/asked'
	is "$status $(used /data/asked)" "0 -" "until a command succeeds, which is not traced"
	boot --timeout 1 --until 'exit 1'
	is "$status" 3 "one that never does"
else
	skip "until a command succeeds" "no static busybox is installed"
fi
mv "$tree/sbin/init" "$tree/init"
boot --for 1
is "$status $(used /init)" "0 exec" "/init comes first"
cp "$tree/init" "$tree/init.not"
rm "$tree/init"
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
# As of a boot that was killed an hour ago, and as of one that begins.
if [ -n "$v2" ]; then
	mkdir -p "$v2/bee-trace-old$$/below" "$v2/bee-trace-new$$"
	touch -d '1 hour ago' "$v2/bee-trace-old$$"
fi
mv "$tree/init.not" "$tree/sbin/init"
boot --for 1
mv "$tree/sbin/init" "$tree/init"
rm "$tree/data/never-ready"
boot
timeout 100 "$B/bee" image build -d "$tree" -o "$made/image" --list "$list" 2>"$made/err"
is "$? $(timeout 100 "$B/bee" image test "$made/image" --boot 2>&1)" "0 " "an image of the boot boots"
timeout 100 "$B/bee" image build -d "$tree" -o "$made/image" --list "$list" --drop data/by-init 2>"$made/err"
timeout 100 "$B/bee" image test "$made/image" --boot >"$made/out" 2>"$made/err"
is "$? $(cat "$made/out")" "3 /data/by-init	/init" "and one that lacks a file says which"
rm "$tree/init"
boot
is "$status" 64 "a tree without an init"
if [ -n "$v2" ]; then
	is "$(cd "$v2" && ls -d bee-trace-*$$)" "bee-trace-new$$" "groups of boots that were killed are removed"
	rmdir "$v2/bee-trace-new$$"
else
	skip "groups of boots that were killed are removed" "no cgroup v2 here"
fi
tap_end
