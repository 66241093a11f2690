"""Start the real JupyterHub application, up to the point where it would listen for requests.

The database is in memory, and no server is looked for; everything else is the hub's own code.
What it raises is reported with the part of the configuration that caused it. That part is then
left out and the start is repeated, so that every mistake is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from jupyterhub import scopes
from jupyterhub.auth import NullAuthenticator

from ..config.login_traits import CREATED_USERS
from ..config.suggestions import closest
from ..hub import admin_access
from ..masking import Mask
from . import blame, database, load_config, trait_checks, trial_hub
from .blame import Cause, Parts
from .stand_ins import is_stand_in
from .trial_hub import TrialHub

# starts at most; a file with more mistakes is checked again anyway
MOST = 25
# traits of JupyterHub whose entries are tried one by one, with the step that reads them
COLLECTIONS = {
    "custom_scopes": "init_role_creation",
    "load_roles": "init_role_creation",
    "load_groups": "init_groups",
    "services": "init_services",
}
# fields of their entries that are lists; of a text, the hub would take each letter
LISTS = {
    "load_roles": ("scopes", "users", "groups", "services"),
    "services": ("command", "oauth_roles", "oauth_client_allowed_scopes"),
}
# the trait that a step is about, if the error names none
OF_STEP = {
    **{step: trait for trait, step in COLLECTIONS.items()},
    "init_role_assignment": "load_roles",
    "init_secrets": "cookie_secret",
    "init_api_tokens": "services",
    "init_handlers": "extra_handlers",
    "init_tornado_application": "extra_handlers",
    "init_tornado_settings": "tornado_settings",
    "init_eventlog": "eventlog",
}
AUTHENTICATOR = "authenticator_class"
# errors whose reason may be that this is not the hub pod
_OF_THE_PLACE = (OSError, ImportError, TimeoutError)


def failures(loaded: load_config.Loaded) -> list[dict[str, Any]]:
    """Return what failed, and why.

    Each is {classes, trait, path, entry, value, place, type, message, near, frames, here}:
    `trait` of a class (with its bases) caused the failure, `place` set it, `path` is the part of
    its value; all are empty if unknown. `entry` is the name of the role, service or group, `value`
    the text at `path`, `near` a similar name that exists. `here` is true if the error may be due
    to the sandbox.
    """
    mask = Mask(loaded.values.get(()))
    failed = []
    for error, cause, more in _Start(loaded).errors():
        value = cause.value if isinstance(cause.value, (str, int, float, bool)) else None
        failed.append(
            {
                "classes": cause.classes,
                "trait": cause.trait,
                "path": [str(part) for part in cause.path],
                "entry": cause.entry,
                "place": _place(loaded, cause),
                "value": mask.known(str(value)) if isinstance(value, str) else value,
                "here": isinstance(error, _OF_THE_PLACE),
                **load_config.describe(_plain(error), mask),
                **more,
            }
        )
    return failed


def _place(loaded: load_config.Loaded, cause: Cause) -> load_config.Place | None:
    """Return the place that set the trait last."""
    places = (loaded.places.get((name, cause.trait)) for name in cause.classes)
    return next(filter(None, places), None)


def _plain(error: BaseException) -> BaseException:
    """Return the error; a KeyError without the quotes around its message."""
    if isinstance(error, KeyError) and isinstance(error.args[0], str) and " " in error.args[0]:
        return ValueError(error.args[0]).with_traceback(error.__traceback__)
    return error


class _Start:
    """Repeated starts of a hub, each without the parts that failed before."""

    def __init__(self, loaded: load_config.Loaded):
        self.config = deepcopy(loaded.config)
        admin_access.apply(self.config)
        hub = self.config.JupyterHub
        self.collections = {
            trait: hub.pop(trait)
            for trait in COLLECTIONS
            if isinstance(hub.get(trait), (dict, list))
        }
        self.removed: set[tuple[Any, ...]] = set()
        self.lost_names: set[str] = set()
        self._leave_out_what_is_not_installed()
        # reported by `trait_checks`
        for problem in list(trait_checks.problems(self.config)):
            if problem["kind"] == "value":
                self.config[problem["class"]].pop(problem["trait"], None)

    def _leave_out_what_is_not_installed(self) -> None:
        for trait in trait_checks.CHOSEN:
            try:
                missing = is_stand_in(trait_checks.chosen(self.config, trait))
            except Exception:
                missing = True
            if missing:
                self.config.JupyterHub.pop(trait, None)
                if trait == AUTHENTICATOR:
                    self.config.JupyterHub[trait] = NullAuthenticator

    def errors(self) -> Iterator[tuple[BaseException, Cause, Mapping[str, Any]]]:
        """Yield each error with its cause and details."""
        for rejected in database.errors(self.config.JupyterHub):
            yield rejected, Cause(["JupyterHub"], "db_url"), {}
        for cause in list(self._texts_for_lists()):
            self.removed.add((cause.trait, *cause.path))
            yield TypeError(f"{cause.path[-1]} must be a list, not a text"), cause, {}
        reported: set[tuple[Any, ...]] = set()
        for _ in range(MOST):
            failed = self._attempt()
            if failed is None:
                return
            error, step, app = failed
            cause = self._cause(error, step, app)
            key = str(error), cause.trait, cause.path
            if key in reported:  # the part that was left out is not the cause
                cause = Cause(cause.classes, cause.trait)
            elif not self._is_reported(cause):
                reported.add(key)
                yield error, cause, {"near": self._near(cause)}
            if not self._leave_out(cause, step):
                return

    def _is_reported(self, cause: Cause) -> bool:
        """Return whether a part of a cause was left out, or the entry that it names."""
        if isinstance(cause.value, str) and cause.value in self.lost_names:
            return True
        path = (cause.trait, *cause.path)
        return len(path) > 2 and any(other[: len(path)] == path for other in self.removed)

    def _texts_for_lists(self) -> Iterator[Cause]:
        for trait, fields in LISTS.items():
            entries = self.collections.get(trait, ())
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                for field in fields if isinstance(entry, dict) else ():
                    if isinstance(entry.get(field), str):
                        name = str(entry.get("name", ""))
                        path = index, field
                        yield Cause(["JupyterHub"], trait, path, entry[field], name)

    def _attempt(self) -> tuple[BaseException, str, TrialHub] | None:
        """Start the application; return its error, the step that failed, and the application."""
        parts = Parts(self.collections, self.removed)
        app, error = trial_hub.start(deepcopy(self.config), parts)
        return None if error is None else (error, blame.step(error, "initialize"), app)

    def _cause(self, error: BaseException, step: str, app: TrialHub) -> Cause:
        return (
            app.parts.cause(error)
            or blame.trait(error, app)
            or (self._user_name(error, app) if step == "init_users" else None)
            or (Cause(["JupyterHub"], OF_STEP[step]) if step in OF_STEP else None)
            or blame.owner(error, app)
            or Cause(_authenticators(app) if step == "init_users" else [], "")
        )

    def _user_name(self, error: BaseException, app: TrialHub) -> Cause | None:
        """Return the entry of a list of users that the error quotes, normalized."""
        for cls in _authenticators(app):
            for trait in CREATED_USERS:
                names = self.config.get(cls, {}).get(trait, ())
                for index, name in enumerate(names if isinstance(names, (list, set)) else ()):
                    if f"'{str(name).lower()}'" in str(error).lower():
                        return Cause(_authenticators(app), trait, (index,), name)
        return None

    def _leave_out(self, cause: Cause, step: str) -> bool:
        """Leave out a cause; return whether that is possible."""
        hub = self.config.JupyterHub
        if cause.trait in self.collections and cause.classes == ["JupyterHub"]:
            path = (cause.trait, *cause.path)
            if cause.path[1:] == ("name",):
                path = path[:-1]
            if len(path) == 2:
                self.lost_names.add(cause.entry)
            if path in self.removed:
                return False
            self.removed.add(path)
            return True
        if "JupyterHub" in cause.classes and cause.trait in hub:
            del hub[cause.trait]
            return True
        if hub.get(AUTHENTICATOR) is not NullAuthenticator:
            hub[AUTHENTICATOR] = NullAuthenticator
            for name in ("Authenticator", "NullAuthenticator"):
                self.config.pop(name, None)
            return True
        return False

    def _near(self, cause: Cause) -> str:
        """Return the existing scope, service or field that a wrong name is similar to."""
        known: list[str] = []
        if cause.trait == "load_roles" and cause.path[1:2] == ("scopes",):
            known = list(scopes.scope_definitions)
        elif cause.trait == "load_roles" and cause.path[1:2] == ("services",):
            known = [s["name"] for s in self.collections["services"] if "name" in s]
        return _similar(cause.value, known) if isinstance(cause.value, str) else ""


def _similar(name: str, known: list[str]) -> str:
    """Return the known name with the same words, or else the most similar one."""
    words = sorted(_words(name.partition("!")[0]))
    same = (other for other in known if sorted(_words(other)) == words)
    return next(same, "") or closest(name, known)


def _words(scope: str) -> list[str]:
    return [word.rstrip("s") for word in scope.split(":")]


def _authenticators(app: TrialHub) -> list[str]:
    return [cls.__name__ for cls in app.authenticator_class.__mro__]
