"""The volumes of a pod as directories."""

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..state import State
from .environment import ConfigMissing, Lookup, field
from .mounts import Unmountable

#: volumes whose directory is created and removed with the pod
OWN_KINDS = ("emptyDir", "configMap", "secret", "downwardAPI", "projected")

Json = Mapping[str, Any]


class Volumes:
    """The volumes of one pod. Each directory is created when it is first used.

    `folder`: holds the volumes that are removed with the pod; `notes`: messages for events.
    """

    def __init__(self, pod: Json, folder: Path, state: State, lookup: Lookup) -> None:
        self.pod = pod
        self.folder = folder
        self.state = state
        self.lookup = lookup
        self.notes: list[str] = []

    def directory(self, name: str) -> Path:
        """Return the directory of the volume `name`.

        Raises Unmountable for a volume that is not supported, ConfigMissing if its Secret or
        ConfigMap does not exist.
        """
        volume = next((v for v in self.pod["spec"].get("volumes") or [] if v["name"] == name), None)
        if volume is None:
            raise Unmountable("the pod has no volume of that name")
        if "persistentVolumeClaim" in volume:
            name = volume["persistentVolumeClaim"]["claimName"]
            claim = self.state.claims / str(self.pod["metadata"]["namespace"]) / str(name)
            claim.mkdir(parents=True, exist_ok=True, mode=0o700)  # Claims may create it later
            return claim
        target = self.folder / name
        sources = {kind: volume[kind] for kind in volume if kind != "name"} or {"emptyDir": {}}
        kind, source = next(iter(sources.items()))
        if kind not in OWN_KINDS:
            return self._stand_in(kind, source or {})
        files = self._files(kind, source or {})
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, content in files.items():
            _write(target, path, content)
        return target

    def _files(self, kind: str, source: Json) -> dict[str, bytes]:
        if kind == "emptyDir":
            return {}
        if kind in ("configMap", "secret"):
            return self._data(kind, source.get("name") or source.get("secretName") or "", source)
        if kind == "downwardAPI":
            return _fields(source.get("items") or [], self.pod)
        if kind == "projected":
            files: dict[str, bytes] = {}
            for part in source.get("sources") or []:
                for inner, each in part.items():
                    # nothing here needs a token of a service account
                    if inner != "serviceAccountToken":
                        files |= self._files(inner, each)
            return files
        raise Unmountable(f"a projected volume has no {kind}")

    def _stand_in(self, kind: str, source: Json) -> Path:
        """Return a permanent directory that replaces other storage (hostPath, NFS, …).

        Pods never see the directories of this machine.
        """
        words = json.dumps(source, sort_keys=True)
        name = f"{zlib.crc32(words.encode()):08x}"
        if kind == "hostPath":
            path = str(source.get("path") or "")
            name = "/".join(part for part in path.split("/") if part not in ("", ".", ".."))
        target = self.state.volumes / kind / name
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = f"{kind} {words} is replaced by the directory {target}"
        if note not in self.notes:
            self.notes.append(note)
        return target

    def _data(self, kind: str, name: str, source: Json) -> dict[str, bytes]:
        data = self.lookup(kind, name)
        if data is None:
            if source.get("optional"):
                return {}
            raise ConfigMissing(f'{kind.lower()} "{name}" not found')
        if not source.get("items"):
            return dict(data)
        missing = [item["key"] for item in source["items"] if item["key"] not in data]
        if missing and not source.get("optional"):
            raise ConfigMissing(f'{kind.lower()} "{name}" has no key {", ".join(missing)}')
        return {item["path"]: data[item["key"]] for item in source["items"] if item["key"] in data}


def _fields(items: Iterable[Json], pod: Json) -> dict[str, bytes]:
    return {
        item["path"]: field(pod, item["fieldRef"]["fieldPath"]).encode()
        for item in items
        if "fieldRef" in item
    }


def _write(folder: Path, path: str, content: bytes) -> None:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise Unmountable(f"the path {path!r} leads out of the volume")
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(content)
