"""`singleuser.profileList`: access rules (enforced in `z2jh_hub.spawner.profiles`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Path, Problem
from ..groups import groups_of
from ..keys import TEXTS
from ..profile_rules import RULES, hint, parts

if TYPE_CHECKING:
    from ..values import Values

GROUPS = "hub.config.JupyterHub.load_groups"
KEYS_OF_LISTS = ("singleuser.profileList", "hub.config.KubeSpawner.profile_list")


def problems(values: Values) -> Iterator[Problem]:
    """Report invalid rules, and profiles, options or choices that nobody may use."""
    for key in KEYS_OF_LISTS:
        for path, entry in _each(tuple(key.split(".")), values.get(key)):
            for part in parts(entry):
                yield from _of_entry(values, (*path, *part.path), dict(part.entry))


def _each(path: Path, entries: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the mappings in a list or a mapping, each with its path."""
    if not isinstance(entries, dict | list):
        return
    for key, entry in entries.items() if isinstance(entries, dict) else enumerate(entries):
        if isinstance(entry, dict):
            yield (*path, str(key)), entry


def _of_entry(values: Values, path: Path, entry: dict[str, Any]) -> Iterator[Problem]:
    rules = {key: entry[key] for key in RULES if key in entry}
    wrong = [key for key, names in rules.items() if names is None or not TEXTS.accepts(names)]
    for key in wrong:
        yield values.problem(
            (*path, key), "not a list of names", expected=TEXTS.expected,
            hint=hint(key, rules[key]),
        )  # fmt: skip
    if not rules or wrong:
        return
    known, groups = groups_of(values), rules.get("allowed_groups") or []
    undefined = [group for group in groups if known and group not in known]
    expected = f"one of {', '.join(sorted(known))}" if undefined else "a group or a user"
    if len(undefined) == len(groups) and not rules.get("allowed_users"):
        why = f": {GROUPS} does not define {', '.join(undefined)}" if undefined else ""
        yield values.problem(
            (*path, next(iter(rules))),
            f"nobody may use this{why}",
            expected=expected,
            severity="warning",
        )
        return
    for group in undefined:
        yield values.problem(
            (*path, "allowed_groups"),
            f"the group {group} is not defined in {GROUPS}",
            expected=expected,
            severity="warning",
        )
