"""The answers of an NVMe controller for player.c: NVM Express 1.4, 5.14.1 and 5.15.2."""
import struct

ANY = "??" * 20


def answer(opcode, low, data):
    """Of any namespace; `low` is how CDW10 begins."""
    print(f"{opcode}00????????{low.ljust(8, '?')}{ANY} = 00 - {data.hex()}")


def controller():
    data = bytearray(4096)
    struct.pack_into("<HH", data, 0, 0xBEE, 0xBEE1)
    data[4:24] = b"BEENVME0001".ljust(20)
    data[24:64] = b"BEE NVME 1T".ljust(40)
    data[64:72] = b"FW02".ljust(8)
    data[72] = 3  # RAB
    data[77] = 5  # MDTS
    struct.pack_into("<HI", data, 78, 7, 0x00010400)  # CNTLID, VER
    data[262] = 3  # ELPE, zeroes based: four entries
    struct.pack_into("<HH", data, 266, 343, 353)  # WCTEMP, CCTEMP
    data[280:296] = (1 << 40).to_bytes(16, "little")  # TNVMCAP
    data[512:516] = bytes([0x66, 0x44, 0, 0])
    struct.pack_into("<I", data, 516, 2)  # NN
    data[768:1024] = b"nqn.2014-08.org.nvmexpress:uuid:bee".ljust(256, b"\0")
    return bytes(data)


def health():
    data = bytearray(512)
    struct.pack_into("<BHBBB", data, 0, 4, 311, 97, 10, 12)
    for at, value in ((32, 12345678), (48, 87654321), (128, 4321), (144, 17), (160, 3)):
        data[at : at + 16] = value.to_bytes(16, "little")
    struct.pack_into("<8H", data, 200, 311, 318, 0, 0, 0, 0, 0, 0)
    return bytes(data)


def errors():
    entry = struct.pack("<QHHHHQIB", 9, 1, 5, 0x4004, 0x28, 0x1000, 1, 0).ljust(64, b"\0")
    return entry + bytes(3 * 64)


answer("06", "01", controller())
answer("02", "01", errors())
answer("02", "02", health())
answer("02", "81", struct.pack("<HHI", 0, 1, 0).ljust(512, b"\0"))
