#!/bin/sh
# bee remote against servers that are broken, or lie: nothing runs, and it is said why, in time.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"

make_order 7 <<'END'
echo ran
END
server_start

# mode WORD...: how the server behaves from here on.
mode() { echo "$*" >"$server/mode"; }

# bad MODE WORDS NAME: with that mode it is refused.
bad() {
	mode "$1"
	refused "$3" "$2"
}

mode
remote once
is "$status $(cat "$state/order.log")" "0 ran" "the same server when it is honest: the order runs"

bad short "cut off" "an answer shorter than its Content-Length"
bad huge "too big" "a Content-Length of 10 GB"
bad endless "too big" "an answer that never ends"
bad headers "headers are too big" "100 KB of headers"
# What libcurl makes of bytes that are no answer, it says in words of its own.
raw() { bad raw "${2:-no answer: 127.0.0.1}" "$1"; }
many() { yes "$1" | head -n "$2"; }
{ printf 'HTTP/1.1 200 OK\r\nX: ' && head -c 1000000 /dev/zero | tr '\0' y; } >"$server/raw"
raw "a header of 1 MB" "a header that does not end"
many "$(printf 'HTTP/1.1 100 Continue\r\nX: y\r\n\r')" 10000 >"$server/raw"
raw "10,000 answers before the answer" "headers are too big"
{ printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n' && many "$(printf 'X: y\r')" 100000; } >"$server/raw"
raw "100,000 headers behind the answer" "headers are too big"
{ printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n' && head -c 50000000 /dev/zero | gzip -1; } >"$server/raw"
raw "50 MB, packed, which nobody has asked for" "too big"
printf 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nabc' >"$server/raw"
raw "another protocol" "says 101"
printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc' >"$server/raw"
raw "a part of -5 bytes"
printf 'HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc' >"$server/raw"
raw "an answer of -3 bytes"
printf 'bee-ticket 1\n' >"$server/raw"
raw "an answer without a header"
total=3 bad drip "took too long" "one byte every 0.3 s"
in_time 9000 "and it is not waited for longer than --total"
bad redirect "a redirect, and none is followed" "a redirect"
is "$(grep -c elsewhere "$server/log")" 0 "which is not followed"
bad busy "says 503" "a server that is busy"

# Tickets: each line of it wrong, signed all the same.
other=0000000000000000000000000000000000000000000000000000000000000000
bad "request=$other" "answers another request" "a ticket for another request"
bad "attempt=99" "answers another attempt" "a ticket for another attempt"
bad "domain=bee-receipt" "first line is not bee-ticket 1" "a receipt in the place of a ticket"
bad "time=2026-02-31T00:00:00Z" "seventh line is not time" "a ticket of February 31"
bad "time=2099-06-01T00:00:00Z" "does not hold" "a ticket of a time when the certificate is over"
bad "time=2001-01-01T00:00:00Z" "does not hold" "a ticket of a time before the certificate"
bad "order=x" "third line is not order" "a ticket whose order is no sha256"
bad "state=x" "fourth line is not state" "or whose state is none"
bad "keys=0" "fifth line is not keys" "or that is of no key list"
bad "order=$other" "says 404" "a ticket for an order that the server has not got"
bad "extra=more" "eighth line is not end" "a ticket with a line too many"
bad "key=stranger.key" "signature: by 0" "a ticket of somebody else's key"
bad "key=alice.key" "signature: by 0" "a ticket by a key for orders"
for at in 3 20 100 200 400; do
	bad "flip at=$at" "ticket:" "a ticket with byte $at flipped"
done

# Orders.
sed 's/ran/something else/' "$order" >"$server/files/other"
sign "$server/files/other" alice bob
bad "instead=other" "is not of this file" "another order's bytes"
bad "instead-sig=other" "is not of this file" "another order's signatures"
bad "instead=other instead-sig=other" "the ticket names" "another order, with its signatures"
mode
sign "$order" alice
refused "an order that one of two has signed" "2 must sign"
sign "$order" alice alice
refused "an order that one has signed twice" "2 must sign"
sign "$order" alice stranger
refused "an order that a stranger has signed too" "2 must sign"
sign "$order" alice ticket
refused "an order that the key for tickets has signed too" "2 must sign"
sign "$order" alice bob
echo tail >>"$order.minisig"
refused "something after the signatures" "does not start with"
cp "$order" "$made/kept"
sign "$order" alice bob
cp "$order.minisig" "$made/kept.minisig"
printf '\n' >>"$order"
refused "a byte more than was signed" "is not of this file"
for header in "#bee-sequence 4:below this image's floor" "#bee-target uuid=4c4c4544-0000-1000-8000-000000000000:not for this machine" \
	"#bee-target id=another:not for this machine" "#bee-not-after 2020-01-01T00:00:00Z:its time was over" \
	"#bee-need net:not allowed here" "#bee-need see /etc:not allowed here" "#bee-need see $made/seen/../x:no such path" \
	"#bee-need disk:which nothing here knows" "#bee-time-limit 86400:are allowed here" "#bee-color blue:no such word" \
	"#bee-target any:a target any, and another" "#bee-file ../x $other:a file's name"; do
	line=${header%:*} why=${header##*:}
	word=${line%% *}
	{
		sed -n 1,2p "$made/kept"
		case $word in
		'#bee-target') [ "$line" = "#bee-target any" ] && echo "#bee-target id=rack4-node7" ;;
		*) echo "#bee-target id=rack4-node7" ;;
		esac
		[ "$word" = '#bee-sequence' ] || echo "#bee-sequence 7"
		[ "$word" = '#bee-not-after' ] || echo "#bee-not-after 2099-01-01T00:00:00Z"
		[ "$word" = '#bee-time-limit' ] || echo "#bee-time-limit 20"
		echo "$line"
		echo '#bee-end'
		echo 'echo ran'
	} >"$order"
	sign "$order" alice bob
	refused "an order with $line" "$why"
done
sed 's/^#bee-end$//' "$made/kept" >"$order"
sign "$order" alice bob
refused "an order whose header does not end" "not a line of its header"
sed 1d "$made/kept" >"$order"
sign "$order" alice bob
refused "an order that is no script" "first line"

# Files of an order.
echo data >"$server/files/data"
sum=$(sha256sum <"$server/files/data" | cut -d' ' -f1)
make_order 7 "#bee-file data $sum" <<'END'
cat "$1/data"; echo ran
END
rm -rf "$state"
# As its unit has it: what is made for an order is for its user all the same.
umask 077
remote once
umask 022
is "$status $(cat "$state/order.log")" "0 data
ran" "an order has its files"
ok "$([ ! -e "$state/files" ]; echo $?)" "which are gone afterwards"
mode wrong=data
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "3 " "a file with other bytes: nothing runs"
ok "$(said "file data: it is not the one that the order names"; echo $?)" "in words"
mode
make_order 7 "#bee-file data $other" <<'END'
echo ran
END
refused "a file that the server has not got" "says 404"

# Certificates.
servers_tls() {
	kill "$server_pid"
	cp "$server/$1.pem" "$server/tls.pem"
	server_start
}
make_order 7 <<'END'
echo ran
END
certificate other other.test -days 10
servers_tls other
refused "a certificate for another name" "for another name"
certificate over boot.test -not_before 20200101000000Z -not_after 20200201000000Z 2>/dev/null ||
	certificate over boot.test -days -1
servers_tls over
refused "a certificate whose time is over" "does not hold"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$server/self.key" -days 10 \
	-out "$server/self.crt" -subj /CN=boot.test -addext subjectAltName=DNS:boot.test 2>/dev/null
cat "$server/self.crt" "$server/self.key" >"$server/self.pem"
servers_tls self
refused "a certificate of nobody" "not by our CA"
mode plain
servers_tls good
refused "a server without TLS" "no TLS"
mode old
servers_tls good
# Also where the machine's own settings would take it.
cat >"$made/openssl.cnf" <<END
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lax
[lax]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
END
mount --bind "$made/openssl.cnf" /etc/ssl/openssl.cnf
refused "a server with TLS 1.1" "no TLS"
if command -v curl >/dev/null; then
	curl -s --tls-max 1.1 --cacert "$server/ca.pem" --resolve "boot.test:$(cat "$made/port"):127.0.0.1" \
		-o "$made/nothing" "https://boot.test:$(cat "$made/port")/v1/file/$other"
	is "$?" 0 "which a client with those settings takes"
else
	skip "which a client with those settings takes" "curl is not installed"
fi
umount /etc/ssl/openssl.cnf
mode
servers_tls good

# A server of static files: no tickets, where the image says so.
cp "$conf/TRUST" "$made/TRUST"
sed -i 's/^ticket-key .*/freshness static/' "$conf/TRUST"
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "0 ran" "an order without a ticket, where the image says so"
is "$(tail -n 3 "$server/log" | grep -c cgi-bin)" 0 "without a question to a program"
bad "order=x" "not one line with a sha256" "an answer that is no sum"
bad "order=$other" "says 404" "a sum that the server has not got"
bad "instead=other instead-sig=other" "is not" "another order in its place"
mode
sed -i 's/^#bee-not-after .*/#bee-not-after 2026-01-01T00:00:00Z/' "$order"
sign "$order" alice bob
refused "an order whose time is over by the machine's clock" "its time was over"
servers_tls over
refused "a certificate that is over by the machine's clock" "does not hold"
servers_tls good
machine_key
make_order 7 "#bee-need key" </dev/null
refused "a key proves nothing to who signs no tickets" "it needs a key, and nothing but its word proves which machine this is"
rm "$conf/machine.key"
cp "$made/TRUST" "$conf/TRUST"
make_order 7 <<'END'
echo ran
END

# The lease: the live image's own file, of the card that was given one last, and of that the end.
mkdir -p /run/bee-network
if mount -t tmpfs tmpfs /run/bee-network && { [ ! -d /var/lib/dhcp ] || mount -t tmpfs tmpfs /var/lib/dhcp; }; then
	for n in $(seq 100); do echo "lease { number $n of an older card; }"; done >/run/bee-network/eno1.leases
	cp /run/bee-network/eno1.leases /run/bee-network/eno3.leases
	for n in $(seq 100); do echo "lease { fixed-address 192.0.2.$n; }"; done >/run/bee-network/eno2.leases
	: >/run/bee-network/eno4.leases
	echo 4711 >/run/bee-network/eno5.pid
	ln -s "$made/TRUST" /run/bee-network/eno6.leases
	touch -d "2 hours ago" /run/bee-network/eno1.leases
	touch -d "1 hour ago" /run/bee-network/eno3.leases
	rm -rf "$state"
	: >"$server/log"
	remote once
	lease=$(sed -n 's/.*[?&]dhcp=\([^&]*\).*/\1/p' "$server/log" | head -n 1)
	case $lease in *192.0.2.100%3B%20%7D%0A) ok 0 "the newest lease goes along, to its end" ;; *) ok 1 "the newest lease goes along, to its end" ;; esac
	case $lease in *older* | *4711* | *192.0.2.1%3B* | *scheme*) ok 1 "and nothing else" ;; *) ok 0 "and nothing else" ;; esac
	umount /run/bee-network
fi
rmdir /run/bee-network 2>/dev/null

# Addresses.
echo "127.0.0.9 127.0.0.1" >"$conf/BOOTSERVER_IP"
rm -rf "$state"
remote once
is "$status $(cat "$state/order.log")" "0 ran" "a first address where nobody is: the second is asked"
kill "$server_pid"
echo "127.0.0.1" >"$conf/BOOTSERVER_IP"
refused "a server that is down" "no connection"
in_time 5000 "in time"
tap_end
