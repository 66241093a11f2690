"""Report labels, annotations and environment variables whose names Kubernetes rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from ...sandbox.pods import names
from ...sandbox.pods.schema import Mistake

Find = Callable[[Mapping[Any, Any], Path], Iterator[Mistake]]


def _annotations(given: Mapping[Any, Any], path: Path) -> Iterator[Mistake]:
    return names.of_keys(given, path, names.ANNOTATION)


# the last part of a key → what is wrong below it
FINDERS: dict[str, Find] = {
    "labels": names.of_labels,
    "extraLabels": names.of_labels,
    "nodeSelector": names.of_labels,
    "annotations": _annotations,
    "extraAnnotations": _annotations,
    "extraEnv": names.of_variables,
}
# mappings with keys of an administrator's own choice; the trial of the pods looks into profiles
OTHERS = {"config", "custom", "extraConfig", "extraFiles", "extraPodConfig", "services"}


def findings(values: Values) -> Iterator[Problem]:
    """Yield the names that Kubernetes rejects, in every section of the chart."""
    for mistake in _below(values.get(()), ()):
        # expanded for each user: tried with the pods
        if "{" not in str(mistake.value):
            relaxed = mistake.kind == "relaxed"
            yield values.problem(
                mistake.path,
                mistake.message if relaxed else f"{mistake.message}, so Kubernetes rejects it",
                given=MISSING if mistake.value == mistake.path[-1] else mistake.value,
                expected=mistake.expected,
                severity="warning" if relaxed else "error",
                rule="pod-rejected",
            )  # fmt: skip


def _below(section: Any, path: Path) -> Iterator[Mistake]:
    for key, value in section.items() if isinstance(section, dict) else ():
        if not isinstance(value, dict) or key in OTHERS:
            continue
        find = FINDERS.get(key)
        if find and path:
            yield from find(value, (*path, key))
        else:
            yield from _below(value, (*path, key))
