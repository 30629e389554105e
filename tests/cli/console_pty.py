#!/usr/bin/env python3
"""Runs bee-console on a terminal of its own and looks at it as a screen would.

console_pty.py COLUMNSxLINES [STEP...] -- PROGRAM ARGUMENT...

Steps, in order: wait:TEXT (until it is on the screen, 20 s), gone:TEXT (until it is not), size:COLUMNSxLINES,
key:TEXT, run:COMMAND, sleep:SECONDS, scribble (as the kernel would), print; ends, as the last: else it is
sent a SIGTERM.
Says what is wrong with the screen at each step: lines that scrolled away, a control that is none of ours.
Prints "fits" where nothing was, and at the end how the program ended.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

# All that the console itself may send beside text.
OURS = re.compile(r"\x1b\[(\?25[lh]|H|J|2K|K|\d+;1H|[0-9;]*m)")


class Screen:
    def __init__(self, columns, lines):
        self.wrong, self.rest, self.scrolled = set(), "", 0
        self.resize(columns, lines)

    def resize(self, columns, lines):
        self.columns, self.lines, self.x, self.y = columns, lines, 0, 0
        self.cells = [[" "] * columns for _ in range(lines)]

    def feed(self, data):
        text = self.rest + data
        while text:
            if text[0] == "\x1b":
                found = OURS.match(text)
                if not found:
                    if len(text) < 16:
                        break
                    self.wrong.add("an escape: " + repr(text[:12]))
                    text = text[1:]
                    continue
                self.control(found.group(1))
                text = text[found.end():]
                continue
            self.put(text[0])
            text = text[1:]
        self.rest = text

    def control(self, word):
        if word == "H":
            self.x = self.y = 0
        elif word.endswith("H"):
            self.x, self.y = 0, min(int(word.split(";")[0]), self.lines) - 1
        elif word == "J":
            self.cells[self.y][self.x:] = [" "] * (self.columns - self.x)
            self.cells[self.y + 1:] = [[" "] * self.columns for _ in self.cells[self.y + 1:]]
        elif word == "K":
            self.cells[self.y][self.x:] = [" "] * (self.columns - min(self.x, self.columns - 1))
        elif word == "2K":
            self.cells[self.y] = [" "] * self.columns

    def put(self, c):
        if c == "\r":
            self.x = 0
        elif c == "\n":
            self.y += 1
            if self.y >= self.lines:
                self.scrolled += 1
                self.wrong.add("the screen scrolled")
                self.cells = self.cells[1:] + [[" "] * self.columns]
                self.y = self.lines - 1
        elif c < " " or "\x7f" <= c < "\xa0":
            self.wrong.add(f"U+{ord(c):04X}")
        else:
            if self.x >= self.columns:
                self.wrong.add("a line is wider than the screen")
                self.x = self.columns - 1
            self.cells[self.y][self.x] = c
            self.x += 1

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)


def main():
    split = sys.argv.index("--")
    columns, lines = map(int, sys.argv[1].split("x"))
    master, slave = pty.openpty()

    def size(c, r):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))

    size(columns, lines)
    screen = Screen(columns, lines)
    lflags = termios.tcgetattr(slave)[3]
    child = subprocess.Popen(sys.argv[split + 1:], stdin=slave, stdout=slave, stderr=subprocess.PIPE, start_new_session=True,
                             preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def look(seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([master], [], [], 0.05)[0]:
                screen.feed(os.read(master, 65536).decode("utf-8", "replace"))
                return

    def until(test, what):
        end = time.monotonic() + 20
        while not test() and time.monotonic() < end:
            look(0.2)
        if not test():
            screen.wrong.add(what)

    for step in sys.argv[2:split]:
        word, _, value = step.partition(":")
        if word == "wait":
            until(lambda: value in screen.text(), f"never shown: {value}")
        elif word == "gone":
            until(lambda: value not in screen.text(), f"still shown: {value}")
        elif word == "size":
            c, r = map(int, value.split("x"))
            # What was drawn for the old size is not judged by the new one.
            look(0.3)
            screen.resize(c, r)
            size(c, r)
            os.killpg(child.pid, signal.SIGWINCH)
            wrong = set(screen.wrong)
            end = time.monotonic() + 1
            while time.monotonic() < end:
                look(0.1)
            screen.wrong = wrong
        elif word == "key":
            os.write(master, value.encode())
        elif word == "run":
            subprocess.run(value, shell=True, check=False)
        elif word == "sleep":
            end = time.monotonic() + float(value)
            while time.monotonic() < end:
                look(0.1)
        elif word == "scribble":
            screen.cells[2][:8] = list("scribble")
        elif word == "print":
            print(screen.text())
    if sys.argv[split - 1] != "ends":
        if child.poll() is not None:
            screen.wrong.add("it ended by itself")
        child.send_signal(signal.SIGTERM)
    end = time.monotonic() + 20
    while child.poll() is None and time.monotonic() < end:
        look(0.2)
    look(0.3)
    if child.poll() is None:
        child.kill()
        screen.wrong.add("it does not end")
    if termios.tcgetattr(slave)[3] != lflags:
        screen.wrong.add("the terminal is not as it was")
    said = child.stderr.read().decode()
    print("; ".join(sorted(screen.wrong)) or "fits", child.wait(), said.strip())


main()
