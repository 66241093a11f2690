"""A null entry of a map removes the entry of an earlier file, everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.charts import Objects, render
from traitlets.config import Config

from z2jh_hub import check, configure
from z2jh_hub.chart import chart_files
from z2jh_hub.config import named_entries, sources
from z2jh_hub.config.errors import Path as KeyPath
from z2jh_hub.config.values import Values, from_files

pytestmark = pytest.mark.slow

SCHEMA = yaml.safe_load(chart_files.read("values.schema.yaml"))

# maps with keys that administrators choose whose null entries stay, and why
MEANT = {
    "auth": "2018: read by z2jh_hub.config.legacy.auth, which passes over null",
    "custom": "of the administrator's own code",
    "global": "of a parent chart",
    "hub.config": "traits, for which null may be a value; TRAITS has the maps among them",
    "hub.extraConfigMap": "2018: today custom",
    "hub.imagePullSecret": "2018: put into imagePullSecret, which is not free",
    "hub.templateVars": "a variable may be null",
    "ingress.https": "2018: put into ingress.tls",
    "proxy.lego": "2018: ignored",
    "proxy.nginx": "2018: ignored",
    "proxy.networkPolicy": "2018: put into current keys, which are not free",
    "proxy.pdb": "2018: put into current keys, which are not free",
    "scheduling.userScheduler.policy": "2018: ignored",
    "singleuser.imagePullSecret": "2018: put into imagePullSecret, which is not free",
    "storage": "2018: refused",
}
# the same for the last part of a key, at any place
MEANT_ANYWHERE = {
    "data": "what a file holds",
    "extraPodConfig": "null takes out a field that the chart sets",
    "extraPodSpec": "null takes out a field that the chart sets",
    "extraDynamicConfig": "traefik's own",
    "extraStaticConfig": "traefik's own",
    "plugins": "kube-scheduler's own",
    "livenessProbe": "fields of the API, for which null is unset",
    "readinessProbe": "fields of the API, for which null is unset",
    "postStart": "fields of the API, for which null is unset",
    "preStop": "fields of the API, for which null is unset",
    "rollingUpdate": "fields of the API, for which null is unset",
    "seccompProfile": "fields of the API, for which null is unset",
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def maps(schema: dict[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield every value that accepts keys that the schema does not name; `*` is such a key."""
    schema = resolved(schema)
    kinds = schema.get("type", [])
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    if path and "object" in kinds and not closed and path[-1] != "*":
        yield path
    for name, sub in schema.get("properties", {}).items():
        yield from maps(sub, (*path, name))
    below = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    for sub in below:
        if isinstance(sub, dict):
            yield from maps(sub, (*path, "*"))


MAPS = list(dict.fromkeys(maps(SCHEMA)))
NAMED = [path for path in MAPS if path[-1] in named_entries.NAMED]


def nested(path: KeyPath, value: Any) -> Any:
    for part in reversed(path):
        value = {"any" if part == "*" else part: value}
    return value


def ids(path: KeyPath) -> str:
    return ".".join(path)


def test_every_map_of_the_schema_is_listed_or_justified() -> None:
    argued = [p for p in MAPS if p[-1] in MEANT_ANYWHERE or any(
        ids(p[:n]) in MEANT for n in range(1, len(p) + 1))]  # fmt: skip
    assert set(MAPS) - set(argued) == set(NAMED)


def hub(explicit: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr("os.environ", {})
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    c = Config()
    configure.build(Values(sources.merge_as_helm(defaults, explicit), given=explicit), c)
    return c


def objects(explicit: dict[str, Any]) -> dict[str, Any]:
    """Return what is rendered, except the mounted values and their checksum."""
    made: Objects = render(explicit)
    manifests = {name: made[name] for name in made if name != "Secret/hub-values"}
    return yaml.safe_load(re.sub(r"checksum\S*: \S+", "checksum: x", yaml.safe_dump(manifests)))


@pytest.mark.parametrize("path", NAMED, ids=ids)
def test_null_entry_is_removed(
    path: KeyPath, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explicit = nested((*path, "gone"), None)
    without = nested(path, {})
    if "*" in path:
        pytest.skip("below an entry: tried in its own test")
    assert objects(explicit) == objects(without)
    assert hub(explicit, monkeypatch) == hub(without, monkeypatch)
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(explicit))
    assert [p for p in check.check([file], run=False) if p.key.endswith("gone")] == []


EARLIER = """
hub:
  extraConfig: {gone: "raise Exception"}
  services: {gone: {url: "http://gone"}}
  loadRoles: {gone: {scopes: [self]}}
  extraEnv: {GONE: gone}
  extraFiles: {gone: {mountPath: /gone, stringData: gone}}
  labels: {gone: gone}
singleuser:
  extraEnv: {GONE: gone}
  extraFiles: {gone: {mountPath: /gone, stringData: gone}}
  lifecycleHooks: {postStart: {exec: {command: [gone]}}}
  storage:
    extraVolumes: {gone: {name: gone, emptyDir: {}}}
    extraVolumeMounts: {gone: {name: gone, mountPath: /gone}}
  profileList:
    gone: {display_name: gone}
    stays:
      display_name: stays
      profile_options:
        gone: {display_name: gone, choices: {gone: {display_name: gone}}}
        size: {display_name: size, choices: {gone: {display_name: gone}, s: {display_name: s}}}
prePuller: {extraImages: {gone: {name: gone, tag: gone}}}
"""
LATER = """
hub:
  extraConfig: {gone: null}
  services: {gone: null}
  loadRoles: {gone: null}
  extraEnv: {GONE: null}
  extraFiles: {gone: null}
  labels: {gone: null}
  config:
    KubeSpawner:
      volumes: {gone: null}
      environment: {GONE: null}
      profile_list: {gone: null}
singleuser:
  extraEnv: {GONE: null}
  extraFiles: {gone: null}
  lifecycleHooks: {postStart: null}
  storage: {extraVolumes: {gone: null}, extraVolumeMounts: {gone: null}}
  profileList:
    gone: null
    stays: {profile_options: {gone: null, size: {choices: {gone: null}}}}
prePuller: {extraImages: {gone: null}}
"""


def test_later_file_removes_entries_of_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "earlier.yaml", tmp_path / "later.yaml"]
    for file, text in zip(files, (EARLIER, LATER), strict=True):
        file.write_text(text)
    assert [p for p in check.check(files, run=False) if p.severity == "error"] == []
    monkeypatch.setattr("os.environ", {})
    values, c = from_files(files, environ={}), Config()
    configure.build(values, c)
    assert "gone" not in repr(c).lower()
    assert c.KubeSpawner.profile_list["stays"]["profile_options"]["size"]["choices"].keys() == {"s"}
    made = render(sources.merge(yaml.safe_load(EARLIER), yaml.safe_load(LATER)))
    texts = [yaml.safe_dump(made[name]) for name in made if name != "Secret/hub-values"]
    assert not any("gone" in text.lower() for text in texts)


def test_a_null_in_the_existing_secret_is_unset(mounts_with: Callable[[str], Config]) -> None:
    c = mounts_with("singleuser: {cmd: null, extraEnv: {A: null}}")
    assert "cmd" not in c.Spawner
    assert c.KubeSpawner.environment == {}


def every_key(schema: dict[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    for name, sub in resolved(schema).get("properties", {}).items():
        yield (*path, name)
        yield from every_key(sub, (*path, name))


@pytest.mark.parametrize("part", sorted(SCHEMA["properties"]))
def test_hub_starts_with_null_in_the_existing_secret(part: str) -> None:
    """The hub merges these values, not Helm, so null may occur at any key."""
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    paths = [path for path in every_key(SCHEMA) if path[0] == part]
    assert paths
    for path in paths:
        values = Values(sources.merge(defaults, nested(path, None)))
        assert [p for p in configure.problems(values) if p.severity == "error"] == [], path
        configure.plain(values)


@pytest.fixture
def mounts_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Config]:
    """The hub's Config with these values in the existing Secret."""

    def make(existing: str) -> Config:
        from z2jh_hub.config.mounts import Mounts
        from z2jh_hub.config.values import from_mounts

        for name, text in (
            ("secret", chart_files.read("values.yaml")),
            ("existing-secret", existing),
        ):
            (tmp_path / name).mkdir()
            (tmp_path / name / "values.yaml").write_text(text)
        monkeypatch.setattr("os.environ", {})
        c = Config()
        configure.build(from_mounts(Mounts(tmp_path)), c)
        return c

    return make
