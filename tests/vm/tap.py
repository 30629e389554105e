"""TAP for the tests that drive a virtual machine, and questions to documents."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
IMAGES = os.environ.get("BEE_VM", os.path.join(TOP, "build", "vm"))


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, notes=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            for note in notes:
                self.note(note)
        return good

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def note(self, text):
        for line in str(text).splitlines()[:40]:
            print("# " + line[:300], flush=True)

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


def folder(name):
    """A fresh folder for one machine: kept in build/vm when the test fails."""
    if not os.path.exists(os.path.join(IMAGES, "initrd")):
        skip_all("nothing to boot in build/vm: make check-vm")
    if not shutil.which("qemu-system-x86_64"):
        skip_all("qemu-system-x86_64 is not installed: make deps-vm")
    # Short: a socket's path has 108 bytes.
    path = tempfile.mkdtemp(prefix="bee-vm-")
    kept = os.path.join(IMAGES, name)
    shutil.rmtree(kept, ignore_errors=True)
    return path, kept


def keep(path, kept):
    """The small files of a failed run: console, command line, documents."""
    os.makedirs(kept, exist_ok=True)
    for name in os.listdir(path):
        file = os.path.join(path, name)
        if os.path.isfile(file) and not name.endswith(".img"):
            shutil.copy(file, kept)
    print(f"# console and documents are in {kept}", flush=True)


def done(tap, path, kept):
    if tap.failed:
        keep(path, kept)
    shutil.rmtree(path, ignore_errors=True)
    tap.end()


def records(document, path):
    """The list at "storage.drives", or [] where there is none."""
    for name in path.split("."):
        document = document.get(name, {}) if isinstance(document, dict) else {}
    return document if isinstance(document, list) else [document] if document else []


def find(document, path, match):
    """The one record of a list that has these properties; None when not exactly one has."""
    found = [r for r in records(document, path) if all(r.get(k) == v for k, v in match.items())]
    return found[0] if len(found) == 1 else None


def differences(record, wanted):
    """"property: got, wanted" for what is not as it should be."""
    for name, value in wanted.items():
        got = record.get(name, "(nothing)")
        if got != value:
            yield f"{name}: got {got!r}, wanted {value!r}"


def job(document, name):
    return find(document, "collectors", {"job": name}) or {}


def audit(guest, where, name, options, limit=120):
    """Runs `bee audit` inside: (exit status, seconds, document). Its words go to a log."""
    command = (
        f"began=$(cut -d' ' -f1 /proc/uptime); bee audit -o /{name}.json {options}; status=$?; "
        f"echo $began $(cut -d' ' -f1 /proc/uptime); exit $status"
    )
    status, said = guest.run(command, limit)
    with open(os.path.join(where, name + ".log"), "wb") as file:
        file.write(said)
    began, ended = (float(word) for word in said.decode("utf-8", "replace").split()[-2:])
    return status, ended - began, fetch(guest, where, name)


def fetch(guest, where, name):
    status, text = guest.run(f"cat /{name}.json")
    path = os.path.join(where, name + ".json")
    with open(path, "wb") as file:
        file.write(text)
    return json.loads(text) if status == 0 else {}


def check_valid(tap, where, name):
    script = os.path.join(TOP, "tests", "validate.py")
    if subprocess.run([sys.executable, "-c", "import jsonschema"], capture_output=True).returncode:
        tap.skip(f"the document of {name} is valid", "python3-jsonschema is not installed")
        return
    done = subprocess.run(
        [sys.executable, script, os.path.join(where, name + ".json")],
        capture_output=True,
        text=True,
        check=False,
    )
    tap.ok(done.returncode == 0, f"the document of {name} is valid", [done.stdout + done.stderr])
