#!/bin/sh
# What of bee remote reads bytes of the network has no right but that, at the moment it reads them.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"

make_order 7 <<'END'
echo ran
END
echo drip >"$server/mode"
server_start
"$B/bee" remote once --config "$conf" --state "$state" --document "$made/audit.json" >"$made/out" 2>&1 &
asker=$!
found "bee-fetch --host=boot.test"
sleep 0.7
is "$(rights "$pid")" "2079260667 $none $none 1 2 " "bee-fetch: a uid of its own, no capability, a filter"
is "$(find "/proc/$pid/fd" -type l | wc -l | awk '{ print ($1 <= 9) }')" 1 "and no descriptors but its own"
kill "$asker"
wait "$asker"
is "$?" 75 "TERM ends who waits for it"
sleep 0.2
ok "$(pgrep -f "bee-fetch --host=boot.test" >/dev/null; echo $((1 - $?)))" "and it with him"

mkfifo "$made/fifo"
sum=$(printf %064d 0)
for step in "step-ticket $conf $sum 1 0 0" "step-order $conf $sum 0 0 none 0 unsigned" "step-keys $conf" "step-receipt $conf $sum 0 0" "step-pack $conf"; do
	# shellcheck disable=SC2086 # words
	"$B/bee-order" $step <"$made/fifo" 3<"$order.minisig" >"$made/out" &
	exec 9>"$made/fifo"
	confined "bee-order $step" "bee-order ${step%% *}: the same, before it reads"
	exec 9>&-
	wait $!
done

: >"$made/log"
mkdir "$state" 2>/dev/null
"$B/bee-order" step-run "$conf" "$sum" 0 0 "$state" none 0 unsigned <"$made/fifo" 3<"$order.minisig" 4>"$made/log" >"$made/out" &
exec 9>"$made/fifo"
confined "bee-order step-run" "who checks an order before it runs: the same"
exec 9>&-
wait $!
is "$(cat "$made/log")" "" "and nothing runs"

# What bee-remote says was checked is checked again: here it lies.
sum=$(sha256sum <"$order" | cut -d' ' -f1)
time=$(date +%s)
# step_run ORDER SIGNATURES: its answer's first number, 1 where it was good, and what it said
step_run() {
	: >"$made/log"
	"$B/bee-order" step-run "$conf" "$(sha256sum <"$1" | cut -d' ' -f1)" "$time" 0 "$state" "${of_state:-none}" 0 unsigned <"$1" 3<"$2" 4>"$made/log" \
		>"$made/out"
	echo "$(od -An -tu4 -N4 "$made/out" | tr -d ' ') $(cat "$made/log")"
}
is "$(step_run "$order" "$order.minisig")" "1 ran" "step-run: a good order"
sed 's/echo ran/echo other/' "$order" >"$made/other"
is "$(step_run "$made/other" "$order.minisig")" "0 " "one that nobody has signed"
is "$(step_run "$order" /dev/null)" "0 " "one without signatures"
of_state=$sum
is "$(step_run "$order" "$order.minisig")" "0 " "one whose state object is not there"
of_state=none
time=$(date -d 2100-01-01 +%s)
is "$(step_run "$order" "$order.minisig")" "0 " "one whose time is over"
tap_end
