"""The pages under docs/: links lead somewhere, commands exist, the index lists every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from z2jh_hub.cli import COMMANDS
from z2jh_hub.failures import PLACES
from z2jh_hub.failures.custom import FIELDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("2*.md"))
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "rules")
# they lead to the pages that README.md lists, or repeat it
OVERVIEWS = {"README.md", "index.md", "customize/index.md", "administer/index.md"}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
each_decision = pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub generates them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in headings}


def broken_links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.M | re.S)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    return broken


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@each_page
def test_commands_exist(page: Path) -> None:
    code = re.findall(r"^ {4,}(?:\S+ )*?z2jh ([a-z]+)\b", page.read_text("utf-8"), re.M)
    spans = re.findall(r"`z2jh ([a-z]+)\b", page.read_text("utf-8"))
    assert {*code, *spans} <= COMMANDS.keys()


def test_the_index_lists_every_page() -> None:
    links = set(re.findall(r"\]\(([\w/.-]+\.md)\b", (DOCS / "README.md").read_text("utf-8")))
    parts = ("start", "cluster", "install", "customize", "administer", "problems")
    pages = [*DOCS.glob("*.md"), *(page for part in parts for page in (DOCS / part).glob("*.md"))]
    listed = {str(page.relative_to(DOCS)) for page in pages} - OVERVIEWS
    assert listed <= links


@each_decision
def test_a_decision_states_question_choice_and_why(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.match(r"# \S", text)
    assert not text.splitlines()[0].endswith("?"), "the title states what was decided"
    for part in ("Question: ", "Choice", "Why"):
        assert re.search(rf"\b{part}", text), part


def test_references_to_decisions_name_existing_files() -> None:
    names = {page.name for page in DECISIONS}
    sources = [*ROOT.glob("*.md"), *PAGES, *(ROOT / "z2jh_hub").rglob("*.py")]
    sources += [*(ROOT / "chart").rglob("*.yaml"), *(ROOT / "tests").rglob("*.py")]
    for source in sources:
        mentioned = re.findall(r"20\d\d-\d\d-\d\d-[a-z-]+\.md", source.read_text("utf-8"))
        assert set(mentioned) <= names, source


def test_the_page_on_failures_lists_every_key_and_place() -> None:
    code = set(re.findall(r"`(\w+)`", (DOCS / "failures.md").read_text("utf-8")))
    assert {*FIELDS, *PLACES} <= code
