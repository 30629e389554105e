#!/bin/sh
# The administrator's policies in /etc/bee/policy: which file counts, and whose it has to be.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

# An /etc of our own: nothing of the machine's changes.
cp -a /etc "$made/etc"
mount --bind "$made/etc" /etc || skip_all "cannot mount an /etc"
rm -rf /etc/bee
own=/etc/bee/policy
shipped=$made/top/policy
mkdir -p "$made/top/build"
cp "$B/bee" "$B"/bee-* "$made/top/build/"
: >"$made/top/Makefile"
bee=$made/top/build/bee
limits="wall 5s  term 200ms  kill 200ms  stdout 1M  stderr 64K  memory 256M  tasks 1  files 64"
export limits

# Three shipped policies, one of them opt-in, that say "theirs", the administrator's say "mine".
says() { printf '[say]  # %s\nread /sys/kernel/uevent_seqnum\n' "$1"; }
says theirs | policy "$shipped" tpm tpm
says theirs | policy "$shipped" usb usb.devices
says theirs | policy "$shipped/optional" lldp network.interfaces
fresh() {
	rm -rf /etc/bee
	mkdir -p "$own/optional"
}
# list: NAME PATH, the shipped folder as S, the administrator's as O.
list() { "$bee" policy list 2>&1 | tr -s ' ' | sed "s,$shipped,S,;s,$own,O," | tr '\n' ';'; }
planned() { "$bee" audit --dry-run "$@" 2>&1 | grep -E '^[a-z]+/[a-z]+$' | tr '\n' ' '; }
plain="optional/lldp S/optional/lldp.policy;tpm S/tpm.policy;usb S/usb.policy;"

is "$(list)" "$plain" "without /etc/bee the shipped policies count"
fresh
is "$(list)" "$plain" "as with empty folders there"

says mine | policy $own tpm tpm
is "$(list)" "optional/lldp S/optional/lldp.policy;tpm O/tpm.policy;usb S/usb.policy;" \
	"the administrator's file replaces the shipped one of its name, and list shows which it is"
"$bee" policy explain tpm >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out" | cut -d : -f 1) $(grep -c 'mine' "$made/out")" "0 $own/tpm.policy 1" \
	"explain shows that file"
says mine | policy $own sensors sensors
is "$(planned)" "sensors/say tpm/say usb/say " "a file without a shipped one is a collector more"
rm $own/sensors.policy

says mine | policy $own lldp network.interfaces
is "$(planned)" "lldp/say tpm/say usb/say " "a file right in it makes a collector that was opt-in one of each audit"
mv $own/lldp.policy $own/optional/
is "$(list)" "optional/lldp O/optional/lldp.policy;tpm O/tpm.policy;usb S/usb.policy;" \
	"one in optional/ replaces the opt-in one"
is "$(planned) / $(planned --with lldp)" "tpm/say usb/say  / lldp/say tpm/say usb/say " \
	"which stays opt-in"
says mine | policy $own/optional usb usb.devices
is "$(planned)" "tpm/say " "and makes any collector opt-in"
says mine | policy $own lldp network.interfaces
is "$(list | cut -d ';' -f 1)" "lldp O/lldp.policy" "of both, the one right in the folder counts"
"$bee" run -q --report "$made/run.json" tpm/say >"$made/out" 2>&1
is "$(doc run .policy)" "$own/tpm.policy" "bee run takes the administrator's policy"
"$bee" run -q --policy-dir "$shipped" --report "$made/run.json" tpm/say >"$made/out" 2>&1
is "$(doc run .policy)" "$shipped/tpm.policy" "and with --policy-dir the other one"
is "$("$bee" policy --policy-dir "$shipped" list | tr -s ' ' | sed "s,$shipped,S," | tr '\n' ';')" "$plain" \
	"with --policy-dir no other folder counts"

# An audit and its document.
fresh
says mine | policy $own tpm tpm
"$bee" audit -q -o "$made/own.json" >"$made/out" 2>&1
is "$(doc own '[.collectors[].job] | join(" ")')" "tpm/say usb/say" "an audit runs with both folders"
is "$(job own tpm/say policy_sha256)" "$(sha256sum <$own/tpm.policy | cut -c 1-64)" \
	"and the document has the digest of the file that counted"
"$bee" audit -q --policy-dir "$shipped" -o "$made/shipped.json" >"$made/out" 2>&1
is "$(job shipped tpm/say policy_sha256)" "$(sha256sum <"$shipped/tpm.policy" | cut -c 1-64)" \
	"with --policy-dir that is the shipped one"
says mine >$own/tpm.policy
"$bee" policy lint >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out" | cut -d : -f 1)" "65 $own/tpm.policy" "lint looks at it"

# Whose it has to be. refused WHAT STATUSES WORDS: of an audit, list, lint and explain those that are
# not 0, and no document.
refused() {
	"$bee" audit -q -o "$made/no.json" >"$made/out" 2>&1
	statuses=$?
	for command in list lint "explain tpm"; do
		# shellcheck disable=SC2086
		"$bee" policy $command >"$made/more" 2>&1 || statuses="$statuses $?"
	done
	[ ! -e "$made/no.json" ] || statuses="$statuses, a document"
	is "$statuses: $(sed 's/^.* refused: //;q' "$made/out")" "$2: $3" "$1 is refused"
	ready
}
ready() {
	fresh
	says mine | policy $own tpm tpm
}
folder="65 65 65 65"
others="may be written by others than root"
ready
chmod 775 $own
refused "a folder that its group may write" "$folder" "$own $others"
chmod 757 $own
refused "a folder that everybody may write" "$folder" "$own $others"
chmod 1777 /etc/bee
refused "a folder above it that everybody may write" "$folder" "/etc/bee $others"
chown 1 /etc/bee
refused "a folder above it of somebody else" "$folder" "/etc/bee does not belong to root"
chmod 775 /etc
refused "an /etc that its group may write" "$folder" "/etc $others"
rm -r /etc/bee
is "$(list)" "$plain" "which is nobody's business where there is no policy"
chmod 755 /etc
ready
chmod 775 $own/optional
refused "a folder optional that its group may write" "$folder" "$own/optional $others"
mv $own "$made/elsewhere"
ln -s "$made/elsewhere" $own
refused "a link in the folder's place" "$folder" "$own is a link or no folder"
rmdir $own/optional
ln -s /nowhere $own/optional
refused "a link that leads nowhere, too," "$folder" "$own/optional is a link or no folder"

# bee-audit needs no library: it runs in a root of these files and /dev/null.
mkdir -p "$made/slash/etc" "$made/slash/dev"
mknod -m 666 "$made/slash/dev/null" c 1 3
cp -a /etc/bee "$made/slash/etc/"
cp -a "$made/top" "$made/slash/"
chmod 775 "$made/slash"
chroot "$made/slash" /top/build/bee-audit --dry-run >"$made/out" 2>&1
is "$? $(sed 's/^.* refused: //;q' "$made/out")" "65 / $others" "a root that its group may write is refused"
chmod 755 "$made/slash"
chroot "$made/slash" /top/build/bee-audit --dry-run >"$made/out" 2>&1
is $? 0 "the same without that is good"

file="65 65 65"
chmod 664 $own/tpm.policy
refused "a file that its group may write" "$file" "$own/tpm.policy $others"
chmod 646 $own/tpm.policy
refused "a file that everybody may write" "$file" "$own/tpm.policy $others"
chown 1 $own/tpm.policy
refused "a file of somebody else" "$file" "$own/tpm.policy does not belong to root"
ln -sf "$shipped/tpm.policy" $own/tpm.policy
refused "a link in the file's place" "$file" "$own/tpm.policy is a link"
rm $own/tpm.policy
for i in $(seq 1 257); do : >"$own/many$i.policy"; done
is "$("$bee" policy list 2>&1)" "$own: more than 256 policy files" "so many that no table holds them are said to be too many"
rm $own/many*.policy
mkfifo -m 644 $own/tpm.policy
"$bee" audit -q -o "$made/no.json" >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out")" "65 $own/tpm.policy:1:1: not a regular file" "a FIFO keeps nobody waiting"
ready
is "$(list)" "optional/lldp S/optional/lldp.policy;tpm O/tpm.policy;usb S/usb.policy;" "the same without that is good"
setpriv --reuid 65534 --regid 65534 --clear-groups "$bee" policy explain tpm >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out" | cut -d : -f 1)" "0 $own/tpm.policy" "also for somebody who is not root"
chmod 700 /etc/bee
setpriv --reuid 65534 --regid 65534 --clear-groups "$bee" policy list >"$made/out" 2>&1
is "$? $(head -n 1 "$made/out")" "65 $own: Permission denied" \
	"whom a private folder stops, instead of giving them other policies than root"
tap_end
