"""The answers of a BMC for player.c: IPMI 2.0, chapters 20, 31, 33 to 35, 43; FRU Information Storage Definition 1.3."""
import struct


def answer(request, data):
    print(f"{request} = - - {data.hex()}")


def bad(request, code=0xC1):
    answer(request, bytes([code]))


def parts(request, data, size=1):
    """Whatever part of it is asked for: offset of `size` bytes, then how many."""
    for offset in range(len(data)):
        for count in range(1, len(data) - offset + 1):
            where = offset.to_bytes(size, "little").hex() + f"{count:02x}"
            yield request + where, data[offset : offset + count]


def field(text):
    return bytes([0xC0 | len(text)]) + text.encode()


def checked(data):
    data = data.ljust(-(-(len(data) + 1) // 8) * 8 - 1, b"\0")
    return data + bytes([-sum(data) & 0xFF])


def fru():
    board = checked(bytes([1, 0, 0x19, 1, 2, 3]) + field("BEE") + field("HB-22") + field("BRD7") + field("P1") + field("") + b"\xc1")
    board = board[:1] + bytes([len(board) // 8]) + board[2:-1]
    board += bytes([-sum(board) & 0xFF])
    return checked(bytes([1, 0, 0, 1, 0, 0, 0])) + board


def sensor():
    """A full sensor record, 43.1: a temperature that counts degrees."""
    name = b"Inlet"
    body = bytes([0x20, 0, 7, 7, 1, 0x7F, 0x68, 1, 1, 0, 0, 0, 0, 0, 0x3F, 0x3F, 0x80, 1, 0, 0, 1, 0, 0, 0, 0, 0, 7])
    body = body.ljust(42, b"\0") + bytes([0xC0 | len(name)]) + name
    return struct.pack("<HBBB", 1, 0x51, 1, len(body)) + body


answer("060100", bytes([0, 0x20, 0x81, 2, 1, 2, 0x9F, 0x7D, 1, 0, 0, 1, 0, 0, 0, 0]))
bad("2c0000??")
answer("0a1000 00".replace(" ", ""), bytes([0]) + struct.pack("<HB", len(fru()), 0))
for request, data in parts("0a110000", fru(), 2):
    answer(request, bytes([0, len(data)]) + data)
answer("0a2000", bytes([0, 0x51]) + struct.pack("<HH", 1, 1000) + bytes(8) + b"\x02")
answer("0a2200", bytes([0, 1, 0]))
for identifier in ("0000", "0100"):
    for request, data in parts("0a2300????" + identifier, sensor()):
        answer(request, b"\0\xff\xff" + data)
answer("042d0007", bytes([0, 25, 0xC0, 0]))
answer("0a4000", bytes([0, 0x51]) + struct.pack("<HH", 1, 4096) + bytes(8) + b"\x02")
entry = struct.pack("<HBIHBBBBBBB", 1, 2, 1500000000, 0x20, 4, 1, 7, 1, 0x57, 30, 28)
answer("0a4300????" + "??????ff", b"\0\xff\xff" + entry)
answer("0a4800", b"\0" + struct.pack("<I", 1500000000))
