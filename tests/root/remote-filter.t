#!/bin/sh
# The packet filter of remote.policy, in a network of the test's own: who may send what, and what comes in.
if [ "$(id -u)" -eq 0 ] && [ -z "${BEE_OWN_NET:-}" ]; then BEE_OWN_NET=1 exec unshare -n sh "$0" "$@"; fi
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
for tool in nft ip nsenter setpriv /usr/bin/python3; do command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-test"; done
nft list ruleset >/dev/null 2>&1 || skip_all "the kernel has no nftables"
ip link add card0 type veth peer name lan0 2>/dev/null || skip_all "the kernel has no veth"

# The boot server's side: ports 443, 8080, 53.
unshare -n sleep 300 &
lan=$!
servers="$servers $lan"
until [ "$(readlink "/proc/$lan/ns/net")" != "$(readlink "/proc/$$/ns/net")" ]; do sleep 0.05; done
ip link set lan0 netns $lan
inside() { nsenter -n -t $lan "$@"; }
ip link set lo up
ip address add 192.0.2.2/24 dev card0
ip link set card0 up
inside ip address add 192.0.2.1/24 dev lan0
inside ip link set lan0 up
cat >"$made/listen.py" <<'END'
import socket, sys, time
held = []
for port in sys.argv[1:]:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("0.0.0.0", int(port)))
    one.listen(16)
    held.append(one)
print("ready", flush=True)
time.sleep(300)
END
cat >"$made/connect.py" <<'END'
import socket, sys
one = socket.socket()
one.settimeout(1.5)
try:
    one.connect((sys.argv[1], int(sys.argv[2])))
    print("through")
except OSError:
    print("not")
END
nsenter -n -t $lan /usr/bin/python3 "$made/listen.py" 443 8080 53 >"$made/ready" &
servers="$servers $!"
/usr/bin/python3 "$made/listen.py" 22 8080 >"$made/ready2" &
servers="$servers $!"
for _ in $(seq 100); do
	[ -s "$made/ready" ] && [ -s "$made/ready2" ] && break
	sleep 0.1
done
fetch=2079260667 job=2079260669
# tries UID PORT: from here to the boot server
tries() { setpriv --reuid="$1" --regid="$1" --clear-groups /usr/bin/python3 "$made/connect.py" 192.0.2.1 "$2"; }
comes() { inside /usr/bin/python3 "$made/connect.py" 192.0.2.2 "$1"; }

echo 443 >"$conf/BOOTPORT"
: >"$conf/remote.policy"
is "$("$B/bee" remote filter "$conf")" "" "without a word for it there is no filter"
is "$(tries 0 8080) $(comes 22)" "through through" "and all goes through"
# filter LINE...: remote.policy has these; set up
filter() {
	printf '%s\n' filter "$@" >"$conf/remote.policy"
	"$B/bee" remote filter "$conf" >"$made/filter" && nft -f "$made/filter"
}
filter
is "$?" 0 "nft takes what bee remote filter prints"
is "$(tries $fetch 443) $(tries $fetch 53)" "through through" "bee-fetch reaches the server's port, and asks for names"
is "$(tries $fetch 8080)" not "and no other port"
is "$(tries 0 443) $(tries 0 53) $(tries 65534 443)" "not not not" "nobody else reaches anything"
is "$(tries $job 443)" not "nor does an order, where it has no net"
is "$(comes 22) $(comes 8080)" "not not" "nothing comes in"
filter "allow net"
is "$(tries $job 443) $(tries $job 8080)" "through not" "with net an order reaches the server's port"
filter "open ssh"
is "$(comes 22) $(comes 8080)" "through not" "open ssh: it comes in, and nothing else"
filter
is "$(comes 22) $(nft list tables | wc -l)" "not 1" "set up anew, what was open is closed"
printf 'NAMESERVERS="192.0.2.53"\n' >"$conf/NETWORK"
filter
is "$(tries $fetch 53)" not "where NETWORK names servers, names are asked for nowhere else"
printf 'NAMESERVERS="192.0.2.1 2001:db8::1"\n' >"$conf/NETWORK"
filter
is "$? $(tries $fetch 53)" "0 through" "but there"

# An order's keys open it; so does the state after a failure.
mkdir "$made/calls"
printf '#!/bin/sh\nexit 0\n' >"$made/systemctl"
chmod 755 "$made/systemctl"
if [ -e /usr/bin/systemctl ] && mount --bind "$made/systemctl" /usr/bin/systemctl; then
	"$B/bee-order" step-end sshd >/dev/null
	is "$? $(comes 22)" "0 through" "who starts sshd lets it in"
else
	skip "who starts sshd lets it in" "no systemctl to stand in for"
fi
tap_end
