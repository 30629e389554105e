"""A DHCP server as unkind as those of real networks: dhcp.py INTERFACE LOG MODE

It answers one client on INTERFACE, from 192.0.2.1, and writes what the client says to LOG, a line
each. RFC 2131 has the messages, RFC 2132 the options' numbers, RFC 3442 option 121.
"""
import select
import socket
import struct
import sys
import time

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
SAID = {DISCOVER: "discover", REQUEST: "request", DECLINE: "decline", 7: "release"}
SERVER = bytes([192, 0, 2, 1])
OTHER = bytes([192, 0, 2, 2])
# Behind a relay, which is 192.0.2.1.
FAR = bytes([198, 51, 100, 1])
ROUTES = bytes([0, 192, 0, 2, 1, 24, 198, 51, 100, 192, 0, 2, 9])
PLAIN = {1: bytes([255, 255, 255, 0]), 3: SERVER, 51: struct.pack(">I", 3600)}
NAMES = {
    6: bytes([192, 0, 2, 53]),
    12: b"evil.$(reboot)",
    15: b"example.org",
    42: bytes([192, 0, 2, 123]),
    119: b"\x07example\x03org\x00",
}
MODES = {
    "plain": {},
    # All that an office router sends, asked for or not.
    "everything": {
        **NAMES,
        2: struct.pack(">i", 3600),
        4: SERVER,
        7: SERVER,
        26: struct.pack(">H", 600),
        28: bytes([192, 0, 2, 255]),
        33: bytes([203, 0, 113, 5, 192, 0, 2, 9]),
        44: SERVER,
        66: b"tftp.example.org",
        67: b"pxelinux.0",
        121: ROUTES,
        252: b"http://wpad.example.org/wpad.dat\n",
    },
    "cut-routes": {121: ROUTES[:-1]},
    "odd-routes": {121: bytes([99, 1, 2, 3, 4, 5, 6, 7, 8])},
    "odd-mask": {1: bytes([255, 0, 255, 0])},
    "no-mask": {1: None},
    "long": {12: b"h" * 255, 15: b"d" * 255, 119: b"\x3f" + b"x" * 63 + b"\xc0\x00", 43: bytes(255)},
    "late": NAMES,
    "nak": NAMES,
    "short": {**NAMES, 51: struct.pack(">I", 8), 58: struct.pack(">I", 2), 59: struct.pack(">I", 5)},
    "change": {**NAMES, 51: struct.pack(">I", 8), 58: struct.pack(">I", 2), 59: struct.pack(">I", 3)},
    # Each renewal is a unicast to the server, through the router.
    "relay": {**NAMES, 51: struct.pack(">I", 8), 58: struct.pack(">I", 2), 59: struct.pack(">I", 6), 54: FAR},
    # Another server offers, too, and says no to whatever is asked of the first.
    "two": NAMES,
}


def parse(packet):
    """(message type, options) of a client's packet."""
    options, at = {}, 240
    while at + 1 < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        options[packet[at]] = packet[at + 2 : at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return options.get(53, b"\0")[0], options


def answer(packet, kind, address, options):
    relay = SERVER if options.get(54) == FAR else bytes(4)
    head = struct.pack(">BBBB4sHH4s4s4s4s", 2, 1, 6, 0, packet[4:8], 0, 0x8000, bytes(4), address, SERVER, relay)
    said = {53: bytes([kind]), 54: options.get(54, SERVER), **(options if kind != NAK else {})}
    body = b"".join(bytes([k, len(v)]) + v for k, v in said.items() if v is not None)
    return head + packet[28:44] + bytes(192) + b"\x63\x82\x53\x63" + body + b"\xff"


def listen(interface, address):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    server.bind((address, 67))
    return server


def main(interface, log, mode):
    options = {**PLAIN, **MODES[mode]}
    server = listen(interface, "")
    far = listen(interface, socket.inet_ntoa(FAR)) if mode == "relay" else server
    heard = []
    last = 7
    with open(log, "w", encoding="ascii", buffering=1) as file:
        print("ready", file=file)
        while True:
            ready = select.select([far, server], [], [])[0][0]
            packet, sender = ready.recvfrom(4096)
            kind, _ = parse(packet)
            heard.append(kind)
            renewal = sender[0] != "0.0.0.0"
            to_far = " far" if mode == "relay" and ready is far else ""
            print(SAID.get(kind, kind), ("renewal" if renewal else "") + to_far, file=file)
            reply = {DISCOVER: OFFER, REQUEST: ACK}.get(kind)
            if reply is None:
                continue
            if mode == "late":
                time.sleep(3)
            if mode == "nak" and kind == REQUEST and heard.count(REQUEST) <= 2:
                reply = NAK
            if mode == "change" and renewal and last == 7:
                reply, last = NAK, 8
            text = answer(packet, reply, bytes([192, 0, 2, last]), options)
            to = sender[0] if renewal and reply != NAK else "255.255.255.255"
            ready.sendto(text, (to, 68))
            if mode == "two":
                reply = OFFER if kind == DISCOVER else NAK
                text = answer(packet, reply, bytes([192, 0, 2, 99]), {**options, 54: OTHER})
                ready.sendto(text, (to, 68))


if __name__ == "__main__":
    main(*sys.argv[1:])
