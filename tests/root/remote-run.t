#!/bin/sh
# bee remote run: asks until there is an answer, sends until there is a receipt, ends when it is told to.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"

# run_start [once]: in the background, $run_pid; ends by itself after 40 s.
run_start() {
	rm -rf "$state"
	timeout -k 1 40 "$B/bee" remote "${1:-run}" --config "$conf" --state "$state" --document "$made/audit.json" \
		--connect 2 --total 3 >"$made/out" 2>"$made/err" </dev/null &
	run_pid=$!
}

# until_said WORDS: waits for them on stderr, 20 s.
until_said() {
	for _ in $(seq 400); do
		grep -qF -- "$1" "$made/err" && return 0
		sleep 0.05
	done
	return 1
}

make_order 7 <<'END'
echo ran
END
echo '{}' >"$made/audit.json"
server_start
port=$(cat "$made/port")
kill "$server_pid"
wait "$server_pid" 2>/dev/null

run_start
until_said 'no connection'
ok $? "a server that is down: it is said"
remote once
is "$status" 75 "and meanwhile nobody else asks"
ok "$(said 'another bee remote is at work'; echo $?)" "in words"
sleep 3
BEE_TEST_PORT=$port
export BEE_TEST_PORT
began=$(now)
server_start
wait "$run_pid"
is "$?" 0 "it asks on, and when the server is back the order runs"
took=$(($(now) - began))
in_time 9000 "within two steps"
is "$(cat "$state/order.log")" ran "once"
ok "$(grep -q '^doing sent, with a receipt$' "$state/status"; echo $?)" "and the audit goes home"

run_again() {
	rm -f "$server"/home/*
	: >"$server/log"
	run_start
}

echo lossy >"$server/mode"
run_again
until_said 'not sent'
ok $? "a server that loses what is sent"
sleep 2
: >"$server/mode"
wait "$run_pid"
is "$? $(find "$server/home" -type f | wc -l)" "0 2" "is sent it again until it has it"
is "$(cat "$state/order.log")" ran "while the order is not run again"

echo "receipt-key=ticket.key" >"$server/mode"
run_again
until_said 'receipt: signature: by 0'
ok $? "a receipt by another key is none"
echo "document=0000000000000000000000000000000000000000000000000000000000000000" >"$server/mode"
until_said 'receipt: it is of another document'
ok $? "nor is one for another document"
echo "time=2001-01-01T00:00:00Z" >"$server/mode"
until_said "receipt: at 2001-01-01T00:00:00Z the server's certificate"
ok $? "nor one of a time when the certificate does not hold"
kill -TERM "$(pgrep -P "$run_pid")"
wait "$run_pid"
is "$?" 75 "TERM ends it"

# Between the order and its way home the server gets a certificate whose time is over.
: >"$server/mode"
certificate over boot.test -days -1
make_order 7 <<'END'
echo ran; sleep 2
END
run_again
for _ in $(seq 400); do
	grep -q ran "$state/order.log" 2>/dev/null && break
	sleep 0.05
done
kill "$server_pid"
wait "$server_pid" 2>/dev/null
cp "$server/over.pem" "$server/tls.pem"
server_start
until_said "dates do not hold now"
ok $? "nothing is sent to a server whose certificate does not hold at the ticket's time"
is "$(grep -c PUT "$server/log")" 0 "not even begun"
kill "$server_pid"
wait "$server_pid" 2>/dev/null
cp "$server/good.pem" "$server/tls.pem"
server_start
wait "$run_pid"
is "$? $(find "$server/home" -type f | wc -l)" "0 2" "until it has one that does"

echo "busy retry=3" >"$server/mode"
run_again
until_said 'says 503'
began=$(now)
: >"$server/mode"
wait "$run_pid"
took=$(($(now) - began))
[ "$took" -ge 2500 ]
ok $? "Retry-After is waited for"
in_time 9000 "and not for longer"

: >"$server/log"
make_order 7 <<'END'
echo started; sleep 30
END
run_start
for _ in $(seq 400); do
	grep -q started "$state/order.log" 2>/dev/null && break
	sleep 0.05
done
rm -f "$server"/home/*
kill -KILL "$(pgrep -P "$run_pid")"
wait "$run_pid" 2>/dev/null
gone_soon 5 bee-order
ok $? "killed in the middle of an order it leaves nothing that runs"
echo lossy >"$server/mode"
remote once
is "$status $(cat "$state/order.log")" "75 started" "and what was cut off is not run again"
ok "$(said 'order cut off'; echo $?)" "it is told that it was"
: >"$server/mode"
cut=$(sha256sum <"$order" | cut -d" " -f1)
make_order 8 <<'END'
echo another
END
remote once
is "$status $(cat "$state/order.log")" "0 another" "the next one runs"
result() { grep -l '^bee-result 1$' "$server"/home/* 2>/dev/null | xargs -r grep -l "^sequence $1$"; }
is "$(sed -n '/^order/p;/^status/p;/^started/p' "$(result 7)" | tr '\n' ';')" "order $cut;status -5;started;" "and the one that was cut off is reported, with what it said until then"
is "$(sed -n '/^status/p;/^another/p' "$(result 8)" | tr '\n' ';')" "status 0;another;" "beside the next one"
is "$(find "$state" -name 'result*' -o -name running | wc -l)" 0 "and nothing of both is kept for longer"
puts=$(grep -c PUT "$server/log")
remote once
is "$status $(grep -c PUT "$server/log")" "0 $puts" "nor sent again"

limit=1 make_order 9 <<'END'
echo begun; sleep 30; echo ran
END
began=$(now)
remote once
took=$(($(now) - began))
is "$status $(cat "$state/order.log")" "3 begun" "an order whose time is over is ended"
in_time 8000 "in time"
ok "$(grep -q '^exit -2$' "$state/status"; echo $?)" "and its status says so"
make_order 10 <<'END'
kill -TERM 1; kill -TERM -1; mount -t tmpfs x /mnt; echo x >/usr/bin/x; echo x 2>&1 >/proc/sys/kernel/core_pattern
cat /dev/sda /proc/1/environ; unshare -r true; (exec 3<>/dev/tcp/127.0.0.1/22); nc -z 127.0.0.1 22; chroot / true
echo still here; exit 7
END
remote once
is "$(tail -n 1 "$state/order.log")" "still here" "an order that tries to get out is where it was"
ok "$(grep -q '^exit 7$' "$state/status"; echo $?)" "and its own exit status is told"
if [ -e /usr/bin/python3 ] && [ "$(uname -m)" = x86_64 ]; then
	# clone(2), 56, with a user namespace and SIGCHLD; 17 is without.
	make_order 11 <<-'END'
		try='import ctypes, os, sys; got = ctypes.CDLL(None).syscall(56, int(sys.argv[1], 0), 0, 0, 0, 0); got or os._exit(0); print(got > 0)'
		/usr/bin/python3 -c "$try" 0x10000011
		/usr/bin/python3 -c "$try" 17
	END
	remote once
	is "$(cat "$state/order.log")" "False
True" "an order starts processes, and no namespace"
fi
make_order 12 "#bee-need see $made/seen" <<END
cat "$made/seen/file"; cat "$conf/ID"; cat /proc/net/route
END
remote once
is "$(head -n 1 "$state/order.log")" visible "what is granted is seen"
is "$(grep -c 'No such file' "$state/order.log")" 2 "and nothing else"
# Its time is over when its last file comes: what counts is the time when it runs.
echo names >"$made/names"
cp "$made/names" "$server/files/names"
echo "late=names" >"$server/mode"
order_until=$(date -u -d "+8 seconds" +%FT%TZ) make_order 13 "#bee-file names $(sha256sum <"$made/names" | cut -d' ' -f1)" <<'END'
echo ran
END
remote once
is "$status $(cat "$state/order.log")" "3 " "an order whose time is over before its files are there does not run"
ok "$(said 'order: its time was over before'; echo $?)" "in words"
: >"$server/mode"
make_order 14 <<'END'
yes | head -c 3000000
END
remote once
is "$(stat -c %s "$state/order.log") $(grep '^exit' "$state/status")" "1048576 exit -2" "what an order says has a bound"
limit=60 make_order 15 <<'END'
trap '' TERM
while :; do echo 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde; done
END
began=$(now)
remote once
took=$(($(now) - began))
is "$(stat -c %s "$state/order.log") $(grep '^exit' "$state/status")" "1048576 exit -2" "also where it ignores TERM"
in_time 30000 "in time"
said "it says more than 1048576 bytes"
ok $? "in words"
for seq in garbage "" "7" "-1 x"; do
	printf '%s\n' "$seq" >"$state/sequence"
	remote once
	[ "$status" -eq 75 ] && said "not a sequence and an order"
	ok $? "a memory of '$seq' is not taken for none"
done

# A fleet's image: what goes home waits by chance, which is now and then too short for a test to see.
wait_told() { sed -n 's/.*sends later: in \([0-9]*\) of at most 3600 seconds$/\1/p' "$made/err"; }
later() {
	for _ in 1 2 3; do
		: >"$server/log"
		run_start
		until_said 'sends later: ' || return 1
		[ "$(wait_told)" -lt 9 ] || return 0
		kill -TERM "$(pgrep -P "$run_pid")"
		wait "$run_pid"
	done
	return 1
}
cp "$conf/TRUST" "$made/TRUST"
echo "spread 3600" >>"$conf/TRUST"
make_order 12 <<'END'
echo ran
END
later
ok $? "an image of a fleet sends later, and says when"
waits=$(wait_told)
sleep 2
is "$(cat "$state/order.log") $(grep -c PUT "$server/log")" "ran 0" "its order has run at once; of what goes home nothing has left"
kill -TERM "$(pgrep -P "$run_pid")"
wait "$run_pid"
is "$?" 75 "TERM ends that, too"
later
is "$([ "$waits" = "$(wait_told)" ] || echo other)" other "each boot waits for another time"
kill -TERM "$(pgrep -P "$run_pid")"
wait "$run_pid"
rm -f "$server"/home/*
run_start once
wait "$run_pid"
is "$? $(find "$server/home" -type f | wc -l)" "0 2" "who asks once by hand does not wait"
cp "$made/TRUST" "$conf/TRUST"

# A state folder that has room for what an order says, and not for that twice: how it ended is kept, and told later.
rm -rf "$state"
mkdir -m 700 "$state"
if mount -t tmpfs -o size=600k,mode=700 tmpfs "$state"; then
	make_order 16 <<-'END'
		yes | head -c 400000
		exit 5
	END
	rm -rf "${server:?}"/home/*
	remote once
	is "$status $(ls "$server/home")" "75 " "where there is no room for an order's result nothing goes home as if there were none"
	ok "$(said "there is no room for an order's result"; echo $?)" "in words"
	remote once
	[ "$status" -eq 75 ] && said "there is no room for the result of the order that has run"
	ok $? "also to the next that is started"
	mount -o remount,size=4m "$state"
	remote once
	said "order ended: when it ended there was no room for its result"
	ok $? "which says so as soon as there is room"
	is "$(grep -h -A 7 '^sequence 16$' "$server"/home/* | sed -n '2,3p')" "status 5
why when it ended there was no room for its result" "it is reported as it ended, and what is late about it"
	is "$status $(grep -c '^sequence 16$' "$server"/home/* | grep -c ":1$")" "3 1" "and goes as soon as there is, and the failure is ours"
	umount "$state"
else
	skip "where there is no room for an order's result nothing goes home as if there were none" "no tmpfs"
fi
tap_end
