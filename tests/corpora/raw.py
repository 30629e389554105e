"""What the raw outputs say, read by other means than the collectors."""
import json
import re
import subprocess

# dmidecode's words for "there is none"; collectors turn them into null.
NOTHING = {"", "Unknown", "Unspecified", "Not Specified", "Not Provided", "None", "Not Settable",
           "No Module Installed", "Not Installed", "Other", "Unknown Type"}
# Serial numbers nobody has: what people leave there.
PLACEHOLDER = re.compile(
    r"^(0x)?(to be filled.*|default string|system serial number|serial ?(number|no)?|0?123456789(abcdef)?"
    r"|none|n/?a|not (specified|available|applicable)|(chassis|board) serial.*|[0f]{4,}|x{2,}|\.+|o\.?e\.?m\.?)$",
    re.I)
DMI_TEXTS = {
    0: ["Vendor", "Version"],
    1: ["Manufacturer", "Product Name", "Version", "Serial Number", "SKU Number", "Family"],
    2: ["Manufacturer", "Product Name", "Version", "Serial Number", "Asset Tag"],
    3: ["Manufacturer", "Version", "Serial Number", "Asset Tag"],
    4: ["Socket Designation", "Manufacturer", "Version", "Serial Number", "Asset Tag", "Part Number"],
    17: ["Locator", "Bank Locator", "Manufacturer", "Serial Number", "Asset Tag", "Part Number"],
}
UNITS = {"bytes": 1, "kB": 1 << 10, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


def dmi_structures(text):
    """[(type, handle, {key: value})] of a dmidecode text; keys of one tab only."""
    found, props = [], None
    for line in text.split("\n"):
        head = re.match(r"Handle (0x[0-9A-Fa-f]+), DMI type (\d+), \d+ bytes", line)
        if head:
            props = {}
            found.append((int(head[2]), head[1], props))
        elif props is not None and line.startswith("\t") and not line.startswith("\t\t"):
            key, colon, value = line.strip().partition(":")
            if colon:
                props.setdefault(key, value.strip())
        elif not line.strip():
            props = None
    return found


def dmi_size(text):
    match = re.match(r"^(\d+) (bytes|[kKMGT]i?B)$", text or "")
    return int(match[1]) * UNITS[match[2].replace("i", "")] if match else None


def lspci(path):
    """(text, [(slot, class, device)]) as lspci itself reads the dump, or (None, reason)."""
    done = subprocess.run(["lspci", "-F", path, "-vmm", "-D"], capture_output=True, check=False)
    if done.returncode:
        return None, done.stderr.decode("utf-8", "replace").strip()
    text = done.stdout.decode("utf-8", "replace")
    functions = []
    for block in text.strip().split("\n\n"):
        tags = dict(line.split(":\t", 1) for line in block.split("\n") if ":\t" in line)
        functions.append((tags.get("Slot"), tags.get("Class"), tags.get("Device")))
    return text, functions


def at(value, path):
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def first(root, *paths):
    for path in paths:
        value = at(root, path)
        if value is not None:
            return value.strip() if isinstance(value, str) else value
    return None


def smartctl(root):
    """{property: value} of what a drive's record must say; None where the drive does not."""
    speed = first(root, "interface_speed.current")
    passed = first(root, "smart_status.passed")
    used = first(root, "nvme_smart_health_information_log.percentage_used")
    rate = first(root, "rotation_rate")
    bit4 = first(root, "smartctl.exit_status") or 0
    return {
        "model": first(root, "scsi_product", "product", "model_name", "scsi_model_name"),
        "serial_number": first(root, "serial_number"),
        "firmware_version": first(root, "firmware_version", "scsi_revision"),
        "capacity_bytes": first(root, "user_capacity.bytes", "nvme_total_capacity"),
        "health": None if passed is None
        else "Critical" if not passed else "Warning" if bit4 & 0x10 else "OK",
        "temperature_celsius": first(root, "temperature.current"),
        "power_on_hours": first(root, "power_on_time.hours"),
        "rotation_speed_rpm": rate or None,
        "negotiated_speed_gbps": speed
        and speed["units_per_second"] * speed["bits_per_unit"] / 1e9,
        "media_errors": first(root, "nvme_smart_health_information_log.media_errors"),
        "available_spare_percent": first(root, "nvme_smart_health_information_log.available_spare"),
        "predicted_media_life_left_percent": None if used is None else max(100 - used, 0),
    }


def nvidia_section(text):
    """The output of nvidia-smi -q in a capture of many commands, or the text itself."""
    match = re.search(r"^# \$ nvidia-smi -q\n(?:#+\n)?(.*?)(?=^####|\Z)", text, re.S | re.M)
    return match[1] if match else text


def nvidia(text):
    """[{property: value}] per GPU, in the order of the text."""
    common = re.search(r"^Driver Version\s+: (.+)$", text, re.M)
    gpus = []
    for part in re.split(r"^GPU (?=[0-9A-Fa-f]{4,8}:)", text, flags=re.M)[1:]:
        def value(name, text=part):
            found = re.search(rf"^    {name} +: (.+)$", text, re.M)
            return found[1].strip() if found else None
        # Of the GPU: what a MIG device has is indented deeper.
        total = re.search(r"^    FB Memory Usage\n +Total +: (\d+) MiB", part, re.M)
        gpus.append({
            "key": re.sub(r"^0000(?=[0-9a-f]{4}:)", "", part.split("\n")[0].strip().lower()),
            "model": value("Product Name"),
            # Nobody's: whoever captured it took the real one out.
            "uuid": None if set(value("GPU UUID") or "") <= set("GPU-0") else value("GPU UUID"),
            "vbios_version": value("VBIOS Version"),
            "driver_version": common and common[1].strip(),
            "memory_bytes": total and int(total[1]) << 20,
        })
    return gpus


def lsblk(text):
    """lsblk -J as our step asks for it, of the whole disks in a table of lsblk -O."""
    lines = text.split("\n")
    starts = [(m.group(), m.start(), m.end()) for m in re.finditer(r"\S+", lines[0])]
    disks = []
    for line in lines[1:]:
        if not re.match(r"\w", line):
            continue
        row = {}
        for index, (name, begin, end) in enumerate(starts):
            # Numbers end below their heading, texts begin there.
            left = starts[index - 1][2] if index else 0
            right = starts[index + 1][1] if index + 1 < len(starts) else len(line)
            row[name] = (line[begin:right] if line[begin - 1:begin] in ("", " ")
                         and line[begin:begin + 1].strip() else line[left:end]).strip() or None
        if row.get("TYPE") == "disk":
            disks.append(row)
    names = ["NAME", "KNAME", "TYPE", "SIZE", "MODEL", "SERIAL", "WWN", "TRAN", "ROTA", "HCTL", "VENDOR", "REV"]
    out = []
    for row in disks:
        size = re.match(r"^([\d.]+)([KMGTP]?)$", row["SIZE"])
        entry = {name.lower(): row.get(name) for name in names}
        entry["size"] = int(float(size[1]) * 1024 ** " KMGTP".index(size[2] or " "))
        entry["rota"] = row.get("ROTA") == "1"
        out.append(entry)
    return json.dumps({"blockdevices": out}), out
