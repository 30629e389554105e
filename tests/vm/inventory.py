"""A server in QEMU: the audit inside finds exactly what stands on QEMU's command line."""
import copy
import datetime
import re
import sys

sys.dont_write_bytecode = True
import machine
import tap

TIMEOUT = 60
HBA = machine.HBA_PCI["sas"]
# smartctl's exit status on QEMU's disks: bit 2 where a log is not supported, bit 1 behind the
# SAS HBA (TEST UNIT READY fails), bit 0 for a USB bridge it does not know.
SMART = {"VSCSI0001": 4, "VSCSI0002": 4, "SATA0001HDD": 4, "SATA0002SSD": 4, "SAS00000003": 2}


def check_jobs(t, document):
    bad = []
    denied = []
    for job in document["collectors"]:
        if job.get("denied"):
            denied.append(f"{job['job']}: {job['denied']}")
        smart = job["job"].startswith("storage/smart@")
        allowed = ("ok", "absent", "unavailable") + (("partial",) if smart else ())
        if job["status"] not in allowed:
            bad.append(f"{job['job']}: {job['status']}: {job.get('reason')}")
    t.ok(not bad, "every job did its work", bad)
    t.ok(not denied, "no policy refused a call that its tool made", denied)
    for serial, code in SMART.items():
        drive = tap.find(document, "storage.drives", {"serial_number": serial}) or {}
        ran = tap.job(document, f"storage/smart@{drive.get('key')}").get("tools", [{}])
        t.ok(
            [tool.get("exit_code") for tool in ran] == [code],
            f"smartctl on {serial} ends as it does without a policy (exit {code})",
            [ran],
        )


def check_usb(t, document):
    usb = tap.find(document, "storage.drives", {"transport": "usb"}) or {}
    job = tap.job(document, f"storage/smart@{usb.get('key')}")
    t.ok(job.get("status") == "unavailable", "a USB bridge unknown to smartctl fails no audit", [job])


def check_run(t, g, wrap):
    """One jail alone has a cgroup's limits in a unit of its own, too: `limits memory` of policy/pcie.policy."""
    said = g.say(
        "cd /sys/fs/cgroup/unit; (n=0; until grep -hs '[0-9]' bee-job-*/memory.max || [ $n -gt 9999 ]; do n=$((n + 1)); done) >/tmp/limit & "
        f"{wrap} bee run -q pcie/lspci >/dev/null; wait; cat /tmp/limit cgroup.subtree_control"
    )
    wanted = tap.memory_limit("pcie")
    t.ok(said.split() == [str(wanted)], "bee run has them, and gives the controllers back", [said, wanted])


def check_megaraid(t, where, g):
    """QEMU's SAS HBA passes MFI frames on to its disks, as MegaRAID controllers do."""
    disk = machine.SCSI[2]
    node = "/dev/megaraid_sas_ioctl_node"
    made, _ = g.run(f"test -e {node}")
    t.ok(made != 0, f"nobody has made {node}")
    _, _, document = tap.audit(g, where, "megaraid", "--only megaraid")
    tap.check_valid(t, where, "megaraid")
    job = tap.job(document, "megaraid/smart")
    t.ok(job.get("status") == "ok" and not job.get("denied"), "smartctl -d megaraid,N runs", [job])
    record = tap.find(document, "storage.drives", {"serial_number": disk["serial_number"]}) or {}
    wanted = {n: disk[n] for n in ("manufacturer", "model", "wwn")}
    wanted.update(
        capacity_bytes=disk["size"],
        firmware_version=disk["revision"],
        controller_pci_address=HBA,
        key=f"{HBA}/megaraid,0",
    )
    notes = list(tap.differences(record, wanted))
    t.ok(not notes, "the disk behind the controller is as on the command line", notes)
    _, _, document = tap.audit(g, where, "both", "--only storage,megaraid")
    record = tap.find(document, "storage.drives", {"serial_number": disk["serial_number"]}) or {}
    t.ok(
        {"megaraid/smart", "storage/disks"} <= set(record.get("src", [])),
        "with the kernel's knowledge it is one record",
        [record],
    )
    made, _ = g.run(f"test -e {node}")
    t.ok(made != 0, "the audit has not made the node either")


def steady(document):
    """What must be the same from audit to audit."""
    document = copy.deepcopy(document)
    document.pop("audit")
    # They go on.
    document.get("kernel", {}).pop("log", None)
    document["system"].pop("rtc_unix_seconds")
    for job in document["collectors"]:
        for name in ("duration_ms", "started_ms", "enforced") + (("tools",) if job["job"] == "kernel/log" else ()):
            job.pop(name, None)
    return document


def inventory(document):
    names = ("audit", "collectors", "errors", "health", "findings")
    return {k: v for k, v in document.items() if k not in names}


def same_moment(path, one, two):
    """A log line's time on the clock is worked out anew by each audit; its seconds are exact."""
    if not path.endswith(("/first_time", "/last_time")) or not one or not two:
        return False
    apart = datetime.datetime.fromisoformat(one[:-1]) - datetime.datetime.fromisoformat(two[:-1])
    return abs(apart) < datetime.timedelta(seconds=1)


def changes(one, two, path=""):
    if isinstance(one, dict) and isinstance(two, dict):
        for name in sorted(set(one) | set(two)):
            yield from changes(one.get(name), two.get(name), f"{path}/{name}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (left, right) in enumerate(zip(one, two)):
            yield from changes(left, right, f"{path}/{number}")
    elif one != two and not same_moment(path, one, two):
        yield f"{path}: {one!r} and {two!r}"


def check(t, where, g):
    status, took, document = tap.audit(
        g, where, "first", f"--timeout {TIMEOUT} --capture /capture"
    )
    t.note(f"boot {g.booted:.1f} s, audit {took:.1f} s, exit {status}")
    t.ok(status in (0, 3), "the audit ends with 0 or 3", [status])
    t.ok(took <= TIMEOUT + 1, "it ends in time", [took])
    tap.check_valid(t, where, "first")
    for title, path, match, wanted in machine.expected():
        record = tap.find(document, path, match)
        if record is None:
            t.ok(False, f"{title} is in {path}", [f"not one record with {match}"])
            continue
        notes = list(tap.differences(record, wanted))
        t.ok(not notes, f"{title}: all {len(wanted)} fields as on the command line", notes)
    for path, wanted in machine.counts().items():
        got = len(tap.records(document, path))
        t.ok(got == wanted, f"{path} has {wanted} records", [f"got {got}"])
    drives = tap.records(document, "storage.drives")
    conflicts = [f"{d['key']}: {d['conflicts']}" for d in drives if d.get("conflicts")]
    t.ok(not conflicts, "the sources agree on every drive", conflicts)
    check_jobs(t, document)
    check_usb(t, document)
    clock = document["audit"]["clock"]
    t.ok(clock["believed"] == "rtc", "the machine's clock was read, and is believed", [clock])
    findings = tap.records(document, "findings")
    loud = [f for f in findings if f["severity"] == "Critical" or "link" in f["id"]]
    t.ok(not loud, "no part is found failing, no link narrower than both its ends can", loud)
    t.skip("drives behind mptsas1068", "QEMU's never comes up under Linux")
    t.skip("a switch port narrower than its end point", "QEMU's switch has one lane everywhere")

    # As systemd does for a unit with Delegate=yes.
    g.say(
        "cd /sys/fs/cgroup; echo '+memory +pids' >cgroup.subtree_control; mkdir unit; "
        "setfattr -n trusted.delegate -v 1 unit"
    )
    wrap = "sh -c 'echo $$ >/sys/fs/cgroup/unit/cgroup.procs; exec \"$@\"' sh"
    status, took, second = tap.audit(g, where, "second", f"--timeout {TIMEOUT} -q", wrap)
    t.note(f"second audit {took:.1f} s, cgroup {second['audit']['cgroup']}")
    enforced = [job for job in second["collectors"] if "cgroup.memory" in job["enforced"]]
    t.ok(enforced, "with controllers each job has a cgroup's limits", [second["collectors"][:1]])
    # The unit's next command starts in its group, which takes nobody while it passes controllers on (cgroup-v2, "No Internal
    # Process Constraint").
    said = g.say("cat /sys/fs/cgroup/unit/cgroup.subtree_control; sh -c 'echo $$ >/sys/fs/cgroup/unit/cgroup.procs && echo in'")
    t.ok(said.split() == ["in"], "and afterwards the unit's group takes the next process", [said])
    check_run(t, g, wrap)
    notes = list(changes(steady(document), steady(second)))
    t.ok(not notes, "a second audit finds the same", notes)
    check_megaraid(t, where, g)
    status, _, replayed = tap.audit(g, where, "replayed", "--replay /capture")
    notes = list(changes(inventory(document), inventory(replayed)))
    t.ok(not notes, "a replay of what was captured finds the same", [f"exit {status}"] + notes)
    said = g.say("dmesg | grep -cE 'segfault|general protection|BUG:|Oops' || true")
    t.ok(re.fullmatch("0", said), "the kernel has nothing to complain about", [said])


tap.run("inventory", machine.arguments, check)
