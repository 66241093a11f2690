"""The job that checks whether the hub's mounted values have changed.

The chart replaces the hub's pod if a value changes that a running hub cannot apply, but it does not
know which other values the deployment's code uses. The hub does, and restarts itself for them.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...config import helpers
from ...config.errors import ConfigError, Path, Problem, render
from ...config.mounts import Mounts
from ...config.snippets import snippets
from ...config.values import from_mounts
from ..jobs import background
from . import metrics
from .decision import AT_START, Decision, Rules, decide
from .pages import MOUNTS_CHANGED
from .prediction import restarts_itself
from .table import chart_restarts

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

Settle = Callable[["JupyterHub"], Awaitable[None]]

FAILED = "the running hub could not be changed"
CHECK_SECONDS = 2.0  # the kubelet updates a mount about once a minute


def start(rules: Rules) -> None:
    """Register the job for the hub that is being configured."""
    rules = replace(rules, code=tuple(snippets(rules.values)))
    background.start(background.Job("reload", CHECK_SECONDS, Reload(rules, Mounts.here()).step))


class Reload:
    """Apply changes of a hub's mounted values."""

    def __init__(self, rules: Rules, mounts: Mounts) -> None:
        self.rules, self.mounts = rules, mounts
        self.values = rules.values
        self._state: Any = None  # None: the values may have changed while the hub started
        self._secrets = mounts.fingerprints()
        self._unsettled: dict[Settle, None] = {}
        self._applied: list[Path] = []

    async def step(self, hub: JupyterHub) -> None:
        """Check the mounts once, and apply changes."""
        state = self.mounts.state()
        if state != self._state:
            self._apply_changes(hub)
            self._state = state
        for settle in list(self._unsettled):
            await settle(hub)
            del self._unsettled[settle]
        if self._applied:
            log.info("Applied without a restart: %s", _named(self._applied))
            metrics.count("applied")
            self._applied = []

    def _apply_changes(self, hub: JupyterHub) -> None:
        try:
            new = from_mounts(self.mounts)
            if next(self.values.differing(new), None) is None:
                self._report_postponed({})
                return
            metrics.changed()
            problems = self.rules.problems(new)
            wrong = [problem for problem in problems if problem.severity == "error"]
            if not wrong:
                decision = decide(hub, self.rules, self.values, new)
                for part in decision.parts:
                    wrong += part.problems(hub, decision.values, decision.new)
        except ConfigError as error:
            wrong = list(error.problems)
        except Exception:
            log.exception("The changed values cannot be read; the hub keeps the previous values")
            _refused(1)
            return
        if wrong:
            log.error("The changed values are invalid; the hub keeps the previous values:\n%s",
                      render(wrong))  # fmt: skip
            _refused(len(wrong))
            return
        self._warn(problems)
        self._apply(hub, decision)

    def _warn(self, problems: list[Problem]) -> None:
        """Log the problems that the previous values did not have."""
        known = {(each.key, each.message) for each in self.rules.problems(self.values)}
        new = [each for each in problems if (each.key, each.message) not in known]
        if new:
            log.warning("%s", render(new))

    def _apply(self, hub: JupyterHub, decision: Decision) -> None:
        values, postponed = decision.values, dict(decision.postponed)
        for part in decision.parts:
            changed = [path for path in self.values.differing(values) if part.is_of(path)]
            try:
                part.change(hub, values, decision.new)
            except Exception:
                log.exception("Cannot apply %s", _named(changed))
                values = values.replaced(changed, self.values)
                postponed |= dict.fromkeys(changed, FAILED)
                continue
            part.write(hub.config, decision.old, decision.new)
            self._applied += changed
            if part.settle:
                self._unsettled[part.settle] = None
        self.values = values
        helpers.use(values)
        causing_restart = [
            path for path, why in postponed.items()
            if not chart_restarts(path) and why != MOUNTS_CHANGED
        ]  # fmt: skip
        if causing_restart and restarts_itself(values):
            _restart(causing_restart)
        else:
            self._report_postponed(postponed)

    def _report_postponed(self, by_values: dict[Path, str]) -> None:
        """Log the changes that need a restart."""
        postponed = by_values | self._changed_code() | self._changed_secrets()
        for reason in dict.fromkeys(postponed.values()):
            log.warning(
                "Changed, but not in effect: %s (%s). Restart the hub: "
                "kubectl --namespace %s rollout restart deployment/%s",
                _named(path for path, why in postponed.items() if why == reason),
                reason,
                self.values.env("POD_NAMESPACE", "default"),
                self.values.name("hub"),
            )
        if postponed:
            metrics.count("needs-restart")
        metrics.waiting(len(postponed))

    def _changed_code(self) -> dict[Path, str]:
        """Return the files of `jupyterhub_config.d` that have changed since the hub started."""
        ran = {each.key: each.text for each in self.rules.code if each.path is None}
        current = {each.key: each.text for each in snippets(self.values) if each.path is None}
        return _changed(ran, current)

    def _changed_secrets(self) -> dict[Path, str]:
        """Return the keys of the hub's Secrets that have changed since the hub started."""
        return _changed(self._secrets, self.mounts.fingerprints())


def _restart(changed: list[Path]) -> None:
    """End the hub's process; Kubernetes then starts its container again."""
    log.warning(
        "Restarting the hub, because code of the deployment uses changed values: %s. To restart "
        "it yourself instead, set hub.restartOnChange to false",
        _named(changed),
    )
    os.kill(os.getpid(), signal.SIGTERM)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[Path, str]:
    """Return the names whose content has changed since the hub started, with the reason."""
    names = sorted(before.keys() | now.keys())
    return {(name,): AT_START for name in names if before.get(name) != now.get(name)}


def _refused(number: int) -> None:
    metrics.count("refused")
    metrics.waiting(number)


def _named(paths: Iterable[Path], most: int = 10) -> str:
    names = sorted(".".join(path) for path in paths)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
