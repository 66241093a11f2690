"""Report pinned images of other components that do not fit what the chart renders for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...config.errors import Problem, Severity
from ...config.keys import tag_text
from ...config.values import Values

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?")
# jobs of the chart that run `z2jh`, with the key that enables them, and what the public chart
# calls the images of such jobs
CHORES = {
    "prePuller.hook.image": "prePuller.hook.enabled",
    "proxy.secretSync.image": "proxy.https.enabled",
}
_OTHERS = re.compile(r"(^|/)k8s-|image-awaiter|secret-sync")


@dataclass(frozen=True)
class Oldest:
    """The oldest version of a component that reads what the chart renders for it."""

    key: str
    name: str
    version: tuple[int, int]
    effect: str
    severity: Severity
    condition: str = ""


OLDEST = (
    Oldest(
        "scheduling.userScheduler.image", "kube-scheduler", (1, 25),
        "the user scheduler does not start, and user pods stay pending: only kube-scheduler 1.25 "
        "and later read the chart's configuration", "error", "scheduling.userScheduler.enabled",
    ),
)  # fmt: skip


def findings(values: Values) -> Iterator[Problem]:
    """Yield versions that are too old, and images without the program that a job runs."""
    for oldest in OLDEST:
        yield from _too_old(values, oldest)
    for key, condition in CHORES.items():
        name = values.get(f"{key}.name")
        if values.get(condition) is False:
            continue
        if isinstance(name, str) and _OTHERS.search(name):
            yield values.problem(
                f"{key}.name", "this image lacks z2jh, which the job runs, so the job fails",
                expected="an empty name, which means the image of the hub",
                hint=f"remove {key}", rule="old-image",
            )  # fmt: skip


def _too_old(values: Values, oldest: Oldest) -> Iterator[Problem]:
    path = (*oldest.key.split("."), "tag")
    name, tag = values.get(f"{oldest.key}.name"), values.get(path)
    result = _VERSION.match(tag_text(tag)) if tag is not None else None
    if not result or not isinstance(name, str) or not name.endswith(oldest.name):
        return
    if oldest.condition and values.get(oldest.condition) is False:
        return
    version = (int(result[1]), int(result[2] or 0))
    if version < oldest.version:
        yield values.problem(
            path, oldest.effect, expected=f"version {'.'.join(map(str, oldest.version))} or later",
            hint=f"remove {oldest.key} to use the chart's version", rule="old-image",
            severity=oldest.severity,
        )  # fmt: skip
