"""Texts as dmidecode prints them for machines that do not exist, and what is true of each.

machine() makes one from a seed: (bytes, truth). The truth is made along with the text, not
read from it: {list: {key: {property: value}}}, "lost": how the text is broken, if it is.
"""
import random
import re

# What vendors leave where nobody filled in a serial number.
FILLERS = [
    "To Be Filled By O.E.M.", "To be filled by O.E.M.", "Default string", "System Serial Number", "Not Specified",
    "None", "N/A", "Unknown", "INVALID", "0123456789", "1234567890", "00000000", "FFFFFFFF", "xxxxxxxx", "NO DIMM",
    "SerNum0", "A1_SerNum0", "P2-DIMMC1_SerNum3", "Chassis Serial Number", "Base Board Serial Number", "Not Settable",
    "........", "--", "Serial Number not set", "DIMM_A1 SN", "0x00000000", "[Empty]", "Undefined", "Not Available", "OEM",
    "<BAD INDEX>", "<OUT OF SPEC>", "", "    ", "SYS-1234567890", "123456789", "0000000000000000", "empty", "No Asset Tag",
]
UUID_FILLERS = [
    "Not Settable", "Not Present", "03000200-0400-0500-0006-000700080009", "00000000-0000-0000-0000-000000000000",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "12345678-1234-5678-90ab-cddeefaabbcc", "fefefefe-fefe-fefe-fefe-fefefefefefe",
]
# (maker, model, locator, bank locator)
VENDORS = [
    ("Dell Inc.", "PowerEdge C6525", "{letter}{n}", "Not Specified"),
    ("HPE", "ProLiant DL380 Gen10", "PROC {socket} DIMM {n}", "Not Specified"),
    ("Lenovo", "ThinkSystem SR650 V3 -[7D76CTO1WW]-", "DIMM {all}", "Bank {all}"),
    ("Supermicro", "SYS-1029P-WTR", "P{socket}-DIMM{letter}{n}", "P{socket0}_Node0_Channel{n}_Dimm0"),
    ("GIGABYTE", "G292-Z20-00", "DIMM_P{socket0}_{letter}{n}", "BANK {all}"),
    ("Quanta Cloud Technology Inc.", "QuantaGrid D52B-1U", "CPU{socket0}_{letter}{n}", "_Node{socket0}_Channel{n}_Dimm0"),
    ("Inspur", "NF5280M5", "CPU{socket0}_C{n}D0", "NODE {socket}"),
    ("Huawei", "TaiShan 200 (Model 2280)", "DIMM{socket0}{n}0 J{all}", "SOCKET {socket0} CHANNEL {n} DIMM 0"),
    ("Cisco Systems Inc", "UCSC-C240-M5SX", "DIMM_{letter}{n}", "NODE {socket0} CHANNEL {n} DIMM 0"),
    ("FUJITSU", "PRIMERGY RX2540 M4", "DIMM-{n}{letter}", "CPU-{socket}"),
    ("Sun Microsystems", "SUN FIRE X4270 SERVER       ", "DIMM{all}", "BANK{all}"),
    ("ADLINK", "Ampere Altra Developer Platform", "Socket {socket0} DIMM {n}", "Bank {n}"),
    ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "DIMM {all}", "Not Specified"),
    ("VMware, Inc.", "VMware7,1", "RAM slot #{all}", "RAM slot #{all}"),
]
MAKERS = ["Samsung", "00CE063200CE", "80AD863280AD", "Hynix         ", "Micron Technology", "Kingston", "0x2C00", "Intel"]
# What JEP-106 calls those three: bank 1, CEh; bank 1, ADh; bank 1, 2Ch.
BY_CODE = {"00CE063200CE": "Samsung", "80AD863280AD": "SK hynix", "0x2C00": "Micron"}
PARTS = ["M393A8G40BB4-CWE  ", "HMA84GR7DJR4N-XN", "36ASF4G72PZ-2G9E2", "9965745-026.A00G    ", "NMB1XXD256GPSU4"]
PROCESSORS = ["AMD EPYC 7443P 24-Core Processor               ", "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz",
              "Ampere(R) Altra(R) Processor", "AMD Opteron(tm) Processor 6275                      "]
DIRT = ["", "", "", "", "", " ", "\t", "  \t ", "\x01", b"\xff", b"\xc3", b"\xe9\x80", "\u00ae", "\x1b[2J", "\\x41"]
UNITS = {"kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def raw_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def told(raw):
    """A string as the document has it: doc/fields.md, on bytes that are no text."""
    out, at = [], 0
    while at < len(raw):
        for size in (1, 2, 3, 4):
            try:
                char = raw[at:at + size].decode()
            except UnicodeDecodeError:
                continue
            escape = char == "\\" and raw[at + 1:at + 2] == b"x" and raw[at + 2:at + 4].isalnum()
            out.append(char if (char.isprintable() or char == " ") and not escape
                       else "".join(f"\\x{byte:02x}" for byte in raw[at:at + size]))
            at += size
            break
        else:
            out.append(f"\\x{raw[at]:02x}")
            at += 1
    return "".join(out)


class Machine:
    def __init__(self, seed):
        self.r = random.Random(seed)
        r = self.r
        self.structures = []  # [(handle, type, title, [(key, value bytes or list)])]
        self.truth = {name: {} for name in ("processors", "memory.arrays", "memory.modules", "baseboards", "chassis",
                                            "pcie.slots", "power_supplies", "system", "firmware")}
        self.version = r.choice(["2.9", "2.10", "2.11", "2.12", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"])
        self.new = self.version >= "3.2" and len(self.version) == 3  # 2.9 sorts below
        self.vendor = r.choice(VENDORS)
        self.next_handle = r.choice([0, 0x100, 0x1000])
        self.used = {}
        self.sockets = r.choice([1, 1, 2, 2, 2, 4, 8])
        self.board()
        self.processors()
        self.memory()
        self.slots()
        self.supplies()
        self.other()

    def put(self, kind, title, pairs, handle=None):
        if handle is None:
            handle = self.next_handle
            self.next_handle += self.r.choice([1, 1, 1, 2])
        self.structures.append((handle, kind, title, [(k, v) for k, v in pairs if v is not None]))
        return handle

    def key(self, kind, handle):
        """The n-th with this handle and type is told apart; the order is that of the text."""
        count = self.used[kind, handle] = self.used.get((kind, handle), 0) + 1
        return f"0x{handle:04X}" + (f"#{count}" if count > 1 else "")

    def text(self, value):
        """(what the text has, what must come out of it)"""
        dirt = raw_bytes(self.r.choice(DIRT)) if self.r.random() < 0.2 else b""
        raw = raw_bytes(value) + dirt
        return raw, told(raw.strip(b" \t")) or None

    def identity(self, fillers=FILLERS):
        if self.r.random() < 0.4:
            return raw_bytes(self.r.choice(fillers)), None
        serial = "".join(self.r.choices(ALPHABET, k=self.r.choice([7, 8, 10, 15, 20])))
        return raw_bytes(serial + self.r.choice(["", "", "   "])), serial

    def uuid(self):
        if self.r.random() < 0.4:
            return raw_bytes(self.r.choice(UUID_FILLERS)), None
        text = f"{self.r.getrandbits(128):032x}"
        text = "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])
        return raw_bytes(text), text

    def board(self):
        r = self.r
        maker, made = self.text(self.vendor[0])
        model, modelled = self.text(self.vendor[1])
        serial, known = self.identity()
        uuid, uuid_known = self.uuid()
        size, unit = r.choice([(64, "kB"), (8192, "kB"), (16, "MB"), (32, "MB")])
        self.put(0, "BIOS Information", [("Vendor", b"American Megatrends Inc."), ("Version", b"2.6.7"),
                                         ("Release Date", b"01/13/2022"), ("ROM Size", f"{size} {self.unit(unit)}".encode()),
                                         ("Characteristics", [b"PCI is supported", b"UEFI is supported"])])
        self.truth["firmware"]["bios"] = {"rom_size_bytes": size * UNITS[unit], "release_date": "2022-01-13",
                                          "uefi_supported": True}
        self.put(1, "System Information", [("Manufacturer", maker), ("Product Name", model), ("Version", b"Not Specified"),
                                           ("Serial Number", serial), ("UUID", uuid)])
        self.truth["system"]["system"] = {"manufacturer": made, "model": modelled, "serial_number": known,
                                          "uuid": uuid_known, "version": None}
        for _ in range(r.choice([1, 1, 1, 2, 5])):
            serial, known = self.identity()
            tag, tagged = self.identity()
            handle = self.put(2, "Base Board Information", [("Manufacturer", maker), ("Serial Number", serial),
                                                            ("Asset Tag", tag), ("Type", b"Motherboard")])
            self.truth["baseboards"][self.key(2, handle)] = {"serial_number": known, "asset_tag": tagged}
        serial, known = self.identity()
        handle = self.put(3, "Chassis Information", [("Type", b"Rack Mount Chassis"), ("Serial Number", serial),
                                                     ("Height", b"2 U"), ("Number Of Power Cords", b"Unspecified")])
        self.truth["chassis"][self.key(3, handle)] = {"serial_number": known, "chassis_type": "RackMount", "height_u": 2,
                                                      "power_cord_count": None}

    def processors(self):
        for number in range(self.sockets):
            empty = number > 0 and self.r.random() < 0.3
            name, named = self.text(f"CPU{number + 1}")
            model, modelled = (b"Not Specified", None) if empty else self.text(self.r.choice(PROCESSORS))
            modelled = modelled and re.sub(" +", " ", modelled)
            serial, known = self.identity()
            speed = self.r.choice([2000, 2600, 3900])
            handle = self.put(4, "Processor Information", [
                ("Socket Designation", name), ("Type", b"Central Processor"), ("Family", b"Zen"), ("Version", model),
                ("Voltage", self.r.choice([b"Unknown", b"1.8 V", b"5.0 V 3.3 V"])), ("Max Speed", f"{speed} MHz".encode()),
                ("Current Speed", b"Unknown"), ("Status", b"Unpopulated" if empty else b"Populated, Enabled"),
                ("Serial Number", serial), ("Core Count", None if empty else b"24"),
                ("Characteristics", [b"64-bit capable", b"Multi-Core"])])
            self.truth["processors"][self.key(4, handle)] = {
                "socket": named, "model": modelled, "state": "Absent" if empty else "Enabled", "serial_number": known,
                "max_speed_mhz": speed, "current_speed_mhz": None}

    def unit(self, unit):
        """dmidecode 3.7 writes "GiB"."""
        return unit[0].upper() + "iB" if self.version == "3.7" else unit

    def size(self):
        """(text, bytes or None, state)"""
        r = self.r
        if r.random() < 0.35:
            return r.choice(["No Module Installed", "No Module Installed", "Not Installed"]), None, "Absent"
        if r.random() < 0.05:
            return "Unknown", None, None
        number, unit = r.choice([(512, "kB"), (512, "MB"), (2, "GB"), (16, "GB"), (32, "GB"), (64, "GB"), (1, "TB")])
        if not self.new and unit in ("GB", "TB"):
            number, unit = number * UNITS[unit] // UNITS["MB"], "MB"
        return f"{number} {self.unit(unit)}", number * UNITS[unit], "Enabled"

    def memory(self):
        r = self.r
        uses = [("System Memory", True)] * r.choice([1, 1, 2]) + r.choice([[], [], [("Flash Memory", False)], [("Unknown", None)]])
        for use, is_system in uses:
            correction = r.choice([("Multi-bit ECC", "MultiBitECC"), ("Single-bit ECC", "SingleBitECC"), ("None", "NoECC"),
                                   ("<OUT OF SPEC>", None)])
            count = r.randint(1, 96) if is_system else 1
            array = self.put(16, "Physical Memory Array", [
                ("Location", b"System Board Or Motherboard"), ("Use", use.encode()),
                ("Error Correction Type", correction[0].encode()), ("Maximum Capacity", b"4 " + self.unit("TB").encode()),
                ("Number Of Devices", str(count).encode())])
            self.truth["memory.arrays"][self.key(16, array)] = {
                "error_correction": correction[1], "max_capacity_bytes": 4 << 40, "slots": count}
            # Some firmwares give one handle twice.
            again = array + 0x800 if r.random() < 0.05 else None
            for number in range(count):
                self.module(array, is_system, number, count, again if number < 2 else None)

    def module(self, array, is_system, number, count, handle):
        r = self.r
        size, capacity, state = self.size()
        place = {"socket": number % self.sockets + 1, "socket0": number % self.sockets, "n": number // self.sockets,
                 "letter": chr(65 + number * 8 // max(count, 8) % 8), "all": number}
        locator, located = self.text(self.vendor[2].format(**place))
        serial, known = self.identity()
        maker, made = self.text(r.choice(MAKERS))
        part = r.choice(PARTS)
        speed = r.choice([(f"{n} {'MT/s' if self.new else 'MHz'}", n) for n in (1333, 2400, 3200, 4800)]
                         + [("Unknown", None), ("667 MHz (1.5 ns)", 667)])
        volatile = self.new and state == "Enabled" and r.random() < 0.3
        pairs = [
            ("Array Handle", f"0x{array:04X}".encode()), ("Error Information Handle", b"Not Provided"),
            ("Total Width", b"72 bits"), ("Data Width", r.choice([b"64 bits", b"Unknown"])), ("Size", size.encode()),
            ("Form Factor", r.choice([b"DIMM", b"Die", b"<OUT OF SPEC>"])), ("Set", b"None"), ("Locator", locator),
            ("Bank Locator", self.vendor[3].format(**place).encode()),
            ("Type", r.choice([b"DDR4", b"DDR5", b"DDR3", b"HBM2", b"Logical non-volatile device", b"<OUT OF SPEC>"])),
            ("Type Detail", r.choice([b"Synchronous Registered (Buffered)", b"Non-Volatile LRDIMM", b"None"])),
            ("Speed", speed[0].encode()), ("Manufacturer", maker), ("Serial Number", serial), ("Part Number", part.encode()),
            ("Configured Memory Speed" if self.new else "Configured Clock Speed", speed[0].encode())]
        if volatile:
            pairs += [("Memory Technology", r.choice([b"DRAM", b"NVDIMM-N", b"Intel Optane persistent memory", b"CXL"])),
                      ("Memory Operating Mode Capability", b"Volatile memory Byte-accessible persistent memory"),
                      ("Non-Volatile Size", b"None"), ("Volatile Size", size.encode()), ("Cache Size", b"Unknown"),
                      ("Logical Size", b"None")]
        if r.random() < 0.1:
            r.shuffle(pairs)
        handle = self.put(17, "Memory Device", pairs, handle)
        truth = self.truth["memory.modules"][self.key(17, handle)] = {
            "state": state, "capacity_bytes": capacity, "system_memory": is_system, "locator": located,
            "manufacturer": BY_CODE.get(made, made), "serial_number": known, "part_number": part.strip(), "rated_speed_mts": speed[1],
            "configured_speed_mts": speed[1], "array": f"0x{array:04X}"}
        if volatile:
            truth.update(volatile_size_bytes=capacity, non_volatile_size_bytes=0, cache_size_bytes=None)

    def slots(self):
        for number in range(self.r.choice([0, 1, 6, 12, 40])):
            usage = self.r.choice([("In Use", "Enabled"), ("Available", "Absent"), ("Unknown", None), ("<OUT OF SPEC>", None)])
            address = self.r.choice([None, f"0000:{number:02x}:00.0", "0000:ff:1f.7", "10000:01:00.0"])
            lanes = self.r.choice([4, 8, 16])
            own_line = self.version >= "3.6"  # so is the width
            handle = self.put(9, "System Slot Information", [
                ("Designation", f"PCIe Slot {number}".encode()),
                ("Type", f"{'' if own_line else f'x{lanes} '}PCI Express 4 x16".encode()),
                ("Data Bus Width", f"{lanes}x or x{lanes}".encode() if own_line else None),
                ("Current Usage", usage[0].encode()), ("Length", b'2.5" drive form factor'),
                ("Bus Address", address and address.encode())])
            self.truth["pcie.slots"][self.key(9, handle)] = {
                "designation": f"PCIe Slot {number}", "state": usage[1], "lanes": lanes,
                **({} if address is None else {"bus_address": None if address.endswith("ff:1f.7") else address})}

    def supplies(self):
        for number in range(self.r.choice([0, 1, 2, 2, 4])):
            status = self.r.choice([("Present, OK", "Enabled"), ("Present, Unknown", "Enabled"), ("Not Present", "Absent"),
                                    ("Present, Critical", "Enabled"), ("<OUT OF SPEC>", None)])
            watts = self.r.choice([("750 W", 750), ("Unknown", None)])
            serial, known = self.identity()
            handle = self.put(39, "System Power Supply", [
                ("Power Unit Group", b"1"), ("Location", f"PSU{number}".encode()), ("Name", b"PWR SPLY,750W,RDNT,LTON"),
                ("Serial Number", serial), ("Max Power Capacity", watts[0].encode()), ("Status", status[0].encode()),
                ("Plugged", b"Yes"), ("Hot Replaceable", b"Yes")])
            self.truth["power_supplies"][self.key(39, handle)] = {
                "state": status[1], "power_capacity_watts": watts[1], "serial_number": known, "plugged_in": True}

    def other(self):
        """What is not ours, some of it made to look as if it were."""
        for _ in range(self.r.randint(0, 6)):
            self.put(*self.r.choice([
                (126, "Inactive", []), (11, "OEM Strings", [("String 1", b"Dell System"), ("String 2", b"5[0000]")]),
                (221, "OEM-specific Type", [("Strings", [b"Handle 0x0011, DMI type 17, 40 bytes", b"Size: 8 GB"])]),
                (7, "Cache Information", [("Installed Size", b"640 kB"), ("Speed", b"1 ns")]),
                (41, "Onboard Device", [("Reference Designation", b" Onboard LAN"), ("Bus Address", b"0000:00:19.0")]),
                (126, "Memory Device", [("Size", b"8 GB"), ("Locator", b"INACTIVE")])]))


def render(machine):
    """The text, and how it is broken: None, or a word."""
    r = machine.r
    lost = None
    # Structures of one type stay in their order: their keys may count.
    if r.random() < 0.2:
        order = {kind: r.random() for _, kind, _, _ in machine.structures}
        machine.structures.sort(key=lambda s: order[s[1]])
    old = machine.version == "2.9" and r.random() < 0.4  # as 2.0 to 2.6 did: the type below, no empty lines
    indent = "\t" if old or r.random() < 0.8 else r.choice(["    ", "        "])
    deep = "\t" if old else ""
    lines = [b"# dmidecode " + machine.version.encode(), b"SMBIOS 3.2.1 present.", b""]
    if r.random() < 0.1:
        lines[2:2] = [b"# SMBIOS implementations newer than version 3.1.1 are not",
                      b"# fully supported by this version of dmidecode."]
    for handle, kind, title, pairs in machine.structures + [(0xFEFF, 127, "End Of Table", [])]:
        head = f"Handle 0x{handle:04X}", f"DMI type {kind}, {r.choice([22, 40, 92])} bytes"
        lines += [head[0].encode(), b"\t" + head[1].encode() + b"."] if old else [", ".join(head).encode()]
        lines.append((deep + title).encode())
        for key, value in pairs:
            start = f"{deep}{indent}{key}:".encode()
            if isinstance(value, list):
                lines += [start] + [(deep + indent * 2).encode() + item for item in value]
            else:
                lines.append(start + b" " + value)
        if not old:
            lines.append(b"")
    dirt = r.random()
    if dirt < 0.05:
        lines.append(b"Wrong DMI structures count: 99 announced, only 88 decoded.")
        lost = "complaint"
    elif dirt < 0.1 and not old:
        at = r.choice([i for i, line in enumerate(lines) if line == b"" and i > 3])
        lines[at:at] = [b"\t<TRUNCATED>"]
        lost = "structure"
    elif dirt < 0.15:
        lines[:0] = [b"root@host:~# dmidecode", b""]
    paste = r.choice([b"", b"", b"", b"", b"  "])
    end = r.choice([b"\n", b"\n", b"\n", b"\r\n"])
    return end.join(paste + line if line else line for line in lines) + end, lost


def quiet(data):
    """As dmidecode -q: no handles, no header."""
    heads = (b"Handle ", b"  Handle ", b"#", b"  #", b"SMBIOS ", b"  SMBIOS ", b"\tDMI type ", b"  \tDMI type ")
    return b"\n".join(line for line in data.split(b"\n") if not line.startswith(heads))


def machine(seed):
    made = Machine(seed)
    data, lost = render(made)
    return data, made.truth, lost
