#!/bin/sh
# Small archives that become large ones: what is done for them stays in proportion to what they become, and
# ends where that is more than anybody boots.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
bee=${B:-$here/../../build}/bee
case $bee in /*) ;; *) bee=$PWD/$bee ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

cat >make.py <<'END'
import lzma, sys

def aligned(data):
    return data + bytes(-len(data) % 4)

def entry(name, mode, data=b"", ino=0, nlink=1):
    """As cpio(5) has it."""
    fields = (ino, mode, 0, 0, nlink, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    return aligned(aligned(b"070701" + b"".join(b"%08X" % field for field in fields) + name + b"\0") + data)

FOLDER, FILE, LINK = 0o40755, 0o100644, 0o120777

def deep(count):
    """Files in 2000 folders, each in the next."""
    path = b""
    for _ in range(2000):
        path += b"a/"
        yield entry(path[:-1], FOLDER)
    for i in range(count):
        yield entry(path + b"%d" % i, FILE)

def links(count):
    """Files by a link that leads to a link, and so on, each through 1,600 names."""
    yield entry(b"d", FOLDER)
    for i in range(39):
        yield entry(b"%d" % i, LINK, b"d/../" * 800 + (b"%d" % (i - 1) if i else b"d"))
    for i in range(count):
        yield entry(b"38/f", FILE)

def names(count):
    """So many names, hardly shorter than they may be, none of a folder that is there."""
    for i in range(count):
        yield entry(b"n" * 4000 + b"%d" % i, FILE)

with lzma.open(sys.argv[3], "wb", check=lzma.CHECK_CRC32, preset=0) as out:
    out.write(entry(b"init", 0o100755, b"x"))
    for piece in globals()[sys.argv[1]](int(sys.argv[2])):
        out.write(piece)
    out.write(entry(b"TRAILER!!!", 0))
END
# bounded SECONDS WORDS...: bee image, with so much of a processor that only what never ends has too little; its status, out and err.
bounded() {
	seconds=$1
	shift
	prlimit --cpu="$seconds" "$bee" image "$@" >out 2>err
	status=$?
}
told() { sed 's/^bee-image: //' err; }

# 14 MB. By the whole path of each folder this took more than 10 seconds for each command that makes names.
python3 make.py deep 1500 deep.xz
bounded 30 list deep.xz
is "$status $(wc -l <out)" "0 3501" "an archive of deep folders is listed"
bounded 30 check deep.xz
is "$status $(cat err out)" "0 segment 1: at byte 0, compression xz, 3501 entries, 1 bytes of data" "checked"
bounded 30 diff deep.xz deep.xz
is "$status $(cat err out)" "0 " "compared"
bounded 30 cat deep.xz init
is "$status $(cat err out)" "0 x" "read"
bounded 30 extract deep.xz -C deep
is "$status $(cat err out)" "0 " "and taken out, in seconds"
bounded 30 build -d deep -o again.cpio --add / --bare
is "$status $(cat err out)" "0 " "and made again"
"$bee" image diff again.cpio deep.xz >out 2>err
is "$? $(cat err out)" "0 " "which is the same"

python3 make.py links 300000 links.xz
limit='its links lead through more than a million names, and one for every 4 bytes of it: it is not read further'
bounded 30 check links.xz
is "$status $(told)" "65 links.xz: at byte 0: $limit" "an archive whose links lead through millions of names is not checked to its end"
bounded 30 extract links.xz -C links
is "$status $(told)" "65 links.xz: at byte 0: $limit" "nor taken out"
cp links.xz base.xz
bounded 30 append base.xz -d links --add /init
is "$status $(told)" "65 base.xz: at byte 0: $limit
base.xz: nothing is appended to what is not whole" "and nothing is appended to it"
is "$(cmp base.xz links.xz && echo same)" "same" "which leaves it as it is"
bounded 30 diff links.xz links.xz
is "$status $(cat err out)" "0 " "where no link is followed it is like any other"

# 280 MB.
python3 make.py names 70000 names.xz
bounded 30 diff names.xz deep.xz
limit='its names take more than 256 MiB of memory: it is not read further'
is "$status $(told)" "65 names.xz: at byte 0: $limit" "names that take too much memory are not compared"
tap_end
