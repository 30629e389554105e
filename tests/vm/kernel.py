"""The kernel's log inside QEMU: what the kernel says is told, what programs flood it with is not."""
import sys

sys.dont_write_bytecode = True
import machine
import tap

LIE = "<3>NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus"
# As fast as a program can: each write is a record (devkmsg_write, kernel/printk/printk.c).
FLOOD = f"while :; do echo '{LIE}'; done >/dev/kmsg"
# The policy's five seconds, the jail's start and end, and a slow emulated machine.
ENDS_WITHIN = 30


def kernel_job(document):
    return tap.job(document, "kernel/log")


def events(document, **wanted):
    found = tap.records(document, "kernel.events")
    return [e for e in found if all(e.get(k) == v for k, v in wanted.items())]


def check_drive(t, where, g, disk):
    """A drive that is set offline by hand: the kernel refuses to read it, and says so."""
    # Opened before: an offline drive cannot be, and that is no line (sd_open, drivers/scsi/sd.c).
    g.say(
        f"{{ echo offline >/sys/block/{disk}/device/state; "
        f"dd of=/dev/null bs=4096 count=1 skip=1000 <&3 2>/dev/null; "
        f"echo running >/sys/block/{disk}/device/state; }} 3</dev/{disk}"
    )
    status, _, document = tap.audit(g, where, "offline", "--only kernel,storage")
    tap.check_valid(t, where, "offline")
    job = kernel_job(document)
    t.ok(job.get("status") == "ok" and not job.get("denied"), "the log is read, nothing refused", [job])
    t.ok(document["kernel"]["log"]["ended"] == "empty", "to its end", [document["kernel"]["log"]])
    about = [
        e for e in tap.records(document, "kernel.events")
        if (e.get("component") or {}) == {"type": "storage.drives", "key": disk}
    ]
    t.ok("drive-offline" in [e["event"] for e in about], f"it has told of {disk}", [about])
    drive = tap.find(document, "storage.drives", {"key": disk}) or {}
    t.ok(drive.get("device_state") == "running", "the drive says that it is well", [drive])
    found = [
        f["id"] for f in tap.records(document, "findings")
        if f["component"] == {"type": "storage.drives", "key": disk}
    ]
    t.ok("log-drive-failed" in found, "what was logged stands all the same", [found])


def check(t, where, g):
    t.ok(g.run("test -c /dev/kmsg")[0] == 0, "there is a kernel's log")
    g.say("echo 1 >/proc/sys/kernel/dmesg_restrict; echo on >/proc/sys/kernel/printk_devkmsg")
    disk = g.say("for d in /sys/block/sd*; do echo ${d##*/}; done | head -n 1")
    check_drive(t, where, g, disk)
    g.say(f"({FLOOD}) >/dev/null 2>&1 & echo $! >/flood; sleep 2")
    status, took, document = tap.audit(g, where, "flood", "--only kernel --timeout 40")
    g.say("kill -9 $(cat /flood)")
    tap.check_valid(t, where, "flood")
    job = kernel_job(document)
    log = document.get("kernel", {}).get("log", {})
    t.note(f"{took:.1f} s, exit {status}: {log}")
    t.ok(status == 0 and job.get("status") == "ok", "a flood of lines costs no job", [job])
    t.ok(took < ENDS_WITHIN, "the audit ends in its time", [took])
    t.ok(log.get("other_record_count", 0) > 1000, "the flood was there, and is counted", [log])
    t.ok(log.get("ended") in ("count", "time", "bytes", "empty"), "how it ended is told", [log])
    t.ok(not events(document, event="gpu-xid"), "no line that a program wrote is believed")
    t.ok(job["tools"][0]["stdout_bytes"] < 9 << 20, "nor kept", [job["tools"]])


tap.run("kernel", machine.arguments, check)
