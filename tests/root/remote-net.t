#!/bin/sh
# bee remote in a network of its own: names that have several addresses, or none, or the wrong ones.
if [ -z "${BEE_TEST_NET:-}" ] && [ "$(id -u)" -eq 0 ]; then
	BEE_TEST_NET=1
	export BEE_TEST_NET
	exec unshare -n sh "$0" "$@"
fi
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
command -v ip >/dev/null || skip_all "ip is not installed: make deps-test"
ip link set lo up
ip link add card0 type veth peer name far0 2>/dev/null || skip_all "the kernel has no veth"
ip address add 192.0.2.1/24 dev card0
ip link set card0 up
ip link set far0 up
# Where nobody answers, and nobody says so.
ip neighbor add 192.0.2.9 lladdr 02:00:00:00:00:09 dev card0
printf 'nameserver 127.0.0.1\n' >"$made/resolv.conf"
# What a machine of many services asks is not asked: a name server is.
printf 'hosts: files mymachines nothing\n' >"$made/nsswitch.conf"
mount --bind "$made/resolv.conf" /etc/resolv.conf || skip_all "no mount on /etc/resolv.conf"
mount --bind "$made/nsswitch.conf" /etc/nsswitch.conf || skip_all "no mount on /etc/nsswitch.conf"

echo 127.0.0.1 >"$server/dns"
python3 "$here/dns.py" "$server" 2>"$made/dns.err" &
servers="$servers $!"
for _ in $(seq 200); do
	[ -e "$server/dns-ready" ] && break
	sleep 0.05
done
make_order 7 <<'END'
echo ran
END
# Everywhere, and by IPv6 too.
BEE_TEST_ADDRESS=::
export BEE_TEST_ADDRESS
server_start

# runs NAME LIMIT-MS: the order runs, in that time.
runs() {
	rm -rf "$state"
	remote once --connect 4
	is "$status $(cat "$state/order.log" 2>&1)" "0 ran" "$1"
	[ "$status" -eq 0 ] || sed 's/^/# /' "$made/err"
	in_time "$2" "in time"
}

# names ADDRESS...: what the name server says of the boot server.
names() { echo "$*" >"$server/dns"; }

rm "$conf/BOOTSERVER_IP"
runs "an address by DNS" 6000
names ::1
runs "an address of IPv6" 6000
names 192.0.2.9 127.0.0.1
runs "one address that black-holes, and one that answers" 9000
names 192.0.2.9
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"
runs "all of DNS black-holes: BOOTSERVER_IP is asked" 9000

# What is not there is not there: nobody else is asked for it, and so not who black-holes.
names
echo "127.0.0.1 192.0.2.9" >"$conf/BOOTSERVER_IP"
cp "$conf/TRUST" "$made/TRUST"
sed -i 's/^ticket-key .*/freshness static/' "$conf/TRUST"
runs "a server of files without a key list, and a second address that black-holes" 4000
sed "/^ticket-key/ s/ .*/ $(pub stranger | sed 's,/,\\/,g')/" "$made/TRUST" >"$conf/TRUST"
{
	printf 'bee-keys 1\nversion 2\nnot-after 2099-01-01T00:00:00Z\nticket-until 2099-01-01T00:00:00Z\n'
	sed '/^scheme/d' "$made/TRUST"
	echo end
} >"$made/list"
sign "$made/list" alice bob
cat "$made/list" "$made/list.minisig" >"$server/2"
runs "a newest key list, and a second address that black-holes" 4000
rm "$server/2"
cp "$made/TRUST" "$conf/TRUST"
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"

names loop
runs "two names that are each other's" 6000
names junk
runs "a name server whose bytes are no answer" 14000
# Of answers that do not fit into a packet as many are taken as there are places. Addresses that are this machine's, or a link's, or
# nobody's, are asked as all others are, and have no certificate.
# shellcheck disable=SC2046 # words
names $(seq -f 127.0.2.%g 28)
runs "28 addresses by DNS" 9000
names 0.0.0.0 255.255.255.255 224.0.0.1 169.254.1.1 :: fe80::1 ff02::1 ::ffff:127.0.0.9
runs "addresses that are nobody's" 9000
names dead
runs "a name server that does not answer" 14000
names
runs "a name without an address" 6000

# The name server lies: at 127.0.0.5 is somebody with a certificate of his own.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$made/liar.key" -days 10 \
	-out "$made/liar.crt" -subj /CN=boot.test -addext subjectAltName=DNS:boot.test 2>/dev/null
kill "$server_pid"
wait "$server_pid" 2>/dev/null
BEE_TEST_ADDRESS=127.0.0.1
server_start
openssl s_server -accept "127.0.0.5:$(cat "$made/port")" -cert "$made/liar.crt" -key "$made/liar.key" -www \
	>/dev/null 2>&1 &
servers="$servers $!"
sleep 0.3
names 127.0.0.5
runs "a name server that lies" 9000
rm "$conf/BOOTSERVER_IP"
refused "and where there is no other address, it is said" "not by our CA"
names
refused "no address at all" "boot.test has no address, and there is no BOOTSERVER_IP: No address associated with hostname"
echo 127.0.0.9 >"$conf/BOOTSERVER_IP"
refused "nor is a fallback's silence all that is said" "no connection; boot.test: No address associated with hostname"
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"

# Two servers by one name, of which the first has a damaged order.
names
echo "127.0.0.2 127.0.0.1" >"$conf/BOOTSERVER_IP"
sed 's/ran/something else/' "$order" >"$server/files/other"
cp -r "$server" "$made/second"
echo "instead=other" >"$made/second/mode"
: >"$made/second/log"
first=$server server=$made/second
BEE_TEST_ADDRESS=127.0.0.2 BEE_TEST_PORT=$(cat "$made/port")
export BEE_TEST_PORT
server_start
server=$first
runs "a server with a damaged order, and one that has it whole" 9000
is "$(grep -c /v1/file "$made/second/log")" 1 "which was asked first"
kill "$server_pid"
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"

# A server that is odd, and has a certificate that is as it should be: another one is asked as soon as its time is over.
echo "127.0.0.3 127.0.0.1" >"$conf/BOOTSERVER_IP"
# odd WAY WORDS
odd() {
	python3 "$here/odd_server.py" 127.0.0.3 "$(cat "$made/port")" "$server/tls.pem" "$1" >"$made/odd.out" 2>&1 &
	odd=$!
	servers="$servers $odd"
	for _ in $(seq 100); do
		ss -Hltn "src 127.0.0.3" | grep -q . && break
		sleep 0.05
	done
	rm -rf "$state"
	remote once --connect 1 --total 2
	is "$status $(cat "$state/order.log" 2>&1)" "0 ran" "a server that is odd ($1), and one that is not"
	in_time 8000 "in time"
	"$B/bee-fetch" --host=boot.test --port="$(cat "$made/port")" --target=/ --first=127.0.0.3 --max=99 --connect=1 --total=2 \
		3<"$conf/cacert.pem" 4<>"$made/body" 5>"$made/report"
	grep -qa "$2" "$made/report"
	ok $? "which is told of: $(grep -ao "port [0-9]*: [ -~]*" "$made/report")"
	kill "$odd"
	wait "$odd" 2>/dev/null
}
odd silent "it took too long"
odd hello "it took too long"
odd alerts "no TLS"
odd h2 "what it says is not HTTP/1.1"
odd reset "nothing\|Failure"
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"

# Proxies of the environment are not asked.
https_proxy=http://127.0.0.5:1 HTTPS_PROXY=http://127.0.0.5:1 ALL_PROXY=http://127.0.0.5:1
export https_proxy HTTPS_PROXY ALL_PROXY
runs "with a proxy in the environment" 6000
"$B/bee-fetch" --host=boot.test --port="$(cat "$made/port")" --target=/v1/by-itself --address=127.0.0.1 --max=99 --connect=2 \
	--total=3 3<"$conf/cacert.pem" 4<>"$made/body" 5>"$made/report"
is "$(grep -c by-itself "$server/log")" 1 "bee-fetch does not ask it, either"
unset https_proxy HTTPS_PROXY ALL_PROXY

# What an order sees of the network.
script="bash -c 'echo >/dev/tcp/127.0.0.1/$(cat "$made/port")' 2>&1 && echo reached || echo not"
make_order 8 <<END
$script
END
remote once
is "$(tail -n 1 "$state/order.log")" not "an order without a need of it has no network"
make_order 9 "#bee-need net" <<END
$script
END
refused "one that needs it is refused" "not allowed here"
echo "allow net" >"$conf/remote.policy"
remote once
is "$(tail -n 1 "$state/order.log")" reached "but where the policy allows it"
make_order 10 "#bee-need net" <<'END'
ip link set lo down; ip route add 198.51.100.0/24 dev lo
ping -c 1 -W 1 127.0.0.1
echo "ended"
END
remote once
ok "$(ip -o link show lo | grep -q UP && ! ip route | grep -q 198.51; echo $?)" "with which it changes no network"

# Many addresses of which none answers: those of BOOTSERVER_IP are asked all the same.
make_order 11 <<'END'
echo ran
END
# shellcheck disable=SC2046 # words
names $(seq -f 127.0.1.%g 20)
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"
runs "twenty addresses by DNS where nobody is: BOOTSERVER_IP is asked" 9000

# Two servers, one with answers to somebody else, of a name that tells its addresses in another order each time.
rm "$conf/BOOTSERVER_IP"
good=$server
cp -r "$server" "$made/bad"
echo "request=$(printf x | sha256sum | cut -d' ' -f1)" >"$made/bad/mode"
server=$made/bad BEE_TEST_ADDRESS=127.0.0.1 BEE_TEST_PORT=0
export BEE_TEST_PORT
server_start
server=$good BEE_TEST_ADDRESS=127.0.0.2 BEE_TEST_PORT=$(cat "$made/port")
server_start
: >"$made/bad/log"
for turn in 1 2; do
	names turn 127.0.0.1 127.0.0.2
	runs "each of two servers is asked, whatever order they are told in ($turn)" 9000
done
ok "$(grep -q bootme "$made/bad/log"; echo $?)" "one of which had the wrong answers"
tap_end
