"""A virtual machine under QEMU: start, commands inside, the monitor, and an end in any case."""
import json
import os
import socket
import subprocess
import time

BOOT_LIMIT = 180  # seconds, for a boot under TCG on a busy machine


class GuestError(Exception):
    pass


class Lines:
    """A stream socket read with deadlines."""

    def __init__(self, path, until):
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > until:
                    raise GuestError(f"{path}: nobody listens") from None
                time.sleep(0.05)
        self.kept = b""

    def more(self, until):
        left = until - time.monotonic()
        if left <= 0:
            raise GuestError("no answer in time")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 16)
        except socket.timeout:
            raise GuestError("no answer in time") from None
        if not data:
            raise GuestError("the machine is gone")
        self.kept += data

    def line(self, until):
        while b"\n" not in self.kept:
            self.more(until)
        line, self.kept = self.kept.split(b"\n", 1)
        return line

    def bytes(self, count, until):
        while len(self.kept) < count:
            self.more(until)
        data, self.kept = self.kept[:count], self.kept[count:]
        return data


class Guest:
    """with Guest(dir, name, arguments) as guest: guest.run("command")"""

    def __init__(self, images, folder, arguments):
        self.folder = folder
        self.log = os.path.join(folder, "console.log")
        accel = "tcg,thread=multi,tb-size=256"
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = file.read().split()
        # Without these flags /dev/kvm may open and still hang a stock kernel.
        if ("vmx" in flags or "svm" in flags) and os.access("/dev/kvm", os.R_OK | os.W_OK):
            accel = "kvm"
        command = [
            "qemu-system-x86_64",
            *("-accel", accel),
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-kernel", os.path.join(images, "vmlinuz")),
            *("-initrd", os.path.join(images, "initrd")),
            *("-append", "console=ttyS0 quiet panic=-1 no_timer_check"),
            *("-serial", "file:" + self.log),
            *("-qmp", f"unix:{folder}/qmp,server=on,wait=off"),
            *("-chardev", f"socket,id=bee,path={folder}/port,server=on,wait=off"),
            *arguments,
        ]
        with open(os.path.join(folder, "command"), "w", encoding="utf-8") as file:
            file.write("\n".join(command) + "\n")
        self.began = time.monotonic()
        with open(os.path.join(folder, "qemu.err"), "wb") as errors:
            self.qemu = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )
        try:
            until = self.began + BOOT_LIMIT
            self.monitor = Lines(os.path.join(folder, "qmp"), self.began + 20)
            self.monitor.line(until)
            self.qmp("qmp_capabilities")
            self.port = Lines(os.path.join(folder, "port"), self.began + 20)
            if self.port.line(until) != b"0 0":
                raise GuestError("init.sh did not say hello")
            self.booted = time.monotonic() - self.began
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def qmp(self, name, arguments=None, limit=20):
        until = time.monotonic() + limit
        question = {"execute": name, "arguments": arguments or {}}
        self.monitor.socket.settimeout(limit)
        self.monitor.socket.sendall(json.dumps(question).encode() + b"\n")
        while True:
            answer = json.loads(self.monitor.line(until))
            if "error" in answer:
                raise GuestError(f"{name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def hmp(self, line):
        said = self.qmp("human-monitor-command", {"command-line": line})
        if said.strip():
            raise GuestError(f"{line}: {said.strip()}")

    def run(self, command, limit=60):
        """(exit status, what it printed as bytes) of a shell command, one line, inside."""
        until = time.monotonic() + limit
        self.port.socket.settimeout(limit)
        self.port.socket.sendall(command.encode() + b"\n")
        status, count = self.port.line(until).split()
        return int(status), self.port.bytes(int(count), until)

    def say(self, command, limit=60):
        """What a command that must succeed printed."""
        status, said = self.run(command, limit)
        if status:
            raise GuestError(f"{command}: exit {status}: {said[:500]!r}")
        return said.decode("utf-8", "replace").strip()

    def end(self):
        if self.qemu.poll() is None:
            self.qemu.kill()
        self.qemu.wait()
