"""TAP for the tests that drive a virtual machine, and questions to documents."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

import guest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
IMAGES = os.environ.get("BEE_VM", os.path.join(TOP, "build", "vm"))


def memory_limit(collector):
    """Bytes, of the head of a shipped policy."""
    with open(os.path.join(TOP, "policy", collector + ".policy"), encoding="utf-8") as file:
        return int(re.search(r"^limits .*\bmemory ([0-9]+)M\b", file.read(), re.M)[1]) << 20


class Stalled(Exception):
    """The host gave the machine no time: nothing it did then says anything about bee.

    Jobs have limits of their own; one that meets them in every attempt is a failure.
    """


class Tap:
    """Lines are kept until the end: a run on a stalled machine is begun again."""

    def __init__(self):
        self.count = self.failed = 0
        self.lines = []

    def ok(self, good, name, notes=()):
        self.count += 1
        self.failed += not good
        self.lines.append(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            for note in notes:
                self.note(note)
        return good

    def skip(self, name, reason):
        self.count += 1
        self.lines.append(f"ok {self.count} - {name} # SKIP {reason}")

    def note(self, text):
        self.lines += ["# " + line[:300] for line in str(text).splitlines()[:40]]

    def end(self):
        print("\n".join(self.lines + [f"1..{self.count}"]), flush=True)
        # prove(1) shows what comes this way, so that a log says why and not only which.
        shown = False
        for line in self.lines:
            shown = line.startswith("not ok") or (shown and line.startswith("# "))
            if shown:
                print(line, file=sys.stderr)
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


ATTEMPTS = 3
LAST = False  # no other attempt after this one
STALL = 3  # seconds between two ticks of 0.2 s


def run(name, arguments, check):
    """check(tap, folder, guest) with a machine of arguments(folder); keeps what explains a failure."""
    if not os.path.exists(os.path.join(IMAGES, "initrd")):
        skip_all("nothing to boot in build/vm: make check-vm")
    if not shutil.which("qemu-system-x86_64"):
        skip_all("qemu-system-x86_64 is not installed: make deps-vm")
    kept = os.path.join(IMAGES, name)
    shutil.rmtree(kept, ignore_errors=True)
    global LAST
    for attempt in range(ATTEMPTS):
        LAST = attempt + 1 == ATTEMPTS
        tap = Tap()
        # Not below build/: a socket's path has at most 108 bytes.
        with tempfile.TemporaryDirectory(prefix="bee-vm-") as path:
            try:
                with guest.Guest(IMAGES, path, arguments(path)) as machine:
                    check(tap, path, machine)
            except Stalled as stalled:
                print(f"# attempt {attempt + 1}: {stalled}", flush=True)
                if not LAST:
                    continue
                tap.ok(False, "the host lets the machine run", [stalled])
            except Exception:  # whatever it is, it is the result of the test
                tap.ok(False, "the test comes to its end", [traceback.format_exc()])
            if tap.failed:
                keep(path, kept)
        tap.end()


def keep(path, kept):
    """The small files of a failed run: console, command line, documents."""
    os.makedirs(kept, exist_ok=True)
    for name in os.listdir(path):
        file = os.path.join(path, name)
        if os.path.isfile(file) and not name.endswith(".img"):
            shutil.copy(file, kept)
    print(f"# console and documents are in {kept}", flush=True)


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


def audit(machine, where, name, options, wrap="", limit=120):
    """Runs `bee audit` inside: (exit status, seconds, document). Its words go to a log.

    `wrap` is a command that execs the rest of its words. A clock ticks beside it: a machine that stood still because its host is busy says so.
    """
    command = (
        "(while :; do cut -d' ' -f1 /proc/uptime; sleep 0.2; done) >/ticks & ticker=$!; "
        f"began=$(cut -d' ' -f1 /proc/uptime); {wrap} bee audit -o /{name}.json {options}; status=$?; "
        f"echo $began $(cut -d' ' -f1 /proc/uptime); kill $ticker; exit $status"
    )
    status, said = machine.run(command, limit)
    with open(os.path.join(where, name + ".log"), "wb") as file:
        file.write(said)
    began, ended = (float(word) for word in said.decode("utf-8", "replace").split()[-2:])
    ticks = [float(word) for word in machine.say("cat /ticks").split()]
    gap = max((b - a for a, b in zip(ticks, ticks[1:])), default=0)
    if gap > STALL:
        raise Stalled(f"{name}: the machine's clock did not tick for {gap:.1f} s")
    document = fetch(machine, where, name)
    slow = [j["job"] for j in document.get("collectors", []) if j["status"] == "timeout"]
    if slow and not LAST:
        raise Stalled(f"{name}: out of time: {', '.join(slow)}")
    return status, ended - began, document


def audit_behind(machine, name, options):
    """Starts an audit and does not wait: audit_wait does."""
    machine.say(
        f"(began=$(cut -d' ' -f1 /proc/uptime); bee audit -q -o /{name}.json {options}; "
        f"echo $? $began $(cut -d' ' -f1 /proc/uptime) >/{name}.new; mv /{name}.new /{name}.end)"
        " >/dev/null 2>&1 &"
    )


def audit_wait(machine, where, name, limit):
    """As audit(); GuestError when it has not ended after so many seconds."""
    said = machine.say(
        f"for n in $(seq 1 {5 * limit}); do [ -e /{name}.end ] && exec cat /{name}.end; "
        "sleep 0.2; done; exit 1",
        limit + 20,
    )
    status, began, ended = said.split()
    return int(status), float(ended) - float(began), fetch(machine, where, name)


def fetch(machine, where, name):
    status, text = machine.run(f"cat /{name}.json")
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
