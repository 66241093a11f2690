"""Each alert fires when its condition is true, and only then, as Prometheus evaluates it.

The metrics and labels of the samples are checked to be those of the hub in
`test_monitoring_metrics.py`.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_monitoring_metrics import ALERTS, metrics, selected

PROMTOOL = shutil.which("promtool")
NAMESPACE = "hub-ns"
SPAWNS = "jupyterhub_server_spawn_duration_seconds"


@dataclass(frozen=True)
class Case:
    """Samples once a minute by series, in promtool's notation; then an alert fires or not."""

    alert: str
    fires: bool
    samples: dict[str, str]
    minutes: int = 20


def starts(status: str, reason: str, samples: str) -> dict[str, str]:
    return {f'{SPAWNS}_count{{status="{status}",reason="{reason}"}}': samples}


def times(
    metric: str, fast: str, slow: str, labels: str = "", limit: str = "120"
) -> dict[str, str]:
    """Return a histogram with `fast` values up to `limit` seconds, and `slow` ones above it."""
    total = "0+10x60"
    return {
        f'{metric}_bucket{{le="{limit}"{labels}}}': fast,
        f'{metric}_bucket{{le="600"{labels}}}': slow,
        f'{metric}_bucket{{le="+Inf"{labels}}}': total,
    }


SUCCESS = starts("success", "", "0+1x60")
OK = ',status="success"'
LOOP = "jupyterhub_event_loop_interval_seconds"

CASES = [
    Case("JupyterHubDown", True, {}),
    Case("JupyterHubDown", False, {"jupyterhub_running_servers": "0x60"}),
    # one start in two fails, because of a cause of the cluster
    Case("JupyterHubStartsFail", True, SUCCESS | starts("failure", "image-missing", "0+1x60")),
    Case("JupyterHubStartsFail", True, SUCCESS | starts("failure", "quota", "0+1x60")),
    # the user's own quota, and what else refuses a user as intended
    *(
        Case("JupyterHubStartsFail", False, SUCCESS | starts("failure", reason, "0+1x60"))
        for reason in ("user-quota", "profile", "options", "rescue", "blocked")
    ),
    # one start in ten fails
    Case(
        "JupyterHubStartsFail",
        False,
        starts("success", "", "0+9x60") | starts("failure", "crashed", "0+1x60"),
    ),
    Case("JupyterHubStartsAreSlow", True, times(SPAWNS, "0+5x60", "0+10x60", OK), 40),
    Case("JupyterHubStartsAreSlow", False, times(SPAWNS, "0+10x60", "0+10x60", OK), 40),
    Case("JupyterHubIsBusy", True, times(LOOP, "0+5x60", "0+10x60", limit="2")),
    Case("JupyterHubIsBusy", False, times(LOOP, "0+10x60", "0+10x60", limit="2")),
    Case("JupyterHubSeesNoPods", True, {'z2jh_watch_age_seconds{kind="pods"}': "0+60x60"}),
    Case("JupyterHubSeesNoPods", False, {'z2jh_watch_age_seconds{kind="pods"}': "10x60"}),
    Case("JupyterHubSeesNoPods", False, {'z2jh_watch_age_seconds{kind="events"}': "0+60x60"}),
    Case("JupyterHubValuesNotInForce", True, {"z2jh_values_not_in_force": "1x60"}),
    Case("JupyterHubValuesNotInForce", False, {"z2jh_values_not_in_force": "0x60"}),
]


def in_namespace(series: str) -> str:
    name, _, labels = series.rstrip("}").partition("{")
    return f'{name}{{namespace="{NAMESPACE}"{"," if labels else ""}{labels}}}'


def group(case: Case) -> dict[str, Any]:
    """Return the group of promtool's test file for a case."""
    alert = next(each for each in ALERTS if each["alert"] == case.alert)
    expected = {"exp_labels": alert["labels"], "exp_annotations": alert["annotations"]}
    if case.alert == "JupyterHubDown":  # `absent` keeps the labels of the query
        expected["exp_labels"] = {**alert["labels"], "namespace": NAMESPACE}
    return {
        "interval": "1m",
        "input_series": [
            {"series": in_namespace(series), "values": values}
            for series, values in case.samples.items()
        ],
        "alert_rule_test": [
            {
                "alertname": case.alert,
                "eval_time": f"{case.minutes}m",
                "exp_alerts": [expected] if case.fires else [],
            }
        ],
    }


def test_each_alert_is_tested_in_both_ways() -> None:
    tested = {(case.alert, case.fires) for case in CASES}
    assert tested == {(each["alert"], fires) for each in ALERTS for fires in (True, False)}


@pytest.mark.parametrize("series", sorted({series for case in CASES for series in case.samples}))
def test_samples_are_those_of_a_hub(series: str) -> None:
    name, labels = selected(series)
    assert labels <= metrics()[name] | {"le"}


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}-{case.fires}")
def test_an_alert_fires_if_its_condition_is_true(case: Case, tmp_path: Path) -> None:
    rules = yaml.safe_dump({"groups": [{"name": "jupyterhub", "rules": ALERTS}]})
    (tmp_path / "rules.yaml").write_text(rules.replace("NAMESPACE", NAMESPACE))
    tests = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [group(case)]}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", "tests.yaml"],
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
