"""Report images whose tag is missing, changes, or is read as a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem, display
from ...config.keys import tag_text
from ...config.values import Values
from .. import queries

# images with a name and a tag, which have defaults in the chart
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
# beginning of the name of this chart's hub image, and of images built from it
OURS = "z2jh-hub"
PUBLIC = "k8s-hub"
EXPECTED = "a tag that always names the same image, such as a version"
_NAME_AND_TAG = re.compile(r"[^@]+:(?P<tag>[^/:@]+)")


def findings(values: Values) -> Iterator[Problem]:
    """Yield problems of image tags, and hub images that may lack this project."""
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
    """Report a hub image without `z2jh`, which the hub pod and the chart's jobs run."""
    path = ("hub", "image")
    name = _given(values, path).get("name")
    if not isinstance(name, str) or not name:
        return
    called = name.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if not called.startswith(OURS):
        yield values.problem(
            (*path, "name"),
            "this chart's hub and jobs do not run in the image of the public chart"
            if called == PUBLIC
            else "a custom hub image must contain z2jh, which the hub and the jobs run",
            expected=f"the chart's image, or an image built from it (FROM …/{OURS})",
            hint="remove hub.image"
            if called == PUBLIC
            else "if it is built from the chart's image, add # z2jh: ignore[hub-image]",
            severity="warning",
            rule="hub-image",
        )


def _of_parts(values: Values, path: Path, image: dict[str, Any]) -> Iterator[Problem]:
    own = _given(values, path)
    if not own.keys() & {"name", "tag"}:
        return
    name, tag = image.get("name"), image.get("tag")
    given = name if isinstance(name, str) else ""
    whole = _NAME_AND_TAG.fullmatch(given)
    if whole and tag and isinstance(tag, (str, int, float)):
        yield values.problem(
            (*path, "name"),
            f"the name contains a tag, so the image would be {name}:{tag_text(tag)}, which is "
            "not a valid name", expected="a name without a tag",
            hint=f"write name: {given.rpartition(':')[0]} and tag: {whole['tag']}",
            rule="image-tag",
        )  # fmt: skip
    elif queries.is_number(tag):
        yield from _of_number(values, (*path, "tag"), tag)
    elif isinstance(name, str) and ("@" in name or (not tag and _NAME_AND_TAG.fullmatch(name))):
        yield from _of_text(values, (*path, "name"), name)
    elif name and not tag:
        yield _moving(values, (*path, "name"), "the image has no tag, which means latest")
    elif tag == "latest":
        yield _moving(values, (*path, "tag"), "the tag is latest")
    elif "name" in own and "tag" not in own:
        yield values.problem(
            (*path, "name"),
            f"the image name is set without a tag; the chart's default tag {display(path, tag)} "
            "may not exist in that repository",
            expected=EXPECTED, hint=f"set {'.'.join((*path, 'tag'))}",
            severity="warning", rule="image-tag",
        )  # fmt: skip


def _given(values: Values, path: Path) -> dict[str, Any]:
    return queries.as_mapping(values.get_as_given(path))


def _of_number(values: Values, path: Path, tag: float) -> Iterator[Problem]:
    lost = " (trailing zeros are lost)" if isinstance(tag, float) else ""
    yield values.problem(
        path,
        f"the tag is a number and is read as {tag_text(tag)}{lost}",
        expected="text",
        hint="quote the tag",
        severity="warning",
        rule="image-tag",
    )


def _of_text(values: Values, path: Path, image: Any) -> Iterator[Problem]:
    if not isinstance(image, str) or not image or "{" in image or "@" in image:
        return
    match = _NAME_AND_TAG.fullmatch(image)
    if not match:
        yield _moving(values, path, "the image has no tag, which means latest")
    elif match["tag"] == "latest":
        yield _moving(values, path, "the tag is latest")


def _moving(values: Values, path: Path, what: str) -> Problem:
    return values.problem(
        path,
        f"{what}, so users may get different images on different nodes or days",
        expected=EXPECTED,
        severity="warning",
        rule="image-tag",
    )
