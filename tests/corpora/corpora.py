"""Replays a folder of real machines' outputs and checks what needs no golden file: README.md."""
import collections
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(TOP, "tests")]
import exported  # noqa: E402
import raw  # noqa: E402
import redacted  # noqa: E402

BEE = os.path.join(os.path.abspath(os.environ.get("B", os.path.join(TOP, "build"))), "bee")
CORPORA = os.environ.get("BEE_CORPORA", "")
ONLY = os.environ.get("BEE_CORPORA_ONLY", "").split()
BAD_STATUS = ("crashed", "timeout", "stuck", "denied", "setup", "truncated")
# A rule may fire on so much of a kind before it has to be information.
OFTEN, MANY = 0.05, 20
# Of how many firings of each rule the file and the words are printed, for somebody to judge.
SHOWN = int(os.environ.get("BEE_CORPORA_SHOW", "0"))

UNITS = re.compile(
    r"(^|_)(bytes|bits|mts|mhz|gbps|gtps|watts|volts|(milli)?amperes|milliwatts|dbm|celsius|percent|hours|minutes|seconds|ms|rpm|lanes|u|ways)$")
# Numbers that count or name something.
PLAIN = re.compile(
    r"(^|_)(counts?|errors|cycles|shutdowns|replays|rows|pages|id|number|index|generation|revision|slots|sockets?"
    r"|lun|max|node|level|present|vfs|status|hits|reads|writes|single_bit|double_bit|correctable|uncorrectable"
    r"|multiprocessors|pending|group|line|port|lid|threads_per_core|cores_per_socket|records|phy|changes|flags|commands"
    r"|fru_id|enabled|instance|length)(_|$)")


class Trouble(list):
    def unless(self, good, text):
        if not good:
            self.append(text)

    def same(self, got, wanted, what):
        self.unless(got == wanted, f"{what}: {got!r}, and the raw text says {wanted!r}")


def timeless(data):
    data = re.sub(rb'"(duration_ms|started_ms|jobs)": \d+', rb'"\1": 0', data)
    return re.sub(rb'"started": "[^"]*"', b'"started": ""', data)


def audit(folder, out, *options):
    done = subprocess.run(
        [BEE, "audit", "-q", "--policy-dir", os.path.join(TOP, "policy"), "--replay", folder, "-o", out, *options],
        capture_output=True, check=False)
    return done.returncode, done.stderr.decode("utf-8", "replace")


def put(folder, job, text):
    path = os.path.join(folder, job)
    os.makedirs(path)
    with open(os.path.join(path, "stdout"), "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def strings(value):
    """Every string in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def numbers(value, path=""):
    """(property, path) of every number; of a list of numbers, the list's name counts."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, (int, float)) and not isinstance(inner, bool):
                yield name, path + "/" + name
            elif isinstance(inner, list) and any(type(x) in (int, float) for x in inner):
                yield name, path + "/" + name
            else:
                yield from numbers(inner, path + "/" + name)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, path)


def records(document, path):
    for name in path.split("."):
        document = document.get(name, {}) if isinstance(document, dict) else {}
    return document if isinstance(document, list) else []


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def squeeze(text):
    """As the document has it: one blank for many is dmidecode's doing, not ours."""
    return " ".join(text.split())


def check_dmi(document, text, bad):
    found = raw.dmi_structures(text)
    count = collections.Counter(kind for kind, _, _ in found)
    for kind, path in ((2, "baseboards"), (3, "chassis"), (4, "processors"), (16, "memory.arrays"),
                       (17, "memory.modules")):
        bad.same(len(records(document, path)), count[kind], path)
    slots = [props.get("Size", "") for kind, _, props in found if kind == 17]
    modules = records(document, "memory.modules")
    bad.same(sum(m.get("state") == "Absent" for m in modules),
             sum(s in ("No Module Installed", "Not Installed") for s in slots), "empty slots")
    bad.same(sorted(m["capacity_bytes"] for m in modules if m.get("capacity_bytes") is not None),
             sorted(size for size in map(raw.dmi_size, slots) if size is not None), "sizes of modules")
    # A backslash that would read like an escape is one itself: bee-audit.json(5), ESCAPES.
    said = {squeeze(s.replace("\\x5c", "\\"))
            for s in strings({k: v for k, v in document.items() if k != "collectors"})}
    seen = set()
    for kind, handle, props in found:
        # A second system or BIOS record is an error in errors[].
        if kind in (0, 1) and kind in seen:
            continue
        seen.add(kind)
        for key in raw.DMI_TEXTS.get(kind, ()):
            value = props.get(key, "")
            if value in raw.NOTHING or not value.isascii() or not value.isprintable():
                continue
            bad.unless(squeeze(value) in said, f"lost: {handle} {key}: {value}")
    for path in ("baseboards", "chassis", "processors", "memory.modules"):
        for record in records(document, path):
            serial = record.get("serial_number")
            bad.unless(not serial or not raw.PLACEHOLDER.match(serial.strip()),
                       f"{path} {record['key']}: a placeholder as serial number: {serial}")


def replay_dmidecode(path, folder, bad):
    text = read(path)
    shutil.copy(path, os.path.join(folder, "dmidecode.txt"))
    return lambda document: check_dmi(document, text, bad)


def replay_smbios(path, folder, bad):
    done = subprocess.run(["dmidecode", "--from-dump", path], capture_output=True, check=False)
    text = done.stdout.decode("utf-8", "surrogateescape")
    with open(os.path.join(folder, "dmidecode.txt"), "wb") as file:
        file.write(done.stdout)
    return lambda document: check_dmi(document, text, bad)


def replay_lspci(path, folder, bad):
    text, functions = raw.lspci(path)
    if text is None:
        return None
    put(folder, "pcie/lspci", text)

    def check(document):
        bad.same([(r["key"], r.get("class"), r.get("model")) for r in records(document, "pcie.devices")],
                 sorted(functions), "PCI functions")
    return check


def replay_smartctl(path, folder, bad):
    root = json.loads(read(path))
    wanted = raw.smartctl(root)
    kind = raw.at(root, "device.protocol")
    key = "nvme0" if kind == "NVMe" else "sda"
    put(folder, f"storage/smart@{key}", read(path))
    with open(os.path.join(folder, f"storage/smart@{key}", "status"), "w", encoding="ascii") as file:
        file.write(str(raw.at(root, "smartctl.exit_status") or 0))

    def check(document):
        drives = records(document, "storage.drives")
        bad.same(len(drives), 1, "drives")
        for drive in drives[:1]:
            for name, value in wanted.items():
                if value is not None:
                    bad.same(drive.get(name), value, name)
    return check


def replay_nvidia(path, folder, bad):
    text = raw.nvidia_section(read(path))
    put(folder, "nvidia/smi", text)
    wanted = sorted(raw.nvidia(text), key=lambda gpu: gpu["key"])

    def check(document):
        gpus = records(document, "gpus")
        bad.same(len(gpus), len(wanted), "GPUs")
        for gpu, want in zip(gpus, wanted):
            for name, value in want.items():
                bad.same(gpu.get(name), value, name)
    return check


def replay_lsblk(path, folder, bad):
    text, disks = raw.lsblk(read(path))
    put(folder, "storage/lsblk", text)

    def check(document):
        drives = {drive["key"]: drive for drive in records(document, "storage.drives")}
        bad.same(sorted(drives), sorted(disk["name"] for disk in disks), "drives")
        for disk in disks:
            drive = drives.get(disk["name"], {})
            bad.same(drive.get("capacity_bytes"), disk["size"], "capacity_bytes")
            bad.same(drive.get("model"), disk["model"], "model")
    return check


def replay_bundle(path, folder, bad):
    shutil.copytree(path, folder, dirs_exist_ok=True)
    return lambda document: None


KINDS = {
    "smbios": ("*.bin", replay_smbios),
    "dmidecode": ("*.txt", replay_dmidecode),
    "lspci": ("*", replay_lspci),
    "smartctl": ("*.json", replay_smartctl),
    "nvidia": ("*", replay_nvidia),
    "lsblk": ("*.txt", replay_lsblk),
    "bundles": ("*/", replay_bundle),
}


def check_document(data, document, bad, validator):
    bad.unless(data.isascii(), "the document is not ASCII")
    if validator:
        bad.extend(validator(data.decode("ascii", "replace")))
    for job in document["collectors"]:
        bad.unless(job["status"] not in BAD_STATUS, f"{job['job']} is {job['status']}: {job['reason']}")
    lists = {k: v for k, v in document.items()
             if k not in ("collectors", "audit", "health", "errors", "findings")}
    for name, path in numbers(lists):
        inner = "/unparsed/" in path or "/conflicts/" in path
        bad.unless(inner or UNITS.search(name) or PLAIN.search(name), f"a number without its unit: {path}")


def run(kind, path, validator):
    """(name, skip reason or None, trouble, findings) of one file."""
    bad = Trouble()
    name = f"{kind}/{os.path.basename(path.rstrip('/'))}"
    with tempfile.TemporaryDirectory() as made:
        folder = os.path.join(made, "replay")
        os.makedirs(folder)
        check = KINDS[kind][1](path, folder, bad)
        if check is None:
            return name, "the tool cannot read it", bad, []
        one, two = os.path.join(made, "one"), os.path.join(made, "two")
        status, said = audit(folder, one)
        bad.unless(status in (0, 3), f"exit status {status}: {said[:300]}")
        if status not in (0, 3):
            return name, None, bad, []
        audit(folder, two, "--jobs", "1")
        with open(one, "rb") as file:
            data = file.read()
        with open(two, "rb") as file:
            bad.unless(timeless(data) == timeless(file.read()), "a second replay gives another document")
        document = json.loads(data)
        check_document(data, document, bad, validator)
        check(document)
        bad.extend(exported.check(one))
        bad.extend(f"redacted: {line}" for line in redacted.check(folder, validator))
        return name, None, bad, [(f["severity"], f["id"], f["message"]) for f in document["findings"]]


def make_validator():
    try:
        import validate
        import jsonschema
    except ImportError:
        return None
    with open(validate.SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    validate.close(schema)
    known = jsonschema.Draft202012Validator(schema)

    def check(text):
        try:
            document = json.loads(text, object_pairs_hook=validate.unique)
        except ValueError as error:
            return [str(error)]
        return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
                for e in known.iter_errors(document)] + list(validate.more(text, document))
    return check


def main():
    if not CORPORA:
        print("1..0 # SKIP BEE_CORPORA names no folder of real machines' outputs")
        return 0
    if not os.access(BEE, os.X_OK):
        print(f"1..0 # SKIP {BEE} is not there: make")
        return 0
    files = [(kind, path) for kind, (pattern, _) in KINDS.items() if not ONLY or kind in ONLY
             for path in sorted(glob.glob(os.path.join(CORPORA, kind, pattern)))]
    if not files:
        print(f"1..0 # SKIP no file in {CORPORA}, tests/corpora/README.md has its layout")
        return 0
    validator = make_validator()
    count = failed = 0
    fired, machines = collections.Counter(), collections.Counter()
    shown = collections.defaultdict(list)

    def tell(good, sentence, notes=()):
        nonlocal count, failed
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - {sentence}", flush=True)
        for note in list(notes)[:20]:
            print("#   " + note.encode("ascii", "backslashreplace").decode()[:400])

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (kind, _), result in zip(files, pool.map(lambda item: run(*item, validator), files)):
            name, skipped, bad, findings = result
            if skipped:
                tell(True, f"{name} keeps its values # SKIP {skipped}")
                continue
            tell(not bad, f"{name} keeps its values", bad)
            machines[kind] += 1
            fired.update({(kind, severity, rule) for severity, rule, _ in findings})
            for _, rule, message in findings:
                if len(shown[kind, rule]) < SHOWN:
                    shown[kind, rule].append(f"{name}: {message}")
    if not validator:
        tell(True, "every document validates # SKIP python3-jsonschema is not there")
    often = [f"{rule}: {n} of {machines[kind]} in {kind}" for (kind, severity, rule), n in fired.items()
             if severity != "OK" and machines[kind] >= MANY and n > OFTEN * machines[kind]]
    tell(not often, "what fires on many machines is information", often)
    for (kind, severity, rule), n in sorted(fired.items(), key=lambda one: (one[0][0], -one[1], one[0])):
        print(f"# {kind}: {rule} ({severity}) fires on {n} of {machines[kind]}, {100 * n / machines[kind]:.1f} %")
        for line in shown[kind, rule]:
            print("#   " + line.encode("ascii", "backslashreplace").decode()[:300])
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
