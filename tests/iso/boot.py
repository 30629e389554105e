"""Boots the ISO and looks at it from outside: boot.py SCENARIO

server   the emulated server, BIOS, from a CD: the document against QEMU's command line
hung     the same with a disk that hangs smartctl: nothing waits for it
usb      a plain machine, BIOS, from USB; the stick is pulled when the console says that it may be
uefi     a plain machine, UEFI, from a CD
secure   a plain machine, UEFI with Secure Boot, from USB
net      a plain machine, BIOS, by PXE and HTTP
password the image without a key, BIOS, from a CD
consoles a plain machine with three serial ports, two of them consoles, and a hypervisor's
small    a plain machine with 512 MiB
ejected  a plain machine, UEFI, from a CD, which is taken out when the console says so
pulled-early  a plain machine, BIOS, from USB; the stick is pulled in the middle of the audit
slow-bmc a plain machine whose BMC answers each command after 3.8 s
dead-bmc the same with one that answers nothing
lan      a plain machine with a second card, on a port that has a VLAN, DHCP and IPv6 alone
starved  the emulated server on a host that lets it run half of the time
old      a server of 2009: no PCI Express, SMBIOS 2, parallel SCSI and PATA, from USB
new      one of today: UEFI, NVMe with namespaces, 24 modules, a BMC on PCI, from USB
many     one with fifteen drives on six buses and no BMC
2001     a plain machine whose clock says so
2040     the same
order    a plain machine with a TPM and a disk, whose boot server has it start that disk's kernel
order-secure  the same with Secure Boot, from USB
order-locked  the same with a kernel that is locked down, and believes nobody's signature
media    a plain machine with a TPM, of an image tailored for a boot server, and a stick with the label BEE-CONF
mini     the small image on the emulated server: its document against the ISO's, power on to document too
order-mini the order to the small image of the one that asks
mini-net the small image on a plain machine, BIOS, by PXE and HTTP: one fetch
"""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
import asked
import bmc
import lan
import live
import machine
import others
import tap

KEPT = os.path.join(live.TOP, "dist", "test")
ISO = os.environ.get("BEE_ISO", os.path.join(KEPT, "bee.iso"))
MINI = os.environ.get("BEE_MINI", os.path.join(KEPT, "bee-mini.img"))
MINI_LIMIT = 45e6  # bytes
KEYLESS = os.path.join(os.path.dirname(ISO), "password.iso")
KEY = os.path.join(KEPT, "key")
SMOKE = os.path.join(live.TOP, "iso", "builder", "smoketest.sh")
JAILS = os.path.join(live.HERE, "jails.sh")
ATTACKS = os.path.join(live.HERE, "attacks.sh")
HUNG = machine.SCSI[0]
LATER = 3.0  # seconds that a hung disk may cost ssh and multi-user.target of an emulated machine: 2.1 of 25 were seen
ATTEMPTS = 2  # of a scenario, when the host is too busy to let the audit run
PAIRS = 4  # of boots, with and without, when the first two say that it costs more
PASSWORD = re.compile(r"\bpassword ([a-z2-9]{12})\b")
AUDIT_LIMIT = 31.0  # bee-audit.service gives 30 s, and the audit is done 1 s after
PATIENCE = 5.0  # runner/clock.h: what it waits at most for a document whose makers lack a processor


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
    return {line[5:] for line in said.splitlines() if line.startswith("PASS ")}


def attack(t, g, checks):
    """Each check of the smoke test fails when what it looks at is broken."""
    for path in (SMOKE, ATTACKS):
        with open(path, "rb") as script:
            g.ssh(f"cat >/run/{os.path.basename(path)}", 30, script.read())
    said = g.say("sh /run/attacks.sh /run/smoketest.sh || true", 300).splitlines()
    seen = {line[5:] for line in said if line.startswith("seen ")}
    bad = [line for line in said if not line.startswith("seen ")]
    t.ok(seen and not bad, f"the smoke test sees what is broken ({len(said)} times)", bad)
    # Who runs it by ssh is the proof of that one.
    left = checks - seen - {"reached over the LAN"}
    t.ok(not left, "each of its checks was broken", sorted(left))


def same_in_jails(t, g):
    with open(JAILS, "rb") as script:
        said = g.ssh("sh -s", 180, script.read())[1]
    tools = said.count("same ")
    t.ok(tools > 5 and "differs " not in said, f"{tools} tools say in their jails what they say outside", [said])


def screenshot(t, g, document):
    """A phone can read the summary off the screen."""
    path = os.path.join(KEPT, "tty1.png")
    g.screen(path)
    if not shutil.which("zbarimg"):
        t.skip("the QR code on tty1 can be read", "zbarimg is not installed: make deps-test")
        return
    done = subprocess.run(
        ["zbarimg", "-q", "--raw", path], capture_output=True, text=True, check=False
    )
    wanted = [document["identity"]["serial_number"], g.say("sha256sum </var/log/bee-audit.json")[:16]]
    t.ok(
        all(word in done.stdout for word in wanted),
        "the QR code on tty1 can be read, and is of this document",
        [done.stdout, wanted],
    )


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
    late = [j["job"] for j in document["collectors"] if j["status"] in ("timeout", "stuck", "starved")]
    if name.endswith("-bmc"):
        late = [job for job in late if not job.startswith("psu/")]
    if late and name != "hung":
        raise tap.Stalled(f"out of time, with nothing that hangs: {', '.join(late)}")
    tap.check_valid(t, where, "audit")
    # What comes after the audit has a line of its own.
    told = [line for line in g.serial().splitlines() if line.startswith(("ssh: ", "addresses: "))]
    t.ok(told and "10.0.2.15" in told[-1], "the console tells the address", told)
    failed = g.say("systemctl --failed --no-legend")
    t.ok(failed == "", "no unit failed", [failed])
    t.ok(times["ssh.service"] > 0, "ssh is up")
    return times, document


def turn_off(t, g):
    try:
        took = g.poweroff()
        t.ok(True, f"the machine is off after {took:.1f} s")
    except live.guest.GuestError as error:
        t.ok(False, "the machine goes off in time", [error])


MAKES = {
    "vfat": ["mkfs.vfat", "-n", "BEE"],
    "exfat": ["mkfs.exfat", "-L", "BEE"],
    "ext4": ["mkfs.ext4", "-q", "-L", "BEE"],
}


def save(t, where, g, kind):
    """A stick is plugged in, `bee save` is asked for, and what stands on the stick then is the document."""
    name = f"bee save writes to a stick with {kind}"
    path = os.path.join(where, kind + ".img")
    with open(path, "wb") as file:
        file.truncate(64 << 20)
    make = MAKES[kind]
    if not shutil.which(make[0]):
        t.skip(name, f"{make[0]} is not installed: make deps-vm")
        return
    subprocess.run(make + [path], stdout=subprocess.DEVNULL, check=True)
    g.qmp("blockdev-add", {"driver": "raw", "node-name": kind, "file": {"driver": "file", "filename": path}})
    g.qmp("device_add", {"driver": "usb-storage", "id": "s" + kind, "bus": "boot.0", "drive": kind, "removable": True})
    status, said = g.ssh("bee save --wait 30", 90)
    t.ok(status == 0 and "read again and the same" in said, name, [said])
    g.qmp("device_del", {"id": "s" + kind})
    time.sleep(2)
    if kind == "vfat" and status == 0:
        found = subprocess.run(["mdir", "-b", "-i", path, "::"], capture_output=True, text=True, check=False).stdout
        folder = found.strip().rstrip("/").split("/")[-1]
        kept = subprocess.run(["mtype", "-i", path, f"::{folder}/bee-audit.json"], capture_output=True, check=False)
        with open(os.path.join(where, "audit.json"), "rb") as file:
            t.ok(kept.stdout == file.read(), "which has the document", [found, kept.stderr])
    t.ok(g.say("grep -c bee-save /proc/mounts || true") == "0", "and nothing stays mounted")


def plain(t, where, g, name):
    _, document = boots(t, where, g, name)
    smoke(t, g)
    host_key(t, g, name)
    if name == "secure":
        said = g.say("od -An -t u1 /sys/firmware/efi/efivars/SecureBoot-*").split()
        t.ok(said[-1:] == ["1"], "Secure Boot is on", [said])
    elif name == "uefi":
        t.ok(g.ssh("test -d /sys/firmware/efi")[0] == 0, "the kernel was started by UEFI")
    elif name == "usb":
        for kind in MAKES:
            save(t, where, g, kind)
        without_medium(t, g, name, document)
    turn_off(t, g)


def password(t, where, g, name):
    """Without a key on the image a new password is on the console, and nothing else lets one in."""
    g.up()
    g.wait("the password on the console", lambda: PASSWORD.search(g.serial()), live.AUDIT)
    word = PASSWORD.search(g.serial()).group(1)
    t.ok(g.ssh("true")[0] == 255, "a key is of no use")
    g.use_password("a" + word)
    t.ok(g.ssh("true")[0] == 255, "nor is another password")
    g.use_password(word)
    boots(t, where, g, name)
    smoke(t, g)
    document = g.say("cat /var/log/bee-audit.json")
    t.ok(word not in document, "the password is not in the document")
    journal = g.say("journalctl -b --no-pager", 120)
    t.ok(word not in journal, "nor in the journal")
    told = g.say(f"grep -rlF {word} /etc /root /var || true", 120)
    t.ok(told == "", "nor in a file of the image", [told])
    host_key(t, g, name)
    turn_off(t, g)


def inventory(t, document):
    for title, path, match, wanted in machine.expected():
        record = tap.find(document, path, match)
        notes = list(tap.differences(record, wanted)) if record else [f"not one with {match}"]
        t.ok(not notes, f"{title}: as on the command line", notes)
    # By udev, which the servers of tests/vm have not.
    stick = tap.find(document, "storage.drives", {"usb_serial_number": machine.USB["serial_number"]})
    t.ok(stick, "the number of a USB disk's bridge is told as such")
    for path, wanted in machine.counts().items():
        # The console's display is one more function here.
        wanted += path == "pcie.devices"
        got = len(tap.records(document, path))
        t.ok(got == wanted, f"{path} has {wanted} records", [f"got {got}"])


def server(t, where, g, name):
    _, document = boots(t, where, g, name)
    screenshot(t, g, document)
    checks = smoke(t, g)
    host_key(t, g, name)
    inventory(t, document)
    rules = g.say("sshd -T").splitlines()
    t.ok("permitrootlogin without-password" in rules, "sshd has prohibit-password", rules)
    t.ok(g.say("getent shadow root").split(":")[1] == "*", "root has no password")
    same_in_jails(t, g)
    attack(t, g, checks)
    turn_off(t, g)


def unlike(t, where, g, name):
    """Another server: what was put into it is in the document, and nothing else."""
    _, document = boots(t, where, g, name)
    buses = g.qmp("query-pci")
    for title, path, match, wanted in others.expected(name, buses):
        record = tap.find(document, path, match)
        if record and "namespaces" in wanted:
            record = {**record, "namespaces": len(record["namespaces"])}
        notes = list(tap.differences(record, wanted)) if record else [f"not one with {match}"]
        t.ok(not notes, f"{title}: as on the command line", notes)
    for path, wanted in others.counts(name, buses).items():
        wanted += path == "storage.drives" and g.boot == "usb"
        got = len(tap.records(document, path))
        t.ok(got == wanted, f"{path} has {wanted} records", [f"got {got}"])
    smoke(t, g)
    same_in_jails(t, g)
    turn_off(t, g)


# What of a document is of one boot, of its length, or of a clock.
VOLATILE = re.compile(r"(_at|_ms|_seconds|_id|_hours|_time|uptime|reading|temperature|load|changes|packets|read_bytes|read_commands|kernel_events|hctl|operational_state)$")


def steady(value):
    """A document without what two boots of one machine differ in."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items() if not VOLATILE.search(k)}
    return [steady(v) for v in value] if isinstance(value, list) else value


# Lists that are of the machine, not of what runs on it; the CD drive has a medium in one boot alone.
LISTS = (*machine.counts(), "storage.controllers", "network.interfaces")


def kept_of(record):
    """What the small image tells as the ISO does: no driver of a screen, and no hwdb.bin, which lspci asks, too."""
    record = {k: v for k, v in steady(record).items() if k != "subsystem_model"}
    if str(record.get("class_code")).startswith("0x03"):
        record = {k: v for k, v in record.items() if k not in ("driver", "driver_module", "enabled")}
    return record


def unlike_in(one, two, where=""):
    """Where the one is not as the other is."""
    for key in {**one, **two}:
        values = one.get(key), two.get(key)
        if all(isinstance(value, dict) for value in values):
            yield from unlike_in(*values, f"{where}{key}.")
        elif values[0] != values[1]:
            yield f"{where}{key}: {values[0]} | {values[1]}"


def by_serial(document):
    """With the number of a SCSI disk's own in the place of sda: two boots find their disks in two orders."""
    drives = [r for r in tap.records(document, "storage.drives") if re.fullmatch("sd[a-z]+", r["key"])]
    names = {r["key"]: r["serial_number"] for r in drives if r.get("serial_number")}
    text = json.dumps(document)
    for key, number in names.items():
        text = re.sub(rf"(?<=[\"@/]){key}(?=[\"/: ])", number, text)
    return json.loads(text)


def same_machine(t, one, two):
    """The two documents tell of the same parts, and of the same jobs in the same words."""
    one, two = by_serial(one), by_serial(two)
    for path in LISTS:
        kept = [{r.get("key"): kept_of(r) for r in tap.records(d, path) if not str(r.get("key")).startswith("sr")}
                for d in (one, two)]
        notes = list(unlike_in(*kept))
        t.ok(not notes, f"{path}: as in the ISO's document ({len(kept[0])})", notes)
    t.ok(one["identity"] == two["identity"], "identity: the same", [one["identity"], two["identity"]])
    jobs = [{j["job"]: j["status"] for j in d["collectors"] if "@sr" not in j["job"]} for d in (one, two)]
    notes = list(unlike_in(*jobs))
    t.ok(not notes, f"its {len(jobs[0])} jobs ended as in the ISO's", notes)


def mini(t, where, g, name):
    _, document = boots(t, where, g, name)
    smoke(t, g)
    inventory(t, document)
    t.ok(g.say("stat -f -c %T /") in ("tmpfs", "ramfs"), "all of it is in memory")
    used = g.say("free -m | awk '/^Mem:/ { print $2 - $7 }'")
    t.note(f"memory that is not available: {used} MiB")
    turn_off(t, g)
    size = os.path.getsize(MINI)
    t.ok(size <= MINI_LIMIT, f"it is at most {MINI_LIMIT / 1e6:.0f} MB ({size / 1e6:.1f})")
    # The ISO on the same machine, in the same minutes, by its kernel too: no boot loader's menu is measured.
    with tempfile.TemporaryDirectory(prefix="bee-iso-") as path:
        words = machine.arguments(path) + live.kernel_of(path, ISO, "")
        with live.Live(path, ISO, KEY, words) as iso:
            iso.up()
            at, other = iso.audited()
            times = iso.times()
    mine = recall()[name]
    t.note(f"power on to document: {mine['audit']:.1f} s, of the ISO {at:.1f} s")
    same_machine(t, other, document)
    # On the guest's own clock, which begins with the kernel; the ISO's medium is a file of this host.
    ratio = mine["audit"] / at
    t.note(f"ssh after {mine['times']['ssh.service']:.1f} s, of the ISO {times['ssh.service']:.1f} s")
    t.ok(ratio < 1, f"the document is there in {ratio:.2f} x the ISO's time")


def mini_words(where):
    words = [*("-kernel", MINI + ".vmlinuz", "-initrd", MINI, "-append", live.WORDS)]
    return machine.arguments(where) + words


def mini_net(t, where, g, name):
    """One fetch: the server has nothing but kernel and image."""
    boots(t, where, g, name)
    smoke(t, g)
    turn_off(t, g)


def mini_served(where):
    served = os.path.join(where, "served")
    os.mkdir(served)
    os.symlink(os.path.abspath(MINI), os.path.join(served, "bee-mini.img"))
    os.symlink(os.path.abspath(MINI + ".vmlinuz"), os.path.join(served, "vmlinuz"))
    return live.served_words(served, live.MINI_SCRIPT)


def reads(g, drive):
    for block in g.qmp("query-blockstats"):
        if block.get("device") == drive:
            return block["stats"]["rd_operations"]
    return 0


def hang(g):
    """The disk answers nothing from when the kernel has read its partition table.

    So the first to wait for it for ever is udev, in the initramfs. The firmware reads a sector or
    two, the kernel some seventy within a second.
    """
    g.wait("the kernel's reads of the disk", lambda: reads(g, HUNG["id"]) > 20, live.KERNEL, 0.1)
    since, seen = time.monotonic(), 0
    while time.monotonic() - since < 1:
        now = reads(g, HUNG["id"])
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.1)
    g.hmp(f"block_set_io_throttle {HUNG['id']} 1 0 0 0 0 0")


def again(name):
    """When units were up in one more boot, without a look at anything else."""
    with machine_of(name) as (_, g):
        if name == "hung":
            hang(g)
        g.up()
        return g.times()


def lateness(t, hung_boot):
    """What else runs here makes boots slower, never faster: the fastest of each kind count."""
    before = recall().get("server", {}).get("times")
    if not before:
        t.skip("ssh and multi-user.target are not later", "the server was not booted before")
        return
    free, held = [before], [hung_boot]

    def late(unit):
        return min(b[unit] for b in held) - min(b[unit] for b in free)

    units = ("ssh.service", "multi-user.target")
    # Much earlier is as little to be believed as much later.
    while len(held) <= PAIRS and max(abs(late(unit)) for unit in units) > LATER:
        free.append(again("server"))
        held.append(again("hung"))
    for unit in units:
        text = f"{late(unit):+.1f} s, {len(held)} pairs of boots"
        name = f"{unit} is not more than {LATER:.0f} s later"
        if late(unit) < -LATER:
            t.skip(name, f"the host was busy when it booted without ({text})")
        else:
            t.ok(late(unit) <= LATER, f"{name} ({text})")
    for kind, boots_of in (("without", free), ("with", held)):
        said = ", ".join(f"{b['multi-user.target']:.1f}" for b in boots_of)
        t.note(f"multi-user.target {kind} the hung disk after {said} s")


def hung(t, where, g, name):
    hang(g)
    times, document = boots(t, where, g, name)
    drive = tap.find(document, "storage.drives", {"serial_number": HUNG["serial_number"]}) or {}
    wanted = {"model": HUNG["model"], "capacity_bytes": HUNG["size"]}
    notes = list(tap.differences(drive, wanted))
    t.ok(not notes, "the hung disk is in the inventory", notes)
    found = tap.job(document, f"storage/smart@{drive.get('key')}")
    t.ok(found.get("status") == "stuck", "its job is stuck", [found])
    names = [p.get("comm") for p in found.get("stuck", [])]
    t.ok("bee-performer" in names, "and names who performs for smartctl", [found])
    took = document["audit"]["duration_ms"] / 1000
    t.ok(took <= AUDIT_LIMIT, f"the audit is on time ({took:.1f} s)")
    for path, count in machine.counts().items():
        count += path == "pcie.devices"
        got = len(tap.records(document, path))
        t.ok(got == count, f"{path} still has {count} records", [f"got {got}"])
    status = g.say("systemctl show -P ExecMainStatus bee-audit.service")
    t.ok(status == "3", "bee audit ended with 3, which is no failure of its unit", [status])
    left = g.say("ps -eo stat,comm | grep -c '^D.*bee-performer' || true")
    t.ok(left != "0", "it still hangs when the machine is to go off", [left])
    turn_off(t, g)
    lateness(t, times)


BMCS = {"slow-bmc": 3.8, "dead-bmc": None}


def sick_bmc(where, name):
    """The plain machine with a BMC of ours, which the firmware lists."""
    path = os.path.join(where, "bmc")
    bmc.Bmc(path, BMCS[name])
    return live.PLAIN + [
        *("-chardev", f"socket,id=ipmi,path={path},reconnect=1", "-device", "ipmi-bmc-extern,id=bmc0,chardev=ipmi"),
        *("-device", "isa-ipmi-kcs,bmc=bmc0"),
    ]


def sick(t, where, g, name):
    """A BMC that is slow or wedged costs the jobs that ask it, and nothing else."""
    times, document = boots(t, where, g, name)
    bad = [j["job"] for j in document["collectors"] if j["status"] not in ("ok", "absent")]
    bad = [job for job in bad if not job.startswith("psu/")]
    tools = {job["job"]: job["status"] for job in document["collectors"] if job["job"] in bad}
    bad = [job for job in bad if tools[job] != "unavailable"]
    t.ok(not bad, "all other jobs are as ever", [tools])
    found = [f for f in document.get("findings", []) if f["id"] == "bmc-unreachable"]
    t.ok(found, "the BMC is told as one that does not answer")
    said = g.say("journalctl -b --no-pager -o short-monotonic -u bee-bmc; dmesg | grep -i ipmi || true")
    t.note(said)
    t.ok("still waits for it" in said, "its driver is not waited for")
    began, ended = [
        int(g.say(f"systemctl show -P ExecMain{word}TimestampMonotonic bee-bmc.service")) / 1e6
        for word in ("Start", "Exit")
    ]
    # Of the 8 s that it is given; the rest is the host's.
    t.ok(8 <= ended - began < 20, f"for more than some seconds ({ended - began:.1f} s)")
    before = recall().get("uefi") or recall().get("usb")
    if before:
        t.note(f"multi-user.target after {times['multi-user.target']:.1f} s, without a BMC "
               f"after {before['times']['multi-user.target']:.1f} s")
    turn_off(t, g)


KEPT_NOTE = "The image is in memory: the medium may be pulled."


def pull(g, boot):
    """Takes the medium away as a hand does: no word to the machine before."""
    if boot == "usb":
        g.qmp("device_del", {"id": "stick"})
    else:
        g.qmp("eject", {"id": "tray", "force": True})


def lives(t, g, document):
    """What a technician does with a machine whose medium is gone."""
    said = g.say("cat /var/log/bee-audit.json", 60)
    t.ok(json.loads(said) == document, "the document survives")
    said = g.say("bee report --columns 80 --lines 25 </var/log/bee-audit.json; bee show drives", 60)
    t.ok(len(said) > 200, "and can be shown", [said[:300]])


def without_medium(t, g, name, document):
    """After the console has said so the medium may go, and a whole audit runs without it."""
    at = g.wait("the console's word on the medium", lambda: "The image is in memory" in g.serial(), live.AUDIT)
    t.ok(KEPT_NOTE in g.serial(), f"the console says when the medium may be pulled ({at:.1f} s after power on)")
    pull(g, SCENARIOS[name][3])
    g.say("echo 3 >/proc/sys/vm/drop_caches")
    lives(t, g, document)
    status, said = g.ssh("bee audit --timeout 30 -q -o /run/again.json; echo $?", 90)
    t.ok(status == 0 and said.split()[-1] in ("0", "3"), "another audit runs", [said])
    again = json.loads(g.say("cat /run/again.json"))
    before = {j["job"]: j["status"] for j in document["collectors"]}
    after = {j["job"]: j["status"] for j in again["collectors"]}
    lost = {job: after.get(job) for job in before if before[job] == "ok" and after.get(job) != "ok"}
    # The drive that is gone, or empty, is not asked as it was; a stick is a host, too.
    lost = {job: word for job, word in lost.items() if not re.search("@(sr|sd|host)", job)}
    t.ok(not lost, "with the same jobs", [lost])
    t.ok(g.say("systemctl --failed --no-legend") == "", "and no unit failed")


def ejected(t, where, g, name):
    _, document = boots(t, where, g, name)
    without_medium(t, g, name, document)
    turn_off(t, g)


def pulled_early(t, where, g, name):
    """The medium goes while the audit runs: what it runs was read before."""
    g.wait("the kernel's login prompt", lambda: "login:" in g.serial(), live.LOADER + live.KERNEL, 0.1)
    g.banner(live.SSH)
    g.say("until systemctl is-active -q bee-ahead; do sleep 0.2; done", 90)
    state = g.say("systemctl show -P ActiveState bee-audit")
    pull(g, SCENARIOS[name][3])
    t.note(f"the audit was {state} when the medium was pulled")
    at, document = g.audited()
    t.note(f"the audit is seen done at {at:.1f} s")
    tap.check_valid(t, where, "audit")
    bad = {j["job"]: j["status"] for j in document["collectors"]
           if j["status"] not in ("ok", "absent", "unavailable") and "@s" not in j["job"]}
    t.ok(not bad, "every job that asks no drive of the medium ran", [bad])
    lives(t, g, document)


def roomy(words):
    """With 2 GiB for Linux, which keeps some of what there is."""
    return ["2560" if w == "1024" else w for w in words]


def two_consoles(where):
    """Started by its kernel, so that words can be added; a second UART and a hypervisor's console."""
    words = live.kernel_of(where, ISO, " console=ttyS1,115200 console=hvc0")
    return live.PLAIN + words + [
        *("-serial", f"file:{where}/ttyS1.log", "-serial", f"file:{where}/ttyS2.log"),
        *("-device", "virtio-serial-pci", "-chardev", f"file,id=hv,path={where}/hvc0.log"),
        *("-device", "virtconsole,chardev=hv"),
    ]


def consoles(t, where, g, name):
    """Each console that was named shows the audit; a port that nobody named is sent nothing."""
    boots(t, where, g, name)

    def shown(port):
        with open(os.path.join(where, port + ".log"), encoding="utf-8", errors="replace") as file:
            return live.NOTE.search(file.read())

    for port in ("ttyS1", "hvc0"):
        try:
            g.wait(port, lambda port=port: shown(port), 60)
            t.ok(True, f"{port} logs root in and shows the audit")
        except live.guest.GuestError as error:
            t.ok(False, f"{port} logs root in and shows the audit", [error])
    t.ok(os.path.getsize(os.path.join(where, "ttyS2.log")) == 0, "a port that is no console is sent nothing")
    turn_off(t, g)


PORT = []  # the switch's end of the lan scenario


def on_a_vlan(where):
    path = os.path.join(where, "lan")
    PORT[:] = [lan.Lan(path)]
    words = live.kernel_of(where, ISO, f" bee.ip={lan.CARD.hex(':')}.{lan.VLAN},dhcp")
    return live.PLAIN + words + [
        *("-netdev", lan.NETDEV + path, "-device", f"virtio-net-pci,netdev=lan,mac={lan.CARD.hex(':')}")
    ]


def vlan(t, where, g, name):
    """A port that takes tagged frames alone, with a server that sends everything, and a router."""
    wanted = ["192.0.2.7", f"2001:db8:{lan.VLAN}:0:5054:ff:fe00:7"]
    g.up()
    try:
        g.wait("the addresses", lambda: all(g.serial().count(word) for word in wanted), live.SSH)
    except live.guest.GuestError:
        pass
    _, document = boots(t, where, g, name)
    told = [line for line in g.serial().splitlines() if line.startswith("addresses: ")]
    missing = [word for word in wanted if not told or word not in told[-1].split()]
    t.ok(not missing, "the console tells the addresses that it got in the VLAN", [missing, told])
    links = [i for i in tap.records(document, "network.interfaces") if i.get("mac_address") == lan.CARD.hex(":")]
    t.ok(links, "the card is in the document")
    seen = PORT[0].pongs
    try:
        g.wait("an answer to a ping", lambda: PORT[0].pongs > seen, 30)
        t.ok(True, "it is reached there")
    except live.guest.GuestError as error:
        t.ok(False, "it is reached there", [error])
    t.ok(PORT[0].untagged == 0, "outside of the VLAN it asked nobody", [PORT[0].untagged])
    turn_off(t, g)


@contextlib.contextmanager
def slices(pid, run, stop):
    """A process that is let run for so many seconds, then stopped for as many, in turn."""
    over = threading.Event()

    def turn():
        while not over.wait(run):
            os.kill(pid, signal.SIGSTOP)
            over.wait(stop)
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        os.kill(pid, signal.SIGCONT)


def starved(t, where, g, name):
    """A host that has others to serve: the audit is on time, and blames no part of the machine."""
    g.wait("the boot loader on the serial line", g.serial, live.LOADER)
    g.wait("the kernel's login prompt", lambda: "login:" in g.serial(), live.KERNEL)
    with slices(g.qemu.pid, 0.1, 0.1):
        g.wait("the audit", lambda: "ssh: " in g.serial(), 3 * live.AUDIT, 0.3)
    _, document = g.audited()
    tap.check_valid(t, where, "audit")
    took = document["audit"]["duration_ms"] / 1000
    t.ok(took <= AUDIT_LIMIT + PATIENCE, f"the audit is on time ({took:.1f} s)")
    ends = {job["job"]: job["status"] for job in document["collectors"]}
    t.note(", ".join(f"{list(ends.values()).count(word)} {word}" for word in sorted(set(ends.values()))))
    t.ok("stuck" not in ends.values(), "nothing is called stuck", [ends])
    blamed = [f["id"] for f in document["findings"] if re.search("-(not-answering|slow-to-answer|unreachable)$", f["id"])]
    t.ok(not blamed, "and no part of the machine is blamed", [blamed, ends])
    turn_off(t, g)


def wrong_time(t, where, g, name):
    """The clock's battery is empty: a finding, and nothing that waits or fails for it."""
    _, document = boots(t, where, g, name)
    clock = document["audit"]["clock"]
    # systemd sets what is before the image was made, and leaves the rest.
    whose = {"2001": "system", "2040": "nobody"}[name]
    t.ok(clock["rtc"][:4] == name and clock["believed"] == whose, "audit.clock does not believe it", [clock])
    now, made = map(int, g.say("date +%s; stat -c %Y /usr/lib/clock-epoch").split())
    t.ok(made <= now and (name == "2040" or now < made + 86400), "the system's time is not before the image's", [now, made])
    found = [f for f in document["findings"] if f["id"] == "clock-not-believed"]
    t.ok(found, "which is a finding", [f["id"] for f in document["findings"]])
    if whose == "system":
        smoke(t, g)  # which has a check of the clock
    turn_off(t, g)


def media(t, where, g, name):
    """What the stick has overridden is what the machine is, and stands on the console, in the document and in the status."""
    _, document = boots(t, where, g, name)
    said = [asked.OVERRIDDEN.format(letter) for letter in "abc"]
    t.ok(any(line in g.serial() for line in said), "the console tells what a stick has overridden", [g.serial()[-3000:]])
    t.ok(document["system"].get("configuration_medium") in said, "and the document", [document["system"]])
    status = g.say("bee remote status").splitlines()
    t.ok(status[0] in ["medium " + line for line in said], "and the status", status)
    t.ok(any(re.search("^why .*boot.example.org", line) for line in status), "beside why the server has not answered", status)
    # The network is up by the stick's NETWORK: the image's knows no card, and ssh would not have answered.
    is_now = g.say("cat /etc/bee/remote/ID /etc/bee/remote/BOOTSERVER; hostname").split()
    t.ok(is_now == ["rack4-node7", "boot.example.org", "stick"], "ID and name are the stick's, the server the image's", [is_now])
    t.ok(g.ssh("grep -q BEE-CONF /proc/mounts || grep -q ' vfat ' /proc/mounts")[0] == 1, "and it is mounted no more")
    key = g.say("bee remote keys --tpm")
    t.ok(re.fullmatch("ecdsa-p256:[A-Za-z0-9_-]{86}", key), "the TPM makes a key for it", [key])
    smoke(t, g)
    turn_off(t, g)


def order(t, where, g, name):
    """From power on to an order that starts the kernel of the machine's own disk, with its root: by who signs it, and by a
    machine that has signed its question by its TPM. A kernel that is locked down starts none that it does not believe."""
    served = asked.SERVERS[where]
    second = lambda: re.search("BEE-SECOND .*", g.serial())
    home = lambda: [text for text in served.home() if text.startswith("bee-result 1\n")]
    if name == "order-locked":
        g.up()
        g.wait("the end of the order", home, 3 * live.AUDIT)
    else:
        at = g.wait("the second system", second, live.LOADER + live.KERNEL + 3 * live.AUDIT)
        t.note(f"{name}: the disk's system runs {at:.1f} s after power on")
        said = second().group(0)
        t.ok(asked.WORDS in said, "the disk's kernel runs, with the order's words", [said])
        t.ok("root /dev/vda " in said, "and the disk's root", [said])
    audits = [json.loads(text) for text in served.home() if text.startswith("{")]
    results = [dict(line.partition(" ")[::2] for line in text.partition("\nend\n")[0].splitlines()) for text in home()]
    t.ok(len(results) == 1 and results[0]["sequence"] == "7", "the end of the order came home before", results)
    t.ok(served.proved() == {"ecdsa-p256"}, "each question was signed by the TPM", [served.proved()])
    if name == "order-locked":
        t.ok(results[0]["status"] == "-4" and "locked down" in results[0]["why"], "what nobody has signed is refused, in words", results)
        t.ok(g.say("cat /sys/kernel/kexec_loaded") == "0", "and the machine goes on")
        g.wait("the audit at home", lambda: any(text.startswith("{") for text in served.home()), live.AUDIT)
        turn_off(t, g)
        return
    t.ok(results[0]["status"] == "0", "and it went well", results)
    t.ok(audits and audits[0]["audit"], "as did the audit", [len(audits)])
    if name == "order-secure":
        t.ok(audits[0]["firmware"].get("secure_boot") is True, "of a machine with Secure Boot", [audits[0]["firmware"]])


def slow_link(words):
    # With one command at a time a hung read holds every other command.
    return [w + ",cmd_per_lun=1" if w.startswith("virtio-scsi-pci,id=vs") else w for w in words]


SCENARIOS = {
    "server": (server, machine.arguments, "bios", "cd"),
    "mini": (mini, mini_words, "bios", "net"),
    "mini-net": (mini_net, mini_served, "bios", "net"),
    "hung": (hung, lambda where: slow_link(machine.arguments(where)), "bios", "cd"),
    "usb": (plain, lambda where: roomy(live.PLAIN), "bios", "usb"),
    "uefi": (plain, lambda where: live.PLAIN, "uefi", "cd"),
    "password": (password, lambda where: live.PLAIN, "bios", "cd"),
    "net": (plain, lambda where: live.by_network(where, ISO), "bios", "net"),
    "secure": (plain, lambda where: live.PLAIN, "secure", "usb"),
    "consoles": (consoles, two_consoles, "bios", "cd"),
    "small": (plain, lambda where: ["512" if w == "1024" else w for w in live.PLAIN], "bios", "cd"),
    "ejected": (ejected, lambda where: roomy(live.PLAIN), "uefi", "cd"),
    "pulled-early": (pulled_early, lambda where: roomy(live.PLAIN), "bios", "usb"),
    "slow-bmc": (sick, lambda where: sick_bmc(where, "slow-bmc"), "bios", "cd"),
    "media": (media, asked.with_stick, "bios", "cd"),
    "order": (order, asked.with_order, "bios", "cd"),
    "order-secure": (order, asked.with_order, "secure", "usb"),
    "order-locked": (order, lambda where: asked.with_order(where) + live.kernel_of(where, asked.image(where), " lockdown=integrity"), "bios", "cd"),
    "order-mini": (order, lambda where: asked.with_order(where) + asked.small(where), "bios", "net"),
    "starved": (starved, machine.arguments, "bios", "cd"),
    "lan": (vlan, on_a_vlan, "bios", "cd"),
    **{
        kind: (unlike, lambda where, kind=kind: others.arguments(where, kind), firmware, boot)
        for kind, firmware, boot in (("old", "bios", "usb"), ("new", "uefi", "usb"), ("many", "bios", "cd"))
    },
    **{
        year: (wrong_time, lambda where, year=year: live.PLAIN + ["-rtc", f"base={year}-01-01T00:00:00"], "bios", "cd")
        for year in ("2001", "2040")
    },
    "dead-bmc": (sick, lambda where: sick_bmc(where, "dead-bmc"), "bios", "cd"),
}


def image(name, where=None):
    if where and name in ("media", "order", "order-secure", "order-locked", "order-mini"):
        return asked.tailored(where, ISO)
    return KEYLESS if name == "password" else ISO


@contextlib.contextmanager
def machine_of(name):
    """(folder, machine) of a scenario."""
    _, words, firmware, boot = SCENARIOS[name]
    # Not below dist/: a socket's path has at most 108 bytes.
    with tempfile.TemporaryDirectory(prefix="bee-iso-") as path:
        with live.Live(path, image(name, path), KEY, words(path), firmware, boot) as g:
            yield path, g


def main(name):
    if SCENARIOS[name][0] in (media, order):
        for tool in asked.TOOLS:
            if not shutil.which(tool):
                tap.skip_all(f"{tool} is not installed: make deps-vm")
    for path in (image(name), KEY, *([MINI] if name.startswith("mini") else [])):
        if not os.path.exists(path):
            tap.skip_all(f"{path} is not there: make check-iso")
    if not shutil.which("qemu-system-x86_64") or not os.path.isdir(live.OVMF):
        tap.skip_all("QEMU or its firmware is not installed: make deps-vm")
    kept = os.path.join(KEPT, name)
    shutil.rmtree(kept, ignore_errors=True)
    for attempt in range(ATTEMPTS):
        t = tap.Tap()
        with machine_of(name) as (path, g):
            try:
                SCENARIOS[name][0](t, path, g, name)
            except tap.Stalled as stalled:
                print(f"# attempt {attempt + 1}: {stalled}", flush=True)
                t.ok(False, "the host lets the machine run", [stalled])
                if attempt + 1 < ATTEMPTS:
                    continue
            except Exception:  # whatever it is, it is the result of the test
                t.ok(False, "the test comes to its end", [traceback.format_exc()])
            if t.failed:
                tap.keep(path, kept)
        t.end()


main(sys.argv[1])
