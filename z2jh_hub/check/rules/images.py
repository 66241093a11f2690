"""Images that are another one tomorrow, or none at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem, display
from ...config.keys import tag_text
from ...config.values import Values
from .. import queries

# images given as a name and a tag, whose defaults the chart has
NAMED = (
    "hub.image",
    "singleuser.image",
    "singleuser.networkTools.image",
    "proxy.chp.image",
    "proxy.traefik.image",
    "proxy.secretSync.image",
    "prePuller.pause.image",
    "scheduling.userScheduler.image",
    "scheduling.userPlaceholder.image",
)
# what the chart's own hub image, and those made of it, are called
OURS = "z2jh-hub"
PUBLIC = "k8s-hub"
EXPECTED = "a tag that always names the same image, such as a version"
_NAME_AND_TAG = re.compile(r"[^@]+:(?P<tag>[^/:@]+)")


def findings(values: Values) -> Iterator[Problem]:
    """Tags that are missing, move, or are numbers; a hub's image that may lack this project."""
    yield from _hub(values)
    for key in NAMED:
        yield from _of_parts(values, tuple(key.split(".")), queries.mapping(values, key))
    for path, image in queries.mappings(values, "prePuller.extraImages"):
        yield from _of_parts(values, path, image)
    for _, path, container in queries.containers(values):
        yield from _of_text(values, (*path, "image"), container.get("image"))
    for path, override, _ in queries.overrides(values):
        yield from _of_text(values, (*path, "image"), override.get("image"))
    trait = ("hub", "config", "KubeSpawner", "image")
    yield from _of_text(values, trait, values.get(trait))


def _hub(values: Values) -> Iterator[Problem]:
    """The hub's pod and the chart's jobs run `z2jh`, which only our image brings."""
    path = ("hub", "image")
    name = _given(values, path).get("name")
    if not isinstance(name, str) or not name:
        return
    called = name.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if not called.startswith(OURS):
        yield values.problem(
            (*path, "name"),
            "the public chart's image, in which this chart's hub and jobs do not start"
            if called == PUBLIC
            else "a hub image of your own, in which z2jh has to be: the hub and the jobs run it",
            expected=f"the chart's own image, or one made of it (FROM …/{OURS})",
            hint="leave hub.image out"
            if called == PUBLIC
            else "where it is made of it, a comment says so: # z2jh: ignore[hub-image]",
            severity="warning",
            rule="hub-image",
        )


def _of_parts(values: Values, path: Path, image: dict[str, Any]) -> Iterator[Problem]:
    given = _given(values, path)
    if not given.keys() & {"name", "tag"}:
        return
    name, tag = image.get("name"), image.get("tag")
    if queries.is_number(tag):
        yield from _of_number(values, (*path, "tag"), tag)
    elif isinstance(name, str) and ("@" in name or (not tag and _NAME_AND_TAG.fullmatch(name))):
        yield from _of_text(values, (*path, "name"), name)
    elif name and not tag:
        yield _moving(values, (*path, "name"), "an image without a tag, which means latest")
    elif tag == "latest":
        yield _moving(values, (*path, "tag"), "the tag latest")
    elif "name" in given and "tag" not in given:
        yield values.problem(
            (*path, "name"),
            f"another image with the tag of the chart's own, {display(path, tag)}: is it there?",
            expected=EXPECTED, hint=f"give {'.'.join((*path, 'tag'))} too",
            severity="warning", rule="image-tag",
        )  # fmt: skip


def _given(values: Values, path: Path) -> dict[str, Any]:
    return queries.as_mapping(values.get_as_given(path))


def _of_number(values: Values, path: Path, tag: float) -> Iterator[Problem]:
    lost = " (zeros at the end are lost)" if isinstance(tag, float) else ""
    yield values.problem(
        path,
        f"a number, read as the tag {tag_text(tag)}{lost}",
        expected="text",
        hint="put quotes round it",
        severity="warning",
        rule="image-tag",
    )


def _of_text(values: Values, path: Path, image: Any) -> Iterator[Problem]:
    if not isinstance(image, str) or not image or "{" in image or "@" in image:
        return
    found = _NAME_AND_TAG.fullmatch(image)
    if not found:
        yield _moving(values, path, "an image without a tag, which means latest")
    elif found["tag"] == "latest":
        yield _moving(values, path, "the tag latest")


def _moving(values: Values, path: Path, what: str) -> Problem:
    return values.problem(
        path,
        f"{what}: what users get changes with the node and the day",
        expected=EXPECTED,
        severity="warning",
        rule="image-tag",
    )
