"""Compare two configurations, and determine the effects of the change on users."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from ...config.errors import MISSING
from ...config.values import Values
from ...masking import HIDDEN, Mask
from .. import preview, show
from . import effects, homes, objects, reloads
from .effects import Effect
from .trees import Change, changes

__all__ = ["Change", "Difference", "Effect", "compare"]

# contains characters that some name templates and slug schemes change
USER = "Jo.E@example.org"


@dataclass
class Difference:
    """All differences. The values contain secrets; to show them, use `shown`.

    `pods` maps each profile (its slug, or "") to the changes of its pod and claims;
    `notes` name what could not be compared.
    """

    values: list[Change] = field(default_factory=list)
    traits: list[Change] = field(default_factory=list)
    objects: dict[str, list[Change]] = field(default_factory=dict)
    pods: dict[str, list[Change]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: a server that starts today would not start, so nobody knows whether its home stays
    is_incomplete: bool = False
    #: hides the secrets of both sides
    mask: Mask = field(default_factory=Mask)

    def shown(self, change: Change, where: str = "") -> tuple[Any, Any]:
        """A change's old and new value without secrets; `where` is the object (`Kind/name`)."""
        if where.startswith("Secret/") and change.path[:1] in (("data",), ("stringData",)):
            return tuple(MISSING if v is MISSING else HIDDEN for v in (change.old, change.new))  # type: ignore[return-value]
        return self._masked(change, change.old), self._masked(change, change.new)

    def _masked(self, change: Change, value: Any) -> Any:
        return value if value is MISSING else self.mask.value(change.path, value)

    @property
    def loses_homes(self) -> bool:
        """Whether a user can no longer reach an existing home after the change."""
        return any(effect.kind == "home-unreachable" for effect in self.effects)

    @property
    def is_empty(self) -> bool:
        """Whether there is no difference."""
        return not (self.values or self.traits or self.objects or self.pods)


def compare(
    old: Values, new: Values, chart: Path | None = None, *, run_anyway: bool = False
) -> Difference:
    """Compare `old` with `new`. Raises ConfigError or show.NotShown if a hub would not start."""
    difference = Difference(values=list(_of_values(old, new)), mask=Mask(old.get(()), new.get(())))
    salt = token_hex()
    with ThreadPoolExecutor(2) as pool:
        traits = list(pool.map(lambda values: _traits(values, salt, run_anyway), (old, new)))
        rendered = list(pool.map(lambda values: _rendered(values, run_anyway), (old, new)))
    difference.traits = list(changes(traits[0], traits[1]))
    caused = list(effects.of_traits(difference.traits, difference.values, reloads.of(old, new)))
    caused += _compare_objects(old, new, chart, difference)
    caused += _compare_pods(old, new, rendered, difference)
    difference.effects = _ranked(caused)
    return difference


def _of_values(old: Values, new: Values) -> Iterator[Change]:
    return changes(old.get(()), new.get(()))


def _traits(values: Values, salt: str, run_anyway: bool) -> dict[str, dict[str, Any]]:
    traits: dict[str, dict[str, Any]] = {}
    for one in show.traits_of(values, secrets=True, salt=salt, run_anyway=run_anyway):
        name, _, trait = one.name.partition(".")
        traits.setdefault(name, {})[trait] = one.value
    return traits


def _rendered(values: Values, run_anyway: bool) -> dict[str, preview.Objects | preview.NotRendered]:
    """Return the objects of each profile by slug, with those of a start without a choice at ""."""
    slugs = [slug for slug in preview.profiles(values) if slug]
    requests = [preview.Request(USER, profile=slug) for slug in (None, *slugs)]
    try:
        answers = preview.each(values, requests, run_anyway=run_anyway)
    except preview.NotRendered as error:
        return {"": error}
    return dict(zip(("", *slugs), answers, strict=True))


def _compare_objects(
    old: Values, new: Values, chart: Path | None, difference: Difference
) -> Iterator[Effect]:
    try:
        before, after = objects.render(old, chart), objects.render(new, chart)
    except objects.NotRendered as error:
        difference.notes.append(f"the chart's objects are not compared: {error}")
        return
    for name in sorted(before.keys() | after.keys()):
        differing = list(changes(before.get(name, {}), after.get(name, {})))
        if differing and objects.is_comparable(name):
            difference.objects[name] = differing
    yield from effects.of_restarts(filter(objects.is_comparable, objects.restarts(before, after)))


def _compare_pods(
    old: Values,
    new: Values,
    rendered: list[dict[str, preview.Objects | preview.NotRendered]],
    difference: Difference,
) -> Iterator[Effect]:
    before, after = rendered
    for slug in before.keys() | after.keys():
        one, other = before.get(slug), after.get(slug)
        name = slug or "(no profile)"
        if not isinstance(one, preview.Objects) or not isinstance(other, preview.Objects):
            if error := next((e for e in (one, other) if isinstance(e, Exception)), None):
                difference.notes.append(f"the pod of {name} is not compared: {error}")
                difference.is_incomplete |= _fails(one, other)
            else:
                change = "removed" if other is None else "new"
                difference.notes.append(f"the profile {name} is {change}")
            continue
        differing = list(changes(_plain(one), _plain(other)))
        if differing:
            difference.pods[slug] = differing
            yield Effect("new-servers", f"the pod or the claim of {name} changes")
        for why in homes.unchanged(one.claims, other.claims):
            yield Effect("homes-unchanged", why)
        was, will_be = homes.home_of(one, old), homes.home_of(other, new)
        if was is not None and was != will_be:
            yield Effect(
                "home-unreachable",
                f"{name}: the home was {homes.described(was)}, and will be "
                f"{homes.described(will_be)}",
            )


def _fails(one: object, other: object) -> bool:
    """Return whether a pod can be made today, but not with the new values."""
    new_failure = isinstance(other, preview.NotRendered) and not isinstance(other, preview.Refused)
    return isinstance(one, preview.Objects) and new_failure


def _plain(objects: preview.Objects) -> dict[str, Any]:
    return {"pod": objects.pod, "claims": {c["metadata"]["name"]: c for c in objects.claims}}


def _ranked(caused: list[Effect]) -> list[Effect]:
    """Return the effects without duplicates, the most severe first."""
    order = list(effects.KINDS)
    return sorted(dict.fromkeys(caused), key=lambda e: (order.index(e.kind), e.why))
