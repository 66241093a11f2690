"""Make single, realistic mistakes in the text of a values file.

`KINDS` maps each kind of mistake to the function that finds its spots in a `Page`. A spot replaces
lines with others, which are drawn each time. The chart's JSON Schema, the traits of the real
classes and Python's compiler decide what is a mistake.
"""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Callable, Iterator

import jsonschema
import yaml

from z2jh_hub.chart.schema import chart_schema

from . import executed, mistakes, nested
from .page import Entry, Keys, Page, Spot

_WORD = re.compile(r"[A-Za-z]\w{2,}")
_SETTING = re.compile(r"c\.([A-Z]\w+)\.([a-z]\w+)\s*(?:\.|\[|=(?!=))")
_QUANTITY_KEYS = {"memory", "cpu", "storage", "capacity", "mem_limit", "mem_guarantee"}
_PARENTS = {"limits", "requests", "pvc", "storage", "kubespawner_override"}


def _is_known(path: Keys) -> bool:
    return path[-1] in chart_schema().children(path[:-1])


def keys(page: Page) -> Iterator[Spot]:
    """A key that the schema names, misspelled."""
    for entry in page.entries:
        if _is_known(entry.path) and _WORD.fullmatch(entry.path[-1]):
            known = chart_schema().children(entry.path[:-1])
            yield page.renamed(entry, known.__contains__)


def types(page: Page) -> Iterator[Spot]:
    """A value of a type that the schema refuses."""
    for entry in page.entries:
        schema = chart_schema().at(entry.path)
        if _is_known(entry.path) and entry.is_short and "type" in schema and "enum" not in schema:
            whole = {**schema, "definitions": chart_schema().root["definitions"]}
            takes = jsonschema.Draft7Validator(whole).is_valid
            wrong = [text for text in mistakes.ANYTHING if not takes(yaml.safe_load(text))]
            if wrong:
                yield page.revalued(entry, lambda rng, wrong=wrong: rng.choice(wrong))


def enums(page: Page) -> Iterator[Spot]:
    """A value of an enumeration, misspelled."""
    for entry in page.entries:
        known = chart_schema().at(entry.path).get("enum", []) if entry.is_short else []
        value = getattr(entry.value, "value", "")
        if value in known and _WORD.fullmatch(value.replace("-", "")):
            yield page.revalued(
                entry,
                lambda rng, value=value, known=known: next(
                    (w for w in [mistakes.misspelled(value, rng)] if w not in known), None
                ),
            )


def quantities(page: Page) -> Iterator[Spot]:
    """An invalid quantity."""
    for entry in page.entries:
        if entry.is_short and isinstance(entry.value, yaml.ScalarNode) and _is_quantity(entry.path):
            pool = mistakes.NO_CPU if "cpu" in entry.path else mistakes.NO_BYTES
            if entry.value.value not in ("null", ""):
                yield page.revalued(entry, lambda rng, pool=pool: f'"{rng.choice(pool)}"')


def _is_quantity(path: Keys) -> bool:
    if path[:2] in (("singleuser", "memory"), ("singleuser", "cpu")):
        return len(path) == 3
    return path[-1] in _QUANTITY_KEYS and len(path) > 1 and path[-2] in _PARENTS


def traits(page: Page) -> Iterator[Spot]:
    """`hub.config.CLASS.TRAIT`, the trait misspelled."""
    for entry, names in _traits(page):
        yield page.renamed(entry, names.__contains__)


def trait_values(page: Page) -> Iterator[Spot]:
    """`hub.config.CLASS.TRAIT`, with a value of another type."""
    for entry, names in _traits(page):
        wrong = mistakes.wrong_for(names[entry.path[-1]])
        if wrong and entry.is_short:
            yield page.revalued(entry, lambda rng, wrong=wrong: rng.choice(wrong))


def _traits(page: Page) -> Iterator[tuple[Entry, dict[str, object]]]:
    for entry in page.entries:
        if entry.path[:2] == ("hub", "config") and len(entry.path) == 4:
            names = mistakes.classes().get(entry.path[2], {})
            if entry.path[3] in names:
                yield entry, names


def classes(page: Page) -> Iterator[Spot]:
    """`hub.config.CLASS`, misspelled; a class of a custom image can have any name."""
    known = mistakes.classes()
    for entry in page.entries:
        if entry.path[:2] == ("hub", "config") and len(entry.path) == 3 and entry.path[2] in known:
            yield page.renamed(entry, mistakes.classes().__contains__)


def overrides(page: Page) -> Iterator[Spot]:
    """A trait that a profile overrides, misspelled."""
    names = mistakes.classes()["KubeSpawner"]
    for entry in page.entries:
        if entry.path[-2:-1] == ("kubespawner_override",) and entry.path[-1] in names:
            yield page.renamed(entry, names.__contains__)


def _snippets(page: Page) -> Iterator[tuple[Keys, int, int]]:
    """Yield the path of each snippet, its first line and the line after its last."""
    root = yaml.compose("\n".join(page.lines) + "\n", Loader=yaml.SafeLoader)
    node = root
    for name in ("hub", "extraConfig"):
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == name), None)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if getattr(value, "style", None) == "|":
            path = ("hub", "extraConfig", key.value)
            yield path, value.start_mark.line + 1, value.end_mark.line


def python_traits(page: Page) -> Iterator[Spot]:
    """`c.CLASS.trait` in a snippet, the trait misspelled."""
    for path, first, end in _snippets(page):
        for number in range(first, min(end, len(page.lines))):
            line = page.lines[number]
            match = _SETTING.match(line.strip())
            names = mistakes.classes().get(match[1], {}) if match else {}
            if match and match[2] in names:
                start = line.index(match[2], line.index(match[1]) + len(match[1]))

                def draw(
                    rng: random.Random, line: str = line, start: int = start,
                    right: str = match[2], names: dict[str, object] = names,
                ) -> list[str] | None:  # fmt: skip
                    wrong = mistakes.misspelled(right, rng)
                    end = start + len(right)
                    return None if wrong in names else [line[:start] + wrong + line[end:]]

                yield Spot((*path, str(number - first)), number, draw)


def syntax(page: Page) -> Iterator[Spot]:
    """A missing character, without which a snippet does not compile."""
    for path, first, end in _snippets(page):
        block = page.lines[first:end]
        if not _compiles(block):
            continue
        for offset, line in enumerate(block):
            ends = [mark for mark in (":", ")", "]", "'", '"') if line.rstrip().endswith(mark)]
            if not ends or line.strip().startswith("#") or len(line.strip()) < 4:
                continue
            new = line.rstrip()[:-1]

            def draw(rng: random.Random, new: str = new, block: list[str] = block,
                     offset: int = offset) -> list[str] | None:  # fmt: skip
                broken = [*block[:offset], new, *block[offset + 1 :]]
                return None if _compiles(broken) else [new]

            yield Spot((*path, str(offset)), first + offset, draw)


def _compiles(lines: list[str]) -> bool:
    try:
        compile(textwrap.dedent("\n".join(lines)), "snippet", "exec")
    except SyntaxError:
        return False
    return True


def duplicates(page: Page) -> Iterator[Spot]:
    """A line with key and value, twice."""
    for entry in page.entries:
        line = page.lines[entry.line]
        if entry.is_short and page.begins(entry):
            yield Spot(entry.path, entry.line, lambda rng, line=line: [line, line], offset=1)


def tabs(page: Page) -> Iterator[Spot]:
    """A tab in the indentation of a line."""
    for entry in page.entries:
        line, indent = page.lines[entry.line], entry.key.start_mark.column
        if indent and page.begins(entry):
            new = line[: indent - 2] + "\t" + line[indent:]
            yield Spot(entry.path, entry.line, lambda rng, new=new: [new])


def outdents(page: Page) -> Iterator[Spot]:
    """The last key of a mapping one level out, where the schema does not know it."""
    for entry in page.entries:
        above = entry.path[:-2]
        open_ = chart_schema().at(above).get("additionalProperties") not in (None, False)
        if len(entry.path) < 2 or not entry.last or not _is_known(entry.path) or open_:
            continue
        if not _is_known(entry.path[:-1]) or entry.path[-1] in chart_schema().children(above):
            continue
        block = page.block(entry)
        if page.begins(entry) and all(line.startswith("  ") or not line for line in block):
            new = [line[2:] for line in block]
            yield Spot(entry.path, entry.line, lambda rng, new=new: new, len(block))


def guarantees(page: Page) -> Iterator[Spot]:
    """A guarantee above its limit."""
    entries = {entry.path: entry for entry in page.entries}
    for path, entry in entries.items():
        limit = {"guarantee": (*path[:-1], "limit"), "cpu_guarantee": (*path[:-1], "cpu_limit"),
                 "mem_guarantee": (*path[:-1], "mem_limit")}.get(path[-1])  # fmt: skip
        if path[-2:-1] == ("requests",):
            limit = (*path[:-2], "limits", path[-1])
        if limit in entries and entries[limit].value.value not in ("null", "", "~"):
            pool = ("999",) if "cpu" in "".join(path) else ("900G", "1T", "2T")
            yield page.revalued(entry, lambda rng, pool=pool: rng.choice(pool))


def mounts(page: Page) -> Iterator[Spot]:
    """A mount of an undefined volume."""
    for entry in page.entries:
        inside = any(name in ("extraVolumeMounts", "volumeMounts") for name in entry.path[-3:])
        if inside and entry.path[-1] == "name" and entry.is_short:
            name = entry.value.value
            yield page.revalued(entry, lambda rng, name=name: mistakes.misspelled(name, rng))


KINDS: dict[str, Callable[[Page], Iterator[Spot]]] = {
    "misspelled key": keys,
    "wrong type": types,
    "wrong enum": enums,
    "bad quantity": quantities,
    "misspelled trait": traits,
    "misspelled class": classes,
    "misspelled trait in Python": python_traits,
    "wrong trait type": trait_values,
    "Python syntax error": syntax,
    "unknown profile override": overrides,
    "duplicate key": duplicates,
    "tab": tabs,
    "block one level out": outdents,
    "guarantee above limit": guarantees,
    "mount of no volume": mounts,
    **nested.KINDS,
    **executed.KINDS,
}
# kinds that `check` finds only by running
EXECUTED = frozenset(executed.KINDS)
