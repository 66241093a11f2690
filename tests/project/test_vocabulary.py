"""The vocabulary check: which prose it reads, what it reports, and on which line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
import prose  # noqa: E402
from vocabulary import Vocabulary  # noqa: E402

VOCABULARY = Vocabulary(yaml.safe_load((TOOLS / "vocabulary.yaml").read_text("utf-8")))

BAD = "An amount that is none."


def lines(path: str, text: str) -> set[int]:
    return {finding.line for finding in VOCABULARY.findings(path, text)}


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("docs/page.md", f"# Title\n\n{BAD}\n", 3),
        ("docs/page.md", f"    code\n\n- {BAD}\n", 3),
        ("module.py", f"x = 1  # {BAD}\n", 1),
        ("module.py", f'"""Title.\n\n{BAD}\n"""\n', 3),
        ("module.py", f"raise ValueError(f'{{key}}: {BAD}')\n", 1),
        ("test_x.py", "def test_an_amount_that_is_none() -> None: ...\n", 1),
        ("module.py", "def check(\n    told: str,\n) -> None: ...\n", 2),
        ("values.yaml", f"# {BAD}\nkey: 1\n", 1),
        ("values.schema.yaml", f"a:\n  description: {BAD}\n", 2),
        ("values.schema.yaml", f"a:\n  description: |\n    Title.\n    {BAD}\n", 4),
        ("template.yaml", f"# {BAD}\n{{{{ if x }}}}\na: 1\n", 1),
        ("Makefile", f"run: ## {BAD}\n", 1),
        ("tools/script", f"#!/bin/sh\n# {BAD}\n", 2),
    ],
)
def test_prose_is_reported_on_its_line(path: str, text: str, line: int) -> None:
    assert lines(path, text) == {line}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/page.md", f"```yaml\n# {BAD}\n```\n"),
        ("docs/page.md", f"    {BAD}\n"),
        ("docs/page.md", f"`{BAD}`\n"),
        ("docs/page.md", "[values](chart.md#what-a-running-hub-takes-over)\n"),
        ("module.py", "def check(value: str) -> None: ...\n"),
        ("values.yaml", "key: besides\n"),
        ("picture.png", BAD),
    ],
)
def test_code_is_not_prose(path: str, text: str) -> None:
    assert lines(path, text) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("What it does besides:", "Features"),
        (
            "What holds in the end, and who said so?",
            "Show the effective values and where each was set",
        ),
        ("When is a server culled, and by what?", "Explain when and why a server will be culled"),
        ("The hub looks at it each two seconds", "The hub checks it every two seconds"),
        ("Kubernetes cannot limit the making of an object", "RBAC cannot restrict `create`"),
        ("It ends with 0 when it could say", "Exits 0 on success"),
        ("a warning what works and is probably not meant", "something that is probably a mistake"),
        ("then nobody gets at the files to mend it", "so nobody can reach the files to fix it"),
        ("Taints of nodes that are put up with", "Tolerations added to every pod of the chart"),
        ("How much it says.", "Log level: DEBUG, INFO, WARN or ERROR"),
        ("Each hour is yours again after seven days.", "Used hours become available again."),
        (
            "passwords and all else travel readable",
            "Traffic is not encrypted",
        ),
        ("Tell a hub that may not see its pods", "Report missing pod permissions at startup"),
    ],
)
def test_translated_english_is_reported_and_plain_english_is_not(before: str, after: str) -> None:
    assert lines("page.md", before)
    assert not lines("page.md", after)


def test_every_entry_has_a_replacement_and_compiles() -> None:
    assert all(use for _, _, use in VOCABULARY.phrases)


def test_the_kinds_of_files_that_people_read_are_understood() -> None:
    for path in ("README.md", "Makefile", ".ci/run", "chart/values.yaml", "chart/templates/_x.tpl"):
        assert prose.understands(path)


def test_the_command_checks_a_file_of_this_checkout() -> None:
    command = [sys.executable, TOOLS / "vocabulary.py", "tools/vocabulary.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
