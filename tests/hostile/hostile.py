#!/usr/bin/python3
"""Attacks audits at random, and looks whether what doc/THREATS.md promises held.

hostile.py [--time SECONDS] [--seed S] [--attempt N] [--kind KIND] [--workers N]

Attempt N of seed S is always the same one (but for the machine's own timing); a broken one is
printed with the words that repeat it. Exit 1: something was broken.
"""
import argparse
import collections
import concurrent.futures
import ctypes
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "faults"))
import audit
from audit import Run, Scenario

HOSTILE = os.path.join(audit.BUILD, "tests", "hostile")
SLACK = 0.3  # s: what starting and reaping the audit costs beside it
WORDS = {
    1: "the audit ends in time",
    2: "a hang costs what hangs",
    3: "nothing is silently missing",
    4: "a tool does what its policy says",
    5: "nothing privileged parses",
    6: "whole or old, nothing lost or faked",
    7: "no device is written to",
}
DRIVES = "storage.drives"
GOOD = "[disks]\nread /sys/class/mem/null/dev\n"
MODES = ("wait sleep spin stop ignore-term close-stdout close-all daemon daemon-flood flood "
         "stderr-flood drip forkbomb eat half open-fds exit1 half-json binary deep forge crash "
         "abort").split()
# Calls that a policy may grant and ours do not: rights, namespaces and Landlock stand behind them.
WIDE = ("kill tkill socket connect chmod fchmodat utimensat mkdirat symlinkat linkat unlinkat "
        "renameat2 setuid setresuid setgid setgroups capset setsid pidfd_open setpriority "
        "sched_setaffinity name_to_handle_at fanotify_init chdir")
FORGED = "FORGED"


def good_held(run):
    """Guarantee 2: the job beside the hostile ones has what it would have alone."""
    document, _ = run.document()
    jobs = document["collectors"] if document else []
    for job in jobs:
        if job["job"] == "storage/disks" and job["status"] != "ok":
            yield 2, f"storage/disks is {job['status']}: {job['reason']}"


def job_status(document, name):
    return next((job["status"] for job in document["collectors"] if job["job"] == name), None)


def strings(node):
    """Every string value below `node`."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for value in node.values() if isinstance(node, dict) else node:
            yield from strings(value)


def common(run, **more):
    broken = list(audit.broken_document(run)) + list(audit.broken_end(run, SLACK, **more))
    return broken + list(audit.broken_bytes(run))


def seeded(rng):
    return str(rng.getrandbits(60))


class Attempt:
    """One attack: the run, what is broken, and words that say what it was."""

    def __init__(self, rng):
        self.rng = rng
        self.words = ""

    def rights(self):
        """Words of a policy for one step: who it is and what it may do."""
        lines = []
        if self.rng.random() < 0.5:
            lines.append("uid 0")
        if self.rng.random() < 0.3:
            lines.append("network host")
        self.words += " ".join(lines) + " "
        return "".join(line + "\n" for line in lines)


class Modes(Attempt):
    """Tools that hang, flood, fork, crash or lie."""

    guarantees = (1, 2, 3, 6)

    def run(self):
        modes = self.rng.sample(MODES, self.rng.randint(1, 5))
        self.words = " ".join(modes)
        tasks = self.rng.choice((1, 1, 8))

        def setup(made):
            os.mkdir(os.path.join(made, "modes"))
            for mode in modes:
                open(os.path.join(made, "modes", mode), "w", encoding="utf-8").close()

        steps = (f"[lsblk] each {{made}}/modes/*\n{self.rights()}"
                 "run {tools}/misbehave {instance} {instance}\n")
        scenario = Scenario("modes", {"storage": (DRIVES, GOOD + steps)},
                            ["storage/disks"] + [f"storage/lsblk@{mode}" for mode in modes],
                            setup=setup, tasks=tasks)
        run = Run(scenario)
        broken = common(run) + list(good_held(run))
        document, _ = run.document()
        if document and FORGED in strings(document):
            broken.append((6, "a forged record is in the document"))
        return scenario, broken


def explained(scenario):
    """Numbers of the calls that a policy lists, as `bee policy explain` says them."""
    text = subprocess.run([os.path.join(audit.BUILD, "bee-policy"), "--policy-dir",
                           f"{scenario.made}/policy", "explain", "storage", "lsblk"],
                          check=True, capture_output=True, text=True).stdout
    calls = re.search(r"\n  calls +(.*?)\n  \w", text, re.S).group(1)
    names = call_numbers()
    return {names[word] for word in re.findall(r"[a-z_0-9]+", calls) if word in names}


def call_numbers():
    found = {}
    for path in ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
                 "/usr/include/asm-generic/unistd.h"):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read()):
                    found.setdefault(name, int(number))
            break
    return found


class Calls(Attempt):
    """Random system calls from within a jail."""

    guarantees = (4, 1, 2)
    # Refused with an error that these can also give by themselves.
    UNCLEAR = ("ioctl", "open", "openat", "openat2", "creat")
    # uprobe: no filter is asked, and outside of the kernel's own trampoline it does nothing
    # (Linux 6.18, arch/x86/kernel/uprobes.c).
    PASSES = (336,)

    def run(self):
        wide = self.rng.random() < 0.5
        seed = seeded(self.rng)
        step = (f"[lsblk]\n{self.rights()}run {HOSTILE}/monkey calls {seed}\n"
                + (f"syscalls {WIDE}\n" if wide else "") + "limits stderr 64K\n")
        self.words += ("many calls " if wide else "") + f"monkey calls {seed}"
        scenario = Scenario("calls", {"storage": (DRIVES, GOOD + step)},
                            ["storage/disks", "storage/lsblk"],
                            options=("--capture", "{made}/captured"))
        before = surroundings()
        run = Run(scenario)
        broken = common(run) + list(good_held(run))
        if surroundings() != before:
            broken.append((4, "the machine's own settings have changed"))
        if not run.late and run.status in (0, 3) and len(reached(scenario, b"reached ")) < 5:
            document, _ = run.document()
            if document and job_status(document, "storage/lsblk") == "ok":
                raise RuntimeError(f"no call was let through: {self.words}")
        names = {number: name for name, number in call_numbers().items()}
        allowed = explained(scenario)
        for number in reached(scenario, b"reached "):
            if (int(number) not in allowed and names.get(int(number)) not in self.UNCLEAR
                    and int(number) not in self.PASSES):
                broken.append((4, f"{names.get(int(number), number)} was let through"))
        return scenario, broken


def surroundings():
    """What a call that got out would leave behind on the machine itself."""
    texts = [os.uname().nodename]
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
                 "/proc/self/mountinfo"):
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            # Other runs come and go.
            texts.append("".join(line for line in file if "bee-faults" not in line))
    return texts


def reached(scenario, word, step="lsblk"):
    """What the tool of storage/lsblk said after `word`, as it was captured."""
    path = f"{scenario.made}/captured/storage/{step}/stdout"
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return [line[len(word):].decode(errors="replace").strip() for line in file
                if line.startswith(word)]


class Devices(Attempt):
    """A device that a policy lets be read, opened in every way: one that writing does not harm."""

    guarantees = (7, 4)
    granted = "read"

    def run(self):
        seed = seeded(self.rng)

        mode = self.rng.choice(("read-only", "read-write"))
        step = (f"[lsblk]\n{self.rights()}open {mode}\ndevice /dev/zero {self.granted}\n"
                f"run {HOSTILE}/monkey device {seed} /dev/zero\n")
        self.words += f"open {mode} monkey device {seed}"
        scenario = Scenario("devices", {"storage": (DRIVES, GOOD + step)},
                            ["storage/disks", "storage/lsblk"],
                            options=("--capture", "{made}/captured"))
        run = Run(scenario)
        broken = common(run)
        won = sorted(set(reached(scenario, b"won ")))
        if won:
            broken.append((7, f"{len(won)} ways, as {won[0]}"))
        return scenario, broken


class DevicesGranted(Devices):
    """The same with a policy that lets it write: here it must succeed, or nobody looks."""

    granted = "readwrite"


class Escape(Attempt):
    """tests/tools/escape: some 10,000 attempts each, with the rights of the day."""

    guarantees = (4, 7)

    def run(self):
        wide = self.rng.random() < 0.5
        step = (f"[lsblk]\n{self.rights()}run {{tools}}/escape\n"
                "see /sys/block /sys/devices/virtual\nlimits wall 4s\n"
                + (f"syscalls {WIDE}\nopen read-write\n" if wide else ""))
        self.words += "many calls" if wide else ""
        scenario = Scenario("escape", {"storage": (DRIVES, GOOD + step)},
                            ["storage/disks", "storage/lsblk"], timeout=6)
        run = Run(scenario)
        broken = common(run) + list(good_held(run))
        document, _ = run.document()
        drives = document["storage"]["drives"] if document and "storage" in document else []
        for drive in drives:
            # The machine's own network is what `network host` gives.
            if drive["key"].startswith("won") and not (
                    "network host" in self.words and "connected in family" in drive["model"]):
                broken.append((4, drive["model"]))
        return scenario, broken


# Pattern by pattern what may reach the device of Commands, in its own words and not the policy's; all
# else is answered with 7fh. TEST UNIT READY, INQUIRY with no data to the device, Get Log Page 02h
# with RAE set, Get Device ID.
ANSWERS = "".join(f"{line}\n" for line in [
    "12?????????? ?? = 7f - -", "000000000000 = 00 - -", "1200??????00 = 00 - -",
    "1201??????00 = 00 - -", f"0200{'?' * 8}0280????" + f"????0000{'?' * 16}{'0' * 16} = 00 - -",
    "060100 = 00 - 00"] + [f"{'??' * size} = 7f - 7f" for size in range(1, 33)])


def answers():
    """Where the recorded device has them, in mounts of this process's own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000):  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "unshare")
    for words in ("--make-rprivate /", "-t tmpfs -o mode=0755 tmpfs /mnt"):
        subprocess.run(["mount"] + words.split(), check=True)
    with open("/mnt/answers", "w", encoding="ascii") as file:
        file.write(ANSWERS)


def programs():
    """A copy of the programs, to put another in the place of one."""
    folder = audit.temporary()
    for other in os.listdir(audit.BUILD):
        path = os.path.join(audit.BUILD, other)
        if other.startswith("bee") and os.path.isfile(path) and os.access(path, os.X_OK):
            shutil.copy(path, folder)
    return folder


class Commands(Attempt):
    """Device commands that a policy does not name, and those who change them under way."""

    guarantees = (7, 4, 1, 2)
    named = {"scsi": "scsi INQUIRY TEST_UNIT_READY", "nvme": "nvme-admin Get_Log_Page:02h",
             "ipmi": "ipmi Get_Device_ID"}

    def run(self):
        seed = seeded(self.rng)
        transport = self.rng.choice(list(self.named))
        self.words = f"commander {seed} {transport}"
        libexec = programs()
        shutil.copy(os.path.join(audit.BROKER, "player"), os.path.join(libexec, "bee-performer"))
        step = (f"[smart]\nrun {HOSTILE}/commander {seed} {transport} /dev/zero\n"
                "device /dev/zero readwrite\nopen read-write\nsee /mnt/answers\n"
                f"{self.named[transport]}\n"
                "syscalls @tool setitimer\nlimits wall 2s\n")
        scenario = Scenario("commands", {"storage": (DRIVES, GOOD + step)},
                            ["storage/disks", "storage/smart"], timeout=4, libexec=libexec,
                            options=("--capture", "{made}/captured"))
        try:
            run = Run(scenario)
        finally:
            shutil.rmtree(libexec, ignore_errors=True)
        broken = common(run) + list(good_held(run))
        won = sorted(set(reached(scenario, b"won ", "smart")))
        if won:
            broken.append((7, f"{len(won)} ways, as {won[0]}"))
        passed = reached(scenario, b"passed ", "smart")
        document, _ = run.document()
        if document and job_status(document, "storage/smart") == "ok" and passed == ["0"]:
            raise RuntimeError(f"no command was let through: {self.words}")
        return scenario, broken


class CommandsGranted(Commands):
    """The same with a command that the device does not expect: here it must reach it."""

    named = {"scsi": "scsi INQUIRY TEST_UNIT_READY REQUEST_SENSE"}


class Outputs(Attempt):
    """What no tool prints: parsers that run without rights get it, nobody else."""

    guarantees = (5, 6, 3)

    def run(self):
        steps = GOOD
        jobs = ["storage/disks"]
        names = self.rng.sample(("lsblk", "smart", "nvme-smart", "nvme-id"), 2)
        for name in names:
            seed = seeded(self.rng)
            steps += f"[{name}]\nrun {HOSTILE}/monkey spew {seed}\n"
            self.words += f"{name}: monkey spew {seed} "
            jobs.append(f"storage/{name}")
        scenario = Scenario("outputs", {"storage": (DRIVES, steps)}, jobs)
        run = Run(scenario)
        broken = common(run) + list(good_held(run))
        document, _ = run.document()
        if document and FORGED in strings(document):
            broken.append((6, "a forged record is in the document"))
        # The audit ended by a signal, or by a bug of ours, where it read such a byte.
        if run.status not in (0, 3):
            broken.append((5, f"exit {run.status}"))
        return scenario, broken


class Impostors(Attempt):
    """A gatherer or a collector that was taken over."""

    guarantees = (5, 1, 6)

    def run(self):
        name = self.rng.choice(("bee-gather", "bee-collect"))
        seed = b"%016d" % self.rng.getrandbits(50)
        self.words = f"{name} {seed.decode()}"
        libexec = programs()
        with open(os.path.join(HOSTILE, "impostor"), "rb") as file:
            program = file.read()
        with open(os.path.join(libexec, name), "wb") as file:
            file.write(program.replace(b"SEED:0000000000000000", b"SEED:" + seed))
        scenario = Scenario("impostors", {"storage": (DRIVES, GOOD + "[lsblk]\n"
                                                      "run {tools}/misbehave good\n")},
                            ["storage/disks", "storage/lsblk"], libexec=libexec)
        run = Run(scenario)
        try:
            return scenario, list(self.judge(run, name))
        finally:
            shutil.rmtree(libexec, ignore_errors=True)

    @staticmethod
    def judge(run, name):
        if name == "bee-collect":
            yield from common(run)
            return
        # Its document may be any text: the monitor does not look into it. But text it is.
        yield from audit.broken_end(run, SLACK)
        yield from audit.broken_bytes(run)
        if run.content is None or run.files != ["document.json"]:
            yield 6, f"files: {' '.join(run.files)}"
        elif any(byte > 126 or (byte < 32 and byte != 10) for byte in run.content):
            yield 6, "bytes that are no text are in the document"


class Kills(Attempt):
    """Signals to processes of the audit, the monitor too, at any time."""

    guarantees = (1, 3, 6)
    SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT,
               signal.SIGHUP, signal.SIGSEGV)

    def run(self):
        steps = (GOOD + "[lsblk]\nrun {tools}/misbehave wait\n[smart]\nrun {tools}/misbehave "
                 + self.rng.choice(("good", "drip", "ignore-term", "binary")) + "\n")
        scenario = Scenario("kills", {"storage": (DRIVES, steps)},
                            ["storage/disks", "storage/lsblk", "storage/smart"])
        plan = [(self.rng.choice((0.02, 0.1, 0.4, 1.2)) * self.rng.random(), self.rng.random(),
                 self.rng.choice(self.SIGNALS)) for _ in range(self.rng.randint(1, 4))]
        hit = []
        run = Run(scenario, on_start=lambda pid: threading.Thread(
            target=self.send, args=(pid, plan, hit), daemon=True).start())
        self.words = "; ".join(f"{signal.Signals(signo).name} to {who}" for signo, who in hit)
        ended = {signal.SIGKILL, signal.SIGSEGV}
        killed = any(who == "first" and signo in ended for signo, who in hit)
        # Before they take signals as data these end them, as they end every program.
        killed |= run.status is not None and any((-run.status, who) in hit
                                                 for who in ("first", "monitor"))
        muted = any(who == "stream" for _, who in hit)  # stderr is one of them
        broken = list(audit.broken_end(run, SLACK, silent=muted, killed=killed))
        for number, words in audit.broken_document(run):
            # Who is killed cannot tidy up; the next audit does (tests/root/ends.t).
            if words.startswith("files are left") and len(run.files) == 2 and hit:
                continue
            broken.append((number, words))
        # It had written the document, and could not say so any more.
        broken = [entry for entry in broken if not (
            entry[1] == "exit 70 with a document" and
            any(who == "monitor" and signo in ended for signo, who in hit))]
        return scenario, broken + list(audit.broken_bytes(run))

    @staticmethod
    def send(pid, plan, hit):
        for delay, which, signo in plan:
            time.sleep(delay)
            found = descendants(pid)
            if not found:
                continue
            victim, name = found[int(which * len(found))]
            try:
                os.kill(victim, signo)
            except ProcessLookupError:
                continue
            hit.append((signo, name))
            if signo == signal.SIGSTOP and name == "first":
                # It continues the monitor, nobody continues it. Stopped for longer than T there is
                # nothing to promise but a document.
                time.sleep(0.2)
                try:
                    os.kill(victim, signal.SIGCONT)
                except ProcessLookupError:
                    pass


def descendants(watch):
    """[(pid, who)]: the audit and all below it; watch and its pid 1 are not the audit's."""
    def children(pid):
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                return [int(word) for word in file.read().split()]
        except OSError:
            return []

    found = []
    for init in children(watch):
        for first in children(init):
            if name_of(first) not in ("bee", "bee-audit"):
                continue
            found.append((first, "first"))
            waiting = []
            for pid in children(first):
                # Those that hold what the caller handed over have no rights.
                found.append((pid, "monitor" if uid_of(pid) == 0 else "stream"))
                waiting += children(pid)
            while waiting:
                pid = waiting.pop()
                found.append((pid, name_of(pid)))
                waiting += children(pid)
    return found


def uid_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return int(re.search(r"^Uid:\t(\d+)", file.read(), re.M).group(1))
    except OSError:
        return None


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "?"


KINDS = {"modes": Modes, "calls": Calls, "devices": Devices, "commands": Commands,
         "escape": Escape, "outputs": Outputs, "impostors": Impostors, "kills": Kills}
# How often each comes: those that last longest least.
WEIGHTS = {"modes": 3, "calls": 4, "devices": 2, "commands": 4, "escape": 1, "outputs": 4,
           "impostors": 4, "kills": 6}


class Attack:
    """Counts what was tried and what was broken."""

    def __init__(self, seed, kind):
        self.seed, self.kind = seed, kind
        self.lock = threading.Lock()
        self.attempts, self.kinds = collections.Counter(), collections.Counter()
        self.broken = collections.Counter()

    def attempt(self, number):
        rng = random.Random(f"{self.seed}/{number}")
        kind = self.kind or rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
        attempt = KINDS[kind](rng)
        scenario, broken = attempt.run()
        if broken and all(which == 1 for which, _ in broken):
            # Time is the machine's as well: only what is late again is.
            attempt = KINDS[kind](random.Random(f"{self.seed}/{number}"))
            if not self.kind:
                attempt.rng.choices(list(WEIGHTS), WEIGHTS.values())
            shutil.rmtree(os.path.dirname(scenario.made), ignore_errors=True)
            scenario, broken = attempt.run()
        shutil.rmtree(os.path.dirname(scenario.made), ignore_errors=True)
        with self.lock:
            self.kinds[kind] += 1
            for guarantee in attempt.guarantees:
                self.attempts[guarantee] += 1
            for guarantee in {which for which, _ in broken}:
                self.broken[guarantee] += 1
            for guarantee, words in broken:
                print(f"BROKEN guarantee {guarantee} ({kind}): {words}\n    {attempt.words}\n"
                      f"    repeat: tests/hostile/hostile.py --seed {self.seed} --attempt {number}"
                      + (f" --kind {self.kind}" if self.kind else ""), flush=True)

    def table(self, seconds):
        print(f"\n{'guarantee':42} {'attempts':>8} {'broken':>7}")
        for number, words in WORDS.items():
            print(f"{number} {words:40} {self.attempts[number]:8} {self.broken[number]:7}")
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        print(f"{sum(self.kinds.values())} audits in {seconds:.0f} s: {kinds}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time", type=float, default=90)
    parser.add_argument("--seed", type=int, default=0, help="0: from the clock")
    parser.add_argument("--attempt", type=int, default=-1)
    parser.add_argument("--kind", default="", choices=[""] + list(KINDS))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("SKIP: audits need root")
        return 0
    seed = options.seed or int(time.time())
    print(f"seed {seed}", flush=True)
    answers()
    control = DevicesGranted(random.Random(seed))
    control.rng.choice = lambda choices: choices[-1]
    if not any(guarantee == 7 for guarantee, _ in control.run()[1]):
        sys.exit("a device that may be written to was not: these attacks see nothing")
    if not any(guarantee == 7 for guarantee, _ in CommandsGranted(random.Random(seed)).run()[1]):
        sys.exit("a command that may be sent did not reach the device: these attacks see nothing")
    attack = Attack(seed, options.kind)
    started = time.monotonic()
    if options.attempt >= 0:
        attack.attempt(options.attempt)
        return 1 if attack.broken else 0

    def work(worker):
        number = worker
        while time.monotonic() - started < options.time:
            attack.attempt(number)
            number += options.workers

    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        for future in [pool.submit(work, worker) for worker in range(options.workers)]:
            future.result()
    attack.table(time.monotonic() - started)
    return 1 if attack.broken else 0


if __name__ == "__main__":
    sys.exit(main())
