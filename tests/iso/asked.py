"""An image that asks a boot server, the server, and what a machine has for it: a TPM, a stick, a disk with a system."""
import atexit
import hashlib
import os
import re
import subprocess
import sys
import time

import live

TOOLS = ["swtpm", "openssl", "mkfs.vfat", "mcopy", "mkfs.ext4", "busybox", "mksquashfs", "xorriso", "zstd"]
BEE = os.path.join(os.environ.get("B", os.path.join(live.TOP, "build")), "bee")
ROOT_TESTS = os.path.join(live.TOP, "tests", "root")
QUIET = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
HOST = "boot.example.org"
# What the image says, and what a stick says in its place.
CONFIGURATION = {
    "ID": "rack4",
    "BOOTSERVER": HOST,
    "BOOTSERVER_IP": "10.0.2.100",
    "BOOTPORT": "443",
    "remote.policy": "allow mount\nallow kexec",
}
ON_THE_STICK = {"ID": "rack4-node7", "NETWORK": 'DHCP_INTERFACES="enp0s2"\nHOSTNAME="stick"'}
OVERRIDDEN = "BEE-CONF on sd{} (vfat): its ID, NETWORK in the place of the image's"
SERIAL = "S4EVNX0M000001"
WORDS = "boot=local root=/dev/vda ro init=/second console=ttyS0"
SECOND = """#!/bin/sh
mount -t proc proc /proc
echo "BEE-SECOND $(cat /proc/cmdline) root $(sed -n 's, / .*,,p' /proc/mounts | tail -n 1) "
sleep 1
poweroff -f
"""
SERVERS = {}


def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, mode)) as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def image(where):
    return os.path.join(where, "tailored.iso")


def openssl(where, *words):
    subprocess.run(["openssl", *words], cwd=where, **QUIET)


def tailored(where, iso):
    """The image with a configuration, whose server is not there yet."""
    folder, server = os.path.join(where, "remote"), os.path.join(where, "server")
    for path in (folder, server, server + "/files", server + "/home"):
        os.mkdir(path)
    public = {}
    for name in ("alice", "ticket", "receipt"):
        subprocess.run([BEE, "remote", "keys", "--new", os.path.join(server, name)], **QUIET)
        public[name] = read(os.path.join(server, name + ".pub")).splitlines()[1]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(server, "req", "-x509", *key, "-days", "30", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bee test CA")
    openssl(server, "req", *key, "-keyout", "tls.key", "-out", "tls.csr", "-subj", f"/CN={HOST}")
    write(server + "/ext", f"subjectAltName=DNS:{HOST}\n")
    openssl(server, "x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "10",
            "-extfile", "ext", "-out", "tls.crt")
    write(server + "/tls.pem", read(server + "/tls.crt") + read(server + "/tls.key"))
    trust = f"scheme minisign\nthreshold 1\norder-key {public['alice']}\nticket-key {public['ticket']}\nreceipt-key {public['receipt']}"
    for name, text in {**CONFIGURATION, "TRUST": trust, "cacert.pem": read(server + "/ca.pem")}.items():
        write(os.path.join(folder, name), text + "\n")
    subprocess.run([BEE, "remote", "tailor", iso, image(where), folder], **QUIET)
    return image(where)


def small(where):
    """The small image of the tailored one: what starts it."""
    path = os.path.join(where, "small.img")
    subprocess.run([os.path.join(live.TOP, "iso", "mini.sh"), "--iso", image(where), "--output", path, "--level", "3"],
                   env={**os.environ, "BEE_DIST": where}, **QUIET)
    return ["-kernel", path + ".vmlinuz", "-initrd", path, "-append", live.WORDS]


def tpm_words(where):
    """It ends with QEMU."""
    tpm = os.path.join(where, "tpm")
    os.mkdir(tpm)
    subprocess.run(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={tpm}", "--ctrl", f"type=unixio,path={tpm}/socket"]
                   + ["--terminate", "--daemon"], **QUIET)
    words = ["-chardev", f"socket,id=tpm,path={tpm}/socket", "-tpmdev", "emulator,id=tpm0,chardev=tpm"]
    return [*words, "-device", "tpm-tis,tpmdev=tpm0"]


def with_stick(where):
    """A machine with a TPM and a stick that is called BEE-CONF."""
    stick = os.path.join(where, "stick.img")
    with open(stick, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.vfat", "-n", "BEE-CONF", stick], **QUIET)
    for name, text in ON_THE_STICK.items():
        write(os.path.join(where, name), text + "\n")
        subprocess.run(["mcopy", "-i", stick, os.path.join(where, name), "::"], **QUIET)
    return [
        *live.PLAIN,
        *tpm_words(where),
        *("-device", "qemu-xhci,id=media,addr=0x0b", "-drive", f"if=none,id=conf,file={stick},format=raw,readonly=on"),
        *("-device", "usb-storage,bus=media.0,drive=conf,removable=on"),
    ]


def disk_of(where):
    """The image's own kernel and initrd, with a root of its own: (path, sums)."""
    tree, disk = os.path.join(where, "tree"), os.path.join(where, "disk.img")
    for name in ("bin", "proc", "sys", "dev", "run", "tmp", "root", "etc"):
        os.makedirs(os.path.join(tree, name))
    live.extract(image(where), tree)
    subprocess.run(["cp", "/bin/busybox", tree + "/bin/busybox"], check=True)
    for name in ("sh", "mount", "echo", "cat", "sed", "tail", "sleep", "poweroff"):
        os.symlink("busybox", f"{tree}/bin/{name}")
    write(tree + "/second", SECOND, 0o755)
    with open(disk, "wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-d", tree, disk], **QUIET)
    sums = []
    for name in ("vmlinuz", "initrd.img"):
        with open(os.path.join(tree, name), "rb") as file:
            sums.append(hashlib.sha256(file.read()).hexdigest())
    return disk, sums


class Server:
    """tests/root/boot_server.py, on loopback; QEMU has it at 10.0.2.100."""

    def __init__(self, where):
        self.folder = os.path.join(where, "server")
        for name in ("mode", "log"):
            write(os.path.join(self.folder, name), "")
        port = os.path.join(where, "bootport")
        server = subprocess.Popen([sys.executable, os.path.join(ROOT_TESTS, "boot_server.py"), self.folder, BEE, port],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(server.kill)
        until = time.monotonic() + 30
        while not os.path.exists(port):
            if time.monotonic() > until:
                raise live.guest.GuestError("the boot server does not start")
            time.sleep(0.1)
        self.port = read(port).strip()

    def gives(self, text):
        order = os.path.join(self.folder, "files", "order")
        write(order, text)
        subprocess.run([BEE, "remote", "sign", "-k", os.path.join(self.folder, "alice.key"), order], **QUIET)
        write(os.path.join(self.folder, "order"), order)

    def home(self):
        folder = os.path.join(self.folder, "home")
        return [read(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]

    def proved(self):
        """By which kinds of key the questions were signed."""
        asked = [line for line in read(os.path.join(self.folder, "log")).splitlines() if "/cgi-bin/bootme?" in line]
        kinds = [re.search("&key=([a-z0-9-]+):", line) for line in asked]
        return {kind.group(1) if kind else "none" for kind in kinds}


def with_order(where):
    """A machine with a TPM, a disk, and a server that has it start that disk's kernel."""
    disk, (kernel, initrd) = disk_of(where)
    server = SERVERS[where] = Server(where)
    server.gives(f"""#!/bin/sh
#bee-order 1
#bee-sequence 7
#bee-target id=rack4
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 60
#bee-file kernel {kernel} {SERIAL} 0 ext4 /vmlinuz
#bee-file initrd {initrd} {SERIAL} 0 ext4 /initrd.img
#bee-cmdline {WORDS}
#bee-do kexec kernel initrd
#bee-end
echo ready
""")
    relay = f"{sys.executable} {live.HERE}/relay.py {server.port}"
    return [
        *(word + f",guestfwd=tcp:10.0.2.100:443-cmd:{relay}" if word == live.NET else word for word in live.PLAIN),
        *tpm_words(where),
        *("-drive", f"if=none,id=disk,file={disk},format=raw", "-device", f"virtio-blk-pci,drive=disk,serial={SERIAL},addr=0x0c"),
    ]
