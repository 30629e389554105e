"""The answers of a SAS disk for player.c, which QEMU's disks do not have: SPC-5, SBC-4, SAS."""
import struct

ILLEGAL = "700005000000000a00000000200000000000"


def answer(cdb, data=b"", status="00", sense="-"):
    print(f"{cdb} = {status} {sense} {data.hex() or '-'}")


def log(page, data, sub=0):
    """A log page; with a subpage's format where there is one."""
    head = bytes([page | (0x40 if sub else 0), sub]) + struct.pack(">H", len(data))
    answer(f"4d0?{page | 0x40:02x}{sub:02x}00????????00", head + data)


def parameter(code, value, size):
    return struct.pack(">HBB", code, 0x02, size) + value.to_bytes(size, "big")


inquiry = bytes([0, 0, 6, 0x12, 0x8B, 0, 0x10, 2]) + b"BEE     " + b"SAS DISK 15K    " + b"0007"
answer("12000000??00", inquiry + bytes(60))
answer("12010000??00", bytes([0, 0, 0, 4, 0, 0x80, 0x83, 0xB1]))
answer("12018000??00", bytes([0, 0x80, 0, 20]) + b"BEESAS0001          ")
naa = bytes.fromhex("5000c500b0000042")
port = bytes.fromhex("5000c500b0000041")
answer(
    "12018300??00",
    bytes([0, 0x83, 0, 24]) + bytes([0x01, 0x03, 0, 8]) + naa + bytes([0x61, 0x93, 0, 8]) + port,
)
answer("1201b100??00", bytes([0, 0xB1, 0, 60]) + struct.pack(">H", 15000) + bytes([0, 3]) + bytes(56))
answer("1201b200??00", bytes([0, 0xB2, 0, 4, 0, 0, 0, 0]))
answer("000000000000")
answer("25" + "00" * 9, struct.pack(">II", 0x45DD2FAF, 512))
answer("9e10" + "??" * 14, struct.pack(">QI", 0x45DD2FAF, 512) + bytes(20))
# Informational exceptions: mode page 1Ch, with its header, 6 and 10 bytes.
ie = bytes([0x9C, 0x0A, 0x10, 6]) + bytes(8)
answer("1a0?1c00??00", bytes([15, 0, 0x10, 0]) + ie)
answer("5a0?1c00000000????00", bytes([0, 18, 0, 0x10, 0, 0, 0, 0]) + ie)
caching = bytes([0x88, 0x12, 0x14]) + bytes(17)
answer("1a0?0800??00", bytes([23, 0, 0x10, 0]) + caching)
answer("5a0?0800000000????00", bytes([0, 26, 0, 0x10, 0, 0, 0, 0]) + caching)
log(0x00, bytes([0, 2, 3, 5, 6, 0x0D, 0x0E, 0x0F, 0x10, 0x15, 0x18, 0x1A, 0x2F]))
for page, seed in ((0x02, 3), (0x03, 5), (0x05, 7)):
    log(page, b"".join(parameter(code, seed * (code + 11), 8) for code in range(7)))
log(0x06, parameter(0, 17, 8))
log(0x0D, parameter(0, 34, 2) + parameter(1, 60, 2))
log(
    0x0E,
    struct.pack(">HBB", 1, 1, 6) + b"201723" + struct.pack(">HBB", 2, 1, 6) + b"201801"
    + parameter(3, 50000, 4) + parameter(4, 213, 4) + parameter(5, 600000, 4) + parameter(6, 1999, 4),
)
log(0x10, b"".join(struct.pack(">HBB", code, 3, 16) + bytes(16) for code in range(1, 21)))
log(0x15, struct.pack(">HBB", 0, 3, 12) + struct.pack(">IBBHHH", 1234567, 0, 1, 42, 99, 42))
phy = bytes([0x10, 0x09, 0x0B, 0x04]) + bytes(4) + port + bytes.fromhex("5000c50012345678") + bytes(28)
phy = bytes([0, 0, 0, 48 - 4]) + phy[:44]
log(0x18, struct.pack(">HBB", 1, 3, 4 + len(phy)) + bytes([6, 0, 0, 1]) + phy)
log(0x2F, struct.pack(">HBB", 0, 3, 8) + bytes([0, 0, 34, 60, 0, 0, 0, 0]))
answer("37000?" + "??" * 7, bytes([0, 0x0D, 0, 0]))
answer("b70?" + "??" * 10, bytes([0, 0x0D, 0, 0, 0, 0, 0, 0]))
# All else it does not have.
for opcode, size in (("12", 6), ("1a", 6), ("5a", 10), ("4d", 10), ("a0", 12), ("a3", 12), ("a1", 12), ("85", 16), ("1c", 6)):
    answer(opcode + "??" * (size - 1), b"", "02", ILLEGAL)
