"""Mistakes that people make in words, values and quantities, for `mutators`."""

from __future__ import annotations

import random
from functools import cache
from importlib import import_module

import traitlets
from traitlets.config import Configurable

# values of every type, as YAML
ANYTHING = ("[1, 2]", "{a: 1}", "some text", "12", "true", '"true"', '"12"')
NO_BYTES = ("2GB", "512 Mi", "2Gib", "two", "1,5Gi", "512MB", "G2", "2gb", "1Gi!")
NO_CPU = ("1 core", "500milli", "1,5", "half", "0.5cpu", "2x", "1.5.0")
MODULES = ("jupyterhub.app", "kubespawner", "oauthenticator.generic", "oauthenticator.github",
           "oauthenticator.google", "oauthenticator.auth0", "oauthenticator.azuread",
           "oauthenticator.gitlab", "oauthenticator.globus", "oauthenticator.cilogon",
           "dummyauthenticator", "ltiauthenticator", "nativeauthenticator", "ldapauthenticator",
           "tmpauthenticator")  # fmt: skip
# values that a trait of this class refuses
_REFUSED = (
    (traitlets.Bool, ('"maybe"', '"true"', "12", "[true]")),
    (traitlets.Int, ('"many"', "[1]", "{a: 1}")),
    (traitlets.Float, ('"many"', "[1]", "{a: 1}")),
    (traitlets.List, ("12", "true", "{a: 1}")),
    (traitlets.Set, ("12", "true", "{a: 1}")),
    (traitlets.Dict, ('"some text"', "12", "[1, 2]")),
    (traitlets.Unicode, ("[1, 2]", "12", "true", "{a: 1}")),
)


def misspelled(word: str, rng: random.Random) -> str:
    """Return `word` with one typo: a letter that is missing, doubled, swapped or wrong."""
    while True:
        at = rng.randrange(1, len(word))
        a, b = word[at - 1], word[at]
        typo = rng.choice(("drop", "double", "swap", "other"))
        middle = {"drop": a, "double": a + b + b, "swap": b + a,
                  "other": a + rng.choice("aeiorstnlu")}[typo]  # fmt: skip
        wrong = word[: at - 1] + middle + word[at + 1 :]
        if wrong != word and wrong[0].isalpha() and wrong[-1].isalnum():
            return wrong


@cache
def classes() -> dict[str, dict[str, object]]:
    """Return the configurable traits of each installed class by its name."""
    for name in MODULES:
        try:
            import_module(name)
        except ImportError:
            continue
    traits: dict[str, dict[str, object]] = {}
    todo: list[type[Configurable]] = [Configurable]
    while todo:
        one = todo.pop()
        todo += one.__subclasses__()
        traits[one.__name__] = dict(one.class_traits(config=True))
    return traits


def wrong_for(trait: object) -> tuple[str, ...]:
    """Return values, as YAML, that `trait` refuses, or nothing if they are not known."""
    return next((texts for kind, texts in _REFUSED if isinstance(trait, kind)), ())
