"""The private names of traitlets and oauthenticator that are used do what they did."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.oauth2 import OAuthenticator
from traitlets import Dict, HasTraits, Int, List, Set, TraitError

import z2jh_hub
from z2jh_hub.hub.trait_names import OAUTHENTICATOR, TRAITLETS
from z2jh_hub.spawner.private_names import PRIVATE_NAMES, PrivateName

PACKAGE = Path(z2jh_hub.__file__).parent
NAMES = (*TRAITLETS, *OAUTHENTICATOR)
OWNERS = (Int(), List(Int()), Dict(value_trait=Int()), OAuthenticator)


def _validates() -> bool:
    with pytest.raises(TraitError):
        Int()._validate(HasTraits(), "x")
    return Int()._validate(HasTraits(), 3) == 3


def _maps_to_traits(name: str) -> bool:
    aliases = getattr(GitHubOAuthenticator, name)
    traits = GitHubOAuthenticator.class_trait_names()
    return bool(aliases) and all(new in traits for new, *_ in aliases.values())


# name: whether it does what this project relies on
CHECKS: dict[str, Callable[[], bool]] = {
    "_validate": _validates,
    "_trait": lambda: all(isinstance(c(Int())._trait, Int) for c in (List, Set)),
    "_value_trait": lambda: isinstance(Dict(value_trait=Int())._value_trait, Int),
    "_deprecated_oauth_aliases": lambda: _maps_to_traits("_deprecated_oauth_aliases"),
    "_deprecated_aliases": lambda: _maps_to_traits("_deprecated_aliases"),
}


def explained(private: PrivateName) -> str:
    package = private.owner.partition(":")[0].partition(".")[0]
    users = ", ".join(f"z2jh_hub/{user}" for user in private.users)
    return f"{package} {version(package)} has changed {private}, which {users} use: {private.why}"


@pytest.mark.parametrize("private", NAMES, ids=str)
def test_private_name_does_what_this_project_relies_on(private: PrivateName) -> None:
    module, _, owner = private.owner.partition(":")
    try:
        works = hasattr(getattr(import_module(module), owner), private.name)
        works = (works or private in TRAITLETS) and CHECKS[private.name]()
    except AttributeError:
        works = False
    assert works, explained(private)


def test_removed_name_is_reported_with_its_users(monkeypatch: pytest.MonkeyPatch) -> None:
    private = next(each for each in OAUTHENTICATOR if each.name == "_deprecated_oauth_aliases")
    monkeypatch.delattr(OAuthenticator, private.name)
    with pytest.raises(AssertionError, match=r"oauthenticator .* has changed .*sandbox/login\.py"):
        test_private_name_does_what_this_project_relies_on(private)


def attributes(file: Path) -> set[str]:
    """Return the attributes that a module reads, and its texts, without those that it defines."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    own = {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    own |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    names |= {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return names - own


def test_every_use_is_listed_and_every_listed_use_exists() -> None:
    listed = {(user, private.name) for private in NAMES for user in private.users}
    others = {private.name for private in PRIVATE_NAMES}
    used: set[tuple[str, Any]] = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.name in ("trait_names.py", "private_names.py", "upstream.py"):
            continue
        for name in attributes(file) - others:
            is_private = name.startswith("_") and not name.startswith("__")
            if is_private and any(hasattr(owner, name) for owner in OWNERS):
                used.add((file.relative_to(PACKAGE).as_posix(), name))
    assert used == listed
