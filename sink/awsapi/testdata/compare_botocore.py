#!/usr/bin/env python3
"""Compares the shape tables of package awsapi with the service models of the installed botocore.

    go run ./sink/awsapi/internal/dumptables | python3 sink/awsapi/testdata/compare_botocore.py

Each difference is printed, one a line. Those in EXPLAINED are marked with their reason; any other makes the exit code 1.
"""

import fnmatch
import json
import sys

import botocore
import botocore.loaders

SERVICES = {"Kinesis_20131202": "kinesis", "Firehose_20150804": "firehose"}

# Differences that are meant, and why: the exact text of a difference, or a pattern of fnmatch.
EXPLAINED = {}
for destination in (
    "AmazonOpenSearchServerless",
    "Amazonopensearchservice",
    "Elasticsearch",
    "HttpEndpoint",
    "Iceberg",
    "Redshift",
    "Snowflake",
    "Splunk",
):
    for part in ("DestinationConfiguration", "DestinationDescription"):
        EXPLAINED[f"firehose: {destination}{part}.*: only in botocore"] = (
            "the destination is not offered; the table knows it by name, so that it is refused and not ignored"
        )
for source in ("MSK", "Database"):
    for part in ("SourceConfiguration", "SourceDescription"):
        EXPLAINED[f"firehose: {source}{part}.*: only in botocore"] = (
            "the source is not offered; the table knows it by name, so that it is refused and not ignored"
        )


def compare_members(where, table, model):
    ours = {m["name"]: m for m in table.get("members", [])}
    theirs = model.get("members", {})
    for name in theirs:
        if name not in ours:
            yield f"{where}.{name}: only in botocore"
    for name, member in ours.items():
        if name not in theirs:
            yield f"{where}.{name}: only in the table"
            continue
        if member["shape"] != theirs[name]["shape"]:
            yield f"{where}.{name}: shape {member['shape']}, botocore {theirs[name]['shape']}"
        if member.get("required", False) != (name in model.get("required", [])):
            yield f"{where}.{name}: required {member.get('required', False)}, botocore {name in model.get('required', [])}"
    common = [name for name in ours if name in theirs]
    if common != [name for name in theirs if name in ours]:
        yield f"{where}: members in another order"


def compare_shape(where, table, model):
    if table["kind"] != model["type"]:
        yield f"{where}: {table['kind']}, botocore {model['type']}"
        return
    for key in ("min", "max", "pattern"):
        if table.get(key) != model.get(key):
            yield f"{where}: {key} {table.get(key)}, botocore {model.get(key)}"
    if sorted(table.get("enum", [])) != sorted(model.get("enum", [])):  # messages have an order of their own
        yield f"{where}: values {table.get('enum')}, botocore {model.get('enum')}"
    for ours, theirs in (("elem", "value" if table["kind"] == "map" else "member"), ("key", "key")):
        if table.get(ours) != model.get(theirs, {}).get("shape"):
            yield f"{where}: {ours} {table.get(ours)}, botocore {model.get(theirs, {}).get('shape')}"
    if table["kind"] == "structure":
        yield from compare_members(where, table, model)


def compare(service, api, model):
    if api["target"] != model["metadata"]["targetPrefix"]:
        yield f"{service}: target {api['target']}, botocore {model['metadata']['targetPrefix']}"
    for op in api["operations"]:
        theirs = model["operations"].get(op["name"])
        if theirs is None:
            yield f"{service}: {op['name']}: only in the table"
            continue
        for side in ("input", "output"):
            if op.get(side) != theirs.get(side, {}).get("shape"):
                yield f"{service}: {op['name']}: {side} {op.get(side)}, botocore {theirs.get(side, {}).get('shape')}"
    for name, shape in sorted(api["shapes"].items()):
        if name not in model["shapes"]:
            yield f"{service}: {name}: only in the table"
            continue
        yield from compare_shape(f"{service}: {name}", shape, model["shapes"][name])


def main():
    loader = botocore.loaders.Loader()
    operations = shapes = explained = unexplained = 0
    used = set()
    for api in json.load(sys.stdin):
        service = SERVICES[api["target"]]
        operations += len(api["operations"])
        shapes += len(api["shapes"])
        for difference in compare(service, api, loader.load_service_model(service, "service-2")):
            rule = next((r for r in EXPLAINED if r == difference or fnmatch.fnmatchcase(difference, r)), None)
            if rule is None:
                unexplained += 1
                print(f"DIFFERENT  {difference}")
            else:
                explained += 1
                used.add(rule)
                print(f"explained  {difference} ({EXPLAINED[rule]})")
    for rule in EXPLAINED:
        if rule not in used:
            unexplained += 1
            print(f"DIFFERENT  nothing is left to explain by {rule!r}: remove it")
    print(
        f"botocore {botocore.__version__}: {operations} operations, {shapes} shapes,"
        f" {explained} explained and {unexplained} unexplained differences"
    )
    if operations == 0:
        print("no table on standard input", file=sys.stderr)
    return 1 if unexplained or operations == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
