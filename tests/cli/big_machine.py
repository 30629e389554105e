#!/usr/bin/env python3
"""The document of a large server that nobody has to own, as bee audit would write it.

big_machine.py [--dimms 96] [--drives 60] > big.json

Four sockets, a DIMM in all slots but one, two shelves of SAS disks, eight GPUs, six adapters of two
ports, four supplies, and what some of them say that somebody should look at. Fields are those of
doc/fields.md; tests/validate.py takes it.
"""
import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--dimms", type=int, default=96)
parser.add_argument("--drives", type=int, default=60)
args = parser.parse_args()
GIB = 1 << 30
jobs = []
findings = []
firmware = []


def job(name, ms, started, status="ok", reason=None, records=1):
    collector, _, rest = name.partition("/")
    step, _, instance = rest.partition("@")
    entry = {
        "job": name, "collector": collector, "step": step, "status": status, "reason": reason,
        "duration_ms": ms, "started_ms": started, "records": records, "tools": [], "denied": [], "stuck": [],
        "enforced": ["seccomp", "landlock"], "policy_sha256": "ab" * 32,
    }
    if instance:
        entry["instance"] = instance
    jobs.append(entry)
    return entry


def find(severity, rule, kind, key, message, resolution, **evidence):
    findings.append({
        "severity": severity, "id": rule, "component": {"type": kind, "key": key},
        "message": message, "resolution": resolution, "evidence": evidence,
    })


def version(kind, key, prop, group, model, value):
    firmware.append({
        "key": f"{kind}/{key}/{prop}", "component": {"type": kind, "key": key}, "property": prop,
        "class": group, "model": model, "manufacturer": None, "release_date": None, "version": value,
        "src": ["storage/disks"],
    })


def modules():
    for i in range(args.dimms):
        socket, channel, slot = i // 24 + 1, "ABCDEFGHIJKL"[i % 24 // 2], i % 2
        module = {
            "key": f"0x{0x1100 + i:04x}", "locator": f"DIMM {channel}{slot}",
            "bank_locator": f"P{socket} CHANNEL {channel}", "src": ["memory/dmi"], "system_memory": True,
        }
        if i == 95:
            module["state"] = "Absent"
        else:
            module.update({
                "state": "Enabled", "capacity_bytes": 64 * GIB, "memory_device_type": "DDR5",
                "configured_speed_mts": 4800, "rated_speed_mts": 5600, "manufacturer": "Example",
                "part_number": "EX64G5600R", "serial_number": f"D{i:07d}", "form_factor": "DIMM",
                "corrected_error_count": 31 if i == 17 else 0, "uncorrected_error_count": 0,
                "health_rollup": "Warning" if i == 17 else "OK",
            })
        yield module


def drives():
    for i in range(args.drives):
        name = "sd" + (chr(97 + i) if i < 26 else chr(96 + i // 26) + chr(97 + i % 26))
        shelf, slot = divmod(i, 30)
        sick = i == 41
        job(f"storage/smart@{name}", 900 + 13 * i, 120 + 4 * i)
        version("storage.drives", name, "firmware_version", "Drive", "EXHDD 22T", "EN03")
        yield {
            "key": name, "model": "EXHDD 22T", "manufacturer": "EXAMPLE", "serial_number": f"HD{i:08d}",
            "capacity_bytes": 22000969973760, "protocol": "SAS", "media_type": "HDD",
            "firmware_version": "EN03", "wwn": f"0x5000c500{i:08x}", "hctl": f"{shelf}:0:{slot}:0",
            "temperature_celsius": 34 + i % 5, "power_on_hours": 12000 + i, "power_cycles": 12,
            "predicted_media_life_left_percent": None, "data_written_bytes": 10**13 + i,
            "enclosure": f"{shelf}:0:30:0", "enclosure_slot": slot, "enclosure_slot_name": f"Slot {slot:02d}",
            "controller_pci_address": "0000:05:00.0", "transport_address": f"0x5000c501{i:08x}",
            "health": "Critical" if sick else "OK", "health_rollup": "Critical" if sick else "OK",
            "src": ["storage/disks", f"storage/smart@{name}"], "state": "Enabled",
        }


def pcie():
    bus = 0x10
    for root in range(8):
        port = f"0000:{bus:02x}:00.0"
        yield {"key": port, "class": "PCI bridge", "class_code": "0x060400", "model": "Root Port",
               "manufacturer": "Example", "vendor_id": "0x8086", "device_id": "0x347a", "src": ["pcie/sysfs"],
               "link_speed_gtps": 32.0, "link_width_lanes": 16, "max_link_speed_gtps": 32.0,
               "max_link_width_lanes": 16, "numa_node": root // 2, "driver": "pcieport", "physical_slot": str(root + 1)}
        yield {"key": f"0000:{bus + 1:02x}:00.0", "class": "3D controller", "class_code": "0x030200",
               "model": "EX100 80GB", "manufacturer": "NVIDIA", "vendor_id": "0x10de", "device_id": "0x2330",
               "upstream_port": port, "link_speed_gtps": 32.0, "link_width_lanes": 8 if root == 3 else 16,
               "max_link_speed_gtps": 32.0, "max_link_width_lanes": 16, "numa_node": root // 2,
               "driver": "nvidia", "src": ["pcie/sysfs"], "health_rollup": "Warning" if root == 3 else "OK"}
        for function in range(2):
            yield {"key": f"0000:{bus + 2:02x}:00.{function}", "class": "Ethernet controller",
                   "class_code": "0x020000", "model": "EXNIC 100G", "manufacturer": "Example", "vendor_id": "0x15b3",
                   "device_id": "0x1017", "upstream_port": port, "link_speed_gtps": 16.0, "link_width_lanes": 8,
                   "max_link_speed_gtps": 16.0, "max_link_width_lanes": 8, "numa_node": root // 2,
                   "driver": "mlx5_core", "src": ["pcie/sysfs"], "health_rollup": "OK"}
        bus += 8
    for i in range(120):
        yield {"key": f"0000:{0xf0 + i // 32:02x}:{i % 32:02x}.0", "class": "System peripheral",
               "class_code": "0x088000", "model": "Uncore", "manufacturer": "Example", "vendor_id": "0x8086",
               "device_id": "0x3251", "numa_node": 0, "src": ["pcie/sysfs"]}
    yield {"key": "0000:05:00.0", "class": "Serial Attached SCSI controller", "class_code": "0x010700",
           "model": "EXHBA 9500", "manufacturer": "Example", "vendor_id": "0x1000", "device_id": "0x00e6",
           "link_speed_gtps": 16.0, "link_width_lanes": 8, "max_link_speed_gtps": 16.0,
           "max_link_width_lanes": 8, "driver": "mpt3sas", "numa_node": 0, "src": ["pcie/sysfs"]}


def interfaces():
    for root in range(6):
        for port in range(2):
            address = f"0000:{0x12 + 8 * root:02x}:00.{port}"
            name = f"enp{root}f{port}"
            version("network.interfaces", name, "firmware_version", "NIC", "EXNIC 100G", "22.41.1000")
            yield {"key": name, "pci_address": address, "driver": "mlx5_core", "driver_version": "6.1.0",
                   "firmware_version": "22.41.1000", "permanent_mac_address": f"02:00:5e:00:{root:02x}:{port:02x}",
                   "mac_address": f"02:00:5e:00:{root:02x}:{port:02x}", "link_status": "LinkUp", "speed_gbps": 100.0,
                   "max_speed_gbps": 100.0, "mtu_bytes": 9000, "received_packets": 10**9 + port,
                   "sent_packets": 10**9, "receive_errors": 0, "send_errors": 0, "health_rollup": "OK",
                   "src": ["network/sysfs"]}


def gpus():
    for i in range(8):
        key = f"0000:{0x11 + 8 * i:02x}:00.0"
        version("gpus", key, "vbios_version", "VBIOS", "EX100 80GB", "96.00.74.00.01")
        yield {"key": key, "model": "EX100 80GB", "manufacturer": "NVIDIA", "serial_number": f"165{i:010d}",
               "uuid": f"GPU-00000000-0000-0000-0000-{i:012d}", "vbios_version": "96.00.74.00.01",
               "memory_bytes": 80 * GIB, "temperature_celsius": 41 + i, "power_watts": 70.5 + i,
               "link_width_lanes": 8 if i == 3 else 16, "max_link_width_lanes": 16,
               "driver_version": "550.54.15", "health_rollup": "Warning" if i == 3 else "OK", "src": ["nvidia/smi"]}


def supplies():
    for i in range(4):
        yield {"key": f"fru{i + 1}", "name": f"PSU{i + 1}", "location": f"PSU{i + 1}", "manufacturer": "Example",
               "model": "EXP-3000", "part_number": "EXP3000-1", "serial_number": f"PS{i:06d}",
               "power_capacity_watts": 3000, "state": "Enabled", "plugged_in": True, "health": "OK",
               "health_rollup": "OK", "src": ["psu/fru"]}


for name, ms in (("board/dmi", 31), ("cpu/dmi", 30), ("memory/dmi", 33), ("psu/fru", 6200),
                 ("storage/disks", 12), ("pcie/sysfs", 80), ("network/sysfs", 9), ("kernel/log", 55),
                 ("sensors/hwmon@hwmon0", 340), ("usb/ids", 4)):
    job(name, ms, 90)
job("tpm/sysfs", 3, 95, "absent", "there is no /sys/class/tpm/tpm0", 0)
job("nvidia/smi", 27400, 95, "timeout", "ended after 27.4 s", 8)
stuck = job("raid/storcli", 29500, 100, "stuck", "pid 4711 was not reaped after KILL and grace", 0)
stuck["stuck"] = [{"comm": "storcli64", "pid": 4711, "starttime": 99, "state": "D", "wchan": "blk_execute_rq",
                   "stack": ["blk_execute_rq", "sg_io", "scsi_ioctl"]}]
find("Critical", "drive-failing", "storage.drives", "sdap", "the drive says that it is failing",
     "Back up what is on it; replace the drive.", reallocated_sector_count=2048)
find("Warning", "memory-corrected", "memory.modules", "0x1111", "31 errors were corrected in this module",
     "Watch it; replace the module where the number grows.", corrected_error_count=31)
find("Warning", "gpu-link-narrow", "gpus", "0000:29:00.0", "8 lanes of 16", "Reseat the card, then its riser.",
     link_width_lanes=8, max_link_width_lanes=16)
find("OK", "memory-below-rated-speed", "memory.modules", None, "modules for 5600 MT/s run at 4800 MT/s",
     "Nothing: processor, population and firmware decide the speed.", rated_speed_mts=5600)
all_drives = list(drives())
version("firmware", None, "version", "BIOS", "EX-4S", "3.1a")
version("bmc", None, "firmware_version", "BMC", None, "12.65.04")
document = {
    "schema_version": "1.0",
    "audit": {"version": "0.1.0", "started": "2026-11-29T06:00:00.000Z", "duration_ms": 29640, "timeout_ms": 30000,
              "complete": False, "interrupted": None, "replay": False, "kernel": "6.1.0-44-amd64",
              "machine": "x86_64", "boot_id": "11111111-2222-3333-4444-555555555555", "jobs": 64, "landlock_abi": 2,
              "cgroup": "v2", "policy_dir": "/usr/local/share/bee/policy", "only": None, "with": ["raid"],
              "stopped_ms": 0},
    "identity": {"manufacturer": "Example", "model": "EX-4S 96", "serial_number": "EXBIG00001",
                 "uuid": "00000000-0000-4000-8000-000000000001",
                 "sources": {"manufacturer": "system", "model": "system", "serial_number": "system",
                             "uuid": "system"}},
    "system": {"manufacturer": "Example", "model": "EX-4S 96", "serial_number": "EXBIG00001",
               "uuid": "00000000-0000-4000-8000-000000000001", "src": ["board/dmi"]},
    "firmware": {"version": "3.1a", "release_date": "2026-03-01", "src": ["board/dmi"]},
    "bmc": {"firmware_version": "12.65.04", "ipmi_version": "2.0", "src": ["psu/fru"]},
    "chassis": [{"key": "0x0003", "manufacturer": "Example", "serial_number": "EXCH00001", "height_u": 4,
                 "chassis_type": "RackMount", "src": ["board/dmi"]}],
    "baseboards": [{"key": "0x0002", "manufacturer": "Example", "product": "EX-BOARD", "type": "Motherboard",
                    "serial_number": "EXBB00001", "src": ["board/dmi"]}],
    "processors": [{"key": f"0x{0x400 + i:04x}", "socket": f"P{i + 1}", "model": "Example 9654", "state": "Enabled",
                    "core_count": 96, "core_enabled": 96, "thread_count": 192, "manufacturer": "Example",
                    "src": ["cpu/dmi"]} for i in range(4)],
    "memory": {"modules": list(modules())},
    "storage": {"drives": sorted(all_drives, key=lambda d: d["key"]),
                "enclosures": [{"key": f"{s}:0:30:0", "id": f"0x5000c502{s:08x}", "manufacturer": "EXAMPLE",
                                "model": "SHELF30", "revision": "0102", "src": ["storage/disks"],
                                "slots": [{"name": f"Slot {i:02d}", "slot": i, "status": "OK", "fault": False,
                                           "drive": None} for i in range(30)]} for s in range(2)]},
    "pcie": {"devices": sorted(pcie(), key=lambda d: d["key"])},
    "network": {"interfaces": sorted(interfaces(), key=lambda d: d["key"])},
    "gpus": list(gpus()),
    "power_supplies": list(supplies()),
    "sensors": [{"key": f"hwmon0/temp{i:03d}", "name": f"DIMM {i} temperature", "type": "temperature",
                 "reading_celsius": 40 + i % 9, "upper_critical_celsius": 85, "health_rollup": "OK",
                 "src": ["sensors/hwmon@hwmon0"]} for i in range(150)],
    "firmware_inventory": sorted(firmware, key=lambda f: f["key"]),
    "findings": findings,
    "health": {"rollup": "Critical", "findings": {"Critical": 1, "Warning": 2, "OK": 1}, "components": {},
               "unassessed": ["nvidia/smi", "raid/storcli"]},
    "collectors": jobs,
    "errors": [],
}
print(json.dumps(document, indent=1, sort_keys=True))
