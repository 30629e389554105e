#!/usr/bin/env python3
"""Changes one condition, operator, constant or statement of bee at a time and asks whether a test
that takes seconds notices. README.md beside this file says how to run it and read it.
"""
import argparse
import difflib
import fcntl
import fnmatch
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from typing import NamedTuple

import source

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDERS = ["runner", "jail", "broker", "language", "gather", "collectors"]

# A tree in which a jail may have a hole and a kill may mean everybody: own mounts and process
# numbers, what is outside the work folder read-only, fresh /tmp and /run.
PRIVATE = ["unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private",
           "sh", "-c",
           'mount --bind "$0" "$0" && mount -t tmpfs -o size=1g,mode=1777 tmpfs /tmp &&'
           ' mount -t tmpfs tmpfs /run && mount -o remount,bind,ro / && cd "$0" && exec "$@"']


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# --- The changes ---------------------------------------------------------------------------------

class Mutant:
    """One change of one file. Its key says what is changed, not where: it outlives other edits."""

    def __init__(self, file, kind, before, after, nth):
        self.file, self.kind, self.before, self.after = file, kind, before, after
        self.diff = [line for line in difflib.unified_diff(
            before.splitlines(), after.splitlines(), n=0, lineterm="")][2:]
        self.line = int(re.match(r"@@ -(\d+)", self.diff[0]).group(1))
        self.nth = nth

    @property
    def removed(self):
        return " ".join(" ".join(line[1:] for line in self.diff if line[0] == "-").split())

    @property
    def added(self):
        return " ".join(" ".join(line[1:] for line in self.diff if line[0] == "+").split())

    @property
    def key(self):
        words = "\0".join([self.file, self.kind, self.removed, self.added, str(self.nth)])
        return hashlib.sha256(words.encode()).hexdigest()[:8]


def files_of(paths, seed):
    """The C files below `paths`; of a whole collectors/ one in three."""
    found = []
    for path in paths:
        path = path.rstrip("/")
        if path.endswith(".c"):
            found.append(path)
            continue
        names = sorted(name for name in os.listdir(os.path.join(ROOT, path)) if name.endswith(".c"))
        if path == "collectors":
            names = names[seed % 3::3]
        found += [f"{path}/{name}" for name in names]
    return found


class Sites:
    """All places of some files: a line and the changes that can be made to it."""

    def __init__(self, files):
        self.texts = {file: read(os.path.join(ROOT, file)) for file in files}
        self.lines = []
        for file in files:
            text, lines = self.texts[file], {}
            for change in source.changes(text):
                lines.setdefault(text.count("\n", 0, change[1]), []).append(change)
            self.lines += [(file, line, lines[line]) for line in sorted(lines)]

    def mutant(self, file, change):
        text = self.texts[file]
        kind, offset, edits = change
        # Several lines of a file may read the same: the how-manieth this is.
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        nth = text.count(text[start:end + 1], 0, start)
        return Mutant(file, kind, text, source.apply(text, edits), nth)

    def shuffled(self, seed):
        """Every line once, in an order that the seed gives, each with one change."""
        chance = random.Random(seed)
        order = list(self.lines)
        chance.shuffle(order)
        for file, _, changes in order:
            yield self.mutant(file, chance.choice(changes))

    def all(self):
        for file, _, changes in self.lines:
            for change in changes:
                yield self.mutant(file, change)


def equivalents():
    """(file, removed, added) of equivalent.txt: stanzas of a path, lines -, lines +, a reason."""
    found = set()
    for stanza in re.split(r"\n\s*\n", read(os.path.join(HERE, "equivalent.txt"))):
        lines = [line for line in stanza.splitlines() if line and not line.startswith("#")]
        if lines:
            halves = [" ".join(" ".join(line[1:] for line in lines if line[0] == sign).split())
                      for sign in "-+"]
            found.add((lines[0].strip(), *halves))
    return found


# --- A copy of the tree ---------------------------------------------------------------------------

class Tree:
    """A copy of the tree to break, built as far as it must be."""

    def __init__(self, folder, cores):
        # Who is nice already need not be nicer.
        self.folder = folder
        self.make = [*(["nice"] if os.nice(0) == 0 else []), "make", "-s", f"-j{cores}"]
        # Quicker to build than what ships, and as strict about what it checks.
        self.make.append("CFLAGS=-O1")
        if shutil.which("ccache"):
            self.make.append("CC=ccache cc")
        # The kernel counts a uid's processes wherever they are: uids of our own, or an audit elsewhere
        # on the machine makes an exec fail here.
        self.uids = b"0x%x0000u" % (0x7a00 + zlib.crc32(self.folder.encode()) % 0xee)
        self.base = {}  # stripped objects of the unbroken tree, by source

    def copy(self):
        names = subprocess.run(["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"], cwd=ROOT,
                               check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
        names = {name for name in names if name and os.path.isfile(os.path.join(ROOT, name))}
        for top, folders, files in os.walk(self.folder):
            if top == self.folder and "build" in folders:
                folders.remove("build")
            for file in files:
                path = os.path.join(top, file)
                if os.path.relpath(path, self.folder) not in names:
                    os.unlink(path)
        for name in names:
            there = os.path.join(self.folder, name)
            with open(os.path.join(ROOT, name), "rb") as file:
                wanted = file.read()
            if name == "runner/slots.h":
                wanted = re.sub(rb"0x7bee0000u", self.uids, wanted)
            try:
                with open(there, "rb") as file:
                    if file.read() == wanted:
                        continue
            except FileNotFoundError:
                os.makedirs(os.path.dirname(there), exist_ok=True)
            with open(there, "wb") as out:
                out.write(wanted)
            shutil.copymode(os.path.join(ROOT, name), there)

    def build(self, *targets):
        done = subprocess.run(self.make + list(targets), cwd=self.folder, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode == 0, done.stdout.decode(errors="replace")

    def write(self, file, text):
        with open(os.path.join(self.folder, file), "w", encoding="utf-8") as out:
            out.write(text)

    def code(self, file):
        """The machine code of a source, without the names and lines of a debugger."""
        stripped = os.path.join(self.folder, "build", "stripped.o")
        subprocess.run(["strip", "-g", "-o", stripped, f"build/{file[:-2]}.o"], cwd=self.folder,
                       check=True)
        with open(stripped, "rb") as out:
            return out.read()

    def names(self, path):
        """What a program or object defines for others."""
        out = subprocess.run(["nm", "--defined-only", "-g", "-j", path], cwd=self.folder, check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        return {name for name in out.split("\n") if name}


# --- Tests ----------------------------------------------------------------------------------------

NO_END = "no end"


class Outcome(NamedTuple):
    """What a test printed: results, the names of those that failed, whether it ended before its plan."""
    seconds: float
    count: int
    failed: list
    broken: bool

    @property
    def ended_late(self):
        return self.broken and any(name.startswith(NO_END) for name in self.failed)


class Tests:
    """Which tests are asked about a file, in which order, and how long each may take."""

    def __init__(self, whole, state, options):
        self.whole, self.state, self.options = whole, state, options
        self.lock, self.linked, self.said = threading.Lock(), {}, set()
        self.table, sets = [], {}
        for line in read(os.path.join(HERE, "tests.txt")).splitlines():
            words = line.split("#")[0].split()
            if words and words[0].startswith("@"):
                sets.setdefault(words[0], []).extend(words[1:])
            elif words:
                self.table.append((words[0], [glob for word in words[1:]
                                              for glob in sets.get(word, [word])]))
        self.units = sorted(f"build/tests/unit/{name[:-2]}.t" for name in
                            os.listdir(os.path.join(ROOT, "tests/unit"))
                            if name.endswith(".c") and name != "tap.c")
        self.scripts = sorted(f"tests/{kind}/{name}" for kind in ("cli", "root")
                              for name in os.listdir(os.path.join(ROOT, "tests", kind))
                              if name.endswith(".t"))

    def run(self, tree, test, limit):
        """An Outcome. Timed from when it has the lock: what a root test shares is the machine."""
        command = ["build/tests/tools/realroot"] if test in self.scripts else []
        command += ["sh", test] if test in self.scripts else [test]
        if os.geteuid() == 0:
            command = PRIVATE[:-1] + [PRIVATE[-1], tree.folder] + command
        with open(self.options.lock or os.devnull, "w", encoding="utf-8") as lock:
            if "/root/" in test and self.options.lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
            return self.timed(command, tree.folder, limit)

    @staticmethod
    def timed(command, folder, limit):
        began = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env={**os.environ, "B": "build"}, start_new_session=True)
        try:
            out = child.communicate(timeout=limit)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return Outcome(limit, 0, [f"{NO_END} within {limit:.0f} s"], True)
        results = re.findall(r"^(not )?ok \d+ *-? *(.*)$", out, re.MULTILINE)
        planned = re.search(r"^1\.\.\d+", out, re.MULTILINE)
        return Outcome(time.monotonic() - began, len(results), [name for no, name in results if no],
                       not planned)

    def chosen(self, test):
        name = test[test.index("tests/") + 6:]
        return not self.options.tests or \
            any(fnmatch.fnmatch(name, pattern) for pattern in self.options.tests.split(","))

    def measured(self, test):
        """How a test fares on the whole tree, or None where it takes too long or does not end well.
        It is run there when it is asked for the first time: most tests never are."""
        limit = 2 * self.options.slow + self.options.patience
        with self.lock:
            known = self.state.measured.get(test)
            if not known or known.ended_late and known.seconds < limit:
                known = self.run(self.whole, test, limit)
                self.state.measure(test, known)
                say(f"{test}: {known.seconds:.1f} s" +
                    "".join(f"\n  fails already: {name}" for name in known.failed))
            if not known.broken and known.seconds <= self.options.slow:
                return known
            if test not in self.said:
                self.said.add(test)
                say(f"{test}: left out, " + ("it does not end well" if known.broken else
                                            f"it takes {known.seconds:.0f} s"))
            return None

    def seconds(self, test):
        known = self.state.measured.get(test)
        return known.seconds if known else 1

    def notices(self, tree, test):
        """What the test says of a tree that it does not say of a whole one, or None. A busy machine fails
        tests too: it has to say so twice, and in between nothing of the whole tree."""
        base = self.measured(test)
        if not base:
            return None
        words = self.complains(tree, test, base)
        if not words:
            return None
        with self.lock:
            there = self.complains(self.whole, test, base)
        if not there and self.complains(tree, test, base):
            return words
        say(f"{test}: {words}: not always so")
        return None

    def complains(self, tree, test, base):
        outcome = self.run(tree, test, 3 * base.seconds + self.options.patience)
        new = [name for name in outcome.failed if name not in base.failed]
        if new:
            return new[0]
        if outcome.broken or outcome.count < base.count:
            return f"only {outcome.count} of {base.count} results"
        return None

    def contents(self, test):
        """What a unit test is linked from, as it is in the whole tree."""
        if test not in self.linked:
            self.linked[test] = self.whole.names(test)
        return self.linked[test]

    def row(self, file):
        return next((globs for glob, globs in self.table if fnmatch.fnmatch(file, glob)), ["*/*.t"])

    def order(self, tree, file):
        """Unit tests that contain the file, run its program or are in its row; then the row's others."""
        ours = tree.names(f"build/{file[:-2]}.o")
        # The file's namesake first, then those named after its folder, then the short ones.
        folder, name = file[:-2].split("/")
        units = sorted((test for test in self.units if self.chosen(test) and
                        (ours & (self.contents(test) - {"main"}) or
                         test.endswith(f"/{folder}_program.t") or
                         any(glob.startswith("unit/") and test.endswith("/" + glob)
                             for glob in self.row(file)))),
                       key=lambda test: (name not in test, folder not in test, self.seconds(test)))
        scripts = []
        for glob in self.row(file):
            scripts += sorted((test for test in self.scripts if self.chosen(test) and
                               test not in scripts and fnmatch.fnmatch(test[6:], glob)),
                              key=self.seconds)
        return units, sorted(scripts, key=lambda test: name not in test)

    def judge(self, tree, file):
        """(verdict, the test that noticed, its words) of the tree as it is broken now."""
        units, scripts = self.order(tree, file)
        for test in units + scripts:
            # Some of the tools of scripts are made of ours.
            if not tree.build(test if test in units else "test-tools")[0]:
                return "not compiled", "", ""
            words = self.notices(tree, test)
            if words:
                return "killed", test, words
        return "survived", "", ""


# --- What is known so far -------------------------------------------------------------------------

class State:
    """state.jsonl: one line per judged mutant or measured test. The last word on each counts."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.mutants, self.measured = {}, {}
        if os.path.exists(path):
            for line in read(path).splitlines():
                try:
                    self.take(json.loads(line))
                except json.JSONDecodeError:
                    pass  # the line that a kill cut off

    def take(self, entry):
        if "test" in entry:
            self.measured[entry["test"]] = Outcome(*entry["outcome"])
        else:
            self.mutants.pop(entry["key"], None)
            self.mutants[entry["key"]] = entry

    def add(self, entry):
        with self.lock:
            self.take(entry)
            with open(self.path, "a", encoding="utf-8") as out:
                out.write(json.dumps(entry) + "\n")

    def measure(self, test, outcome):
        self.add({"test": test, "outcome": outcome})


def say(text):
    print(text, flush=True)


# --- One run --------------------------------------------------------------------------------------

class Run:
    def __init__(self, options):
        self.options = options
        os.makedirs(options.work, exist_ok=True)
        self.state = State(os.path.join(options.work, "state.jsonl"))
        self.equivalent = equivalents()
        self.sites = Sites(files_of(options.paths, options.seed))
        self.whole = Tree(os.path.join(options.work, "whole"), os.cpu_count())
        self.trees = [Tree(os.path.join(options.work, f"tree{i}"), 1 if options.jobs > 1 else
                           os.cpu_count()) for i in range(options.jobs)]
        self.lock = threading.Lock()
        self.judged = 0

    def prepare(self):
        for tree in [self.whole, *self.trees]:
            os.makedirs(tree.folder, exist_ok=True)
            tree.copy()
            built, words = tree.build("all", "unit-tests", "test-tools")
            if not built:
                sys.exit(f"the tree does not build: {words[-2000:]}")
        if self.options.measure:
            self.state.measured.clear()
        self.tests = Tests(self.whole, self.state, self.options)
        # Where this does not work everything would survive.
        if self.tests.run(self.whole, "build/tests/unit/util.t", 120).broken:
            sys.exit("no test ends well on the tree as it is")

    def wanted(self):
        """The mutants to judge now, the known ones left out but counted."""
        if self.options.again or self.options.key:
            keys = set(self.options.key) or {
                key for key, entry in self.state.mutants.items() if entry["verdict"] == "survived"}
            for mutant in Sites(sorted({f for f in self.all_files()})).all():
                if mutant.key in keys:
                    keys.discard(mutant.key)
                    yield mutant
            for key in keys:
                say(f"{key}: its line is not there any more")
            return
        for mutant in self.sites.shuffled(self.options.seed):
            known = self.state.mutants.get(mutant.key)
            if known and known["verdict"] in ("killed", "survived"):
                self.judged += 1
            elif known is None:
                yield mutant

    def all_files(self):
        return list(self.sites.texts) if self.options.key else \
            [entry["file"] for entry in self.state.mutants.values()
             if os.path.exists(os.path.join(ROOT, entry["file"]))]

    def one(self, tree, mutant):
        """Judges a mutant; the tree is whole again afterwards."""
        began = time.monotonic()
        by = words = ""
        if mutant.file not in tree.base:
            tree.base[mutant.file] = tree.code(mutant.file)
        tree.write(mutant.file, mutant.after)
        try:
            if not tree.build(f"build/{mutant.file[:-2]}.o")[0] or not tree.build("all")[0]:
                verdict = "not compiled"
            elif tree.code(mutant.file) == tree.base[mutant.file]:
                verdict = "same code"
            elif (mutant.file, mutant.removed, mutant.added) in self.equivalent:
                verdict = "equivalent"
            else:
                verdict, by, words = self.tests.judge(tree, mutant.file)
        finally:
            tree.write(mutant.file, mutant.before)
        self.state.add({"key": mutant.key, "verdict": verdict, "file": mutant.file,
                        "line": mutant.line, "kind": mutant.kind, "diff": mutant.diff, "by": by,
                        "words": words, "seconds": round(time.monotonic() - began, 1),
                        "seed": self.options.seed})
        say(f"{mutant.key} {mutant.file}:{mutant.line} {mutant.kind}: {verdict} {by} {words}")
        return verdict in ("killed", "survived")

    def work(self, tree, source_of):
        while True:
            with self.lock:
                if not (self.options.again or self.options.key) and \
                        self.judged >= self.options.count or time.monotonic() > self.end:
                    return
                mutant = next(source_of, None)
                if mutant is None:
                    return
                self.judged += 1
            if not self.one(tree, mutant):
                with self.lock:
                    self.judged -= 1

    def all(self):
        self.end = time.monotonic() + self.options.minutes * 60
        self.prepare()
        source_of = self.wanted()
        threads = [threading.Thread(target=self.work, args=(tree, source_of)) for tree in self.trees]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def report(state):
    """The figures and the diff of each survivor."""
    listed = equivalents()
    entries = list(state.mutants.values())

    def is_listed(entry):
        halves = [" ".join(" ".join(line[1:] for line in entry["diff"] if line[0] == sign).split())
                  for sign in "-+"]
        return (entry["file"], *halves) in listed

    killed = [entry for entry in entries if entry["verdict"] == "killed"]
    survived = [entry for entry in entries if entry["verdict"] == "survived" and not is_listed(entry)]
    equivalent = [entry for entry in entries if entry["verdict"] == "equivalent" or
                  entry["verdict"] == "survived" and is_listed(entry)]
    for entry in sorted(survived, key=lambda entry: (entry["file"], entry["line"])):
        say(f"\n{entry['key']} {entry['file']}:{entry['line']} {entry['kind']}")
        say("\n".join(entry["diff"]))
    judged = len(killed) + len(survived)
    for folder in sorted({entry["file"].split("/")[0] for entry in killed + survived}):
        of = [entry["verdict"] for entry in killed + survived if entry["file"].startswith(folder + "/")]
        say(f"\n{folder}: {of.count('killed')} of {len(of)} killed", )
    if judged:
        say(f"\n{judged} judged: {len(killed)} killed, {len(survived)} survived "
            f"({100 * len(killed) / judged:.1f} %), beside {len(equivalent)} listed as equivalent")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=FOLDERS, help="folders or C files")
    parser.add_argument("--count", type=int, default=100, help="judge until there are so many (100)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree side by side (1)")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin none after so long")
    parser.add_argument("--work", default=os.path.join(ROOT, "dist/mutants"), help="the work folder")
    parser.add_argument("--lock", default="", metavar="FILE",
                        help="hold a lock on this file while a root test runs, as flock(1) does")
    parser.add_argument("--tests", default="", metavar="PATTERN,...",
                        help="ask these alone, as unit/*,cli/replay.t; --again asks the others")
    parser.add_argument("--slow", type=float, default=60, help="leave out tests of more seconds (60)")
    parser.add_argument("--patience", type=float, default=30,
                        help="seconds beyond three times its own that a test has (30)")
    parser.add_argument("--measure", action="store_true", help="measure the tests anew")
    parser.add_argument("--again", action="store_true", help="judge the survivors again")
    parser.add_argument("--key", action="append", default=[], help="judge this one")
    parser.add_argument("--report", action="store_true", help="report and do nothing")
    options = parser.parse_args()
    options.work = os.path.abspath(options.work)
    if options.work.startswith(("/tmp/", "/run/")):
        parser.error("--work: a test has a /tmp and a /run of its own, where that is not")
    run = Run(options)
    if not options.report:
        try:
            run.all()
        except KeyboardInterrupt:
            sys.exit(130)
    report(run.state)


if __name__ == "__main__":
    main()
