#!/bin/sh
# bee image test FILE --boot KERNEL: how a boot in QEMU ends, told apart.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
kernel=${BEE_VM:-$B/vm}/vmlinuz
[ -e "$kernel" ] || skip_all "nothing to boot in build/vm: make check-vm"
[ "$(id -u)" -eq 0 ] || skip_all "an image without device nodes has no console"
for tool in "qemu-system-$(uname -m)" busybox python3; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed: make deps-vm deps-test"
done
ldd "$(command -v busybox)" >/dev/null 2>&1 && skip_all "busybox is not static"
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

mkdir -p tree/bin tree/proc
cp "$(command -v busybox)" tree/bin/sh
ln tree/bin/sh tree/bin/poweroff
# image NAME [OPTION...]: of the tree, with standard input as its /init
image() {
	name=$1
	shift
	cat >init
	chmod 755 init
	timeout 100 "$B/bee" image build -d tree -o "$name" --add / --init init "$@" 2>err || sed 's/^/# /' err
}
# boot FILE [OPTION...]: $status, out, err
boot() {
	timeout 400 env PATH="${path:-$PATH}" "$B/bee" image test "$@" >out 2>err
	status=$?
}
first() { head -n 1 err; }

image shell <<'END'
#!/bin/sh
exec /bin/sh
END
boot shell --boot "$kernel"
is "$status $(grep -cE '^ready after [0-9.]+ s$' out) $(cat err)" "0 1 " "an image that comes up to a shell is ready"
boot --boot "$kernel" shell --ready 'no such text' --timeout 60
is "$status $(first)" "3 bee-image: not ready after 60 s" "with a text that never comes it is not"
is "$(grep -c '^/ #' err) $(grep -c 'sysrq: HELP' err)" "1 1" "the end of its console is shown; the kernel was asked, and is alive"

image off <<'END'
#!/bin/sh
poweroff -f
END
boot off --boot "$kernel"
is "$status $(first)" "3 bee-image: not ready: it went off before" "one that powers off before"
image quiet <<'END'
#!/bin/sh
echo all is up
read -r never
END
boot quiet --boot "$kernel" --ready 'all is up'
is "$status $(grep -c '^ready' out)" "0 1" "a text that was named"
boot quiet --boot "$kernel" --ready 'all is up' -v
is "$status $(grep -c 'Linux version' err)" "0 1" "-v shows the console while it runs"

image ends <<'END'
#!/bin/sh
exit 7
END
boot ends --boot "$kernel"
is "$status $(first)" "4 bee-image: panic: init ended, with status 7" "an init that ends is a panic"
is "$(tail -n 1 err | grep -c 'Attempted to kill init')" 1 "with the console up to there"

image bad --drop bin/sh --drop bin/poweroff <<'END'
#!/bin/none
END
boot bad --boot "$kernel"
is "$status $(first)" "5 bee-image: no init: Failed to execute /init (error -2)" "an init without its interpreter is none"
timeout 100 "$B/bee" image build -d tree -o none --bare --add proc 2>/dev/null
boot none --boot "$kernel"
is "$status $(first)" "5 bee-image: no init: VFS: Unable to mount root fs on unknown-block(0,0)" "an image without one"

# A kernel that says these words, and no more: boot protocol 2.2 (x86/boot.rst), real mode.
false_kernel() {
	python3 - "$1" "$2" <<'END'
import struct, sys
image = bytearray(2048)
image[0x1f1] = 1  # setup_sects
image[0x1fe:0x200] = b"\x55\xaa"
image[0x200:0x202] = b"\xeb\x6e"  # to 0x270
image[0x202:0x206] = b"HdrS"
struct.pack_into("<H", image, 0x206, 0x202)
image[0x211] = 1  # LOADED_HIGH
# mov si, text; mov dx, 0x3f8; 1: lodsb; test al, al; jz 2f; out dx, al; jmp 1b; 2: cli; hlt; jmp 2b
code = bytes.fromhex("bea002 baf803 ac 84c0 7403 ee ebf8 fa f4 ebfc")
image[0x270:0x270 + len(code)] = code
text = sys.argv[2].encode() + b"\0"
image[0x2a0:0x2a0 + len(text)] = text
open(sys.argv[1], "wb").write(image)
END
}
false_kernel mute ''
boot shell --boot mute --timeout 5
is "$status $(cat err)" "6 bee-image: hang: the kernel has not said a word" "a kernel that says nothing hangs"
false_kernel stops '[    0.000000] Linux version 6.1
[    0.1] Initramfs unpacking failed: invalid magic at start of compressed archive
'
boot shell --boot stops --timeout 5
is "$status $(first)" "6 bee-image: hang: the kernel answers nothing any more: Initramfs unpacking failed: invalid magic at start of compressed archive" \
	"so does one that stops on its way, with what it complained of"
is "$(tail -n 2 err | cut -c 1-30 | head -n 1)" "[    0.000000] Linux version 6" "and its console"
false_kernel escapes "$(printf '[    0.000000] Linux version \033]0;title\007')"
boot shell --boot escapes --timeout 5
is "$status $(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177-\377]')" err)" "6 0" "what a console says is never sent raw to a terminal"

head -c 100000 /dev/zero >junk
boot shell --boot junk
is "$status $(grep -c 'no machine: QEMU ended' err)" "69 1" "what QEMU does not take for a kernel"
path=/none boot shell --boot "$kernel"
is "$status $(grep -c 'no machine: QEMU cannot be started: No such file' err)" "69 1" "without QEMU"
boot shell --boot none.such
is "$status $(cat err)" "74 bee-image: none.such: No such file or directory" "without the kernel"
for words in "shell --boot $kernel -- sh" "shell --boot $kernel --fix" "shell --ready x" "shell --boot $kernel --timeout 0"; do
	# shellcheck disable=SC2086
	boot $words
	is "$status" 64 "bee image test ${words#shell }: says no"
done
tap_end
