#!/bin/sh
# shellcheck disable=SC2016,SC2059,SC2154,SC2317 # a program's text, answers, names by eval, a trap's function
# bee save: the real script, with loop devices for sticks and a /sys that says what they are.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
for tool in mkfs.ext4 losetup blkid blockdev jq; do
	command -v $tool >/dev/null || skip_all "$tool is not installed: make deps-test"
done
script=$root/iso/overlay/usr/local/libexec/bee/bee-save
mkdir "$made/bin"
export PATH="$made/bin:$B:$PATH"
loops=''
release() {
	umount /run/bee-save 2>/dev/null
	for loop in $loops; do losetup -d "/dev/$loop"; done
	tidy
}
trap release EXIT
mount -t tmpfs bee /run
"$B/bee" audit -q --replay "$root/tests/fixtures/rack-server" -o "$made/document.json" 2>/dev/null
[ -s "$made/document.json" ] || skip_all "no document could be made"

# stick NAME LABEL: a disk of 12 MB with ext4; its loop device is $NAME.
stick() {
	truncate -s 12M "$made/$1.img"
	mkfs.ext4 -qF -L "$2" "$made/$1.img"
	device=$(losetup -f --show "$made/$1.img") || skip_all "no loop device is free"
	device=${device##*/}
	loops="$loops $device"
	eval "$1=$device"
}
stick bee BEE
stick other KINGSTON
stick fixed BEE
stick table BEE
# To be read again for true: what the file has, and not what the device remembers.
on() { debugfs -R "$2" "$made/$1.img" 2>/dev/null; }
# A /sys of these disks alone.
mount -t tmpfs bee /sys
mkdir -p /sys/block /sys/class/block
# disk DEVICE REMOVABLE [BUS]
disk() {
	folder=/sys/devices/${3:-pci0}/$1
	mkdir -p "$folder/holders" "$folder/device"
	echo "$2" >"$folder/removable"
	echo 0 >"$folder/ro"
	echo 24576 >"$folder/size"
	printf 'Sandy \n' >"$folder/device/vendor"
	printf 'Ultra \033[2J\n' >"$folder/device/model"
	ln -s "$folder" "/sys/block/$1"
	ln -s "$folder" "/sys/class/block/$1"
}
none() {
	rm -rf /sys/block /sys/class/block /sys/devices
	mkdir -p /sys/block /sys/class/block
}
# save ANSWER [OPTION...]
save() {
	answer=$1
	shift
	printf "$answer" | timeout 30 sh "$script" "$@" >"$made/said" 2>&1
	status=$?
}
left() { find /run -maxdepth 1 -name 'bee-save*'; }

save '' --wait 0 "$made/none.json"
is "$status" 66 "without a document there is nothing to save"
echo '{}' >"$made/odd.json"
save '' --wait 0 "$made/odd.json"
is "$status" 66 "nor of what is none"
save '' --wait x "$made/document.json"
is "$status" 64 "a wait is a number"
save '' --wait 1 "$made/document.json"
is "$status $(head -1 "$made/said")" "69 Plug in a USB stick with FAT, exFAT or ext4." "a stick is asked for"

disk "$fixed" 0
save 'yes\n' --wait 0 "$made/document.json"
is "$status" 69 "a disk that cannot be taken out is none, whatever its label"
is "$(on fixed 'ls -p /' | grep -c bee-)" 0 "and is not written to"

disk "$bee" 1
name=$(jq -r '"bee-" + .identity.serial_number + "-" + (.audit.started | gsub("[^0-9TZ]"; ""))' "$made/document.json")
save '' --wait 0 "$made/document.json"
is "$status" 0 "one with the label BEE is written to at once"
folder=$(on bee 'ls -p /' | cut -d/ -f6 | grep '^bee-')
is "$folder" "$name" "the folder has the machine's serial number and the audit's time"
is "$(on bee "ls -p /$folder" | cut -d/ -f6 | grep '[a-zA-Z]' | sort | tr '\n' ' ')" "SHA256SUMS bee-audit.json report.html report.txt " \
	"document, report and digests are there"
on bee "cat /$folder/bee-audit.json" | cmp -s - "$made/document.json"
ok $? "the document is the same bytes"
mkdir "$made/read"
on bee "rdump /$folder $made/read"
python3 "$here/../cli/html_check.py" "$made/read/$folder/report.html" >"$made/page"
is "$(cat "$made/page")" good "a page for a browser is with them"
(cd "$made/read/$folder" && sha256sum --quiet -c SHA256SUMS)
ok $? "the digests are of these files"
grep -q 'read again and the same' "$made/said"
ok $? "it is said that they were read again"
is "$(left)$(grep -c /run/bee-save /proc/mounts)" 0 "nothing stays mounted, and nothing in /run"
save '' --wait 0 "$made/document.json"
is "$status $(on bee 'ls -p /' | cut -d/ -f6 | grep -c '^bee-')" "0 2" "a second time is a second folder"
jq '.identity.serial_number = "two\nlines/.." | .audit.started = ""' "$made/document.json" >"$made/lines.json"
save '' --wait 0 "$made/lines.json"
is "$status $(on bee 'ls -p /' | cut -d/ -f6 | grep two)" "0 bee-two_lines_..-undated" "a serial number is no two names"

none
disk "$other" 0 usb1
save 'no\n' --wait 0 "$made/document.json"
is "$status $(on other 'ls -p /' | grep -c bee-)" "75 0" "another label is asked about, and no is no"
grep -q "KINGSTON.*Sandy Ultra .2J 12 MB" "$made/said" && [ "$(raw "$made/said")" = 0 ]
ok $? "with what stands on it, but for what a terminal obeys"
save '' --wait 0 "$made/document.json"
is "$status" 75 "no answer is no"
save 'yes\n' --wait 0 "$made/document.json"
is "$status $(on other 'ls -p /' | cut -d/ -f6 | grep -c '^bee-')" "0 1" "yes is yes; a disk on USB can be taken out"

disk "$table" 1
save '2\nyes\n' --wait 0 "$made/document.json"
is "$status" 0 "of two the one with the label is taken, without a question"
is "$(on table 'ls -p /' | cut -d/ -f6 | grep -c '^bee-')" 1 "which is that one"
disk "$bee" 1
save 'x\n' --wait 0 "$made/document.json"
is "$status $(grep -c "/dev/loop" "$made/said")" "75 3" "of three with two labels one has to be named"
row=$(grep -n "/dev/$other" "$made/said" | cut -d: -f1)
save "$row\nyes\n" --wait 0 "$made/document.json"
is "$status $(on other 'ls -p /' | cut -d/ -f6 | grep -c '^bee-')" "0 2" "and that one is written to"

# What is used is none.
none
disk "$bee" 1
mkdir "$made/mounted"
mount "/dev/$bee" "$made/mounted"
save 'yes\n' --wait 0 "$made/document.json"
is "$status" 69 "one that is mounted is none"
umount "$made/mounted"
mkdir "/sys/devices/pci0/$bee/holders/dm-0"
save 'yes\n' --wait 0 "$made/document.json"
is "$status" 69 "nor one that a device mapper holds"
rmdir "/sys/devices/pci0/$bee/holders/dm-0"
echo 1 >"/sys/devices/pci0/$bee/ro"
save 'yes\n' --wait 0 "$made/document.json"
is "$status" 69 "nor one that cannot be written"
echo 0 >"/sys/devices/pci0/$bee/ro"
printf '#!/bin/sh\necho iso9660\n' >"$made/bin/blkid"
chmod 755 "$made/bin/blkid"
save 'yes\n' --wait 0 "$made/document.json"
is "$status" 69 "nor an image like this one"
rm "$made/bin/blkid"

# A stick that does not keep what it is given: what is written is changed behind the file system's back.
cat >"$made/bin/umount" <<END
#!/bin/sh
case \$* in *bee-save) find /run/bee-save -name bee-audit.json -exec sh -c 'printf x | dd of="\$1" conv=notrunc status=none' sh {} ';' ;; esac
exec $(command -v umount) "\$@"
END
chmod 755 "$made/bin/umount"
save '' --wait 0 "$made/document.json"
is "$status $(grep -c 'differs when it is read again' "$made/said")" "74 1" "what differs when it is read again is told"
rm "$made/bin/umount"
is "$(left)$(grep -c /run/bee-save /proc/mounts)" 0 "and nothing stays mounted"

# One that is too small.
head -c 20000000 /dev/urandom | base64 -w0 >"$made/pad"
jq -c --rawfile pad "$made/pad" '. + {pad: $pad}' "$made/document.json" >"$made/large.json"
save '' --wait 0 "$made/large.json"
is "$status $(grep -c 'is not whole' "$made/said")" "73 1" "one that is too small is told"
is "$(left)$(grep -c /run/bee-save /proc/mounts)" 0 "and let go"
mkdir /run/bee-save.work
save '' --wait 0 "$made/document.json"
is "$status" 75 "one at a time"
rmdir /run/bee-save.work
tap_end
