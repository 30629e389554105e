#!/bin/sh
# What may hold up bee itself: readers that do not read, disks that are full or silent.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
# A hundred disks: a document and a summary that no pipe holds.
mkdir "$made/many"
policy "$made/big" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave good {instance}
END
for i in $(seq 1 100); do : >"$made/many/disk$i"; done
pace=$(pace)
mkfifo "$made/pipe"
exec 7<>"$made/pipe" # held open, read by nobody
full() { timeout 1 dd if=/dev/zero of="$made/pipe" bs=4096 2>/dev/null; }
timed() {
	began=$(now)
	"$@"
	status=$?
	took=$(($(now) - began))
}

full
timed "$B/bee" audit -o "$made/a.json" --policy-dir "$made/big" --timeout $((3 * pace)) >&7 2>"$made/a.err" </dev/null
is "$status" 0 "stdout is a full pipe: the audit completes"
in_time $((1000 + 3000 * pace)) "stdout is a full pipe: it ends in time"
is "$(doc a '.storage.drives | length')" 100 "stdout is a full pipe: the document is on disk"
is "$(tail -n 1 "$made/a.err")" "bee-audit: cannot write the summary: Connection timed out" "stdout is a full pipe: it says so"
timed "$B/bee" audit -o "$made/b.json" --policy-dir "$made/good" --timeout $((2 * pace)) >"$made/b.out" 2>&7 </dev/null
is "$status" 0 "stderr is a full pipe: the audit completes"
in_time $((1000 + 2000 * pace)) "stderr is a full pipe: it ends in time"
timed "$B/bee" audit -o - --policy-dir "$made/big" --timeout $((3 * pace)) >&7 2>"$made/c.err" </dev/null
is "$status" 74 "the document to a full pipe: exit 74"
in_time $((1000 + 3000 * pace)) "the document to a full pipe: it ends in time"
grep -q 'cannot write' "$made/c.err"
ok $? "the document to a full pipe: it says so"
timed "$B/bee" audit -o - --policy-dir "$made/big" --timeout $((3 * pace)) >&7 2>&7 </dev/null
is "$status" 74 "both to a full pipe: exit 74"
in_time $((1000 + 3000 * pace)) "both to a full pipe: it ends in time"
timed "$B/bee" audit -o /dev/full --policy-dir "$made/good" --timeout $((2 * pace)) >"$made/d.out" 2>&7 </dev/null
is "$status" 74 "-o /dev/full and stderr a full pipe: exit 74"
in_time $((1000 + 2000 * pace)) "-o /dev/full and stderr a full pipe: it ends in time"
is "$(jq -r '.storage.drives[].key' "$made/d.out")" sda "-o /dev/full: the document is on stdout"
timed "$B/bee" audit --policy-dir /nowhere --timeout $((2 * pace)) >&7 2>&7 </dev/null
in_time $((1000 + 2000 * pace)) "a wrong policy folder told to a full pipe: it ends in time"
exec 7>&-

timed "$tools/deafpty" "$B/bee" audit -o "$made/e.json" --policy-dir "$made/big" --timeout $((3 * pace))
is "$status" 0 "a stopped terminal: the audit completes"
in_time $((1000 + 3000 * pace)) "a stopped terminal: it ends in time"
is "$(doc e '.storage.drives | length')" 100 "a stopped terminal: the document is on disk"

# A pipe that somebody made non-blocking, and that is read late.
# shellcheck disable=SC2016
perl -e 'use Fcntl; pipe R, W; fcntl W, F_SETFL, O_NONBLOCK; fcntl W, 1031, 4096;
	if (!fork) { close R; open STDOUT, ">&W"; exec @ARGV } close W; sleep 1; print <R>; wait;
	exit $? >> 8' "$B/bee" audit -o - --policy-dir "$made/big" --timeout $((4 * pace)) -q >"$made/late.json" </dev/null
is $? 0 "a non-blocking stdout: exit 0"
is "$(doc late '.storage.drives | length')" 100 "a non-blocking stdout: the document is whole"

# Where the document cannot go.
timed "$B/bee" audit -o "$made" --policy-dir "$made/good" -q </dev/null 2>"$made/f.err"
is "$status" 73 "-o a folder: exit 73"
timed "$B/bee" audit -o "$made/no/where" --policy-dir "$made/good" -q </dev/null 2>"$made/g.err"
is "$status" 73 "-o in a folder that is not there: exit 73"
timed "$B/bee" audit -o /proc/x.json --policy-dir "$made/good" -q </dev/null 2>"$made/h.err"
is "$status" 73 "-o where no file can be made: exit 73"
is "$(cat "$made"/[fgh].err | grep -c 'cannot create')" 3 "each says what it could not create"
mkdir "$made/tiny"
mount -t tmpfs -o size=64k tmpfs "$made/tiny"
echo old >"$made/tiny/out.json"
dd if=/dev/zero of="$made/tiny/fill" bs=1k count=40 2>/dev/null
timed "$B/bee" audit -o "$made/tiny/out.json" --policy-dir "$made/big" --timeout $((3 * pace)) \
	>"$made/i.json" 2>"$made/i.err" </dev/null
is "$status" 74 "-o on a full disk: exit 74"
is "$(cat "$made/tiny/out.json")" old "-o on a full disk: the old file is whole"
is "$(find "$made/tiny" -name '.*' -type f)" "" "-o on a full disk: no temporary file stays"
is "$(doc i '.storage.drives | length')" 100 "-o on a full disk: the document is on stdout"

if [ -c /dev/fuse ] && hang_start "$made/hung"; then
	server=$hang_pid
	mkfifo "$made/fifo"
	cat "$made/fifo" >"$made/j.json" &
	began=$(now)
	"$B/bee" audit -o "$made/hung/out.json" --policy-dir "$made/good" --timeout $((2 * pace)) \
		>"$made/fifo" 2>"$made/j.err" </dev/null
	status=$?
	wait $!
	took=$(($(now) - began))
	is "$status" 74 "-o on a hung file system: exit 74"
	in_time $((1000 + 2000 * pace)) "-o on a hung file system: it and the pipe it wrote to end in time"
	is "$(doc j '.collectors | length')" 1 "-o on a hung file system: the document is on stdout"
	timed "$B/bee" audit -o "$made/k.json" --capture "$made/hung/capture" \
		--policy-dir "$made/good" --timeout $((2 * pace)) 2>"$made/k.err" -q </dev/null
	is "$status" 73 "--capture on a hung file system: exit 73"
	in_time $((1000 + 2000 * pace)) "--capture on a hung file system: it ends in time"
	hang_end "$server"
	wait
else
	skip "hung file systems" "no FUSE mount"
fi
gone_soon 2
ok $? "nothing is left of all that"
tap_end
