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
    """The values that a hub started with, and the functions that validate and apply new ones.

    `keys_read` are the keys that the administrator's code read at the start; `code` is that code.
    """

    values: Values
    keys_read: set[Path]
    problems: Callable[[Values], list[Problem]]
    plain: Callable[[Values], tuple[Config, dict[str, str]]]
    code: tuple[Snippet, ...] = ()

    @cached_property
    def names(self) -> set[str]:
        """The names that the administrator's code uses while it runs."""
        return set().union(*map(named_at_load, self.code))


@dataclass
class Decision:
    """The decision on a change: the parts to change, and the values that result.

    `values` are the new values, but the old ones at the paths in `postponed`, which maps each
    path to the reason why it needs a restart.
    """

    values: Values
    old: Config
    new: Config
    parts: list[Part] = field(default_factory=list)
    postponed: dict[Path, str] = field(default_factory=dict)


def decide(hub: JupyterHub, rules: Rules, old: Values, new: Values) -> Decision:
    """Decide which changes from `old` to `new`, which are valid, the hub applies."""
    before = rules.plain(old)
    postponed = dict(_needing_restart(rules, before, old, new))
    while True:
        values = new.replaced(postponed, old) if postponed else new
        c, _ = rules.plain(values)
        decision = Decision(values, before[0], c, postponed=postponed)
        more: dict[Path, str] = {}
        for part in PARTS:
            if part.configured(hub, old, decision.old) != part.configured(hub, values, c):
                decision.parts.append(part)
                reason = _reason(hub, rules, part, decision, old)
                more.update({p: reason for p in old.differing(values) if reason and part.is_of(p)})
        if not more and _changes_more(decision):
            more = {path: AT_START for path in old.differing(values) if part_of(path)}
        if not more:
            return decision
        postponed |= more


def _needing_restart(
    rules: Rules, before: tuple[Config, dict[str, str]], old: Values, new: Values
) -> Iterable[tuple[Path, str]]:
    """Yield the changes that always need a restart."""
    rest = []
    for path in old.differing(new):
        if path[:2] == ("hub", "extraConfig") or _is_read(rules, old, path):
            yield path, BY_CODE
        elif part_of(path) is None:
            if rules.plain(old.replaced([path], new)) != before:
                yield path, AT_START
            else:
                rest.append(path)
    # changes that have no effect one by one may have one together
    if rest and rules.plain(old.replaced(rest, new)) != before:
        yield from ((path, AT_START) for path in rest)


def _is_read(rules: Rules, values: Values, path: Path) -> bool:
    spellings = (path, values.given_as(path))
    return any(
        all(one == other for one, other in zip(key, spelling, strict=False))
        for key in rules.keys_read
        for spelling in spellings
    )


def _reason(hub: JupyterHub, rules: Rules, part: Part, decision: Decision, old: Values) -> str:
    """Return why a part cannot be changed now; empty if it can."""
    if part.configured(hub, old, decision.old) != part.configured(hub, old, hub.config):
        return BY_CODE
    if part.trait and part.trait in rules.names:
        return BY_CODE
    return part.hindrance(hub, old, decision.values)


def _changes_more(decision: Decision) -> bool:
    """Return whether the configuration differs outside the changed parts."""
    c = deepcopy(decision.old)
    for part in PARTS:
        part.write(c, decision.old, decision.new)
    return bool(c != decision.new)
