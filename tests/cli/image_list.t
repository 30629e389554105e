#!/bin/sh
# bee image list and cat, on archives that other programs have written.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
bee=${B:-$here/../../build}/bee
case $bee in /*) ;; *) bee=$PWD/$bee ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
umask 022

mkdir -p tree/etc tree/usr/lib
echo hello >tree/etc/motd
ln tree/etc/motd tree/etc/motd.link
ln -s usr/lib tree/lib
touch 'tree/etc/unit\x2dname.slice' "tree/etc/$(printf 'tab\there')" "tree/etc/$(printf 'esc\033[31m')"
chmod 4711 tree/usr/lib
names() { (cd tree && find . -mindepth 1 | LC_ALL=C sort); }

# told: what the last command said on stderr, without the program's name.
told() { sed 's/^bee-image: //' err; }
image() { "$bee" image "$@" 2>err; }

if ! command -v cpio >/dev/null; then
	skip "archives of GNU cpio are read" "cpio is not there"
	tap_end
fi
names | (cd tree && cpio --quiet -H newc -o) >plain.cpio
names | (cd tree && cpio --quiet -H crc -o) >crc.cpio
image list plain.cpio >out
is "$(cat out)" "$(names | sed 's,^\./,,' |
	awk '{ sub("tab\there", "tab\\x09here\t-"); sub("esc\033.*", "esc\\x1b[31m\t-"); print }')" \
	"names are listed in order, those that are no plain text escaped"
image list -v plain.cpio >out
ok "$(grep -q '^drws--x--x .* usr/lib$' out; echo $?)" "list -v shows the mode as ls does"
ok "$(grep -q '^lrwxrwxrwx .* lib -> usr/lib$' out; echo $?)" "and where a link leads"
is "$(image list -v crc.cpio | sed 's/ [0-9-]* [0-9:]* / /')" \
	"$(sed 's/ [0-9-]* [0-9:]* / /' out)" "070702 is read as well"
is "$(told)" "" "and its sums are right"
is "$(image list --json plain.cpio | jq -c 'select(.path == "lib") | [.type, .mode, .target]')" \
	'["link","0777","usr/lib"]' "list --json says the same"

: >all.cpio
while read -r name command; do
	if ! command -v "${command%% *}" >/dev/null; then
		skip "$name is read" "${command%% *} is not there"
		continue
	fi
	$command <plain.cpio >"p.$name"
	is "$(image list "p.$name")" "$(image list plain.cpio)" "$name is read"
	is "$(image cat "p.$name" etc/motd)" hello "and a file of it"
	{ cat all.cpio "p.$name"; head -c 64 /dev/zero; } >joined.cpio && mv joined.cpio all.cpio
done <<'EOF'
gzip gzip -9
xz xz --check=crc32
lzma lzma
zstd zstd -q
lz4 lz4 -l -q
bzip2 bzip2
EOF
{ head -c 512 /dev/zero; cat plain.cpio all.cpio; } >segments.cpio
is "$(image list --json segments.cpio | jq -r .segment | sort -nu | tail -n 1)" \
	"$(($(find . -name 'p.*' | wc -l) + 1))" "segments of all kinds follow each other in one file"
is "$(image list segments.cpio | sort -u)" "$(image list plain.cpio | sort -u)" "and have their names"
is "$(image list - <segments.cpio | cksum)" "$(image list segments.cpio | cksum)" \
	"standard input is read like a file"

xz <plain.cpio >p.crc64
is "$(image list p.crc64 2>err; echo $?) $(told)" "$(image list plain.cpio)
0 p.crc64: at byte 0: xz with a check that no kernel knows: xz --check=crc32" "what no kernel unpacks is read, and told of"

echo changed >tree/etc/motd
echo ./etc/motd | (cd tree && cpio --quiet -H newc -o) | gzip >>segments.cpio
is "$(image cat segments.cpio /etc/motd)" changed "of one name the last counts, as for the kernel"
is "$(image cat segments.cpio etc/motd.link)" hello "a hard link has its data with another name"
image cat segments.cpio lib >out
is "$? $(told)" "3 segments.cpio: lib: is no file but a link" "cat of a link says what it is"
image cat segments.cpio nothing >out
is "$? $(told)" "3 segments.cpio: nothing: is not there" "and what is not there"
image cat segments.cpio / >out
is "$? $(told)" "3 segments.cpio: /: is not there" "as it was asked for"
head -c 50 plain.cpio >short.cpio
image cat short.cpio nothing >out
is "$? $(told)" "65 short.cpio: at byte 0: it is cut off, in a header" "of one that is cut off nothing is said to be missing"

# Damage.
sed 's/hello/hallo/' crc.cpio >bad.cpio
image list bad.cpio >out
is "$? $(told)" "65 bad.cpio: etc/motd.link: its sum is not that of its data" "a wrong sum is told"
{ cat plain.cpio; echo garbage; } >bad.cpio
image list bad.cpio >out
is "$? $(told)" "65 bad.cpio: at byte $(wc -c <plain.cpio): what begins here is no archive" \
	"what follows and is no archive is told"
is "$(cat out)" "$(image list plain.cpio)" "after all that is one"
head -c 200 plain.cpio >bad.cpio
image list bad.cpio >out
is "$? $(told)" "65 bad.cpio: at byte 116: it is cut off, in a header" \
	"an archive that is cut off is told"
image cat bad.cpio etc/motd >out
is "$?" 65 "and is no archive that lacks a file"
head -c 100 p.gzip >bad.cpio
image list bad.cpio >out
is "$? $(told)" "65 bad.cpio: at byte 100: it is cut off, in compressed data" "a compressed one too"
: >bad.cpio
image list bad.cpio >out
is "$? $(told)" "65 bad.cpio: at byte 0: there is no archive in it" "and an empty one"
(cd tree && find . | cpio --quiet -o) >bad.cpio 2>/dev/null
image list bad.cpio >out
is "$? $(told)" \
	"65 bad.cpio: at byte 0: cpio's binary format, which no kernel reads: cpio -H newc" \
	"another format of cpio is named"
image cat plain.cpio etc/motd >/dev/full
is "$? $(told)" "74 standard output: No space left on device" "output of cat that is full is told"
mkdir many
(cd many && seq 200 | xargs touch && seq 200 | cpio --quiet -H newc -o) >many.cpio
image list --json many.cpio >/dev/full
is "$? $(told)" "74 standard output: No space left on device" "so is that of list --json, in its middle"
image cat plain.cpio etc/motd >out
is "$? $(told)" "0 " "what could be written is no error"
image test plain.cpio --boot /vmlinuz --fix 2>err
is "$? $(told | head -n 1)" "64 test: a boot in a virtual machine is not traced: no --fix, no -d" "test in a machine knows no --fix"
image test plain.cpio --boot /vmlinuz more 2>err
is "$? $(told | head -n 1)" "64 test: --boot, or a program" "nor a program beside"
mkdir stub
cat >stub/qemu <<END
#!/bin/sh
echo "\$*" >"$PWD/stub/words"
END
chmod 755 stub/qemu
ln -s qemu "stub/qemu-system-$(uname -m)"
boot() {
	PATH=$PWD/stub:$PATH image test plain.cpio --boot many.cpio "$@" >out 2>err
	echo "$? $(grep -c ' two words console=' stub/words)"
}
is "$(boot --append 'two words') $(boot -v)" "4 1 4 0" "a kernel that is booted gets the words of --append"
image list nowhere >out
is "$? $(told)" "74 nowhere: No such file or directory" "a file that is not there is told"
image list >out
is "$?" 64 "usage is told"
image list plain.cpio >/dev/full
is "$? $(told)" "74 standard output: No space left on device" "so is output that is full"
tap_end
