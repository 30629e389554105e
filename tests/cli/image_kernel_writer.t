#!/bin/sh
# The entries of an image beside those that the kernel's own writer, usr/gen_init_cpio.c, makes of the same tree.
# It is in no package of its own: GEN_INIT_CPIO says where one is.
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$root/tests/cli/tap.sh"
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
writer=${GEN_INIT_CPIO:-$(command -v gen_init_cpio)}
[ -x "$writer" ] || skip_all "no gen_init_cpio is here"
command -v python3 >/dev/null || skip_all "python3 is not installed"
[ "$(id -u)" -eq 0 ] || skip_all "a tree with devices needs root"
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
umask 022
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000

mkdir -p tree/bin tree/dev tree/empty tree/long
head -c 100000 /dev/urandom >tree/bin/program
chmod 4755 tree/bin/program
for size in 0 1 2 3 4 5; do head -c $size /dev/zero | tr '\0' x >tree/long/$size; done
: >tree/"long/$(printf '%0254d' 7)"
ln tree/bin/program tree/bin/another
ln tree/bin/program tree/bin/third
ln -s program tree/bin/link
ln -s "$(printf '%01000d' 7)" tree/bin/long-link
ln -s bin/program tree/init
mknod tree/dev/console c 5 1
mknod tree/dev/sda b 8 0
mkfifo tree/dev/pipe
chown 12:34 tree/long/3
chmod 1777 tree/empty

# The same in its words, each hard link at its first name, as it has them.
python3 - <<'END' >list
import os, stat
seen = {}
names = []
for folder, folders, files in os.walk("tree"):
    names += [os.path.join(folder, name) for name in folders + files]
for name in sorted(n[5:] for n in names):
    st = os.lstat("tree/" + name)
    if stat.S_ISREG(st.st_mode) and st.st_nlink > 1:
        seen.setdefault(st.st_ino, []).append(name)
for name in sorted(n[5:] for n in names):
    path = "tree/" + name
    st = os.lstat(path)
    rest = f"{stat.S_IMODE(st.st_mode):o} {st.st_uid} {st.st_gid}"
    if stat.S_ISDIR(st.st_mode):
        print("dir", name, rest)
    elif stat.S_ISLNK(st.st_mode):
        print("slink", name, os.readlink(path), rest)
    elif stat.S_ISFIFO(st.st_mode):
        print("pipe", name, rest)
    elif stat.S_ISREG(st.st_mode):
        links = seen.get(st.st_ino, [name])
        if links[0] == name:
            print("file", name, path, rest, *links[1:])
    else:
        kind = "b" if stat.S_ISBLK(st.st_mode) else "c"
        print("nod", name, rest, kind, os.major(st.st_rdev), os.minor(st.st_rdev))
END
"$writer" -t $SOURCE_DATE_EPOCH list >theirs.cpio
ok $? "the kernel's writer makes it"
"$B/bee" image build -d tree -o ours.cpio --bare --add /
ok $? "so do we"

# An entry a line, sorted: without inode, device and mtime, which each numbers or takes in its own way; the links of
# a folder; and the NUL that it counts to a link's target. Hard links as the set of their names.
cat >entries.py <<'END'
import hashlib, sys
data = open(sys.argv[1], "rb").read()
at, out, groups = 0, [], {}
while True:
    assert data[at:at + 6] == b"070701", at
    f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
    ino, mode, uid, gid, nlink, mtime, size, _, _, rmajor, rminor, namesize, check = f
    name = data[at + 110:at + 110 + namesize]
    assert name[-1:] == b"\0" and check == 0
    body = (at + 110 + namesize + 3) & ~3
    content = data[body:body + size]
    at = (body + size + 3) & ~3
    if name == b"TRAILER!!!\0":
        break
    kind = mode & 0o170000
    if kind == 0o120000:
        content = content.rstrip(b"\0")
    if kind == 0o100000 and nlink > 1:
        groups.setdefault(ino, [[], b""])
        groups[ino][0].append(name)
        groups[ino][1] += content
    links = nlink if kind == 0o100000 else 0
    out.append((name, oct(mode), uid, gid, links, rmajor, rminor,
                "" if links > 1 else hashlib.sha256(content).hexdigest()))
assert len(data) % 512 == 0 and not data[at:].strip(b"\0"), "padding"
for names, content in groups.values():
    out.append((b"=" + b" ".join(sorted(names)), hashlib.sha256(content).hexdigest()))
print("\n".join(sorted(map(str, out))))
END
python3 entries.py theirs.cpio >theirs
ok $? "theirs can be read"
python3 entries.py ours.cpio >ours
ok $? "ours can be read"
is "$(grep -c . theirs)" 21 "all of the tree is there"
is "$(diff theirs ours | head -n 6)" "" "the same entries"
is "$("$B/bee" image diff theirs.cpio ours.cpio)" "" "our reader sees no difference either"
"$B/bee" image check theirs.cpio >out
ok $? "what the kernel's writer makes is all right to it"
tap_end
