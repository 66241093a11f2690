"""Start a server for every profile, choice and kind of user, and report what is wrong."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...config import configuration
from ...config.errors import ConfigError
from ...masking import Mask
from .. import load_config
from ..play import Failure, Play, Stage, described
from . import cases, failures, rules, schema, traces
from .causes import Trials, code_place, leaf, sections_of, start
from .losses import Loss, losses
from .run_time import RunTimeSettings
from .schema import Mistake
from .units import Edit, Unit, of_config, of_profile

MOST_PODS = 150
# seconds of the processor, after which no more pods are made
BUDGET = 4.0
MOST_CAUSES = 12
# method of a spawner's class that loses such a part of the pod
_WHERE = {"variable": "get_env"}


def survey(found: load_config.Loaded) -> dict[str, Any]:
    """Return `pods`, their number, and the `findings`: what is wrong with them.

    A finding is {kind: mistake | failure | loss | assigned, cause, request, …}. `cause` is {kind:
    profile, slug, steps}, {kind: trait, class, trait, inside, place}, {kind: code, place} or
    {kind: ""}. `profiles` are those that code made, and `network` is what the hub listens on.
    """
    with RunTimeSettings(found.config) as settings:
        made = Survey(found, settings)
        made.run()
    return {
        "pods": made.pods,
        "findings": made.findings,
        "profiles": _made_by_code(found, made.profiles),
        "profiles_place": found.places.get(("KubeSpawner", "profile_list")),
    }


def _made_by_code(found: load_config.Loaded, profiles: list[dict[str, Any]]) -> list[Any] | None:
    place = found.places.get(("KubeSpawner", "profile_list"))
    from ..traits import plain

    return plain(profiles) if place and not place[0].startswith(("section:", "key:")) else None


class Survey:
    """The starts of one configuration, and what they show."""

    def __init__(self, found: load_config.Loaded, settings: RunTimeSettings):
        self.findings: list[dict[str, Any]] = []
        self.profiles: list[dict[str, Any]] = []
        self.pods = 0
        self._found, self._settings = found, settings
        self._mask = Mask(found.values.get(()))
        self._stage = Stage(found.config)
        self._edit = Edit()
        self._reported: set[Any] = set()
        self._lost: defaultdict[str | None, set[Loss]] = defaultdict(set)
        self._causes = 0
        self._until = time.process_time() + BUDGET
        self._chart = self._chart_config()
        self._chart_pods: dict[Any, dict[str, Any] | None] = {}

    def _chart_config(self) -> Any:
        with suppress(ConfigError, Exception):
            return configuration.plain(self._found.values)[0]
        return None

    def run(self) -> None:
        """Start the servers."""
        covered: set[Any] = set()
        for persona in cases.personas(self._found.values.get(()), self._found.config):
            first = self._start(persona)
            if first is None:
                return
            self.profiles = self.profiles or list(getattr(first.spawner, "_all_profiles", ()))
            for request in cases.requests(persona, first.profiles, covered):
                if self._start(request) is None:
                    return

    def _start(self, request: Mapping[str, Any]) -> Play | None:
        """Start a server and report what is new; None if there have been enough."""
        for _ in range(3):
            if self.pods >= MOST_PODS or time.process_time() > self._until:
                return None
            self.pods += 1
            play = start(self._stage, request, self._edit)
            for line in self._settings.changed():
                cause = {"kind": "code", "place": line["place"]}
                self._add(play, ("assigned", line["place"]),
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
        details = described(failure, self._mask)
        key = ("failure", failure.step, details["type"], str(details["frames"][:1]))
        absent = failures.needs_more(failure, play, self._found.missing)
        place = details["frames"][0] if details["frames"] else None
        cause = {"kind": "code", "place": place}
        self._add(play, key, {"kind": "failure", **details, "absent": absent, "cause": cause})

    def _of_end(self, play: Play, failure: Failure) -> bool:
        """Report why a start failed; return whether starts go on without the cause."""
        details = described(failure, self._mask)
        if details["frames"]:
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

        trials = self._trials(play)
        if self._edit.hooks and trials.is_of_code(same):
            names = traces.not_text(play)
            cause = {"kind": "code", "place": code_place(play, names)}
            self._add(play, (kind, "code"), {**finding, "names": names, "cause": cause})
            self._edit = replace(self._edit, hooks=False)
            return True
        found = trials.causes(same) if self._causes < MOST_CAUSES else []
        self._causes += 1
        for unit in found:
            value = traces.value(unit, play, self._stage.config)
            inside = (unit.entry, *traces.mentioned(value, str(failure.error)))
            cause = self._cause(unit, inside if unit.entry is not None else inside[1:])
            details = {**finding, "cause": cause, "value": value}
            self._add(play, (kind, unit), details)
        if not found:
            self._add(play, (kind, None), {**finding, "cause": {"kind": ""}})
        self._edit = replace(self._edit, drop=self._edit.drop | frozenset(found))
        return bool(found)

    def _of_pod(self, play: Play) -> None:
        for manifest in (play.pod, *play.claims):
            if not isinstance(manifest, dict):
                continue
            for mistake in _all_mistakes(manifest):
                self._of_mistake(play, manifest, mistake)
        self._of_losses(play)

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
        if cause is None and key not in self._reported:
            cause = self._by_trials(play, names, same)
        if cause:
            self._reported.add(key)
            self._add(play, (key, str(cause)), {**details, "cause": cause})

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
        return self._cause(unit, path[1:])

    def _by_trials(
        self, play: Play, names: list[str], same: Callable[[Play], bool]
    ) -> dict[str, Any]:
        if self._causes < MOST_CAUSES:
            self._causes += 1
            trials = self._trials(play)
            place = code_place(play, names)
            if place and trials.is_of_code(same):
                return {"kind": "code", "place": place}
            for unit in trials.causes(same)[:1]:
                return self._cause(unit, ())
        return {"kind": ""}

    # What got lost

    def _of_losses(self, play: Play) -> None:
        chart = self._chart_pod(play)
        if chart is None or play.pod is None:
            return
        slug = play.request.get("profile")
        known = self._lost[None] | self._lost[slug]
        lost = [loss for loss in losses(chart, play.pod) if loss not in known]
        while lost and self._causes < MOST_CAUSES:
            self._causes += 1
            together, of_profile = self._of_loss(play, chart, lost)
            self._lost[slug if of_profile else None].update(together)
            lost = [loss for loss in lost if loss not in together]

    def _chart_pod(self, play: Play) -> dict[str, Any] | None:
        if self._chart is None:
            return None
        request = {**play.request, "profile": None, "options": {}}
        key = str(request)
        if key not in self._chart_pods:
            from ...spawner.spawner import Z2JHKubeSpawner

            config = Edit(self._edit.drop).config(self._chart, sections_of(Z2JHKubeSpawner))
            made = self._stage.play(
                request, config=config, cls=Z2JHKubeSpawner, hooks=False, override=lambda *_: {}
            )
            self._chart_pods[key] = made.pod
        return self._chart_pods[key]

    def _of_loss(
        self, play: Play, chart: dict[str, Any], lost: list[Loss]
    ) -> tuple[list[Loss], bool]:
        """Report the first loss, with those that have the same cause.

        Return them, and whether the cause is in the profile.
        """
        first = lost[0]

        def same(other: Play) -> bool:
            return other.pod is not None and first in losses(chart, other.pod)

        trials = Trials(self._stage, play, self._edit, self._chart)
        together = [first]
        cause: dict[str, Any]
        if trials.is_of_code(same):
            without = start(self._stage, play.request, replace(self._edit, hooks=False))
            stay = losses(chart, without.pod) if without.pod else lost
            together = [loss for loss in lost if loss not in stay] or together
            cause = {"kind": "code", "place": code_place(play, [loss.name for loss in together])}
        elif guilty := trials.causes(same):
            alone, bare = trials.alone(guilty[0]).pod, trials.bare().pod
            of_class = losses(chart, bare) if bare else []
            explained = set(losses(chart, alone) if alone else ()) - set(of_class)
            together = [loss for loss in lost if loss in explained] or together
            if traces.is_meant(traces.value(guilty[0], play, self._stage.config)):
                return together, guilty[0].of_profile
            whole = Unit(guilty[0].owner, guilty[0].trait, None, guilty[0].of_profile)
            replaces = isinstance(traces.value(whole, play, self._stage.config), list)
            cause = self._cause(whole if replaces else guilty[0], ())
        else:
            bare = trials.bare().pod
            of_class = losses(chart, bare) if bare else []
            together = [loss for loss in lost if loss in of_class] or together
            names = [words for loss in together for words in (loss.name, _WHERE.get(loss.kind, ""))]
            cause = {"kind": "code", "place": code_place(play, names)}
        self._add(play, ("loss", *together), {
            "kind": "loss", "lost": [[loss.kind, loss.name] for loss in together], "cause": cause,
            "home": self._home(),
        })  # fmt: skip
        return together, cause["kind"] == "profile"

    def _home(self) -> str:
        path = self._found.values.get("singleuser.storage.homeMountPath")
        return path if isinstance(path, str) else ""

    # Causes

    def _trials(self, play: Play) -> Trials:
        return Trials(self._stage, play, self._edit)

    def _cause(self, unit: Unit, inside: tuple[Any, ...]) -> dict[str, Any]:
        steps = [*([unit.entry] if unit.entry is not None and not inside else []), *inside]
        if unit.of_profile:
            slug, *option = unit.owner
            at = [*(["profile_options", *option] if option else []), "kubespawner_override"]
            return {"kind": "profile", "slug": slug, "steps": [*at, unit.trait, *steps]}
        place = self._found.places.get((unit.owner[0], unit.trait))
        return {"kind": "trait", "class": unit.owner[0], "trait": unit.trait, "inside": steps,
                "place": place}  # fmt: skip

    def _add(self, play: Play, key: Any, finding: dict[str, Any]) -> None:
        if key in self._reported:
            return
        self._reported.add(key)
        request = {k: v for k, v in play.request.items() if v}
        finding = {**finding, "request": request}
        if "value" in finding:
            finding["value"] = self._mask.known(finding["value"]) if isinstance(
                finding["value"], str) else finding["value"]  # fmt: skip
        self.findings.append(finding)


def _all_mistakes(manifest: dict[str, Any]) -> list[Mistake]:
    wrong = list(schema.mistakes(manifest))
    return [*wrong, *rules.broken(schema.without(manifest, wrong))]
