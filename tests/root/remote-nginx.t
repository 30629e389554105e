#!/bin/sh
# The boot server that is shipped: nginx, fcgiwrap, bee-boot; asked by bee remote, and by curl and minisign alone.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
command -v curl >/dev/null || skip_all "curl is not installed"
# shellcheck source=tests/root/boot_nginx.sh
. "$here/boot_nginx.sh"
echo "$port" >"$conf/BOOTPORT"

# serve ORDER: it and its signatures as static files; its sum in $sum.
serve() {
	sum=$(sha256sum <"$1" | cut -d' ' -f1)
	install -m 644 "$1" "$top/file/$sum"
	install -m 644 "$1.minisig" "$top/sig/$sum"
}

echo '{"an":"audit"}' >"$made/audit.json"
remote once
is "$status" 0 "a machine that the server does not know has nothing to do"
ok "$(said 'with a receipt'; echo $?)" "and its audit comes home"
audit=$(sha256sum <"$made/audit.json" | cut -d' ' -f1)
is "$(cat "$top/audit/$audit")" '{"an":"audit"}' "as it was"
make_order 7 <<'END'
echo ran
END
serve "$order"
echo "$sum" >"$top/orders/any"
echo none >"$top/orders/id/rack4-node7"
remote once
is "$status$(cat "$state/order.log" 2>/dev/null)" 0 "what is said of a machine counts before what is said of all"
echo "$sum" >"$top/orders/id/rack4-node7"
remote once
is "$status $(cat "$state/order.log" 2>&1)" "0 ran" "an order by static files"
is "$(grep -l bee-result "$top"/audit/* | wc -l)" 1 "its log comes home"

# Once: as often as this boot asks, and in no other.
make_order 8 <<'END'
echo ran
END
first=$sum
serve "$order"
echo "$sum once" >"$top/orders/id/rack4-node7"
# boot NUMBER: the machine boots, and has forgotten all.
boot() {
	rm -rf "$state"
	umount /proc/sys/kernel/random/boot_id 2>/dev/null
	printf '00000000-0000-4000-8000-%012d\n' "$1" >"$made/boot_id"
	mount --bind "$made/boot_id" /proc/sys/kernel/random/boot_id
}
ran=
for number in 1 2 3; do
	boot $number
	remote once
	ran="$ran$(cat "$state/order.log" 2>/dev/null)$status "
done
is "$ran" "ran0 0 0 " "three boots, of an order that is given once: it runs in the first"
ok "$(said 'the server has no order for this machine'; echo $?)" "the later ones have nothing to do"
boot 1
remote once
is "$(cat "$state/order.log")" ran "the boot that was given it may ask again: its answer may have been lost"
boot 4
echo "$first once" >"$top/orders/id/rack4-node7"
rm -rf "$top/once"
remote once
is "$status $(cat "$state/order.log" 2>/dev/null)" "0 " "what cannot be kept in mind is not given"
mkdir "$top/once"

# A disk is installed anew once, whatever becomes of it in later boots.
# shellcheck disable=SC2317 # the trap calls it
loop_end() {
	[ -z "${loop:-}" ] || losetup -d "$loop"
	tidy
}
trap loop_end EXIT
head -c 1000000 /dev/urandom >"$made/disk"
head -c 600000 /dev/urandom >"$made/image"
loop=$(losetup -f --show "$made/disk" 2>/dev/null)
if [ -n "$loop" ]; then
	mkdir -p "$made/block/${loop#/dev/}/device"
	echo S4EVNX0M000001 >"$made/block/${loop#/dev/}/device/serial"
fi
if [ -n "$loop" ] && mount --bind "$made/block" /sys/block; then
	"$B/bee" remote chunks "$made/image" "$top/file" 65536 >"$made/list"
	list=$(sha256sum <"$made/list" | cut -d' ' -f1)
	install -m 644 "$made/list" "$top/file/$list"
	policy=$(cat "$conf/remote.policy")
	echo "allow restore" >"$conf/remote.policy"
	echo 'echo ran' | make_order 9 "#bee-do restore S4EVNX0M000001 0 list" "#bee-file list $list"
	serve "$order"
	echo "$sum once" >"$top/orders/id/rack4-node7"
	machine_key
	mkdir -p "$top/machines/id"
	tail -n 1 "$server/machine.pub" >"$top/machines/id/rack4-node7"
	ran=
	for number in 5 6 7; do
		boot $number
		remote once
		ran="$ran$status $({ tr '\n' ';' <"$state/order.log"; } 2>/dev/null) "
		[ "$number" != 5 ] || cmp -n 600000 "$made/image" "$loop" || ran="${ran}differs "
		# What the installed system writes is its own.
		printf 'boot %s' "$number" | dd of="$loop" conv=notrunc status=none
	done
	is "$ran$(head -c 6 "$loop")" "0 restore 1: 10 of 10 chunks were written;ran; 0  0  boot 7" "three boots, of an installation that is given once: one write"
	umount /sys/block
	rm -r "$top/machines" "$conf/machine.key"
	printf '%s\n' "$policy" >"$conf/remote.policy"
else
	skip "an installation that is given once" "no loop device here"
fi
umount /proc/sys/kernel/random/boot_id
rm -rf "$state"

# A state object, and another ticket key by a key list.
make_order 9 "#bee-target any" <<'END'
. "$1/state"
echo "$root_is"
END
serve "$order"
echo "$sum" >"$top/orders/id/rack4-node7"
printf 'bee-state 1\nsequence 1\ntarget id=rack4-node7\nnot-after 2099-01-01T00:00:00Z\nend\nroot_is=/dev/vda1\n' >"$made/node"
sign "$made/node" alice bob
serve "$made/node"
echo "$sum" >"$top/states/id/rack4-node7"
printf 'bee-keys 1\nversion 2\nnot-after 2099-01-01T00:00:00Z\nthreshold 2\norder-key %s\norder-key %s\nticket-key %s\nticket-until 2099-01-01T00:00:00Z\nreceipt-key %s\nend\n' \
	"$(pub alice)" "$(pub bob)" "$(pub stranger)" "$(pub receipt)" >"$made/2"
sign "$made/2" alice bob
cat "$made/2" "$made/2.minisig" >"$top/lists/2"
cp "$server/stranger.key" "$top/keys/ticket.key"
remote once
is "$status $(cat "$state/order.log")" "0 /dev/vda1" "a state object and a key list come from it too"
rm "$top/lists/2" "$top/states/id/rack4-node7"
cp "$server/ticket.key" "$top/keys/ticket.key"
sum=$first
echo "$sum" >"$top/orders/id/rack4-node7"

# curl and minisign alone.
nonce=$(openssl rand -hex 32)
target="/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&attempt=1"
ask() {
	curl -s --cacert "$server/ca.pem" --resolve "boot.test:$port:127.0.0.1" -o "$made/answer" -w '%{http_code}' \
		"$@"
}
is "$(ask "https://boot.test:$port$target")" 200 "curl asks"
sed '/^end$/q' "$made/answer" >"$made/ticket"
sed '1,/^end$/d' "$made/answer" >"$made/ticket.minisig"
minisign -V -q -p "$server/ticket.pub" -m "$made/ticket"
ok $? "minisign verifies the ticket"
is "$(sed -n 2,3p "$made/ticket")" "request $(printf %s "$target" | sha256sum | cut -d' ' -f1)
order $sum" "which is of this request and this order"
is "$(ask "https://boot.test:$port/v1/receipts/$audit")" 200 "a receipt"

is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=x&attempt=1")" 400 "without a nonce: 400"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=x&nonce=$nonce&attempt=1%0Aorder")" 400 "an attempt with a line in it: 400"
# order QUERY: what is offered to who asks so.
offered() {
	ask "https://boot.test:$port/cgi-bin/bootme?nonce=$nonce&$1&attempt=1" >"$made/code"
	sed -n 's/^order //p' "$made/answer"
}
# Nobody is answered with everybody's order because of a file that is being written, or is not one.
echo "$sum" >"$top/orders/any"
: >"$top/orders/mac/52:54:00:00:00:01"
echo "$sum x" >"$top/orders/mac/52:54:00:00:00:02"
printf '\377\376' >"$top/orders/mac/52:54:00:00:00:03"
mkdir "$top/orders/mac/52:54:00:00:00:04"
for n in 1 2 3 4; do
	is "$(offered "mac=52:54:00:00:00:0$n")" none "a machine whose file says nothing that is understood: none ($n)"
done
is "$(offered "mac=52:54:00:00:00:05")" "$sum" "one that has no file: everybody's"
# One that is given once goes to a machine by all of its names: its cards may come in another order, or one may be new.
boot1=boot=00000000-0000-4000-8000-000000000001 boot2=boot=00000000-0000-4000-8000-000000000002
mkdir -p "$top/orders/serial"
echo "$sum once" >"$top/orders/any"
is "$(offered "uuid=AAAAAAAA-0000-4000-8000-000000000001&serial=S1&mac=52:54:00:00:01:01&mac=52:54:00:00:01:02&$boot1")" "$sum" "an order that is given once"
for names in "mac=52:54:00:00:01:02&mac=52:54:00:00:01:01" "mac=52:54:00:00:01:09&mac=52:54:00:00:01:02" "serial=S1" \
	"uuid=bbbbbbbb-0000-4000-8000-000000000001&serial=S1" "uuid=aaaaaaaa-0000-4000-8000-000000000001" \
	"uuid=bbbbbbbb-0000-4000-8000-000000000002&mac=52:54:00:00:01:01"; do
	is "$(offered "$names&$boot2")" none "is not given to $names in the next boot"
done
is "$(offered "serial=S1&mac=52:54:00:00:01:01&$boot1")" "$sum" "in its own boot it is, by fewer names"
is "$(offered "uuid=aaaaaaaa-0000-4000-8000-000000000002&mac=52:54:00:00:02:01&id=fleet&$boot2")" "$sum" "another machine is given it"
is "$(offered "uuid=aaaaaaaa-0000-4000-8000-000000000003&mac=52:54:00:00:03:01&id=fleet&$boot1")" "$sum" "also one whose image has the same ID"
is "$(offered "id=alone&$boot1") $(offered "id=alone&$boot2")" "$sum none" "who has no other name is told by that"
echo "$sum" >"$top/orders/any"
rm -r "$top"/orders/mac/*:04 "$top"/orders/mac/*:01 "$top"/orders/mac/*:02 "$top"/orders/mac/*:03
# What is no question: no word of it anywhere.
many=$(for n in $(seq 70); do printf 'mac=rack4-%d&' "$n"; done)
is "$(ask "https://boot.test:$port/cgi-bin/bootme?nonce=$nonce&${many}attempt=1")" 400 "more arguments than a machine has: 400"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=rack4-$(printf '\303\274')&nonce=$nonce&attempt=1")" 400 "bytes that are no ASCII: 400"
mv "$top/keys/ticket.key" "$top/keys/away"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&attempt=1")" 500 "a server without its key: 500"
mv "$top/keys/away" "$top/keys/ticket.key"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=../../keys/ticket.key&nonce=$nonce&attempt=1")" 200 "an id that leads elsewhere"
is "$(sed -n 3p "$made/answer")" "order $sum" "is nobody's"
for path in /v1/audit/ "/v1/audit/$audit" /keys/ticket.key /v1/file/ /v1/file/../keys/ticket.key "/v1/file/..%2fkeys%2fticket.key" \
	/orders/any "/v1/receipts/$(printf %064d 0)"; do
	is "$(ask --path-as-is "https://boot.test:$port$path")" 404 "GET $path: 404"
done
is "$(ask -X DELETE "https://boot.test:$port/v1/file/$sum")" 403 "DELETE: 403"
homes=$(find "$top/audit" -type f | wc -l)
echo other | zstd -q >"$made/packed"
is "$(ask -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")" 400 "another document by that sum: 400"
is "$(ask -T "$made/audit.json" "https://boot.test:$port/v1/audit/$audit")" 400 "one that is not packed: 400"
head -c 200000000 /dev/zero | zstd -q >"$made/bomb"
is "$(ask -T "$made/bomb" "https://boot.test:$port/v1/audit/$audit")" 400 "a small one of 200 MB: 400"
zstd -q <"$made/audit.json" >"$made/packed"
is "$(ask -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")" 201 "the same document again: 201"
is "$(find "$top/audit" -type f | wc -l)" "$homes" "and nothing is left of the others"

# A spool without room, where a document has begun to be kept.
if mount -t tmpfs -o size=64k,mode=777 tmpfs "$top/audit"; then
	head -c 100000 /dev/urandom >"$made/large"
	large=$(sha256sum <"$made/large" | cut -d' ' -f1)
	zstd -q <"$made/large" >"$made/large.zst"
	# What is said of it goes to syslog, here a socket of the test's.
	python3 -c 'import os, socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o777)
log.settimeout(30)
open(sys.argv[1], "wb").write(log.recv(4096))' "$made/syslog" 2>/dev/null &
	logger=$!
	servers="$servers $logger"
	for _ in $(seq 100); do
		[ ! -S /dev/log ] || break
		sleep 0.05
	done
	is "$(ask -T "$made/large.zst" "https://boot.test:$port/v1/audit/$large") $(find "$top/audit" -type f)" "500 " "a spool without room: 500, and no part of it is left"
	is "$(ask "https://boot.test:$port/v1/receipts/$large")" 404 "nor is there a receipt"
	if wait "$logger"; then
		is "$(grep -ac 'bee-boot: OSError: No space left on device, line' "$made/syslog")" 1 "and syslog knows why"
		rm -f /dev/log
	else
		skip "and syslog knows why" "this machine has a syslog of its own"
	fi
	mount -o remount,size=1m "$top/audit"
	is "$(ask -T "$made/large.zst" "https://boot.test:$port/v1/audit/$large")$(ask "https://boot.test:$port/v1/receipts/$large")" 201200 "with room again it is taken"
	umount "$top/audit"
else
	skip "a spool without room" "no tmpfs"
fi

# Ended with its server, as fcgiwrap's unit does it, it leaves nothing in the spool.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	echo '{"an":"other"}' >"$made/other.json"
	other=$(sha256sum <"$made/other.json" | cut -d' ' -f1)
	zstd -q <"$made/other.json" >"$made/other.zst"
	size=$(stat -c %s "$made/other.zst")
	BEE_BOOT=$top REQUEST_METHOD=PUT REQUEST_URI=/v1/audit/$other CONTENT_LENGTH=$size \
		strace -qq -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=1000000 python3 "$root/remote/server/bee-boot" <"$made/other.zst" >"$made/out" 2>&1 &
	keeper=$!
	for _ in $(seq 200); do
		[ -z "$(find "$top/audit" -name '.*' -type f)" ] || break
		sleep 0.02
	done
	is "$(find "$top/audit" -name '.*' -type f | wc -l)" 1 "a document that is being kept"
	kill -TERM "$(cat "/proc/$keeper/task/$keeper/children")"
	wait "$keeper"
	is "$(find "$top/audit" -name '.*' -o -name "$other")" "" "is not in the spool where who keeps it is ended"
else
	skip "is not in the spool where who keeps it is ended" "no strace"
fi

# A machine with a key of its own: what is said to be for who has it is for nobody else.
"$B/bee" remote keys --new "$made/machine" >/dev/null
"$B/bee" remote keys --new "$made/thief" >/dev/null
mkdir -p "$top/machines/id"
pub_of() { tail -n 1 "$1.pub"; }
make_order 20 <<'END'
echo ran
END
serve "$order"
echo "$sum proved" >"$top/orders/id/rack4-node7"
# proves NAME STATUS-AND-LOG
proves() {
	rm -rf "$state"
	remote once
	is "$status $(cat "$state/order.log" 2>/dev/null)" "$2" "$1"
}
pub_of "$made/machine" >"$top/machines/id/rack4-node7"
proves "an order for who proves what it is: not for a machine without a key" "0 "
cp "$made/thief.key" "$conf/machine.key"
proves "nor for one with another key" "0 "
cp "$made/machine.key" "$conf/machine.key"
proves "but for the one" "0 ran"
rm "$top/machines/id/rack4-node7"
proves "nor for one whose key the server has not" "0 "
pub_of "$made/machine" >"$top/machines/id/rack4-node7"
echo "$sum proved" >"$top/orders/any"
rm "$top/orders/id/rack4-node7"
proves "everybody's order goes to each that proves what it is" "0 ran"
rm "$conf/machine.key"
proves "and to no other" "0 "
cp "$made/machine.key" "$conf/machine.key"
echo "$sum proven" >"$top/orders/any"
proves "a word that is not understood gives nothing" "0 "
echo "$sum once proved" >"$top/orders/any"
cp "$made/thief.key" "$conf/machine.key"
proves "once, and proved: another's question" "0 "
cp "$made/machine.key" "$conf/machine.key"
proves "does not use up the one" "0 ran"
# The same by minisign alone, and each part of it changed.
url() { tr '+/' '-_' | tr -d '=\n'; }
by=machine
prove() {
	printf '%s' "$1" >"$made/request"
	minisign -S -H -s "$made/$by.key" -m "$made/request" -t bee-request >/dev/null 2>&1 </dev/null
	printf '%s&key=%s&proof=%s.%s' "$1" "$(pub_of "$made/$by" | url)" "$(sed -n 2p "$made/request.minisig" | url)" "$(sed -n 4p "$made/request.minisig" | url)"
}
echo "$sum proved" >"$top/orders/any"
target="/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&attempt=1"
asked=$(prove "$target")
# of TARGET: the order that it gets.
of() {
	ask "https://boot.test:$port$1" >"$made/code"
	sed -n 's/^order //p' "$made/answer"
}
# changed SED: what it gets then.
changed() { of "$(printf '%s' "$asked" | sed "$1")"; }
is "$(of "$asked")" "$sum" "a request that minisign has signed"
is "$(of "$target")" none "the same without its proof"
is "$(changed "s/nonce=$nonce/nonce=$(openssl rand -hex 32)/")" none "another nonce"
is "$(changed 's/attempt=1/attempt=2/')" none "another attempt"
is "$(changed "s/key=[^&]*/key=$(pub_of "$made/thief" | url)/")" none "another's key"
is "$(changed 's/\(proof=.\{40\}\)\(.\)/\1-/; s/\(proof=.\{41\}\)\(.\)/\1_/')" none "another signature"
is "$(changed 's/$/A/') $(changed 's/.$//') $(changed 's/&key=.*&proof/\&proof/') $(changed 's/\..*//')" "none none none none" "one that is longer, shorter, without its key, a half"
# What the server is not told, it sees: an order that could destroy, or needs a key, is for nobody else.
# for_whom NAME WANTED LINE...: who is given an order with these lines, of a machine without and one with a key.
for_whom() {
	name=$1 wanted=$2
	shift 2
	make_order 21 "$@" </dev/null
	serve "$order"
	echo "$sum" >"$top/orders/any"
	is "$(of "$target" | sed "s/$sum/any/"),$(of "$asked" | sed "s/$sum/signed/")" "$wanted" "$name"
}
many="#bee-file a $(printf %064d 1)"
for_whom "an order that computes and prints is for all" any,signed
for_whom "so is one with any other line of a header" any,signed "#bee-need net" "#bee-need see /var/log" "$many" "#bee-do watchdog 600" "#bee-do sshd a" "#bee-do reboot"
for line in "need disk S1" "need write S1" "need key" "do mount S1 1 ext4" "do restore S1 1 a" "do kexec a" "file b $(printf %064d 1) S1 1 ext4 /b" "what is this" "order"; do
	for_whom "one with #bee-$line is for who signs" none,signed "$many" "#bee-$line"
done
make_order 21 </dev/null
sed -i 's/^#bee-end/- #bee-need disk S1\n&/' "$order"
serve "$order"
echo "$sum" >"$top/orders/any"
is "$(of "$target"),$(of "$asked")" "none,$sum" "so is one with a line that gpgv reads as another"
make_order 21 </dev/null
sed -i 's/^#bee-end/#bee-ends/' "$order"
serve "$order"
echo "$sum" >"$top/orders/any"
is "$(of "$target"),$(of "$asked")" "none,$sum" "one whose header has no end is for who signs"
rm "$top/file/$sum"
is "$(of "$target"),$(of "$asked")" "none,$sum" "so is one that is not there"
make_order 21 "#bee-need disk S1" </dev/null
serve "$order"
echo "$sum once" >"$top/orders/any"
names="uuid=cccccccc-0000-4000-8000-000000000001&boot=00000000-0000-4000-8000-00000000000"
: >"$top/machines/id/rack4-node7"
is "$(of "$asked")" none "nobody signs by a key that is empty"
pub_of "$made/machine" >"$top/machines/id/rack4-node7"
is "$(of "/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&${names}1&attempt=1") $(of "$(prove "/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&${names}2&attempt=1")")" \
	"none $sum" "once: who does not sign has not used it up"

# A machine with a key says that it is another one, too: what it gets is its own.
"$B/bee" remote keys --new "$made/other" >/dev/null
mkdir -p "$top/machines/serial" "$top/states/serial"
pub_of "$made/other" >"$top/machines/serial/S7"
rm -f "$top/once"/*
# asks KEY QUERY
asks() {
	by=$1
	of "$(prove "/cgi-bin/bootme?$2&nonce=$nonce&attempt=1")"
	by=machine
}
is "$(asks machine "id=rack4-node7&serial=S7&$boot1")" none "the key of one of its names is not that of the most exact"
rm "$top/machines/serial/S7"
is "$(asks machine "id=rack4-node7&serial=S7&$boot1")" "$sum" "which has none yet"
pub_of "$made/other" >"$top/machines/serial/S7"
is "$(asks other "id=x&serial=S7&$boot2")" "$sum" "what it was given once is not taken from that one"
is "$(asks other "id=x&serial=S7&$boot1")" none "who has been given it"
is "$(asks machine "id=rack4-node7&$boot2")" none "as it has itself, whatever it calls itself"
echo "$sum" >"$top/orders/any"
rm "$top/machines/serial/S7"
echo "$first" >"$top/states/serial/S7"
asks machine "id=rack4-node7&serial=S7&$boot1" >/dev/null
is "$(sed -n 's/^state //p' "$made/answer")" none "nor is it given another's state beside its own order"
pub_of "$made/machine" >"$top/machines/serial/S7"
asks machine "id=rack4-node7&serial=S7&$boot1" >/dev/null
is "$(sed -n 's/^state //p' "$made/answer")" "$first" "but its own"
rm -rf "$top/machines" "$conf/machine.key"

# COUNT documents that begin to come, of a host of their own; each goes on by a byte after PAUSE seconds. What becomes of them, and when.
cat >"$made/drip.py" <<'END'
import select, socket, ssl, sys, time
port, ca, count, pause = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
context, open_ones = ssl.create_default_context(cafile=ca), []
for _ in range(count):
    one = context.wrap_socket(socket.create_connection(("127.0.0.1", port), source_address=(sys.argv[5], 0)), server_hostname="boot.test")
    one.sendall(b"PUT /v1/audit/" + b"0" * 64 + b" HTTP/1.1\r\nHost: boot.test\r\nContent-Length: 1000\r\n\r\nx")
    one.setblocking(False)
    open_ones.append(one)
began = said = time.monotonic()
while open_ones:
    for one in select.select(open_ones, [], [], 0.2)[0]:
        try:
            print(one.recv(12)[9:].decode() or "closed", round(time.monotonic() - began), flush=True)
            open_ones.remove(one)
        except ssl.SSLWantReadError:  # a session ticket
            pass
    if time.monotonic() - said > pause:
        said = time.monotonic()
        for one in open_ones:
            one.sendall(b"x")
END
python3 "$made/drip.py" "$port" "$server/ca.pem" 1 99 127.0.0.5 >"$made/silent" &
silent=$!
servers="$servers $silent"

# More than it can do: as many as it gets done in time wait, all others are told to come again, at once. No host has more than
# half of that.
cat >"$made/many.sh" <<'END'
stopped() { for dir in /proc/[0-9]*; do [ "$(readlink "$dir/exe" 2>/dev/null)" != "$(readlink -f "$(command -v fcgiwrap)")" ] || kill "$1" "${dir#/proc/}"; done; }
# many ADDRESS COUNT [AT]: so many questions at once from there; their processes are in $asking.
many() {
	for n in $(seq "$2"); do
		curl -s --interface "$1" --cacert "$server/ca.pem" --resolve "boot.test:$port:${3:-127.0.0.1}" -o "$made/many.$1.$n" \
			-w '%{http_code} %header{retry-after}\n' "https://boot.test:$port/v1/receipts/$audit" >"$made/code.$1.$n" &
		asking="$asking $!"
	done
}
# codes COUNT [ADDRESS]: of how many there is which answer, as soon as there are so many.
codes() {
	for _ in $(seq 400); do
		[ "$(cat "$made"/code."${2:-}"* | wc -l)" -ge "$1" ] && break
		sleep 0.05
	done
	sort "$made"/code."${2:-}"* | uniq -c | tr -s ' ' | tr '\n' ';'
}
END
# shellcheck source=/dev/null
. "$made/many.sh"
stopped -STOP
asking=
many 127.0.0.2 9
is "$(codes 3)" " 3 503 5;" "of 9 questions of one host at once 3 are told to come again in 5 seconds"
many 127.0.0.3 6
many 127.0.0.4 6
is "$(codes 9)" " 9 503 5;" "12 questions of all hosts wait, and no more"
stopped -CONT
# shellcheck disable=SC2086
wait $asking
is "$(codes 21) $(grep -l "^document $audit" "$made"/many.* | wc -l)" " 12 200 ; 9 503 5; 12" "those that waited are answered"

# Documents of one host that never end hold nobody else's, nor a question.
python3 "$made/drip.py" "$port" "$server/ca.pem" 12 2 127.0.0.2 >"$made/dripped" &
dripping=$!
servers="$servers $dripping"
for _ in $(seq 200); do
	[ "$(wc -l <"$made/dripped")" -ge 6 ] && break
	sleep 0.05
done
is "$(sort "$made/dripped" | uniq -c | tr -s ' ')" " 6 503 0" "of 12 documents of one host that come slowly 6 are told to come again"
is "$(ask -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")$(ask "https://boot.test:$port$target")" 201200 "another host's is taken, and its question answered"
is "$(ask --interface 127.0.0.2 -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")" 503 "as this one's is not until one of its own is over"
kill "$dripping"
wait "$silent"
after=$(cut -d' ' -f2 "$made/silent")
[ "${after:-0}" -ge 8 ] && [ "$after" -le 30 ]
ok $? "one that says nothing more is ended (after ${after:-0} s)"

# Of IPv6 a network is a host. In a network namespace of its own, with the same programs behind it.
sed "s|listen 127.0.0.1:|listen [::]:|; s|$made/nginx/pid|$made/nginx/pid6|" "$made/nginx/conf" >"$made/nginx/conf6"
cat >"$made/six" <<'END'
. "$made/many.sh"
ip link set lo up
for n in 1 2 3; do ip addr add "fd00:0:0:$(( (n + 1) / 2 ))::$n/128" dev lo nodad; done
nginx -c "$made/nginx/conf6" 2>>"$made/nginx/err" &
for _ in $(seq 100); do [ -s "$made/nginx/pid6" ] && break; sleep 0.05; done
stopped -STOP
asking=
many fd00:0:0:1::1 4 '[::1]'
many fd00:0:0:1::2 4 '[::1]'
codes 2 >"$made/same"
many fd00:0:0:2::3 4 '[::1]'
sleep 0.5
codes 2 >"$made/other"
stopped -CONT
# shellcheck disable=SC2086
wait $asking
codes 12 >"$made/all"
kill "$(cat "$made/nginx/pid6")"
END
rm -f "$made"/code.*
export made port server audit
if [ -e /proc/net/if_inet6 ] && unshare -n sh "$made/six"; then
	is "$(cat "$made/same" "$made/other" "$made/all")" " 2 503 5; 2 503 5; 10 200 ; 2 503 5;" "two addresses of one network of IPv6 have one share, another network has its own"
else
	skip "two addresses of one network of IPv6 have one share" "no IPv6 here"
fi
is "$(cat "$made"/nginx/*.log "$made/nginx/cgi.err" "$made/nginx/err" | grep -c "nonce\|rack4")" 0 "no argument is in a log, nor in what has failed"
[ -s "$made/nginx/bee.log" ]
ok $? "and there is one"
tap_end
