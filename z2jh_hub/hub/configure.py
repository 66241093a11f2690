"""`configure(c)`: turn the mounted values of this hub's pod into its configuration."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING

from ..config import configuration, helpers, precedence, snippets
from ..config.configuration import plain, problems
from ..config.errors import ConfigError, render
from ..config.values import Values, from_mounts
from ..masking import Mask, without_secrets
from . import lazy_kubernetes

if TYPE_CHECKING:
    from traitlets.config import Config

log = logging.getLogger(__name__)


def build(values: Values, c: Config) -> None:
    """Apply the values to `c`. Raises ConfigError with all problems of the values.

    Precedence, weakest first: the chart's values, `hub.config`, `jupyterhub_config.d`,
    `hub.extraConfig`. Exceptions of the administrator's own code propagate.
    """
    reported = problems(values)
    if any(problem.severity == "error" for problem in reported):
        raise ConfigError(reported)
    if reported:
        log.warning("%s", render(reported))
    configuration.apply(values, c)
    os.environ.update(configuration.environment(values))
    if read := snippets.own_keys(values):
        c.KubeSpawner.own_profile_keys = sorted(read)
    chart = precedence.ChartSettings(values, c)
    snippets.run(values, c)
    chart.give_way(c)
    for finish in configuration.steps("finish"):
        finish(values, c)
    # imported here: it imports KubeSpawner, and the Kubernetes client must be lazy before that
    from ..spawner import mix

    mix(c)


def configure(c: Config) -> None:
    """Configure this hub from its mounts.

    Exits with code 1 and the list of problems if the values are invalid, or with the traceback
    of the administrator's own code if that raises.
    """
    formatter = _log_to_stderr()
    lazy_kubernetes.install()
    try:
        values = from_mounts()
        formatter.mask = Mask(values.get(()))
        helpers.use(values)
        with helpers.recorded_keys() as keys_read:
            build(values, c)
        _start_parts(c)
        # imported here, like the spawner
        from . import reload

        reload.start(reload.Rules(values, keys_read, problems, plain))
    except ConfigError as error:
        log.error("The hub cannot start with this configuration:\n%s", error)
        sys.exit(1)
    except Exception as error:
        log.error(
            "The hub cannot start: its own configuration raised\n%s", without_secrets(_own(error))
        )
        sys.exit(1)


def _start_parts(c: Config) -> None:
    """Install the changes to JupyterHub itself, and start the hub's background jobs."""
    from ..spawner import former_users
    from . import (
        admin_access,
        counted_failures,
        database_errors,
        log_secrets,
        login_failures,
        pages,
        refused_users,
        request_limits,
        speed,
        stop_requests,
    )
    from .jobs import node_permissions, quota_use, routes, watchdog

    log_secrets.install()  # first: what the limits shorten is no longer recognized
    for part in (
        counted_failures,
        request_limits,
        stop_requests,
        pages,
        login_failures,
        refused_users,
        former_users,
    ):
        part.install()
    speed.install()
    database_errors.install()
    admin_access.apply(c)
    for job in (watchdog, routes, quota_use, node_permissions):
        job.start()


class _MaskedFormatter(logging.Formatter):
    """Format log records and tracebacks without the secrets of the values."""

    mask = Mask()

    def format(self, record: logging.LogRecord) -> str:
        return self.mask.known(super().format(record))


def _log_to_stderr() -> _MaskedFormatter:
    """Configure the logger of this package only."""
    handler = logging.StreamHandler()
    formatter = _MaskedFormatter("[%(levelname)1.1s %(name)s] %(message)s")
    handler.setFormatter(formatter)
    logger = logging.getLogger("z2jh_hub")
    logger.setLevel(logging.INFO)
    logger.handlers, logger.propagate = [handler], False
    return formatter


def _own(error: Exception) -> str:
    """Return the part of the traceback that starts in the administrator's code."""
    frame = error.__traceback__
    while frame and not _is_administrators(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    frame = frame or error.__traceback__
    return "".join(traceback.format_exception(type(error), error, frame))


def _is_administrators(filename: str) -> bool:
    return filename.startswith("<hub.extraConfig") or "jupyterhub_config.d" in filename
