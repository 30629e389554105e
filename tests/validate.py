#!/usr/bin/env python3
"""Validates documents of bee audit against doc/schema/bee-audit-1.json; exit 1 if one is not.

validate.py [--open] [FILE...]      "-" or nothing is standard input

The schema is open for readers. Here objects marked x-closed are closed, so that a property
nobody described is found; --open leaves them open. Beyond the schema: keys are sorted and
unique, lists are sorted by key, the text is ASCII and ends in one newline, records name only
jobs of the document. Needs python3-jsonschema.
"""
import json
import os
import sys

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "doc", "schema", "bee-audit-1.json")


def close(node):
    """additionalProperties: false in every object marked x-closed."""
    if isinstance(node, dict):
        if node.get("x-closed"):
            node["additionalProperties"] = False
        for value in node.values():
            close(value)
    elif isinstance(node, list):
        for value in node:
            close(value)


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a key comes twice: " + ", ".join(names)[:200])
    if names != sorted(names):
        raise ValueError("keys are not sorted: " + ", ".join(names)[:200])
    return dict(pairs)


def records(node, path=""):
    """Every record below `node`, with the path of its list."""
    if isinstance(node, dict):
        if "src" in node:
            yield path, node
        else:
            for name, value in node.items():
                yield from records(value, path + "/" + name)
    elif isinstance(node, list):
        for value in node:
            yield from records(value, path)


def more(text, document):
    """What a schema cannot say."""
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "the text does not end in one newline"
    if not text.isascii():
        yield "the text is not ASCII"
    jobs = [job.get("job") for job in document.get("collectors", [])]
    if len(set(jobs)) != len(jobs):
        yield "a job comes twice in collectors"
    last = {}
    for path, record in records({k: v for k, v in document.items() if k != "collectors"}):
        if record["src"] != sorted(record["src"]) or not set(record["src"]) <= set(jobs):
            yield f"{path}: src is not a sorted list of jobs: {record['src']}"
        key = record.get("key")
        if key is not None:
            if path in last and last[path].encode() >= key.encode():
                yield f"{path}: {key!r} comes after {last[path]!r}"
            last[path] = key
    bad = [
        job
        for job in document.get("collectors", [])
        if job.get("status") not in ("ok", "absent", "unavailable")
    ]
    audit = document.get("audit", {})
    held = audit.get("interrupted") or audit.get("stopped_ms")
    if audit.get("complete") != (not bad and not held):
        yield "audit.complete does not follow from the jobs"


def main(arguments):
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    if "--open" not in arguments:
        close(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for name in [a for a in arguments if a != "--open"] or ["-"]:
        if name == "-":
            raw = sys.stdin.buffer.read()
        else:
            with open(name, "rb") as file:
                raw = file.read()
        wrong = []
        try:
            text = raw.decode("utf-8")
            document = json.loads(text, object_pairs_hook=unique)
            for error in validator.iter_errors(document):
                at = "/".join(str(part) for part in error.absolute_path)
                wrong.append(f"/{at}: {error.message[:300]}")
            wrong.extend(more(text, document))
        except (UnicodeDecodeError, ValueError) as error:
            wrong.append(str(error))
        for line in wrong[:50]:
            print(f"{name}: {line}")
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
