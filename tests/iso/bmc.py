"""A BMC for QEMU's ipmi-bmc-extern that takes its time: Bmc(path, delay)

It speaks what QEMU's hw/ipmi/ipmi_bmc_extern.c does, the protocol of OpenIPMI's simulator: frames that
end with A0h (messages of IPMI) or A1h (commands to the virtual machine), A0h, A1h and AAh escaped. A
message is sequence, network function, command, data and a checksum. QEMU itself answers C3h, timeout,
after 4 s.
"""
import os
import socket
import threading
import time

END_MESSAGE, END_COMMAND, ESCAPE = 0xA0, 0xA1, 0xAA
VERSION, CAPABILITIES = 0xFF, 0x08  # commands to the virtual machine
APP, GET_DEVICE_ID, SET_ENABLES, GET_ENABLES = 0x06, 0x01, 0x2E, 0x2F
INVALID = 0xC1
# IPMI 2.0, 20.1: device, revision, firmware 3.45, IPMI 2.0, abilities, maker 000bee, product 2200.
DEVICE_ID = bytes([0x20, 0x01, 0x03, 0x45, 0x02, 0x0F, 0xEE, 0x0B, 0x00, 0x00, 0x22])
ANSWERS = {
    (APP, GET_DEVICE_ID): DEVICE_ID,
    (APP, SET_ENABLES): b"",
    (APP, GET_ENABLES): b"\0",
}


def framed(data, end):
    out = bytearray()
    for byte in data:
        out += bytes([ESCAPE, byte | 0x10]) if byte in (END_MESSAGE, END_COMMAND, ESCAPE) else bytes([byte])
    return bytes(out) + bytes([end])


def answer(message):
    sequence, function, command = message[0], message[1], message[2]
    known = ANSWERS.get((function >> 2, command))
    said = bytes([INVALID]) if known is None else b"\0" + known
    body = bytes([sequence, function | 4, command]) + said
    return framed(body + bytes([-sum(body) & 0xFF]), END_MESSAGE)


class Bmc:
    """Answers each command after so many seconds, or never (None). `heard` is how many there were."""

    def __init__(self, path, delay):
        self.delay, self.heard = delay, 0
        if os.path.exists(path):
            os.unlink(path)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                link = self.door.accept()[0]
                link.sendall(framed(bytes([VERSION, 1]), END_COMMAND))
                link.sendall(framed(bytes([CAPABILITIES, 0]), END_COMMAND))
                self._talk(link)
            except OSError:
                if self.door.fileno() < 0:
                    return

    def _talk(self, link):
        frame, escaped = bytearray(), False
        while True:
            data = link.recv(4096)
            if not data:
                return
            for byte in data:
                if byte == ESCAPE:
                    escaped = True
                elif byte in (END_MESSAGE, END_COMMAND):
                    if byte == END_MESSAGE and len(frame) >= 4:
                        self._message(link, bytes(frame))
                    frame = bytearray()
                else:
                    frame.append(byte & ~0x10 if escaped else byte)
                    escaped = False

    def _message(self, link, message):
        self.heard += 1
        if self.delay is not None:
            time.sleep(self.delay)
            link.sendall(answer(message))

    def close(self):
        self.door.close()
