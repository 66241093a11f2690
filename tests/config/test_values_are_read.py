"""Every value has an effect: on an object of the chart, or on the hub's configuration.

Each leaf of the schema is changed in a release in which everything is switched on. Something
other than the mounted values and their checksums must then differ.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from support.charts import render
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.chart import chart_files
from z2jh_hub.chart.schema import Schema
from z2jh_hub.config import configuration, sources
from z2jh_hub.config.values import Values

pytestmark = pytest.mark.slow

SCHEMA = yaml.safe_load(chart_files.read("values.schema.yaml"))
DEFAULTS = yaml.safe_load(chart_files.read("values.yaml"))

# enables everything, so that every value that has a reader is rendered
BASE = """
imagePullSecret: {create: true, registry: r.example.org, username: u, password: p, email: e@x.org}
hub:
  pdb: {enabled: true}
  livenessProbe: {enabled: true}
  service: {type: LoadBalancer, ports: {nodePort: 30001}}
  serviceAccount: {name: ""}
proxy:
  service: {type: LoadBalancer}
  chp: {pdb: {enabled: true}}
  traefik: {pdb: {enabled: true}}
  https: {enabled: true, hosts: [hub.example.org], letsencrypt: {contactEmail: a@example.org}}
scheduling:
  podPriority: {enabled: true}
  userPlaceholder: {enabled: true, replicas: 1}
  userScheduler: {enabled: true, pdb: {enabled: true}}
prePuller: {hook: {enabled: true, pullOnlyOnChanges: false}, continuous: {enabled: true}}
ingress: {enabled: true, hosts: [hub.example.org]}
httpRoute: {enabled: true, parentRefs: [{name: gateway}]}
monitoring: {dashboard: {enabled: true}, alerts: {enabled: true}}
singleuser: {networkPolicy: {enabled: true}, cloudMetadata: {blockWithIptables: true}}
"""

EVERYTHING = yaml.safe_load(BASE)

# other values that are needed for a value to have a reader
NEEDS = {
    "proxy.https.manual": {
        "proxy": {"https": {"type": "manual", "manual": {"key": "a key", "cert": "a certificate"}}}
    },
    "proxy.https.type": {"proxy": {"https": {"manual": {"key": "k", "cert": "c"}}}},
    "proxy.service.disableHttpPort": {
        "ingress": {"enabled": False},
        "httpRoute": {"enabled": False},
    },
    "proxy.secretSync.image": {"proxy": {"secretSync": {"image": {"name": "own", "tag": "1"}}}},
    "prePuller.hook.image": {"prePuller": {"hook": {"image": {"name": "own", "tag": "1"}}}},
    "prePuller.pullProfileListImages": {
        "singleuser": {
            "profileList": [{"display_name": "P", "kubespawner_override": {"image": "p:1"}}]
        }
    },
    "scheduling.userScheduler.pdb.minAvailable": {
        "scheduling": {"userScheduler": {"pdb": {"maxUnavailable": None}}}
    },
    "proxy.https.secret": {"proxy": {"https": {"type": "secret", "secret": {"name": "s"}}}},
    "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer": {
        "singleuser": {"cloudMetadata": {"blockWithIptables": False}}
    },
    "singleuser.storage.type": {"singleuser": {"storage": {"static": {"pvcName": "homes"}}}},
    "singleuser.storage.homeHostPathTemplate": {
        "singleuser": {"storage": {"type": "hostPath", "homeHostPathTemplate": "/homes/{username}"}}
    },
    "hub.rescue.image.tag": {"hub": {"rescue": {"image": {"name": "own"}}}},
    "hub.db.url": {"hub": {"db": {"type": "postgres", "url": "postgresql://now"}}},
    "singleuser.storage.static": {
        "singleuser": {"storage": {"type": "static", "static": {"pvcName": "homes"}}}
    },
    "singleuser.cloudMetadata.ip": {"singleuser": {"cloudMetadata": {"blockWithIptables": False}}},
}

# values without a reader, and why
UNREAD = {
    "enabled": "read by a parent chart's `condition`",
    "global": "of a parent chart",
    "hub.restartOnChange": "changes a checksum alone, and what a running hub does: "
    "tests/chart/test_chart_restarts.py, tests/hub/test_reload.py",
    "hub.speed": "changes the hub's environment: tests/hub/test_speed.py",
    "custom": "of the administrator's own code",
    "auth": "deprecated: tests/config/test_legacy_keys.py",
    "hub.config": "traits of any class: tests/config",
}


# values of keys with their own format, or whose default is null
OTHERS: dict[str, Any] = {
    "cull.defaultServers": False,
    "cull.namedServers": False,
    "hub.cookieSecret": "0f" * 32,
    "hub.db.url": "postgresql://other",
    "hub.extraConfig": {"other": "c.JupyterHub.other = 7"},
    "hub.failures": {"no-gpu": {"user": "other"}},
    "hub.loadRoles": {"other": {"scopes": ["self"]}},
    "hub.quotas": {"other": {"servers": 7}},
    "singleuser.extraEnv": {"OTHER": "other"},
    "singleuser.memory.limit": "7G",
    "singleuser.storage.capacity": "7Gi",
}


def leaves(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every leaf of the schema with its schema, without deprecated keys."""
    for name, sub in schema.get("properties", {}).items():
        if "$ref" in sub:
            sub = SCHEMA["definitions"][sub["$ref"].rpartition("/")[2]]
        key = f"{path}{name}"
        if sub.get("description", "").startswith("Deprecated") or key in UNREAD:
            continue
        if "properties" in sub:
            yield from leaves(sub, f"{key}.")
        else:
            yield key, sub


CASES = [pytest.param(key, schema, id=key) for key, schema in leaves(SCHEMA)]


def other_than(now: Any, key: str, schema: dict[str, Any]) -> Any:
    """Return a value of the key's type that differs from the current one."""
    if key in OTHERS:
        return OTHERS[key]
    if "enum" in schema:
        return next(word for word in schema["enum"] if word not in (now, None, ""))
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "boolean" in kinds:
        return not now
    if "integer" in kinds or "number" in kinds:
        return (now or 0) + 7 if not isinstance(now, str) else 7
    if "string" in kinds and "array" not in kinds:
        return f"{now or '/x'}-other"
    if "array" in kinds:
        return [*(now or []), ITEMS.get(key.rpartition(".")[2], "x-other")]
    return {**(now or {}), **MAPS.get(key.rpartition(".")[2], {"x.example.org/other": "other"})}


_NAMED = {"name": "other", "image": "other:1"}
ITEMS: dict[str, Any] = {
    "accessModes": "ReadWriteMany",
    "allowedIngressPorts": 7777,
    "egress": {"ports": [{"port": 7777}]},
    "ingress": {"ports": [{"port": 7777}]},
    "extraContainers": _NAMED,
    "extraInitContainers": _NAMED,
    "extraPaths": {"path": "/other"},
    "extraPorts": {"name": "other", "port": 7777},
    "extraTolerations": {"key": "other", "operator": "Exists"},
    "extraVolumeMounts": {"name": "other", "mountPath": "/other"},
    "extraVolumes": {"name": "other", "emptyDir": {}},
    "initContainers": _NAMED,
    "ipFamilies": "IPv6",
    "parentRefs": {"name": "other"},
    "preferred": {"weight": 7},
    "profileList": {"display_name": "Other"},
    "required": {"topologyKey": "other"},
    "pluginConfig": {"name": "Other", "args": {}},
    "tls": {"hosts": ["other.example.org"]},
    "tolerations": {"key": "other", "operator": "Exists"},
}
MAPS: dict[str, Any] = {
    "extraFiles": {"other": {"mountPath": "/other", "stringData": "other"}},
    "extraImages": {"other": {"name": "other", "tag": "1"}},
    "extraPodSpec": {"hostname": "other"},
    "extraStaticConfig": {"other": "other"},
    "extraDynamicConfig": {"other": "other"},
    "postStart": {"exec": {"command": ["other"]}},
    "preStop": {"exec": {"command": ["other"]}},
    "resources": {"limits": {"cpu": "7"}},
    "rollingUpdate": {"maxSurge": 7},
    "plugins": {"score": {"enabled": [{"name": "Other"}]}},
    "services": {"other": {"url": "http://other"}},
}


def rendered(values: dict[str, Any]) -> dict[str, Any]:
    """Return the chart's objects, without the mounted values and their checksums."""
    objects_now = render(values)
    return {
        name: without_checksums(objects_now[name])
        for name in objects_now
        if name != "Secret/hub-values"
    }


def without_checksums(node: Any) -> Any:
    if isinstance(node, list):
        return [without_checksums(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {k: without_checksums(v) for k, v in node.items() if not k.startswith("checksum/")}


def configured(values: dict[str, Any]) -> Config:
    """Return the configuration that a hub with these values builds, cached for the session."""
    return _configured(json.dumps(values))


@cache
def _configured(text: str) -> Config:
    values, c = json.loads(text), Config()
    whole = sources.merge_as_helm(copy.deepcopy(DEFAULTS), copy.deepcopy(values))
    configure.build(Values(whole, given=values), c)
    return c


def merged(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}


@pytest.mark.parametrize(("key", "schema"), CASES)
def test_every_value_has_an_effect(key: str, schema: dict[str, Any]) -> None:
    base = copy.deepcopy(EVERYTHING)
    for prefix, needed in NEEDS.items():
        if key.startswith(prefix):
            base = merged(base, needed)
    path, now = key.split("."), merged(DEFAULTS, base)
    for part in path:
        now = now.get(part) if isinstance(now, dict) else None
    change: Any = other_than(copy.deepcopy(now), key, schema)
    for part in reversed(path):
        change = {part: change}
    changed = merged(base, change)
    assert configured(changed) != configured(base) or rendered(changed) != rendered(base), (
        f"{key} has no effect"
    )


def test_the_same_values_have_the_same_effect() -> None:
    """Only the changed value causes a difference."""
    base = copy.deepcopy(EVERYTHING)
    first = configured(base)
    _configured.cache_clear()
    assert configured(base) == first


@pytest.mark.parametrize(
    "path", sorted({k.path for s in configuration.sections() for k in getattr(s, "KEYS", ())})
)
def test_a_key_of_a_section_is_in_the_schema(path: str) -> None:
    schema = Schema(SCHEMA)
    assert path.startswith("custom.") or schema.at(tuple(path.split("."))) != {}
