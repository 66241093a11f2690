#!/usr/bin/env python3
"""Write `chart/templates/_tables.tpl` from the tables that the Python code uses as well.

    tools/chart_tables.py            # write the file
    tools/chart_tables.py --check    # exit with 1 if the file is not current

Each table becomes a named template `jupyterhub.tables.NAME` that renders as YAML.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from z2jh_hub.chart.schema import Schema
from z2jh_hub.check.rules.code_needs import PERMISSIONS
from z2jh_hub.check.rules.metadata import ADDRESSES
from z2jh_hub.config.key_paths import key_path
from z2jh_hub.config.legacy.exceptions import PACK
from z2jh_hub.config.legacy.table import IGNORED, MOVES
from z2jh_hub.config.named_entries import NAMED, OPAQUE
from z2jh_hub.config.placeholders import PLACEHOLDERS
from z2jh_hub.config.sections.hub_secrets import API_TOKEN, FORMS, HINT, Form
from z2jh_hub.hub.reload.pages import FILES
from z2jh_hub.hub.reload.table import PARTS, READ_BY_HUB, TEMPLATES_ONLY

CHART = Path(__file__).parents[1] / "chart"
FILE = CHART / "templates" / "_tables.tpl"
HEADER = """\
{{- /* Written by tools/chart_tables.py (`make schema`); do not edit. */}}
"""


def tables() -> dict[str, tuple[str, Any]]:
    """Return each table by name: where it comes from, and its content."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    schema = Schema(yaml.safe_load((CHART / "values.schema.yaml").read_text("utf-8")))
    return {
        "moves": (
            "Deprecated keys, each with the current keys that take its value: "
            "z2jh_hub/config/legacy/table.py",
            {move.old: list(move.new) for move in MOVES},
        ),
        "ignored": (
            "Deprecated keys that have no effect, each with its replacement: "
            "z2jh_hub/config/legacy/table.py",
            dict(IGNORED),
        ),
        "packAffinity": (
            "The pod affinity of `singleuser.schedulerStrategy: pack`: "
            "z2jh_hub/config/legacy/exceptions.py",
            PACK,
        ),
        "namedMaps": (
            "Maps whose null entries are removed, and maps that stay unchanged: "
            "z2jh_hub/config/named_entries.py",
            {"named": sorted(NAMED), "opaque": sorted(OPAQUE)},
        ),
        "reloaded": (
            "Values that a running hub applies, each with the trait it sets, without the "
            "text of templates in `hub.extraFiles`; `*` stands for any name: "
            "z2jh_hub/hub/reload/table.py",
            {key: part.trait for part in PARTS if part is not FILES for key in part.keys},
        ),
        "notRead": (
            "Values that only templates read: z2jh_hub/hub/reload/table.py",
            list(_not_read(schema)),
        ),
        "secrets": (
            "Secrets of the hub, each with the form it must have: "
            "z2jh_hub/config/sections/hub_secrets.py",
            {key: _form(form) for key, form in [*FORMS, ("hub.services.*.apiToken", API_TOKEN)]},
        ),
        "permissions": (
            "Permissions of the hub that only some deployments need: "
            "z2jh_hub/check/rules/code_needs.py",
            [asdict(each) | {"traits": list(each.traits)} for each in PERMISSIONS],
        ),
        "placeholders": (
            "Regular expressions of placeholders in examples: z2jh_hub/config/placeholders.py",
            list(PLACEHOLDERS),
        ),
        "metadataAddresses": (
            "Addresses of cloud metadata servers: z2jh_hub/check/rules/metadata.py",
            list(ADDRESSES),
        ),
        "defaultEgressAllowRules": (
            "The default of `singleuser.networkPolicy.egressAllowRules`: chart/values.yaml",
            defaults["singleuser"]["networkPolicy"]["egressAllowRules"],
        ),
    }


def _not_read(schema: Schema) -> Iterator[str]:
    """Yield the keys of TEMPLATES_ONLY, without the keys of READ_BY_HUB below them."""
    for key in TEMPLATES_ONLY:
        if not any(read.startswith(f"{key}.") for read in READ_BY_HUB):
            yield key
            continue
        children = (f"{key}.{name}" for name in schema.children(key_path(key)))
        yield from (child for child in children if child not in READ_BY_HUB)


def _form(form: Form) -> dict[str, str]:
    pattern = rf"^\s*{form.pattern}\s*$"
    return {"pattern": pattern, "expected": form.expected, "hint": HINT}


def text() -> str:
    """Return the content of the file."""
    return HEADER + "".join(_define(name, *table) for name, table in tables().items())


def _define(name: str, comment: str, content: Any) -> str:
    body = yaml.safe_dump(content, sort_keys=False, width=1000)
    if "{{" in body:
        raise ValueError(f"{name} contains a template action")
    return (
        f"\n{{{{- /* {comment} */}}}}\n"
        f'{{{{- define "jupyterhub.tables.{name}" -}}}}\n{body}{{{{- end }}}}\n'
    )


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` compare it."""
    if arguments == ["--check"]:
        if FILE.read_text("utf-8") == text():
            return 0
        print(f"{FILE.relative_to(CHART.parent)} is not current; run `make schema`")
        return 1
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    FILE.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
