"""Texts of machines that do not exist (dmi_texts.py) against what is true of them: README.md."""
import concurrent.futures
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import corpora
import dmi_texts
import raw

MACHINES = int(os.environ.get("BEE_MACHINES", "40"))
FIRST = int(os.environ.get("BEE_MACHINES_FROM", "1"))
JOBS = ("board/dmi", "cpu/dmi", "memory/dmi", "psu/dmi")
SINGLE = {"system": "system", "firmware": "bios"}  # one object, and its record's key
AFAR = ("system_memory", "uefi_supported")
HANDLE = re.compile(rb"^(?:  )?Handle 0x[0-9A-F]{4}(, |\r?\n\s*)DMI type (\d+), \d+ bytes\.?\r?$", re.M)
COUNTED = {2: "baseboards", 3: "chassis", 4: "processors", 9: "pcie.slots", 16: "memory.arrays", 17: "memory.modules"}


def records_of(document, path):
    if path in SINGLE:
        return {SINGLE[path]: document[path]} if "src" in document.get(path, {}) else {}
    found = corpora.records(document, path)
    if path == "power_supplies":  # a list in which none could feed the machine is the firmware's alone
        found = found + corpora.records(document, "smbios." + path)
    return {r["key"]: r for r in found}


def check_truth(document, truth, bad, part):
    """Each record and property that is true, and no other record; in a part of a text, none that is not."""
    for path, wanted in truth.items():
        found = records_of(document, path)
        if part:
            bad.unless(set(found) <= set(wanted), f"{path}: {sorted(set(found) - set(wanted))} are not in the text")
        else:
            bad.same(sorted(found), sorted(wanted), path)
        for key, props in wanted.items():
            for name, value in props.items():
                # What tells may be in the part that is not there.
                unknown = part and name in AFAR and found.get(key, {}).get(name) is None
                if key in found and (name in found[key] or not part) and not unknown:
                    bad.same(found[key].get(name, "(missing)"), value, f"{path} {key} {name}")


def check_counts(document, data, bad):
    """One record for each structure whose head is whole."""
    kinds = [int(match[2]) for match in HANDLE.finditer(data)]
    for kind, path in COUNTED.items():
        bad.same(len(corpora.records(document, path)), kinds.count(kind), path)


def replay(data, validator, bad, twice):
    with tempfile.TemporaryDirectory() as made:
        with open(os.path.join(made, "dmidecode.txt"), "wb") as file:
            file.write(data)
        outs = []
        for options in [()] + [("--jobs", "1")] * twice:
            out = os.path.join(made, "out")
            status, said = corpora.audit(made, out, *options)
            bad.unless(status in (0, 3), f"exit status {status}: {said[:300]}")
            if status not in (0, 3):
                return None
            with open(out, "rb") as file:
                outs.append(file.read())
    bad.unless(len({corpora.timeless(out) for out in outs}) == 1, "a second replay gives another document")
    document = json.loads(outs[0])
    corpora.check_document(outs[0], document, bad, validator)
    return document


def status_of(document):
    return {job["job"]: job["status"] for job in document["collectors"] if job["job"] in JOBS}


def one(seed, validator):
    """The trouble with one machine's text: whole, or cut off, or without handles."""
    bad = corpora.Trouble()
    data, truth, lost = dmi_texts.machine(seed)
    chance = random.Random(-seed)
    kind = chance.choice(["whole"] * 7 + ["cut", "cut", "quiet"])
    if kind == "cut":
        data = data[:chance.randrange(1, len(data))]
    elif kind == "quiet":
        data = dmi_texts.quiet(data)
    document = replay(data, validator, bad, seed % 10 == 0)
    if not document:
        return bad
    if kind == "quiet":
        truth = {path: {} for path in truth}
    check_truth(document, truth, bad, kind == "cut")
    if kind == "cut":
        data = data[:data.rfind(b"\n") + 1]
    check_counts(document, data, bad)
    statuses = set(status_of(document).values())
    # A text may well be cut where a structure ends: nothing tells.
    if kind == "whole" and not lost:
        bad.same(statuses, {"ok"}, "status")
    elif kind == "quiet" or lost and kind == "whole":
        bad.unless("ok" not in statuses, f"a broken text ({lost or kind}) is taken for whole: {statuses}")
    return bad


def blocks(path):
    """A real text's structures, and what stands before them."""
    if path.endswith(".bin"):
        done = subprocess.run(["dmidecode", "--from-dump", path], capture_output=True, check=False)
        text = done.stdout
    else:
        with open(path, "rb") as file:
            text = file.read()
    parts = re.split(rb"(?m)^(?=Handle 0x)", text)
    return parts[0], [part.strip(b"\n") + b"\n\n" for part in parts[1:]]


def shaken(seed, paths, validator):
    """A real text with its structures out of order, left out, doubled, and with dirt in their values."""
    bad = corpora.Trouble()
    chance = random.Random(seed)
    head, parts = blocks(paths[seed % len(paths)])
    parts = [part for part in parts for _ in range(chance.choice([1, 1, 1, 1, 1, 0, 2]))]
    chance.shuffle(parts)
    dirt = [b" ", b"\t", b"\xff", b"\x1b[2J", b"\xc3\xa9", b"<BAD INDEX>", b" To Be Filled By O.E.M."]
    for number, part in enumerate(parts):
        if chance.random() < 0.2:
            lines = part.rstrip(b"\n").split(b"\n")
            at = chance.randrange(len(lines))
            if at > 1:
                lines[at] += chance.choice(dirt)
            parts[number] = b"\n".join(lines) + b"\n\n"
    data = head + b"".join(parts)
    if chance.random() < 0.3:
        data = data.replace(b"\n", b"\r\n")
    document = replay(data, validator, bad, seed % 10 == 0)
    if document:
        check_counts(document, data, bad)
        for path in ("system", "baseboards", "chassis", "processors", "memory.modules"):
            for key, record in records_of(document, path).items():
                serial = record.get("serial_number")
                bad.unless(not serial or not raw.PLACEHOLDER.match(serial.strip()), f"{path} {key}: {serial}")
    return bad


def main():
    if not os.access(corpora.BEE, os.X_OK):
        print(f"1..0 # SKIP {corpora.BEE} is not there: make")
        return 0
    validator = corpora.make_validator()
    seeds = range(FIRST, FIRST + MACHINES)
    paths = sorted(glob.glob(os.path.join(corpora.CORPORA, "dmidecode", "*.txt"))
                   + glob.glob(os.path.join(corpora.CORPORA, "smbios", "*.bin"))) if corpora.CORPORA else []
    groups = [("made-up", lambda seed: one(seed, validator))]
    if paths:
        groups.append(("shaken real", lambda seed: shaken(seed, paths, validator)))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number, (name, check) in enumerate(groups, 1):
            wrong = [(seed, bad) for seed, bad in zip(seeds, pool.map(check, seeds)) if bad]
            failed += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {number} - {MACHINES} {name} machines are told truly", flush=True)
            for seed, bad in wrong[:20]:
                for note in bad[:5]:
                    print(f"#   {seed}: {note}".encode("ascii", "backslashreplace").decode()[:300])
            if wrong:
                print(f"#   {len(wrong)} of {MACHINES}; again: BEE_MACHINES_FROM={wrong[0][0]} BEE_MACHINES=1")
    if not validator:
        print("# no document was validated: python3-jsonschema is not there")
    print(f"1..{len(groups)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
