"""The guide: examples pass `check`, keys and commands exist, and no topic of 2018 is missing."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import click
import pytest
import yaml
from support.records import SHARED

from z2jh_hub.check import check
from z2jh_hub.cli import COMMANDS, main
from z2jh_hub.failures.catalogue import CATALOGUE
from z2jh_hub.inspect import explain

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT / "tools"))
import reference_pages  # noqa: E402

TOPICS = yaml.safe_load((Path(__file__).parent / "guide_of_2018.yaml").read_text("utf-8"))
# tested elsewhere, generated, or about decisions
OTHER = ("rules/", "decisions/", "reference/")
PAGES = {
    str(page.relative_to(DOCS)): page.read_text("utf-8")
    for page in sorted(DOCS.rglob("*.md"))
    if not str(page.relative_to(DOCS)).startswith(OTHER)
}
# `not values`: another program reads it. `warns`: rules that may report a warning.
EXAMPLE = re.compile(
    r"(?:<!-- (?P<mark>not values|warns): (?P<what>[^>]+) -->\n *)?```yaml\n(?P<text>.*?)^ *```",
    re.MULTILINE | re.DOTALL,
)
EXAMPLES = [
    pytest.param(match["text"], match["what"] or "", id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, match in enumerate(EXAMPLE.finditer(text), 1)
    if match["mark"] != "not values" and not match["text"].startswith("- ")
]
PROVIDERS = [
    page for page in PAGES if page.startswith("cluster/") and not page.endswith("index.md")
]
# deprecated keys, shown beside the current ones
OF_2018 = ("legacy-keys.md", "administer/upgrading.md")
PARTS = "hub|proxy|singleuser|scheduling|prePuller|cull|ingress|httpRoute|rbac|monitoring"
KEY = re.compile(rf"`((?:{PARTS})\.(?!example|log\b)\w+(?:\.\w+)*)(?::[^`]*)?`")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(("text", "warns"), EXAMPLES)
def test_an_example_passes_check(text: str, warns: str, file: Path) -> None:
    file.write_text(text, "utf-8")
    problems = check([file], [], run=False)
    by_severity = {
        severity: {problem.rule for problem in problems if problem.severity == severity}
        for severity in ("error", "warning")
    }
    assert by_severity["error"] == set()
    assert by_severity["warning"] <= set(warns.split())


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OF_2018])
def test_the_values_that_a_page_names_exist(page: str) -> None:
    keys = set(KEY.findall(PAGES[page]))
    assert {key for key in keys if not exists(key)} == set()


def exists(key: str) -> bool:
    try:
        explain.explain(key)
    except explain.UnknownKey:
        return False
    return True


@pytest.mark.parametrize("page", PAGES)
def test_the_subcommands_that_a_page_names_exist(page: str) -> None:
    named = re.findall(r"(?:^ {4,}.*?|`)z2jh ([a-z]+) ([a-z]+)\b", PAGES[page], re.M)
    groups = {name: command(name) for name, _ in named if name in COMMANDS}
    known = {
        name: set(group.commands) if isinstance(group, click.Group) and name != "dev" else None
        for name, group in groups.items()
    }
    assert {(a, b) for a, b in named if known.get(a) is not None and b not in known[a]} == set()


def command(name: str) -> click.Command:
    existing = main.get_command(click.Context(main), name)
    assert existing
    return existing


@pytest.mark.parametrize("page", PROVIDERS)
def test_the_page_of_a_provider_states_when_it_was_compared_with_which_source(page: str) -> None:
    reviewed = re.search(r"<!-- reviewed (\d{4}-\d\d-\d\d): +https://", PAGES[page])
    assert reviewed, "add <!-- reviewed DATE: URL -->"
    assert date.fromisoformat(reviewed[1]).year >= 2026
    for heading in ("See that it works", "Costs", "Tear down"):
        assert re.search(rf"^## .*{heading}", PAGES[page], re.M | re.I), heading


def test_the_generated_pages_are_up_to_date() -> None:
    """`make reference` writes them again."""
    assert {path: PAGES[path] for path in reference_pages.pages()} == reference_pages.pages()


def test_each_cause_of_a_failed_start_has_an_anchor() -> None:
    headings = re.findall(r"^### (.+)$", PAGES["problems/server-does-not-start.md"], re.M)
    assert headings == [failure.id for failure in CATALOGUE]


def test_the_parts_of_the_guide_are_in_their_order() -> None:
    toctree = PAGES["index.md"].rpartition("```{toctree}")[2]
    assert re.findall(r"^([a-z]+)(?:/index)?$", toctree, re.M) == [
        "start", "cluster", "install", "customize", "administer", "problems", "costs", "faq",
        "tools", "glossary", "community", "reference", "contributing",
    ]  # fmt: skip


@pytest.mark.parametrize("section", TOPICS)
def test_a_section_of_the_2018_guide_has_its_place(section: str) -> None:
    for place in TOPICS[section]["places"]:
        path, _, anchor = place.partition("#")
        text = (DOCS / path).read_text("utf-8")
        assert not anchor or anchor in anchors(text), place


@pytest.mark.skipif(
    not SHARED.exists(), reason="../shared does not exist, and Z2JH_SHARED is not set"
)
def test_every_section_of_the_2018_guide_is_listed() -> None:
    contents = (SHARED / "guide" / "contents.md").read_text("utf-8")
    numbers = set(re.findall(r"\b(\d\.\d) \w", contents)) | set(
        re.findall(r"^(7) ", contents, re.M)
    )
    assert len(numbers) > 25
    assert {section.split()[0] for section in TOPICS} == numbers


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
