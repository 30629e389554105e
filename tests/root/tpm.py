"""A TPM for tests: tpm.py FOLDER runs swtpm with its state in FOLDER behind a terminal in raw mode, prints the terminal's
name, and stays. Like the kernel's resource manager it takes a key out of the TPM when another one is to be made; it counts
the commands in FOLDER/asked, and where FOLDER/error has a number, that is what the TPM says to each."""
import os
import pty
import socket
import struct
import subprocess
import sys
import tty

CREATE_PRIMARY, FLUSH = 0x131, 0x165
folder = sys.argv[1]
ours, theirs = pty.openpty()
tty.setraw(theirs)
tpm, swtpms = socket.socketpair()
with subprocess.Popen(["swtpm", "chardev", "--tpm2", "--fd", str(swtpms.fileno()), "--tpmstate", f"dir={folder}",
                       "--flags", "not-need-init,startup-clear"], pass_fds=[swtpms.fileno()], stdin=subprocess.DEVNULL):
    swtpms.close()
    print(os.ttyname(theirs), flush=True)
    key, asked = None, 0

    def ask(command):
        tpm.sendall(command)
        reply = tpm.recv(4096)
        if not reply:
            sys.exit(0)
        return reply

    while True:
        command = os.read(ours, 4096)
        code = struct.unpack(">I", command[6:10])[0]
        if code == CREATE_PRIMARY and key is not None:
            ask(struct.pack(">HIII", 0x8001, 14, FLUSH, key))
            key = None
        asked += 1
        with open(f"{folder}/asked", "w", encoding="ascii") as file:
            file.write(f"{asked}\n")
        try:
            with open(f"{folder}/error", encoding="ascii") as file:
                error = int(file.read(), 0)
        except FileNotFoundError:
            error = None
        if error is not None:
            # What is to be asked again is, a third time with success.
            if error in (0x922, 0x90A) and asked % 3 == 0:
                error = None
        if error is not None:
            os.write(ours, struct.pack(">HII", 0x8001, 10, error))
            continue
        reply = ask(command)
        if code == CREATE_PRIMARY and reply[6:10] == bytes(4):
            key = struct.unpack(">I", reply[10:14])[0]
        os.write(ours, reply)
