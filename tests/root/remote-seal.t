#!/bin/sh
# What goes home is sealed where TRUST says for whom: neither the server nor who takes it over can read it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
"$B/bee" remote keys --new "$made/desk" >/dev/null
echo "seal-key $(tail -n 1 "$made/desk.pub")" >>"$conf/TRUST"
server_start
echo '{"serial_number":"SECRET-17"}' >"$made/audit.json"
make_order 7 <<'END'
echo "SECRET-18"
END
home() { find "$server/home" -type f -printf '%f\n' | sort; }
# opened KEY: all of them.
opened() { home | while read -r name; do "$B/bee" remote open -k "$1" "$server/home/$name"; done 2>"$made/err"; }
remote once
home >"$made/before"
is "$status $(home | wc -l)" "0 2" "an audit and an order's log come home"
is "$(cat "$server"/home/* | grep -ac SECRET)" 0 "and nobody reads them there"
is "$(grep -la '^bee-sealed 1$' "$server"/home/* | wc -l)" 2 "each says that it is sealed"
is "$(opened "$made/desk.key" | grep -c -e '^{"serial_number":"SECRET-17"}$' -e ^SECRET-18)" 2 "who has the key reads both"
is "$(opened "$server/alice.key" | wc -c) $(grep -c 'not to the key' "$made/err")" "0 2" "with another key nobody does"
rm -f "$server"/home/*
echo forgetful >"$server/mode"
remote once
remote once
: >"$server/mode"
is "$(home | wc -l) $(home | comm -12 "$made/before" - | wc -l)" "1 1" "what is sent again in this boot has its name"
rm -f "$server"/home/*
rm -rf "$state"
remote once
is "$(home | wc -l) $(home | comm -12 "$made/before" - | wc -l)" "2 0" "in another boot it has another"

# One that is no seal key.
cp "$conf/TRUST" "$made/TRUST"
lint() { "$B/bee" remote lint "$conf" 2>"$made/err"; echo "$? $(sed 's/.*: //' "$made/err")"; }
tail -n 1 "$made/TRUST" >>"$conf/TRUST"
is "$(lint)" "65 a second seal key" "two"
sed "s|^seal-key .*|seal-key $(pub alice)|" "$made/TRUST" >"$conf/TRUST"
is "$(lint)" "65 each has one role" "one that signs orders"
# A point of order 1 (RFC 8032: y = 1): whatever is sealed to it, anybody opens.
python3 - >"$made/weak" <<'END'
import base64
print(base64.b64encode(b"Ed" + bytes(8) + bytes([1]) + bytes(31)).decode())
END
sed "s|^seal-key .*|seal-key $(cat "$made/weak")|" "$made/TRUST" >"$conf/TRUST"
is "$(lint)" "65 a key that nothing can be sealed to" "one of small order"
cp "$made/TRUST" "$conf/TRUST"

"$B/bee" remote open -k "$made/desk.key" "$made/audit.json" >"$made/plain" 2>"$made/err"
is "$? $(wc -c <"$made/plain")" "65 0" "what is not sealed is not opened"
mkfifo "$made/fifo"
"$B/bee" remote open -k "$made/desk.key" "$made/fifo" >"$made/plain" 2>"$made/err" &
exec 9>"$made/fifo"
confined "open -k $made/desk.key $made/fifo" "who reads what may be anybody's has no right but that"
exec 9>&-
wait $!
"$B/bee" remote open "$made/audit.json" 2>"$made/err"
is $? 64 "nor without a key"
if command -v script >/dev/null; then
	script -qec "$B/bee remote open -k $made/desk.key $made/audit.json" /dev/null </dev/null >"$made/out"
	is "$? $(grep -c 'not for a terminal' "$made/out")" "64 1" "nor to a terminal"
fi
tap_end
