"""Tell mistakes of the administrator's code from what cannot work in the sandbox."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import load_config, played
from ..stand_ins import is_stand_in

if TYPE_CHECKING:
    from ..play import Failure, Play

# what code raises that finds no file, module, network or cluster
_ABSENT = (OSError, ImportError, TimeoutError)
# packages whose exceptions mean that a server does not answer
_CLIENTS = frozenset(
    {"aiohttp", "azure", "boto3", "botocore", "google", "googleapiclient", "grpc", "httpx", "hvac",
     "kubernetes", "kubernetes_asyncio", "ldap", "ldap3", "psycopg2", "pymysql", "redis",
     "requests", "socket", "sqlalchemy", "subprocess", "tornado", "urllib3"}
)  # fmt: skip
# what code raises that got another answer than it expects
_SURPRISED = (AttributeError, LookupError, TypeError, ValueError)


def needs_more(failure: Failure, play: Play, missing: list[str]) -> bool:
    """Return whether a step failed because it needs what only the hub pod has."""
    return any(_is_absence(error, play, missing) for error in _chain(failure.error))


def is_of_base_class(error: BaseException) -> bool:
    """Return whether the administrator's code only calls the method it overrides, which fails."""
    step, last = error.__traceback__, None
    while step:
        if load_config.is_administrators(step.tb_frame.f_code.co_filename):
            last = step
        step = step.tb_next
    below = last.tb_next if last else None
    if last is None or below is None:
        return False
    # KubeSpawner.start runs _start
    names = [frame.tb_frame.f_code.co_name.lstrip("_") for frame in (last, below)]
    return names[0] == names[1]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    known: set[int] = set()
    while error is not None and id(error) not in known:
        known.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_absence(error: BaseException, play: Play, missing: list[str]) -> bool:
    if isinstance(error, _ABSENT) or is_stand_in(type(error)):
        return True
    module = type(error).__module__.partition(".")[0]
    if module in _CLIENTS and not getattr(error, "log_message", None):
        return True
    if isinstance(error, _SURPRISED):
        if _involves_played(getattr(error, "obj", None)) or played.EmptyCluster.was_read:
            return True
        if play.auth_state is not None and play.auth_state.used:
            return True
        if isinstance(error, KeyError) and _reads_environment(error):
            return True
    return _uses_missing(error, missing)


def _involves_played(thing: Any) -> bool:
    return isinstance(thing, played.Played | played.EmptyCluster) or is_stand_in(type(thing))


def _reads_environment(error: BaseException) -> bool:
    """Return whether the exception comes from os.environ, which differs in the hub pod."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.endswith(("os.py", "os.py>", "<frozen os>"))


def _uses_missing(error: BaseException, missing: list[str]) -> bool:
    """Return whether the code that raised works with a module that is not installed here."""
    step = error.__traceback__
    while step and step.tb_next:
        step = step.tb_next
    if step is None or not missing:
        return False
    names = {*step.tb_frame.f_code.co_names, *step.tb_frame.f_code.co_freevars}
    scope = {**step.tb_frame.f_globals, **step.tb_frame.f_locals}
    return any(_is_missing(scope.get(name), missing) for name in (*names, *step.tb_frame.f_locals))


def _is_missing(thing: Any, missing: list[str]) -> bool:
    name = getattr(thing, "__name__", "")
    owner = getattr(thing, "__module__", "")
    return is_stand_in(thing if isinstance(thing, type) else type(thing)) or (
        isinstance(name, str) and isinstance(owner, str) and (name in missing or owner in missing)
    )
