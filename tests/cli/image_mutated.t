#!/bin/sh
# Archives with bytes changed, cut out, doubled and moved: every command ends by itself, with a status of its own, in
# bounded memory, and makes nothing outside its folder. MUTATIONS=10000 for as many; SEED says which.
root=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
export B
exec python3 - "${MUTATIONS:-60}" "${SEED:-1}" <<'END'
import os, random, resource, subprocess, sys, tempfile

count, seed = int(sys.argv[1]), int(sys.argv[2])
bee = os.environ["B"] + "/bee"
rnd = random.Random(seed)
# OK, what a kernel would drop, damaged, cannot be written (an odd name).
WANTED = {0, 3, 65, 73, 74}


def build(folder):
    """Seeds: plain, compressed, several segments, hard links, devices' modes, links of all kinds."""
    tree = folder + "/tree"
    os.makedirs(tree + "/usr/lib/deep")
    os.symlink("usr/lib", tree + "/lib")
    os.symlink("../../../../../etc", tree + "/usr/lib/up")
    os.symlink("/etc", tree + "/usr/lib/absolute")
    for i in range(6):
        with open(f"{tree}/usr/lib/deep/{i}", "wb") as file:
            file.write(bytes([i]) * (i * 700))
    os.link(tree + "/usr/lib/deep/3", tree + "/usr/hard")
    os.mkfifo(tree + "/fifo")
    with open(folder + "/init", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n")
    seeds = []
    for suffix in ("cpio", "cpio.gz", "cpio.zst", "cpio.xz", "cpio.lz4", "cpio.bz2", "cpio.lzma"):
        name = f"{folder}/seed.{suffix}"
        subprocess.run([bee, "image", "build", "-d", tree, "-o", name, "--add", "/", "--init", folder + "/init"],
                       stderr=subprocess.DEVNULL, check=False)
        with open(name, "rb") as file:
            seeds.append(file.read())
    seeds.append(seeds[0] + bytes(512) + seeds[2])
    return seeds


def mutate(data):
    data = bytearray(data)
    for _ in range(rnd.choice((1, 1, 2, 5, 20))):
        at = rnd.randrange(len(data))
        kind = rnd.randrange(7)
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
            head = data.rfind(b"070701", 0, at)
            field = (head if head >= 0 else at) + 6 + 8 * rnd.randrange(13)
            data[field:field + 8] = rnd.choice((b"FFFFFFFF", b"00000000", b"7FFFFFFF", b"0000A1FF", b"00001000", b"000041ED"))
        elif kind == 5:
            head = data.find(b"usr/", at)
            if head >= 0:
                data[head:head + 4] = rnd.choice((b"../.", b"/etc", b"\0usr", b"lib/"))
        else:
            del data[at:]
        if not data:
            data = bytearray(b"\0")
    return bytes(data)


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(words, folder):
    done = subprocess.run([bee, "image", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder,
                          preexec_fn=limited, timeout=120, check=False)
    return done.returncode, done.stderr


def main():
    bad, kept, peak = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        seeds = build(folder)
        os.makedirs(folder + "/out")
        before = sorted(os.listdir("/etc")), sorted(os.listdir("/"))
        for number in range(count):
            data = mutate(rnd.choice(seeds))
            name = folder + "/mutated"
            with open(name, "wb") as file:
                file.write(data)
            target = f"{folder}/out/{number}"
            for words in (["list", "-v", name], ["check", name], ["extract", name, "-C", target], ["diff", name, name]):
                try:
                    status, said = run(words, folder)
                except subprocess.TimeoutExpired:
                    status, said = "no end", b""
                raw = [b for b in said if b < 32 and b != 10 or b == 127]
                if status not in WANTED or raw:
                    bad.append(f"{words[0]} of mutation {number}: {status} {said[-200:]!r}")
            around = set(os.listdir(folder)) - {"tree", "out", "mutated", "init"}
            left = [n for n in around if not n.startswith("seed.")] + [n for n in os.listdir(folder + "/out") if n != str(number)]
            if left:
                kept.append(f"mutation {number}: {left}")
            subprocess.run(["chmod", "-R", "u+rwX", target], stderr=subprocess.DEVNULL, check=False)
            subprocess.run(["rm", "-rf", target], check=False)
        if before != (sorted(os.listdir("/etc")), sorted(os.listdir("/"))):
            kept.append("/etc or / has other names than before")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    def ok(number, good, name, notes):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        for note in notes[:20]:
            print("#", note)
    ok(1, not bad, f"{count} archives of seed {seed}: each command ends with a status of its own", bad)
    ok(2, not kept, "nothing is made outside the folder that was named", kept)
    ok(3, peak < 600 << 10, f"in bounded memory ({peak >> 10} MiB)", [])
    print("1..3")
    sys.exit(bool(bad or kept))


main()
END
