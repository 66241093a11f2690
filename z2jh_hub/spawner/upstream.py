"""Replace parts of JupyterHub and KubeSpawner that have no documented interface for it.

`private_names` lists the names that this uses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


def replace_user_spawn(spawn: Callable[..., Any]) -> None:
    """Have JupyterHub start every server through `spawn`."""
    from jupyterhub.user import User

    User.spawn = spawn


def replace_default_roles(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Have JupyterHub create its default roles as `change` returns each of them."""
    from jupyterhub import roles

    default_roles = roles.get_default_roles

    def changed_roles() -> list[dict[str, Any]]:
        return [change(role) for role in default_roles()]

    roles.get_default_roles = changed_roles


def show_form_of_requested_server() -> None:
    """Have JupyterHub show the form of the server that was requested, also after a refusal.

    It shows the one of the default server. The template gets `server_name`.
    """
    from jupyterhub.handlers.pages import SpawnHandler

    render_form, render_template = SpawnHandler._render_form, SpawnHandler.render_template

    async def rendered(self: Any, for_user: Any, spawner_options_form: Any, **more: Any) -> Any:
        if name := _server_name(self):
            spawner_options_form = await for_user.spawners[name].get_options_form()
        return await render_form(self, for_user, spawner_options_form, **more)

    def with_name(self: Any, name: str, sync: bool = False, **more: Any) -> Any:
        more.setdefault("server_name", _server_name(self))
        return render_template(self, name, sync, **more)

    SpawnHandler._render_form, SpawnHandler.render_template = rendered, with_name


def _server_name(handler: Any) -> str:
    """Return the name of the server in the path `/spawn/USER/SERVER`, or an empty string."""
    names = getattr(handler, "path_args", [])[1:]
    return names[0] or "" if names else ""


def record_stop_requests(record: Callable[[Any, Any, str], None]) -> None:
    """Have `record(handler, user, server_name)` called for each request to stop a server."""
    from jupyterhub.handlers.base import BaseHandler

    stop = BaseHandler.stop_single_user

    @wraps(stop)
    async def recorded(self: Any, user: Any, server_name: str = "") -> Any:
        record(self, user, server_name)
        return await stop(self, user, server_name)

    BaseHandler.stop_single_user = recorded


def around_page_settings(before: Callable[[Any], None], after: Callable[[Any], None]) -> None:
    """Have functions see the application before and after JupyterHub sets up its templates."""
    from jupyterhub.app import JupyterHub

    set_up = JupyterHub.init_tornado_settings

    @wraps(set_up)
    def changed(self: Any) -> None:
        before(self)
        set_up(self)
        after(self)

    JupyterHub.init_tornado_settings = changed


def add_handlers(handlers: Callable[[], list[Any]]) -> None:
    """Have JupyterHub answer at paths of ours, which are relative to the hub's own."""
    from jupyterhub.app import JupyterHub

    set_up = JupyterHub.init_handlers

    @wraps(set_up)
    def changed(self: Any) -> None:
        set_up(self)
        self.handlers = [*self.add_url_prefix(self.hub_prefix, handlers()), *self.handlers]

    JupyterHub.init_handlers = changed


def before_error_pages(describe: Callable[[Any, int, BaseException | None], None]) -> None:
    """Have `describe(handler, status, error)` called before JupyterHub shows an error page."""
    from jupyterhub.handlers.base import BaseHandler

    write_error = BaseHandler.write_error

    @wraps(write_error)
    def described(self: Any, status_code: int, **kwargs: Any) -> None:
        describe(self, status_code, (kwargs.get("exc_info") or (None, None))[1])
        write_error(self, status_code, **kwargs)

    BaseHandler.write_error = described


def check_before(handler: Any, check: Callable[[Any], None]) -> None:
    """Have `check` see each request before a class of JupyterHub's handlers does."""
    prepare = handler.prepare

    @wraps(prepare)
    async def checked(self: Any) -> None:
        check(self)
        await prepare(self)

    handler.prepare = checked


def check_after_login(handler: Any, check: Callable[[Any], None]) -> None:
    """Have `check` see each request to a class of handlers when its user is known."""
    prepare = handler.prepare

    @wraps(prepare)
    async def checked(self: Any) -> None:
        await prepare(self)
        check(self)

    handler.prepare = checked


def profiles_of(profile_list: Any) -> list[Any]:
    """Return a `profile_list`, a list or a mapping, as KubeSpawner's list of profiles."""
    from kubespawner import KubeSpawner

    profiles: list[Any] = KubeSpawner._sorted_dict_values(None, profile_list)
    return profiles


def initialize_profile(profile: Any) -> None:
    """Raise an error for a profile that KubeSpawner cannot read."""
    from kubespawner import KubeSpawner

    KubeSpawner._get_initialized_profile_list(None, [profile])
