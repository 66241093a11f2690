"""Report what pods lack of the one that the chart's values alone would make."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...config import configuration
from ..play import Play
from . import traces
from .causes import code_place, sections_of, start
from .losses import Loss, losses
from .record import Record
from .units import Edit, Unit

# method of a spawner's class that loses such a part of the pod
_WHERE = {"variable": "get_env"}


class Comparison:
    """The comparison of pods with those of the chart."""

    def __init__(self, record: Record):
        self._record = record
        self._lost: defaultdict[str | None, set[Loss]] = defaultdict(set)
        self._pods: dict[str, dict[str, Any] | None] = {}
        self._chart: Any = None
        with suppress(Exception):  # reported elsewhere
            self._chart = configuration.plain(record.found.values)[0]

    def report(self, play: Play) -> None:
        """Report what a pod lacks."""
        chart = self._chart_pod(play)
        if chart is None or play.pod is None:
            return
        slug = play.request.get("profile")
        known = self._lost[None] | self._lost[slug]
        lost = [loss for loss in losses(chart, play.pod) if loss not in known]
        while lost and self._record.may_try():
            together, of_profile = self._of_loss(play, chart, lost)
            self._lost[slug if of_profile else None].update(together)
            lost = [loss for loss in lost if loss not in together]

    def _chart_pod(self, play: Play) -> dict[str, Any] | None:
        if self._chart is None:
            return None
        request = {**play.request, "profile": None, "options": {}}
        key = str(request)
        if key not in self._pods:
            from ...spawner.spawner import Z2JHKubeSpawner

            config = Edit(self._record.edit.drop).config(self._chart, sections_of(Z2JHKubeSpawner))
            made = self._record.stage.play(
                request, config=config, cls=Z2JHKubeSpawner, hooks=False, override=lambda *_: {}
            )
            self._pods[key] = made.pod
        return self._pods[key]

    def _of_loss(
        self, play: Play, chart: dict[str, Any], lost: list[Loss]
    ) -> tuple[list[Loss], bool]:
        """Report the first loss, with those that have the same cause.

        Return them, and whether the cause is in the profile.
        """
        first = lost[0]

        def same(other: Play) -> bool:
            return other.pod is not None and first in losses(chart, other.pod)

        trials = self._record.trials(play, self._chart)
        together = [first]
        cause: dict[str, Any]
        if trials.is_of_code(same):
            without = start(
                self._record.stage, play.request, replace(self._record.edit, hooks=False)
            )
            stay = losses(chart, without.pod) if without.pod else lost
            together = [loss for loss in lost if loss not in stay] or together
            cause = {"kind": "code", "place": code_place(play, [loss.name for loss in together])}
        elif guilty := trials.causes(same):
            alone, bare = trials.alone(guilty[0]).pod, trials.bare().pod
            of_class = losses(chart, bare) if bare else []
            explained = set(losses(chart, alone) if alone else ()) - set(of_class)
            together = [loss for loss in lost if loss in explained] or together
            if traces.is_meant(traces.value(guilty[0], play, self._record.stage.config)):
                return together, guilty[0].of_profile
            whole = Unit(guilty[0].owner, guilty[0].trait, None, guilty[0].of_profile)
            replaces = isinstance(traces.value(whole, play, self._record.stage.config), list)
            cause = self._record.cause(whole if replaces else guilty[0], ())
        else:
            bare = trials.bare().pod
            of_class = losses(chart, bare) if bare else []
            together = [loss for loss in lost if loss in of_class] or together
            names = [words for loss in together for words in (loss.name, _WHERE.get(loss.kind, ""))]
            cause = {"kind": "code", "place": code_place(play, names)}
        self._record.add(play, ("loss", *together), {
            "kind": "loss", "lost": [[loss.kind, loss.name] for loss in together], "cause": cause,
            "home": self._home(),
        })  # fmt: skip
        return together, cause["kind"] == "profile"

    def _home(self) -> str:
        path = self._record.found.values.get("singleuser.storage.homeMountPath")
        return path if isinstance(path, str) else ""
