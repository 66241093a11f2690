"""A release that looks like the public chart's 4.x: the objects it renders, with a hub of its time.

The objects, and the configuration that its hub computes, are those of the fidelity records in
../shared for the chart's defaults. Under its images' names run stand-ins with the same JupyterHub
(`stand_ins/`); its configuration's code is not in the records, so here the hub is given the result.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from cluster_support import ROOT, TOKEN, VALUES

SHARED = Path(os.environ.get("Z2JH_SHARED") or ROOT.parent / "shared")
RECORD = SHARED / "tools/fidelity/records/corners/defaults.json.gz"
NAME = "my-release"  # the record's
SCHEMA = "4621fec11365"  # of JupyterHub 5.5's database

HUB = """
import json
from pathlib import Path

def secret(name):
    return Path("/usr/local/etc/jupyterhub/secret", f"hub.config.{{name}}").read_text()

for name, traits in json.loads({config!r}).items():
    c[name].update(traits)
c.JupyterHub.cookie_secret = bytes.fromhex(secret("JupyterHub.cookie_secret"))
c.CryptKeeper.keys = [secret("CryptKeeper.keys")]
"""


def write(folder: Path, namespace: str) -> Path:
    """The objects as a chart whose templates are just those."""
    chart = folder / "jupyterhub"
    (chart / "templates").mkdir(parents=True)
    metadata = {"apiVersion": "v2", "name": "jupyterhub", "version": "4.3.4"}
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    (chart / "objects.yaml").write_text(yaml.safe_dump_all(objects(namespace)))
    template = '{{ .Files.Get "objects.yaml" }}\n'
    (chart / "templates" / "objects.yaml").write_text(template)
    return chart


def objects(namespace: str) -> Iterator[dict[str, Any]]:
    """All of them; the Secret has values of its own, and there is one placeholder."""
    with gzip.open(RECORD) as file:
        record = json.loads(file.read().decode().replace("my-namespace", namespace))
    for each in record["manifests"]:
        match each["kind"], each["metadata"]["name"]:
            case "ConfigMap", "hub":
                config = json.dumps(hub_config(record["config"]))
                each["data"] |= {"jupyterhub_config.py": HUB.format(config=config), "z2jh.py": ""}
            case "Secret", "hub":
                each.pop("data")
                each["stringData"] = made_secrets(record["secrets"]["hub"]["values.yaml"])
            case "Service", "proxy-public":
                each["spec"]["type"] = "ClusterIP"
            case "StatefulSet", "user-placeholder":
                each["spec"]["replicas"] = 1
        yield each


def hub_config(recorded: dict[str, Any]) -> dict[str, Any]:
    """The recorded configuration, with what the tests give every hub."""
    given, hub = VALUES["hub"], recorded["JupyterHub"]
    hub["services"] += [
        {"name": name, "api_token": service["apiToken"]}
        for name, service in given["services"].items()
    ]
    hub["load_roles"] += [{"name": name, **role} for name, role in given["loadRoles"].items()]
    return {**recorded, "DummyAuthenticator": given["config"]["DummyAuthenticator"]}


def made_secrets(values: str) -> dict[str, str]:
    """What is in the public chart's Secret `hub`: the values, and what it made at random."""
    return {
        "values.yaml": values,
        "hub.config.ConfigurableHTTPProxy.auth_token": secrets.token_hex(32),
        "hub.config.JupyterHub.cookie_secret": secrets.token_hex(32),
        "hub.config.CryptKeeper.keys": secrets.token_hex(32),
        "hub.services.tests.apiToken": TOKEN,
    }
