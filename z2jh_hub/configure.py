"""`configure(c)`: the values of this hub's pod, made into its configuration."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import helpers, keys, lazy_kubernetes, precedence, snippets, unedited, unknown_keys
from .errors import ConfigError, Problem, render
from .masking import Mask, without_secrets
from .values import Values, from_mounts

if TYPE_CHECKING:
    from types import ModuleType

    from traitlets.config import Config

log = logging.getLogger(__name__)

# in the order in which they run; `hub_config` is laid over all others
SECTIONS = (
    "hub",
    "hub_db",
    "hub_secrets",
    "proxy",
    "singleuser",
    "singleuser_storage",
    "singleuser_cloud_metadata",
    "scheduling",
    "cull",
    "hub_services",
    "hub_load_roles",
    "debug",
    "hub_failures",
    "hub_quotas",
    "singleuser_profile_list",
    "hub_rescue",
    "hub_config_cilogon",
    "hub_config",
)


def sections() -> list[ModuleType]:
    """The sections' modules, in the order in which they run."""
    return [import_module(f".sections.{name}", __package__) for name in SECTIONS]


def problems(values: Values) -> list[Problem]:
    """All that is wrong with the values, found without running anybody's code."""
    return list(_problems(values))


def _problems(values: Values) -> Iterator[Problem]:
    yield from values.legacy_problems()
    for section in sections():
        yield from keys.check(_table(section), values)
    for step in _steps("problems"):
        yield from step(values)
    yield from snippets.problems(values)
    yield from unedited.problems(values)
    yield from unknown_keys.problems(values)


def build(values: Values, c: Config) -> None:
    """Make `c` what the values say. Raises ConfigError with all their problems.

    Precedence, weakest first: the chart's values, `hub.config`, `jupyterhub_config.d`,
    `hub.extraConfig`. What the administrator's own code raises goes through.
    """
    found = problems(values)
    if any(problem.severity == "error" for problem in found):
        raise ConfigError(found)
    if found:
        log.warning("%s", render(found))
    _lay_out(values, c)
    os.environ.update(_environment(values))
    if read := snippets.own_keys(values):
        c.KubeSpawner.own_profile_keys = sorted(read)
    chart = precedence.ChartSettings(values, c)
    snippets.run(values, c)
    chart.give_way(c)
    for finish in _steps("finish"):
        finish(values, c)
    # imported here: it brings JupyterHub and KubeSpawner, which those who only check do without
    import_module(".spawner", __package__).mix(c)


def plain(values: Values) -> tuple[Config, dict[str, str]]:
    """What the values alone make, without anybody's code: configuration and environment."""
    from traitlets.config import Config

    c = Config()
    _lay_out(values, c)
    for finish in _steps("finish"):
        finish(values, c)
    return c, _environment(values)


def _lay_out(values: Values, c: Config) -> None:
    for section in sections():
        keys.apply(_table(section), values, c)
        if hasattr(section, "apply"):
            section.apply(values, c)


def _environment(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    for environment in _steps("environment"):
        found.update(environment(values))
    return found


def configure(c: Config) -> None:
    """Configure this hub from its mounts.

    Ends the process with exit code 1, and words instead of a traceback of ours, where
    the values have mistakes; where a snippet raises, with the traceback of the snippet.
    """
    written = _log_to_stderr()
    lazy_kubernetes.install()
    try:
        values = from_mounts()
        written.mask = Mask(values.get(()))
        helpers.use(values)
        with helpers.noted() as asked:
            build(values, c)
        # imported here: those who only check do without the hub's jobs and JupyterHub itself
        for part in ("starts", "requests"):
            import_module(f".{part}", __package__).install()
        import_module(".admin_access", __package__).apply(c)
        for job in ("watchdog", "routes", "quota_use"):
            import_module(f".jobs.{job}", __package__).start()
        reload = import_module(".reload", __package__)
        reload.start(reload.Rules(values, asked, problems, plain))
    except ConfigError as error:
        log.error("The hub cannot start with this configuration:\n%s", error)
        sys.exit(1)
    except Exception as error:
        log.error(
            "The hub cannot start: its own configuration raised\n%s", without_secrets(_own(error))
        )
        sys.exit(1)


class _MaskedFormatter(logging.Formatter):
    """Writes records, tracebacks included, without the secrets of the values."""

    mask = Mask()

    def format(self, record: logging.LogRecord) -> str:
        return self.mask.known(super().format(record))


def _log_to_stderr() -> _MaskedFormatter:
    """Our own log alone: that of other packages stays as they want it."""
    handler = logging.StreamHandler()
    formatter = _MaskedFormatter("[%(levelname)1.1s %(name)s] %(message)s")
    handler.setFormatter(formatter)
    logger = logging.getLogger(__package__)
    logger.setLevel(logging.INFO)
    logger.handlers, logger.propagate = [handler], False
    return formatter


def _own(error: Exception) -> str:
    """The traceback from the administrator's own code on."""
    frame = error.__traceback__
    while frame and not _is_administrators(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    frame = frame or error.__traceback__
    return "".join(traceback.format_exception(type(error), error, frame))


def _is_administrators(filename: str) -> bool:
    return filename.startswith("<hub.extraConfig") or "jupyterhub_config.d" in filename


def _table(section: ModuleType) -> tuple[keys.Key, ...]:
    return getattr(section, "KEYS", ())


def _steps(name: str) -> Iterator[Any]:
    return (getattr(section, name) for section in sections() if hasattr(section, name))
