"""Boots the ISO and looks at it from outside: boot.py SCENARIO

server   the emulated server, BIOS, from a CD: the document against QEMU's command line
hung     the same with a disk that hangs smartctl: nothing waits for it
usb      a plain machine, BIOS, from USB
uefi     a plain machine, UEFI, from a CD
secure   a plain machine, UEFI with Secure Boot, from USB
"""
import json
import os
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
import live
import machine
import tap

KEPT = os.path.join(live.TOP, "dist", "test")
ISO = os.environ.get("BEE_ISO", os.path.join(KEPT, "bee.iso"))
KEY = os.path.join(KEPT, "key")
SMOKE = os.path.join(live.TOP, "iso", "builder", "smoketest.sh")
HUNG = machine.SCSI[0]
LATER = 2.0  # seconds that a hung disk may cost ssh and multi-user.target
AUDIT_LIMIT = 31.0  # bee-audit.service gives 30 s, and the audit is done 1 s after


def remember(name, value):
    """Scenarios run one after another; later ones look at what earlier ones measured."""
    path = os.path.join(KEPT, "figures.json")
    figures = recall()
    figures[name] = value
    with open(path, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)


def recall():
    try:
        with open(os.path.join(KEPT, "figures.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def smoke(t, g):
    with open(SMOKE, "rb") as script:
        status, said = g.ssh("sh -s", 180, script.read())
    bad = [line for line in said.splitlines() if not line.startswith(("PASS ", "SKIP "))]
    t.ok(status == 0 and not bad, f"the smoke test passes ({said.count('PASS ')} checks)", bad)


def host_key(t, g, name):
    key = g.say("cat /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    others = {k: v for k, v in recall().get("keys", {}).items() if k != name}
    t.ok(key not in others.values(), "the host key is of this boot alone", [others])
    remember("keys", {**others, name: key})


def boots(t, where, g, name):
    """What every scenario looks at: (times, document)."""
    ssh = g.up()
    at, document = g.audited()
    times = g.times()
    t.note(f"{name}: ssh answers {ssh:.1f} s after power on, the audit is seen done at {at:.1f} s")
    t.note("guest's clock: " + ", ".join(f"{k} {v:.1f} s" for k, v in sorted(times.items())))
    remember(name, {"ssh": ssh, "audit": at, "times": times})
    tap.check_valid(t, where, "audit")
    t.ok(g.say("systemctl --failed --no-legend") == "", "no unit failed")
    t.ok(times["ssh.service"] > 0, "ssh is up")
    return times, document


def turn_off(t, g):
    try:
        took = g.poweroff()
        t.ok(True, f"the machine is off after {took:.1f} s")
    except live.guest.GuestError as error:
        t.ok(False, "the machine goes off in time", [error])


def plain(t, where, g, name):
    boots(t, where, g, name)
    smoke(t, g)
    host_key(t, g, name)
    if name == "secure":
        said = g.say("od -An -t u1 /sys/firmware/efi/efivars/SecureBoot-*").split()
        t.ok(said[-1:] == ["1"], "Secure Boot is on", [said])
    elif name == "uefi":
        t.ok(g.ssh("test -d /sys/firmware/efi")[0] == 0, "the kernel was started by UEFI")
    turn_off(t, g)


def inventory(t, document):
    for title, path, match, wanted in machine.expected():
        record = tap.find(document, path, match)
        notes = list(tap.differences(record, wanted)) if record else [f"not one with {match}"]
        t.ok(not notes, f"{title}: as on the command line", notes)
    for path, wanted in machine.counts().items():
        # The console's display is one more function here.
        wanted += path == "pcie.devices"
        got = len(tap.records(document, path))
        t.ok(got == wanted, f"{path} has {wanted} records", [f"got {got}"])


def server(t, where, g, name):
    _, document = boots(t, where, g, name)
    smoke(t, g)
    host_key(t, g, name)
    inventory(t, document)
    rules = g.say("sshd -T").splitlines()
    t.ok("permitrootlogin without-password" in rules, "sshd has prohibit-password", rules)
    t.ok(g.say("getent shadow root").split(":")[1] == "*", "root has no password")
    g.screen(os.path.join(KEPT, "tty1.ppm"))
    turn_off(t, g)


def reads(g, drive):
    for block in g.qmp("query-blockstats"):
        if block.get("device") == drive:
            return block["stats"]["rd_operations"]
    return 0


def hang(g):
    """Throttles the disk once the kernel has found it and before the audit asks it."""
    g.wait("the boot loader on the serial line", g.serial, live.LOADER)
    time.sleep(1)
    # The firmware has read the disk too.
    seen = reads(g, HUNG["id"])
    g.wait("the kernel's reads of the disk", lambda: reads(g, HUNG["id"]) > seen, live.SSH, 0.2)
    since = time.monotonic()
    while time.monotonic() - since < 1.5:
        now = reads(g, HUNG["id"])
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.1)
    g.hmp(f"block_set_io_throttle {HUNG['id']} 1 0 0 0 0 0")


def hung(t, where, g, name):
    hang(g)
    times, document = boots(t, where, g, name)
    before = recall().get("server", {}).get("times")
    if not before:
        t.skip("ssh and multi-user.target are not later", "the server was not booted before")
    else:
        for unit in ("ssh.service", "multi-user.target"):
            late = times[unit] - before[unit]
            t.ok(late <= LATER, f"{unit} is not more than {LATER:.0f} s later ({late:+.1f} s)")
    drive = tap.find(document, "storage.drives", {"serial_number": HUNG["serial_number"]}) or {}
    wanted = {"model": HUNG["model"], "capacity_bytes": HUNG["size"]}
    notes = list(tap.differences(drive, wanted))
    t.ok(not notes, "the hung disk is in the inventory", notes)
    found = tap.job(document, f"storage/smart@{drive.get('key')}")
    t.ok(found.get("status") == "stuck", "its job is stuck", [found])
    names = [p.get("comm") for p in found.get("stuck", [])]
    t.ok("smartctl" in names, "and names smartctl", [found])
    took = document["audit"]["duration_ms"] / 1000
    t.ok(took <= AUDIT_LIMIT, f"the audit is on time ({took:.1f} s)")
    for path, count in machine.counts().items():
        count += path == "pcie.devices"
        got = len(tap.records(document, path))
        t.ok(got == count, f"{path} still has {count} records", [f"got {got}"])
    status = g.say("systemctl show -P ExecMainStatus bee-audit.service")
    t.ok(status == "3", "bee audit ended with 3, which is no failure of its unit", [status])
    left = g.say("ps -eo stat,comm | grep -c '^D.*smartctl' || true")
    t.ok(left != "0", "smartctl still hangs when the machine is to go off", [left])
    turn_off(t, g)


def slow_link(words):
    # With one command at a time a hung read holds every other command.
    return [w + ",cmd_per_lun=1" if w.startswith("virtio-scsi-pci,id=vs") else w for w in words]


SCENARIOS = {
    "server": (server, machine.arguments, "bios", "cd"),
    "hung": (hung, lambda where: slow_link(machine.arguments(where)), "bios", "cd"),
    "usb": (plain, lambda where: live.PLAIN, "bios", "usb"),
    "uefi": (plain, lambda where: live.PLAIN, "uefi", "cd"),
    "secure": (plain, lambda where: live.PLAIN, "secure", "usb"),
}


def main(name):
    for path in (ISO, KEY):
        if not os.path.exists(path):
            tap.skip_all(f"{path} is not there: make check-iso")
    check, words, firmware, boot = SCENARIOS[name]
    kept = os.path.join(KEPT, name)
    shutil.rmtree(kept, ignore_errors=True)
    t = tap.Tap()
    # Not below dist/: a socket's path has at most 108 bytes.
    with tempfile.TemporaryDirectory(prefix="bee-iso-") as path:
        try:
            with live.Live(path, ISO, KEY, words(path), firmware, boot) as g:
                check(t, path, g, name)
        except Exception:  # whatever it is, it is the result of the test
            t.ok(False, "the test comes to its end", [traceback.format_exc()])
        if t.failed:
            tap.keep(path, kept)
    t.end()


main(sys.argv[1])
