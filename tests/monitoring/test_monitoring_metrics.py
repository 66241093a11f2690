"""The dashboard and the alerts query metrics and labels that the hub exports."""

from __future__ import annotations

import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import jupyterhub.metrics  # noqa: F401  (registers its metrics)
import pytest
import yaml
from prometheus_client import REGISTRY

import z2jh_hub.hub
import z2jh_hub.spawner

FOLDER = Path(__file__).parents[2] / "chart" / "monitoring"
# labels that Prometheus adds when it scrapes pods
ADDED = {"namespace", "instance", "le"}

DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
ALERTS = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
QUERIES = [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]
QUERIES += [alert["expr"] for alert in ALERTS]


def metrics() -> dict[str, set[str]]:
    """Return every series of the hub with its labels."""
    for package in (z2jh_hub.hub, z2jh_hub.spawner):  # modules register metrics when imported
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    series: dict[str, set[str]] = {"process_resident_memory_bytes": set()}
    for collector in set(REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in REGISTRY._collector_to_names[collector]:
            series[name] = labels
    return series


def selected(series: str) -> tuple[str, set[str]]:
    """Return the name and the labels of `name{label="…"}`."""
    name, _, selector = series.partition("{")
    return name, set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\"", selector))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_existing_series_and_labels(query: str) -> None:
    exported = metrics()
    queried = re.findall(r"(?:jupyterhub|process|z2jh)_\w+\{[^}]*\}", query)
    assert queried
    for name, labels in map(selected, queried):
        assert name in exported
        assert labels <= exported[name] | ADDED
    assert query.count("(") == query.count(")")


def test_each_panel_describes_what_it_shows() -> None:
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["description"].endswith(".")


def test_each_alert_has_a_summary_and_a_description() -> None:
    for alert in ALERTS:
        assert set(alert["annotations"]) == {"summary", "description"}
