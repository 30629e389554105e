"""Servers unlike the one of machine.py: other chipsets, buses, drives and firmware.

What an audit must find is derived from QEMU's own words and from what its monitor says of the PCI
buses, not written beside them.
"""
import os
import re
import struct

import firmware
import machine

MIB, GIB = machine.MIB, machine.GIB

# Strings of type 1 to 3, and what is no table of QEMU's: modules, supplies, slots.
FIRMWARE = {
    # A small server of 2009: one socket, parallel SCSI and PATA, no PCI Express.
    "old": {
        "type=1": "manufacturer=Drone Systems Inc.,product=PowerDrone 850 G2,version=01,serial=5XK3R1J,sku=0429",
        "type=2": "manufacturer=Drone Systems Inc.,product=0M877N,version=A02,serial=CN1374091M00AB",
        "type=3": "manufacturer=Drone Systems Inc.,version=PD850,serial=5XK3R1J,asset=42-00817",
        "type=4": "manufacturer=Intel(R) Corporation,version=Xeon X3430,max-speed=3200,current-speed=2400",
        "modules": [("DIMM_A1", 2 * GIB, "80CE000080CE", "M391B5673FH0-CH9", "85A1C210"),
                    ("DIMM_A2", None, None, None, None),
                    ("DIMM_B1", 1 * GIB, "802C0000802C", "9JSF12872AZ-1G4D1", "D3220A91")],
        "supplies": [],
        "fru": {"product": {"manufacturer": "Drone", "model": "PowerDrone 850 G2", "serial_number": "5XK3R1J"}},
        "bmc": ("isa-ipmi-bt", 674, 256, 1, 0x54),
    },
    # Two sockets, NVMe with several namespaces, paravirtual SCSI, a BMC on PCI.
    "new": {
        "type=1": "manufacturer=Honeycomb,product=HC-4U Dense,serial=HCD-2023-000017,family=Dense,"
                  "uuid=2f0ab59c-91d3-4f2f-8f07-5d8e7a60b1c4",
        "type=2": "manufacturer=Honeycomb,product=X13-HC,version=1.2,serial=HB230700231",
        "type=3": "manufacturer=Honeycomb,version=4U,serial=C4U0091,sku=4U-24",
        "type=4": "manufacturer=AMD,version=EPYC 9124 16-Core,max-speed=3700,current-speed=3000",
        "modules": [(f"P{n // 12} CH{n % 12:02d} D0", 96 * GIB, "SK Hynix", "HMCGM4MGBRB240N", f"35{n:06X}")
                    for n in range(24)],
        "supplies": [("PSU A", "Nectar", "NX-2400", f"NX24{n:05d}", 2400) for n in range(4)],
        "fru": {"board": {"manufacturer": "Honeycomb", "product": "X13-HC", "serial_number": "HB230700231",
                          "part_number": "X13-HC-1"}},
        "bmc": ("pci-ipmi-kcs", 47488, 2073, 2, 0x09),
    },
    # Many drives on many buses, and no BMC.
    "many": {
        "type=1": "manufacturer=Apiary Labs,product=Storage 24,version=B,serial=AL24-7781",
        "type=2": "manufacturer=Apiary Labs,product=S24-MB,serial=MB7781",
        "type=3": "manufacturer=Apiary Labs,serial=AL24-7781",
        "type=4": "manufacturer=Intel,version=Xeon Silver 4314,max-speed=3400,current-speed=2400",
        "modules": [(f"CPU0_DIMM{c}{n}", 16 * GIB if n == 1 else None, "Micron", "18ASF2G72PZ-3G2E1", f"2E00{c}{n}")
                    for c in "ABCDEFGH" for n in (1, 2)],
        "supplies": [("PWS-920P-SQ", "SUPERMICRO", "PWS-920P-SQ", "P9212CK44MT0281", 920)],
        "fru": None,
        "bmc": None,
    },
}

WORDS = {
    "old": """-machine pc,smbios-entry-point-type=32 -m 1280 -smp 2,sockets=1,cores=1,threads=2 -cpu Nehalem
        -device lsi53c895a,id=lsi,addr=0x05
        -device scsi-hd,bus=lsi.0,scsi-id=3,SIZE=12,vendor=SEAGATE,product=ST373455LC,ver=0003,serial=3LQ0ABCD
        -device scsi-hd,bus=lsi.0,scsi-id=6,SIZE=9,vendor=FUJITSU,product=MAX3036NC,ver=5207,serial=DQA0P6B0
        -device ide-hd,bus=ide.0,unit=0,SIZE=30,model=ST3250310NS,serial=9SF0ZYXW,ver=SN06
        -device ide-hd,bus=ide.0,unit=1,SIZE=31,model=WDC+WD2502ABYS-18B7A0,serial=WD-WCAT1H722109,ver=02.03B04,wwn=0x50014ee1ae3c0d22
        -device piix3-usb-uhci,id=uhci,addr=0x06 -device usb-storage,bus=uhci.0,SIZE=7,serial=AA04012700010134
        -netdev user,id=net0,restrict=on,net=10.0.2.0/24 -device e1000-82545em,netdev=net0,mac=00:19:b9:e5:00:01,addr=0x08
        -netdev user,id=net1,restrict=on,net=10.0.3.0/24 -device rtl8139,netdev=net1,mac=00:e0:4c:00:11:22,addr=0x09
        -device i6300esb,addr=0x0b""",
    "new": """-machine q35,smm=on,smbios-entry-point-type=64 -m 1536 -smp 2,sockets=2,cores=1,threads=1 -cpu EPYC
        -device pcie-root-port,id=p1,addr=0x10,chassis=1,slot=11 -device pcie-root-port,id=p2,addr=0x11,chassis=2,slot=12
        -device pcie-root-port,id=p3,addr=0x12,chassis=3,slot=13 -device pcie-root-port,id=p4,addr=0x13,chassis=4,slot=14
        -device nvme-subsys,id=sub0
        -device nvme,id=nv0,bus=p1,serial=S6CKNT0W501234,subsys=sub0
        -device nvme-ns,bus=nv0,nsid=1,SIZE=64,shared=off -device nvme-ns,bus=nv0,nsid=3,SIZE=24,shared=off
        -device nvme,id=nv1,bus=p2,SIZE=40,serial=PHLN842100QW1P6AGN
        -device pvscsi,id=pv,bus=p3
        -device scsi-hd,bus=pv.0,scsi-id=0,SIZE=33,vendor=HGST,product=HUC101812CSS200,ver=A7J0,serial=03GX2V8A,wwn=0x5000cca0720d1a2c,rotation_rate=10500
        -device scsi-hd,bus=pv.0,scsi-id=2,SIZE=34,vendor=KIOXIA,product=KPM61RUG960G,ver=0103,serial=Y1S0A02FTVA4,wwn=0x58ce38ee2172a1b5,rotation_rate=1
        -device qemu-xhci,id=usb3,addr=0x14 -device usb-uas,id=uas,bus=usb3.0
        -device scsi-hd,bus=uas.0,scsi-id=0,lun=0,SIZE=18,vendor=Samsung,product=PSSD+T7,serial=S5SXNS0R712345K
        -netdev user,id=net0,restrict=on,net=10.0.2.0/24 -device vmxnet3,netdev=net0,mac=3c:ec:ef:0a:bc:01,bus=p4
        -netdev user,id=net1,restrict=on,net=10.0.3.0/24 -device e1000e,netdev=net1,mac=3c:ec:ef:0a:bc:02,addr=0x15
        -netdev user,id=net2,restrict=on,net=10.0.4.0/24 -device virtio-net-pci,netdev=net2,mac=3c:ec:ef:0a:bc:03,addr=0x16""",
    "many": """-machine q35,smm=on -m 1024 -smp 2,sockets=1,cores=2,threads=1
        -device ich9-ahci,id=ahci,addr=0x03
        -device pcie-root-port,id=p1,addr=0x10,chassis=1,slot=1 -device pcie-root-port,id=p2,addr=0x11,chassis=2,slot=2
        -device pcie-pci-bridge,id=bridge,bus=p1 -device lsi53c895a,id=lsi,bus=bridge,addr=0x03
        -device virtio-scsi-pci,id=vs,bus=p2
        -device pci-bridge,id=flat,chassis_nr=9,addr=0x12 -device megasas-gen2,id=raid,bus=flat,addr=0x02
        -netdev user,id=net0,restrict=on,net=10.0.2.0/24 -device virtio-net-pci,netdev=net0,mac=0c:c4:7a:10:00:01,addr=0x13
        -netdev user,id=net1,restrict=on,net=10.0.3.0/24 -device i82559c,netdev=net1,mac=0c:c4:7a:10:00:02,bus=flat,addr=0x03
        -device sdhci-pci,id=sd,addr=0x14 -device sd-card,SIZE=32 """
    + " ".join(f"-device ide-hd,bus=ahci.{n},SIZE={20 + n},model=HGST+HUS726T4TALA6L4,serial=V6G{n}ABCR,ver=VLGNW460,"
               f"wwn=0x5000cca0bcd0000{n},rotation_rate=7200 " for n in range(6))
    + " ".join(f"-device scsi-hd,bus=vs.0,scsi-id={n},SIZE={8 + n},vendor=TOSHIBA,product=AL15SEB18EQY,ver=EF06,"
               f"serial=Y9P0A0{n}FFW,wwn=0x50000398881{n}0101,rotation_rate=10000 " for n in range(4))
    + "-device scsi-cd,bus=vs.0,scsi-id=7 "
    + "-device scsi-hd,bus=lsi.0,scsi-id=2,SIZE=6,vendor=IBM,product=IC35L036UCDY10-0,serial=E3V0DPWB "
    + " ".join(f"-device virtio-blk-pci,SIZE={40 + n},serial=vdisk-{n},addr=0x{0x15 + n:02x} " for n in range(3)),
}


def _values(word):
    """{name: value} of "driver,name=value,..."; a + stands for a blank."""
    pairs = [pair.partition("=") for pair in word.split(",")]
    return {"driver": pairs[0][0], **{name: value.replace("+", " ") for name, _, value in pairs[1:]}}


def devices(name):
    """The options of each -device of a machine; `size` is in bytes, where it is a drive."""
    words = WORDS[name].split()
    for at, word in enumerate(words):
        if word == "-device":
            found = _values(words[at + 1])
            if "SIZE" in found:
                found["size"] = int(found.pop("SIZE")) * MIB
            yield found


def _module(entry):
    locator, size, maker, part, serial = entry
    module = {"locator": locator, "bank_locator": "BANK"}
    if size:
        module.update(
            capacity_bytes=size, manufacturer=maker, part_number=part, serial_number=serial, asset_tag="none yet",
            rated_speed_mts=4800, configured_speed_mts=4400, rank_count=2, data_width_bits=64, total_width_bits=72,
            configured_voltage_volts=1.1,
        )
    return module


def _supply(handle, number, supply):
    """Type 39 (SMBIOS 7.40): present, OK, hot replaceable, its group is the number."""
    text = firmware.Strings()
    location, (name, maker, model, serial, watts) = f"Bay {number}", supply
    names = [text.add(word) for word in (location, name, maker, serial, None, model, "A3")]
    body = struct.pack("<B7BHHHHH", number, *names, watts, 0x11A3, 0xFFFF, 0xFFFF, 0xFFFF)
    return firmware.smbios(39, handle, body, text.list)


def _tables(made):
    modules = [_module(entry) for entry in made["modules"]]
    most = sum(module.get("capacity_bytes", GIB) for module in modules)
    yield firmware.memory_array(0x1000, len(modules), most)
    for number, module in enumerate(modules):
        yield firmware.memory_module(0x1100 + number, 0x1000, module)
    for number, supply in enumerate(made["supplies"]):
        yield _supply(0x2700 + number, number + 1, supply)


def _bmc(folder, made):
    kind, maker, product, first, second = made["bmc"]
    with open(os.path.join(folder, "fru.bin"), "wb") as file:
        file.write(firmware.fru(machine.FRU_SIZE, **made["fru"]))
    return [
        "-device",
        f"ipmi-bmc-sim,id=bmc0,frudatafile={folder}/fru.bin,fruareasize={machine.FRU_SIZE},mfg_id={maker},"
        f"product_id={product},fwrev1={first},fwrev2={second}",
        *("-device", f"{kind},bmc=bmc0"),
    ]


def arguments(folder, name):
    """A machine as words for QEMU; files it needs are made in `folder`."""
    made, words = FIRMWARE[name], []
    for word in WORDS[name].split():
        if "SIZE=" in word:
            drive = f"disk{len(words)}"
            words[-1:] = machine.drive(folder, drive, int(re.search("SIZE=([0-9]+)", word)[1]) * MIB) + ["-device"]
            word = re.sub("SIZE=[0-9]+", f"drive={drive}", word)
        words.append(word.replace("+", " "))
    for kind in ("type=1", "type=2", "type=3", "type=4"):
        words += ["-smbios", f"{kind},{made[kind]}"]
    for number, table in enumerate(_tables(made)):
        path = os.path.join(folder, f"smbios{number}.bin")
        with open(path, "wb") as file:
            file.write(table)
        words += ["-smbios", "file=" + path]
    return words + (_bmc(folder, made) if made["bmc"] else [])


MAKERS = {"80CE": "Samsung", "802C": "Micron"}  # JEP-106: 01-CE, 01-2C, with the parity bit

# What hangs on a controller of these names.
TRANSPORTS = {"ide": "ata", "ahci": "ata", "uas": "usb", "uhci": "usb"}
DISK_CONTROLLERS = (0x0101, 0x0106)  # PCI's classes: IDE, AHCI


def _drive(option, pci):
    """(match, properties) of one drive."""
    rate = option.get("rotation_rate")
    wanted = {"capacity_bytes": option["size"]}
    if option["driver"] == "usb-storage":
        wanted["usb_serial_number"] = option["serial"]
    names = {"model": "model", "product": "model", "ver": "firmware_version", "vendor": "manufacturer", "wwn": "wwn"}
    wanted.update({ours: option[theirs] for theirs, ours in names.items() if theirs in option})
    if rate:
        wanted["rotational"] = rate != "1"
        if rate != "1":
            wanted["rotation_speed_rpm"] = int(rate)
    bus = option.get("bus", "").split(".")[0]
    if bus in pci:
        wanted["controller_pci_address"] = pci[bus]
    if bus in TRANSPORTS:
        wanted["transport"] = TRANSPORTS[bus]
    match = {"serial_number": option["serial"]} if "serial" in option else {"capacity_bytes": option["size"]}
    return match, wanted


def _functions(buses):
    """Each PCI function of query-pci's answer, those behind bridges too."""
    for bus in buses:
        for device in bus["devices"]:
            yield device
            yield from _functions([device["pci_bridge"]] if "devices" in device.get("pci_bridge", {}) else [])


def address(device):
    return f"0000:{device['bus']:02x}:{device['slot']:02x}.{device['function']}"


def expected(name, buses):
    """(title, list of the document, match, properties) of everything that was put in; `buses` by query-pci."""
    made = FIRMWARE[name]
    functions = list(_functions(buses))
    pci = {device["qdev_id"]: address(device) for device in functions if device["qdev_id"]}
    # The chipset's own, for which no name was given.
    pci.update({"ide": address(d) for d in functions if d["class_info"]["class"] in DISK_CONTROLLERS and not d["qdev_id"]})
    pairs = {kind: _values("x," + made[kind]) for kind in ("type=1", "type=2", "type=3", "type=4")}
    names = {"serial": "serial_number", "asset": "asset_tag"}
    for kind, path, more in (("type=1", "system", {"product": "model"}), ("type=2", "baseboards", {}), ("type=3", "chassis", {})):
        wanted = {{**names, **more}.get(key, key): value for key, value in pairs[kind].items() if key != "driver"}
        yield path, path, {}, wanted
    yield "identity", "identity", {}, {"model": pairs["type=1"]["product"], "serial_number": pairs["type=1"]["serial"]}
    sockets = int(re.search("sockets=([0-9]+)", WORDS[name])[1])
    for number in range(sockets):
        yield f"processor {number}", "processors", {"socket": f"CPU {number}"}, {
            "manufacturer": pairs["type=4"]["manufacturer"],
            "model": pairs["type=4"]["version"],
            "max_speed_mhz": int(pairs["type=4"]["max-speed"]),
            "current_speed_mhz": int(pairs["type=4"]["current-speed"]),
            "core_count": int(re.search("cores=([0-9]+)", WORDS[name])[1]),
        }
    for number, entry in enumerate(made["modules"]):
        module = _module(entry)
        full = "capacity_bytes" in module
        module.pop("asset_tag", None)
        if full and module["manufacturer"][:4] in MAKERS:
            module["manufacturer"] = MAKERS[module["manufacturer"][:4]]
        yield f"slot {entry[0]}", "memory.modules", {"key": f"0x{0x1100 + number:04X}"}, {
            **module, "state": "Enabled" if full else "Absent",
        }
    for number, (title, maker, model, serial, watts) in enumerate(made["supplies"]):
        yield f"supply {number + 1}", "power_supplies", {"serial_number": serial}, {
            "manufacturer": maker, "part_number": model, "power_capacity_watts": watts, "location": f"Bay {number + 1}",
        }
    for device in functions:
        yield f"PCI function {address(device)}", "pcie.devices", {"key": address(device)}, {
            "vendor_id": f"0x{device['id']['vendor']:04x}", "device_id": f"0x{device['id']['device']:04x}",
        }
    for option in devices(name):
        if "mac" in option:
            yield f"card {option['mac']}", "network.interfaces", {"permanent_mac_address": option["mac"]}, {
                "mac_address": option["mac"],
            }
        elif option["driver"] == "nvme":
            spaces = [o["size"] for o in devices(name) if o.get("bus") == option["id"]] or [option["size"]]
            yield f"drive {option['serial']}", "storage.drives", {"serial_number": option["serial"]}, {
                "capacity_bytes": sum(spaces), "protocol": "NVMe", "controller_pci_address": pci[option["id"]],
                "namespaces": len(spaces),
            }
        elif "size" in option and option["driver"] != "nvme-ns":
            match, wanted = _drive(option, pci)
            yield f"drive {match}", "storage.drives", match, wanted
    if made["bmc"]:
        _, maker, product, first, second = made["bmc"]
        yield "BMC", "bmc", {}, {
            "manufacturer_id": maker, "product_id": product, "firmware_version": f"{first}.{second:02x}",
        }
        for area, values in made["fru"].items():
            wanted = {f"{area}_{ {'model': 'name', 'product': 'product'}.get(k, k)}": v for k, v in values.items()}
            yield f"FRU's {area}", "fru.devices", {"id": 0}, wanted


def counts(name, buses):
    """How many records each list has; one drive more where it was booted from a stick."""
    drives = [o for o in devices(name) if ("size" in o and o["driver"] != "nvme-ns") or o["driver"] == "nvme"]
    made = FIRMWARE[name]
    return {
        "processors": int(re.search("sockets=([0-9]+)", WORDS[name])[1]),
        "memory.modules": len(made["modules"]),
        "storage.drives": len(drives),
        "pcie.devices": len(list(_functions(buses))),
        "power_supplies": len(made["supplies"]),
        "fru.devices": 1 if made["bmc"] else 0,
        "network.interfaces": sum("mac" in o for o in devices(name)),
    }
