"""The ISO in a virtual machine: QEMU with a medium and a firmware, ssh into it, its serial log."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "vm"))

import guest

# Seconds, for a busy machine without KVM. Each wait has its own; a machine that is busier yet wants BEE_PATIENCE=3.
PATIENCE = float(os.environ.get("BEE_PATIENCE", "1"))
LOADER, KERNEL, SSH, AUDIT, POWEROFF = [limit * PATIENCE for limit in (120, 180, 60, 120, 30)]
# What the console says last, after the summary.
NOTE = re.compile(r"^ssh: ", re.M)
OVMF = "/usr/share/OVMF"
FIRMWARE = {
    "bios": None,
    "uefi": ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"),
    # With Microsoft's keys enrolled, which Debian's shim is signed with.
    "secure": ("OVMF_CODE_4M.ms.fd", "OVMF_VARS_4M.ms.fd"),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def medium(iso, kind):
    if kind == "net":
        return []
    drive = f"if=none,id=medium,file={iso},format=raw,readonly=on"
    if kind == "cd":
        return ["-drive", drive + ",media=cdrom", "-device", "ide-cd,bus=ide.3,id=tray,drive=medium,bootindex=1"]
    return [
        *("-device", "qemu-xhci,id=boot,addr=0x0a", "-drive", drive),
        *("-device", "usb-storage,bus=boot.0,id=stick,drive=medium,bootindex=1,serial=BOOTSTICK"),
    ]


NET = "user,id=net0,restrict=on,net=10.0.2.0/24"
# A plain machine with one disk and one card, for what does not need the server.
PLAIN = [
    *("-machine", "q35,smm=on", "-m", "1024", "-smp", "2"),
    *("-netdev", NET, "-device", "e1000e,netdev=net0"),
]
# The image's own words, but for the medium.
WORDS = "quiet loglevel=4 console=ttyS0,115200 console=tty0"
SCRIPT = f"""#!ipxe
kernel http://10.0.2.100/vmlinuz initrd=initrd.img boot=live fetch=http://10.0.2.100/bee.iso {WORDS}
initrd http://10.0.2.100/initrd.img
boot
"""


MINI_SCRIPT = f"""#!ipxe
kernel http://10.0.2.100/vmlinuz initrd=bee-mini.img {WORDS}
initrd http://10.0.2.100/bee-mini.img
boot
"""


def extract(iso, folder):
    """The image's kernel and initrd."""
    for name in ("vmlinuz", "initrd.img"):
        subprocess.run(
            ["xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/live/" + name]
            + [os.path.join(folder, name)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def kernel_of(folder, iso, more):
    """QEMU's words to start the image's kernel without a boot loader, with more on its command line."""
    extract(iso, folder)
    with open(iso, "rb") as file:
        file.seek(0x8000 + 40)  # the volume's name, in ISO 9660's first descriptor
        label = file.read(32).decode("ascii").strip()
    append = f"boot=live live-media=/dev/disk/by-label/{label} {WORDS}{more}"
    paths = [os.path.join(folder, name) for name in ("vmlinuz", "initrd.img")]
    return ["-kernel", paths[0], "-initrd", paths[1], "-append", append]


def served_words(served, script):
    """The plain machine, whose card finds by DHCP, TFTP and HTTP what the folder has."""
    with open(os.path.join(served, "boot.ipxe"), "w", encoding="ascii") as file:
        file.write(script)
    server = f"{sys.executable} {HERE}/http.py {served}"
    more = f",tftp={served},bootfile=boot.ipxe,guestfwd=tcp:10.0.2.100:80-cmd:{server}"
    return [word + more if word == NET else word for word in PLAIN]


def by_network(folder, iso):
    """The same with kernel, initrd and the ISO."""
    served = os.path.join(folder, "served")
    os.mkdir(served)
    extract(iso, served)
    os.symlink(os.path.abspath(iso), os.path.join(served, "bee.iso"))
    return served_words(served, SCRIPT)


class Live(guest.Guest):
    """with Live(folder, iso, key, words) as live: live.ssh("command")

    words is a machine for QEMU with a user network called net0; a port of this host is forwarded
    to the ssh of the guest, and nothing leads out of it.
    """

    def __init__(self, folder, iso, key, words, firmware="bios", boot="cd"):
        self.folder, self.boot = folder, boot
        self.login, self.environment = ["-i", key, "-o", "BatchMode=yes"], None
        self.log = os.path.join(folder, "serial.log")
        self.port = free_port()
        hosts = f"restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"
        words = [w.replace("restrict=on", hosts) if w.startswith("user,id=net0,") else w for w in words]
        accel = "tcg,thread=multi,tb-size=256"
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = file.read().split()
        if ("vmx" in flags or "svm" in flags) and os.access("/dev/kvm", os.R_OK | os.W_OK):
            accel = "kvm"
        command = [
            *("qemu-system-x86_64", "-accel", accel, "-nodefaults", "-no-user-config"),
            *("-display", "none", "-no-reboot", "-vga", "std", "-serial", "file:" + self.log),
            *("-qmp", f"unix:{folder}/qmp,server=on,wait=off"),
            *("-chardev", f"socket,id=bee,path={folder}/port,server=on,wait=off"),
            *self._firmware(firmware),
            *words,
            *medium(iso, boot),
        ]
        with open(os.path.join(folder, "command"), "w", encoding="utf-8") as file:
            file.write("\n".join(command) + "\n")
        self.began = time.monotonic()
        with open(os.path.join(folder, "qemu.err"), "wb") as errors:
            self.qemu = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )
        self.noted = None
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            self.monitor = guest.Lines(os.path.join(folder, "qmp"), self.began + 20)
            self.monitor.line(self.began + 30)
            self.qmp("qmp_capabilities")
        except BaseException:
            self.end()
            raise

    def _firmware(self, name):
        if not FIRMWARE[name]:
            return []
        code, variables = FIRMWARE[name]
        shutil.copy(os.path.join(OVMF, variables), os.path.join(self.folder, "vars.fd"))
        return [
            # Without this the firmware with Secure Boot does not trust its own variables.
            *("-global", "driver=cfi.pflash01,property=secure,value=" + ("on" if name == "secure" else "off")),
            *("-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF}/{code}"),
            *("-drive", f"if=pflash,unit=1,format=raw,file={self.folder}/vars.fd"),
        ]

    def age(self):
        return time.monotonic() - self.began

    def serial(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait(self, what, condition, limit, step=0.5):
        """Seconds of the machine's life at which condition() came true."""
        until = time.monotonic() + limit
        while True:
            if condition():
                return self.age()
            if self.qemu.poll() is not None:
                raise guest.GuestError(f"{what}: the machine is off")
            if time.monotonic() > until:
                raise guest.GuestError(f"{what}: not within {limit} s")
            time.sleep(step)

    def banner(self, limit):
        """Waits for sshd's first word. One connection, not many: each that QEMU has taken while the
        guest had no address yet makes a process of sshd later."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as link:
                    link.settimeout(max(1, until - time.monotonic()))
                    if link.recv(4) == b"SSH-":
                        return self.age()
            except OSError:
                pass
            time.sleep(1)
        raise guest.GuestError(f"ssh: not within {limit} s")

    def ssh(self, command, limit=60, stdin=b""):
        """(exit status, stdout and stderr) of a command."""
        done = subprocess.run(
            [
                *("ssh", "-q", *self.login, "-p", str(self.port)),
                *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
                *("-o", "ConnectTimeout=20", "-o", "IdentitiesOnly=yes"),
                *("root@127.0.0.1", command),
            ],
            input=stdin,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit * PATIENCE,
            check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def use_password(self, word):
        """From now on ssh() logs in by this password."""
        ask = os.path.join(self.folder, "askpass")
        with open(ask, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o700)) as file:
            file.write(f"#!/bin/sh\necho '{word}'\n")
        self.login = ["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"]
        self.environment = {**os.environ, "SSH_ASKPASS": ask, "SSH_ASKPASS_REQUIRE": "force"}

    def say(self, command, limit=60):
        status, said = self.ssh(command, limit)
        if status:
            raise guest.GuestError(f"{command}: exit {status}: {said[:500]}")
        return said.strip()

    def up(self):
        """Waits for a login prompt, then for ssh: seconds since power on."""
        if self.boot == "net":
            # iPXE has the screen alone, and the image comes through an emulated card.
            self.wait("the network boot's first word", self.serial, LOADER + KERNEL)
        else:
            self.wait("the boot loader on the serial line", self.serial, LOADER)
        self.wait("the kernel's login prompt", lambda: "login:" in self.serial(), KERNEL)
        return self.banner(SSH)

    def _watch(self):
        """When the console has shown it: who waits for ssh meanwhile does not see that at once."""
        while not NOTE.search(self.serial()):
            if self.qemu.poll() is not None:
                return
            time.sleep(0.3)
        self.noted = self.age()

    def audited(self):
        """Waits for the end of the audit: (seconds, document).

        The serial console shows it. Asking by ssh would take from the audit the processors that it is
        measured on: a login costs more than many a job.
        """
        at = self.wait("the audit", lambda: self.noted, AUDIT, 0.3) and self.noted
        # With its last newline, which say() would take.
        text = self.ssh("cat /var/log/bee-audit.json")[1]
        with open(os.path.join(self.folder, "audit.json"), "w", encoding="utf-8") as file:
            file.write(text)
        return at, json.loads(text)

    def times(self):
        """Seconds of the guest's own clock at which units became active."""
        units = "ssh.service multi-user.target bee-audit.service bee-network.service"
        said = self.say(f"systemctl show -p Id,ActiveEnterTimestampMonotonic {units}")
        found = {}
        for block in said.split("\n\n"):
            pairs = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            found[pairs["Id"]] = int(pairs["ActiveEnterTimestampMonotonic"]) / 1e6
        return found

    def poweroff(self, limit=POWEROFF):
        """Seconds from the command to a machine that is off."""
        began = time.monotonic()
        self.ssh("systemctl poweroff")
        try:
            self.qemu.wait(limit)
        except subprocess.TimeoutExpired:
            raise guest.GuestError(f"poweroff: not within {limit} s") from None
        return time.monotonic() - began

    def screen(self, path):
        """What stands on tty1, as a PNG picture."""
        self.qmp("screendump", {"filename": path, "format": "png"})
