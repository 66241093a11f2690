"""The dashboard and the alerts ask for metrics that this JupyterHub has, with labels they have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jupyterhub.metrics  # noqa: F401  (registers them)
import pytest
import yaml
from prometheus_client import REGISTRY

FOLDER = Path(__file__).parents[2] / "chart" / "monitoring"
# what Prometheus adds to what it scrapes in a cluster
ADDED = {"namespace", "instance", "le"}

DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
ALERTS = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
QUERIES = [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]
QUERIES += [alert["expr"] for alert in ALERTS]


def metrics() -> dict[str, set[str]]:
    """Every series of the hub, with its labels."""
    found: dict[str, set[str]] = {"process_resident_memory_bytes": set()}
    for collector in set(REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in REGISTRY._collector_to_names[collector]:
            found[name] = labels
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_series_and_labels_that_there_are(query: str) -> None:
    there = metrics()
    asked = re.findall(r"((?:jupyterhub|process|z2jh)_\w+)\{([^}]*)\}", query)
    assert asked
    for name, selector in asked:
        assert name in there
        assert set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\"", selector)) <= there[name] | ADDED
    assert query.count("(") == query.count(")")


def test_each_panel_says_what_it_shows() -> None:
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["description"].endswith(".")


def test_each_alert_says_what_to_do() -> None:
    for alert in ALERTS:
        assert set(alert["annotations"]) == {"summary", "description"}
