"""Decide which changed values a running hub applies, and which need a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ...config.errors import Path, Problem
from ...config.snippets import Snippet, named_at_load
from ...config.values import Values
from .parts import Part
from .table import PARTS, part_of

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config

AT_START = "it is read only when the hub starts"
BY_CODE = "code of the deployment uses it when the hub starts"


@dataclass(frozen=True)
class Rules:
    """What a hub began with, and how values are checked and made into configuration.

    `asked` are the keys that the administrator's code asked for meanwhile, `code` is that code.
    """

    values: Values
    asked: set[Path]
    problems: Callable[[Values], list[Problem]]
    plain: Callable[[Values], tuple[Config, dict[str, str]]]
    code: tuple[Snippet, ...] = ()

    @cached_property
    def names(self) -> set[str]:
        """The names that the administrator's code uses while it runs."""
        return set().union(*map(named_at_load, self.code))


@dataclass
class Decision:
    """`values` are those to go on with: the new ones, but at `held` (path: why) the old."""

    values: Values
    old: Config
    new: Config
    parts: list[Part] = field(default_factory=list)
    held: dict[Path, str] = field(default_factory=dict)


def decide(hub: JupyterHub, rules: Rules, old: Values, new: Values) -> Decision:
    """Decide on the change from the hub's values to new, valid ones."""
    before = rules.plain(old)
    held = dict(_held(rules, before, old, new))
    while True:
        values = new.replaced(held, old) if held else new
        c, _ = rules.plain(values)
        found = Decision(values, before[0], c, held=held)
        more: dict[Path, str] = {}
        for part in PARTS:
            if part.configured(hub, old, found.old) != part.configured(hub, values, c):
                found.parts.append(part)
                reason = _reason(hub, rules, part, found, old)
                more.update({p: reason for p in old.differing(values) if reason and part.is_of(p)})
        if not more and _changes_more(found):
            more = {path: AT_START for path in old.differing(values) if part_of(path)}
        if not more:
            return found
        held |= more


def _held(
    rules: Rules, before: tuple[Config, dict[str, str]], old: Values, new: Values
) -> Iterable[tuple[Path, str]]:
    """Yield the changes that always need a restart."""
    rest = []
    for path in old.differing(new):
        if path[:2] == ("hub", "extraConfig") or _is_asked(rules, old, path):
            yield path, BY_CODE
        elif part_of(path) is None:
            if rules.plain(old.replaced([path], new)) != before:
                yield path, AT_START
            else:
                rest.append(path)
    # what changes nothing each for itself may do so together
    if rest and rules.plain(old.replaced(rest, new)) != before:
        yield from ((path, AT_START) for path in rest)


def _is_asked(rules: Rules, values: Values, path: Path) -> bool:
    spellings = (path, values.given_as(path))
    return any(
        all(one == other for one, other in zip(asked, spelling, strict=False))
        for asked in rules.asked
        for spelling in spellings
    )


def _reason(hub: JupyterHub, rules: Rules, part: Part, found: Decision, old: Values) -> str:
    """Return why a part cannot be changed now; empty if it can."""
    if part.configured(hub, old, found.old) != part.configured(hub, old, hub.config):
        return BY_CODE
    if part.trait and part.trait in rules.names:
        return BY_CODE
    return part.hindrance(hub, old, found.values)


def _changes_more(found: Decision) -> bool:
    """Whether the configuration differs outside the changed parts."""
    c = deepcopy(found.old)
    for part in PARTS:
        part.write(c, found.old, found.new)
    return bool(c != found.new)
