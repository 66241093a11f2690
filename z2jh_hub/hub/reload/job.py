"""The job that checks whether the hub's mounted values changed.

The chart replaces the hub's pod for values that only a new hub can apply, but does not know which
of the others the deployment's code uses. The hub knows, and restarts itself for these.
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
EVERY = 2.0  # seconds between two looks; the kubelet changes a mount about once a minute


def start(rules: Rules) -> None:
    """Register the job for the hub that is being configured."""
    rules = replace(rules, code=tuple(snippets(rules.values)))
    background.start(background.Job("reload", EVERY, Reload(rules, Mounts.here()).step))


class Reload:
    """Applies changes of a hub's mounted values."""

    def __init__(self, rules: Rules, mounts: Mounts) -> None:
        self.rules, self.mounts = rules, mounts
        self.values = rules.values
        self._seen: Any = None  # the first look is for what changed while the hub started
        self._secrets = mounts.fingerprints()
        self._unsettled: dict[Settle, None] = {}
        self._taken: list[Path] = []

    async def step(self, hub: JupyterHub) -> None:
        """Check the mounts once, and apply changes."""
        seen = self.mounts.state()
        if seen != self._seen:
            self._look(hub)
            self._seen = seen
        for settle in list(self._unsettled):
            await settle(hub)
            del self._unsettled[settle]
        if self._taken:
            log.info("Took over without a restart: %s", _named(self._taken))
            metrics.count("applied")
            self._taken = []

    def _look(self, hub: JupyterHub) -> None:
        try:
            new = from_mounts(self.mounts)
            if next(self.values.differing(new), None) is None:
                self._tell_held({})
                return
            metrics.changed()
            found = self.rules.problems(new)
            wrong = [problem for problem in found if problem.severity == "error"]
            if not wrong:
                decision = decide(hub, self.rules, self.values, new)
                for part in decision.parts:
                    wrong += part.problems(hub, decision.values, decision.new)
        except ConfigError as error:
            wrong = list(error.problems)
        except Exception:
            log.exception("The changed values cannot be read, the hub goes on with those before")
            _refused(1)
            return
        if wrong:
            log.error("The changed values are refused, the hub goes on with those before:\n%s",
                      render(wrong))  # fmt: skip
            _refused(len(wrong))
            return
        self._warn(found)
        self._take(hub, decision)

    def _warn(self, found: list[Problem]) -> None:
        """Log what has not been logged yet."""
        known = {(each.key, each.message) for each in self.rules.problems(self.values)}
        said = [each for each in found if (each.key, each.message) not in known]
        if said:
            log.warning("%s", render(said))

    def _take(self, hub: JupyterHub, decision: Decision) -> None:
        values, held = decision.values, dict(decision.held)
        for part in decision.parts:
            changed = [path for path in self.values.differing(values) if part.is_of(path)]
            try:
                part.change(hub, values, decision.new)
            except Exception:
                log.exception("Cannot take over %s", _named(changed))
                values = values.replaced(changed, self.values)
                held |= dict.fromkeys(changed, FAILED)
                continue
            part.write(hub.config, decision.old, decision.new)
            self._taken += changed
            if part.settle:
                self._unsettled[part.settle] = None
        self.values = values
        helpers.use(values)
        left = [
            path for path, why in held.items()
            if not chart_restarts(path) and why != MOUNTS_CHANGED
        ]  # fmt: skip
        if left and restarts_itself(values):
            _restart(left)
        else:
            self._tell_held(held)

    def _tell_held(self, by_values: dict[Path, str]) -> None:
        """Log the changes that need a restart."""
        held = by_values | self._changed_code() | self._changed_secrets()
        for reason in dict.fromkeys(held.values()):
            log.warning(
                "Changed, but not in effect: %s (%s). Restart the hub: "
                "kubectl --namespace %s rollout restart deployment/%s",
                _named(path for path, why in held.items() if why == reason),
                reason,
                self.values.env("POD_NAMESPACE", "default"),
                self.values.name("hub"),
            )
        if held:
            metrics.count("needs-restart")
        metrics.waiting(len(held))

    def _changed_code(self) -> dict[Path, str]:
        """Yield the files of `jupyterhub_config.d` that changed since the hub started."""
        ran = {each.key: each.text for each in self.rules.code if each.path is None}
        there = {each.key: each.text for each in snippets(self.values) if each.path is None}
        return _changed(ran, there)

    def _changed_secrets(self) -> dict[Path, str]:
        """Yield the keys of the hub's Secrets that changed since the hub started."""
        return _changed(self._secrets, self.mounts.fingerprints())


def _restart(changed: list[Path]) -> None:
    """Restart the hub, as Kubernetes does: its container is started again after it ends."""
    log.warning(
        "Restarting the hub, because code of the deployment uses changed values: %s. To restart "
        "it at a time of your choice, set hub.restartOnChange to false",
        _named(changed),
    )
    os.kill(os.getpid(), signal.SIGTERM)


def _changed(ran: Mapping[str, Any], there: Mapping[str, Any]) -> dict[Path, str]:
    """Yield the names whose content changed since the hub started."""
    names = sorted(ran.keys() | there.keys())
    return {(name,): AT_START for name in names if ran.get(name) != there.get(name)}


def _refused(number: int) -> None:
    metrics.count("refused")
    metrics.waiting(number)


def _named(paths: Iterable[Path], most: int = 10) -> str:
    names = sorted(".".join(path) for path in paths)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
