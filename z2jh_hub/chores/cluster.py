"""Find the cluster and its credentials: the pod's service account, or a kubeconfig."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from . import ChoreError

# mounted by Kubernetes
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

Token = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Cluster:
    """A cluster. `server` has no trailing slash; `token` returns the current token."""

    server: str
    namespace: str
    token: Token
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """The address of the server without secrets."""
        parts = urlsplit(self.server)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 443}"


def find_cluster(environ: Mapping[str, str] = os.environ, account: Path = ACCOUNT) -> Cluster:
    """Return the cluster of KUBECONFIG, of this pod, or of `~/.kube/config`, in this order.

    Raises ChoreError if there is none.
    """
    named = [Path(name) for name in environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    if not named and "KUBERNETES_SERVICE_HOST" in environ:
        return _of_pod(environ, account)
    file = next(
        (file for file in named or [Path.home() / ".kube" / "config"] if file.exists()), None
    )
    if file is None:
        raise ChoreError(
            "no cluster: this is not a pod with a service account, KUBECONFIG does not name an "
            "existing file, and ~/.kube/config does not exist"
        )
    return _of_kubeconfig(file)


def _of_pod(environ: Mapping[str, str], account: Path) -> Cluster:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not (account / "token").exists():
        raise ChoreError(
            f"{account}/token is not mounted; set automountServiceAccountToken for this pod"
        )

    async def token() -> str:
        # Kubernetes renews it
        return _text(account / "token")

    return Cluster(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        namespace=_text(account / "namespace"),
        token=token,
        tls=ssl.create_default_context(cafile=str(account / "ca.crt")),
    )


def _of_kubeconfig(file: Path) -> Cluster:
    try:
        config = yaml.safe_load(file.read_text("utf-8")) or {}
        context = _named(config, "context", config.get("current-context"))
        cluster = _named(config, "cluster", context.get("cluster"))
        user = _named(config, "user", context["user"]) if context.get("user") else {}
        server = _address(cluster.get("server"))
    except LookupError as error:
        raise ChoreError(f"the kubeconfig {file} has no {error.args[0]}") from None
    except (TypeError, AttributeError, ValueError, yaml.YAMLError, OSError) as error:
        # a YAML error quotes lines of the file, which may contain a token
        raise ChoreError(f"{file} is not a kubeconfig: {type(error).__name__}") from None
    try:
        tls = _tls(cluster, user, file.parent) if server.startswith("https:") else None
    except (OSError, ValueError) as error:
        what = f"{type(error).__name__} {getattr(error, 'filename', None) or ''}".strip()
        raise ChoreError(f"a certificate or key of {file} cannot be used: {what}") from None
    return Cluster(server, context.get("namespace") or "default", _token(user, file.parent), tls)


def _named(config: Mapping[str, Any], kind: str, name: str | None) -> dict[str, Any]:
    """Return an entry of a kubeconfig. Raises LookupError with what is missing."""
    for item in config.get(f"{kind}s") or ():
        if item["name"] == name:
            entry: dict[str, Any] = item[kind]
            return entry
    raise LookupError(f"{kind} {name}" if name else f"name of the {kind} to use")


def _address(server: str | None) -> str:
    """Return the address of a server. Raises LookupError if it is none."""
    parts = urlsplit(server or "")
    try:
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port is no number
        known = False
    if not server or not known:
        raise LookupError("server such as https://HOST:6443")
    return server.rstrip("/")


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> ssl.SSLContext:
    authority = _bytes(cluster, "certificate-authority", folder)
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    certificate = _bytes(user, "client-certificate", folder)
    key = _bytes(user, "client-key", folder)
    if certificate and key:
        # ssl only accepts files; these are readable only by their owner
        with tempfile.NamedTemporaryFile() as pem:
            pem.write(certificate + b"\n" + key)
            pem.flush()
            context.load_cert_chain(pem.name)
    return context


def _text(file: Path) -> str:
    return file.read_text("utf-8").strip()


def _bytes(part: Mapping[str, Any], key: str, folder: Path) -> bytes | None:
    if part.get(f"{key}-data"):
        return base64.b64decode(part[f"{key}-data"])
    return (folder / part[key]).read_bytes() if part.get(key) else None


def _token(user: Mapping[str, Any], folder: Path) -> Token:
    async def token() -> str:
        if user.get("tokenFile"):
            try:
                return _text(folder / user["tokenFile"])
            except OSError as error:
                raise ChoreError(f"tokenFile of the kubeconfig: {error}") from None
        if user.get("exec"):
            return await _from_program(user["exec"])
        return str(user.get("token") or "")

    return token


async def _from_program(plugin: Mapping[str, Any]) -> str:
    """Return the token of the ExecCredential that a cloud's login program prints."""
    environ = {item["name"]: item["value"] for item in plugin.get("env") or []}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin["command"], *(plugin.get("args") or []),
            stdout=asyncio.subprocess.PIPE, env={**os.environ, **environ},
        )  # fmt: skip
        out, _ = await process.communicate()
        token: str = json.loads(out)["status"]["token"]
    except (OSError, ValueError, KeyError) as error:
        message = f"{plugin['command']} of the kubeconfig failed: {type(error).__name__}"
        raise ChoreError(message) from None
    return token
