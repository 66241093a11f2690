"""`hub.rescue`: the server for users whose home is full or broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..key_paths import key_path
from ..keys import (
    ANYTHING,
    BOOLEAN,
    CPU,
    MAPPING,
    MEMORY,
    TEXT,
    Key,
    above_limits,
    matching,
    tag_text,
    unknown,
)
from ..values import Values

if TYPE_CHECKING:
    from traitlets.config import Config

RESCUE = "hub.rescue"
HOME = "singleuser.storage.homeMountPath"

KEYS = (
    Key(RESCUE, MAPPING),
    Key(f"{RESCUE}.enabled", BOOLEAN, "KubeSpawner.rescue_enabled"),
    Key(
        f"{RESCUE}.mountPath",
        matching(r"/.*[^/]", "an absolute path below /", "such as /rescue/home"),
        "KubeSpawner.rescue_mount_path",
    ),
    Key(f"{RESCUE}.image", MAPPING),
    Key(f"{RESCUE}.image.name", TEXT),
    Key(f"{RESCUE}.image.tag", ANYTHING),
    Key(f"{RESCUE}.memory", MAPPING),
    Key(f"{RESCUE}.memory.limit", MEMORY, "KubeSpawner.rescue_mem_limit"),
    Key(f"{RESCUE}.memory.guarantee", MEMORY, "KubeSpawner.rescue_mem_guarantee"),
    Key(f"{RESCUE}.cpu", MAPPING),
    Key(f"{RESCUE}.cpu.limit", CPU, "KubeSpawner.rescue_cpu_limit"),
    Key(f"{RESCUE}.cpu.guarantee", CPU, "KubeSpawner.rescue_cpu_guarantee"),
)


def problems(values: Values) -> Iterator[Problem]:
    """Report unknown keys, colliding mount paths, and guarantees above their limits."""
    rescue = values.get(RESCUE)
    if isinstance(rescue, dict):
        yield from _unknown(values, RESCUE, rescue)
    yield from _place(values)
    yield from above_limits(values, RESCUE)


def _unknown(values: Values, at: str, entries: Mapping[str, Any]) -> Iterator[Problem]:
    below = [key.path.removeprefix(f"{at}.") for key in KEYS if key.path.startswith(f"{at}.")]
    known = [name for name in below if "." not in name]
    yield from unknown(values, key_path(at), entries, known)
    for name, value in entries.items():
        if name in known and isinstance(value, dict):
            yield from _unknown(values, f"{at}.{name}", value)


def _place(values: Values) -> Iterator[Problem]:
    """Report a mount path of the user's home at or above the home itself."""
    place, home = values.get(f"{RESCUE}.mountPath"), values.get(HOME)
    if not isinstance(place, str) or not isinstance(home, str):
        return
    if f"{normpath(home)}/".startswith(f"{normpath(place)}/"):
        yield values.problem(
            f"{RESCUE}.mountPath",
            f"collides with {HOME}, {home}, where a rescue server has an empty directory",
            expected="a path that does not contain the home",
            hint="such as /rescue/home",
            rule="mount-collision",
        )


def apply(values: Values, c: Config) -> None:
    """Set the image, from its name and tag."""
    name, tag = values.get(f"{RESCUE}.image.name"), values.get(f"{RESCUE}.image.tag")
    if name:
        c.KubeSpawner.rescue_image = f"{name}:{tag_text(tag)}" if tag else name
