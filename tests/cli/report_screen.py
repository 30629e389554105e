#!/usr/bin/env python3
"""Reads bee-report's output as a terminal would and judges it; prints what is wrong.

report_screen.py COLUMNS LINES < output           no line wider, not more lines, nothing raw
report_screen.py --pgm [--ascii] < output > x.pgm  the QR code as a picture, light on dark
"""
import sys
import unicodedata

LIGHT = {" ": (0, 0), "\u2584": (0, 1), "\u2580": (1, 0), "\u2588": (1, 1)}


def check(columns, lines):
    text = sys.stdin.buffer.read().decode("utf-8")
    wrong = []
    rows = text.split("\n")
    if rows.pop() != "":
        wrong.append("the last line has no end")
    if len(rows) > lines - 1:
        wrong.append(f"{len(rows)} lines and a prompt on a screen of {lines}")
    for number, row in enumerate(rows, 1):
        row = row.replace("\033[0;1;37;40m", "").replace("\033[0m", "")
        if len(row) > columns:
            wrong.append(f"line {number} has {len(row)} columns")
        for c in row:
            if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc") or (
                unicodedata.east_asian_width(c) in ("W", "F")
            ):
                wrong.append(f"line {number} has U+{ord(c):04X}")
    print("\n".join(wrong) if wrong else "fits")


def picture(ascii_only):
    rows = sys.stdin.buffer.read().decode("utf-8").replace("\033[0;1;37;40m", "")
    rows = rows.replace("\033[0m", "").split("\n")
    # The first line of the code is all light: it tells where the code begins.
    mark = "##########" if ascii_only else "\u2588" * 10
    top = next(i for i, row in enumerate(rows) if mark in row)
    left = rows[top].index(mark)
    bits = []
    for row in rows[top:]:
        row = row[left:]
        if not row or set(row) - (set("# ") if ascii_only else set(LIGHT)):
            break
        if ascii_only:
            bits.append([1 if c == "#" else 0 for c in row[::2]])
        else:
            bits.append([LIGHT[c][0] for c in row])
            bits.append([LIGHT[c][1] for c in row])
    width = max(len(row) for row in bits)
    scale = 8
    out = sys.stdout.buffer
    out.write(b"P5 %d %d 255\n" % (width * scale, len(bits) * scale))
    for row in bits:
        row = row + [0] * (width - len(row))
        line = b"".join((b"\xff" if bit else b"\0") * scale for bit in row)
        out.write(line * scale)


if sys.argv[1] == "--pgm":
    picture("--ascii" in sys.argv)
else:
    check(int(sys.argv[1]), int(sys.argv[2]))
