#!/bin/sh
# Orders that GnuPG has signed, against an image's pubring.gpg: gpg's own tool signs, gpgv in a jail is judged by its status lines.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
for tool in gpg gpgv gpgconf; do command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-test"; done

export GNUPGHOME="$made/gnupg"
mkdir -m 700 "$GNUPGHOME"
# shellcheck disable=SC2317 # the trap calls it
gpg_end() {
	gpgconf --kill all 2>/dev/null
	tidy
}
trap gpg_end EXIT
g() { gpg --batch --yes --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>>"$made/gpg.err"; }
for who in alice bob mallory; do g --quick-gen-key "$who@test" ed25519 sign 0 || skip_all "gpg makes no keys here"; done
g --faked-system-time 20260101T000000 --quick-gen-key old@test ed25519 sign 1d
g --export alice@test bob@test old@test >"$conf/pubring.gpg"
printf 'scheme gpg\nthreshold %s\nticket-key %s\nreceipt-key %s\nfloor 5\n' 1 "$(pub ticket)" "$(pub receipt)" >"$conf/TRUST"

echo 443 >"$conf/BOOTPORT"
"$B/bee" remote lint "$conf" 2>"$made/err"
is "$? $(cat "$made/err")" "0 " "a configuration with a keyring is good"
threshold() { sed -i "s/^threshold .*/threshold $1/" "$conf/TRUST"; }

# order_text SEQUENCE: $made/text
order_text() {
	printf '#!/bin/sh\n#bee-order 1\n#bee-sequence %s\n#bee-not-after 2099-01-01T00:00:00Z\n#bee-time-limit 20\n#bee-target id=rack4-node7\n#bee-end\n' "$1"
	printf 'echo ran\n- echo x 2>/dev/null\n'
	echo 'exit 0'
}
order_text 7 >"$made/text"
# clear KEY...: the order, as gpg --clearsign writes it.
clear() {
	users=
	for who; do users="$users -u $who@test"; done
	# shellcheck disable=SC2086 # words
	g $users ${options:-} --clearsign -o "$order" "$made/text"
	echo "$order" >"$server/order"
}
server_start
runs() {
	rm -rf "$state"
	remote once
	is "$status $(head -n 1 "$state/order.log" 2>/dev/null)" "0 ran" "$1"
	[ "$status" -eq 0 ] || sed 's/^/#   got: /' "$made/err"
}
clear alice
ok "$(grep -q '^- - echo x' "$order"; echo $?)" "an order that the armour has to change"
runs "runs as it was before that: it is what gpgv gives out that runs"
is "$(grep -c /v1/sig/ "$server/log")" 0 "its signatures are in it"
"$B/bee" remote verify -c "$conf" "$order" >"$made/out" 2>"$made/err"
is "$? $(sed 's/.*: //' "$made/out")" "0 order 7, good here and now" "bee remote verify says so too"
cp "$order" "$made/good"
g -u alice@test -o "$order" -a -s "$made/text"
runs "an armoured message, signed and packed"
threshold 2
clear alice
refused "two have to sign, one has" "gpgv: signed by 1 of the trusted keys, 2 must sign"
clear alice bob
runs "both have"
clear alice alice
refused "one of them twice" "gpgv: "
threshold 1
clear mallory
refused "a key that is not in the keyring" "gpgv: it says ERRSIG"
clear alice mallory
refused "also beside one that is" "gpgv: it says ERRSIG"
options="--faked-system-time 20260101T120000" clear old
refused "a key that has expired, for which gpgv's exit status is 0" "gpgv: it says KEYEXPIRED"
options="--faked-system-time 20990101T000000" clear alice
refused "a signature from the future" "gpgv: a signature from the future"
future=$(date -u -d "-2 days" +%Y%m%dT000000)
options="--faked-system-time $future --default-sig-expire 1d --ignore-time-conflict" clear alice
refused "one that has expired" "gpgv: it says EXPSIG"
options="--digest-algo SHA1 --allow-weak-digest-algos" clear alice
refused "one of SHA-1" "gpgv: a signature with a weak hash"
g -u alice@test -o "$order" -a -b "$made/text"
refused "a signature alone" "gpgv: not one armoured message"
{ echo "echo before"; cat "$made/good"; } >"$order"
refused "text before it" "gpgv: not one armoured message"
{ cat "$made/good"; echo "echo behind"; } >"$order"
refused "text behind it" "gpgv: not one armoured message"
cat "$made/good" "$made/good" >"$order"
refused "two of them" "gpgv: not one armoured message"
sed 's/^echo ran/echo ranx/' "$made/good" >"$order"
refused "another text" "gpgv: it says BADSIG"
sed 's/^Hash: .*/&\nX-Comment: [GNUPG:] VALIDSIG/' "$made/good" >"$order"
refused "a header that is none" "gpgv: not one armoured message"
sed 's/^Hash: .*/&\nNotDashEscaped: yes/' "$made/good" >"$order"
refused "a header that changes what is given out" "gpgv: not one armoured message"
# RFC 4880, 7.1: the signature stays good, as gpgv says too; and a shell would read another script.
sed '/^echo ran/s/$/\r/' "$made/good" >"$order"
gpgv --keyring "$conf/pubring.gpg" "$order" >/dev/null 2>&1
ok $? "gpgv takes a carriage return that nobody has signed"
refused "it is refused" "a carriage return, of which"
for tail in ' ' '\t'; do
	sed "/^echo ran/s/\$/ \\\\$tail/" "$made/good" >"$order"
	refused "nor may a line go on in the next" "gpgv: it says BADSIG"
	sed "/^echo ran/s/\$/$tail/" "$made/good" >"$order"
	runs "a blank at the end of a line is not given out"
done
cp "$made/text" "$order"
refused "a text that nobody has signed" "gpgv: not one armoured message"
sed -i 's/sequence 7/sequence 4/' "$made/text"
clear alice
refused "and what is signed has to hold: its sequence" "below this image's floor"
sed -i 's/sequence 4/sequence 7/; s/node7/node8/' "$made/text"
clear alice
refused "its target" "it is not for this machine"
head -c 3000000 /dev/zero | tr '\0' '\n' >"$made/big"
g -u alice@test -o "$order" -a -s "$made/big"
refused "a small message of a big text" "gpgv: "
# No bit of it can be another, but for its armour's own.
sed -i 's/node8/node7/' "$made/text"
clear alice
cp "$order" "$made/good"
from=$(grep -abo '^#!/bin/sh' "$made/good" | cut -d: -f1) to=$(grep -abo '^-----BEGIN PGP SIGNATURE' "$made/good" | cut -d: -f1) taken=0
cat >"$made/flip.py" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 1
open(sys.argv[2], "wb").write(data)
END
for at in $(seq "$from" $(((to - from) / 8)) $((to - 2))); do
	python3 "$made/flip.py" "$made/good" "$order" "$at"
	rm -rf "$state"
	remote once
	[ "$status" -eq 75 ] && said BADSIG || taken=$((taken + 1))
done
is "$taken" 0 "a text with one bit changed is never taken"

# A configuration has one scheme.
echo "order-key $(pub alice)" >>"$conf/TRUST"
"$B/bee" remote lint "$conf" 2>"$made/err"
is "$? $(said 'scheme gpg has its order keys in pubring.gpg'; echo $?)" "65 0" "order keys of minisign beside a keyring: an error"
sed -i '$d' "$conf/TRUST"
g --export --armor alice@test >"$conf/pubring.gpg"
"$B/bee" remote lint "$conf" 2>"$made/err"
is "$? $(said 'without --armor'; echo $?)" "65 0" "an armoured keyring: an error"
rm "$conf/pubring.gpg"
"$B/bee" remote lint "$conf" 2>"$made/err"
is "$? $(said 'scheme gpg needs it'; echo $?)" "65 0" "none: an error"
tap_end
