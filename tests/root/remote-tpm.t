#!/bin/sh
# A machine whose key is made by its TPM, swtpm here: it signs what the machine asks, and the server that is shipped looks.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
command -v swtpm >/dev/null || skip_all "swtpm is not installed"
port=18463
# shellcheck source=tests/root/boot_nginx.sh
. "$here/boot_nginx.sh"
echo "$port" >"$conf/BOOTPORT"
mkdir -p "$top/machines/id"

# A /dev of this test's own, for a node that the machine's has not got.
mkdir "$made/dev" "$made/tpm" "$made/other"
mount -t tmpfs -o mode=0755 dev "$made/dev" || skip_all "no mount of a tmpfs"
for node in /dev/*; do
	name=$made/dev/${node#/dev/}
	if [ "$node" = /dev/ptmx ]; then
		ln -s pts/ptmx "$name" # the kernel looks for its file system beside it
	elif [ -L "$node" ]; then
		cp -P "$node" "$name"
	elif [ -d "$node" ]; then
		mkdir "$name" && mount --rbind "$node" "$name"
	else
		: >"$name" && mount --bind "$node" "$name"
	fi
done
: >"$made/dev/tpmrm0"
mount --rbind "$made/dev" /dev || skip_all "no mount on /dev"
# tpm_start FOLDER: the machine's TPM from now on.
tpm_start() {
	tpm=$1
	rm -f "$made/terminal"
	python3 "$here/tpm.py" "$tpm" >"$made/terminal" 2>"$made/tpm.err" &
	tpm_pid=$!
	servers="$servers $tpm_pid"
	for _ in $(seq 200); do
		[ -s "$made/terminal" ] && break
		sleep 0.05
	done
	mount --bind "$(cat "$made/terminal")" /dev/tpmrm0
}
tpm_stop() {
	umount /dev/tpmrm0
	kill "$tpm_pid"
	wait "$tpm_pid" 2>/dev/null
	for _ in $(seq 100); do
		python3 -c 'import fcntl, sys; fcntl.lockf(open(sys.argv[1], "a"), fcntl.LOCK_EX | fcntl.LOCK_NB)' "$tpm/.lock" 2>/dev/null && break
		sleep 0.05
	done
}
asked() { cat "$tpm/asked" 2>/dev/null || echo 0; }
# serve: the order and its signatures.
serve() {
	sum=$(sha256sum <"$order" | cut -d' ' -f1)
	install -m 644 "$order" "$top/file/$sum"
	install -m 644 "$order.minisig" "$top/sig/$sum"
	echo "$sum" >"$top/orders/id/rack4-node7"
}
# gets NAME STATUS-AND-LOG
gets() {
	rm -rf "$state"
	remote once
	is "$status $(cat "$state/order.log" 2>/dev/null)" "$2" "$1"
	[ "$status $(cat "$state/order.log" 2>/dev/null)" = "$2" ] || sed 's/^/#   said: /' "$made/err"
}

tpm_start "$made/tpm"
key=$("$B/bee" remote keys --tpm)
is "${#key} ${key%%:*}" "97 ecdsa-p256" "the TPM makes a key"
is "$("$B/bee" remote keys --tpm)" "$key" "the same each time"
tpm_stop
tpm_start "$made/tpm"
is "$("$B/bee" remote keys --tpm)" "$key" "also when the machine has been off"
tpm_stop
tpm_start "$made/other"
other=$("$B/bee" remote keys --tpm)
[ "${#other}" = 97 ] && [ "$other" != "$key" ]
ok $? "another machine's is another"
tpm_stop

echo 'echo ran' | make_order 7 "#bee-need key"
serve
echo "$key" >"$top/machines/id/rack4-node7"
gets "an order that needs a key: not for a machine without a TPM" "0 "
tpm_start "$made/other"
gets "nor for one with another" "0 "
ok "$(said 'the server has no order for this machine'; echo $?)" "which the server tells it"
tpm_stop
tpm_start "$made/tpm"
gets "but for the one" "0 ran"
rm "$top/machines/id/rack4-node7"
gets "and not where the server has no key of it" "0 "
echo "$key" >"$top/machines/id/rack4-node7"
gets "a key says who it is again" "0 ran"
before=$(asked)
machine_key
gets "a machine.key comes before a TPM" "0 "
is "$(asked)" "$before" "which is not asked then"
rm "$conf/machine.key"

# What openssl says of the request, and of each part of it changed.
request=$(printf '/cgi-bin/bootme?id=rack4-node7&nonce=%s&attempt=1' "$(openssl rand -hex 32)")
printf %s "$request" >"$made/request"
proof=$("$B/bee-order" step-prove "$conf" tpm <"$made/request" | grep -ao '&key=ecdsa-p256:[A-Za-z0-9_-]*&proof=[A-Za-z0-9_-]*')
of() {
	curl -s --cacert "$server/ca.pem" --resolve "boot.test:$port:127.0.0.1" -o "$made/answer" -w '%{http_code} ' "https://boot.test:$port$1"
	sed -n 's/^order //p' "$made/answer"
}
is "$(of "$request$proof")" "200 $sum" "a request and its proof"
is "$(of "$request")" "200 none" "the same without"
is "$(of "$(printf %s "$request" | sed 's/attempt=1/attempt=2/')$proof")" "200 none" "of another request"
changed() { of "$request$(printf %s "$proof" | sed "$1")"; }
# The 20th character of r, the 60th of s: each is changed to another.
for at in 20 60; do
	is "$(changed "s/\(proof=.\{$at\}\)A/\1B/; t; s/\(proof=.\{$at\}\)./\1A/")" "200 none" "a signature with another character $at"
done
is "$(changed 's/$/A/') $(changed 's/.$//') $(changed 's/proof=.*/proof=/') $(changed 's/proof=.*/proof=AAAA/')" "200 none 200 none 200 none 200 none" "longer, shorter, none, three bytes"
zeros=$(printf 'A%.0s' $(seq 86))
is "$(changed "s/proof=.*/proof=$zeros/")" "200 none" "r and s of zero"
is "$(changed "s/key=[^&]*/key=$other/")" "200 none" "another's key"
for wrong in "ecdsa-p256:$zeros" "ecdsa-p256:" "ecdsa-p521:${key#*:}" "${key#*:}"; do
	echo "$wrong" >"$top/machines/id/rack4-node7"
	is "$(changed "s/key=[^&]*/key=$wrong/")" "200 none" "a key that is none: $(printf %.20s "$wrong")"
done
echo "$key" >"$top/machines/id/rack4-node7"

# A TPM that does not do it keeps nobody from what takes no key.
echo 0x922 >"$made/tpm/error"
gets "a TPM that says 'later' is asked again" "0 ran"
echo 0x90a >"$made/tpm/error"
gets "so is one that is still looking at itself" "0 ran"
echo 0x9a2 >"$made/tpm/error"
gets "one whose owner has a password: no order that needs a key" "0 "
ok "$(said 'TPM: it refuses, code 0x9a2: asking without a key'; echo $?)" "in words"
echo 'echo ran' | make_order 8
serve
gets "another order runs" "0 ran"
echo 'echo ran' | make_order 9 "#bee-need key"
server_start
: >"$server/log"
gets "a server that gives it all the same: the machine has signed nothing, and does not run it" "75 "
ok "$(said 'it needs a key, and nothing but its word proves which machine this is'; echo $?)" "in words"
rm "$made/tpm/error"
gets "when it has, it does" "0 ran"

# What the TPM remembers: each `gets` is another boot, of which nothing else is left.
echo 'echo ran' | make_order 20 "#bee-run once"
once=$(cat "$order")
gets "an order that is to run once runs" "0 ran"
gets "and not again after a reboot" "75 "
ok "$(said 'it was to run once, and the TPM remembers that it has'; echo $?)" "in words"
echo 'exit 3' | make_order 21 "#bee-run once"
gets "one that fails has been run, too" "3 "
gets "and is not tried again" "75 "
tpm_stop
tpm_start "$made/tpm"
printf '%s\n' "$once" >"$order"
sign "$order" alice bob
gets "also when the machine has been off: nor is an older one" "75 "
ok "$(said 'order: of sequence 20, and the TPM remembers one of 21'; echo $?)" "in words"
echo 'echo ran' | make_order 10
gets "what can destroy nothing may be older" "0 ran"
# The disk is not there: it comes as far as that, and is remembered.
destroys() { echo 'echo ran' | make_order "$1" "#bee-need write NOT-HERE-00"; }
echo 'allow write' >>"$conf/remote.policy"
destroys 30
gets "an order for a disk" "3 "
gets "may run at each boot" "3 "
destroys 29
gets "but not an older one" "75 "
ok "$(said 'order: of sequence 29, and the TPM remembers one of 30'; echo $?)" "in words"
destroys 30
echo "# another" >>"$order"
sign "$order" alice bob
gets "nor another of its sequence" "75 "
ok "$(said 'the TPM remembers another one of sequence 30'; echo $?)" "in words"
cp "$server/machine.key" "$conf/machine.key"
echo 'echo ran' | make_order 31 "#bee-need write NOT-HERE-00" "#bee-run once"
gets "one that is to run once, and could not begin" "3 "
gets "may begin again" "3 "
destroys 32
echo 0x14b >"$made/tpm/error"
gets "a TPM that cannot remember: it does not run" "75 "
ok "$(said 'TPM: it refuses, code 0x14b'; echo $?)" "in words"
rm "$made/tpm/error"
tpm_stop
# One that has stopped in the middle of an answer: who waits for it.
tpm_start "$made/tpm"
kill -STOP "$tpm_pid"
for step in "step-floor begin 9 $(printf %064d 0)" "step-prove $conf tpm"; do
	# shellcheck disable=SC2086 # words
	"$B/bee-order" $step <"$made/request" >"$made/answer" &
	confined "bee-order $step" "${step%% *} has no right but to ask it"
	kill -9 "$pid"
	wait $!
done
kill -CONT "$tpm_pid"
tpm_stop
rm /dev/tpmrm0
gets "a machine without a TPM has the server's word alone" "3 "
rm "$conf/machine.key"
tap_end
