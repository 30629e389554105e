"""Makes what stands for a kernel module: an ELF file with a section .modinfo and its name's table.

module.py FILE TEXT...    FILE may end in .xz, .zst or .gz: the program of that name compresses it.
"""
import struct
import subprocess
import sys


def module(texts):
    info = b"".join(text.encode() + b"\0" for text in texts)
    names = b"\0.modinfo\0.shstrtab\0"
    head = 64
    table = head + len(info) + len(names)
    section = struct.Struct("<IIQQQQIIQQ")  # Elf64_Shdr
    sections = [
        section.pack(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        section.pack(1, 1, 2, 0, head, len(info), 0, 0, 1, 0),
        section.pack(10, 3, 0, 0, head + len(info), len(names), 0, 0, 1, 0),
    ]
    # Elf64_Ehdr: a relocatable file for x86-64.
    start = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 62, 1, 0, 0, table, 0, head, 0, 0, 64, 3, 2
    )
    return start + info + names + b"".join(sections)


def main():
    path, *texts = sys.argv[1:]
    data = module(texts)
    for suffix, command in ((".xz", "xz"), (".zst", "zstd"), (".gz", "gzip")):
        if path.endswith(suffix):
            data = subprocess.run([command, "-qc"], input=data, stdout=-1, check=True).stdout
    with open(path, "wb") as file:
        file.write(data)


main()
