"""Look up parts of the values for the rules, tolerating values of a wrong type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from ..config.errors import MISSING, Path
from ..config.key_paths import find, key_path
from ..config.values import Values

# keys of pods that take additional containers
PODS = ("hub", "singleuser", "proxy.traefik", "proxy.chp")
CONTAINERS = ("initContainers", "extraInitContainers", "extraContainers")


def mapping(values: Values, key: str | Path) -> dict[str, Any]:
    """Return the mapping at `key`; an empty one if there is none."""
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def mappings(values: Values, key: str | Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the mappings in the list or mapping at `key`, each with its path."""
    return inner(key_path(key), values.get(key))


def inner(path: Path, node: Any) -> list[tuple[Path, dict[str, Any]]]:
    """Return the mappings in `node`, which is at `path`, each with its path."""
    pairs = node.items() if isinstance(node, dict) else enumerate(as_list(node))
    return [((*path, str(key)), item) for key, item in pairs if isinstance(item, dict)]


def existing(values: Values, path: Path) -> Path:
    """Return `path`, or the longest part of it that the values contain; a null counts."""
    while path and find(values.get(()), path) is MISSING:
        path = path[:-1]
    return path


def as_list(node: Any) -> list[Any]:
    """Return `node` if it is a list, else an empty list."""
    return node if isinstance(node, list) else []


def as_mapping(node: Any) -> dict[str, Any]:
    """Return `node` if it is a mapping, else an empty mapping."""
    return node if isinstance(node, dict) else {}


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether `value` is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_on(values: Values, key: str) -> bool:
    """Return whether `key` is true."""
    return values.get(key) is True


def containers(values: Values) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Yield the additional containers: key of their pod, path and specification."""
    for pod in PODS:
        for part in CONTAINERS:
            for path, container in mappings(values, f"{pod}.{part}"):
                yield pod, path, container


def profiles(values: Values) -> list[tuple[Path, dict[str, Any]]]:
    """Return the profiles, each with its path."""
    return [
        *mappings(values, "singleuser.profileList"),
        *mappings(values, "hub.config.KubeSpawner.profile_list"),
    ]


def overrides(values: Values) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Yield each `kubespawner_override`: its path, its traits, and those of its profile."""
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
    """Return the `profile_options` of the profile at `path`, each with its path."""
    return inner((*path, "profile_options"), as_mapping(profile.get("profile_options")))


def mentions(code: str, name: str) -> bool:
    """Return whether Python code contains `name` as a word, so that it may define it."""
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code))


def code(values: Values) -> str:
    """Return all Python of the values as one text."""
    snippets = values.get("hub.extraConfig")
    pieces = [snippets] if isinstance(snippets, str) else list(as_mapping(snippets).values())
    pieces += [file.get("stringData") for _, file in mappings(values, "hub.extraFiles")]
    return "\n".join(piece for piece in pieces if isinstance(piece, str))


def slug(profile: dict[str, Any]) -> str:
    """Return the slug of a profile: its own, or the one that KubeSpawner derives."""
    from slugify import slugify  # KubeSpawner's own

    own = profile.get("slug")
    return str(slugify(str(profile.get("display_name", ""))) if own is None else own)


def is_only_login(values: Values, name: str) -> bool:
    """Return whether `authenticator_class` is this class of OAuthenticator, and none of Python."""
    chosen = values.get("hub.config.JupyterHub.authenticator_class")
    short = name.removesuffix("OAuthenticator").lower()
    is_this = isinstance(chosen, str) and (
        chosen.rpartition(".")[2] == name or chosen.replace("-oauth", "").replace("-", "") == short
    )
    return is_this and name not in code(values)
