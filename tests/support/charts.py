"""Render the chart offline with Helm's own code."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "chart"
SCENARIOS = sorted(CHART.glob("ci/*-values.yaml"))
WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Doc = dict[str, Any]


class Objects:
    """The objects of one rendering by `Kind/name`, in the order of rendering."""

    def __init__(self, rendered: dict[str, str]):
        self.text = dict(sorted(rendered.items()))
        self.notes = next((t for p, t in rendered.items() if p.endswith("NOTES.txt")), "")
        self.docs: list[Doc] = [
            doc
            for path, text in self.text.items()
            if path.endswith(".yaml")
            for doc in yaml.load_all(text, Loader=_Loader)
            if doc
        ]
        self._by_name = {f"{doc['kind']}/{doc['metadata']['name']}": doc for doc in self.docs}

    def __getitem__(self, name: str) -> Doc:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def pod(self, name: str) -> Doc:
        """Return the pod spec of the workload `Kind/name`."""
        spec: Doc = _template(self[name])["spec"]
        return spec

    def pods(self) -> dict[str, Doc]:
        """Return the pod templates of all workloads."""
        return {
            name: _template(doc) for name, doc in self._by_name.items() if doc["kind"] in WORKLOADS
        }

    def container(self, name: str) -> Doc:
        """Return the default container of a workload, which the chart itself defines."""
        template = _template(self[name])
        default = template["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"]
        (container,) = [c for c in template["spec"]["containers"] if c["name"] == default]
        default_container: Doc = container
        return default_container

    def secret(self, name: str) -> dict[str, str]:
        """Return the decoded contents of a Secret."""
        doc = self[f"Secret/{name}"]
        data = {k: base64.b64decode(v).decode() for k, v in (doc.get("data") or {}).items()}
        return {**data, **(doc.get("stringData") or {})}

    def values(self) -> Any:
        """Return the values that are mounted in the hub."""
        return yaml.load(self.secret("hub-values")["values.yaml"], Loader=_Loader)


def _template(workload: Doc) -> Doc:
    """Return the pod template of a workload."""
    spec = workload["spec"]
    template: Doc = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]
    return template


@cache
def _chart(path: Path) -> Any:
    return helm_python.Chart.load(path)


@cache
def _render(values: str, release: str, namespace: str, revision: int, chart: Path) -> Objects:
    helm_python.disable_logging()
    rendered = _chart(chart).render(
        json.loads(values),
        name=release,
        namespace=namespace,
        revision=revision,
        is_install=revision == 1,
        is_upgrade=revision > 1,
    )
    return Objects(rendered)


def render(
    values: Any = None,
    *,
    release: str = "my-release",
    namespace: str = "my-namespace",
    revision: int = 1,
    chart: Path = CHART,
) -> Objects:
    """Render the chart with `values`, a mapping or YAML text. Results are cached for the session.

    Raises helm_python.HelmError.
    """
    if isinstance(values, str):
        values = yaml.load(values, Loader=_Loader)
    return _render(json.dumps(values or {}), release, namespace, revision, chart)


def forget() -> None:
    """Clear the cache, so that the chart is loaded and rendered again."""
    _render.cache_clear()
    _chart.cache_clear()


def read(path: Path) -> Any:
    """Read a values file as Helm does."""
    return helm_python.values_from_yaml(path.read_text("utf-8")) or {}
