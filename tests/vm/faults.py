"""The same server with faults: hung, failing and pulled disks, no BMC."""
import sys
import time

sys.dont_write_bytecode = True
import machine
import tap

TIMEOUT = 20
HUNG = [machine.SCSI[0], machine.SATA[0]]  # on virtio-scsi and on AHCI
PULLED = machine.SCSI[1]
UNPLUGGED = machine.NVME[0]
BAD_READS = machine.SATA[1]
SICK = machine.NVME[1]


def arguments(where):
    """Every read of one SATA disk's medium fails; one NVMe drive warns of its reliability."""
    words = machine.arguments(where, bmc=False)
    name = f"sata{machine.SATA.index(BAD_READS)}"
    with open(f"{where}/bad.conf", "w", encoding="ascii") as file:
        file.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\n')
    # Bit 2 of the critical warnings (NVMe 1.4, figure 194): reliability degraded.
    for number, word in enumerate(words):
        if word.startswith(f"if=none,id={name},"):
            words[number] = word.replace("file=", f"file=blkdebug:{where}/bad.conf:")
        elif word.startswith("nvme,") and SICK["serial_number"] in word:
            words[number] = word + ",smart_critical_warning=4"
    return words


def drive_id(disk):
    for name, disks in (("sata", machine.SATA), ("nvme", machine.NVME)):
        if disk in disks:
            return f"{name}{disks.index(disk)}"
    return disk["id"]


def throttle(g, disk, key):
    """From here on the disk answers nothing: one byte per second, and reads that wait for it.

    One command at a time, and a kernel that does not lose patience.
    """
    g.say(
        f"cd /sys/block/{key}/device && echo 100000 >timeout && echo 1 >queue_depth"
    )
    g.hmp(f"block_set_io_throttle {drive_id(disk)} 1 0 0 0 0 0")
    for _ in range(2):
        g.say(f"dd if=/dev/{key} of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null & sleep 1")


def drive(document, disk):
    return tap.find(document, "storage.drives", {"serial_number": disk["serial_number"]}) or {}


def others(document, but=()):
    """Jobs that did not do their work, those in `but` left out, and not smartctl's bits."""
    for job in document.get("collectors", []):
        smart = job["job"].startswith("storage/smart@")
        allowed = ("ok", "absent", "unavailable") + (("partial",) if smart else ())
        if job["job"] not in but and job["status"] not in allowed:
            yield f"{job['job']}: {job['status']}: {job.get('reason')}"


def same_inventory(t, name, before, after):
    """Everything is in `after` but what only the hung disk itself could tell."""
    missing = []
    for path in machine.counts(bmc=False):
        for record in tap.records(before, path):
            found = tap.find(after, path, {"key": record["key"]})
            same = ("serial_number", "model", "capacity_bytes", "locator", "wwn", "vendor_id")
            if not found:
                missing.append(f"{path}: {record['key']} is missing")
            else:
                wanted = {n: record[n] for n in same if n in record}
                missing += [f"{record['key']}: {d}" for d in tap.differences(found, wanted)]
    t.ok(not missing, name, missing)


def failing(t, where, g):
    status, took, document = tap.audit(g, where, "failing", "--timeout 60")
    t.note(f"boot {g.booted:.1f} s, audit {took:.1f} s, exit {status}")
    tap.check_valid(t, where, "failing")
    psu = tap.job(document, "psu/fru")
    t.ok(psu.get("status") == "absent", "without a BMC psu is absent", [psu])
    t.ok("/dev/ipmi0" in (psu.get("reason") or ""), "and its reason names the node", [psu])
    t.ok(not tap.records(document, "power_supplies"), "and there are no supplies")
    for title, path, match, wanted in machine.expected(bmc=False):
        if match.get("serial_number") == SICK["serial_number"]:
            wanted = {**wanted, "health": "Critical"}
        record = tap.find(document, path, match)
        notes = list(tap.differences(record, wanted)) if record else ["not there"]
        if notes or SICK["serial_number"] in title or BAD_READS["serial_number"] in title:
            t.ok(not notes, f"{title}: as on the command line", notes)
    sick = drive(document, SICK)
    t.ok(sick.get("critical_warnings"), "the sick drive's warning is named", [sick])
    rollup = document.get("health", {}).get("rollup")
    t.ok(rollup == "Critical", "the machine's health is Critical", [document.get("health")])
    found = [f for f in tap.records(document, "findings") if f["severity"] == "Critical"]
    named = [f["component"]["key"] for f in found]
    t.ok(named == [sick.get("key")], "it is the only part that is found failing", found)
    bad = drive(document, BAD_READS).get("key", "none")
    status, said = g.run(f"dd if=/dev/{bad} of=/dev/null bs=4096 count=1")
    t.ok(status != 0, "the failing disk does fail", [said])
    t.ok(not list(others(document)), "every job did its work", others(document))
    return document


def check_stuck(t, document, disk, job):
    found = tap.job(document, job)
    t.ok(found.get("status") == "stuck", f"{job} is stuck", [found])
    stuck = found.get("stuck", [])
    process = next((p for p in stuck if p.get("comm") == "bee-performer"), {})
    t.ok(process, "the process that does not die is who performs for smartctl", [stuck])
    t.ok("no answer to " in found.get("reason", ""), "and the reason says what was asked", [found])
    t.ok(process.get("state") == "D", "in uninterruptible sleep", [process])
    where = [str(process.get("wchan"))] + [str(s) for s in process.get("stack", [])]
    t.ok("blk_execute_rq" in " ".join(where), "in blk_execute_rq, so its kernel stack", [process])
    wanted = {n: disk[n] for n in ("serial_number", "model", "wwn")}
    notes = list(tap.differences(drive(document, disk), {**wanted, "capacity_bytes": disk["size"]}))
    t.ok(not notes, f"{disk['serial_number']} has serial number, model, WWN and size", notes)


def hang(t, where, g, before):
    jobs = []
    for disk in HUNG:
        key = drive(before, disk).get("key", "none")
        throttle(g, disk, key)
        jobs.append(f"storage/smart@{key}")
    status, took, document = tap.audit(g, where, "hung", f"--timeout {TIMEOUT}")
    t.note(f"audit with {len(HUNG)} hung disks: {took:.1f} s of {TIMEOUT}, exit {status}")
    t.ok(status == 3, "with hung disks the audit exits with 3", [status])
    t.ok(took <= TIMEOUT + 1, f"within {TIMEOUT} + 1 s", [took])
    tap.check_valid(t, where, "hung")
    for disk, job in zip(HUNG, jobs):
        check_stuck(t, document, disk, job)
    notes = list(others(document, jobs))
    t.ok(not notes, "every other job did its work", notes)
    same_inventory(t, "everything is in the inventory", before, document)
    found = str(tap.records(document, "findings"))
    t.ok(all(job in found for job in jobs), "the findings name the jobs that are stuck", [found])
    left = g.say("ps -o comm | grep -cE '^bee-(audit|gather|collect)' || true")
    t.ok(left == str(len(HUNG)), "of bee only the namespaces' inits are left", [left])

    status, took, again = tap.audit(g, where, "again", f"--timeout {TIMEOUT}")
    t.note(f"audit after it: {took:.1f} s, exit {status}")
    t.ok(status == 3, "a second audit exits with 3", [status])
    t.ok(took <= TIMEOUT + 1, f"within {TIMEOUT} + 1 s", [took])
    tap.check_valid(t, where, "again")
    for job in jobs:
        found = tap.job(again, job)
        t.ok(found.get("status") == "stuck", f"{job} is still stuck", [found])
        t.ok("since" in str(found), "and says since when", [found])
        t.ok(not found.get("tools"), "the tool was not started again", [found])
    count = g.say("ps -o comm | grep -c '^bee-performer' || true")
    t.ok(count == str(len(HUNG)), "no second one hangs", [count])
    count = g.say("ps -o args | grep -c '^smartctl -j' || true")
    t.ok(count == "0", "and no smartctl does", [count])
    notes = list(others(again, jobs))
    t.ok(not notes, "every other job did its work again", notes)
    same_inventory(t, "everything is in the inventory again", before, again)
    return jobs


def pull(t, where, g, before):
    """A disk hangs, and is pulled while smartctl waits for it."""
    key = drive(before, PULLED).get("key", "none")
    throttle(g, PULLED, key)
    tap.audit_behind(g, "pulled", f"--timeout {TIMEOUT}")
    for _ in range(100):
        if g.say(f"ps -o args | grep -c '^smartctl -j -x /dev/{key}' || true") != "0":
            break
        time.sleep(0.1)
    else:
        t.ok(False, "smartctl waits for the disk that is to be pulled")
    g.qmp("device_del", {"id": "dev-" + PULLED["id"]})
    status, took, document = tap.audit_wait(g, where, "pulled", TIMEOUT + 10)
    t.note(f"audit with a disk pulled: {took:.1f} s, exit {status}")
    t.ok(took <= TIMEOUT + 1, "a disk pulled in the middle does not hold the audit", [took])
    tap.check_valid(t, where, "pulled")
    found = tap.job(document, f"storage/smart@{key}")
    t.ok(
        found.get("status") not in (None, "ok", "stuck"),
        "its job says that the disk did not answer",
        [found],
    )
    t.note(f"{found.get('job')}: {found.get('status')}: {found.get('reason')}")
    return key


def recovered(t, where, g, jobs, gone):
    """The hung disks answer again; the pulled one is gone for good."""
    for disk in HUNG:
        g.hmp(f"block_set_io_throttle {drive_id(disk)} 0 0 0 0 0 0")
    g.say("for n in $(seq 1 60); do ps -o comm | grep -q '^bee-performer' || break; sleep 0.5; done", 60)
    status, took, document = tap.audit(g, where, "recovered", "--timeout 60")
    t.note(f"audit after recovery: {took:.1f} s, exit {status}")
    for job in jobs:
        found = tap.job(document, job)
        good = found.get("status") in ("ok", "partial") and found.get("tools")
        t.ok(good, f"{job}: a disk that answers again is asked again", [found])
    t.ok(not drive(document, PULLED), "the disk that was pulled is not in the inventory")
    t.ok(not tap.job(document, f"storage/smart@{gone}"), "and no job asks for it")
    t.ok(not list(others(document)), "every job did its work", others(document))


def unplug(t, where, g, before):
    """An NVMe drive behind a hotplug port goes while an audit runs."""
    key = drive(before, UNPLUGGED).get("key", "none")
    tap.audit_behind(g, "unplug", f"--timeout {TIMEOUT}")
    # Each of nvme's calls is short, so all of them may be missed: what is asked holds all the same.
    running = g.say(
        "for n in $(seq 1 50); do ps -o args | grep -m1 '^nvme ' && break; done; true"
    )
    t.note(f"unplugged during: {running or 'an audit whose nvme calls were not seen'}")
    g.qmp("device_del", {"id": "dev-" + drive_id(UNPLUGGED)})
    status, took, document = tap.audit_wait(g, where, "unplug", TIMEOUT + 10)
    t.note(f"audit with an NVMe drive unplugged: {took:.1f} s, exit {status}")
    t.ok(took <= TIMEOUT + 1, "a drive unplugged in the middle does not hold the audit", [took])
    tap.check_valid(t, where, "unplug")
    for job in document.get("collectors", []):
        if job.get("instance") == key:
            t.note(f"{job['job']}: {job['status']}: {job.get('reason')}")
            t.ok(job["status"] != "stuck", f"{job['job']} is not stuck", [job])
    g.say(f"for n in $(seq 1 40); do [ -e /sys/class/nvme/{key} ] || exit 0; sleep 0.5; done; exit 1")
    _, _, document = tap.audit(g, where, "without", f"-q --timeout {TIMEOUT}")
    t.ok(not drive(document, UNPLUGGED), "once it is gone it is not in the inventory")
    notes = list(others(document))
    t.ok(not notes, "and every job does its work", notes)


def check(t, where, g):
    before = failing(t, where, g)
    jobs = hang(t, where, g, before)
    gone = pull(t, where, g, before)
    recovered(t, where, g, jobs, gone)
    unplug(t, where, g, before)
    t.skip("an NVMe drive that hangs", "QEMU answers admin commands whatever its medium does")


tap.run("faults", arguments, check)
