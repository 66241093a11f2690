"""`hub.rescue`: the small server that is started when a home is full or broken."""

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
    """Keys that nobody reads, a home that hides another, and guarantees above their limits."""
    given = values.get(RESCUE)
    if isinstance(given, dict):
        yield from _unknown(values, RESCUE, given)
    yield from _place(values)
    yield from above_limits(values, RESCUE)


def _unknown(values: Values, at: str, given: Mapping[str, Any]) -> Iterator[Problem]:
    below = [key.path.removeprefix(f"{at}.") for key in KEYS if key.path.startswith(f"{at}.")]
    known = [name for name in below if "." not in name]
    yield from unknown(values, key_path(at), given, known)
    for name, value in given.items():
        if name in known and isinstance(value, dict):
            yield from _unknown(values, f"{at}.{name}", value)


def _place(values: Values) -> Iterator[Problem]:
    """The empty home would be made inside of the user's own, or both be at one place."""
    place, home = values.get(f"{RESCUE}.mountPath"), values.get(HOME)
    if not isinstance(place, str) or not isinstance(home, str):
        return
    if f"{normpath(home)}/".startswith(f"{normpath(place)}/"):
        yield values.problem(
            f"{RESCUE}.mountPath",
            f"{HOME} is {home}, where a rescue server has an empty directory",
            expected="a path that the home is not below",
            hint="such as /rescue/home",
            rule="mount-collision",
        )


def apply(values: Values, c: Config) -> None:
    """The image, which is made of two values."""
    name, tag = values.get(f"{RESCUE}.image.name"), values.get(f"{RESCUE}.image.tag")
    if name:
        c.KubeSpawner.rescue_image = f"{name}:{tag_text(tag)}" if tag else name
