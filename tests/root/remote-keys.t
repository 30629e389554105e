#!/bin/sh
# Key lists: other keys than the image's, by those who were trusted and those who are to be. State objects of one machine.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
for key in carol dave erin ticket2 receipt2; do "$B/bee" remote keys --new "$server/$key" >/dev/null; done
cp "$conf/TRUST" "$made/TRUST"

# list VERSION KEY... -- SIGNER...: $server/VERSION, threshold 2. What is set replaces a line.
list() {
	version=$1
	{
		echo "bee-keys 1"
		echo "version ${says:-$version}"
		[ -n "${no_end:-}" ] || echo "not-after ${not_after:-2099-01-01T00:00:00Z}"
		echo "threshold ${threshold:-2}"
		while shift && [ "$1" != -- ]; do echo "order-key $(pub "$1")"; done
		echo "ticket-key $(pub "${ticket:-ticket}")"
		[ -n "${no_until:-}" ] || echo "ticket-until ${until:-2099-01-01T00:00:00Z}"
		[ -n "${no_receipt:-}" ] || echo "receipt-key $(pub "${receipt:-receipt}")"
		[ -z "${line:-}" ] || echo "$line"
		echo end
	} >"$made/list"
	while [ "$1" != -- ]; do shift; done
	shift
	sign "$made/list" "$@"
	cat "$made/list" "$made/list.minisig" >"$server/$version"
}
no_lists() { rm -f "$server"/[0-9]*; }
server_start
make_order 7 <<'END'
echo ran
END

# ran NAME: it does.
runs() {
	rm -rf "$state"
	remote once
	is "$status $(cat "$state/order.log" 2>/dev/null)" "0 ran" "$1"
	[ "$status" -eq 0 ] || sed 's/^/#   got: /' "$made/err"
}
runs "without key lists the image's own keys are believed"
list 2 alice carol -- alice bob carol
refused "a key that is on the list no more signs for nothing" "signature: by 1 of the trusted keys, 2 must sign"
sign "$order" alice carol
runs "one that is on it does"
is "$(grep -c 'GET /v1/keys/3' "$server/log")" 2 "after the last list there is asked for one more"
before=$(grep -c /v1/keys/ "$server/log")
no_lists
sign "$order" alice bob
runs "and a machine that boots again begins with its image's"
is "$(grep -c /v1/keys/ "$server/log")" "$before" "without asking for what it does not need"

list 2 alice carol -- alice bob carol
list 3 carol dave -- alice carol dave
list 4 dave erin -- carol dave erin
sign "$order" dave erin
runs "several lists, one upon the other"
sign "$order" alice bob
refused "after which none of the image's keys is believed" "by 0 of the trusted keys"
no_lists

# The ticket key is lent by the list.
list 2 alice bob -- alice bob
echo "key=ticket2.key" >"$server/mode"
refused "a ticket by a key that no list lends" "ticket: signature"
ticket=ticket2 list 2 alice bob -- alice bob
runs "by one that the list lends"
: >"$server/mode"
refused "the one before is lent no more" "ticket: signature"
echo "key=ticket2.key" >"$server/mode"
until=2026-01-01T00:00:00Z ticket=ticket2 list 2 alice bob -- alice bob
refused "one that was lent until some day is not believed after it" "ticket: its key was lent until 2026-01-01T00:00:00Z"
no_until=1 ticket=ticket2 list 2 alice bob -- alice bob
refused "one that is lent without an end is lent by no list" "it needs version, not-after, and ticket-until"
: >"$server/mode"
no_lists
printf 'ticket-until 2026-01-01T00:00:00Z\n' >>"$conf/TRUST"
refused "an image lends it until some day as well" "ticket: its key was lent until 2026-01-01T00:00:00Z"
cp "$made/TRUST" "$conf/TRUST"
receipt=receipt2 list 2 alice bob -- alice bob
echo '{}' >"$made/audit.json"
rm -rf "$state"
remote once
ok "$([ "$status" -eq 75 ] && said 'receipt: signature'; echo $?)" "a receipt by the key before is none"
echo "receipt-key=receipt2.key" >"$server/mode"
remote once
is "$status" 0 "by the list's it is"
sed -i /receipt-key/d "$conf/TRUST"
rm -rf "$state" "${server:?}"/home/*
remote once
is "$status $(find "$server/home" -type f | wc -l)" "0 2" "also where the image has no such key"
cp "$made/TRUST" "$conf/TRUST"
rm -rf "$state" "${server:?}"/home/*
no_receipt=1 list 2 alice bob -- alice bob
remote once
is "$status $(find "$server/home" -type f | wc -l)" "0 0" "by a list without one nothing is sent home"
rm -rf "$state"
no_lists
# The list comes while the order runs: the ticket was of the image's own keys.
make_order 7 <<'END'
echo started; sleep 4
END
: >"$server/mode"
asked=$(grep -c "attempt=1$" "$server/log")
(remote once; exit $status) &
for _ in $(seq 400); do
	grep -q started "$state/order.log" 2>/dev/null && break
	sleep 0.05
done
receipt=receipt2 list 2 alice bob -- alice bob
echo "receipt-key=receipt2.key" >"$server/mode"
wait $!
is "$? $(find "$server/home" -type f | wc -l) $(grep -c 'attempt=1$' "$server/log")" "0 2 $((asked + 1))" "a list that comes after the ticket is asked for where a receipt does not verify"
make_order 7 <<'END'
echo ran
END
rm "$made/audit.json"
: >"$server/mode"
no_lists

# What a person asks before it goes to the server.
ticket=ticket2 list 2 alice carol -- alice bob carol
"$B/bee" remote verify -c "$conf" "$server/2" >"$made/out" 2>"$made/err"
is "$? $(sed 's/.*: //' "$made/out")" "0 key list 2, good upon this configuration" "bee remote verify reads a list"
"$B/bee" remote verify -c "$conf" "$made/list" >"$made/out" 2>"$made/err"
is "$? $(sed 's/.*: //' "$made/out")" "0 key list 2, good upon this configuration" "also with its signatures beside it"
ticket=ticket2 list 2 alice carol -- alice carol
"$B/bee" remote verify -c "$conf" "$server/2" >"$made/out" 2>"$made/err"
is "$? $(grep -c 'the old keys' "$made/err")" "65 1" "and says what is wrong with it"
no_lists

# Who has to sign, and for what.
list 2 alice carol -- alice carol
refused "a list that only one of the old keys has signed" "keys: the old keys: signature: by 1 of the trusted keys, 2 must sign"
list 2 alice carol -- alice bob
refused "one that the new keys have not" "keys: its own keys: signature: by 1 of the trusted keys, 2 must sign"
list 2 carol dave -- carol dave
refused "one of strangers" "keys: the old keys: signature: by 0"
list 2 carol dave -- alice alice carol dave
refused "one that one old key has signed twice" "keys: the old keys: signature: by 1"
list 2 alice bob -- alice bob
mv "$server/2" "$made/two"
list 3 alice bob -- alice bob
mv "$server/3" "$server/2"
refused "one of another version, in the place of the next" "keys:2: a version is left out"
says=1 list 2 alice bob -- alice bob
refused "one that is older than what is in use" "keys:2: an older list"
# A fork: both lists 2 are good, and list 3 is of the other branch.
list 2 alice dave -- alice bob dave
list 3 dave erin -- alice dave erin
list 2 alice carol -- alice bob carol
refused "a list of another branch" "keys: the old keys: signature: by 1 of the trusted keys, 2 must sign"
no_lists
not_after=2026-01-01T00:00:00Z list 2 alice carol -- alice bob carol
sign "$order" alice carol
refused "a list whose time is over" "keys: list 2 held until 2026-01-01T00:00:00Z"
list 3 alice carol -- alice carol
runs "does not keep those after it from holding"
no_lists
list 2 alice carol -- alice bob carol
echo "keys=3" >"$server/mode"
refused "a server that keeps the last list back" "ticket: it is of key list 3, and 2 is in use"
echo "keys=1 key=ticket2.key" >"$server/mode"
ticket=ticket2 list 2 alice carol -- alice bob carol
refused "a ticket from before the list" "ticket: it is of key list 1, and 2 is in use"
: >"$server/mode"
list 2 alice carol -- alice bob carol

# Nothing of a list can be another.
sign "$order" alice carol
runs "the list that is tried now holds"
size=$(wc -c <"$server/2") taken=0 tried=0
cp "$server/2" "$made/good"
cat >"$made/flip.py" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 1 << int(sys.argv[3]) % 7
open(sys.argv[2], "wb").write(data)
END
end=$(($(grep -abo '^end$' "$made/good" | cut -d: -f1) + 4))
for at in $(seq 3 $((end / 9)) $((end - 1))); do
	python3 "$made/flip.py" "$made/good" "$server/2" "$at"
	rm -rf "$state"
	remote once
	tried=$((tried + 1))
	[ "$status" -eq 75 ] || taken=$((taken + 1))
done
is "$taken" 0 "of $tried bytes of it that were changed none was taken"
[ "$tried" -ge 8 ] && [ "$size" -gt "$end" ]
ok $? "and they were of the whole of it"
head -c $((end + 40)) "$made/good" >"$server/2"
refused "one that is cut off" "keys: "
cat "$made/good" "$made/good" >"$server/2"
refused "one that is there twice" "keys: "
for wrong in "threshold 2" "floor 1 2" "freshness static" "cmdline full" "order-key $(pub alice)" "order-key $(pub ticket)" \
	"ticket-key $(pub dave)" "not-after 2099-01-01T00:00:00Z" "version 2" "root yes"; do
	line=$wrong list 2 alice carol -- alice bob carol
	refused "a list with another line '${wrong% R*}'" "keys:"
done
threshold=3 list 2 alice carol -- alice bob carol
refused "a list that asks for more than it has" "keys:"
line="floor 9" list 2 alice carol -- alice bob carol
refused "a list can raise the floor" "below this image's floor, 9"
line="floor 1" list 2 alice carol -- alice bob carol
sign "$order" alice carol
make_order 4 <<'END'
echo ran
END
sign "$order" alice carol
refused "and not lower it" "below this image's floor, 5"
no_lists

# State: a common order, and what it is to do here.
make_order 7 "#bee-target any" <<'END'
. "$1/state"
echo "$root_is"
END
# state_of TARGET SEQUENCE [LINE]: $server/files/state, signed by both
state_of() {
	printf 'bee-state 1\nsequence %s\ntarget %s\nnot-after %s\nend\nroot_is="/dev/vda1"\n%s' "$2" "$1" "${not_after:-2099-01-01T00:00:00Z}" "${3:-}" \
		>"$server/files/state"
	sign "$server/files/state" alice bob
}
state_of id=rack4-node7 1
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "0 /dev/vda1" "an order for many reads what this one is to be"
state_of any 1
rm -rf "$state"
remote once
is "$status" 0 "a state may be everybody's, where it says so"
for other in id=rack4-node8 uuid=00000000-0000-0000-0000-000000000000 "serial=To Be Filled By O.E.M." mac=00:00:00:00:00:00; do
	state_of "$other" 1
	refused "the state of '$other' is not" "state: it is not of this machine"
done
state_of "uuid=" 1
refused "a state of nobody" "state: its third line"
state_of "id=rack4-node7
target any" 1
refused "or of two" "state: its fourth line"
not_after=2026-01-01T00:00:00Z state_of id=rack4-node7 1
refused "one whose time is over" "state: its time was over"
state_of id=rack4-node7 1
sign "$server/files/state" alice
refused "one that one key has signed" "state: signature: by 1 of the trusted keys, 2 must sign"
state_of id=rack4-node7 1
echo "state=$(printf x | sha256sum | cut -d' ' -f1)" >"$server/mode"
refused "one that the server has not" "404"
: >"$server/mode"
echo "wrong=state" >"$server/mode"
refused "another in its place" "state: "
: >"$server/mode"
state_of id=rack4-node7 1
"$B/bee" remote verify -c "$conf" "$server/files/state" >"$made/out" 2>"$made/err"
is "$? $(sed 's/.*: //' "$made/out")" "0 state 1, of this machine, good now" "bee remote verify reads a state"
# One boot, several orders.
rm -rf "$state"
state_of id=rack4-node7 5
remote once
is "$status" 0 "a state of sequence 5"
next() {
	make_order "$1" "#bee-target any" <<-'END'
		. "$1/state"
		echo "$root_is"
	END
}
next 8
umask 077 # as its unit has it
remote once
umask 022
is "$status" 0 "may be used again"
next 9
state_of id=rack4-node7 4
remote once
ok "$([ "$status" -eq 75 ] && said 'state: sequence 4, and 5 has been used'; echo $?)" "an older one may not"
state_of id=rack4-node7 5 "# another"
remote once
ok "$([ "$status" -eq 75 ] && said 'another one of sequence 5 has been used'; echo $?)" "nor another one of that number"
state_of id=rack4-node7 6
remote once
is "$status" 0 "a newer one may"
make_order 10 "#bee-target any" "#bee-file state $(sha256sum <"$server/files/state" | cut -d' ' -f1)" <<'END'
echo ran
END
remote once
ok "$([ "$status" -eq 3 ] && said 'the order has a file of that name'; echo $?)" "an order's own file is never hidden by it"
tap_end
