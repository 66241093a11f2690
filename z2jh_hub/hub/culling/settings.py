"""The options of a culler, parsed from its command line as the culler itself parses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from ...config.sections import cull as section
from ...config.values import Values

MODULE = "jupyterhub_idle_culler"
SCRIPT = "jupyterhub-idle-culler"


@dataclass(frozen=True)
class Culler:
    """The options of a culler, with its own names and defaults, and the start of its process.

    Durations are in seconds. `started` is None if the culler does not run on this machine.
    """

    timeout: int = 600
    cull_every: int = 0
    max_age: int = 0
    cull_users: bool = False
    cull_admin_users: bool = True
    cull_named_servers: bool = True
    cull_default_servers: bool = True
    remove_named_servers: bool = False
    concurrency: int = 10
    api_page_size: int = 0
    url: str | None = None
    config: str | None = None
    started: datetime | None = None

    @property
    def every(self) -> int:
        """Seconds between two checks."""
        return self.cull_every or self.timeout // 2

    def next_check(self, moment: datetime) -> datetime | None:
        """Return the time of the first check at or after `moment`; None if it is unknown.

        The culler checks when it starts, and then at multiples of `every`.
        """
        if self.started is None or self.every <= 0:
            return None
        passed = max((moment - self.started).total_seconds(), 0)
        return self.started + timedelta(seconds=-(-passed // self.every) * self.every)


_TYPES = {field.name: str(field.type) for field in fields(Culler)}


def parse(arguments: Sequence[str]) -> Culler:
    """Parse the options in a command line. Raises ValueError for an invalid number."""
    options: dict[str, int | bool | str] = {}
    words = list(arguments)
    for index, word in enumerate(words):
        if not word.startswith("--"):
            continue
        option, equals, text = word[2:].partition("=")
        following = words[index + 1] if index + 1 < len(words) else "--"
        if not equals and not following.startswith("--"):
            text = following
        name = option.rpartition(".")[2].replace("-", "_").replace("config_file", "config")
        kind = _TYPES.get(name)
        if kind == "bool":
            options[name] = text.lower() not in ("false", "0")
        elif kind == "int":
            options[name] = int(text)
        elif kind is not None:
            options[name] = text
    return replace(Culler(), **options)  # type: ignore[arg-type]


def unknown_options(arguments: Sequence[str]) -> list[str]:
    """Return the options of a culler's command line that `parse` does not read."""
    names = {word[2:].partition("=")[0]: word for word in arguments if word.startswith("--")}
    return [word for name, word in names.items() if name.replace("-", "_") not in _TYPES]


def is_culler(arguments: Sequence[str]) -> bool:
    """Return whether a command line runs a culler itself, not a shell that starts one."""
    if MODULE in arguments:
        return arguments[arguments.index(MODULE) - 1] == "-m"
    return any(word.rpartition("/")[2] == SCRIPT for word in arguments[:2])


def of_values(values: Values) -> list[Culler]:
    """Return the culler that `cull.*` configures; empty if `cull.enabled` is false."""
    return [parse(section.command(values))] if values.get("cull.enabled") else []


def api_url(url: str) -> str:
    """Return the URL of a hub's API; `url` is that of the hub or of its API."""
    url = url.rstrip("/")
    if url.endswith("/hub/api"):
        return url
    return f"{url}/api" if url.endswith("/hub") else f"{url}/hub/api"


def same_hub(one: str | None, other: str) -> bool:
    """Return whether two URLs belong to the same hub; `localhost` equals 127.0.0.1."""
    alias = ("//localhost", "//127.0.0.1")
    return one is not None and api_url(one).replace(*alias) == api_url(other).replace(*alias)


# option: the key that sets it
KEYS = {
    "timeout": "cull.timeout",
    "max_age": "cull.maxAge",
    "cull_named_servers": "cull.namedServers",
    "cull_default_servers": "cull.defaultServers",
    "cull_admin_users": "cull.adminUsers",
    "cull_users": "cull.users",
}
