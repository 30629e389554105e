"""Exports of one document against what takes them: csv and sqlite3 here, the rest where there is one.

BEE_PROMTOOL is Prometheus' promtool, else it is looked for in PATH.
"""
import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
EXPORT = os.path.join(os.path.abspath(os.environ.get("B", os.path.join(TOP, "build"))), "bee-export")
PROMTOOL = os.environ.get("BEE_PROMTOOL") or shutil.which("promtool")


def export(target, path):
    done = subprocess.run([EXPORT, "--to", target, path], capture_output=True, check=False)
    return done.stdout, ([] if done.returncode == 0 and not done.stderr else
                         [f"{target}: exit {done.returncode}: {done.stderr.decode()[:200]}"])


def check_prometheus(text):
    if not PROMTOOL:
        return
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, check=False)
    if done.returncode:
        yield f"promtool: {done.stderr.decode()[:300]}"
    series = [line.rsplit(b" ", 1)[0] for line in text.splitlines() if not line.startswith(b"#")]
    if len(set(series)) != len(series):
        yield "a series comes twice"


def check_csv(text):
    rows = list(csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True))
    head = rows[0]
    if any(len(row) != len(head) for row in rows):
        yield "rows are of different length"
        return
    for row in rows:
        for cell in row:
            if cell[:1] in tuple("=+-@\t\r|") and len(cell) > 1:
                yield f"a spreadsheet would run {cell[:40]!r}"
    table = sqlite3.connect(":memory:")
    table.execute("create table parts (" + ", ".join(f'"{name}" text' for name in head) + ")")
    table.executemany("insert into parts values (" + ", ".join("?" * len(head)) + ")", rows[1:])
    if table.execute("select count(*) from parts").fetchone()[0] != len(rows) - 1:
        yield "sqlite3 has lost a row"


CHECKS = {
    "prometheus": check_prometheus,
    "csv": check_csv,
}


def check(path):
    """What is wrong with the exports of the document in `path`."""
    for target, wrong in CHECKS.items():
        text, trouble = export(target, path)
        yield from trouble
        if not trouble:
            yield from (f"{target}: {line}" for line in wrong(text))


def main(paths):
    bad = 0
    for path in paths:
        for line in check(path):
            print(f"{path}: {line}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
