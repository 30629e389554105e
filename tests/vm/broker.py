"""Device commands by the broker on real drivers: tools say what they say without it, and a tool that
was taken over changes no disk."""
import json
import re
import sys

sys.dont_write_bytecode = True
import machine
import tap

# What differs from one run to the next, with and without a jail.
CLOCK = re.compile(rb'^Local Time is:.*$|"(time_t|asctime)": .*$', re.M)
HEAD = """policy 1
collector storage
emits storage.drives
limits wall 60s  term 300ms  kill 1s  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64
syscalls @tool
open read-only
default report ENOSYS
"""
# The jail as it was: the tool has the node and the capability.
PLAIN = HEAD + """[smart] each /sys/block/sd*
run smartctl -x /dev/{instance}
device /dev/{instance} read
see /sys/block /sys/devices
see? /sys/class/scsi_host
see? /usr/share/smartmontools /var/lib/smartmontools
caps CAP_SYS_RAWIO
ioctl SG_IO=0x2285
"""


# ipmitool, which reads what bee-ipmi does not (ADR 12): what it asks is what is let through.
IPMITOOL = HEAD.replace("storage.drives", "sensors").replace("storage", "psu") + """[tool]
run ipmitool mc info
see? /usr/share/misc
open read-write
device /dev/ipmi0 readwrite
ipmi Get_Device_ID Get_FRU_Inventory_Area_Info Read_FRU_Data Get_SDR_Repository_Info Reserve_SDR_Repository Get_SDR
ipmi Get_Sensor_Reading Get_SEL_Info Get_SEL_Entry Get_SEL_Time Get_PICMG_Properties Get_VSO_Capabilities
"""


def policies(g):
    for folder, name, text in (("plain", "storage", PLAIN), ("ipmitool", "psu", IPMITOOL)):
        lines = " ".join(f"'{line}'" for line in text.splitlines())
        g.say(f"mkdir -p /{folder}; printf '%s\\n' {lines} >/{folder}/{name}.policy")


def same(t, g, step, disk, command):
    """The command as root of the machine, and in the jail of the step."""
    words = command.format(disk)
    direct = g.run(words)
    report = f"/report-{disk}.json"
    jailed = g.run(f"bee run -q --report {report} storage/{step} {disk} -- {words}")
    clean = [CLOCK.sub(b"", said) for _, said in (direct, jailed)]
    good = direct[0] == jailed[0] and clean[0] == clean[1]
    notes = [f"exit {direct[0]} and {jailed[0]}, {len(clean[0])} and {len(clean[1])} bytes"]
    if not good:
        notes += [
            f"{a!r} {b!r}"
            for a, b in zip(clean[0].splitlines(), clean[1].splitlines())
            if a != b
        ]
    print(f"# {words}: {notes[0]}", flush=True)
    t.ok(good, f"{words} says the same with the broker", notes)
    return json.loads(g.say(f"cat {report}"))["denied"]


def check_bmc(t, g):
    for words in ("mc info", "fru print", "sdr elist all", "sel list"):
        direct = g.run(f"ipmitool {words}", 100)
        jailed = g.run(f"bee run --policy-dir /ipmitool psu/tool -- ipmitool {words}", 100)
        good = direct == jailed
        print(f"# ipmitool {words}: exit {direct[0]} and {jailed[0]}, {len(direct[1])} bytes", flush=True)
        t.ok(good and direct[1], f"ipmitool {words} says the same with the broker", [direct, jailed])
    for step in ("fru", "sdr", "info"):
        direct = g.run(f"/usr/local/libexec/bee/bee-ipmi {step}", 100)
        jailed = g.run(f"bee run psu/{step}", 100)
        print(f"# bee-ipmi {step}: exit {direct[0]} and {jailed[0]}, {len(direct[1])} bytes", flush=True)
        t.ok(direct == jailed and direct[1], f"bee-ipmi {step} says the same with the broker", [direct, jailed])
    # Without its table of makers, which costs more time than all it asks, it says so on stderr.
    direct = g.run("ipmitool fru 2>/dev/null", 100)
    jailed = g.run("bee run --report /report-ipmitool.json psu/ipmitool 2>/dev/null", 100)
    refused = json.loads(g.say("cat /report-ipmitool.json"))["denied"]
    t.ok(direct == jailed and not refused, "the step of ipmitool says the same, and is refused nothing", [direct, jailed, refused])
    before = g.say("/usr/local/libexec/bee/bee-ipmi fru; ipmitool chassis status", 100)
    status, said = g.run("bee run -q --timeout 90 psu/fru -- bee-hostile /dev/ipmi0 ipmi quick", 120)
    passed = {line for line in said.decode().splitlines() if "/" in line}
    print(f"# of IPMI: {sorted(passed)}", flush=True)
    t.ok(
        passed == {"0a/20 0", "0a/22 0"},
        "a hostile tool sends the BMC commands without data: two questions go through",
        [status, sorted(passed), said[-200:]],
    )
    after = g.say("/usr/local/libexec/bee/bee-ipmi fru; ipmitool chassis status", 100)
    t.ok(before == after, "the BMC has what it had, and the machine is on", [before, after])


def check_ethtool(t, g):
    """These cards have no transceivers: what the driver says of that."""
    for name in g.say("cd /sys/class/net; ls -d e*").split():
        for step, words in (("ethtool", name), ("module", f"{name} module")):
            direct = g.run(f"/usr/local/libexec/bee/bee-ethtool {words}")
            jailed = g.run(f"bee run -q network/{step} {name}")
            t.ok(direct == jailed and direct[1], f"bee-ethtool {words} says the same with the broker", [direct, jailed])


def check_megaraid(t, g, disks):
    """QEMU's megasas, which obeys what the driver of a real one passes on."""
    hosts = g.say("grep -l megaraid_sas /sys/class/scsi_host/*/proc_name | tr -dc '0-9\\n'").split()
    behind = {n: g.say(f"readlink -f /sys/block/{n}/device").rsplit("/", 1)[1].split(":") for n in disks}
    asked = sorted(int(at[2]) for at in behind.values() if at[0] in hosts)
    t.ok(len(hosts) == 1 and asked, "there is a controller with disks behind it", [hosts, behind])
    # smartctl makes the node, and bee-megaraid finds it; in the jail it is made by its number.
    for number in asked:
        for words in ("-x", "-j -x"):
            words = f"smartctl {words} -d megaraid,{number} /dev/bus/{hosts[0]}"
            direct = g.run(words)
            jailed = g.run(f"bee run -q --report /report-mega.json megaraid/smart -- {words}")
            refused = json.loads(g.say("cat /report-mega.json"))["denied"]
            print(f"# {words}: exit {direct[0]} and {jailed[0]}, {len(direct[1])} bytes", flush=True)
            same = direct[0] == jailed[0] and CLOCK.sub(b"", direct[1]) == CLOCK.sub(b"", jailed[1])
            t.ok(same and not refused, f"{words} says the same with the broker", [direct, jailed, refused])
    direct = g.run("/usr/local/libexec/bee/bee-megaraid /usr/sbin/smartctl", 100)
    jailed = g.run("bee run -q megaraid/smart", 100)
    same = direct[0] == jailed[0] and CLOCK.sub(b"", direct[1]) == CLOCK.sub(b"", jailed[1])
    t.ok(same and b"serial_number" in direct[1], "bee-megaraid and the smartctl that it starts, too", [direct, jailed])
    before = g.say("echo 3 >/proc/sys/vm/drop_caches; sha256sum " + " ".join("/dev/" + d for d in disks), 120)
    node = "/dev/megaraid_sas_ioctl_node"
    passed = {}
    for mode in ("mfi", "mfi-other", "mfi-low", "mfi-places", "mfi-scsi", "mfi-ata", "mfi-sct"):
        status, said = g.run(f"bee run -q --timeout 200 megaraid/smart -- bee-hostile {node} {mode} quick", 220)
        t.ok(status == 0 and b"sent " in said, f"a hostile tool sends the controller commands of {mode}", [status, said[-300:]])
        passed[mode] = said.decode().splitlines()
    questions = passed["mfi"][:-1] + passed["mfi-other"][:-1] + passed["mfi-low"][:-1]
    t.ok(
        set(questions) == {"frame 04", "frame 05", "02010000 in"},
        "through go the list of disks, and CDBs for them",
        questions,
    )
    writes = [line for mode in passed for line in passed[mode] if line.endswith(" out")]
    t.ok(not writes and passed["mfi-scsi"], "no command with data for a disk", writes)
    after = g.say("echo 3 >/proc/sys/vm/drop_caches; sha256sum " + " ".join("/dev/" + d for d in disks), 120)
    t.ok(before == after, "and every disk has the bytes that it had", [before, after])


def check_hostile(t, g, disks, controllers):
    before = g.say("sha256sum " + " ".join("/dev/" + d for d in disks + [c + "n1" for c in controllers]), 120)
    passed = []
    for disk in disks:
        for mode in ("sct", "ata", "scsi"):
            if disk not in (disks[0], disks[2]):
                continue
            status, said = g.run(
                f"timeout 100 bee run -q --timeout 90 storage/smart {disk} -- bee-hostile /dev/{disk} {mode} quick",
                120,
            )
            t.ok(
                status == 0 and b"sent " in said,
                f"a hostile tool sends {disk} commands of {mode}",
                [status, said[-300:]],
            )
            passed += [f"{disk} {line}" for line in said.decode().splitlines() if "/" in line]
    writes = [p for p in passed if p.endswith(" out")]
    t.ok(not writes and passed, "no command with data for the disk goes through", [writes])
    for controller in controllers[:1]:
        status, said = g.run(
            f"bee run -q --timeout 90 storage/nvme-smart {controller} -- bee-hostile /dev/{controller} nvme quick", 120
        )
        t.ok(
            status == 0 and b"sent " in said,
            f"a hostile tool sends {controller} NVMe admin commands",
            [status, said[-300:]],
        )
        passed = {line.split()[0] for line in said.decode().splitlines() if "/" in line}
        t.note(f"let through: {sorted(passed)[:10]} and others, {len(passed)}")
        t.ok(
            all(p == "02/02" or p.startswith("06/") for p in passed),
            "let through are Identify and the one log",
            [sorted(passed)],
        )
    g.say("echo 3 >/proc/sys/vm/drop_caches")
    after = g.say("sha256sum " + " ".join("/dev/" + d for d in disks + [c + "n1" for c in controllers]), 120)
    t.ok(before == after, "every disk has the bytes that it had", [before, after])


def check_yama(t, g, disk):
    """Yama's ptrace_scope: by 1 the copier may look into the tool, which has named it; by 2 nobody may."""
    scope = "/proc/sys/kernel/yama/ptrace_scope"
    if g.run(f"test -e {scope}")[0]:
        t.skip("ptrace_scope", "this kernel has no Yama")
        return
    before = g.say(f"cat {scope}").strip()
    words = f"smartctl -i /dev/{disk}"
    direct = CLOCK.sub(b"", g.run(words)[1])
    for number in 1, 2:
        g.say(f"echo {number} >{scope}")
        _, said = g.run(f"bee run -q --report /report-yama.json storage/smart {disk} -- {words}")
        refused = [d["call"] + " " + d["detail"] for d in json.loads(g.say("cat /report-yama.json"))["denied"] if d["detail"] != "0x1"]
        if number == 1:
            t.ok(CLOCK.sub(b"", said) == direct and not refused, "under Yama's scope 1 smartctl says what it says without", [said, refused])
            # What a tool starts has named nobody in its place: it does so itself.
            started = g.run("/usr/local/libexec/bee/bee-megaraid /usr/sbin/smartctl", 100)
            jailed = g.run("bee run -q megaraid/smart", 100)
            same = CLOCK.sub(b"", started[1]) == CLOCK.sub(b"", jailed[1])
            t.ok(same and b"serial_number" in started[1], "and so does the one that bee-megaraid starts", [started, jailed])
        else:
            t.ok(refused == ["ioctl 0x2285"], "under scope 2 its commands are refused, and listed", [said, refused])
    g.say(f"echo {before} >{scope}")


def check_time(t, g, disk):
    """Medians of whole runs of bee run, in turns."""
    took = {"plain": [], "broker": []}
    for _ in range(3):
        for kind in took:
            option = "--policy-dir /plain " if kind == "plain" else ""
            said = g.say(
                "a=$(cut -d' ' -f1 /proc/uptime); "
                f"for i in 1 2 3; do bee run -q {option}storage/smart {disk} -- smartctl -x /dev/{disk} >/dev/null; done; "
                "b=$(cut -d' ' -f1 /proc/uptime); echo $a $b"
            )
            began, ended = map(float, said.split()[-2:])
            took[kind].append(ended - began)
    medians = {kind: sorted(times)[1] / 3 for kind, times in took.items()}
    print(f"# smartctl -x {disk}: {medians['plain']:.3f} s plain, {medians['broker']:.3f} s by the broker")
    t.note(str(took))
    t.ok(medians["broker"] < 5 * medians["plain"], "the broker does not change what smartctl takes by much", [took])


def check(t, where, g):
    policies(g)
    check_bmc(t, g)
    disks = g.say("cd /sys/block; ls -d sd*").split()
    controllers = g.say("cd /sys/class/nvme; ls -d nvme*").split()
    denied = []
    for disk in disks:
        for command in ("smartctl -x /dev/{}", "smartctl -j -x /dev/{}"):
            denied += [(disk, d) for d in same(t, g, "smart", disk, command)]
    for controller in controllers:
        for step, command in (
            ("nvme-id", "nvme id-ctrl /dev/{} -o json"),
            ("nvme-smart", "nvme smart-log /dev/{} -o json"),
            ("nvme-smart", "nvme smart-log /dev/{}"),
            ("nvme-errors", "nvme error-log /dev/{} -e 64 -o json"),
            ("nvme-sanitize", "nvme sanitize-log /dev/{} -r -o json"),
        ):
            denied += [(controller, d) for d in same(t, g, step, controller, command)]
    t.ok(not denied, "and nothing was refused", [denied])
    check_ethtool(t, g)
    check_megaraid(t, g, disks)
    check_yama(t, g, disks[0])
    check_hostile(t, g, disks, controllers)
    check_time(t, g, disks[0])


if __name__ == "__main__":
    tap.run("broker", machine.arguments, check)
