"""Start a server for every profile, choice and kind of user, and report what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .. import load_config
from ..play import Failure, Play, described
from . import cases, failures, rules, schema, traces
from .causes import code_place, hook_place, leaf, sections_of, start
from .lost import Comparison
from .record import Record
from .run_time import RunTimeSettings
from .schema import Mistake
from .units import of_config, of_profile

MOST_PODS = 150


def survey(loaded: load_config.Loaded) -> dict[str, Any]:
    """Return `pods`, their number, the `findings`, and the requests that were `untried`.

    A finding is {kind: mistake | failure | loss | assigned, cause, request, …}. `cause` is {kind:
    profile, slug, steps}, {kind: trait, class, trait, inside, place}, {kind: code, place} or
    {kind: ""}. `profiles` are those that code made, at `profiles_place`.
    """
    with RunTimeSettings(loaded.config) as settings:
        made = Survey(loaded, settings)
        made.run()
    return {
        "pods": made.pods,
        "findings": made.record.findings,
        "untried": made.untried,
        "profiles": _made_by_code(loaded, made),
        "profiles_place": loaded.places.get(("KubeSpawner", "profile_list")),
    }


def _made_by_code(loaded: load_config.Loaded, made: Survey) -> list[Any] | None:
    """Return the profiles without their secrets, because the answer is cached."""
    from ..traits import plain

    if not load_config.is_of_code(loaded.places.get(("KubeSpawner", "profile_list"))):
        return None
    trait = ("hub", "config", "KubeSpawner", "profile_list")
    profiles: list[Any] = made.record.mask.value(trait, plain(made.profiles))
    return profiles


class Survey:
    """The starts of one configuration, and what they show."""

    def __init__(self, loaded: load_config.Loaded, settings: RunTimeSettings):
        self.profiles: list[dict[str, Any]] = []
        self.pods = 0
        self.untried: list[Mapping[str, Any]] = []
        self.record = Record(loaded)
        self._found, self._settings = loaded, settings
        self._comparison = Comparison(self.record)

    def run(self) -> None:
        """Start the servers."""
        covered: set[Any] = set()
        personas, others = cases.personas(self._found.values.get(()), self._found.config)
        for persona in personas:
            first = self._try(persona)
            if first is None:
                continue
            self.profiles = self.profiles or list(getattr(first.spawner, "_all_profiles", ()))
            for request in cases.requests(persona, first.profiles, covered):
                self._try(request)
        self.untried += others

    def _try(self, request: Mapping[str, Any]) -> Play | None:
        """Start a server and report what is new; None if there have been enough."""
        play = None
        for _ in range(3):
            if self.pods >= MOST_PODS or not self.record.has_time:
                self.untried.append(request)
                return play
            self.pods += 1
            play = start(self.record.stage, request, self.record.edit)
            for line in self._settings.changed():
                cause = {"kind": "code", "place": line["place"]}
                self.record.add(play, ("assigned", line["place"]),
                          {"kind": "assigned", **line, "cause": cause})  # fmt: skip
            for failure in play.failures:
                self._of_hook(play, failure)
            if play.pod is not None:
                self._of_pod(play)
                return play
            if play.ended is None or play.ended.refuses or not self._of_end(play, play.ended):
                return play
        return play

    # What is wrong

    def _of_hook(self, play: Play, failure: Failure) -> None:
        details = described(failure, self.record.mask)
        key = ("failure", failure.step, details["type"], str(details["frames"][:1]))
        absent = failures.needs_more(failure, play, self._found.missing)
        place = details["frames"][0] if details["frames"] else hook_place(play, failure.step)
        cause = {"kind": "code", "place": place}
        self.record.add(play, key, {"kind": "failure", **details, "absent": absent, "cause": cause})

    def _of_end(self, play: Play, failure: Failure) -> bool:
        """Report why a start failed; return whether starts go on without the cause."""
        details = described(failure, self.record.mask)
        if details["frames"] and not failures.is_of_base_class(failure.error):
            self._of_hook(play, failure)
            return False
        finding = {"kind": "failure", **details, "absent": False}
        if failures.needs_more(failure, play, self._found.missing):
            return False
        kind = traces.site(failure)

        def same(other: Play) -> bool:
            return (
                other.pod is None and other.ended is not None and traces.site(other.ended) == kind
            )

        trials = self.record.trials(play)
        if self.record.edit.hooks and trials.is_of_code(same):
            names = traces.not_text(play)
            cause = {"kind": "code", "place": code_place(play, names)}
            self.record.add(play, (kind, "code"), {**finding, "names": names, "cause": cause})
            self.record.edit = replace(self.record.edit, hooks=False)
            return True
        loaded = trials.causes(same) if self.record.may_try() else []
        for unit in loaded:
            value = traces.value(unit, play, self.record.stage.config)
            mentioned = traces.mentioned(value, str(failure.error))
            inside = (unit.entry, *mentioned)
            for step in mentioned:
                value = value[step]
            cause = self.record.cause(unit, inside if unit.entry is not None else inside[1:])
            details = {**finding, "cause": cause, "value": value}
            self.record.add(play, (kind, unit), details)
        if not loaded and details["frames"]:
            self._of_hook(play, failure)
        elif not loaded:
            self.record.add(play, (kind, None), {**finding, "cause": {"kind": ""}})
        self.record.edit = replace(self.record.edit, drop=self.record.edit.drop | frozenset(loaded))
        return bool(loaded)

    def _of_pod(self, play: Play) -> None:
        for manifest in (play.pod, *play.claims):
            if not isinstance(manifest, dict):
                continue
            for mistake in _all_mistakes(manifest):
                self._of_mistake(play, manifest, mistake)
        self._comparison.report(play)

    def _of_mistake(self, play: Play, manifest: dict[str, Any], mistake: Mistake) -> None:
        names = traces.names(manifest, mistake)
        key = (manifest["kind"], *traces.signature(mistake), *names)

        def same(other: Play) -> bool:
            manifests = [m for m in (other.pod, *other.claims) if isinstance(m, dict)]
            wrong = (one for manifest in manifests for one in _all_mistakes(manifest))
            return any(traces.signature(one) == traces.signature(mistake) for one in wrong)

        details = {
            "kind": "mistake", "object": manifest["kind"], "path": list(mistake.path),
            "value": mistake.value, "problem": mistake.kind, "message": mistake.message,
            "expected": mistake.expected, "hint": mistake.hint, "names": names,
        }  # fmt: skip
        cause = self._of_setting(play, names, mistake.value)
        if cause is None and self.record.is_first(key):
            cause = self._by_trials(play, names, same)
        if cause:
            self.record.add(play, (key, str(cause)), {**details, "cause": cause})

    def _of_setting(self, play: Play, names: list[str], value: Any) -> dict[str, Any] | None:
        """Return the setting that has the value under the last of these names."""
        chosen = {**of_config(play.config, sections_of(play.cls)), **of_profile(play)}
        matches = [
            (*match, unit)
            for unit, tree in reversed(chosen.items())
            if (match := leaf({unit.trait: tree}, names, value))
        ]
        if not matches:
            return None
        _, path, unit = max(matches, key=lambda match: match[0])
        return self.record.cause(unit, path[1:])

    def _by_trials(
        self, play: Play, names: list[str], same: Callable[[Play], bool]
    ) -> dict[str, Any]:
        if self.record.may_try():
            trials = self.record.trials(play)
            place = code_place(play, names)
            if place and trials.is_of_code(same):
                return {"kind": "code", "place": place}
            for unit in trials.causes(same)[:1]:
                return self.record.cause(unit, ())
        return {"kind": ""}


def _all_mistakes(manifest: dict[str, Any]) -> list[Mistake]:
    wrong = list(schema.mistakes(manifest))
    return [*wrong, *rules.broken(schema.without(manifest, wrong))]
