"""One audit with something wrong, and whether what bee promises held (doc/THREATS.md).

A Scenario is a folder of policies and options; a Run is what came out of one audit, made by one
of the two programs beside this file: inject (traced, with a fault) or watch (untraced).
"""
import atexit
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
TOOLS = os.path.join(BUILD, "tests", "tools")
BROKER = os.path.join(BUILD, "tests", "broker")
PROGRAMS = os.path.join(BUILD, "tests", "faults")
sys.path.insert(0, os.path.dirname(HERE))

OLD = b"the document of the last audit\n"
GOOD = ("ok", "absent", "unavailable")
UID_BASE = 0x7BEE0000
# bee-audit(1): what may come out without a document, and what with one.
WITHOUT = (64, 65, 70, 73, 74, 75)
HEAD = """policy 1
collector {collector}
emits {emits}
limits wall {wall}  term 100ms  kill 100ms  stdout 4M  stderr 64K  memory 256M  tasks {tasks}  files 64
syscalls @tool
open read-only
default report ENOSYS
"""


def temporary():
    """A folder that every uid can reach, until the end."""
    folder = tempfile.mkdtemp(prefix="bee-faults-")
    os.chmod(folder, 0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def programs_sum(libexec=BUILD):
    """Of the programs whose calls are counted: with other ones every result is another."""
    total = hashlib.sha256()
    for folder in (libexec, PROGRAMS, TOOLS):
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                with open(path, "rb") as file:
                    total.update(name.encode() + b"\0" + file.read())
    return total.hexdigest()


class Validator:
    """The schema and what tests/validate.py adds to it; without jsonschema the top level only."""

    KEYS = {"audit", "collectors", "errors", "findings", "health", "identity", "schema_version"}

    def __init__(self):
        self.more = self.schema = None
        try:
            import jsonschema
            import validate
        except ImportError:
            return
        with open(validate.SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        validate.close(schema)
        self.schema = jsonschema.Draft202012Validator(schema)
        self.more = validate.more

    def wrong(self, raw):
        """(document or None, what is wrong with it or None)."""
        try:
            text = raw.decode("ascii")
            document = json.loads(text)
        except ValueError as error:
            return None, f"not a document: {error}"
        if not isinstance(document, dict) or not self.KEYS <= set(document):
            return None, "keys are missing at the top level"
        if self.schema:
            for error in self.schema.iter_errors(document):
                at = "/".join(str(part) for part in error.absolute_path)
                return document, f"/{at}: {error.message[:200]}"
            for error in self.more(text, document):
                return document, error
        return document, None


VALIDATOR = Validator()


class Scenario:
    """Policies, options and the jobs that follow from them.

    policies: {collector: (emits, text of the steps)}; in it and in options {run} is the folder of
    one run, {made} the scenario's own, {tools} the test tools. jobs: names, where "NAME@X" may
    be missing when NAME itself is there (its lister failed). More than one task, as runs beside
    this one have the same uids, and with them one RLIMIT_NPROC: two audits of one machine never
    run at once, two of ours do.
    """

    def __init__(self, name, policies, jobs, options=(), timeout=3, wall="1s", hang=False,
                 expected=0, setup=None, stdout=False, tasks=8, libexec=BUILD, begins=None):
        self.name, self.jobs, self.options, self.timeout = name, jobs, list(options), timeout
        self.hang, self.expected, self.stdout, self.libexec = hang, expected, stdout, libexec
        self.begins = begins or 2 * len(jobs)  # programs that start in jails
        self.made = os.path.join(temporary(), name)
        os.makedirs(os.path.join(self.made, "policy"))
        os.makedirs(os.path.join(self.made, "hung"))
        if setup:
            setup(self.made)
        for collector, (emits, steps) in policies.items():
            with open(os.path.join(self.made, "policy", collector + ".policy"), "w",
                      encoding="utf-8") as file:
                file.write(HEAD.format(collector=collector, emits=emits, wall=wall, tasks=tasks))
                file.write(self.fill(steps))

    def fill(self, text, run=""):
        text = text.replace("{made}", self.made).replace("{broker}", BROKER)
        return text.replace("{tools}", TOOLS).replace("{run}", run)


class Run:
    """What one audit left behind."""

    def __init__(self, scenario, program="watch", aim=None, on_start=None, limit=None):
        self.scenario, self.aim = scenario, aim
        self.folder = tempfile.mkdtemp(prefix="run-", dir=scenario.made)
        os.chmod(self.folder, 0o755)
        self.output = os.path.join(self.folder, "out", "document.json")
        os.mkdir(os.path.dirname(self.output))
        with open(self.output, "wb") as file:
            file.write(OLD)
        try:
            self.__run(program, aim, on_start, limit)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __command(self, program, aim):
        scenario = self.scenario
        report, out, errors = (os.path.join(self.folder, name) for name in "roe")
        command = [os.path.join(PROGRAMS, program), "-t", str((scenario.timeout + 6) * 1000)]
        if scenario.hang:
            command += ["-h", f"{TOOLS}/fusehang,{scenario.made}/hung"]
        if aim:
            command += ["-a", ",".join(str(part) for part in aim)]
        command += [report, out, errors, os.path.join(scenario.libexec, "bee"), "audit"]
        command += ["-o", "-" if scenario.stdout else self.output, "--timeout",
                    str(scenario.timeout), "--policy-dir", f"{scenario.made}/policy"]
        return command + [scenario.fill(word, self.folder) for word in scenario.options]

    def __run(self, program, aim, on_start, limit):
        child = subprocess.Popen(self.__command(program, aim), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if on_start:
            on_start(child.pid)
        try:
            _, words = child.communicate(timeout=limit or self.scenario.timeout + 30)
        except subprocess.TimeoutExpired:
            child.kill()
            _, words = child.communicate()
        if child.returncode:
            raise RuntimeError(f"{program} {aim}: {child.returncode}: {words.decode()}")
        self.events = []
        with open(os.path.join(self.folder, "r"), encoding="utf-8") as file:
            for line in file:
                self.events.append(json.loads(line))
        end = next(event for event in self.events if "status" in event and "took" in event)
        self.took = end["took"]
        self.late = end["status"] < 0
        self.status = None if self.late else os.waitstatus_to_exitcode(end["status"])
        self.left = next((event["left"] for event in self.events if "left" in event), [])
        self.hit = next((event for event in self.events if "hit" in event), None)
        # The call was made, and cannot fail so with its arguments.
        self.impossible = any("impossible" in event for event in self.events)
        self.execs = [event for event in self.events if "exec" in event and not event["gone"]]
        self.processes = {event["process"]: event for event in self.events if "process" in event}
        with open(os.path.join(self.folder, "o"), "rb") as file:
            self.stdout = file.read()
        with open(os.path.join(self.folder, "e"), "rb") as file:
            self.stderr = file.read()
        try:
            with open(self.output, "rb") as file:
                self.content = file.read()
        except OSError:
            self.content = None
        self.files = sorted(os.listdir(os.path.dirname(self.output)))
        if not aim and self.status in (64, 65):  # it would hold against everything
            raise RuntimeError(f"the policy is wrong: {self.stderr.decode(errors='replace')}")

    def is_new(self):
        """Whether anything came in the place of the old document."""
        return bool(self.stdout) if self.scenario.stdout else self.content != OLD

    def document(self):
        """(document or None, what is wrong): the new one, wherever it went."""
        raw = self.stdout if self.scenario.stdout else self.content
        if raw is None or not self.is_new():
            return None, None
        return VALIDATOR.wrong(raw)


def job_is_there(name, entries):
    """Its own entry, or that of the step whose devices could not be listed."""
    return name in entries or name.split("@")[0] in entries


def broken_document(run):
    """Guarantees 3 and 6: (number, words) for each thing that is not as promised."""
    document, wrong = run.document()
    if run.content is None:
        yield 6, "the output file is gone"
    if wrong:
        yield 6, f"the document is not whole: {wrong}"
    # A file that cannot be removed stays.
    removing = run.aim is not None and run.aim[1] in ("unlink", "unlinkat")
    if not run.scenario.stdout and run.files != ["document.json"] and not removing:
        yield 6, f"files are left: {' '.join(run.files)}"
    if not document:
        return
    entries = {job.get("job"): job.get("status") for job in document["collectors"]}
    for name in run.scenario.jobs:
        if not job_is_there(name, entries):
            yield 3, f"no entry for {name}"
    bad = [name for name, status in entries.items() if status not in GOOD]
    if run.status == 0 and (bad or not document["audit"]["complete"]):
        yield 3, f"exit 0, and incomplete: {' '.join(bad)}"
    if run.status == 3 and document["audit"]["complete"]:
        yield 3, "exit 3, and complete"


def broken_end(run, slack, silent=False, killed=False):
    """Guarantees 1 and 3: the end, its status and what it says. `silent`: whoever writes messages
    was hit; `killed`: the monitor was."""
    limit = run.scenario.timeout + 1 + slack
    if run.late or run.took > limit:
        yield 1, f"took {run.took:.2f} s, limit {limit:.2f} s"
    if run.left:
        yield 1, f"processes are left: {'; '.join(run.left)}"
    # libc, before main: it ends by a signal or with 127, and has no words for most of it.
    unborn = run.aim is not None and run.aim[1] in ("brk", "mprotect") and run.content == OLD
    if run.late or killed or (unborn and (run.status < 0 or run.status == 127)):
        return
    if run.status < 0:
        yield 3, f"ended by signal {signal.Signals(-run.status).name}"
    elif run.status in (0, 3) and not run.is_new():
        yield 3, f"exit {run.status} without a document"
    elif run.status not in (0, 3) + WITHOUT:
        yield 3, f"exit {run.status} has no meaning"
    elif run.status in WITHOUT and run.status != 74 and run.is_new() and not run.scenario.stdout:
        yield 3, f"exit {run.status} with a document"
    if run.status not in (0, 3) and not run.stderr and not silent:
        yield 3, f"exit {run.status} without a word"


def broken_bytes(run):
    """Guarantee 6: no raw byte to a terminal."""
    for name, raw in (("stdout", run.stdout), ("stderr", run.stderr)):
        if any((byte < 32 and byte not in b"\n\t") or byte == 127 for byte in raw):
            yield 6, f"raw control characters on {name}"


# 32 and 33 are libc's own: a posix_spawn(3) that starts us ignores them, no program can ask.
LIBC_SIGNALS = 3 << 31
STATUS_FIELDS = ("NoNewPrivs", "Seccomp", "Seccomp_filters", "CapInh", "CapPrm", "CapEff",
                 "CapBnd", "CapAmb", "Uid", "Gid", "Groups", "SigBlk", "SigIgn")
STUB_FIELDS = ("NoNewPrivs", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Uid", "Gid",
               "Groups")
# Each of these that a process made when nothing failed has to succeed before the program runs. Not
# close_range: what it did is seen in the descriptors that are open; nor setns, in whose place a network
# namespace is made where none was made beforehand: that is seen in the namespaces.
CONFINING = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp",
             "capset", "setuid", "setresuid", "setresgid", "setgroups", "setsid",
             "unshare", "chroot", "pivot_root", "umount2", "move_mount", "mount_setattr", "mount",
             "fsmount", "sethostname", "prctl", "rt_sigprocmask", "prlimit64")
# These are there before their stub gives up its rights; they have nothing to read yet.
EARLY = ("bee-collect", "bee-copier", "bee-performer")


def uid_kind(uid):
    """runner/slots.h: each slot has a tool's and a collector's."""
    kinds = {0: "gatherer", 1: "report", 0xFFFC: "performer", 0xFFFF: "stub"}
    place = uid - UID_BASE
    return str(uid) if place < 0 else kinds.get(place, ("tool", "collector")[place % 2])


def fields(text, names):
    """Of /proc/PID/status; uids of slots are alike."""
    found = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key not in names:
            continue
        words = value.split()
        if key in ("Uid", "Gid"):
            words = [uid_kind(int(word)) for word in words]
        if key == "SigIgn":
            words = [f"{int(words[0], 16) & ~LIBC_SIGNALS:016x}"]
        found[key] = " ".join(words)
    return found


def mounts(text):
    """Of /proc/PID/mountinfo, without the numbers."""
    lines = []
    for line in text.splitlines():
        words = line.split()
        lines.append(" ".join(words[3:]))
    return sorted(lines)


def begins_in_jail(event):
    return event["exec"].rpartition(".")[0].rpartition(".")[2].startswith("j")


def fingerprint(event):
    """All that must be the same whenever this program runs."""
    seen = {
        "program": event["program"],
        "status": fields(event["status"], STATUS_FIELDS),
        "mounts": mounts(event["mounts"]),
        "limits": event["limits"],
        "shared": event["shared"],
        "open": event["open"],
    }
    if begins_in_jail(event) and event["program"] not in EARLY:
        seen["stub"] = fields(event["stub_status"], STUB_FIELDS)
        seen["stub's sockets"] = event["stub_sockets"]
    return seen


def differences(event, known, fewer):
    """Between an exec and the nearest of those that were right. `fewer`: what is not there need
    not be in the jail."""
    own = fingerprint(event)
    best = None
    for other in known:
        if other["program"] != own["program"]:
            continue
        # A stub whose copier has ended has one less, and nobody else has it.
        different = [key for key in own if own[key] != other.get(key) and not (
            key == "stub's sockets" and own[key] < other.get(key, 0))]
        if not begins_in_jail(event):
            # The caller's limits, as far as they could be raised. A stream may be lost.
            different = [key for key in different if key != "limits" and not (
                key == "open" and set(own[key]) < set(other[key]))]
        if fewer and set(own["mounts"]) < set(other["mounts"]):
            different.remove("mounts")
        if best is None or len(different) < len(best[0]):
            best = (different, other)
    if best is None:
        return f"{own['program']} was never to run"
    if not best[0]:
        return None
    key = best[0][0]
    got, wanted = own[key], best[1].get(key)
    if key == "mounts":
        got = f"more {sorted(set(got) - set(wanted))}, fewer {sorted(set(wanted) - set(got))}"
        return f"{own['program']} ran with other mounts: {got}"[:400]
    return f"{own['program']} ran with another {key}: {got}, not {wanted}"[:400]


def broken_confinement(run, baseline):
    """Guarantee 4: whatever ran, ran as confined as when nothing fails."""
    known = [fingerprint(event) for event in baseline.execs]
    at = {event["exec"]: event for event in baseline.execs}
    hit = run.hit["hit"] if run.hit else None
    missing = run.aim is not None and run.aim[3] in ("ENOENT", "ENOTDIR")
    for event in run.execs:
        wrong = differences(event, known, missing)
        if wrong:
            yield 4, wrong
        for who, key in ((event["exec"], "succeeded"),
                         (event["exec"].rpartition(".")[0], "stub_succeeded")):
            if who != hit or event["exec"] not in at:
                continue
            if missing or (key == "stub_succeeded" and (
                    not begins_in_jail(event) or event["program"] in EARLY)):
                continue
            for call in CONFINING:
                made, wanted = event[key].get(call, 0), at[event["exec"]][key].get(call, 0)
                if made < wanted:
                    yield 4, (f"{event['program']} ran after {made} of {wanted} {call} of "
                              f"{who} had succeeded")
