#!/bin/sh
# The image's network scripts, with the real dhclient, against servers that are not kind.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
overlay=$root/iso/overlay scripts=$root/iso/overlay/usr/local/lib/bee
for tool in dhclient ip python3; do
	command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-test"
done
unshare -n ip link add card0 type veth peer name lan0 2>/dev/null || skip_all "the kernel has no veth"

# in_lan MODE WORDS COMMAND: with card0 in a network of its own, whose server answers in that mode, the
# image's files in an /etc and a /run that cannot be written, and words on the kernel's command line.
# shellcheck disable=SC2016
in_lan='
set -u
mode=$1 words=$2 command=$3
cd "$made/$mode"
ip link set lo up
ip link add card0 address 52:54:00:12:34:56 type veth peer name lan0
unshare -n sleep 60 &
lan=$!
until [ "$(readlink /proc/$lan/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link set lan0 netns $lan
inside() { nsenter -n -t $lan "$@"; }
inside ip address add 192.0.2.1/24 dev lan0
inside ip address add 198.51.100.1/32 dev lo
inside ip link set lo up
inside ip link set lan0 up
case $mode in
none) sleep 0 ;;
ra | flood) inside python3 "$here/ra.py" lan0 "$mode" 2>server.err ;;
*) inside python3 "$here/dhcp.py" lan0 log "$mode" 2>server.err ;;
esac &
server=$!
mkdir upper work
mount -t overlay -o "lowerdir=$overlay/etc:/etc,upperdir=upper,workdir=work" bee /etc
mount -t tmpfs bee /sys
mkdir -p /sys/class/net/card0/device
echo 1 >/sys/class/net/card0/type
ip -o link show card0 | sed "s/:.*//" >/sys/class/net/card0/ifindex
echo 52:54:00:12:34:56 >/sys/class/net/card0/address
echo "$words" >cmdline
mount --bind cmdline /proc/cmdline
mount -t tmpfs bee /run
mkdir -p /run/bee-network /run/udev/data
: >"/run/udev/data/n$(cat /sys/class/net/card0/ifindex)"
mount -t tmpfs bee /run/bee-network
mount -o remount,ro,bind /run
mount -o remount,ro /etc
hostname bee
until [ "$mode" = none ] || [ "$mode" = ra ] || [ "$mode" = flood ] || grep -qs ready log; do sleep 0.1; done
sh "$scripts/network" >said 2>&1
eval "$command" >result 2>&1
for pid in /run/bee-network/*.pid; do [ ! -e "$pid" ] || kill "$(cat "$pid")"; done
kill $server $lan 2>/dev/null
'
export here made overlay scripts
lan() {
	mkdir "$made/$1"
	timeout 50 unshare -n -m -u --propagation private sh -c "$in_lan" lan "$@" >"$made/$1/out" 2>&1
}

# until_address SECONDS [ADDRESS]: waits for one, then shows addresses and routes.
# shellcheck disable=SC2016
shown='
addresses() { ip -o -4 address show dev card0 | awk "{ print \$4 }"; }
for _ in $(seq 1 300); do [ -z "$(addresses)" ] || break; sleep 0.1; done
sleep 0.5
addresses
ip -4 route show | sed "s/ *\$//" | grep -v "^192.0.2.0/24 dev"
hostname'
for mode in plain everything cut-routes odd-routes odd-mask no-mask long late nak two; do
	lan $mode 'quiet' "$shown; cat /sys/class/net/card0/mtu 2>/dev/null; ip -o link show card0 | grep -o 'mtu [0-9]*'" &
done
lan none 'bee.ip=52:54:00:12:34:56,192.0.2.77/24,192.0.2.1 bee.ip=card0,2001:db8::7/64 bee.ip=eth9,192.0.2.1' \
	"$shown; sleep 1.5; cat /run/bee-network/notes; sh \$scripts/addresses" &
lan short quiet "$shown; sleep 9; addresses" &
lan change quiet "$shown; sleep 7; addresses" &
lan relay quiet "$shown; sleep 9; addresses" &
# Nobody answers DHCP here; "tentative" is the first second of an address.
# shellcheck disable=SC2016
six='for _ in $(seq 1 100); do
	ip -6 address show dev card0 scope global | grep -q inet6 && ! ip -6 address show dev card0 | grep -q tentative && break
	sleep 0.1
done
'
lan ra quiet "$six sh \$scripts/addresses; ip -6 route show default | cut -d' ' -f1,2,4,5" &
lan flood quiet "$six sleep 3; sh \$scripts/addresses | wc -w" &
wait

kind="192.0.2.7/24
default via 192.0.2.1 dev card0
bee
mtu 1500"
for mode in plain cut-routes odd-routes long late nak two; do
	is "$(cat "$made/$mode/result")" "$kind" "$mode: the address, the way back, and no name"
done
is "$(cat "$made/everything/result")" "192.0.2.7/24
default via 192.0.2.1 dev card0
198.51.100.0/24 via 192.0.2.9 dev card0
bee
mtu 1500" "everything: option 121 gives the routes; an MTU without room for IPv6 is left"
for mode in odd-mask no-mask; do
	is "$(cat "$made/$mode/result")" "192.0.2.7/32
default via 192.0.2.1 dev card0
192.0.2.1 dev card0 scope link
bee
mtu 1500" "$mode: all goes through the router"
done
is "$(cat "$made/short/result")" "192.0.2.7/24
default via 192.0.2.1 dev card0
bee
192.0.2.7/24" "short: a lease of seconds is renewed"
[ "$(grep -c 'request renewal' "$made/short/log")" -ge 2 ]
ok $? "and more than once"
is "$(cat "$made/change/result")" "192.0.2.7/24
default via 192.0.2.1 dev card0
bee
192.0.2.8/24" "change: another address takes the place of the first"
is "$(cat "$made/relay/result")" "192.0.2.7/24
default via 192.0.2.1 dev card0
bee
192.0.2.7/24" "relay: a lease from a server beyond the router"
[ "$(grep -c 'request renewal far' "$made/relay/log")" -ge 2 ]
ok $? "which is asked there again, more than once"
is "$(cat "$made/ra/result")" "2001:db8:1:0:5054:ff:fe12:3456 fe80::5054:ff:fe12:3456%card0
default via dev card0" "ra: a router's prefix gives an address, and the way back, without DHCP"
count=$(cat "$made/flood/result")
[ "$count" -gt 4 ] && [ "$count" -le 17 ]
ok $? "flood: of a thousand prefixes the kernel takes 16, and its own link-local one ($count)"
is "$(cat "$made/none/result")" "192.0.2.77/24
default via 192.0.2.1 dev card0
bee
bee.ip=eth9,192.0.2.1: no prefix's length
192.0.2.77 2001:db8::7 fe80::5054:ff:fe12:3456%card0" \
	"bee.ip=: static addresses, what is wrong told, and every address listed"
for mode in plain everything cut-routes odd-routes odd-mask no-mask long late nak two short change relay; do
	is "$(grep -c decline "$made/$mode/log")" 0 "$mode: no lease is declined"
done
is "$(cut -d' ' -f1 "$made/nak/log" | tail -1)" request "nak: it asks again until it is given one"

# A server's word is not needed for these: what bee.ip= may say.
while IFS='|' read -r word wanted; do
	is "$(echo "quiet $word x=bee.ip=" | sh "$scripts/ipwords")" "$wanted" "read: $word"
done <<'END'
bee.ip=eno1,192.0.2.7/24,192.0.2.1|ok eno1 0 192.0.2.7/24 192.0.2.1
bee.ip=eno1,192.0.2.7/32|ok eno1 0 192.0.2.7/32 -
bee.ip=eno1.4094,dhcp|ok eno1 4094 dhcp -
bee.ip=52:54:00:AB:34:56.1,2001:db8::5/64,fe80::1|ok 52:54:00:AB:34:56 1 2001:db8::5/64 fe80::1
bee.ip=eno1,1:2:3:4:5:6:7:8/64|ok eno1 0 1:2:3:4:5:6:7:8/64 -
bee.ip=eno1,1::/128|ok eno1 0 1::/128 -
bee.ip=eno1|bad bee.ip=eno1: no address
bee.ip=eno1,|bad bee.ip=eno1,: no prefix's length
bee.ip=eno1,dhcp,192.0.2.1|bad bee.ip=eno1,dhcp,192.0.2.1: no prefix's length
bee.ip=eno1,192.0.2.7/24,192.0.2.1,|bad bee.ip=eno1,192.0.2.7/24,192.0.2.1,: more than three parts
bee.ip=eno1,192.0.2.07/24|bad bee.ip=eno1,192.0.2.07/24: not an address
bee.ip=eno1,192.0.2.256/24|bad bee.ip=eno1,192.0.2.256/24: not an address
bee.ip=eno1,192.0.2/24|bad bee.ip=eno1,192.0.2/24: not an address
bee.ip=eno1,192.0.2.7.1/24|bad bee.ip=eno1,192.0.2.7.1/24: not an address
bee.ip=eno1,192.0.2.7/33|bad bee.ip=eno1,192.0.2.7/33: a prefix's length is 1 to 32
bee.ip=eno1,192.0.2.7/0|bad bee.ip=eno1,192.0.2.7/0: a prefix's length is 1 to 32
bee.ip=eno1,2001:db8::5/129|bad bee.ip=eno1,2001:db8::5/129: a prefix's length is 1 to 128
bee.ip=eno1,1::2::3/64|bad bee.ip=eno1,1::2::3/64: not an address
bee.ip=eno1,1::2:3:4:5:6:7:8/64|bad bee.ip=eno1,1::2:3:4:5:6:7:8/64: not an address
bee.ip=eno1,1:2:3:4:5:6:7/64|bad bee.ip=eno1,1:2:3:4:5:6:7/64: not an address
bee.ip=eno1,12345::/64|bad bee.ip=eno1,12345::/64: not an address
bee.ip=eno1,1:/64|bad bee.ip=eno1,1:/64: not an address
bee.ip=eno1,:1/64|bad bee.ip=eno1,:1/64: not an address
bee.ip=eno1,127.0.0.1/8|bad bee.ip=eno1,127.0.0.1/8: an address that no machine can have
bee.ip=eno1,239.1.1.1/8|bad bee.ip=eno1,239.1.1.1/8: an address that no machine can have
bee.ip=eno1,ff02::1/64|bad bee.ip=eno1,ff02::1/64: an address that no machine can have
bee.ip=eno1,::1/128|bad bee.ip=eno1,::1/128: an address that no machine can have
bee.ip=eno1,192.0.2.7/24,2001:db8::1|bad bee.ip=eno1,192.0.2.7/24,2001:db8::1: the gateway is no ipv4 address
bee.ip=eno1,192.0.2.7/24,192.0.2.7|bad bee.ip=eno1,192.0.2.7/24,192.0.2.7: the gateway is the machine itself
bee.ip=eno1.0,dhcp|bad bee.ip=eno1.0,dhcp: a VLAN is a number from 1 to 4094
bee.ip=eno1.4095,dhcp|bad bee.ip=eno1.4095,dhcp: a VLAN is a number from 1 to 4094
bee.ip=eno1.1.2,dhcp|bad bee.ip=eno1.1.2,dhcp: a VLAN is a number from 1 to 4094
bee.ip=../x,dhcp|bad bee.ip=../x,dhcp: a VLAN is a number from 1 to 4094
bee.ip=e/x,dhcp|bad bee.ip=e/x,dhcp: a card is its name or its MAC address
bee.ip=01:54:00:12:34:56,dhcp|bad bee.ip=01:54:00:12:34:56,dhcp: a card is its name or its MAC address
bee.ip=52:54:00:12:34:5g,dhcp|bad bee.ip=52:54:00:12:34:5g,dhcp: a card is its name or its MAC address
bee.ip=sixteen-bytes-xx,dhcp|bad bee.ip=sixteen-bytes-xx,dhcp: a card is its name or its MAC address
bee.ip=*,dhcp|bad bee.ip=*,dhcp: a card is its name or its MAC address
bee.ip|bad bee.ip: it begins with bee.ip=
bee.ip:eno1|bad bee.ip:eno1: it begins with bee.ip=
bee.ipx=eno1|
END
is "$(printf 'bee.ip=\033[2J,dhcp' | sh "$scripts/ipwords")" "bad bee.ip=?[2J,dhcp: a card is its name or its MAC address" \
	"what a terminal would obey is not repeated"
tap_end
