"""Every rule has a page, whose examples do what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from z2jh_hub.check import check
from z2jh_hub.check.rules import RULES

PAGES = Path(__file__).parents[2] / "docs" / "rules"
OVERVIEW = PAGES.parent / "check.md"
# what no reading finds: the code is run, or the authenticator asked
BY_RUNNING = {"python-raises", "missing-module", "nobody-allowed", "everybody-allowed",
              "admin-not-allowed", "name-normalised", "hub-start", "pod-rejected", "pod-field",
              "pod-loses", "start-fails", "hook-sets-config", "chart-mismatch", "service-url",
              "servers-untried", "lost-entries"}  # fmt: skip
# what depends on the system, not on the file: see tests/check/test_sandbox.py
BY_SYSTEM = {"not-isolated"}
FENCED = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def examples(rule: str, heading: str) -> list[str]:
    """The files under a heading of the rule's page."""
    page = (PAGES / f"{rule}.md").read_text("utf-8")
    _, _, rest = page.partition(f"\n## {heading}\n")
    return FENCED.findall(rest.partition("\n## ")[0])


def written(folder: Path, texts: list[str]) -> list[Path]:
    """The examples as files that git tracks."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number}.yaml" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return files


def test_every_rule_has_its_page_and_every_page_its_rule():
    assert {page.stem for page in PAGES.glob("*.md")} == RULES.keys()


def test_the_overview_lists_every_rule():
    rows = re.findall(r"^\| \[`(.+)`\]\(rules/(.+)\.md\) \| (.+) \|$", OVERVIEW.read_text(), re.M)
    assert [(rule, title) for rule, page, title in rows if rule == page] == list(RULES.items())


@pytest.mark.parametrize("rule", RULES)
def test_the_page_has_the_rule_s_title(rule):
    first = (PAGES / f"{rule}.md").read_text("utf-8").splitlines()[0]
    assert first == f"# {RULES[rule]} (`{rule}`)"


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in BY_SYSTEM])
def test_what_the_page_calls_wrong_is_found_and_what_it_calls_right_is_not(rule, tmp_path):
    wrong, right = (
        [
            problem.rule
            for problem in check(
                written(tmp_path / heading, examples(rule, heading)), run=rule in BY_RUNNING
            )
        ]
        for heading in ("Reported", "Not reported")
    )
    # what else is found (who may log in, say) is the same in both
    assert sorted(wrong) == sorted([rule, *right])
    assert rule not in right


def test_what_git_encrypts_is_no_plain_secret(tmp_path):
    files = written(tmp_path, examples("plain-secret", "Reported"))
    (tmp_path / ".gitattributes").write_text("*.yaml filter=git-crypt diff=git-crypt\n")
    assert "plain-secret" not in {problem.rule for problem in check(files, run=False)}


def test_a_file_that_git_does_not_track_may_have_secrets(tmp_path):
    files = written(tmp_path, examples("plain-secret", "Reported"))
    subprocess.run(["git", "rm", "-q", "--cached", "0.yaml"], cwd=tmp_path, check=True)
    assert "plain-secret" not in {problem.rule for problem in check(files, run=False)}
