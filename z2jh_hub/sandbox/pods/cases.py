"""Choose the starts that cover every profile, every choice, and every kind of user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from traitlets.config import Config

Request = dict[str, Any]
Choice = tuple[tuple[str, str], ...]

ORDINARY = "ada"
MOST_GROUPS = 12
MOST_USERS = 4
MOST_ROWS = 40
UNLISTED = "--unlisted-choice"
# typed where a profile accepts text; the first that its pattern accepts
_TYPED = ("quay.io/jupyter/base-notebook:2025-01-06", "main", "2", "1.5", "a")
# mappings with such keys hold groups of something else
_OTHER_GROUPS = ("apiGroups", "supplementalGroups")


def personas(values: Mapping[str, Any], config: Config) -> tuple[list[Request], list[Request]]:
    """Return an ordinary user, an admin, members of each group, and users that rules name.

    The second list are those beyond `MOST_GROUPS` and `MOST_USERS`.
    """
    groups, users = set[str](), set[str]()
    for tree in (values, config):
        _named(tree, groups, users)
    result: list[Request] = [
        {"user": ORDINARY, "groups": [], "admin": False},
        {"user": ORDINARY, "groups": [], "admin": True},
    ]
    members: list[Request] = [{"user": ORDINARY, "groups": [name]} for name in sorted(groups)]
    named: list[Request] = [{"user": name, "groups": []} for name in sorted(users)]
    result += [*members[:MOST_GROUPS], *named[:MOST_USERS]]
    return result, [*members[MOST_GROUPS:], *named[MOST_USERS:]]


def _named(node: Any, groups: set[str], users: set[str], depth: int = 0) -> None:
    """Collect the groups that `node` names anywhere, and the users in rules of profiles."""
    if depth > 12:
        return
    if isinstance(node, Mapping):
        for key, item in node.items():
            if str(key).endswith("groups") and key not in _OTHER_GROUPS:
                names = item if isinstance(item, (list, set, tuple, dict)) else ()
                groups.update(name for name in names if isinstance(name, str) and name)
            elif key == "allowed_users" and ("display_name" in node or "choices" in node):
                users.update(name for name in item or () if isinstance(name, str))
            _named(item, groups, users, depth + 1)
    elif isinstance(node, (list, tuple)):
        for item in node:
            _named(item, groups, users, depth + 1)


def requests(
    persona: Request, profiles: Iterable[Mapping[str, Any]], covered: set[Any]
) -> Iterator[Request]:
    """Yield the starts of a user with what `covered` does not contain yet, and add it there."""
    for profile in profiles:
        slug = profile.get("slug")
        for row in rows(_choices(profile)):
            parts = {(slug,), *((slug, *choice) for choice in row)}
            if not parts <= covered:
                covered |= parts
                yield {**persona, "profile": slug, "options": dict(row)}


def _choices(profile: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """Return the possible inputs of each option: (field, value)."""
    result = []
    for name, option in (profile.get("profile_options") or {}).items():
        inputs = [(name, key) for key in option.get("choices") or {}]
        unlisted = option.get("unlisted_choice") or {}
        if unlisted.get("enabled"):
            inputs += [(f"{name}{UNLISTED}", text) for text in _accepted(unlisted)]
        if inputs:
            result.append(inputs)
    return result


def _accepted(unlisted: Mapping[str, Any]) -> list[str]:
    pattern = unlisted.get("validation_regex")
    try:
        return [text for text in _TYPED if not pattern or re.match(pattern, text)][:1]
    except (re.error, TypeError):
        return []


def rows(options: list[list[tuple[str, str]]]) -> list[Choice]:
    """Return rows of inputs that contain every pair of inputs of two options."""
    open_pairs = {
        pair
        for one, other in combinations(options, 2)
        for a in one
        for b in other
        for pair in [frozenset((a, b))]
    }
    singles = [frozenset([item]) for items in options for item in items]
    missing = open_pairs or set(singles)
    result: list[Choice] = []
    most = max([MOST_ROWS, *map(len, options)])  # every choice of an option at least
    while missing and len(result) < most:
        row: list[tuple[str, str]] = list(min(missing, key=sorted))
        taken = {_option(item) for item in row}
        for items in options:
            if _option(items[0]) not in taken:
                row.append(max(items, key=lambda item: _gain(item, row, missing)))
        row.sort()
        missing -= {frozenset(pair) for pair in combinations(row, 2)}
        missing -= {frozenset([item]) for item in row}
        result.append(tuple(row))
    return result or [()]


def _option(item: tuple[str, str]) -> str:
    return item[0].removesuffix(UNLISTED)


def _gain(item: tuple[str, str], row: list[tuple[str, str]], missing: set[frozenset[Any]]) -> int:
    return sum(frozenset((item, other)) in missing for other in row)
