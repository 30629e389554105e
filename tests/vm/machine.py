"""The virtual machine as one table: QEMU's command line and what an audit must find."""
import os

import firmware

MIB = 1 << 20
GIB = 1 << 30

SYSTEM = {
    "manufacturer": "Beeworks",
    "model": "Hive 2200",
    "version": "Rev C",
    "serial_number": "HIVE0042",
    "uuid": "6b1f0f9c-1d1e-4c1b-9a53-0c0ffee0bee5",
    "sku": "HV-2200-C",
    "family": "Hive",
}
FIRMWARE = {
    "vendor": "Beeworks Firmware",
    "version": "2.17.4",
    "release_date": "2023-09-08",
    "bios_revision": "5.14",
}
BASEBOARD = {
    "manufacturer": "Beeworks",
    "product": "HB-22",
    "version": "1.04",
    "serial_number": "BRD778899",
    "asset_tag": "board-asset",
}
CHASSIS = {
    "manufacturer": "Beeworks",
    "version": "2U",
    "serial_number": "CHS112233",
    "asset_tag": "rack-7-12",
    "sku": "HC-2U",
}
PROCESSOR = {
    "manufacturer": "Beeworks Silicon",
    "model": "Stinger 7702",
    "serial_number": "CPUSER1",
    "asset_tag": "cpu-asset",
    "part_number": "ST-7702",
    "max_speed_mhz": 3350,
    "current_speed_mhz": 2000,
    "core_count": 1,
    "thread_count": 1,
    "state": "Enabled",
}
SOCKETS = 2


def _module(slot, full):
    module = {
        "locator": f"P{slot // 4}_DIMM_{'ABCD'[slot % 4]}",
        "bank_locator": f"BANK {slot}",
    }
    if full:
        module.update(
            capacity_bytes=32 * GIB,
            manufacturer="Comb Memory",
            serial_number=f"DIMM{slot:04d}",
            asset_tag=f"dimm-asset-{slot}",
            part_number="CM32G4R3200",
            rated_speed_mts=3200,
            configured_speed_mts=2933,
            rank_count=2,
            data_width_bits=64,
            total_width_bits=72,
            configured_voltage_volts=1.2,
        )
    return module


MODULES = [_module(slot, slot % 2 == 0) for slot in range(8)]
ARRAY = {
    "slots": 8,
    "max_capacity_bytes": 2048 * GIB,
    "error_correction": "MultiBitECC",
}

# PCI addresses: the slot on bus 0 is on the command line, the buses follow from SeaBIOS
# numbering them in the order of the slots.
NVME = [
    {"serial_number": "NVMEBEE0001", "size": 48 * MIB, "bus": "rp0", "pci": "0000:01:00.0"},
    {"serial_number": "NVMEBEE0002", "size": 32 * MIB, "bus": "ds0", "pci": "0000:04:00.0"},
]
SATA = [
    {
        "model": "BEE SATA HDD LONGNAME 40GB",
        "serial_number": "SATA0001HDD",
        "firmware_version": "HD40.1",
        "wwn": "0x5000c500a1b2c3d1",
        "rotation_rate_rpm": 7200,
        "size": 40 * MIB,
    },
    {
        "model": "BEE SATA SSD 24",
        "serial_number": "SATA0002SSD",
        "firmware_version": "SS24.2",
        "wwn": "0x5000c500a1b2c3d2",
        "rotation_rate_rpm": 0,
        "size": 24 * MIB,
    },
]
AHCI = "0000:00:1f.2"
# Disks on virtio-scsi ("vs") and on the SAS HBA ("sas").
SCSI = [
    {
        "id": "scsi0",
        "hba": "vs",
        "manufacturer": "BEEVS",
        "model": "VDISK-A",
        "serial_number": "VSCSI0001",
        "revision": "1.01",
        "wwn": "0x5000c500b0000001",
        "rotation_rate_rpm": 15000,
        "size": 36 * MIB,
    },
    {
        "id": "scsi1",
        "hba": "vs",
        "manufacturer": "BEEVS",
        "model": "VDISK-B",
        "serial_number": "VSCSI0002",
        "revision": "1.02",
        "wwn": "0x5000c500b0000002",
        "rotation_rate_rpm": 0,
        "size": 28 * MIB,
    },
    {
        "id": "sas0",
        "hba": "sas",
        "scsi_id": 0,  # QEMU lists any other one under a number that it does not answer to
        "manufacturer": "BEESAS",
        "model": "RAIDDISK-C",
        "serial_number": "SAS00000003",
        "revision": "3.03",
        "wwn": "0x5000c500c0000003",
        "size": 44 * MIB,
    },
]
HBA_PCI = {"vs": "0000:00:03.0", "sas": "0000:00:04.0"}
USB = {"serial_number": "USBSTICK01", "size": 16 * MIB}
VIRTIO = {"serial_number": "VIRTBLK0001", "size": 20 * MIB, "pci": "0000:00:06.0"}
NICS = [
    {"device": "e1000e", "mac": "52:54:00:be:e0:01", "bus": "ds1", "pci": "0000:05:00.0", "driver": "e1000e"},
    {"device": "virtio-net-pci", "mac": "52:54:00:be:e0:02", "bus": None, "pci": "0000:00:07.0", "driver": "virtio_net"},
]

# What stands in the PCI devices of this machine, by address.
PCI = {
    "0000:00:00.0": {"vendor_id": "8086", "device_id": "29c0"},
    "0000:00:03.0": {"vendor_id": "1af4", "device_id": "1004", "driver": "virtio-pci"},
    "0000:00:04.0": {"vendor_id": "1000", "device_id": "0060", "driver": "megaraid_sas"},
    "0000:00:05.0": {"vendor_id": "1b36", "device_id": "000d", "driver": "xhci_hcd"},
    "0000:00:06.0": {"vendor_id": "1af4", "device_id": "1001", "driver": "virtio-pci"},
    "0000:00:07.0": {"vendor_id": "1af4", "device_id": "1000", "driver": "virtio-pci"},
    "0000:00:10.0": {"vendor_id": "1b36", "device_id": "000c", "driver": "pcieport"},
    "0000:00:11.0": {"vendor_id": "1b36", "device_id": "000c", "driver": "pcieport"},
    "0000:00:1f.2": {"vendor_id": "8086", "device_id": "2922", "driver": "ahci"},
    "0000:01:00.0": {"vendor_id": "1b36", "device_id": "0010", "driver": "nvme"},
    "0000:02:00.0": {"vendor_id": "104c", "device_id": "8232", "driver": "pcieport"},
    "0000:03:00.0": {"vendor_id": "104c", "device_id": "8233", "driver": "pcieport"},
    "0000:03:01.0": {"vendor_id": "104c", "device_id": "8233", "driver": "pcieport"},
    "0000:04:00.0": {"vendor_id": "1b36", "device_id": "0010", "driver": "nvme"},
    "0000:05:00.0": {"vendor_id": "8086", "device_id": "10d3", "driver": "e1000e"},
}
# A root port for sixteen lanes of 8 GT/s with a drive behind it that has one of 2.5 GT/s.
NARROW = {
    "address": "0000:00:10.0",
    "max_link_speed_gtps": 8,
    "max_link_width_lanes": 16,
    "current_link_speed_gtps": 2.5,
    "current_link_width_lanes": 1,
}

UPSTREAM = {
    "0000:01:00.0": "0000:00:10.0",
    "0000:02:00.0": "0000:00:11.0",
    "0000:03:00.0": "0000:02:00.0",
    "0000:04:00.0": "0000:03:00.0",
    "0000:05:00.0": "0000:03:01.0",
}

BMC = {"mfg_id": 0xBEE, "product_id": 0x2200, "version": "3.45"}
FRU_SIZE = 512
BMC_FRU = {
    "chassis": {"part_number": "HC-2U", "serial_number": "CHS112233"},
    "board": {
        "manufacturer": "Beeworks",
        "product": "HB-22",
        "serial_number": "BRD778899",
        "part_number": "HB-22-P",
    },
    "product": {"manufacturer": "Beeworks", "model": "Hive 2200", "serial_number": "HIVE0042"},
}
SUPPLIES = [
    {
        "name": f"PSU{n + 1}",
        "manufacturer": "Nectar Power",
        "model": "NP-1600T",
        "part_number": "NP1600-2",
        "version": "B1",
        "serial_number": f"PSUSER000{n + 1}",
        "power_capacity_watts": 1600,
    }
    for n in range(2)
]


def _options(table, names):
    """name=value pairs for a QEMU option; QEMU doubles a comma inside a value."""
    return "".join(
        f",{option}={str(table[name]).replace(',', ',,')}" for name, option in names.items()
    )


def drive(folder, name, size):
    """A raw image with no holes to fill and a host node `name` for it."""
    path = os.path.join(folder, name + ".img")
    with open(path, "wb") as file:
        file.truncate(size)
    return ["-drive", f"if=none,id={name},file={path},format=raw,cache=unsafe"]


def _rotation(disk):
    """1 is a medium that does not rotate (ATA8-ACS word 217, SBC-3 VPD page B1h)."""
    rate = disk.get("rotation_rate_rpm")
    return "" if rate is None else f",rotation_rate={rate or 1}"


def _smbios(folder):
    year, month, day = FIRMWARE["release_date"].split("-")
    same = {n: n for n in ("manufacturer", "version")}
    tagged = {"serial_number": "serial", "asset_tag": "asset"}
    arguments = [
        f"type=0,date={month}/{day}/{year},uefi=off"
        + _options(FIRMWARE, {"vendor": "vendor", "version": "version", "bios_revision": "release"}),
        "type=1"
        + _options(
            SYSTEM,
            {
                **same,
                "model": "product",
                "serial_number": "serial",
                "uuid": "uuid",
                "sku": "sku",
                "family": "family",
            },
        ),
        "type=2" + _options(BASEBOARD, {**same, **tagged, "product": "product"}),
        "type=3" + _options(CHASSIS, {**same, **tagged, "sku": "sku"}),
        "type=4,sock_pfx=CPU"
        + _options(
            PROCESSOR,
            {
                **tagged,
                "manufacturer": "manufacturer",
                "model": "version",
                "part_number": "part",
                "max_speed_mhz": "max-speed",
                "current_speed_mhz": "current-speed",
            },
        ),
    ]
    tables = [firmware.memory_array(0x1000, len(MODULES), ARRAY["max_capacity_bytes"])]
    tables += [firmware.memory_module(0x1100 + n, 0x1000, m) for n, m in enumerate(MODULES)]
    for number, table in enumerate(tables):
        path = os.path.join(folder, f"smbios{number}.bin")
        with open(path, "wb") as file:
            file.write(table)
        arguments.append("file=" + path)
    return [word for argument in arguments for word in ("-smbios", argument)]


def _bmc(folder):
    frus = firmware.fru(FRU_SIZE, **BMC_FRU)
    sdrs = b""
    for number, supply in enumerate(SUPPLIES):
        frus += firmware.fru(FRU_SIZE, product=supply, watts=supply["power_capacity_watts"])
        # Entity 0Ah is a power supply (IPMI 2.0, table 43-13).
        sdrs += firmware.sdr_fru(number + 1, 0x0A, number + 1, supply["name"])
    for name, data in (("fru.bin", frus), ("sdr.bin", sdrs)):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    return [
        "-device",
        f"ipmi-bmc-sim,id=bmc0,frudatafile={folder}/fru.bin,fruareasize={FRU_SIZE},"
        f"sdrfile={folder}/sdr.bin,mfg_id={BMC['mfg_id']},product_id={BMC['product_id']},"
        # The second half is BCD (IPMI 2.0, 20.1).
        "fwrev1={},fwrev2=0x{}".format(*BMC["version"].split(".")),
        *("-device", "isa-ipmi-kcs,bmc=bmc0"),
    ]


def arguments(folder, bmc=True):
    """The machine as words for QEMU; files it needs are made in `folder`."""
    words = [
        *("-machine", "q35,smbios-entry-point-type=64"),
        *("-m", "1024", "-smp", f"{SOCKETS},sockets={SOCKETS},cores=1,threads=1"),
        *("-object", "memory-backend-ram,id=m0,size=512M"),
        *("-object", "memory-backend-ram,id=m1,size=512M"),
        *("-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1"),
        *("-device", "virtio-serial-pci,addr=0x02", "-device", "virtserialport,chardev=bee,name=bee"),
        *("-device", "virtio-scsi-pci,id=vs,addr=0x03"),
        *("-device", "megasas,id=sas,addr=0x04"),
        *("-device", "qemu-xhci,id=usb,addr=0x05"),
        *("-device", "pcie-root-port,id=rp0,addr=0x10,chassis=1,slot=1,x-speed=8,x-width=16"),
        *("-device", "pcie-root-port,id=rp1,addr=0x11,chassis=2,slot=2,x-speed=8,x-width=8"),
        *("-device", "x3130-upstream,id=up0,bus=rp1"),
        *("-device", "xio3130-downstream,id=ds0,bus=up0,addr=0x0,chassis=3,slot=3"),
        *("-device", "xio3130-downstream,id=ds1,bus=up0,addr=0x1,chassis=4,slot=4"),
    ]
    words += _smbios(folder)
    for number, disk in enumerate(NVME):
        name = f"nvme{number}"
        words += drive(folder, name, disk["size"])
        words += [
            "-device",
            f"nvme,id=dev-{name},drive={name},bus={disk['bus']}"
            + _options(disk, {"serial_number": "serial"}),
        ]
    for number, disk in enumerate(SATA):
        name = f"sata{number}"
        words += drive(folder, name, disk["size"])
        words += [
            "-device",
            f"ide-hd,id=dev-{name},drive={name},bus=ide.{number}"
            + _rotation(disk)
            + _options(
                disk,
                {
                    "model": "model",
                    "serial_number": "serial",
                    "firmware_version": "ver",
                    "wwn": "wwn",
                },
            ),
        ]
    for number, disk in enumerate(SCSI):
        words += drive(folder, disk["id"], disk["size"])
        words += [
            "-device",
            f"scsi-hd,id=dev-{disk['id']},drive={disk['id']},bus={disk['hba']}.0,"
            f"scsi-id={disk.get('scsi_id', number)}"
            + _rotation(disk)
            + _options(
                disk,
                {
                    "manufacturer": "vendor",
                    "model": "product",
                    "serial_number": "serial",
                    "revision": "ver",
                    "wwn": "wwn",
                },
            ),
        ]
    words += drive(folder, "usb0", USB["size"])
    words += ["-device", "usb-storage,bus=usb.0,drive=usb0,serial=" + USB["serial_number"]]
    words += drive(folder, "blk0", VIRTIO["size"])
    words += ["-device", "virtio-blk-pci,addr=0x06,drive=blk0,serial=" + VIRTIO["serial_number"]]
    words += ["-device", "ide-cd,bus=ide.2"]
    for number, nic in enumerate(NICS):
        where = f",bus={nic['bus']}" if nic["bus"] else ",addr=0x07"
        words += [
            *("-netdev", f"user,id=net{number},restrict=on,net=10.0.{number + 2}.0/24"),
            *("-device", f"{nic['device']},netdev=net{number},mac={nic['mac']}{where}"),
        ]
    return words + (_bmc(folder) if bmc else [])


def _drives():
    """(title, match, properties) of every drive."""
    for disk in NVME:
        yield f"NVMe drive {disk['serial_number']}", {"serial_number": disk["serial_number"]}, {
            "model": "QEMU NVMe Ctrl",
            "protocol": "NVMe",
            "transport": "pcie",
            "media_type": "SSD",
            "capacity_bytes": disk["size"],
            "controller_pci_address": disk["pci"],
            "health": "OK",
            "state": "Enabled",
            # QEMU answers 323 K whatever the machine is.
            "temperature_celsius": 50,
        }
    for disk in SATA:
        rate = disk["rotation_rate_rpm"]
        yield f"SATA disk {disk['serial_number']}", {"serial_number": disk["serial_number"]}, {
            **{n: disk[n] for n in ("model", "firmware_version", "wwn")},
            "protocol": "SATA",
            "transport": "ata",
            "media_type": "HDD" if rate else "SSD",
            "rotation_speed_rpm": rate or None,
            "rotational": bool(rate),
            "capacity_bytes": disk["size"],
            "controller_pci_address": AHCI,
            "health": "OK",
            "state": "Enabled",
            "removable": False,
            # As QEMU's SMART attributes say.
            "temperature_celsius": 31,
            "power_on_hours": 1,
        }
    for number, disk in enumerate(SCSI):
        wanted = {n: disk[n] for n in ("manufacturer", "model", "revision", "wwn")}
        if "rotation_rate_rpm" in disk:
            wanted["rotational"] = disk["rotation_rate_rpm"] != 0
        if disk.get("rotation_rate_rpm"):
            wanted["rotation_speed_rpm"] = disk["rotation_rate_rpm"]
        yield f"SCSI disk {disk['serial_number']}", {"serial_number": disk["serial_number"]}, {
            **wanted,
            "firmware_version": disk["revision"],
            "capacity_bytes": disk["size"],
            "controller_pci_address": HBA_PCI[disk["hba"]],
            "state": "Enabled",
        }
    yield "USB disk", {"transport": "usb"}, {
        "capacity_bytes": USB["size"],
        "protocol": "USB",
        "controller_pci_address": "0000:00:05.0",
    }
    yield "virtio disk", {"key": "vda"}, {
        "capacity_bytes": VIRTIO["size"],
        "transport": "virtio",
        "controller_pci_address": VIRTIO["pci"],
    }


def expected(bmc=True):
    """(title, list of the document, match, properties) of everything that was put in."""
    yield "system", "system", {}, SYSTEM
    yield "firmware", "firmware", {}, {**FIRMWARE, "smbios_version": "3.0.0"}
    yield "board", "baseboards", {}, BASEBOARD
    yield "chassis", "chassis", {}, CHASSIS
    yield "identity", "identity", {}, {
        n: SYSTEM[n] for n in ("manufacturer", "model", "serial_number", "uuid")
    }
    for number in range(SOCKETS):
        yield f"processor {number}", "processors", {"socket": f"CPU {number}"}, PROCESSOR
    yield "memory array", "memory.arrays", {"key": "0x1000"}, ARRAY
    for number, module in enumerate(MODULES):
        full = "capacity_bytes" in module
        extra = {"memory_device_type": "DDR4", "state": "Enabled"} if full else {"state": "Absent"}
        yield f"slot {module['locator']}", "memory.modules", {"key": f"0x{0x1100 + number:04X}"}, {
            **module,
            **extra,
            "array": "0x1000",
            "system_memory": True,
        }
    for title, match, wanted in _drives():
        yield title, "storage.drives", match, wanted
    for address, wanted in PCI.items():
        yield f"PCI function {address}", "pcie.devices", {"key": address}, {
            **wanted,
            **{n: "0x" + wanted[n] for n in ("vendor_id", "device_id")},
        }
    yield "link narrower than its port", "pcie.devices", {"key": NARROW["address"]}, {
        "link_speed_gtps": NARROW["current_link_speed_gtps"],
        "link_width_lanes": NARROW["current_link_width_lanes"],
        "max_link_speed_gtps": NARROW["max_link_speed_gtps"],
        "max_link_width_lanes": NARROW["max_link_width_lanes"],
    }
    for address, port in UPSTREAM.items():
        yield f"port above {address}", "pcie.devices", {"key": address}, {"upstream_port": port}
    for nic in NICS:
        yield f"network interface {nic['mac']}", "network.interfaces", {
            "permanent_mac_address": nic["mac"]
        }, {"pci_address": nic["pci"], "driver": nic["driver"], "mac_address": nic["mac"]}
    yield "USB stick", "usb.devices", {"serial_number": USB["serial_number"]}, {
        "vendor_id": "0x46f4",
        "product_id": "0x0001",
        "controller_pci_address": "0000:00:05.0",
    }
    if bmc:
        yield from _behind_bmc()


def _behind_bmc():
    yield "BMC", "bmc", {}, {
        "manufacturer_id": BMC["mfg_id"],
        "product_id": BMC["product_id"],
        "firmware_version": BMC["version"],
        "ipmi_version": "2.0",
    }
    yield "FRU of the system", "fru.devices", {"id": 0}, {
        **{"chassis_" + n: v for n, v in BMC_FRU["chassis"].items()},
        **{"board_" + n: v for n, v in BMC_FRU["board"].items()},
        "product_manufacturer": BMC_FRU["product"]["manufacturer"],
        "product_name": BMC_FRU["product"]["model"],
        "product_serial_number": BMC_FRU["product"]["serial_number"],
    }
    for supply in SUPPLIES:
        yield f"supply {supply['name']}", "power_supplies", {"name": supply["name"]}, {
            **supply,
            "state": "Enabled",
        }


def counts(bmc=True):
    """How many records each list has; nothing else may be in it."""
    return {
        "processors": SOCKETS,
        "memory.modules": len(MODULES),
        "memory.arrays": 1,
        "storage.drives": len(NVME) + len(SATA) + len(SCSI) + 2,
        # And the console this test speaks through, and two functions of ICH9.
        "pcie.devices": len(PCI) + 3,
        "power_supplies": len(SUPPLIES) if bmc else 0,
        "fru.devices": len(SUPPLIES) + 1 if bmc else 0,
        "usb.devices": 1,
    }
