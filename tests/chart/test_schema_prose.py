"""The prose of `values.schema.yaml` and `values.yaml`: each text stands on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from z2jh_hub.chart import chart_files
from z2jh_hub.inspect.explain import UnknownKey, explain, prose

SCHEMA = yaml.safe_load(chart_files.read("values.schema.yaml"))
VALUES = chart_files.read("values.yaml")
REPOSITORY = Path(__file__).parents[2]
FEWEST_WORDS = 3

# names of programs that are written in lower case
LOWER_CASE = ("configurable-http-proxy", "traefik")
# beginnings that refer to a neighbouring text, which `explain` and editors do not show
FRAGMENTS = re.compile(
    r"(Whether (it|there|they)|How (many|much|large)|Its|Their|They|It|That|Those|This|What|Who|"
    r"(With|For|From|As|By|On) (which|what|whom))\b"
)
# phrases that are not idiomatic English
PHRASES = re.compile(
    r"that is none|those that are there|, which is none|put up with|as Kubernetes' API has|"
    r"of your own here|in place of its own|for ever\b|\bas it is\b|\bis to be\b|\bwhoever\b|"
    r"\b2018\b|\bof an? \w+ of their\b|\bmay not be none\b",
    re.IGNORECASE,
)


def settable(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and description of every value that a user can set."""
    nodes = [
        (f"{path}.{name}".lstrip("."), sub) for name, sub in schema.get("properties", {}).items()
    ]
    free = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    nodes += [
        (f"{path}.NAME", sub) for sub in free if isinstance(sub, dict) and "properties" in sub
    ]
    for key, sub in nodes:
        resolved = prose().resolved(sub)
        yield key, " ".join(resolved.get("description", "").split())
        yield from settable(resolved, key)


def comments() -> Iterator[tuple[int, str]]:
    """Yield the comments of `values.yaml` with the number of their first line."""
    block: list[str] = []
    for number, line in enumerate([*VALUES.splitlines(), ""], 1):
        text = line.strip().removeprefix("#").strip()
        if line.lstrip().startswith("#") and not re.fullmatch(r"\w+:", text):
            block.append(text)
        elif block:
            yield number - len(block), " ".join(block)
            block = []


DEFINITIONS = [
    (f"#{name}", sub.get("description", "-")) for name, sub in SCHEMA["definitions"].items()
]
TEXTS = dict([*settable(SCHEMA), *((n, " ".join(t.split())) for n, t in DEFINITIONS if t != "-")])


def faults(text: str) -> Iterator[str]:
    """Yield the problems of a description."""
    if len(text.split()) < FEWEST_WORDS:
        yield "too short to say anything"
    if not (text[:1].isupper() or text.startswith(LOWER_CASE)):
        yield "does not begin with a capital letter"
    if not text.endswith("."):
        yield "does not end with a full stop"
    if match := FRAGMENTS.match(text):
        yield f"begins with {match[0]!r}, which refers to another text"
    if match := PHRASES.search(text):
        yield f"has the phrase {match[0]!r}"
    if text.count("`") % 2:
        yield "has an unclosed code span"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Its tag.",
        "Whether it does.",
        "How many.",
        "labels of the pod.",
        "Labels added to the pod",
        "Taints of nodes that are put up with, as Kubernetes' API has them.",
        "The key `name of the Secret.",
    ],
)
def test_fragment_is_reported(text: str) -> None:
    assert list(faults(text))


def test_every_description_is_a_sentence_that_stands_alone() -> None:
    wrong = {key: match for key, text in TEXTS.items() if (match := list(faults(text)))}
    assert wrong == {}


def test_every_comment_is_free_of_fragments() -> None:
    wrong = {
        f"values.yaml:{line}": text
        for line, text in comments()
        if FRAGMENTS.match(text) or PHRASES.search(text) or text.count("`") % 2
    }
    assert wrong == {}


def keys_named(text: str) -> Iterator[str]:
    """Yield the keys of the values that a text names in code spans."""
    tops = prose().children(())
    for span in re.findall(r"`([^`]+)`", text):
        key = span.partition(":")[0]
        if re.fullmatch(r"[\w.]+\w", key) and "." in key and key.split(".")[0] in tops:
            yield key


def test_every_key_that_a_text_names_exists() -> None:
    unknown = []
    for text in (*TEXTS.values(), *(text for _, text in comments())):
        for key in keys_named(text):
            try:
                explain(key)
            except UnknownKey as error:
                unknown.append(str(error))
    assert unknown == []


def guides() -> dict[str, list[str]]:
    """Return, for each part of `values.yaml`, the pages that its comment links to."""
    match: dict[str, list[str]] = {}
    block: list[str] = []
    for line in VALUES.splitlines():
        name = re.match(r"(?:# )?(\w+):(?: |$)", line)
        if line.startswith("#") and not re.fullmatch(r"# \w+:", line):
            block.append(line)
        elif name:
            match[name[1]] = re.findall(r"docs/[\w./#-]*[\w/]", " ".join(block))
            block = []
        else:
            block = []
    return match


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_comment_of_every_part_links_to_a_page_that_exists() -> None:
    linked = guides()
    assert set(linked) >= set(yaml.safe_load(VALUES))
    for part, links in linked.items():
        assert links, f"{part} has no guide"
        for link in links:
            page, _, anchor = link.partition("#")
            assert (REPOSITORY / page).is_file(), f"{part}: {link}"
            assert not anchor or anchor in anchors(REPOSITORY / page), f"{part}: {link}"
