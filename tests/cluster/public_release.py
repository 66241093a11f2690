"""A release with the objects that the public chart 4 renders, and a hub of the same version.

The objects and the hub's configuration come from the fidelity records in ../shared for the default
values. Substitute images with the same JupyterHub (`stand_ins/`) have the names of the public
images. The records do not contain the configuration code, so the hub gets its recorded result.
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
NAME = "my-release"  # as in the record
SCHEMA = "4621fec11365"  # the database schema of JupyterHub 5.5

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
    """Write the objects as a chart without other templates; return its folder."""
    chart = folder / "jupyterhub"
    (chart / "templates").mkdir(parents=True)
    metadata = {"apiVersion": "v2", "name": "jupyterhub", "version": "4.3.4"}
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    (chart / "objects.yaml").write_text(yaml.safe_dump_all(objects(namespace)))
    template = '{{ .Files.Get "objects.yaml" }}\n'
    (chart / "templates" / "objects.yaml").write_text(template)
    return chart


def objects(namespace: str) -> Iterator[dict[str, Any]]:
    """Yield all objects, with new secrets and a single placeholder."""
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
    """Return the recorded configuration merged with the values of all test releases."""
    values, hub = VALUES["hub"], recorded["JupyterHub"]
    hub["services"] += [
        {"name": name, "api_token": service["apiToken"]}
        for name, service in values["services"].items()
    ]
    hub["load_roles"] += [{"name": name, **role} for name, role in values["loadRoles"].items()]
    return {**recorded, "DummyAuthenticator": values["config"]["DummyAuthenticator"]}


def made_secrets(values: str) -> dict[str, str]:
    """Return the contents of the public chart's Secret `hub`: values and random secrets."""
    return {
        "values.yaml": values,
        "hub.config.ConfigurableHTTPProxy.auth_token": secrets.token_hex(32),
        "hub.config.JupyterHub.cookie_secret": secrets.token_hex(32),
        "hub.config.CryptKeeper.keys": secrets.token_hex(32),
        "hub.services.tests.apiToken": TOKEN,
    }
