"""A capture and its document, redacted: both are the same machine still, and no value of it is left.

redacted.py FOLDER...: each a folder of bee audit --capture.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
B = os.path.abspath(os.environ.get("B", os.path.join(TOP, "build")))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, "tests")]

# Not the program's own table: what a reader would call identifying.
NAMES = re.compile(r"serial|uuid|guid|mac_address$|wwn|wwid|asset_tag|machine_id|boot_id|unique_id|sas_address|tracer|system_name|nqn")
NOT = re.compile(r"^(group_mac_address|.*_source)$")


def originals(value, name="", path=()):
    """Strings of such properties, but no placeholder and nobody's name for another property."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("placeholders", "sources", "escaped", "src", "efi_resources", "kernel_events"):
                yield from originals(inner, key if NAMES.search(key) or not NAMES.search(name) else name, path + (key,))
    elif isinstance(value, list):
        for inner in value:
            yield from originals(inner, name, path)
    elif isinstance(value, str) and ((NAMES.search(name) and not NOT.match(name)) or path[-2:] == ("host", "name")):
        yield value


def plain(text):
    return re.sub(r"[^0-9a-z]", "", text.lower())


def is_telling(text):
    """Long and mixed enough that it stands nowhere by chance."""
    return len(plain(text)) >= 6 and re.search("[0-9]", text) and re.search("[A-Za-z]", text) and len(set(plain(text))) > 2


def left(values, data):
    """Those that are in the bytes, in any case, with or without what stands between."""
    text = data.decode("latin-1").lower()
    squeezed = plain(text)
    for value in values:
        if value.lower() in text or (len(plain(value)) >= 10 and plain(value) in squeezed):
            yield f"left: {value}"


def kept(document):
    """Placeholders and the like: what the document says is none."""
    found = set()

    def walk(value, inside):
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, inside or key == "placeholders")
        elif isinstance(value, list):
            for inner in value:
                walk(inner, inside)
        elif inside and isinstance(value, str):
            found.add(value.lower())
    walk(document, False)
    return found


def timeless(document):
    for name in ("started", "duration_ms", "jobs", "boot_id"):
        document["audit"].pop(name, None)
    for job in document["collectors"]:
        job.pop("duration_ms", None)
        job.pop("started_ms", None)
    # Words of ours, which may be somebody's name for a part.
    for error in document["errors"]:
        error.pop("reason", None)
    return document


def differences(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), f"{path}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (one, two) in enumerate(zip(a, b)):
            yield from differences(one, two, f"{path}/{i}")
    elif (a.lower() != b.lower() if isinstance(a, str) and isinstance(b, str) else a != b):
        yield f"{path}: {a!r}, and of the redacted capture {b!r}"[:300]


def run(*words):
    done = subprocess.run(words, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def audit(folder, out):
    return run(os.path.join(B, "bee"), "audit", "-q", "--policy-dir", os.path.join(TOP, "policy"),
               "--replay", folder, "-o", out)


def judged(document):
    return sorted((f["severity"], f["id"], (f.get("component") or {}).get("type") or "") for f in document["findings"])


def check(folder, validator=None):
    with tempfile.TemporaryDirectory() as made:
        report = os.path.join(B, "bee-report")
        one, two, key, other = (os.path.join(made, name) for name in ("one", "two", "key", "other"))
        with open(key, "wb") as file:
            file.write(b"a key of a test, thirty-two bytes.")
        status, _, said = audit(folder, one)
        if status not in (0, 3):
            yield f"audit: exit {status}: {said[:200]}"
            return
        with open(one, "rb") as file:
            document = json.load(file)
        values = {v for v in originals(document) if is_telling(v) and v.lower() not in kept(document)}
        status, text, said = run(report, "--redact", "--key", key, one)
        if status:
            yield f"document: exit {status}: {said[:200]}"
            return
        yield from (f"document: {line}" for line in left(values, text))
        redacted = json.loads(text)
        if judged(redacted) != judged(document):
            yield "document: other findings"
        if validator:
            yield from (f"document: {line}" for line in validator(text.decode("ascii")))
        status, _, said = run(report, "--redact", "--key", key, "--bundle", folder, "-o", other, one)
        if status:
            yield f"capture: exit {status}: {said[:200]}"
            return
        for top, _, names in os.walk(other):
            for name in names:
                path = os.path.join(top, name)
                with open(path, "rb") as file:
                    yield from (f"{path[len(other):]}: {line}" for line in left(values, path[len(other):].encode() + b"\n" + file.read()))
        audit(other, two)
        with open(two, "rb") as file:
            again = json.load(file)
        if judged(again) != judged(document):
            yield "capture: other findings"
        yield from list(differences(timeless(redacted), timeless(again)))[:20]


def main(folders):
    bad = 0
    for folder in folders:
        for line in check(folder):
            print(f"{folder}: {line}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
