"""Every rule has a page, whose examples do what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from z2jh_hub.check import check
from z2jh_hub.check.rules import RULES

PAGES = Path(__file__).parents[2] / "docs" / "rules"
FENCED = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def examples(rule: str, heading: str) -> list[str]:
    """The files under a heading of the rule's page."""
    page = (PAGES / f"{rule}.md").read_text("utf-8")
    _, _, rest = page.partition(f"\n## {heading}\n")
    return FENCED.findall(rest.partition("\n## ")[0])


def written(folder: Path, texts: list[str]) -> list[Path]:
    """The examples as files that git tracks."""
    files = [folder / f"{number}.yaml" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return files


def test_every_rule_has_its_page_and_every_page_its_rule():
    assert {page.stem for page in PAGES.glob("*.md")} == RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_the_page_has_the_rule_s_title(rule):
    first = (PAGES / f"{rule}.md").read_text("utf-8").splitlines()[0]
    assert first == f"# {RULES[rule]} (`{rule}`)"


@pytest.mark.parametrize("rule", RULES)
def test_what_the_page_calls_wrong_is_found(rule, tmp_path):
    found = check(written(tmp_path, examples(rule, "Found")))
    assert [problem.rule for problem in found] == [rule]


@pytest.mark.parametrize("rule", RULES)
def test_in_what_the_page_calls_right_nothing_is_found(rule, tmp_path):
    assert check(written(tmp_path, examples(rule, "Not found"))) == []
