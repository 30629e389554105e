"""An image of what a run used boots to a shell that can do just that; and runs are traced on
the machine's older kernel, and from an initramfs, as here.

The trees are made of this machine's own bash, cat and ls, and of bee itself.
"""
import os
import select
import shutil
import subprocess
import tempfile
import time

import guest
import tap

BEE = os.path.join(os.environ.get("B", os.path.join(tap.TOP, "build")), "bee")


def libraries(path):
    out = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
    return [word for word in out.split() if word.startswith("/")]


def take(tree, path):
    for file in [path, *libraries(path)]:
        to = tree + file
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if not os.path.exists(to):
            shutil.copy2(os.path.realpath(file), to)


def make(tree):
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink("/" + name):
            os.makedirs(os.path.join(tree, os.readlink("/" + name)), exist_ok=True)
            os.symlink(os.readlink("/" + name), os.path.join(tree, name))
    for name in ("bash", "cat", "ls", "mount", "sh", "rm"):
        take(tree, os.path.realpath(shutil.which(name)))
    if not os.path.exists(tree + "/bin/sh"):
        os.symlink("bash", tree + "/bin/sh")
    os.makedirs(tree + "/etc")
    with open(tree + "/etc/motd", "w", encoding="ascii") as file:
        file.write("words of the day\n")


class Console:
    """The serial port, on pipes."""

    def __init__(self, image):
        self.kept = ""
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=256", "-m", "512",
             "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-kernel", os.path.join(tap.IMAGES, "vmlinuz"), "-initrd", image,
             "-append", "console=ttyS0 panic=-1", "-serial", "stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait(self, word, seconds=guest.BOOT_LIMIT):
        until = time.monotonic() + seconds
        while word not in self.kept:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not data:
                return False
            self.kept += data.decode("ascii", "replace")
        return True

    def say(self, line):
        self.kept = ""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait()


def check(t, image):
    console = Console(image)
    try:
        t.ok(console.wait("# "), "it boots to a shell", [console.kept])
        console.say("ls /; cat /etc/motd; echo end of'' it")
        t.ok(console.wait("end of it", 30) and "words of the day" in console.kept,
             "which can do what was traced", [console.kept])
        t.ok("data" not in console.kept, "and has nothing else", [console.kept])
        console.say("rm /etc/motd; echo end of'' it")
        t.ok(console.wait("end of it", 30) and "not found" in console.kept,
             "not even a program of the tree", [console.kept])
    finally:
        console.end()


INIT = """#!/bin/bash
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for way in dirfd thread chroot bind pivot self fork; do
	echo "way $way"
	/bee/bee trace run --in-place -d /sub -o /list -- /names $way
	echo "status $?"
	grep -v /many/ /list
	grep -c /many/ /list
done
echo end of it
"""

# What tests/root/trace.t says of the same names here.
WANTED = {
    "dirfd": ["/data/by-root\tread\t/names", "/data/sub/by-dirfd\tread\t/names", "/data/by-dotdot\tread\t/names"],
    "thread": ["/data/thread/by-thread\tread\t/names", "/data/sub/by-main\tread\t/names"],
    "chroot": ["/data/jail/in-jail\tread\t/names", "/data/jail/link-to-in-jail\tlink\t/names"],
    "bind": ["/data/sub/by-bind\tread\t/names"],
    "pivot": ["/data/jail/in-jail\tread\t/names"],
    "self": ["/data/sub/by-proc\tread\t/names", "/data/by-slashes\tread\t/names", "/data/thread/by-number\tread\t/names"],
    "fork": ["500"],
}


def make_names(tree, build):
    """What tests/tools/names.c names, below /sub."""
    sub = tree + "/sub"
    for name in ("proc", "dev", "data/sub", "data/thread", "data/jail", "data/many", "data/bound"):
        os.makedirs(f"{sub}/{name}")
    shutil.copy2(build + "/tests/tools/names", sub + "/names")
    for name in ("sub/by-dirfd", "by-dotdot", "by-root", "sub/by-cwd", "by-fchdir", "thread/by-thread", "sub/by-main",
                 "jail/in-jail", "jail/in-jail-too", "only-stat", "sub/by-bind", "sub/by-proc", "by-proc-root",
                 "by-slashes", "sub/by-dots", "sub/by-number", "thread/by-number", "by-here", *(f"many/{i}" for i in range(500))):
        with open(f"{sub}/data/{name}", "w", encoding="ascii") as file:
            file.write(name)
    os.symlink("only-stat", sub + "/data/a-link")
    os.symlink("/in-jail", sub + "/data/jail/link-to-in-jail")


def check_kernel(t, folder):
    """bee trace itself, inside."""
    build = os.path.dirname(BEE)
    tree, image = folder + "/inside", folder + "/inside.cpio.zst"
    make(tree)
    take(tree, os.path.realpath(shutil.which("grep")))
    make_names(tree, build)
    os.makedirs(tree + "/bee")
    for name in ("bee", "bee-trace"):
        shutil.copy2(f"{build}/{name}", f"{tree}/bee/{name}")
        for library in libraries(f"{build}/{name}"):
            os.makedirs(os.path.dirname(tree + library), exist_ok=True)
            shutil.copy2(os.path.realpath(library), tree + library)
    for name in ("proc", "dev", "sys"):
        os.makedirs(f"{tree}/{name}")
    with open(tree + "/init", "w", encoding="ascii") as file:
        file.write(INIT)
    os.chmod(tree + "/init", 0o755)
    done = subprocess.run([BEE, "image", "build", "-d", tree, "-o", image, "--add", "/"],
                          capture_output=True, text=True, check=False)
    t.ok(done.returncode == 0, "an image with bee in it is built", [done.stderr])
    console = Console(image)
    try:
        t.ok(console.wait("end of it"), "runs are traced in it", [console.kept])
        parts = {part.split()[0]: part.splitlines() for part in console.kept.split("way ")[1:]}
        for way, lines in WANTED.items():
            got = [line.strip() for line in parts.get(way, [])]
            t.ok("status 0" in got and all(line in got for line in lines), f"names by {way}", got)
    finally:
        console.end()


def main():
    if not os.path.exists(os.path.join(tap.IMAGES, "vmlinuz")):
        tap.skip_all("nothing to boot in build/vm: make check-vm")
    if not shutil.which("qemu-system-x86_64"):
        tap.skip_all("qemu-system-x86_64 is not installed: make deps-vm")
    if os.geteuid() != 0:
        tap.skip_all("the image would be another one without root")
    t = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        tree, image = folder + "/tree", folder + "/bash.cpio.zst"
        make(tree)
        os.makedirs(tree + "/data")
        done = subprocess.run([BEE, "image", "build", "-d", tree, "-o", image, "--",
                               "bash", "-c", "ls /etc; cat /etc/motd"],
                              capture_output=True, text=True, check=False)
        t.ok(done.returncode == 0 and "motd" in done.stdout, "an image is built of a run", [done.stderr])
        check(t, image)
        check_kernel(t, folder)
    t.end()


main()
