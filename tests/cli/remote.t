#!/bin/sh
# bee remote without a network: the configuration, keys, signatures, what an order may do.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
export ASAN_OPTIONS=detect_leaks=0

# remote WORD...: $status, $made/out, $made/err
remote() {
	"$B/bee" remote "$@" >out 2>err </dev/null
	status=$?
}
said() { grep -qF -- "$1" err out; }

for key in alice bob ticket receipt; do
	remote keys --new "$key"
done
is "$status $(cat out)" "0 $(sed -n 's/.*key //p' receipt.pub) receipt.pub" "keys --new prints its number"
is "$(stat -c %a alice.key)" 600 "a secret key is its owner's alone"
remote keys --new alice
is "$status" 73 "and is never written over"
pub() { tail -n 1 "$1.pub"; }
# What is not whole is not there. bounded BLOCKS WORD...: remote, where no file has more than so many times 512 bytes.
bounded() {
	blocks=$1
	shift
	(trap '' XFSZ; ulimit -f "$blocks"; "$B/bee" remote "$@" >out 2>err </dev/null)
	status=$?
}
: >other.pub
remote keys --new other
is "$status $(grep -c 'other.pub: File exists' err) $(ls other.*)" "73 1 other.pub" "nor is a public one, beside which no secret one is left"
rm other.pub
bounded 0 keys --new other
is "$status $(ls other.* 2>/dev/null)" "73 " "where there is no room there is no key"
echo text >bounded
bounded 1 sign -k alice.key bounded
cp bounded.minisig whole.minisig
bounded 1 sign -k bob.key bounded
is "$status $(cmp bounded.minisig whole.minisig 2>&1)" "74 " "nor half a signature behind another's"
rm bounded.minisig
bounded 0 sign -k alice.key bounded
is "$status $(ls bounded.* 2>/dev/null)" "74 " "nor an empty file of them"
mkdir chunks
head -c 9000 /dev/zero >image
bounded 10 chunks image chunks 8192
is "$status $(ls chunks)" "73 " "nor a part of a chunk"
mkfifo "chunks/$(head -c 8192 /dev/zero | sha256sum | cut -d' ' -f1).next"
remote chunks image chunks 8192
is "$status $(find chunks -type f | wc -l)" "0 2" "what stands in its way is removed"
rm -r chunks && mkdir chunks
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	timeout -s TERM 0.3 strace -o /dev/null -f -e inject=write:delay_enter=1000000 "$B/bee" remote chunks image chunks 8192 >out 2>err </dev/null
	is "$? $(find chunks -name "*.next")" "124 " "who is to end leaves whole chunks"
else
	skip "who is to end leaves whole chunks" "no strace here"
fi

# conf: a configuration that is as it should be.
conf() {
	rm -rf c
	mkdir c
	echo node-7 >c/ID
	echo boot.example.org >c/BOOTSERVER
	echo "192.0.2.1 2001:db8::1" >c/BOOTSERVER_IP
	echo 443 >c/BOOTPORT
	printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >c/cacert.pem
	printf 'scheme minisign\nthreshold 2\norder-key %s\norder-key %s\nticket-key %s\nreceipt-key %s\n' \
		"$(pub alice)" "$(pub bob)" "$(pub ticket)" "$(pub receipt)" >c/TRUST
	cat >c/NETWORK <<-'END'
		# xenoboot's variables
		DHCP_INTERFACES="eth0"
		STATIC_INTERFACES=eth1
		IFCONFIG_eth1="192.0.2.10 netmask 255.255.255.0 broadcast 192.0.2.255 mtu 1500 up"
		GATEWAY=""
		NAMESERVERS='192.0.2.53 2001:db8::53'   # two
		HOSTNAME="node-7"
	END
	printf 'allow see /var/log # and what is below\ntime-limit 600\n' >c/remote.policy
}

conf
sed -i 's/^/    /' c/TRUST c/remote.policy c/NETWORK
remote lint c
is "$status $(cat err)" "0 " "lines may be indented, as a page's are"
conf
head -c 300 /dev/zero | { printf '0\202\001\054'; cat; } | base64 | { echo "-----BEGIN CERTIFICATE-----"; cat; echo "-----END CERTIFICATE-----"; } >c/cacert.pem
remote lint c
is "$status $(cat err)" "0 " "a certificate of a length in two bytes"
conf
remote lint c
is "$status $(cat err)" "0 " "a configuration with xenoboot's files is good"
remote keys c
is "$status $(grep -c '^order' out)" "0 2" "keys names them"
ok "$(grep -q '2 of these 2' out; echo $?)" "and how many have to sign"

remote network c
is "$status $(cat out)" "0 net eth0 0 dhcp -
net eth1 0 192.0.2.10/24 -
mtu eth1 1500
dns 192.0.2.53
dns 2001:db8::53
hostname node-7" "network says what NETWORK is to whom sets interfaces up"
sed -i 's/^GATEWAY=.*/GATEWAY=192.0.2.1/' c/NETWORK
remote network c
is "$status $(sed -n 2p out)" "0 net eth1 0 192.0.2.10/24 192.0.2.1" "with the gateway where it is near"
sed -i 's/^GATEWAY=.*/GATEWAY=192.0.3.1/' c/NETWORK
remote network c
is "$status $(cat out) $(grep -c 'GATEWAY is in the network of no interface' err)" "65  1" "and a gateway that is near to none is an error"
printf 'STATIC_INTERFACES="e4 e6"\nIFCONFIG_e4=192.0.2.10/24\nIFCONFIG_e6=2001:db8::10/64\nGATEWAY=fe80::1\n' >c/NETWORK
remote network c
is "$status $(cat out)" "0 net e4 0 192.0.2.10/24 -
net e6 0 2001:db8::10/64 fe80::1" "but a link-local one is near to the card that has an address of IPv6"
sed -i 's/^IFCONFIG_e4=.*/IFCONFIG_e4=2001:db8:1::10\/64/' c/NETWORK
remote network c
is "$status $(cat out) $(grep -c 'GATEWAY is link-local, and by which of 2 interfaces' err)" "65  1" "where there is one alone"
sed -i 's/^GATEWAY=.*/GATEWAY=fec0::1/' c/NETWORK
remote network c
is "$status $(cat out) $(grep -c 'GATEWAY is in the network of no interface' err)" "65  1" "and fec0::1 is none of those"
rm c/NETWORK
remote network c
is "$status $(cat out)" "0 " "without NETWORK it says nothing"
conf

# wrong FILE TEXT WORDS NAME: with that text it is refused, with FILE and these words.
wrong() {
	conf
	printf %b "$2" >"c/$1"
	remote lint c
	if [ "$status" -eq 65 ] && grep -qF "c/$1:" err && said "$3"; then
		ok 0 "$4"
	else
		ok 1 "$4"
		sed 's/^/#   got: /' err
	fi
}
wrong ID 'node 7\n' "an ID is" "an ID with a blank"
wrong ID '.\n' "an ID is" "an ID that is a folder"
wrong ID 'a\nb\n' ":2: something after" "two IDs"
wrong ID 'a' ":1: not one line" "an ID without an end of line"
wrong ID 'a\r\n' ":1: not one line of text, with a newline (LF)" "an ID as a DOS writes it"
wrong ID 'a\000b\n' ":1: not one line" "a NUL in an ID"
wrong BOOTSERVER 'https://boot.example.org\n' "a host's name alone" "a URL in the place of a server"
wrong BOOTSERVER '192.0.2.1\n' "not a host's name" "an address in the place of a name"
wrong BOOTSERVER 'boot..org\n' "not a host's name" "a name with an empty label"
wrong BOOTSERVER '-h\n' "not a host's name" "a name that looks like an option"
# inet_aton(3) takes these for addresses, and so does libcurl, which then asks nobody else.
for number in 127.1 2130706433 0x7f000001 127.0.0.0X1 010.1; do
	wrong BOOTSERVER "$number\n" "not a host's name" "a name that is a number: $number"
done
wrong BOOTSERVER_IP '192.0.2.256\n' "not IP addresses" "an address that is none"
wrong BOOTPORT '65536\n' "not a port" "a port that is none"
wrong BOOTPORT '0443\n' "not a port" "a port with a zero before it"
wrong cacert.pem 'x\r\n' "no certificate in PEM: a carriage return (CRLF) is in it" "what a DOS makes of one"
wrong cacert.pem '-----BEGIN CERTIFICATE-----\nMAA=\n' "no certificate in PEM: one is cut off or changed" "one that is cut off"
wrong cacert.pem '-----BEGIN CERTIFICATE-----\nMAAw\n-----END CERTIFICATE-----\n' "no certificate in PEM: one is cut off or changed" "one with more behind it"
wrong cacert.pem '-----BEGIN CERTIFICATE-----\nMIQAAAAB\n-----END CERTIFICATE-----\n' "no certificate in PEM: one is cut off or changed" "one shorter than it says"
wrong cacert.pem '-----BEGIN CERTIFICATE-----\nM\0000AA=\n-----END CERTIFICATE-----\n' "no certificate in PEM: a NUL is in it" "one with a NUL"
wrong cacert.pem '' "no certificate in PEM: there is none" "an empty one"
wrong TRUST '\357\273\277scheme minisign\n' ":1: not a line of text: a byte order mark is before it" "a byte order mark"
wrong TRUST 'scheme minisign' ":1: not a line of text: no newline (LF) is at its end" "a line that does not end"
wrong remote.policy 'allow net\r\n' ":1: not a line of text: a carriage return (CRLF) is in it" "a policy as a DOS writes it"
wrong remote.policy 'allow net # \303\274\n' ":1: not a line of text: a byte that is no ASCII is in it" "a comment that is no ASCII"
wrong NETWORK 'DHCP_INTERFACES="\033[2J"\n' "characters: a control character is in it" "a terminal's escape"
wrong cacert.pem 'hello\n' "no certificate" "a CA that is none"
wrong cacert.pem '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n' "a private key" "a CA with its private key"
wrong pubring.gpg '\231x' "it goes with scheme gpg" "a keyring of GnuPG beside minisign's keys"
wrong machine.key 'x\n' "machine.key: no secret key of minisign" "a machine's key that is none"
wrong machine.key "untrusted comment: x\n$key\n" "machine.key: no secret key of minisign" "its public key in its place"
wrong pubring.gpg 'x' "not a keyring" "a keyring that is none"
# shellcheck disable=SC2016 # it is not to be expanded
wrong NETWORK 'DHCP_INTERFACES=$(reboot)\n' ":1: DHCP_INTERFACES has a character that a shell" "a command in NETWORK"
wrong NETWORK 'GATEWAY="1.2.3.4" reboot\n' ":1: something after" "a second word in NETWORK"
wrong NETWORK '\nEDITOR=vi\n' ":2: EDITOR is not known" "a variable that is none of xenoboot's"
wrong NETWORK 'GATEWAY="1.2.3.4\n' ":1: a quote that is not closed" "an open quote"
wrong NETWORK 'STATIC_INTERFACES=eth1\n' "there is no IFCONFIG_eth1" "a static interface without its address"
wrong NETWORK 'IFCONFIG_eth1=192.0.2.1/24\n' "is in no list" "an address of an interface that is in no list"
wrong NETWORK 'DHCP_INTERFACES=e\nIFCONFIG_e=192.0.2.1/24\n' "and asks DHCP" "an interface with both"
wrong NETWORK 'STATIC_INTERFACES=e\nIFCONFIG_e=192.0.2.1\n' "without a netmask" "an address without a netmask"
wrong NETWORK 'STATIC_INTERFACES=e\nIFCONFIG_e="192.0.2.1 netmask 255.0.255.0"\n' "is no netmask" "a netmask with a hole"
wrong NETWORK 'STATIC_INTERFACES=e\nIFCONFIG_e="2001:db8::1 netmask 255.255.255.0"\n' "is of IPv6" "a netmask of IPv4 for an address of IPv6"
wrong NETWORK 'DHCP_INTERFACES=e\nSTATIC_INTERFACES=e\n' ":2: e is in both lists" "an interface that is in both lists"
wrong NETWORK 'STATIC_INTERFACES=e\nIFCONFIG_e="192.0.2.1/24 promisc on"\n' "is not known here" "a word of ifconfig that is not read"
wrong NETWORK 'GATEWAY=a\nGATEWAY=b\n' ":2: a second GATEWAY" "a variable twice"
wrong NETWORK 'NAMESERVERS="1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4"\n' "more than 3" "four name servers"
wrong remote.policy 'allow disks\n' ":1: not allow net" "a grant that there is not"
wrong remote.policy 'allow see /a/../b\n' ":1: not an absolute path" "a path that goes up"
wrong TRUST 'scheme signify\n' ":1: not scheme minisign" "another scheme"
key=$(pub alice)
head='scheme minisign\nthreshold 1\n'
wrong TRUST "${head}order-key $key\norder-key $key\nticket-key $(pub ticket)\n" ":4: this key is there already" "a key twice"
wrong TRUST "${head}order-key $key\nticket-key $key\n" ":4: this key is there already" "a key with two roles"
wrong TRUST "${head}order-key $key\n" "a ticket-key or freshness static" "no key for tickets"
wrong TRUST "scheme minisign\nthreshold 2\norder-key $key\nticket-key $(pub ticket)\n" "fewer order keys" "more signatures than keys"
wrong TRUST "${head}order-key ${key%?}\nticket-key $(pub ticket)\n" ":3: not the second line" "half a key"
wrong TRUST "${head}order-key RW!${key#???}\nticket-key $(pub ticket)\n" ":3: not the second line" "a key with a character that is no base64"
wrong TRUST "${head}order-key $key=\nticket-key $(pub ticket)\n" ":3: not the second line" "a key with one character more"
wrong TRUST "${head}freshness static\norder-key $key\nticket-key $(pub ticket)\n" "and not both" "tickets, and freshness without"
wrong TRUST "${head}threshold 1\norder-key $key\nticket-key $(pub ticket)\n" ":3: it is there a second time" "two thresholds"
conf
ln -sf /etc/hostname c/ID
remote lint c
is "$status" 65 "a link in the place of a file"
conf
touch c/BOOTSERVERS
remote lint c
ok "$(said "no file of this folder has that name"; echo $?)" "a file whose name is written wrong"
conf
rm c/TRUST
remote lint c
ok "$(said "c/TRUST: it is missing"; echo $?)" "a file that is missing"
remote lint none
is "$status" 65 "a folder that is missing"

for host in boot boot.1 1and1.example 4.example.3com x-1.0xg; do
	conf
	echo "$host" >c/BOOTSERVER
	remote lint c
	is "$status $(cat err)" "0 " "$host is a host's name"
done

# Orders.
conf
cat >job.sh <<'END'
#!/bin/sh
#bee-order 1
#bee-sequence 12
#bee-target id=node-7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 60
#bee-need see /var/log/apt
#bee-end
ls /var/log/apt
END
remote explain -c c job.sh
is "$status $(head -n 1 out)" "65 job.sh: order 12, NOT good here and now" "explain tells of an order before anybody has signed it"
ok "$(said "by 0 of the trusted keys, 2 must sign" && said "may       see /var/log/apt"; echo $?)" "what is missing, and what it would do"
remote sign -k alice.key job.sh
remote sign -k bob.key job.sh
remote verify -c c job.sh
is "$status $(cat out)" "0 job.sh: order 12, good here and now" "an order that two have signed is good"
echo "allow disks" >>c/remote.policy
for one in verify explain; do
	remote $one -c c job.sh
	is "$status $(cat out)" "65 " "$one says nothing of it by a configuration that is wrong"
done
conf
cp job.sh.minisig twice
remote sign -k alice.key job.sh
is "$status $(cmp twice job.sh.minisig 2>&1)" "0 " "a key that has signed it signs it no second time"
cp job.sh edited
cp job.sh.minisig edited.minisig
echo "echo more" >>edited
remote sign -k alice.key edited
is "$status $(cmp twice edited.minisig 2>&1)" "65 " "nor beside its signature of another text"
ok "$(said "edited.minisig: it has a signature of this key that is of another text"; echo $?)" "which is said"
# shellcheck disable=SC1112 # a name as people have them
for name in grün.sh "$(printf 'a\nb')" "$(printf %240s x)"; do
	cp job.sh "$name"
	remote sign -k alice.key "$name"
	remote sign -k bob.key "$name"
	remote verify -c c "$name"
	is "$status" 0 "a signature holds whatever its file is called: $(printf %.8s "$name" | tr '\n' ' ')"
done
echo "no order" >nothing
remote explain -c c nothing
is "$status $(cat out)" "65 " "of what is no order nothing is told"
remote explain -c c job.sh
ok "$(said "may       see /var/log/apt"; echo $?)" "explain says what it may do"
sed -i 's/node-7/node-8/' job.sh
remote verify -c c job.sh
is "$status" 65 "one that was changed is not"
sed 's/$/\r/' job.sh >dos.sh
remote explain -c c dos.sh
is "$status $(grep -c 'its first line is not #!/bin/sh: a carriage return (CRLF) is in it' err)" "65 1" "an order as a DOS writes it is told what is wrong with it"
rm job.sh.minisig
remote sign -k alice.key job.sh
remote sign -k bob.key job.sh
remote explain -c c job.sh
ok "$(said "NOT good here and now"; echo $?)" "explain tells of one for another machine, too"
rm c/remote.policy
sed -i 's/node-8/node-7/' job.sh
rm job.sh.minisig
remote sign -k alice.key job.sh
remote sign -k bob.key job.sh
remote explain -c c job.sh
ok "$(said "may NOT"; echo $?)" "and of what it may not do"
is "$status" 65 "which is not good here"

if command -v minisign >/dev/null; then
	conf
	echo text >file
	remote sign -k alice.key file
	is "$(minisign -V -Q -p alice.pub -m file 2>&1)" "$(sed -n 's/^trusted comment: //p' file.minisig)" \
		"minisign takes a signature of ours"
	rm file.minisig
	minisign -S -H -s alice.key -m file >/dev/null
	is "$(minisign -V -Q -p alice.pub -m file >/dev/null 2>&1; echo $?)" 0 "and a key of ours"
	minisign -G -W -p carol.pub -s carol.key >/dev/null
	printf 'scheme minisign\nthreshold 2\norder-key %s\norder-key %s\nticket-key %s\n' \
		"$(pub carol)" "$(pub bob)" "$(pub ticket)" >c/TRUST
	rm -f job.sh.minisig
	minisign -S -H -s carol.key -m job.sh >/dev/null
	remote sign -k bob.key job.sh
	remote verify -c c job.sh
	is "$status" 0 "its signature and one of ours make two"
	rm job.sh.minisig
	remote sign -k carol.key job.sh
	remote sign -k bob.key job.sh
	remote verify -c c job.sh
	is "$status" 0 "its secret key signs here"
	rm job.sh.minisig
	minisign -S -l -s carol.key -m job.sh >/dev/null 2>&1
	remote verify -c c job.sh
	ok "$(said "not of the file's hash"; echo $?)" "its older kind of signature is refused"
	rm job.sh.minisig
	minisign -S -H -t 'another comment' -s carol.key -m job.sh >/dev/null
	sed -i 's/another comment/any other comment/' job.sh.minisig
	remote sign -k bob.key job.sh
	remote verify -c c job.sh
	ok "$(said "is not signed"; echo $?)" "a trusted comment that was changed is refused"
	printf 'secret\nsecret\n' | minisign -G -p dave.pub -s dave.key >/dev/null 2>&1
	remote sign -k dave.key file
	ok "$(said "it has a password"; echo $?)" "a key with a password is for minisign"
else
	skip "minisign takes our files, and we its" "minisign is not installed"
fi

remote status --state none
is "$status $(cat out err)" "75 bee-remote: nobody has asked since the boot" "status, where nobody has asked"
remote frobnicate
is "$status" 64 "a word that is no command: 64"
remote sign job.sh
is "$status" 64 "sign without a key: 64"
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$made"
	for_everybody "$made/all"
	setpriv --reuid 65534 --clear-groups "$made/all/build/bee" remote once -c "$made/c" >out 2>err
	is "$?" 64 "asking takes root"
else
	remote once -c c
	is "$status" 64 "asking takes root"
fi
tap_end
