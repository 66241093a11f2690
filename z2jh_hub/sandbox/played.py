"""What the spawner meets in the sandbox instead of a hub and a cluster."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from .load_config import is_administrators

TOKEN = "made-when-the-server-starts"


class Requested(BaseException):
    """Raised when the spawner requests its pod, to end the start."""


class Played(SimpleNamespace):
    """An object of the hub that has only some of its attributes."""


class AuthState(dict[str, Any]):
    """What a login provider may have sent; `used` if the administrator's code read it."""

    used = False

    def __getitem__(self, key: str) -> Any:
        self.used = True
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.used = True
        return super().get(key, default)


def user(
    name: str, admin: bool, groups: list[str], authenticator: Any, config: Any,
    auth_state: Mapping[str, Any] | None,
) -> Any:  # fmt: skip
    """Return the hub's user."""
    base = config.JupyterHub.get("base_url", "/")
    escaped = quote(name, safe="@~")

    async def get_auth_state(*_: Any, **__: Any) -> Any:
        return auth_state

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    result = [Played(name=group, properties={}, roles=[]) for group in groups]
    return Played(
        name=name,
        id=1,
        admin=admin,
        escaped_name=escaped,
        url=f"{base.rstrip('/')}/user/{escaped}/",
        base_url=f"{base.rstrip('/')}/user/{escaped}/",
        groups=result,
        roles=[],
        spawners={},
        db=_empty_database(),
        settings={},
        authenticator=authenticator,
        get_auth_state=get_auth_state,
        save_auth_state=nothing,
        orm_user=Played(name=name, admin=admin, id=1, groups=result, roles=[]),
    )


def _empty_database() -> Any:
    """Return the hub's database before any server has run."""
    from jupyterhub import orm
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")
    orm.Base.metadata.create_all(engine)
    return Session(engine)


def hub(config: Any) -> Any:
    """Return the hub as its spawners know it."""
    base = f"{config.JupyterHub.get('base_url', '/').rstrip('/')}/hub/"
    url = str(config.JupyterHub.get("hub_connect_url") or "http://hub:8081").rstrip("/")
    return Played(
        public_host="", base_url=base, url=f"{url}{base}", api_url=f"{url}{base}api", ip="hub",
        port=8081, connect_ip="hub", connect_url=url,
    )  # fmt: skip


def orm_spawner(user: Any, server: str) -> Any:
    """Return the hub's record of a server."""
    from jupyterhub import orm

    table: Any = orm.Server
    prefix = f"{user.url}{quote(server, safe='@~')}/" if server else user.url
    return Played(
        id=1,
        name=server,
        display_name=server,
        state={},
        user_options={},
        last_activity=None,
        started=None,
        server=table(proto="http", ip="", port=8888, base_url=prefix, cookie_name="jupyterhub"),
    )


def simulate_cluster() -> None:
    """Simulate the cluster for KubeSpawner, until it requests a pod.

    The spawner's attribute `sandbox_play` gets what it requests.
    """
    from kubespawner import KubeSpawner
    from kubespawner import spawner as module

    from ..spawner.spawner import Z2JHKubeSpawner

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    async def claim(self: Any, claim: Any, *_: Any) -> bool:
        self.sandbox_play.claims.append(plain(claim))
        return True

    async def pod(self: Any, pod: Any, *_: Any) -> bool:
        requested = plain(pod)
        if not isinstance(requested, dict):
            raise TypeError("modify_pod_hook must return the pod")
        self.sandbox_play.pod = requested
        raise Requested

    async def not_there(*_: Any, **__: Any) -> bool:
        return False

    module.load_config = lambda **_: None
    module.shared_client = lambda *_, **__: EmptyCluster()
    for name, played in {
        "_start_watching_pods": nothing,
        "_start_watching_events": nothing,
        "_ensure_namespace": nothing,
        "_check_pvc_exists": not_there,
        "_make_create_pvc_request": claim,
        "_make_create_pod_request": pod,
        # pods that the reflector would know
        "events": property(lambda _: []),
    }.items():
        # ours comes before any class of the administrator's, and has some of these too
        setattr(KubeSpawner, name, played)
        setattr(Z2JHKubeSpawner, name, played)


class EmptyCluster:
    """A client of an empty cluster; `asked` once the administrator's code has used one."""

    was_read = False

    def __getattr__(self, name: str) -> Any:
        from kubernetes_asyncio.client import ApiException

        if is_administrators(sys._getframe(1).f_code.co_filename):
            EmptyCluster.was_read = True

        async def nothing() -> dict[str, Any]:
            return {"items": []}

        async def nothing_as_text() -> str:
            return '{"items": []}'

        async def ask(*_: Any, **__: Any) -> Any:
            if name.startswith("list_"):
                return Played(items=[], json=nothing, text=nothing_as_text, status=200)
            if name.startswith("read_"):
                raise ApiException(status=404, reason="Not Found")
            return None

        return ask


def plain(thing: Any) -> Any:
    """Return an object of the Kubernetes client as JSON-serializable data."""
    from kubernetes_asyncio.client import ApiClient

    return ApiClient.sanitize_for_serialization(_SERIALIZER, thing)


class _Serializer:
    """The serialization of ApiClient, without a connection."""

    def __getattr__(self, name: str) -> Any:
        from kubernetes_asyncio.client import ApiClient

        result = getattr(ApiClient, name)
        return result.__get__(self) if inspect.isfunction(result) else result


_SERIALIZER: Any = _Serializer()
