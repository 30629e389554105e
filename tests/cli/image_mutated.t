#!/bin/sh
# Archives with bytes changed, cut out, doubled and moved: every command ends by itself, with a status of its own, in
# bounded memory, and makes nothing outside its folder. MUTATIONS=10000 for as many (make check-mutated); SEED says
# which, and ONLY=N takes the N-th of these alone.
root=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
export B
exec python3 - "${MUTATIONS:-60}" "${SEED:-1}" "${ONLY:--1}" <<'END'
import bz2, collections, gzip, hashlib, lzma, os, random, resource, stat, subprocess, sys, tempfile

count, seed, only = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
bee = os.environ["B"] + "/bee"
# OK, what a kernel would drop, damaged, cannot be written (an odd name).
WANTED = {0, 3, 65, 73, 74}
# Of one process, in MiB: an xz stream may want 256 for its dictionary (CODEC_MEMORY), and cannot have 800.
PEAK, LIMIT = 320, 800


def tool(*words):
    return lambda data: subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout


# What a kernel reads. Quick ones: it is the reader that is attacked.
CODECS = {
    "none": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "bzip2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32, preset=0),
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE, preset=0),
    "zstd": tool("zstd", "-q", "-1", "-c"),
    "lz4": tool("lz4", "-q", "-l", "-c"),
}


def aligned(data, to):
    return data + bytes(-len(data) % to)


def entry(name, mode, data=b""):
    """As cpio(5) has it."""
    fields = (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name + b"\0"
    return aligned(aligned(head, 4) + data, 4)


def summed(data):
    """The same archive as 070702, with the sums of its files."""
    data, at = bytearray(data), 0
    while data[at:at + 6] == b"070701":
        mode, size, name = (int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in (1, 6, 11))
        begin = at + len(aligned(bytes(110 + name), 4))
        if mode & 0o170000 == 0o100000:
            data[at + 102:at + 110] = b"%08X" % (sum(data[begin:begin + size]) & 0xffffffff)
        data[at:at + 6] = b"070702"
        at = begin + len(aligned(bytes(size), 4))
    return bytes(data)


def build(folder):
    """Plain archives: newc, with hard links, a FIFO, and links that lead out before a folder of a name as long; crc; microcode."""
    tree = folder + "/tree"
    os.makedirs(tree + "/usr/lib/deep")
    os.symlink("usr/lib", tree + "/lib")
    os.symlink("../../../../canary", tree + "/usr/lib/arel")
    os.symlink(folder + "/canary", tree + "/usr/lib/absl")
    os.symlink("deep", tree + "/usr/lib/ainn")
    for i in range(6):
        with open(f"{tree}/usr/lib/deep/{i}", "wb") as file:
            file.write(bytes([i]) * (i * 700))
    os.link(tree + "/usr/lib/deep/3", tree + "/usr/hard")
    os.mkfifo(tree + "/fifo")
    with open(folder + "/init", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n")
    plain = folder + "/plain.cpio"
    subprocess.run([bee, "image", "build", "-d", tree, "-o", plain, "--add", "/", "--init", folder + "/init"],
                   stderr=subprocess.DEVNULL, check=False)
    with open(plain, "rb") as file:
        newc = file.read()
    for name in (plain, plain + ".list"):
        if os.path.exists(name):
            os.unlink(name)
    # As iucode_tool writes it: a plain archive, filled up to a multiple of 512.
    parts = [entry(b"kernel", 0o40755), entry(b"kernel/x86", 0o40755), entry(b"kernel/x86/microcode", 0o40755),
             entry(b"kernel/x86/microcode/GenuineIntel.bin", 0o100644, bytes(range(256)) * 8), entry(b"TRAILER!!!", 0)]
    return newc, summed(newc), aligned(b"".join(parts), 512)


def mutate(rnd, data):
    data = bytearray(data)
    for _ in range(rnd.choice((1, 1, 2, 5, 20))):
        at = rnd.randrange(len(data))
        kind = rnd.randrange(8)
        if kind == 0:
            data[at] ^= 1 << rnd.randrange(8)
        elif kind == 1:
            data[at] = rnd.choice((0, 255, 0x30, 0x46, 0x2f, 0x2e))
        elif kind == 2:
            del data[at:at + rnd.choice((1, 4, 110, 4096))]
        elif kind == 3:
            data[at:at] = data[at:at + rnd.choice((1, 4, 110, 4096))]
        elif kind == 4:
            # A field of a header: eight hexadecimal digits.
            head = data.rfind(b"07070", 0, at)
            field = (head if head >= 0 else at) + 6 + 8 * rnd.randrange(13)
            data[field:field + 8] = rnd.choice((b"FFFFFFFF", b"00000000", b"7FFFFFFF", b"0000A1FF", b"00001000", b"000041ED"))
        elif kind == 5:
            head = data.find(b"usr/", at)
            if head >= 0:
                data[head:head + 4] = rnd.choice((b"../.", b"/etc", b"\0usr", b"lib/"))
        elif kind == 6:
            # A file behind a link that was made before it.
            head = data.find(b"lib/deep", at)
            if head >= 0:
                data[head + 4:head + 8] = rnd.choice((b"arel", b"absl", b"ainn", b"/../", b"../."))
        else:
            del data[at:]
        if not data:
            data = bytearray(b"\0")
    return bytes(data)


def archive(number, newc, crc, microcode):
    """The number-th of this seed: what it is made of, and its bytes."""
    rnd = random.Random(f"{seed} {number}")
    segments, kinds = [], []
    for _ in range(rnd.choice((1, 1, 2, 3))):
        plain, codec = rnd.choice((newc, crc)), rnd.choice(list(CODECS))
        kinds.append(codec)
        # 6 of 10 before they are compressed: else it is decoders that are attacked.
        segments.append(CODECS[codec](mutate(rnd, plain) if rnd.random() < 0.6 else plain))
        segments[-1] = aligned(segments[-1], 4) + bytes(rnd.choice((0, 4, 512)))
    if rnd.random() < 0.25:
        segments.insert(0, microcode)
        kinds.append("microcode")
    whole = b"".join(segments)
    # Where one segment goes over into the next, too.
    return kinds, mutate(rnd, whole) if rnd.random() < 0.5 else whole


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT << 20, LIMIT << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(words, folder):
    done = subprocess.run([bee, "image", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder,
                          preexec_fn=limited, timeout=120, check=False)
    return done.returncode, done.stderr


def seen(top):
    """All of a folder, its files' data and times too."""
    lines = []
    for path, folders, files in os.walk(top):
        for name in [""] + sorted(folders + files):
            at = os.path.join(path, name)
            st = os.lstat(at)
            data = b""
            if stat.S_ISREG(st.st_mode):
                with open(at, "rb") as file:
                    data = hashlib.sha256(file.read()).digest()
            lines.append(f"{at} {st.st_mode:o} {st.st_uid} {st.st_nlink} {st.st_mtime_ns} {data.hex()}")
    return lines


def attack(number, archives, folder, before):
    """One archive, by every command. What went wrong, what is where it should not be, statuses and compressors."""
    kinds, data = archive(number, *archives)
    name, target = folder + "/mutated", f"{folder}/out/{number}"
    bad, kept, statuses = [], [], []
    with open(name, "wb") as file:
        file.write(data)
    for words in (["list", "-v", name], ["list", "--json", name], ["check", name], ["extract", name, "-C", target], ["diff", name, name]):
        try:
            status, said = run(words, folder)
        except subprocess.TimeoutExpired:
            status, said = "no end", b""
        raw = [b for b in said if b < 32 and b != 10 or b == 127]
        if status not in WANTED or raw:
            bad.append(f"{words[0]} of mutation {number}: {status} {said[-200:]!r}")
        statuses.append(f"{words[0]} {status}")
    left = set(os.listdir(folder)) - {"tree", "out", "mutated", "init", "canary"}
    left |= set(os.listdir(folder + "/out")) - {str(number)}
    if left:
        kept.append(f"mutation {number}: {left}")
    changed = outside(folder) ^ before
    if changed:
        kept.append(f"mutation {number}: {sorted(changed)[:4]}")
        before ^= changed
    subprocess.run(["chmod", "-R", "u+rwX", target], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["rm", "-rf", target], check=False)
    return bad, kept, statuses + kinds


def outside(folder):
    """What is beside the folder: what links in an archive lead to, and where a path from the top would end."""
    names = [f"{top}/{name}" for top in ("", "/etc", "/usr", "/lib") for name in os.listdir(top or "/")]
    return set(seen(folder + "/canary") + seen(folder + "/tree") + names)


def main():
    bad, kept, tally = [], [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        archives = build(folder)
        os.makedirs(folder + "/out")
        os.makedirs(folder + "/canary")
        for name in "0123":
            with open(f"{folder}/canary/{name}", "w", encoding="ascii") as file:
                file.write("not to be touched\n")
        before = outside(folder)
        for number in range(count) if only < 0 else [only]:
            wrong, left, words = attack(number, archives, folder, before)
            bad += wrong
            kept += left
            tally.update(words)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    # Else all are refused at the first look.
    kinds = [*CODECS, "microcode", "list 0", "list 65", "check 3", "extract 0", "extract 65", "diff 0"]
    lacks = [kind for kind in kinds if only < 0 and not tally[kind]]
    results = [
        (bad, f"{count} archives of seed {seed}: each command ends with a status of its own"),
        (kept, "nothing is made or changed outside the folder that was named"),
        ([peak] if peak >= PEAK else [], f"in bounded memory ({peak} of {PEAK} MiB)"),
        (lacks, "every compressor and outcome is among them"),
    ]
    for number, (notes, name) in enumerate(results, 1):
        print(f"{'not ok' if notes else 'ok'} {number} - {name}")
        for note in notes[:20]:
            print("#", note)
    print("#", ", ".join(f"{kind}: {times}" for kind, times in sorted(tally.items())))
    print("1..4")
    sys.exit(any(notes for notes, _ in results))


main()
END
