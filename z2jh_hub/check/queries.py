"""Questions that several rules ask of the values, whatever their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from ..config.errors import Path
from ..config.key_paths import key_path
from ..config.values import Values

# mappings of the pods of the chart, by the path of what has containers beside it
PODS = ("hub", "singleuser", "proxy.traefik", "proxy.chp")
CONTAINERS = ("initContainers", "extraInitContainers", "extraContainers")


def mapping(values: Values, key: str | Path) -> dict[str, Any]:
    """The mapping at `key`; an empty one where there is none."""
    found = values.get(key)
    return found if isinstance(found, dict) else {}


def mappings(values: Values, key: str | Path) -> list[tuple[Path, dict[str, Any]]]:
    """The mappings in the list or the map at `key`, each with its path."""
    return inner(key_path(key), values.get(key))


def inner(path: Path, node: Any) -> list[tuple[Path, dict[str, Any]]]:
    """Like `mappings`, of `node`, which stands at `path`."""
    pairs = node.items() if isinstance(node, dict) else enumerate(as_list(node))
    return [((*path, str(key)), item) for key, item in pairs if isinstance(item, dict)]


def as_list(node: Any) -> list[Any]:
    """`node` where it is a list, else an empty one."""
    return node if isinstance(node, list) else []


def as_mapping(node: Any) -> dict[str, Any]:
    """`node` where it is a mapping, else an empty one."""
    return node if isinstance(node, dict) else {}


def is_number(value: Any) -> TypeGuard[float]:
    """Whether `value` is a number, which true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_on(values: Values, key: str) -> bool:
    """Whether the switch at `key` is on."""
    return values.get(key) is True


def containers(values: Values) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """The administrator's own containers: their pod, path and specification."""
    for pod in PODS:
        for part in CONTAINERS:
            for path, container in mappings(values, f"{pod}.{part}"):
                yield pod, path, container


def profiles(values: Values) -> list[tuple[Path, dict[str, Any]]]:
    """The profiles that the values give, each with its path."""
    return [
        *mappings(values, "singleuser.profileList"),
        *mappings(values, "hub.config.KubeSpawner.profile_list"),
    ]


def overrides(values: Values) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Each `kubespawner_override`: its path, what it sets, and what its profile has set before."""
    for path, profile in profiles(values):
        whole = as_mapping(profile.get("kubespawner_override"))
        if whole:
            yield (*path, "kubespawner_override"), whole, {}
        for option_path, option in options(path, profile):
            unlisted = as_mapping(option.get("unlisted_choice"))
            choices = inner((*option_path, "choices"), option.get("choices"))
            for at, choice in [*choices, ((*option_path, "unlisted_choice"), unlisted)]:
                override = as_mapping(choice.get("kubespawner_override"))
                if override:
                    yield (*at, "kubespawner_override"), override, whole


def options(path: Path, profile: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """The `profile_options` of the profile at `path`."""
    return inner((*path, "profile_options"), as_mapping(profile.get("profile_options")))


def speaks_of(code: str, name: str) -> bool:
    """Whether Python has `name` as a word in it: what it is about may be made there."""
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code))


def code(values: Values) -> str:
    """All Python that the values hold, as one text: it may set what a rule would miss."""
    snippets = values.get("hub.extraConfig")
    pieces = [snippets] if isinstance(snippets, str) else list(as_mapping(snippets).values())
    pieces += [file.get("stringData") for _, file in mappings(values, "hub.extraFiles")]
    return "\n".join(piece for piece in pieces if isinstance(piece, str))
