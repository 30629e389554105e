"""The answers of a SATA disk for player.c, with the logs that QEMU's disks lack: ACS-3, SAT-4."""
import struct


def checked(data):
    """A structure of 512 bytes whose last byte makes the sum of all zero."""
    data = bytearray(data)
    data[511] = -sum(data[:511]) & 0xFF
    return bytes(data)


def sector(**parts):
    """512 bytes; parts are "at_N" = bytes."""
    data = bytearray(512)
    for name, value in parts.items():
        at = int(name[3:])
        data[at : at + len(value)] = value
    return bytes(data)


def swapped(text, size):
    text = text.ljust(size).encode()
    return b"".join(bytes([text[i + 1], text[i]]) for i in range(0, size, 2))


def identify():
    words = {
        0: 0x0040, 49: 0x2F00, 53: 6, 76: 0x8F0E, 77: 0x0006, 78: 0x0004, 80: 0x01F0, 81: 0x0028,
        82: 0x346B, 83: 0x7D01, 84: 0x4163, 85: 0x3469, 86: 0xBC01, 87: 0x4163,
        106: 0x6003, 108: 0x5000, 109: 0xC500, 110: 0xA1B2, 111: 0xC3D4,
        119: 0x403C, 120: 0x401C, 206: 0x00BF, 217: 7200, 222: 0x107F, 255: 0x00A5,
    }
    data = bytearray(512)
    for word, value in words.items():
        struct.pack_into("<H", data, 2 * word, value)
    data[20:40] = swapped("BEE0001", 20)
    data[46:54] = swapped("FW01", 8)
    data[54:94] = swapped("BEE SATA HDD", 40)
    struct.pack_into("<I", data, 120, 0x0FFFFFFF)
    struct.pack_into("<Q", data, 200, 976773168)
    return checked(data)


def returned(count=0, low=0, mid=0x4F, high=0xC2, status=0x50, error=0, key=1):
    """SAT-4, 12.2.7: ATA Status Return in descriptor sense data."""
    return bytes(
        [0x72, key, 0, 0x1D if key == 1 else 0, 0, 0, 0, 14]
        + [9, 0xC, 0, error, 0, count, 0, low, 0, mid, 0, high, 0, status]
    ).hex()


def answer(cdb, data=b"", status="00", sense="-", order=""):
    print(f"{cdb}{' ' + order if order else ''} = {status} {sense} {data.hex() or '-'}")


def ata(protocol, features, count, low, mid, high, command, data=b"", sense="", order=""):
    """By both pass-throughs, with and without the registers asked back (CK_COND)."""
    flags = {"06": "c", "08": "e", "0a": "6"}[protocol]
    for registers in "02":
        back = registers == "2"
        how = {"status": "02" if back else "00", "sense": (sense or returned()) if back else "-"}
        two = f"{registers}{flags}"
        answer(
            f"a1{protocol}{two}{features}{count}{low}{mid}{high}?0{command}0000",
            data, order=order, **how,
        )
        answer(
            f"85{protocol}{two}00{features}00{count}00{low}00{mid}00{high}?0{command}00",
            data, order=order, **how,
        )


def smart(features, count, low, data=b"", protocol="08", **more):
    ata(protocol, features, count, low, "4f", "c2", "b0", data, **more)


def log_ext(log, page, data):
    for registers in "02":
        back = registers == "2"
        answer(
            f"8509{registers}e0000????00{log:02x}??{page:02x}0000?02f00",
            data, "02" if back else "00", returned() if back else "-",
        )


def scsi_side(ident):
    inquiry = bytes([0, 0, 5, 2, 0x5B, 0, 0, 2]) + b"ATA     BEE SATA HDD    FW01"
    answer("12000000??00", inquiry + bytes(60))
    answer("12010000??00", bytes([0, 0, 0, 4, 0, 0x80, 0x83, 0x89]))
    answer("12018000??00", bytes([0, 0x80, 0, 20]) + b"BEE0001".ljust(20))
    answer(
        "12018900??00",
        bytes([0, 0x89, 2, 0x38, 0, 0, 0, 0]) + b"linux   libata          3.00" + bytes(20)
        + bytes([0xEC, 0, 0, 0]) + ident,
    )
    answer("000000000000")
    answer("25" + "00" * 9, struct.pack(">II", 976773167, 512))
    answer("9e10" + "??" * 14, struct.pack(">QI", 976773167, 512) + bytes([0, 3]) + bytes(18))


ATTRIBUTES = [  # id, flags, value, worst, raw
    (1, 0x2F, 200, 200, 0), (5, 0x33, 200, 200, 3), (9, 0x32, 95, 95, 4321),
    (194, 0x22, 118, 100, 32), (197, 0x32, 200, 200, 1),
]


def smart_data():
    data = bytearray(sector(at_0=struct.pack("<H", 10)))
    limits = bytearray(data)
    for i, (number, flags, value, worst, raw) in enumerate(ATTRIBUTES):
        at = 2 + 12 * i
        data[at : at + 11] = struct.pack("<BHBB", number, flags, value, worst) + raw.to_bytes(6, "little")
        limits[at : at + 2] = bytes([number, 51])
    data[362:376] = struct.pack("<BBHBBHBBBBBB", 0x82, 0, 600, 0, 0x7B, 3, 1, 0, 2, 100, 0, 0)
    return checked(data), checked(limits)


def directories():
    """Of the SMART logs and of the general purpose logs: address, sectors, in which."""
    both = [bytearray(struct.pack("<H", 1).ljust(512, b"\0")) for _ in range(2)]
    logs = [
        (1, 1, "s"), (2, 1, "sg"), (3, 1, "g"), (4, 8, "sg"), (6, 1, "s"), (7, 1, "g"), (9, 1, "sg"),
        (0x11, 1, "g"), (0x30, 9, "sg"), (0xE0, 1, "sg"), (0xE1, 1, "sg"),
    ]
    for address, sectors, where in logs:
        for directory, name in zip(both, "sg"):
            if name in where:
                struct.pack_into("<H", directory, 2 * address, sectors)
    return map(bytes, both)


def sct():
    """ACS-3, 8: each order, then the status that tells of it; one line plays for all of them, so
    that action and function are the last ones asked: the temperature history's."""
    status = bytearray(512)
    struct.pack_into("<HHI", status, 0, 3, 522, 1)
    struct.pack_into("<HHH", status, 14, 0, 5, 1)
    status[200:205] = bytes([32, 25, 39, 10, 45])
    smart("d5", "01", "e0", bytes(status))
    history = bytearray(512)
    struct.pack_into("<HHHbbbb", history, 0, 2, 1, 1, 60, 5, 70, 0)
    struct.pack_into("<HH", history, 30, 128, 5)
    history[34:162] = bytes(30 + i % 5 for i in range(128))
    smart("d5", "01", "e1", bytes(history))
    asked_back = returned(70, 0, 0, 0)
    for order in ("050001000200", "030002000100", "030002000200", "04000200????"):
        smart("d6", "01", "e0", protocol="0a", order=order, sense=asked_back)


def logs():
    of_smart, general = directories()
    smart("d5", "01", "00", of_smart)
    first = struct.pack("<H", 1)
    for low in ("01", "06", "09"):
        smart("d5", "01", low, checked(sector(at_0=first)))
    log_ext(0, 0, general)
    for log in (2, 3, 7):
        log_ext(log, 0, checked(sector(at_0=b"\1")))
    log_ext(4, 0, sector(at_0=struct.pack("<HB", 1, 0), at_8=bytes([2, 0, 1])))
    valid = 0xC0 << 56
    values = struct.pack("<QQQ", valid | 17, valid | 4321, valid | 123456789)
    log_ext(4, 1, sector(at_0=struct.pack("<HB", 1, 1), at_8=values))
    counters = b"".join(struct.pack("<HH", 1 << 12 | i, n) for i, n in ((1, 0), (2, 3), (3, 0), (10, 12)))
    log_ext(0x11, 0, checked(sector(at_4=counters)))
    log_ext(0x30, 0, sector())


def main():
    ident = identify()
    scsi_side(ident)
    ata("08", "00", "01", "00", "00", "00", "ec", ident)
    ata("06", "00", "00", "00", "00", "00", "e5", sense=returned(0xFF, 0, 0, 0))
    ata("06", "da", "00", "00", "4f", "c2", "b0")
    data, limits = smart_data()
    smart("d0", "01", "00", data)
    smart("d1", "01", "0?", limits)
    logs()
    sct()
    # All else is aborted, and unknown to the SCSI side.
    aborted = returned(0, 0, 0, 0, 0x51, 4, 0xB)
    for opcode, size in (("a1", 12), ("85", 16)):
        answer(opcode + "??" * (size - 1), b"", "02", aborted)
    for opcode, size in (("12", 6), ("1a", 6), ("5a", 10), ("4d", 10), ("a0", 12), ("a3", 12)):
        answer(opcode + "??" * (size - 1), b"", "02", "700005000000000a00000000240000000000")


main()
