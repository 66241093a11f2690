"""Render the pod and the claims that a user would get, with the real spawner and no cluster.

Use it in the tests of a deployment, to compare its pods with a snapshot:

    from z2jh_hub import render

    def test_the_pod_of_a_student(snapshot):
        assert render.pod("config.yaml", user="alice", profile="small") == snapshot

The Python in the values runs in a child process without network access (see `z2jh_hub.sandbox`). If
the system cannot block its network access, nothing is run and NotIsolated is raised, unless you
trust the code and pass `run_anyway=True`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import sandbox
from ..chart import chart_files
from ..check import files
from ..config import configuration, sources
from ..config.errors import ConfigError
from ..config.values import Values
from ..masking import Mask

Input = Values | Mapping[str, Any] | str | Path | Sequence[str | Path]


class NotRendered(Exception):
    """The hub would not create a pod; the message is the hub's."""


class Refused(NotRendered):
    """The hub would refuse the start, for example because of a quota."""


class Failed(NotRendered):
    """The administrator's code or the spawner raises an exception during the start."""


class NotIsolated(NotRendered):
    """The Python was not run, because this system cannot block its network access."""


@dataclass(frozen=True)
class Request:
    """The start of one server: the user and the choices in the form."""

    user: str
    groups: Sequence[str] = ()
    profile: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    server: str = ""
    admin: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the arguments for the sandbox."""
        return {
            "user": self.user, "groups": list(self.groups), "profile": self.profile,
            "options": dict(self.options), "server": self.server, "admin": self.admin,
        }  # fmt: skip


@dataclass(frozen=True)
class Objects:
    """A pod and its claims, as dictionaries.

    `notes` say what could not be rendered, such as a hook that needs the network.
    """

    pod: dict[str, Any]
    claims: Sequence[dict[str, Any]] = ()
    notes: Sequence[str] = ()


def pod(
    values: Input, *, user: str, groups: Sequence[str] = (), profile: str | None = None,
    options: Mapping[str, str] | None = None, server: str = "", admin: bool | None = None,
    run_anyway: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return the pod that `user`, in `groups`, would get with a profile (by slug) and its options.

    `values` is a file, several files, or a mapping. Raises ConfigError, NotRendered.
    """
    request = Request(user, groups, profile, options or {}, server, admin)
    return objects(values, request, run_anyway=run_anyway).pod


def claims(
    values: Input, *, user: str, groups: Sequence[str] = (), profile: str | None = None,
    options: Mapping[str, str] | None = None, server: str = "", admin: bool | None = None,
    run_anyway: bool = False,
) -> Sequence[dict[str, Any]]:  # fmt: skip
    """Return the claims that would be created: the home, if each user has one, and those of hooks.

    The arguments are those of `pod`.
    """
    request = Request(user, groups, profile, options or {}, server, admin)
    return objects(values, request, run_anyway=run_anyway).claims


def objects(values: Input, request: Request, *, run_anyway: bool = False) -> Objects:
    """Return the pod and the claims of a request. Raises ConfigError, NotRendered."""
    (answer,) = each(values, [request], run_anyway=run_anyway)
    if isinstance(answer, NotRendered):
        raise answer
    return answer


def each(
    values: Input, requests: Sequence[Request], *, run_anyway: bool = False
) -> list[Objects | NotRendered]:
    """Answer requests with one run of the configuration. Raises ConfigError, NotRendered."""
    values = read(values)
    wrong = [p for p in configuration.problems(values) if p.severity == "error"]
    if wrong:
        raise ConfigError(wrong)
    arguments = {"requests": [request.as_json() for request in requests]}
    limit = sandbox.LIMIT + 2 * len(requests)
    try:
        answer = sandbox.run(values, "objects", arguments, limit=limit, cached=False,
                             run_anyway=run_anyway)  # fmt: skip
    except sandbox.NotIsolated as error:
        raise NotIsolated(f"the configuration {error}") from None
    except sandbox.Stopped as error:
        raise NotRendered(f"the configuration {error}") from None
    if answer["raised"]:
        raise Failed(_raised(answer["raised"], Mask(values.get(()))))
    notes = [f"the module {name} is not installed here, so code that uses it was not run"
             for name in answer["missing"]]  # fmt: skip
    notes += sandbox.warnings(answer)
    mask = Mask(values.get(()))
    return [_of(one, notes, mask) for one in answer["answers"]]


def _raised(failure: dict[str, Any], mask: Mask) -> str:
    """Return a sentence for an exception, whose own message may lack context."""
    message = mask.text(failure["message"])[:300]
    if failure["frames"]:
        return f"{':'.join(map(str, failure['frames'][0]))} raises {failure['type']}: {message}"
    cause = " ".join(message.split()).rstrip(".") or "no message"
    return (
        f"KubeSpawner cannot create the pod from these values: {cause} ({failure['type']}). "
        "Run `z2jh check` to find the key"
    )


def _of(answer: dict[str, Any], notes: list[str], mask: Mask) -> Objects | NotRendered:
    if answer["failure"]:
        return Failed(_raised(answer["failure"], mask))
    if answer["pod"] is None:
        return Refused(mask.text(answer["refusal"])[:300] or "no message")
    return Objects(answer["pod"], answer["claims"], [*notes, *map(mask.text, answer["notes"])])


def read(values: Input) -> Values:
    """Return the values from any argument that `pod` accepts."""
    if isinstance(values, Values):
        return values
    if isinstance(values, Mapping):
        defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
        return Values(sources.merge_as_helm(defaults, values), given=values,
                      environ=sources.environment())  # fmt: skip
    several = [values] if isinstance(values, (str, Path)) else values
    return files.read([Path(file) for file in several])


def profiles(values: Values) -> list[str | None]:
    """Return the slugs of the profiles in the values; [None] if there are none."""
    from slugify import slugify  # the library that KubeSpawner uses

    profiles = values.get("singleuser.profileList") or []
    items = profiles.values() if isinstance(profiles, dict) else profiles
    return [
        str(item.get("slug") or slugify(str(item.get("display_name", ""))))
        for item in items
        if isinstance(item, dict)
    ] or [None]


def without_secrets(thing: Any, values: Values) -> Any:
    """Return a copy of a rendered object without secrets of the values or of variables."""
    return Mask(values.get(())).value((), thing)
