#!/bin/sh
# Runs inside a booted image: breaks what each check of the smoke test looks at, one at a time.
# attacks.sh SMOKETEST prints "seen CHECK" or "MISSED CHECK: why", and at the end what still fails.
export LC_ALL=C
smoke=$1
fake=/usr/local/sbin
document=/var/log/bee-audit.json

# breaks CHECK COMMAND UNDO
breaks() {
	eval "$2" >/dev/null 2>&1
	said=$(sh "$smoke" "$1" | sed -n '1s/ .*//p')
	eval "$3" >/dev/null 2>&1
	if [ "$said" = FAIL ]; then
		echo "seen $1"
	else
		echo "MISSED $1: '$said' when broken by '$2'"
	fi
}

# A program that stands before the real one in the smoke test's PATH.
lies() { # CHECK PROGRAM TEXT
	printf '#!/bin/sh\n%s\n' "$3" >/run/lie
	breaks "$1" "install -m 755 /run/lie $fake/$2" "rm $fake/$2"
}

edits() { # CHECK FILE SED
	cp -p "$2" /run/kept
	breaks "$1" "sed -i '$3' $2" "cat /run/kept >$2"
}

spoils() { # CHECK JQ, on the document
	cp -p $document /run/kept
	breaks "$1" "jq '$2' /run/kept >$document" "cat /run/kept >$document"
}

real='exec /usr/bin/systemctl "$@"'
for unit in ssh bee-sshsetup bee-network bee-addresses bee-bmc bee-ahead bee-nvidia bee-audit bee-keep; do
	lies "$unit.service is active" systemctl \
		"[ \"\$*\" = 'is-active $unit.service' ] && echo failed && exit 3; $real"
done
lies "multi-user.target is reached" systemctl \
	"[ \"\$*\" = 'is-active multi-user.target' ] && echo inactive && exit 3; $real"
breaks "no unit failed" 'systemd-run --quiet --unit=bad false; sleep 1' 'systemctl reset-failed'
lies "no unit failed" systemctl "[ \"\$1\" = list-units ] && exit 1; $real"
lies "the audit ended with 0 or 3" systemctl "case \$* in *ExecMainStatus*) echo 70 ;; *) $real ;; esac"
lies "the audit ended with 0 or 3" systemctl "case \$* in *ExecMainStatus*) exit 0 ;; *) $real ;; esac"
breaks "the document is whole" "mv $document /run/kept" "mv /run/kept $document"
spoils "the document is whole" 'del(.storage)'
cp -p $document /run/kept
breaks "the document is whole" "head -c 1000 /run/kept >$document" "cat /run/kept >$document"
spoils "the audit is of this boot and was in time" '.audit.boot_id = "another"'
spoils "the audit is of this boot and was in time" '.audit.duration_ms = .audit.timeout_ms + 1001'
breaks "nothing waits for the network" \
	'mkdir /run/systemd/system/bee-audit.service.d; printf "[Unit]\nAfter=network-online.target\n" >/run/systemd/system/bee-audit.service.d/x.conf; systemctl daemon-reload' \
	'rm -r /run/systemd/system/bee-audit.service.d; systemctl daemon-reload'
breaks "nothing waits for the network" 'systemctl start network-online.target' \
	'systemctl stop network-online.target'
spoils "every collector has a job" '.collectors |= map(select(.collector != "psu"))'
spoils "every disk is in the document" '.storage.drives |= .[1:]'
spoils "every PCI function is in the document" '.pcie.devices |= .[1:]'
spoils "every network interface is in the document" '.network.interfaces = []'
spoils "the maker is the firmware's" '.identity.manufacturer = "Nobody"'
breaks "the policies are right" \
	'echo "syscalls nonsense" >/usr/local/share/bee/policy/zz.policy' \
	'rm /usr/local/share/bee/policy/zz.policy'
breaks "no NVIDIA module in the kernel's folder" \
	"touch /lib/modules/$(uname -r)/nvidia-uvm.ko" "rm /lib/modules/$(uname -r)/nvidia-uvm.ko"
breaks "nothing listens but ssh" \
	'systemd-run --quiet --unit=open -p Type=exec /usr/sbin/sshd -D -p 2222; sleep 2' \
	'systemctl stop open'
lies "nothing listens but ssh" ss 'exit 1'
lies "no host key is baked into the image" find 'echo /run/live/rootfs/x/etc/ssh/ssh_host_rsa_key'
lies "no host key is baked into the image" find 'exit 0'
breaks "this boot made one host key" 'touch /etc/ssh/ssh_host_rsa_key' 'rm /etc/ssh/ssh_host_rsa_key'
edits "root logs in by key, by password only with the marker" /etc/ssh/sshd_config.d/bee.conf \
	's/prohibit-password/yes/'
edits "root logs in by key, by password only with the marker" /etc/ssh/sshd_config.d/bee.conf \
	's/^PasswordAuthentication no/PasswordAuthentication yes/'
edits "no account has a password that is not this boot's" /etc/shadow 's/^root:[^:]*/root:/'
breaks "no account has a password that is not this boot's" 'mv /etc/shadow /run/kept' \
	'mv /run/kept /etc/shadow'
breaks "the image knows no package mirror" \
	'mkdir -p /etc/apt/sources.list.d; echo "deb http://deb.example/ x main" >/etc/apt/sources.list.d/x.list' \
	'rm /etc/apt/sources.list.d/x.list'
card=$(find /run/bee-network -mindepth 1 -maxdepth 1 -type d | head -1)
breaks "DHCP is asked on every interface" "mv $card /run/kept-card" "mv /run/kept-card $card"
lies "the LAN gave an address" ip 'exit 0'
lies "bee remote asks where there is a configuration, and nowhere else" systemctl \
	"[ \"\$*\" = 'is-active bee-remote.service' ] && echo active && exit 0; $real"
lies "bee remote asks where there is a configuration, and nowhere else" systemctl \
	"case \$* in *ConditionResult*) echo yes ;; *) $real ;; esac"
lies "bee remote has its libraries" ldd 'echo "libcurl.so.4 => not found"'
lies "bee remote has its libraries" bee 'exit 70'
edits "the release file is whole" /etc/bee-release '/^BEE_COMMIT=/d'
edits "the kernel is the pinned one" /etc/bee-release 's/^DEBIAN_KERNEL_ABI=.*/&x/'
edits "the clock is not before the image was built" /etc/bee-release \
	's/^BEE_DATE=.*/BEE_DATE=2099-01-01T00:00:00Z/'
edits "the clock is not before the image was built" /etc/bee-release \
	's/^BEE_DATE=.*/BEE_DATE=1999-01-01T00:00:00Z/'
case $(sh "$smoke" "no such check") in
"FAIL there is no check"*) echo "seen there is no such check" ;;
*) echo "MISSED there is no such check" ;;
esac
# What was broken is whole again, so it was that and nothing else.
sh "$smoke" | grep -v -e '^PASS' -e '^SKIP'
