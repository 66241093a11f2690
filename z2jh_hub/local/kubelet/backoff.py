"""The delay before a container is restarted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .context import Timing

#: seconds; after a longer run the count of failures starts again
CALM = 600.0


class BackOff:
    """Counts the failures of one container in a row."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._failures = 0

    def after(self, run: Mapping[str, Any]) -> float:
        """Return the seconds to wait after a run that ended with the `terminated` state `run`.

        The first restart is immediate; the delay doubles with each further failure.
        """
        self._failures = 1 if _seconds(run) > CALM else self._failures + 1
        if self._failures == 1:
            return 0
        delay: float = self._timing.backoff * 2 ** (self._failures - 2)
        return min(delay, self._timing.backoff_limit)


def _seconds(run: Mapping[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(run[key]) for key in ("startedAt", "finishedAt"))
    return (end - begin).total_seconds()
