"""The README and the documents next to it: links, commands, make targets and the example."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from support.charts import render

from z2jh_hub.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(ROOT.glob("*.md"))
README = (ROOT / "README.md").read_text("utf-8")
document = pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub generates them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in headings}


def code(page: Path) -> str:
    """Return the code of a page: spans, and indented or fenced blocks."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.M | re.S)
    indented = re.findall(r"^ {4,}(.+)$", text, re.M)
    return "\n".join([*fenced, *indented, *re.findall(r"`([^`\n]+)`", text)])


@pytest.mark.parametrize(
    "name",
    [
        "LICENSE",
        "CONTRIBUTING.md",
        "CODE_OF_CONDUCT.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "RELEASE.md",
    ],
)
def test_the_readme_or_contributing_links_to(name: str) -> None:
    assert (ROOT / name).is_file()
    assert f"({name})" in README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@document
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = ROOT / path if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


@document
def test_commands_and_targets_exist(page: Path) -> None:
    text = code(page)
    commands = set(re.findall(r"\bz2jh ([a-z]+)\b", text))
    assert commands <= COMMANDS.keys()
    targets = {
        target
        for words in re.findall(r"^make ((?:[a-z-]+ ?)+)", text, re.M)
        for target in words.split()
    }
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, re.M))


def example() -> str:
    (block,) = re.findall(r"^ *```yaml\n(.*?)^ *```", README, re.M | re.S)
    return textwrap.dedent(block)


@pytest.mark.processes
def test_the_example_is_short_and_has_no_findings(tmp_path: Path) -> None:
    assert len(example().splitlines()) <= 11
    file = tmp_path / "config.yaml"
    file.write_text(example(), "utf-8")
    result = CliRunner().invoke(main, ["check", "-f", str(file)])
    assert result.exit_code == 0, result.output
    assert "warning" not in result.output


def test_the_example_is_rendered_by_helm() -> None:
    values = yaml.safe_load(example())
    values["hub"]["config"]["GitHubOAuthenticator"]["client_secret"] = "given-with-set"
    version = yaml.safe_load((ROOT / "chart/values.yaml").read_text())["hub"]["image"]["tag"]
    rendered = "\n".join(render(values).text.values())
    images = set(re.findall(r'image: "?(registry\.example\.org/[^"\s]+)', rendered))
    assert images == {
        f"registry.example.org/jupyter/z2jh-{name}:{version}" for name in ("hub", "singleuser")
    }


def test_contributing_says_where_to_change_what() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| [A-Z].+? \| (.+) \|$", text, re.M)
    assert len(rows) >= 10
    places = [re.findall(r"`(\w[\w.-]*/[\w./-]*)`", row) for row in rows]
    assert all(places)
    assert [place for row in places for place in row if not (ROOT / place).exists()] == []
