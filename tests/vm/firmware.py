"""Bytes of firmware tables: SMBIOS structures, FRU areas and SDRs for the virtual machine."""
import struct


def smbios(kind, handle, body, strings=()):
    """One structure with its strings (SMBIOS 3.6, 6.1): body is what follows the handle."""
    head = struct.pack("<BBH", kind, 4 + len(body), handle)
    text = b"".join(s.encode("ascii") + b"\0" for s in strings)
    return head + body + (text + b"\0" if text else b"\0\0")


class Strings:
    """Numbers strings as a structure refers to them: 0 is none."""

    def __init__(self):
        self.list = []

    def add(self, text):
        if text is None:
            return 0
        self.list.append(text)
        return len(self.list)


def memory_array(handle, slots, max_capacity_bytes):
    """Type 16 (7.17): on the board, system memory, multi-bit ECC."""
    body = struct.pack(
        "<BBBIHHQ", 3, 3, 6, 0x80000000, 0xFFFE, slots, max_capacity_bytes
    )
    return smbios(16, handle, body)


def memory_module(handle, array, module):
    """Type 17 (7.18) as of SMBIOS 3.3; a slot without capacity_bytes is empty."""
    text = Strings()
    locator, bank = text.add(module["locator"]), text.add(module["bank_locator"])
    full = module.get("capacity_bytes")
    names = [
        text.add(module.get(name))
        for name in ("manufacturer", "serial_number", "asset_tag", "part_number")
    ]
    mib = full >> 20 if full else 0
    milli = round(module.get("configured_voltage_volts", 0) * 1000)
    body = struct.pack(
        "<HHHHHBBBBBHHBBBBBIHHHH",
        array,
        0xFFFE,
        module["total_width_bits"] if full else 0xFFFF,
        module["data_width_bits"] if full else 0xFFFF,
        min(mib, 0x7FFF),
        9,
        0,
        locator,
        bank,
        0x1A if full else 2,
        0x2080 if full else 4,
        module.get("rated_speed_mts", 0),
        *names,
        module.get("rank_count", 0),
        mib if mib >= 0x7FFF else 0,
        module.get("configured_speed_mts", 0),
        milli,
        milli,
        milli,
    )
    body += struct.pack(
        "<BHBHHHHQQQQII",
        3 if full else 2,
        8 if full else 4,
        *(0, 0, 0, 0, 0),
        *(0, full or 0, 0, 0),
        *(0, 0),
    )
    return smbios(17, handle, body, text.list)


def checksum(data):
    return bytes([-sum(data) & 0xFF])


def fru_field(text):
    """8-bit text (FRU 1.3, 13); None is an empty field."""
    data = (text or "").encode("latin-1")
    return bytes([0xC0 | len(data)]) + data


def fru_area(head, fields):
    """A chassis, board or product area: length in eights, end mark, checksum (10 to 12)."""
    data = head + b"".join(fru_field(f) for f in fields) + b"\xc1"
    size = (2 + len(data) + 1 + 7) // 8 * 8
    data = bytes([1, size // 8]) + data
    data += b"\0" * (size - 1 - len(data))
    return data + checksum(data)


def fru_product(p):
    names = ("manufacturer", "model", "part_number", "version", "serial_number", "asset_tag")
    return fru_area(b"\x19", [p.get(n) for n in names] + [None])


def fru_board(b):
    names = ("manufacturer", "product", "serial_number", "part_number")
    return fru_area(b"\x19" + b"\0\0\0", [b.get(n) for n in names] + [None])


def fru_chassis(c):
    return fru_area(bytes([0x17]), [c.get("part_number"), c.get("serial_number")])


def fru_supply(watts):
    """Multirecord 00h, Power Supply Information (18.1), the last of its list."""
    body = struct.pack(
        "<HHBBHHHHBBBBH3sB",
        watts,
        *(0xFFFF, 0xFF, 0),
        *(10000, 12000, 20000, 24000),
        *(50, 60, 20, 0),
        *(0, bytes(3), 0),
    )
    head = bytes([0, 0x82, len(body)]) + checksum(body)
    return head + checksum(head) + body


def fru(size, chassis=None, board=None, product=None, watts=None):
    """A whole FRU of `size` bytes: common header (8) and its areas."""
    offsets, data = [0], b""
    for area in (
        chassis and fru_chassis(chassis),
        board and fru_board(board),
        product and fru_product(product),
        watts and fru_supply(watts),
    ):
        offsets.append((8 + len(data)) // 8 if area else 0)
        data += area or b""
    head = bytes([1] + offsets + [0])
    data = head + checksum(head) + data
    assert len(data) <= size
    return data + b"\0" * (size - len(data))


def sdr_fru(fru_id, entity, instance, name):
    """SDR 11h, FRU Device Locator (IPMI 2.0, 43.8): a logical FRU behind the BMC."""
    text = name.encode("ascii")
    body = struct.pack(
        "<BBBBBBBBBBB", 0x20, fru_id, 0x80, 0, 0, 0x10, 0, entity, instance, 0, 0xC0 | len(text)
    )
    return struct.pack("<HBBB", 0, 0x51, 0x11, len(body + text)) + body + text
