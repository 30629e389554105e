"""Exports of one document against what takes them: csv and sqlite3 here, the rest where there is one.

BEE_PROMTOOL is Prometheus' promtool, else it is looked for in PATH. BEE_CYCLONEDX is a folder with
CycloneDX's JSON schemas (res/schema of @cyclonedx/cyclonedx-library), BEE_NETBOX NetBox's OpenAPI schema as JSON,
BEE_GLPI GLPI's inventory.schema.json, BEE_REDFISH the folder json-schema of DMTF's bundle of schemas (DSP8010); BEE_ANSIBLE is ansible-inventory, else it is looked for in PATH.
"""
import csv
import functools
import glob
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

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


def errors(validator, value):
    for error in validator.iter_errors(value):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def unique(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def objects(text):
    return json.loads(text.decode("ascii"), object_pairs_hook=unique)


@functools.cache
def cyclonedx():
    """Validates as CycloneDX' own tools do, its schema of licences and of signatures too."""
    folder = os.environ.get("BEE_CYCLONEDX")
    if not folder:
        return None
    import jsonschema
    store = {}
    for path in glob.glob(os.path.join(folder, "*.schema.json")):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        store[schema["$id"]] = schema
    (main,) = [schema for name, schema in store.items() if name.endswith("/bom-1.6.schema.json")]
    resolver = jsonschema.RefResolver(main["$id"], main, store=store)
    return jsonschema.Draft7Validator(main, resolver=resolver, format_checker=jsonschema.FormatChecker())


def check_cyclonedx(text):
    bom = objects(text)
    refs = [part["bom-ref"] for part in bom["components"]] + [bom["metadata"]["component"]["bom-ref"]]
    if len(set(refs)) != len(refs):
        yield "a bom-ref comes twice"
    for entry in bom["dependencies"]:
        if not {entry["ref"], *entry["dependsOn"]} <= set(refs):
            yield f"a dependency on what is not there: {entry}"
    if cyclonedx():
        yield from errors(cyclonedx(), bom)


def nullable(node):
    """OpenAPI 3.0 as JSON Schema: nullable, and no property that nobody described."""
    if isinstance(node, list):
        for value in node:
            nullable(value)
    if not isinstance(node, dict):
        return
    for value in node.values():
        nullable(value)
    if node.get("nullable") and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        node.setdefault("additionalProperties", False)


@functools.cache
def netbox():
    path = os.environ.get("BEE_NETBOX")
    if not path:
        return None
    import jsonschema
    with open(path, encoding="utf-8") as file:
        whole = json.load(file)
    nullable(whole["components"])
    found = {}
    for url, methods in whole["paths"].items():
        body = (methods.get("post") or {})
        body = body.get("requestBody", body)
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema:
            found[url.removeprefix("/api/").rstrip("/")] = jsonschema.Draft4Validator(
                {**schema, "components": whole["components"]})
    return found


def check_netbox(text):
    known = {}
    for entry in objects(text):
        name, things = entry["endpoint"], entry["objects"]
        if netbox():
            for thing in things:
                yield from (f"{name}{line}" for line in errors(netbox()[name], thing))
        # What NetBox' data base wants to be there once.
        for key in ("slug", "model", "name"):
            values = [thing[key] for thing in things if key in thing]
            if len(set(values)) != len(values):
                yield f"{name}: a {key} comes twice"
        for key, of in (("manufacturer", "dcim/manufacturers"), ("device_type", "dcim/device-types"), ("device", "dcim/devices")):
            for thing in things:
                if key in thing and not any(thing[key].items() <= other.items() for other in known.get(of, ())):
                    yield f"{name}: no such {key}: {thing[key]}"
        known[name] = things


@functools.cache
def glpi():
    path = os.environ.get("BEE_GLPI")
    if not path:
        return None
    import jsonschema
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    nullable(schema)  # closes it, as GLPI's own validator does when it is strict
    return jsonschema.Draft7Validator(schema)


def check_glpi(text):
    inventory = objects(text)
    if glpi():
        yield from errors(glpi(), inventory)
    if not inventory["deviceid"].removeprefix("bee-"):
        yield "no deviceid"


# What Ironic takes at continue_inspection (ironic/api/controllers/v1/ramdisk.py); it wants one interface at least.
IPA = {"type": "object", "required": ["inventory"], "properties": {"inventory": {
    "type": "object", "required": ["interfaces"], "properties": {
        "bmc_address": {"type": "string"}, "bmc_v6address": {"type": "string"},
        "interfaces": {"type": "array", "items": {
            "type": "object", "required": ["mac_address"], "properties": {"mac_address": {"type": "string"}}}}}}}}


def check_ipa(text):
    inventory = objects(text)
    try:
        import jsonschema
    except ImportError:
        return
    yield from errors(jsonschema.Draft7Validator(IPA), inventory)
    names = [disk["name"] for disk in inventory["inventory"]["disks"]]
    if len(set(names)) != len(names):
        yield "a disk comes twice"


@functools.cache
def redfish_schema(name):
    with open(os.path.join(os.environ["BEE_REDFISH"], name), encoding="utf-8") as file:
        return json.load(file)


@functools.cache
def redfish(name):
    import jsonschema
    schema = redfish_schema(f"{name}.json")
    # The schemas name each other by where they are published; none is fetched.
    resolver = jsonschema.RefResolver(schema["$id"], schema, handlers={
        "http": lambda url: redfish_schema(url.rsplit("/", 1)[1])})
    return jsonschema.Draft7Validator(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())


def links(value):
    if isinstance(value, dict):
        if "@odata.id" in value:
            yield value["@odata.id"]
        for inner in value.values():
            yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)


def check_redfish(text):
    service = objects(text)
    reached, ahead = set(), {"/redfish/v1"}
    while ahead:
        uri = ahead.pop()
        reached.add(uri)
        if uri not in service:
            if uri != "/redfish/v1/SessionService/Sessions":
                yield f"a link to what is not there: {uri}"
            continue
        ahead |= set(links(service[uri])) - reached
    yield from (f"nothing leads to {uri}" for uri in set(service) - reached)
    for uri, resource in service.items():
        if resource["@odata.id"] != uri:
            yield f"{uri} says that it is {resource['@odata.id']}"
        if os.environ.get("BEE_REDFISH"):
            name = resource["@odata.type"].removeprefix("#").rpartition(".")[0]
            yield from (f"{uri}{line}" for line in errors(redfish(name), resource))


ANSIBLE = os.environ.get("BEE_ANSIBLE") or shutil.which("ansible-inventory")


def templates(value):
    """Texts that Ansible would run, where they are not marked as data."""
    if isinstance(value, str):
        if "{{" in value or "{%" in value or "{#" in value:
            yield value
    elif isinstance(value, list):
        for inner in value:
            yield from templates(inner)
    elif isinstance(value, dict) and list(value) != ["__ansible_unsafe"]:
        for key, inner in value.items():
            yield from templates(key)
            yield from templates(inner)


def check_ansible(text):
    inventory = objects(text)
    yield from (f"a template: {one[:60]!r}" for one in templates(inventory))
    (host,) = inventory["all"]["hosts"]
    if not ANSIBLE:
        return
    with tempfile.TemporaryDirectory() as made:
        path = os.path.join(made, "inventory.json")
        with open(path, "wb") as file:
            file.write(text)
        done = subprocess.run([ANSIBLE, "-i", path, "--host", host], capture_output=True, check=False,
                              env={**os.environ, "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true", "ANSIBLE_LOCALHOST_WARNING": "false"})
    if done.returncode or b"WARNING" in done.stderr:
        yield f"ansible-inventory: {done.stderr.decode()[:300]}"
    elif set(json.loads(done.stdout)["bee"]) != set(inventory["all"]["hosts"][host]["bee"]):
        yield "ansible-inventory has lost something"


CHECKS = {
    "prometheus": check_prometheus,
    "csv": check_csv,
    "netbox": check_netbox,
    "cyclonedx": check_cyclonedx,
    "ansible": check_ansible,
    "ipa": check_ipa,
    "glpi": check_glpi,
    "redfish": check_redfish,
}


def check(path):
    """What is wrong with the exports of the document in `path`."""
    for target, wrong in CHECKS.items():
        text, trouble = export(target, path)
        yield from trouble
        if not trouble:
            yield from (f"{target}: {line}" for line in wrong(text))


def check_list(path):
    return list(check(path))


def main(paths):
    bad = 0
    for path in paths:
        for line in check(path):
            print(f"{path}: {line}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
