#!/bin/sh
# LLDP neighbors over a pair of virtual interfaces, with the shipped policy: frames are heard, nothing is sent.
# A network of its own comes first: /sys is that of the namespace it is mounted in.
if [ -z "${BEE_TEST_NETWORK:-}" ] && unshare -n true 2>/dev/null; then
	BEE_TEST_NETWORK=1
	export BEE_TEST_NETWORK
	exec unshare -n sh "$0" "$@"
fi
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -n "${BEE_TEST_NETWORK:-}" ] || skip_all "no network namespace of its own can be made"
python=/usr/bin/python3
[ -x "$python" ] || skip_all "frames are sent by python3"
command -v ip >/dev/null || skip_all "ip is not installed"
mount -t sysfs -o ro sysfs /sys || skip_all "cannot mount sysfs"
ip link add name here0 type veth peer name there0 2>/dev/null || skip_all "there are no veth pairs"
ip link add name down0 type veth peer name down1
for name in here0 there0; do
	sysctl -qw "net.ipv6.conf.$name.disable_ipv6=1" 2>/dev/null
	ip link set "$name" up
done

# As shipped, but for hardware behind the interface, and a shorter wait.
mkdir "$made/p"
wait=$((3 * $(pace)))
sed -e '/^see /d' -e "s/ 31\$/ $wait/" -e 's,/sys/class/net/\*,/sys/class/net/here*,' \
	"$root/policy/optional/lldp.policy" >"$made/p/lldp.policy"

sent() { cat /sys/class/net/there0/statistics/tx_packets; }
# send HEX-FILE: each line is a frame, sent from there0 again and again, for the first time before it returns.
send() {
	before_it=$(sent)
	"$python" - "$1" <<-'END' &
		import socket, sys, time
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("there0", 0))
		for _ in range(600):
		    for line in open(sys.argv[1]):
		        s.send(bytes.fromhex(line.strip()))
		    time.sleep(0.1)
	END
	sender=$!
	servers="$servers $sender"
	for _ in $(seq 1 200); do
		[ "$(sent)" = "$before_it" ] || return
		sleep 0.05
	done
}
stop() { kill "$sender" 2>/dev/null; wait "$sender" 2>/dev/null; }

sed -n 's/^frame.//p' "$root/tests/fixtures/rack-server/lldp/hear@eno1/stdout" >"$made/good"
before=$(cat /sys/class/net/here0/statistics/tx_packets)
send "$made/good"
audit good --policy-dir "$made/p"
stop
is "$status" 0 "an audit that hears a frame completes"
in_time $((wait * 1000 - 500)) "as soon as there is one"
is "$(job good lldp/hear@here0 status) $(doc good '.collectors[0].denied | length')" "ok 0" "its job is ok and nothing was refused"
is "$(doc good '.network.neighbors[] | [.key, .system_name, .port_id, .chassis_id, .port_vlan_id, .max_frame_bytes] | map(tostring) | join(" ")')" \
	"here0 leaf-12a.example.net Ethernet17 02:11:22:33:44:00 100 9236" "the neighbor is in the document"
is "$(doc good '.network.neighbors[0].management_addresses | map(.address) | join(" ")')" "192.0.2.12 2001:db8::12" \
	"with its addresses"
valid good
is "$(cat /sys/class/net/here0/statistics/tx_packets)" "$before" "nothing was sent"
is "$(grep -w here0 /proc/net/dev_mcast | grep -c 0180c2)" 0 "no group address stays behind"

# Other protocols are not heard: the frame as IPv4's, and one of another interface.
sed 's/88cc/0800/' "$made/good" >"$made/other"
send "$made/other"
audit silent --policy-dir "$made/p"
stop
is "$status $(job silent lldp/hear@here0 status) $(doc silent '.network.neighbors | length')" "0 ok 0" \
	"frames of another protocol are not heard"
[ "$took" -ge $((wait * 1000 - 100)) ]
ok $? "and it listens to the end"
audit short --policy-dir "$made/p" --timeout 2
is "$status $(timed_out short lldp/hear@here0)" "3 timeout" "where the audit's time ends before, that is said"

sed -n 's/^frame.//p' "$root/tests/fixtures/hostile-firmware/lldp/hear@eth0/stdout" | sed '/88cc/!d' |
	while read -r frame; do
		number=$((${number:-0} + 1))
		echo "$frame" >"$made/bad.$number"
	done
for bad in "$made"/bad.*; do
	send "$bad"
	audit bad --policy-dir "$made/p"
	stop
	is "$(job bad lldp/hear@here0 status | sed 's/partial/ok/') $(doc bad '.network.neighbors | length')" "ok 1" \
		"a hostile frame (${bad##*.}) is a record or a partial one"
	is "$(raw "$made/bad.json" "$made/bad.out" "$made/bad.err")" 0 "and no byte of it reaches a terminal"
	valid bad
done

sed 's,/here\*,/down*,' "$made/p/lldp.policy" >"$made/lldp.policy" && mv "$made/lldp.policy" "$made/p"
audit down --policy-dir "$made/p"
is "$status $(job down lldp/hear@down0 status)" "0 absent" "an interface that is down is not listened on"
is "$(cat /sys/class/net/down0/flags)" "$(cat /sys/class/net/down1/flags)" "and stays down"
audit shipped --policy-dir "$root/policy" --only lldp
is "$status $(doc shipped '[.collectors[].status] | unique | join(" ")')" "0 absent" \
	"with the shipped policy an interface without hardware is left out"

"$python" - <<-'END'
	import errno, socket, sys
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88cc))
	try:
	    s.send(bytes(60))
	except OSError as error:
	    sys.exit(0 if error.errno == errno.ENXIO else 1)
	sys.exit(1)
END
is $? 0 "the kernel refuses to send through a socket that is not bound"
tap_end
