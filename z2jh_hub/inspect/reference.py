"""Generate `docs/reference/`, one page for each part of the values, from the schema.

python -m z2jh_hub.inspect.reference     # writes the pages
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import explain

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
NOTICE = "<!-- Generated from chart/values.schema.yaml by `make reference`. Do not edit. -->"


def pages() -> dict[str, str]:
    """Return the pages as {file name: text}."""
    tops = explain.prose().children(())
    texts = {f"{name}.md": _page(name) for name in tops}
    rows = [f"| [`{name}`]({name}.md) | {explain.explain(name).text} |" for name in tops]
    table = "\n".join(("| key | description |", "|---|---|", *map(_line, rows)))
    texts["README.md"] = f"{NOTICE}\n# Values\n\nAll keys of `config.yaml`, by part.\n\n{table}\n"
    return texts


def _page(top: str) -> str:
    return "\n".join((NOTICE, f"# `{top}`", "", *_entries(top, 0))).rstrip() + "\n"


def _entries(key: str, depth: int) -> Iterator[str]:
    explanation = explain.explain(key)
    if depth:
        yield f"{'#' * min(depth + 1, 4)} `{key}`"
        yield ""
    facts = [explanation.kind]
    if default := explain.shown_default(explanation.default):
        facts.append(f"default `{default}`")
    if explanation.trait:
        facts.append(f"sets `{explanation.trait}`")
    if explanation.old:
        facts.append("replaces the deprecated " + ", ".join(f"`{old}`" for old in explanation.old))
    yield _line(explanation.text)
    yield ""
    yield f"*{'; '.join(facts)}*"
    yield ""
    for name in explanation.children:
        yield from _entries(f"{key}.{name}", depth + 1)


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
