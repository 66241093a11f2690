"""`singleuser.storage.*` and `singleuser.extraFiles`: homes and other mounts of user pods."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..keys import MAPPING, NAMED, TEXT, TEXTS, Key, matching, one_of

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

STORAGE = "singleuser.storage"
FILES = "files"
ABSOLUTE = matching(r"/.*", "an absolute path", "such as /home/jovyan")

KEYS = (
    Key(f"{STORAGE}.type", one_of("dynamic", "static", "none", "hostPath")),
    Key(f"{STORAGE}.homeMountPath", ABSOLUTE, "KubeSpawner.rescue_home"),
    Key(
        f"{STORAGE}.capacity",
        matching(
            r"\d+(\.\d+)?([kKMGTPE]i?|m|[eE]\d+)?", "a quantity of storage, such as 10Gi or 500Mi"
        ),
    ),
    Key(f"{STORAGE}.extraLabels", MAPPING, "KubeSpawner.storage_extra_labels"),
    Key(f"{STORAGE}.dynamic.storageClass", TEXT),
    Key(f"{STORAGE}.dynamic.pvcNameTemplate", TEXT),
    Key(f"{STORAGE}.dynamic.volumeNameTemplate", TEXT),
    Key(f"{STORAGE}.dynamic.storageAccessModes", TEXTS),
    Key(f"{STORAGE}.dynamic.subPath", TEXT),
    Key(f"{STORAGE}.static.pvcName", TEXT),
    Key(f"{STORAGE}.static.subPath", TEXT),
    Key(f"{STORAGE}.homeHostPathTemplate", ABSOLUTE),
    Key(f"{STORAGE}.extraVolumes", NAMED),
    Key(f"{STORAGE}.extraVolumeMounts", NAMED),
    Key("singleuser.extraFiles", MAPPING),
)

# traits of the claims that KubeSpawner creates for dynamic homes
DYNAMIC = (
    (f"{STORAGE}.dynamic.pvcNameTemplate", "pvc_name_template"),
    (f"{STORAGE}.capacity", "storage_capacity"),
    (f"{STORAGE}.dynamic.storageClass", "storage_class"),
    (f"{STORAGE}.dynamic.storageAccessModes", "storage_access_modes"),
)

# the required key of each other type of home
REQUIRED = {
    "static": (f"{STORAGE}.static.pvcName", "the name of an existing claim"),
    "hostPath": (f"{STORAGE}.homeHostPathTemplate", "a path such as /homes/{username}"),
}


def problems(values: Values) -> Iterator[Problem]:
    """Report a home without its claim or path, and colliding mounts."""
    kind = values.get(f"{STORAGE}.type")
    if isinstance(kind, str) and kind in REQUIRED:
        key, expected = REQUIRED[kind]
        if not values.get(key):
            yield values.problem(
                key,
                f"missing; {STORAGE}.type: {kind} requires it",
                expected=expected,
                rule="missing-key",
            )
    if any(not k.kind.accepts(values.get(k.path)) for k in KEYS if values.has(k.path)):
        return  # already reported
    yield from _malformed(values)
    yield from _collisions(values)


def _malformed(values: Values) -> Iterator[Problem]:
    for part, needed in (("extraVolumes", ("name",)), ("extraVolumeMounts", ("name", "mountPath"))):
        for key, item in _items(values, part):
            missing = [n for n in needed if not _text(item, n)]
            if missing:
                yield values.problem(
                    f"{STORAGE}.{part}.{key}", f"{' and '.join(missing)} missing", given=item,
                    expected=f"a mapping with {' and '.join(needed)}", rule="missing-key",
                )  # fmt: skip
    for name, file in (values.get("singleuser.extraFiles") or {}).items():
        if not isinstance(file, dict) or not file.get("mountPath"):
            yield values.problem(
                f"singleuser.extraFiles.{name}.mountPath", "missing; every file needs a mount path",
                expected="an absolute path that ends with the file name", rule="missing-key",
            )  # fmt: skip


def _collisions(values: Values) -> Iterator[Problem]:
    """Report two mounts at one path, which Kubernetes rejects, or two volumes with one name."""
    taken: dict[str, str] = {}
    for key, path in _mount_paths(values):
        first = taken.setdefault(path, key)
        if first != key:
            home = first == f"{STORAGE}.homeMountPath"
            yield values.problem(
                key,
                f"hides the user's home, which is mounted at {path}"
                if home
                else f"mounted at {path}, where {first} is also mounted",
                given=path,
                expected="a path without another mount",
                hint=f"to mount the home yourself, set {STORAGE}.type: none" if home else "",
                rule="mount-collision",
            )
    names = {_text(item, "name") for _, item in _items(values, "extraVolumes")}
    if FILES in names and values.get("singleuser.extraFiles"):
        yield values.problem(
            f"{STORAGE}.extraVolumes",
            f"the volume name {FILES} is already used for singleuser.extraFiles",
            given=FILES,
            expected="another name",
            rule="mount-collision",
        )


def _mount_paths(values: Values) -> Iterator[tuple[str, str]]:
    if values.get(f"{STORAGE}.type") in ("dynamic", "static", "hostPath"):
        yield f"{STORAGE}.homeMountPath", normpath(values.get(f"{STORAGE}.homeMountPath") or "")
    for name, file in (values.get("singleuser.extraFiles") or {}).items():
        if isinstance(file, dict) and isinstance(file.get("mountPath"), str):
            yield f"singleuser.extraFiles.{name}.mountPath", normpath(file["mountPath"])
    for key, mount in _items(values, "extraVolumeMounts"):
        if isinstance(mount, dict) and isinstance(mount.get("mountPath"), str):
            yield f"{STORAGE}.extraVolumeMounts.{key}.mountPath", normpath(mount["mountPath"])


def _items(values: Values, part: str) -> list[tuple[str, Any]]:
    """Return the entries of a list or map, each with its index or key."""
    entries = values.get(f"{STORAGE}.{part}") or []
    return list(entries.items()) if isinstance(entries, dict) else [
        (str(i), item) for i, item in enumerate(entries)
    ]  # fmt: skip


def _text(item: Any, key: str) -> str:
    """Return the text at `key` of any item; empty if there is none."""
    text = item.get(key) if isinstance(item, dict) else None
    return text if isinstance(text, str) else ""


def apply(values: Values, c: Config) -> None:
    """Set volumes and mounts as maps, so that snippets can change single entries."""
    volumes: dict[str, Any] = {}
    mounts: dict[str, Any] = {}
    home = _home(values, c)
    if home:
        volume, mount = home
        volumes[volume["name"]], mounts[volume["name"]] = volume, mount
    _add_files(values, volumes, mounts)
    _add_extra(values, volumes, mounts)
    c.KubeSpawner.volumes = volumes
    c.KubeSpawner.volume_mounts = mounts


def _home(values: Values, c: Config) -> tuple[dict[str, Any], dict[str, Any]] | None:
    def of(key: str) -> Any:
        return values.get(f"{STORAGE}.{key}")

    match of("type"):
        case "dynamic":
            c.KubeSpawner.storage_pvc_ensure = True
            for key, trait in DYNAMIC:
                if values.has(key):
                    c.KubeSpawner[trait] = values.get(key)
            name, sub_path = of("dynamic.volumeNameTemplate"), of("dynamic.subPath")
            source = {"persistentVolumeClaim": {"claimName": "{pvc_name}"}}
        case "static":
            name, sub_path = "home", of("static.subPath")
            source = {"persistentVolumeClaim": {"claimName": of("static.pvcName")}}
        case "hostPath":
            name, sub_path = "home", None
            source = {"hostPath": {"path": of("homeHostPathTemplate"), "type": "DirectoryOrCreate"}}
        case _:
            return None
    mount = {"mountPath": of("homeMountPath"), "name": name, "subPath": sub_path}
    return {"name": name, **source}, mount


def _add_files(values: Values, volumes: dict[str, Any], mounts: dict[str, Any]) -> None:
    files = values.get("singleuser.extraFiles") or {}
    if not files:
        return
    items = []
    for index, (key, file) in enumerate(files.items()):
        item = {"key": key, "path": key}
        if file.get("mode"):
            item["mode"] = file["mode"]
        items.append(item)
        mounts[f"{index}-{FILES}"] = {
            "mountPath": file["mountPath"],
            "subPath": key,
            "name": FILES,
        }
    secret = {"secretName": values.name("singleuser"), "items": items}
    volumes[FILES] = {"name": FILES, "secret": secret}


def _add_extra(values: Values, volumes: dict[str, Any], mounts: dict[str, Any]) -> None:
    extra_volumes = values.get(f"{STORAGE}.extraVolumes") or []
    if isinstance(extra_volumes, dict):
        volumes.update(extra_volumes)
    else:
        volumes.update({volume["name"]: volume for volume in extra_volumes})
    extra_mounts = values.get(f"{STORAGE}.extraVolumeMounts") or []
    if isinstance(extra_mounts, dict):
        mounts.update(extra_mounts)
        return
    for index, mount in enumerate(extra_mounts):
        key = f"{index}-{mount['name']}"
        # keep a file of `singleuser.extraFiles` with the same key
        mounts[key if key not in mounts else f"extra-{key}"] = mount
