"""A start that may yet succeed: which cause it shows, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from . import Fact, Failure, Found, find


class FailureWatch:
    """What a start looks like, from one look to the next; `clock` is in seconds."""

    def __init__(self, catalogue: Iterable[Failure], clock: Callable[[], float]) -> None:
        self.current: Found | None = None
        self._catalogue = tuple(catalogue)
        self._clock = clock
        self._since: dict[str, float] = {}

    def look(self, facts: list[Fact]) -> Found | None:
        """The cause for which to give up now, if there is one."""
        found = self.current = find(self._catalogue, facts)
        if found is None:
            return None
        since = self._since.setdefault(found.failure.id, self._clock())
        return found if self._clock() - since >= found.failure.wait else None
