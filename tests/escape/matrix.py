#!/usr/bin/python3
"""What each layer of a jail stops, and that all of them together let nothing through.

matrix.py quick     each layer switched off by itself: what it stops has success, and has none with it
matrix.py whole     and each attempt with each layer off; each attempt in each jail of the shipped policies
ACCEPT=1            and doc/escapes.md is written

A layer that another one stands behind is tried with that one off as well: "behind" below. As root, in mount
and pid namespaces of its own (tests/root/escapes.t); prints TAP.
"""
import ctypes, glob, os, re, socket, stat, subprocess, sys

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
build = os.path.abspath(os.environ.get("B", root + "/build"))
escape = build + "/escape"
made = os.environ["MADE"]  # a folder that everybody may enter
OTHER_GROUP = 4242

HEAD = """policy 1
collector {name}
emits storage.drives
limits wall 8s term 200ms kill 200ms stdout 1M stderr 64K memory 256M tasks {tasks} files 64
syscalls {calls}
open {open}
default report ENOSYS
"""
MORE = " kill fchmodat msgget mq_open setresuid setgid setgroups capset chdir"
# name: tasks, calls, open, lines of the step
GROUNDS = {
    "plain": (1, "@tool", "read-only", "run /bin/true\nsee /mnt/seen\nioctl TCGETS=0x5401"),
    "read": (1, None, None, "read /mnt/seen/data"),
    "wide": (4, "@tool socket connect" + MORE, "read-write", "run /bin/true\nsee /mnt/seen"),
    "root": (4, "@tool" + MORE, "read-write", "uid 0\nrun /bin/true\nsee /mnt/seen"),
    "root-rights": (1, "@tool", "read-only", "uid 0\nrun /bin/true\nsee /mnt/seen\ncaps CAP_SYS_ADMIN"),
    "exec-rights": (1, "@tool", "read-only",
                    "run /bin/true\nsee /mnt/seen\ncaps CAP_SYS_ADMIN\nexec /mnt/seen/setuid /mnt/seen/filecaps"),
    "exec": (1, "@tool", "read-only", "run /bin/true\nsee /mnt/seen\nexec /mnt/seen/setuid /mnt/seen/filecaps"),
    "rights": (1, "@tool" + MORE, "read-only",
               "run /bin/true\nsee /mnt/seen\ncaps CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_RAWIO"),
    "disk": (1, "@tool", "read-only",
             "run /bin/true\ndevice /dev/sda read\nsee /mnt/answers\nscsi INQUIRY"),
}

# layer, attempt, ground, the layers behind it that stop the attempt too, where it was learned
LAYERS = [
    ("ns-mount", "machine-mounts", "plain", "", ""),
    ("ns-pid", "process-seen", "plain", "", ""),
    ("ns-net", "port-seen", "plain", "", "CVE-2020-15257, containerd's shim in the host's network"),
    ("ns-ipc", "queue-seen", "wide", "", ""),
    ("ns-uts", "host-name", "plain", "", ""),
    ("ns-cgroup", "cgroup-seen", "plain", "", "CVE-2022-0492, release_agent"),
    ("old-root", "host-file-setns", "rights", "landlock calls-mount calls-namespaces", "CVE-2017-1002101, names that lead outside"),
    ("pivot-root", "host-file-setns", "rights", "landlock calls-mount calls-namespaces", "the classic way out of a chroot"),
    ("root-readonly", "root-chmod", "root", "", ""),
    ("tree-readonly", "seen-chmod", "root", "", ""),
    ("tree-nodev", "seen-node", "plain", "", ""),
    ("tree-noexec", "seen-code", "plain", "", ""),
    ("tree-nosuid", "exec-setuid", "exec-rights", "no-new-privs", "CVE-2022-31214, firejail's join"),
    ("no-new-privs", "exec-setuid", "exec-rights", "tree-nosuid", "CVE-2021-3156, any setuid program"),
    ("proc-subset", "proc-core-pattern", "plain", "", "CVE-2025-31133, runc's masked paths"),
    ("proc-hidepid", "proc-init", "plain", "", ""),
    ("proc-readonly", "proc-self-write", "root", "landlock", "CVE-2019-16884, CVE-2025-52881: writes redirected in /proc"),
    ("landlock", "proc-self-write", "root", "proc-readonly", ""),
    ("landlock", "exec-library", "exec", "", "CVE-2019-5736, another program started"),
    ("landlock", "copier-signal", "disk", "calls-signals", ""),
    ("calls-signals", "copier-signal", "disk", "landlock", ""),
    ("landlock", "stub-signal", "root", "args-kill stub-uid", ""),
    ("stub-uid", "stub-signal", "root", "args-kill landlock", ""),
    ("args-kill", "stub-signal", "root", "stub-uid landlock", ""),
    ("null-node", "disk-read", "disk", "", ""),
    ("copier-words", "disk-write-10", "disk", "performer-words", ""),
    ("performer-words", "disk-write-10", "disk", "copier-words", ""),
    ("copier-words", "disk-firmware", "disk", "performer-words", ""),
    ("dumpable", "copier-memory", "disk", "landlock", "CVE-2016-9962, runc's init traced from inside"),
    ("landlock", "copier-memory", "disk", "dumpable", ""),
    ("uid", "seen-root", "plain", "", ""),
    ("gid", "seen-root-group", "plain", "", ""),
    ("groups", "seen-other-group", "plain", "", "CVE-2022-2995, CVE-2022-24769: groups and inheritable capabilities left"),
    ("capabilities", "uid-root", "wide", "", "CVE-2022-24769"),
    ("securebits", "caps-root", "root-rights", "bounding no-new-privs", ""),
    ("bounding", "caps-root", "root-rights", "securebits no-new-privs", ""),
    ("no-new-privs", "caps-root", "root-rights", "securebits bounding", ""),
    ("bounding", "exec-filecaps", "exec-rights", "no-new-privs tree-nosuid", ""),
    ("tree-nosuid", "exec-filecaps", "exec-rights", "no-new-privs bounding", ""),
    ("rlimit-memory", "memory-more", "plain", "", ""),
    ("rlimit-files", "descriptors-more", "plain", "", ""),
    ("rlimit-size", "size-more", "plain", "calls-memory", ""),
    ("rlimit-tasks", "tasks-more", "wide", "cgroup", ""),
    ("cgroup", "tasks-more", "root", "", "of uid 0 the kernel counts no processes"),
    ("rlimit-queues", "queue-made", "wide", "landlock", ""),
    ("rlimit-core", "core-more", "plain", "", "CVE-2025-4598, cores of programs that had rights"),
    ("descriptors", "descriptor-left", "plain", "", "CVE-2016-8649, lxc-attach"),
    ("landlock", "host-file-descriptor", "plain", "descriptors", ""),
    ("descriptors", "host-file-descriptor", "plain", "landlock", "CVE-2024-21626, CVE-2016-9962: descriptors left open"),
    ("environment", "environment-seen", "plain", "", "CVE-2023-4911, a variable that the loader reads"),
    ("foreign-calls", "foreign-int80", "plain", "", "CVE-2014-0038, x32"),
    ("args-openat", "open-exclusive", "plain", "", ""),
    ("args-prctl", "prctl-dumpable", "plain", "", ""),
    ("args-prctl", "prctl-reaper", "plain", "", ""),
    ("args-fcntl", "fcntl-owner", "plain", "", ""),
    ("args-fcntl", "fcntl-async", "plain", "", ""),
    ("args-prlimit64", "prlimit-set", "plain", "", ""),
    ("args-ioctl", "ioctl-other", "plain", "", "CVE-2017-5226, bubblewrap and TIOCSTI"),
    ("args-ioctl", "ioctl-long", "plain", "", "CVE-2019-10063, the upper half of the number"),
    ("args-mmap", "mmap-page-zero", "rights", "", "CVE-2009-2692, null pointers followed"),
    ("args-mmap", "mmap-made-code", "read", "", ""),
    ("args-madvise", "madvise-page-out", "plain", "", ""),
    ("args-mremap", "mremap-fixed", "plain", "", ""),
    ("args-tgkill", "tgkill-other", "plain", "", ""),
    ("args-clock_nanosleep", "clock-other", "plain", "", ""),
    ("args-socket", "socket-netlink", "wide", "", ""),
    ("args-socket", "socket-netfilter", "wide", "", "CVE-2023-32233, nf_tables"),
    ("args-socket", "socket-unix", "wide", "", ""),
    ("args-socket", "socket-tcp", "wide", "", ""),
    ("args-socket", "socket-ipv6", "wide", "", ""),
    ("args-clone", "space-user-clone", "wide", "", "CVE-2022-0185, rights in a user namespace"),
    ("calls-memory", "memory-file", "plain", "", ""),
    ("calls-keys", "key-session", "plain", "", "CVE-2016-0728"),
    ("calls-keys", "key-add", "plain", "", ""),
    ("calls-trace", "trace-me", "plain", "", ""),
    ("calls-trace", "trace-memory", "plain", "", ""),
    ("calls-trace", "trace-pidfd", "plain", "", ""),
    ("calls-trace", "trace-kcmp", "plain", "", ""),
    ("calls-mount", "mount-tmpfs", "rights", "root-readonly landlock", ""),
    ("calls-mount", "mount-writable", "rights", "landlock", "CVE-2021-41133, flatpak and mount calls"),
    ("calls-mount", "mount-new", "rights", "", "CVE-2022-0185"),
    ("calls-mount", "mount-tree", "plain", "", ""),
    ("calls-namespaces", "space-user", "plain", "", "CVE-2022-0185, CVE-2023-0386"),
    ("calls-namespaces", "space-mount", "rights", "", ""),
    ("calls-fork", "fork-one", "plain", "rlimit-tasks cgroup", ""),
    ("calls-rings", "ring", "plain", "", "CVE-2022-29582 and others of io_uring"),
    ("calls-rings", "ring-old", "plain", "", ""),
    ("calls-watch", "watch-faults", "plain", "", ""),
    ("calls-watch", "watch-files", "plain", "", ""),
    ("calls-watch", "watch-all", "plain", "", ""),
    ("calls-watch", "watch-events", "plain", "", "CVE-2013-2094"),
    ("calls-watch", "program-load", "plain", "", "CVE-2021-3490"),
    ("calls-sockets", "socket-pair", "plain", "", ""),
    ("calls-ipc", "ipc-memory", "plain", "", ""),
    ("calls-ipc", "ipc-semaphore", "plain", "", ""),
    ("calls-ids", "uid-root", "plain", "capabilities", ""),
    ("calls-session", "session-new", "plain", "", ""),
    ("calls-session", "session-group", "plain", "", ""),
    ("calls-pipes", "pipe-splice", "plain", "", "CVE-2022-0847, dirty pipe"),
    ("calls-pipes", "pipe-memory", "plain", "", ""),
    ("calls-pipes", "event-counter", "plain", "", ""),
    ("calls-scheduling", "schedule-nice", "plain", "", ""),
    ("calls-scheduling", "schedule-idle", "plain", "", ""),
    ("calls-timers", "timer-posix", "plain", "", "CVE-2017-18344"),
    ("calls-timers", "timer-file", "plain", "", ""),
    ("calls-files", "file-handle", "plain", "", "shocker, open_by_handle_at"),
    ("calls-files", "file-openat2", "plain", "", ""),
    ("calls-files", "file-folder", "plain", "", ""),
    ("calls-exec", "exec-again", "plain", "", "CVE-2019-5736"),
    ("calls-table", "table-personality", "plain", "", ""),
    ("calls-table", "table-filter", "plain", "", ""),
    ("calls-table", "table-landlock", "plain", "", ""),
    ("calls-machine", "machine-clock", "plain", "", ""),
    ("calls-machine", "machine-name", "rights", "", ""),
    ("calls-signals", "signal-self", "plain", "", ""),
    ("calls-signals", "signal-queue", "plain", "", ""),
]

count = failed = 0


def ok(good, what, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good and why:
        print("# " + str(why).strip().replace("\n", "\n# ")[:2000], flush=True)


def skip(what, why):
    global count
    count += 1
    print(f"ok {count} - {what} # SKIP {why}", flush=True)


def prepare():
    """A machine to break into: files, nodes, a process, a port, a queue."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(0x08000000)  # CLONE_NEWIPC: the queue is this test's
    key = 0xbee
    libc.msgget(key, 0o1666)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt"], check=True)
    os.mkdir("/mnt/seen")
    for name, mode, gid in (("/mnt/bee-canary", 0o644, 0), ("/mnt/seen/data", 0o644, 0), ("/mnt/seen/root", 0o600, 0),
                            ("/mnt/seen/root-group", 0o640, 0), ("/mnt/seen/other-group", 0o640, OTHER_GROUP)):
        with open(name, "w") as file:
            file.write("x" * 4096)
        os.chown(name, 4000 if "group" in name else 0, gid)
        os.chmod(name, mode)
    os.mknod("/mnt/seen/node", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    os.chmod("/mnt/seen/node", 0o666)
    for name in "setuid", "filecaps":
        subprocess.run(["cp", escape + "/attempts", "/mnt/seen/" + name], check=True)
    os.chmod("/mnt/seen/setuid", 0o4755)
    # VFS_CAP_REVISION_2, effective; CAP_CHOWN: linux/capability.h
    os.setxattr("/mnt/seen/filecaps", "security.capability", bytes([1, 0, 0, 2, 1] + [0] * 15))
    with open("/mnt/answers", "w") as file:
        file.write("".join("??" * size + " = 00 - -\n" for size in (6, 10, 12, 16)))
    nodes = [("null", 1, 3), ("zero", 1, 5), ("urandom", 1, 9), ("random", 1, 8), ("fuse", 10, 229)]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/dev"], check=True)
    for name, major, minor in nodes + [("sda", 1, 5)]:
        os.mknod("/dev/" + name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        os.chmod("/dev/" + name, 0o666)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    while True:  # of a number that no process of a jail has
        process = subprocess.Popen(["sleep", "3600"])
        if process.pid > 100:
            break
        process.kill()
        process.wait()
    os.mkdir(made + "/grounds")
    for name, (tasks, calls, mode, lines) in GROUNDS.items():
        with open(f"{made}/grounds/{name}.policy", "w") as file:
            head = HEAD.format(name=name, tasks=tasks, calls=calls or "", open=mode or "")
            if not calls:
                head = "".join(line for line in head.splitlines(True) if not line.startswith(("syscalls", "open")))
            file.write(f"{head}[step]\n{lines}\n")
    os.setgroups([OTHER_GROUP])
    return listener, process, [str(process.pid), str(listener.getsockname()[1]), str(key)]


def run(ground, layers, attempts, told, bee=escape + "/bee", folder=None, instance=()):
    """The attempts that had success in that jail without those layers, and what was said."""
    env = dict(os.environ, BEE_LAYERS_OFF=",".join(layers), BEE_SECRET="secret")
    mounts = attempts == ["machine-mounts"]
    command = [bee, "run", "-q", "--policy-dir", folder or made + "/grounds", ground if "/" in ground else ground + "/step", *instance,
               "--", escape + "/attempts", *told, *attempts]
    if mounts:  # seen from outside: whether the machine's own mounts are still what they were
        command = ["sh", "-c", 'was=$(cat /proc/self/mountinfo); "$@"; [ "$was" = "$(cat /proc/self/mountinfo)" ] || echo machine-mounts won',
                   "sh"] + command
    if {"ns-mount", "ns-uts"} & set(layers):
        command = ["unshare", "-m", "-u"] + command
    outside = os.open("/", os.O_RDONLY)
    try:
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, pass_fds=[outside], text=True, errors="replace")
    finally:
        os.close(outside)
    won = set(re.findall(r"^(\S+) won$", done.stdout, re.M))
    if "again" in won or "GNU C Library" in done.stdout:
        won = won - {"again"} | set(attempts) & {"exec-again", "exec-library", "exec-setuid", "exec-filecaps"} or {"exec"}
    return won, f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def missing(layer, attempt, ground, behind):
    """Why a layer cannot be tried on this machine, or None."""
    if LANDLOCK < 6 and ("landlock" in (layer, *behind.split()) or ground.startswith("exec")):
        return f"Landlock of this kernel is version {LANDLOCK}: signals are version 6"
    if layer == "ns-cgroup" and not re.search(r":/.", open("/proc/self/cgroup").read()):
        return "this test is in no group"
    if layer == "cgroup" and not CGROUP:
        return "no pids controller is ours here"
    return MISSING.get(attempt)


LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1)  # landlock_create_ruleset: the version
MISSING, CGROUP = {}, os.access("/sys/fs/cgroup/pids", os.W_OK)


def look_around(told):
    """What this kernel does not have, or gives to nobody: it is no jail's doing that it is refused."""
    program = made + "/attempts"
    subprocess.run(["cp", escape + "/attempts", program], check=True)
    names = {attempt for layer, attempt, ground, behind, _ in LAYERS
             if layer.startswith(("calls-", "foreign-")) and ground == "plain" and not behind
             and not attempt.startswith(("exec-", "session-", "signal-"))}
    for name in names:
        said = subprocess.run([program, *told, name], stdout=subprocess.PIPE, text=True, user=65534, group=65534,
                              extra_groups=[]).stdout
        if "won" not in said:
            MISSING[name] = f"refused without a jail, too: {said.split()[-1] if said else 'killed'}"
    if "space-user" in MISSING:
        MISSING["space-user-clone"] = MISSING["space-user"]


def each_layer(told, whole):
    """Each layer alone: its attempt has success without it, and none with it."""
    alone = {}
    for layer, attempt, ground, behind, _ in LAYERS:
        alone.setdefault((ground, behind, attempt.startswith("exec") and attempt), []).append(attempt)
    # None has success there, so none changes what the next one finds; but another program may be started.
    alone = {key: run(key[0], key[1].split(), [a for a in names if a not in MISSING], told) for key, names in alone.items()}
    for layer, attempt, ground, behind, _ in LAYERS:
        what = f"{layer} stops {attempt}" + (f" (with {behind.replace(' ', ' and ')} off)" if behind else "")
        why = missing(layer, attempt, ground, behind)
        if why:
            skip(what, why)
            continue
        won, said = alone[ground, behind, attempt.startswith("exec") and attempt] if not whole else run(ground, behind.split(), [attempt], told)
        tried = re.search(rf"^({attempt}|again) ", said, re.M) or attempt in ("machine-mounts", "foreign-int80")
        without, more = run(ground, behind.split() + [layer], [attempt], told)
        ok(tried and attempt not in won and without == {attempt}, what,
           f"with it: {won or 'nothing'} {said}without it: {without or 'nothing'} {more}")


def behind_whom(told):
    """With one layer off, another one still stops what it stops; each attempt, with each layer off."""
    names = subprocess.run([escape + "/attempts", "list"], stdout=subprocess.PIPE, text=True).stdout.split()
    layers = sorted({layer for layer, *_ in LAYERS})
    for layer in layers:
        for name in names:
            won, _ = run("disk" if name.startswith(("disk", "copier")) else "plain", [layer], [name], told)
            if won:
                WON.setdefault(layer, set()).update(won & set(names))
    print(f"# {len(names)} attempts with each of {len(layers)} layers off, one at a time")
    for layer in layers:
        print(f"# {layer}: {' '.join(sorted(WON.get(layer, set()) - {'mmap-made-code'}) ) or 'another one stands behind it'}")


WON = {}

# What a policy means to grant: by which words of it, which attempts.
GRANTED = [
    (r"^run ", ["mmap-made-code"]),  # libraries are loaded
    (r"^uid +0", ["seen-root", "seen-root-group"]),
    (r"^network +host", ["port-seen"]),
    (r"^device +/dev/kmsg", ["dev-memory"]),
    (r"^limits .*tasks +([2-9]|\d\d)", ["fork-one"]),
    (r"^limits .*memory +\d+G", ["memory-more"]),
    (r"^exec ", ["exec-again"]),
]


def granted(policy, step):
    """By the lines that hold for a step: its own, and the file's."""
    parts = re.split(r"^\[([^\]]+)\].*\n", policy, flags=re.M)
    lines = parts[0] + "\n" + dict(zip(parts[1::2], parts[2::2]))[step]
    return {name for words, names in GRANTED if re.search(words, lines, re.M) for name in names}


def shipped():
    """The shipped policies' steps, as files that find all that they name on this machine: step, instance."""
    folder = made + "/shipped"
    os.makedirs(folder + "/optional")
    steps = []
    for path in sorted(glob.glob(root + "/policy/*.policy") + glob.glob(root + "/policy/optional/*.policy")):
        name, step, lines = os.path.basename(path)[:-7], None, []
        instance = {"storage": "sda", "cciss": "sg0"}.get(name, "bee0")
        for line in open(path):
            each = re.match(r"\[(\S+)\]", line)
            if each:
                step = each[1]
                steps.append((f"{name}/{step}", [instance] if " each " in line else []))
            for node in re.findall(r"/dev/[\w{}]+", line) if line.startswith("device") else []:
                node = node.replace("{instance}", instance)
                if not os.path.exists(node):
                    os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 5))
                    os.chmod(node, 0o666)
            line = re.sub(r"^see ", "see?", line)
            lines.append(line)
        text = "".join(lines)
        # So that there is something to see in each.
        text = re.sub(r"^(run .*)$", r"\1\nsee? /mnt/seen /mnt/answers", text, flags=re.M)
        text = re.sub(r"^(\[[^\n]*)\n((?:#[^\n]*\n)*read )", r"\1\nread /mnt/seen/data\n\2", text, flags=re.M)
        with open(f"{folder}/{name}.policy", "w") as file:
            file.write(text)
    return folder, steps


def each_policy(told, whole):
    """Each attempt in each step of the shipped policies: none has success but by what the policy says."""
    names = subprocess.run([escape + "/attempts", "list"], stdout=subprocess.PIPE, text=True).stdout.split()
    folder, steps = shipped()
    for step, instance in steps:
        name, _, part = step.partition("/")
        may = granted(open(f"{folder}/{name}.policy").read(), part)
        won, said = run(step, [], ["all"], told, build + "/bee", folder, instance)
        tried = len(re.findall(r"^\S+ (?:won|refused)", said, re.M))
        killed = [run(step, [], [name], told, build + "/bee", folder, instance)[0]
                  for name in names if "foreign" in name and whole]
        ok(tried >= len(names) - 3 and won <= may and not any(killed), f"{step}: none of {len(names)} attempts has success" +
           (f", but what it grants: {' '.join(sorted(won))}" if won else ""),
           f"{tried} were tried; won: {' '.join(sorted(won - may))} {killed} {said[-600:]}")


def shipped_has_none():
    """The switches are in no program that is installed, and what has them runs nowhere else."""
    programs = [path for path in glob.glob(build + "/bee*") if os.access(path, os.X_OK) and os.path.isfile(path)]
    have = [os.path.basename(path) for path in programs if b"BEE_LAYERS_OFF" in open(path, "rb").read()]
    ok(len(programs) > 20 and not have, f"no program that is installed ({len(programs)}) has the switches", have)
    os.mkdir(made + "/elsewhere")
    for name in "bee-run", "bee-copier", "bee-performer":
        subprocess.run(["cp", f"{escape}/{name}", made + "/elsewhere"], check=True)
        done = subprocess.run([f"{made}/elsewhere/{name}"], env={"BEE_LAYERS_OFF": ""}, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        ok(done.returncode == 125 and "never install" in done.stderr, f"a copy of {name} with them does not run",
           f"{done.returncode} {done.stderr}")
    done = subprocess.run([escape + "/bee-copier"], env={}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    ok(done.returncode == 125 and "never install" in done.stderr, "nor does one that is not told which", done.stderr)
    done = subprocess.run([root + "/setup/install.sh", "install", made + "/prefix"], stderr=subprocess.PIPE, text=True,
                          input=f"755 {escape}/bee-run libexec/bee/bee-run\n")
    ok(done.returncode and not os.path.exists(made + "/prefix/libexec"), "and install.sh does not take it", done.stderr)


# Runs that were whole: written down by hand, as the machine is another one each time.
SEEN = [
    "| kernel | layers (`escapes.t`) | all device commands (`broker-all.t`) |", "|---|---|---|",
    "| 6.18, Landlock 7 | whole: 186 checks, none skipped; 132 attempts with each of 72 layers off | whole: 2.3 million commands, one rewritten 10^6 times while it is copied, 10,000 tools that die; 28 checks |",
    "| Debian 12's 6.1 in QEMU, Landlock 2 (`ESCAPE=whole make check-escape-vm`) | whole: 186 checks, of which 22 skipped: 21 as signals are Landlock 6's, one as perf events are nobody's there; 24 minutes, and an hour beside other work"
    " | whole: all 2.3 million commands, 10,000 tools that die; 10 minutes. One check skipped, as one emulated processor rewrites nothing in between. Without `ESCAPE=whole` each code once: some 460,000 commands |",
]


def page():
    """doc/escapes.md, of the table alone: the same wherever it is made."""
    text = ["# What each layer of a jail stops", "",
            "Made by `ACCEPT=1 make check-escape`; tests/escape/matrix.py has the table, tests/escape/ the attempts. Each line was seen: with the "
            "layers under *behind* switched off the attempt has no success, and with the layer itself off as well it has. "
            "Where that column is empty the layer alone stands in the way.",
            "The switches are in a build of their own, which runs in no other place and is not installed. `args-CALL`: that call's arguments are looked at; "
            "`calls-GROUP`: the filter does not list these calls. `make check-escape` sends each attempt through each step of the shipped policies, too: none has "
            "success but what the policy says in words (a uid 0 reads root's files, `network host` sees ports).", "",
            *SEEN, "", "| layer | attempt | behind | learned from |", "|---|---|---|---|"]
    text += [f"| {layer} | {attempt} | {behind.replace(' ', ', ')} | {where} |" for layer, attempt, _, behind, where in LAYERS]
    return "\n".join(text) + "\n"


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else "quick"
    listener, process, told = prepare()
    look_around(told)
    whole = mode == "whole"
    shipped_has_none()
    each_layer(told, whole)
    each_policy(told, whole)
    if whole:
        behind_whom(told)
    path = root + "/doc/escapes.md"
    if os.environ.get("ACCEPT"):
        with open(path, "w") as file:
            file.write(page())
    ok(os.path.exists(path) and open(path).read() == page(), "doc/escapes.md is the table (ACCEPT=1 make check-escape)")
    process.kill()
    print(f"1..{count}")
    return failed > 0


sys.exit(main())
