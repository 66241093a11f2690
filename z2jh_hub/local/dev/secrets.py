"""The Secret of `singleuser.extraFiles`, which the chart makes in a cluster and user pods mount."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import yaml

from ...config.values import Values
from ...sandbox import mounts as hub_mounts
from . import http
from .hub import NAMESPACE
from .layout import Layout


def apply(values: Values, layout: Layout) -> None:
    """Create the Secret of these values, or replace it. Raises OSError where the API refuses it."""
    secret = of_files(values)
    if secret is None:
        return
    collection = f"/api/v1/namespaces/{NAMESPACE}/secrets"
    try:
        _send("POST", collection, secret, layout)
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise
        _send("PUT", f"{collection}/{secret['metadata']['name']}", secret, layout)


def _send(method: str, path: str, body: Any, layout: Layout) -> None:
    kubeconfig = json.loads(layout.state.kubeconfig.read_text("utf-8"))
    server = kubeconfig["clusters"][0]["cluster"]["server"]
    headers = {
        "Authorization": f"Bearer {kubeconfig['users'][0]['user']['token']}",
        "Content-Type": "application/json",
    }
    data = json.dumps(body).encode()
    with http.get(urllib.request.Request(server + path, data, headers, method=method)):
        pass


def of_files(values: Values) -> dict[str, Any] | None:
    """The Secret as a manifest; None without files."""
    files = values.get("singleuser.extraFiles")
    if not isinstance(files, dict) or not files:
        return None
    data = {
        name: base64.b64encode(content).decode()
        for name, file in files.items()
        for content in _contents(file)
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": hub_mounts.names(values)["singleuser"]},
        "type": "Opaque",
        "data": data,
    }


def _contents(file: Any) -> Iterator[bytes]:
    """A file's bytes, as the chart writes them (`jupyterhub.filesData` of its templates)."""
    if not isinstance(file, dict):
        return
    if isinstance(file.get("binaryData"), str):
        yield base64.b64decode(file["binaryData"])
    elif isinstance(file.get("stringData"), str):
        text = file["stringData"]
        yield (text if text.endswith("\n") else f"{text}\n").encode()
    elif file.get("data") is not None:
        yield _written(file["data"], str(file.get("mountPath"))).encode()


def _written(data: Any, path: str) -> str:
    if path.endswith((".yaml", ".yml")):
        return yaml.safe_dump(data, allow_unicode=True)
    if path.endswith(".toml") and isinstance(data, dict):
        return "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in data.items()
                       if value is not None)  # fmt: skip
    return json.dumps(data) + "\n"


def _toml(value: Any) -> str:
    """A TOML value; tables are written inline."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items() if v is not None)
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
