#!/bin/sh
# A crash in a jail starts no core handler: that is a program of the machine, of uid 0 and
# outside of every jail, which would be given the memory of what has read hostile bytes.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

pattern=/proc/sys/kernel/core_pattern
old=$(cat $pattern)
# The handler is started in the machine's own mount namespace: a file there, under a name of ours.
handled=$(mktemp -u /tmp/bee-core-XXXXXX)
cat >"$handled.sh" <<END
#!/bin/sh
case \$1 in *$(echo "$B" | tr / !)* | *$(echo "$made" | tr / !)*) echo "\$@" >>$handled ;; esac
cat >/dev/null
END
chmod 755 "$handled.sh"
restore() {
	echo "$old" >$pattern
	rm -f "$handled" "$handled.sh"
}
trap 'restore; tidy' EXIT
echo "|$handled.sh %E" >$pattern 2>/dev/null || skip_all "core_pattern cannot be set here"

# A crash outside of a jail shows that the handler works, and with 0 too.
# shellcheck disable=SC3045
(ulimit -S -c 0 && exec "$tools/misbehave" crash) >/dev/null 2>&1
for _ in $(seq 1 50); do
	[ ! -s "$handled" ] || break
	sleep 0.05
done
if [ ! -s "$handled" ]; then
	restore
	skip_all "no core handler is started here"
fi

mkdir "$made/bin" "$made/how"
cp "$B"/bee-* "$made/bin"
cp "$tools/early" "$made/bin/bee-collect"
: >"$made/how/SEGV"
: >"$made/how/late-SEGV"
for mode in crash abort; do
	policy "$made/$mode" storage storage.drives <<-END
		[lsblk]
		run $tools/misbehave $mode
		[smart]
		uid 0
		run $tools/misbehave $mode
	END
done
policy "$made/collector" storage storage.drives <<-END
	[lsblk] each $made/how/*
	run $tools/misbehave drip
END
: >"$handled"
for limit in 0 unlimited; do
	for mode in crash abort; do
		# shellcheck disable=SC3045
		(ulimit -S -c $limit && audit $mode --policy-dir "$made/$mode" --timeout 4)
		is "$(doc $mode '[.collectors[].status] | unique | join(" ")')" crashed "ulimit -c $limit, $mode: the tools crashed"
	done
	# shellcheck disable=SC3045
	(ulimit -S -c $limit && "$made/bin/bee-audit" -q -o "$made/collector.json" --policy-dir "$made/collector" \
		--timeout 4 >/dev/null 2>&1 </dev/null)
	is "$(doc collector '[.collectors[].status] | unique | join(" ")')" crashed "ulimit -c $limit: collectors crashed"
done
# Monitor, gatherer and stub while a job runs.
policy "$made/wait" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
for who in /bee-gather /bee-audit; do
	"$B/bee" audit -q -o "$made/wait.json" --policy-dir "$made/wait" --timeout 3 >/dev/null 2>&1 </dev/null &
	for _ in $(seq 1 100); do
		ours /misbehave >/dev/null && break
		sleep 0.02
	done
	for pid in $(ours $who | cut -d ' ' -f 1); do kill -SEGV "$pid" 2>/dev/null; done
	wait $!
	gone_soon 4
	ok $? "$who, ended by SIGSEGV: nothing is left"
done
sleep 0.5
is "$(cat "$handled")" "" "the machine's core handler was never started"
tap_end
