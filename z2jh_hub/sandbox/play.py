"""Play the start of a server with the real spawner class, up to the request for its pod.

The hub's own steps are taken in the hub's order (`jupyterhub.user.User.spawn`); only the database,
the provider and the cluster are played.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import load_config, played, provider, trait_checks
from .login import Interview

# seconds; enough for hooks that wait, but tolerable for a person
LIMIT = 15.0
# steps whose errors end the start also here: nothing in them needs a cluster or a network
DECISIVE = ("group_overrides", "apply_user_options")

# where a profile has an override: its slug, and for a choice (slug, option, "choices", choice)
Part = tuple[str, ...]
Override = Callable[[Part, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Failure:
    """A step of the start that raised an exception."""

    step: str
    error: BaseException

    @property
    def refuses(self) -> bool:
        """Whether the step refuses the start with a message for the user, rather than fails."""
        return 400 <= int(getattr(self.error, "status_code", 0) or 0) < 500

    @property
    def message(self) -> str:
        """The message for the user, or the exception's own."""
        return str(getattr(self.error, "log_message", None) or self.error)

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.message}"


class Stage:
    """The hub's configuration and classes, for any number of starts."""

    def __init__(self, config: Any, spawner_class: Any = None):
        self.config = config
        self.spawner_class = spawner_class or trait_checks.chosen(config, "spawner_class")
        try:
            self._authenticator = trait_checks.chosen(config, "authenticator_class")
        except Exception:
            self._authenticator = None
        self._known: dict[tuple[str, tuple[str, ...]], tuple[Any, str, bool]] = {}
        played.simulate_cluster()
        _route_overrides()

    def known(self, user: str, groups: list[str]) -> tuple[Any, str, bool]:
        """Return the authenticator, the normalized name, and whether the user is an admin."""
        key = (user, tuple(groups))
        if key not in self._known:
            try:
                interview = Interview(self._authenticator, self.config)
                outcome = interview.outcome(user, groups)
                answer = (interview.made(), outcome["name"], bool(outcome["admin"]))
            except Exception:
                answer = (None, user.lower(), False)
            self._known[key] = answer
        return self._known[key]

    def play(
        self, request: Mapping[str, Any], *, config: Any = None, cls: Any = None,
        hooks: bool = True, override: Override | None = None,
    ) -> Play:  # fmt: skip
        """Play a start; the request is {user, groups, admin, profile, options, server}.

        With `config`, the spawner gets another configuration. `hooks` is whether the
        administrator's hooks run, and `override` replaces each override of a profile.
        """
        made = Play(self, request, config or self.config, cls or self.spawner_class)
        made.hooks, made.override = hooks, override
        made.perform()
        return made


class Play:
    """One start of a server, and what came of it.

    `pod` and `claims` are manifests; `failures` are the steps that raised; `ended` is the one that
    ended the start. `profiles` is the list that the user could choose from, and `applied` lists
    the parts whose overrides were applied.
    """

    def __init__(self, stage: Stage, request: Mapping[str, Any], config: Any, cls: Any):
        self.stage, self.request, self.config, self.cls = stage, request, config, cls
        self._groups = list(request.get("groups") or ())
        self.hooks = True
        self.override: Override | None = None
        self.pod: dict[str, Any] | None = None
        self.claims: list[dict[str, Any]] = []
        self.failures: list[Failure] = []
        self.ended: Failure | None = None
        self.profiles: list[dict[str, Any]] = []
        self.applied: list[tuple[Part, Mapping[str, Any]]] = []
        self.parts: list[Part] = []
        self.spawner: Any = None
        self.auth_state: played.AuthState | None = None

    def perform(self) -> None:
        """Start the server."""
        # outside the event loop, because the authenticator's answers need one of their own
        self._known = self.stage.known(self.request["user"], self._groups)
        try:
            asyncio.run(asyncio.wait_for(self._run(), LIMIT))
        except TimeoutError:
            late = f"the spawner requested no pod within {LIMIT:g} seconds"
            self.ended = Failure("start", TimeoutError(late))
        except (Exception, SystemExit) as error:
            self.ended = Failure("start", error)

    def _create(self) -> None:
        authenticator, name, admin = self._known
        groups = self._groups
        if self.request.get("admin") is not None:
            admin = bool(self.request["admin"])
        self.auth_state = _auth_state(authenticator, name, groups)
        user = played.user(name, admin, groups, authenticator, self.config, self.auth_state)
        server = self.request.get("server") or ""
        self.spawner = self.cls(
            config=self.config,
            user=user,
            hub=played.hub(self.config),
            orm_spawner=played.orm_spawner(user, server),
            authenticator=authenticator,
            api_token=played.TOKEN,
            oauth_client_id=f"jupyterhub-user-{quote(name, safe='')}",
        )
        user.spawners[server] = self.spawner
        # code that uses the request or the database needs a running hub
        self.spawner.handler = played.Played()
        self.spawner.db = played.Played()
        self.spawner.sandbox_play = self

    async def _run(self) -> None:
        """Do what `User.spawn` does, but continue if a hook fails."""
        self._create()
        spawner = self.spawner
        options = dict(self.request.get("options") or {})
        if self.request.get("profile"):
            options["profile"] = self.request["profile"]
        spawner.user_options = options
        spawner.clear_state()
        spawner.api_token = played.TOKEN
        for name, step in self._steps(options):
            try:
                result = step()
                if inspect.isawaitable(result):
                    await result
            except (Exception, SystemExit) as error:
                failure = Failure(name, error)
                if name in DECISIVE or failure.refuses:
                    self.ended = failure
                    return
                self.failures.append(failure)
        try:
            await spawner.start()
        except played.Requested:
            return
        raise RuntimeError("the spawner started without asking for a pod")

    def _steps(self, options: dict[str, Any]) -> list[tuple[str, Callable[[], Any]]]:
        spawner = self.spawner
        known, user = spawner.authenticator, spawner.user
        if not self.hooks:
            spawner.pre_spawn_hook = spawner.auth_state_hook = spawner.modify_pod_hook = None
            known = None
        return [
            ("pre_spawn_start", lambda: known and known.pre_spawn_start(user, spawner)),
            ("auth_state_hook", lambda: spawner.run_auth_state_hook(self.auth_state)),
            ("group_overrides", spawner.apply_group_overrides),
            ("apply_user_options", lambda: spawner._run_apply_user_options(options)),
            ("pre_spawn_hook", spawner.run_pre_spawn_hook),
        ]


def _auth_state(authenticator: Any, name: str, groups: list[str]) -> played.AuthState | None:
    """Return the login's `auth_state`, if the hub would keep it."""
    if not getattr(authenticator, "enable_auth_state", False):
        return None
    try:
        return played.AuthState(provider.model(authenticator, name, groups)["auth_state"] or {})
    except Exception:
        return played.AuthState()


def _route_overrides() -> None:
    """Have every spawner pass the overrides of profiles through its play."""
    from kubespawner import KubeSpawner

    if hasattr(KubeSpawner._apply_overrides, "sandboxed"):
        return
    apply, load = KubeSpawner._apply_overrides, KubeSpawner._load_profile
    offer = KubeSpawner._get_initialized_profile_list

    def apply_overrides(self: Any, spawner_override: Any) -> None:
        play = self.sandbox_play
        part = play.parts.pop(0) if play.parts else ("",)
        if isinstance(spawner_override, Mapping):
            play.applied.append((part, spawner_override))
            if play.override:
                spawner_override = play.override(part, spawner_override)
        apply(self, spawner_override)

    def load_profile(self: Any, slug: Any, profile_list: Any) -> Any:
        profile = self._get_profile(slug, profile_list)
        self.sandbox_play.parts = parts(profile, self.user_options or {})
        return load(self, slug, profile_list)

    def initialized(self: Any, profile_list: Any) -> Any:
        results = offer(self, profile_list)
        if hasattr(self, "sandbox_play"):
            self.sandbox_play.profiles = results or []
        return results

    apply_overrides.sandboxed = True  # type: ignore[attr-defined]
    KubeSpawner._apply_overrides = apply_overrides
    KubeSpawner._load_profile = load_profile
    KubeSpawner._get_initialized_profile_list = initialized


def parts(profile: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[Part]:
    """Return the parts of a profile whose overrides KubeSpawner applies, in its order."""
    slug = str(profile.get("slug", ""))
    results: list[Part] = [(slug,)]
    for name, option in (profile.get("profile_options") or {}).items():
        if chosen.get(f"{name}--unlisted-choice"):
            results.append((slug, name, "unlisted_choice"))
            continue
        choices = option.get("choices") or {}
        default = next((key for key, choice in choices.items() if choice.get("default")), "")
        results.append((slug, name, "choices", chosen.get(name) or default))
    return results


def described(failure: Failure, mask: Any) -> dict[str, Any]:
    """Return a failure as data: step, type, message, and the administrator's frames."""
    details = load_config.describe(failure.error, mask)
    message = getattr(failure.error, "log_message", None)
    return {"step": failure.step, **details, **({"message": mask.text(message)} if message else {})}
