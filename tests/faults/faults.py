#!/usr/bin/python3
"""Lets every system call of an audit fail once, in every way it can, and looks whether bee holds.

faults.py [--points N] [--seed S] [--time SECONDS] [--only SCENARIO/ROLE[/CALL]] [--list] [--confining]

Without --points all of them, beginning where the last such run stopped (build/faults/state.jsonl,
thrown away when a program has changed). A point is SCENARIO PROCESS CALL N ERROR; a broken one is
printed so that `faults.py --point "SCENARIO PROCESS CALL N ERROR"` repeats it. Exit 1: broken.
"""
import argparse
import collections
import concurrent.futures
import errno
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time

import audit
from audit import Run, Scenario

STATE = os.path.join(audit.BUILD, "faults", "state.jsonl")
TRIES = 3  # how often what was late is repeated: the machine may have been


def devices(made):
    os.mkdir(os.path.join(made, "devices"))
    for name in ("d0",):
        with open(os.path.join(made, "devices", name), "w", encoding="utf-8"):
            pass


def bundle(made):
    """A captured folder with an instance."""
    for name in ("lsblk", "smart@d0"):
        os.makedirs(os.path.join(made, "bundle", "storage", name))
        with open(os.path.join(made, "bundle", "storage", name, "stdout"), "w",
                  encoding="utf-8") as file:
            file.write('{"blockdevices": [{"name": "sda", "kname": "sda", "type": "disk"}], '
                       '"smartctl": {"exit_status": 0}}\n')


RUN = "[lsblk]\nrun {tools}/misbehave good\n"
EACH = "[smart] each {made}/devices/*\nrun {tools}/misbehave good {instance}\n"
READ = "[disks]\nread /sys/class/mem/null/dev\n"
STUCK = "[lsblk]\nrun {tools}/stuck {made}/hung/x\nsee {made}/hung\nlimits wall 800ms\n"
# Its device answers no command: what is asked here is who copies and who performs.
COMMANDS = ("[smart]\nrun {broker}/hostile /dev/zero lengths\ndevice /dev/zero read\n"
            "scsi INQUIRY TEST_UNIT_READY\n")
DRIVES = "storage.drives"
JOBS = ["storage/lsblk", "storage/smart@d0", "storage/disks"]


def scenarios():
    """{name: (scenario, roles whose calls fail in every way, roles whose calls fail in one)}: what
    a role does in the first one as well fails in every way there."""
    one = ("--jobs", "1")
    return {
        "plain": (Scenario("plain", {"storage": (DRIVES, RUN + EACH + READ)}, JOBS, one,
                           setup=devices, wall="2s"),
                  {"first", "holder", "stdout", "stderr", "monitor", "probe", "gatherer", "lister",
                   "stub", "tool", "collector", "writer", "report", "base", "networks"}, set()),
        "stuck": (Scenario("stuck", {"storage": (DRIVES, STUCK)}, ["storage/lsblk"], one,
                           hang=True, expected=3),
                  {"look", "starved"}, {"first", "monitor"}),
        "capture": (Scenario("capture", {"storage": (DRIVES, RUN + EACH)}, JOBS[:2],
                             one + ("--capture", "{run}/captured"), setup=devices),
                    set(), {"stub", "lister", "probe"}),
        "stdout": (Scenario("stdout", {"storage": (DRIVES, RUN)}, JOBS[:1], one, stdout=True),
                   {"stdout"}, {"first", "monitor"}),
        "replay": (Scenario("replay", {"storage": (DRIVES, RUN + EACH)}, JOBS[:2],
                            one + ("--replay", "{made}/bundle"), setup=bundle),
                   {"replayer"}, {"lister"}),
        "commands": (Scenario("commands", {"storage": (DRIVES, COMMANDS)}, ["storage/smart"], one,
                              expected=3, begins=4),
                     {"copier", "performer"}, {"stub", "tool"}),
    }


# A child of the monitor that runs no other program, by a call of its own: the first that fits.
MARKS = (("sched_getaffinity", "starved"), ("pivot_root", "base"), ("sendmmsg", "networks"),
         ("seccomp", "look"), ("renameat", "writer"), ("getdents64", "lister"))
PROGRAMS = {"bee-gather": "gatherer", "bee-report": "report", "bee-collect": "collector",
            "bee-copier": "copier", "bee-performer": "performer"}


def place(who):
    """(its parent, its own name there, whether it begins a jail)."""
    parent, _, last = who.rpartition(".")
    return parent, last, last.startswith("j")


def monitor_of(processes):
    """The one child of the first process that has children."""
    found = {".".join(who.split(".")[:2]) for who in processes if who.count(".") > 1}
    if len(found) != 1:
        sys.exit(f"more than one monitor, or none: {' '.join(sorted(processes))}")
    return found.pop()


def role_below(who, process, parents):
    """Of a child of the monitor, and of theirs."""
    parent, last, jail = place(who)
    if jail:
        return "stub"
    if process["program"] in PROGRAMS:
        return PROGRAMS[process["program"]]
    if place(parent)[2]:
        return "tool"
    if who in parents:
        return "replayer"
    if last == "c1":
        return "probe"
    return next((role for call, role in MARKS if call in process["calls"]), "helper")


def roles_of(run):
    """{process: role}: by its place in the tree, its program, and what it called."""
    parents = {place(who)[0] for who in run.processes}
    monitor = monitor_of(run.processes)
    at = int(monitor.rpartition("c")[2])
    # What the first process starts, in this order; a slow close makes more holders.
    roles = {"0": "first", monitor: "monitor", f"0.c{at - 1}": "stderr", f"0.c{at - 2}": "stdout"}
    for who, process in run.processes.items():
        if who.count(".") == 1:
            roles.setdefault(who, "holder")
        elif who not in roles:
            roles[who] = role_below(who, process, parents)
    return roles


class Bench:
    """One scenario, measured while nothing fails."""

    def __init__(self, scenario, wanted, once):
        self.scenario = scenario
        untraced = [self.well("watch").took for _ in range(3)]
        runs = [self.well("inject") for _ in range(3)]
        # A slow close makes one more holder, and every name after it another.
        self.baseline = min(runs, key=lambda run: sum(who.count(".") == 1 for who in run.processes))
        # What tracing one process costs is below what tracing all of them costs.
        self.slack = 0.1 + 2 * max(0.0, max(run.took for run in runs) - min(untraced))
        self.roles = roles_of(self.baseline)
        self.once = once
        self.monitor = monitor_of(self.baseline.processes)
        self.counts = {}  # {(process, call): how often}
        for who, process in self.baseline.processes.items():
            if self.roles[who] not in wanted | once:
                continue
            for call, count in process["calls"].items():
                self.counts[who, call] = count

    def well(self, program):
        """A run in which nothing fails; a machine with too much to do gets a few tries."""
        for _ in range(6):
            run = Run(self.scenario, program)
            broken = list(audit.broken_document(run)) + list(audit.broken_end(run, 1))
            # Tool and collector of each job, who copies and who performs; a replay has no jails.
            began = program == "watch" or "--replay" in self.scenario.options or \
                sum(map(audit.begins_in_jail, run.execs)) == self.scenario.begins
            if run.status == self.scenario.expected and not broken and began:
                return run
        sys.exit(f"{self.scenario.name}: nothing failed, and: exit {run.status} {broken} "
                 f"{run.stderr.decode(errors='replace')}")

    def is_like(self, run):
        """Whether names are those of the baseline, as far as can be seen."""
        return all(event["exec"].startswith(self.monitor + ".") for event in run.execs)

    def errors(self, who, call, calls):
        errors = calls[call].split()
        return errors[:1] if self.roles[who] in self.once else errors


class Checker:
    """Runs points and remembers what came out."""

    def __init__(self, benches, calls, state):
        self.benches, self.calls, self.state = benches, calls, state
        self.lock = threading.Lock()
        self.results = collections.Counter()
        self.by_role = collections.defaultdict(collections.Counter)
        self.broken = []
        self.done = {}
        self.took = []

    def once(self, point):
        """(reached, what is broken)."""
        name, who, call, number, error = point
        bench = self.benches[name]
        for _ in range(TRIES):
            run = Run(bench.scenario, "inject", (who, call, number, error))
            if bench.is_like(run):
                break
        if not run.hit:
            return run.impossible, [], run
        role = bench.roles[who]
        silent = role == "stderr"
        broken = list(audit.broken_document(run))
        broken += audit.broken_end(run, bench.slack, silent=silent)
        broken += audit.broken_confinement(run, bench.baseline)
        broken += audit.broken_bytes(run)
        return True, broken, run

    def check(self, point):
        """True when the call was made at all."""
        key = " ".join(str(part) for part in point)
        with self.lock:
            if key in self.done:
                return self.done[key] != "not reached"
        reached, broken, run = self.once(point)
        tries = 1
        # Time is the machine's as well: only what is late every time is.
        while broken and all(number == 1 for number, _ in broken) and tries < TRIES:
            tries += 1
            reached, broken, run = self.once(point)
        result = "broken" if broken else "held"
        if not run.hit:
            result = "impossible" if reached else "not reached"
        with self.lock:
            self.note(point, key, result, broken, run)
        return reached

    def note(self, point, key, result, broken, run):
        role = self.benches[point[0]].roles[point[1]]
        self.done[key] = result
        self.results[result] += 1
        self.by_role[role][result] += 1
        if result == "held":
            self.took.append(run.took)
        for number, words in broken:
            self.broken.append((key, role, number, words))
            print(f"BROKEN guarantee {number}: {words}\n    {role}: --point \"{key}\"\n"
                  f"    exit {run.status} after {run.took:.2f} s: "
                  f"{run.stderr.decode(errors='replace')[:300]!r}", flush=True)
        if self.state:
            self.state.write(json.dumps({"point": key, "role": role, "result": result,
                                         "broken": broken}) + "\n")
            self.state.flush()

    def exhaust(self, name, who, call, every):
        """Every n of this call, until a run does not come to it; in one way or in every way."""
        errors = self.benches[name].errors(who, call, self.calls)
        for number in range(1, 100000):
            some = errors if every else [random.Random(f"{call}{number}").choice(errors)]
            # All of them: what is not reached in one run may be in the next.
            if not any([self.check((name, who, call, number, error)) for error in some]):
                return


def state_open():
    """The file to append to, and what an interrupted run of the same programs has done."""
    total = audit.programs_sum()
    lines = []
    os.makedirs(os.path.dirname(STATE), exist_ok=True)
    if os.path.exists(STATE):
        with open(STATE, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
    if not lines or lines[0].get("programs") != total:
        lines = [{"programs": total}]
        with open(STATE, "w", encoding="utf-8") as file:
            file.write(json.dumps(lines[0]) + "\n")
    return open(STATE, "a", encoding="utf-8"), lines[1:]


def calls_read(benches):
    text = subprocess.run([os.path.join(audit.PROGRAMS, "inject"), "calls"], check=True,
                          capture_output=True, text=True).stdout
    calls = json.loads(text)
    wrong = [word for errors in calls.values() for word in errors.split()
             if word != "EWOULDBLOCK" and not hasattr(errno, word)]
    if wrong:
        sys.exit(f"tests/faults/calls.c: no errors: {' '.join(wrong)}")
    unknown = {call for bench in benches.values() for _, call in bench.counts} - set(calls)
    if unknown:
        sys.exit(f"no line in tests/faults/calls.c for {' '.join(sorted(unknown))}")
    return calls


def all_points(benches, calls):
    return [(name, who, call, number, error) for name, bench in benches.items()
            for (who, call), count in bench.counts.items() for number in range(1, count + 1)
            for error in bench.errors(who, call, calls)]


def matches(bench, who, call, only):
    if not only:
        return True
    wanted = only.split("/")
    have = (bench.scenario.name, bench.roles[who], call)
    return all(want in ("", got) for want, got in zip(wanted, have))


# What the first process needs before anybody can say a word for it.
STARTING = ("socketpair", "clone3", "dup2", "signalfd4")


def confining_points(bench, calls):
    """Of one job: each call that confines it, and of those made often some. Of the first process:
    its start."""
    points = [("plain", "0", call, number, calls[call].split()[0])
              for call in STARTING for number in range(1, bench.counts["0", call] + 1)]
    for who in bench.roles:
        if bench.roles[who] != "base" and not {"j1"} & set(who.split(".")):
            continue
        for call in audit.CONFINING + ("close_range", "setns"):
            count = bench.counts.get((who, call), 0) if calls[call] else 0
            numbers = sorted({1, 2, 3, (count + 1) // 2, count - 1, count} & set(range(1, count + 1)))
            points += [("plain", who, call, number, calls[call].split()[-1])
                       for number in numbers]
    return points


def summary(checker, started, whole):
    columns = ("held", "broken", "impossible", "not reached")
    print("\n" + f"{'role':12}" + "".join(f"{column:>12}" for column in columns))
    for role, counts in sorted(checker.by_role.items()) + [("all", checker.results)]:
        print(f"{role:12}" + "".join(f"{counts[column]:12}" for column in columns))
    print(f"{'whole' if whole else 'a part'}, {time.monotonic() - started:.0f} s")
    kinds = collections.Counter((number, role) for _, role, number, _ in checker.broken)
    for (number, role), count in sorted(kinds.items()):
        print(f"guarantee {number}, {role}: broken {count} times")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=0, help="a random sample of so many")
    parser.add_argument("--seed", type=int, default=0, help="of the sample; 0: from the clock")
    parser.add_argument("--time", type=float, default=0, help="no new point after so long")
    parser.add_argument("--only", default="", help="SCENARIO/ROLE/CALL, each may be empty")
    parser.add_argument("--point", default="", help="this one, as it was printed")
    parser.add_argument("--confining", action="store_true",
                        help="the calls that confine a job, and the start; in seconds")
    parser.add_argument("--list", action="store_true", help="how many there are, by role")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("SKIP: audits need root")
        return 0
    if not os.path.exists(os.path.join(audit.PROGRAMS, "inject")):
        print("SKIP: calls can be made to fail on x86-64 only")
        return 0
    started = time.monotonic()
    table = scenarios()
    if options.confining:
        table = {"plain": table["plain"]}
    if options.point:
        table = {options.point.split()[0]: table[options.point.split()[0]]}
    elif options.only.split("/")[0]:
        table = {options.only.split("/")[0]: table[options.only.split("/")[0]]}
    benches = {name: Bench(*entry) for name, entry in table.items()}
    calls = calls_read(benches)
    for name, bench in benches.items():
        print(f"{name}: slack {bench.slack:.2f} s, {len(bench.baseline.processes)} processes, "
              f"roles {' '.join(sorted(set(bench.roles.values())))}", flush=True)
    points = [point for point in all_points(benches, calls)
              if matches(benches[point[0]], point[1], point[2], options.only)]
    print(f"{len(points)} points", flush=True)
    if options.list:
        counts = collections.Counter((p[0], benches[p[0]].roles[p[1]]) for p in points)
        for (name, role), count in sorted(counts.items()):
            print(f"  {name:10} {role:10} {count}")
        return 0
    checker = Checker(benches, calls, None)
    if options.point:
        name, who, call, number, error = options.point.split()
        if not checker.check((name, who, call, int(number), error)):
            print("not reached")
        return 1 if checker.broken else 0
    ends = started + options.time if options.time else None
    if options.confining:
        work = [(checker.check, (point,))
                for point in confining_points(benches["plain"], calls)]
    elif options.points:
        seed = options.seed or int(time.time())
        print(f"seed {seed}", flush=True)
        points = random.Random(seed).sample(points, min(options.points, len(points)))
        work = [(checker.check, (point,)) for point in points]
    else:
        checker.state, known = state_open()
        for line in known:
            checker.done[line["point"]] = line["result"]
            checker.results[line["result"]] += 1
            checker.by_role[line["role"]][line["result"]] += 1
            checker.broken += [(line["point"], line["role"], number, words)
                               for number, words in line["broken"]]
        print(f"{len(known)} of them done before", flush=True)
        places = list(dict.fromkeys(point[:3] for point in points))
        random.Random(0).shuffle(places)
        # A run that is cut off has seen each place once, or some of each kind.
        work = [(checker.exhaust, place + (every,)) for every in (False, True)
                for place in places]

    def guarded(function, arguments):
        if not ends or time.monotonic() < ends:
            function(*arguments)

    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        for future in [pool.submit(guarded, *item) for item in work]:
            future.result()
    part = options.points or options.only or options.confining or ends
    summary(checker, started, not part)
    return 1 if checker.broken else 0


if __name__ == "__main__":
    sys.exit(main())
