"""Run the tests that tests/project/tested_with.yaml lists, and write docs/tested-with.md.

python tools/tested_with.py           # writes the page
python tools/tested_with.py --run     # first runs the tests, and updates result and date
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "project" / "tested_with.yaml"
PAGE = ROOT / "docs" / "tested-with.md"
HUB_LOCK = ROOT / "images" / "hub" / "requirements.txt"
PROXY_LOCK = ROOT / "z2jh_hub" / "local" / "dev" / "proxy_package" / "package-lock.json"
NEEDS_CLUSTER = "tests/cluster/"

HEAD = """\
<!-- Generated from tests/project/tested_with.yaml by `make tested-with`. Do not edit. -->
# Tested with

The files in the last column test each row that works, with the program in that version, or with the
substitute that the row names. The date is that of the last recorded run.
[Cluster test](cluster-test.md) describes the tests on a real cluster.
"""
COLUMNS = "| part | version | what runs | result | date | tests |\n|---|---|---|---|---|---|\n"


def load() -> Any:
    return _yaml().load(DATA.read_text("utf-8"))


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def rows(data: Any) -> Iterator[Any]:
    for section in data:
        yield from section["rows"]


def page(data: Any) -> str:
    """Return the text of the page."""
    return HEAD + "".join(
        f"\n## {section['title']}\n\n{COLUMNS}{''.join(map(_line, section['rows']))}"
        for section in data
    )


def _line(row: Any) -> str:
    tests = ", ".join(f"`{test}`" for test in row.get("tests", ()))
    result, what = row.get("result", "not run"), row.get("run") or row["why"]
    cells = (row["part"], version(row), what, result, row.get("date", ""), tests)
    return f"| {' | '.join(cells)} |\n"


def version(row: Any) -> str:
    """Return the version of a row, from a lock file if the row says so."""
    text = str(row.get("version", ""))
    place, _, name = text.partition(" ")
    if place == "hub":
        match = re.search(rf"^{re.escape(name)}==(\S+)", HUB_LOCK.read_text("utf-8"), re.MULTILINE)
        assert match, text
        return f"{name} {match[1]}"
    if place == "proxy":
        lock = json.loads(PROXY_LOCK.read_text("utf-8"))
        return f"{name} {lock['packages'][f'node_modules/{name}']['version']}"
    return text


def run(data: Any) -> None:
    """Run the tests of each row that needs no cluster, and record the result."""
    results: dict[tuple[str, ...], str] = {}
    for row in rows(data):
        tests = tuple(row.get("tests", ()))
        if not tests or any(test.startswith(NEEDS_CLUSTER) for test in tests):
            continue
        if tests not in results:
            print(*tests, flush=True)
            results[tests] = _result(tests)
            print(f"  {results[tests]}", flush=True)
        row["result"], row["date"] = results[tests], f"{datetime.now(UTC):%Y-%m-%d}"


def _result(tests: tuple[str, ...]) -> str:
    """Run test files; return `works`, `fails`, or why they were skipped."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *tests]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    if int(suite.get("failures", 0)) + int(suite.get("errors", 0)):
        return "fails"
    if (skipped := suite.find(".//skipped")) is not None:
        return f"skipped: {skipped.get('message')}"
    return "works"


def main() -> None:
    data = load()
    if "--run" in sys.argv[1:]:
        run(data)
        with DATA.open("w", encoding="utf-8") as file:
            _yaml().dump(data, file)
    PAGE.write_text(page(data), "utf-8")


if __name__ == "__main__":
    main()
