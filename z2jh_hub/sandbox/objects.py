"""The job `objects`: the objects that the real spawner would create to start a server.

The hub's own steps are taken in the hub's order (`jupyterhub.user.User.spawn`); only
the database, the provider and the cluster are played.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from . import load_config, trait_checks
from .login import Interview

# seconds; enough for hooks that wait, but tolerable for a person
LIMIT = 15.0
TOKEN = "made-when-the-server-starts"


class _Made(BaseException):
    """Raised when the spawner requests its pod, to end the start."""


def of(requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Answer each request {user, groups, profile, options, server}: {pod, claims, notes, error}.

    With an error, `raised` is the class of its exception, and `refused` whether the hub would
    refuse the start, with `error` as the message for the user.
    `problems`, `raised` and `missing` are those of the configuration as a whole.
    """
    found = load_config.load()
    whole: dict[str, Any] = {
        "problems": [problem.key for problem in found.problems],
        "raised": found.raised,
        "missing": found.missing,
        "answers": [],
    }
    if found.problems or found.raised:
        return whole
    cls = trait_checks.chosen(found.config, "spawner_class")
    for request in requests:
        whole["answers"].append(_answer(cls, found.config, request))
    return whole


def _answer(cls: Any, config: Any, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "pod": None, "claims": [], "notes": [], "error": "", "raised": "", "refused": False
    }  # fmt: skip
    try:
        known = _known(config, request["user"], request["groups"])
        asyncio.run(asyncio.wait_for(_play(cls, config, request, known, answer), LIMIT))
    except TimeoutError:
        answer["error"] = f"the spawner requested no pod within {LIMIT:g} seconds"
    except Exception as error:
        answer["error"] = str(getattr(error, "log_message", None) or error)
        answer["raised"] = type(error).__name__
        answer["refused"] = _is_refusal(error)
    return answer


async def _play(
    cls: Any, config: Any, request: dict[str, Any], known: tuple[Any, str, bool],
    answer: dict[str, Any],
) -> None:  # fmt: skip
    await _Play(cls, config, request, known, answer).run()


class _Play:
    """The start of a server, up to the request for its pod."""

    def __init__(
        self, cls: Any, config: Any, request: dict[str, Any], known: tuple[Any, str, bool],
        answer: dict[str, Any],
    ):  # fmt: skip
        self.answer, self.request = answer, request
        self.authenticator, name, admin = known
        if request.get("admin") is not None:
            admin = request["admin"]
        self.user = _user(name, admin, request["groups"], self.authenticator, config)
        _simulate_cluster(self)
        self.spawner = cls(
            config=config,
            user=self.user,
            hub=_hub(config),
            orm_spawner=_orm_spawner(self.user, request["server"]),
            authenticator=self.authenticator,
            api_token=TOKEN,
            oauth_client_id=f"jupyterhub-user-{quote(name, safe='')}",
        )
        self.user.spawners[request["server"]] = self.spawner

    async def run(self) -> None:
        """Do what `User.spawn` does, but continue with a note if a hook fails."""
        spawner = self.spawner
        options = dict(self.request["options"])
        if self.request["profile"]:
            options["profile"] = self.request["profile"]
        spawner.user_options = options
        spawner.clear_state()
        spawner.api_token = TOKEN
        known, user = self.authenticator, self.user
        hooks: list[tuple[str, Callable[[], Any]]] = [
            ("pre_spawn_start", lambda: known and known.pre_spawn_start(user, spawner)),
            ("auth_state_hook", lambda: spawner.run_auth_state_hook(None)),
            ("group_overrides", spawner.apply_group_overrides),
            ("apply_user_options", lambda: spawner._run_apply_user_options(options)),
            ("pre_spawn_hook", spawner.run_pre_spawn_hook),
        ]
        for name, hook in hooks:
            try:
                result = hook()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                if name in ("group_overrides", "apply_user_options") or _is_refusal(error):
                    raise
                self.answer["notes"].append(f"{name} failed here: {type(error).__name__}: {error}")
        try:
            await spawner.start()
        except _Made:
            return
        raise RuntimeError("the spawner started without asking for a pod")


def _is_refusal(error: Exception) -> bool:
    """Return whether a hook refuses with a message for the user, rather than fails."""
    return 400 <= int(getattr(error, "status_code", 0) or 0) < 500


def _known(config: Any, user: str, groups: list[str]) -> tuple[Any, str, bool]:
    """Return the authenticator, the normalized name, and whether the user is an admin."""
    try:
        interview = Interview(trait_checks.chosen(config, "authenticator_class"), config)
        outcome = interview.outcome(user, groups)
        return interview.made(), outcome["name"], bool(outcome["admin"])
    except Exception:
        return None, user.lower(), False


def _user(name: str, admin: bool, groups: list[str], authenticator: Any, config: Any) -> Any:
    base = config.JupyterHub.get("base_url", "/")
    escaped = quote(name, safe="@~")

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    return SimpleNamespace(
        name=name,
        id=1,
        admin=admin,
        escaped_name=escaped,
        url=f"{base.rstrip('/')}/user/{escaped}/",
        base_url=f"{base.rstrip('/')}/user/{escaped}/",
        groups=[SimpleNamespace(name=group) for group in groups],
        roles=[],
        spawners={},
        db=_empty_database(),
        settings={},
        authenticator=authenticator,
        get_auth_state=nothing,
        save_auth_state=nothing,
        orm_user=SimpleNamespace(name=name, admin=admin, id=1),
    )


def _empty_database() -> Any:
    """Return the hub's database before any server has run, for quotas of hours."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    return Session(create_engine("sqlite://"))


def _hub(config: Any) -> Any:
    base = f"{config.JupyterHub.get('base_url', '/').rstrip('/')}/hub/"
    url = str(config.JupyterHub.get("hub_connect_url") or "http://hub:8081").rstrip("/")
    return SimpleNamespace(
        public_host="", base_url=base, url=f"{url}{base}", api_url=f"{url}{base}api", ip="hub",
        port=8081, connect_ip="hub", connect_url=url,
    )  # fmt: skip


def _orm_spawner(user: Any, server: str) -> Any:
    from jupyterhub import orm

    table: Any = orm.Server
    prefix = f"{user.url}{quote(server, safe='@~')}/" if server else user.url
    return SimpleNamespace(
        name=server,
        display_name=server,
        state={},
        user_options={},
        last_activity=None,
        started=None,
        server=table(proto="http", ip="", port=8888, base_url=prefix, cookie_name="jupyterhub"),
    )


def _simulate_cluster(play: _Play) -> None:
    """Simulate the cluster for KubeSpawner, until it requests the pod."""
    from kubespawner import KubeSpawner
    from kubespawner import spawner as module

    from ..spawner.spawner import Z2JHKubeSpawner

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    async def claim(_: Any, claim: Any, *__: Any) -> bool:
        play.answer["claims"].append(plain(claim))
        return True

    async def pod(_: Any, pod: Any, *__: Any) -> bool:
        play.answer["pod"] = plain(pod)
        raise _Made

    async def not_there(*_: Any, **__: Any) -> bool:
        return False

    module.load_config = lambda **_: None
    module.shared_client = lambda *_, **__: _EmptyCluster()
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


class _EmptyCluster:
    """A client of an empty cluster."""

    def __getattr__(self, name: str) -> Any:
        from kubernetes_asyncio.client import ApiException

        async def nothing() -> dict[str, Any]:
            return {"items": []}

        async def nothing_as_text() -> str:
            return '{"items": []}'

        async def ask(*_: Any, **__: Any) -> Any:
            if name.startswith("list_"):
                return SimpleNamespace(items=[], json=nothing, text=nothing_as_text, status=200)
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

        found = getattr(ApiClient, name)
        return found.__get__(self) if inspect.isfunction(found) else found


_SERIALIZER: Any = _Serializer()
