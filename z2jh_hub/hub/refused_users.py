"""Forget what the login provider said about users who may no longer log in.

JupyterHub applies the rules about who may log in at logins only, and keeps the auth state of a user
whom it refuses. Here, a refused user's auth state is deleted, and the rules are applied again
whenever the authenticator refreshes a user. Two refreshes in a row must refuse: an authenticator
takes an error of the provider for a group without the user.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from tornado.web import HTTPError

from ..spawner import upstream

log = logging.getLogger(__name__)


def install() -> None:
    """Watch the logins and refreshes of the hub that this process runs."""
    upstream.around_page_settings(lambda hub: watch(hub.authenticator), lambda _: None)


def watch(authenticator: Any) -> None:
    """Have an authenticator forget the users whom it refuses."""
    authenticator.authenticate = _noting_the_name(authenticator)
    authenticator.get_authenticated_user = _forgetting(authenticator)
    authenticator.refresh_user = _refreshing(authenticator)


def _noting_the_name(authenticator: Any) -> Callable[..., Any]:
    authenticate = authenticator.authenticate

    @wraps(authenticate)
    async def noted(handler: Any, *args: Any, **kwargs: Any) -> Any:
        model = await _settled(authenticate(handler, *args, **kwargs))
        name = model.get("name") if isinstance(model, dict) else model
        if name and handler is not None:
            handler.name_at_provider = authenticator.normalize_username(name)
        return model

    return noted


def _forgetting(authenticator: Any) -> Callable[..., Any]:
    log_in = authenticator.get_authenticated_user

    @wraps(log_in)
    async def checked(handler: Any, data: Any) -> Any:
        try:
            model = await log_in(handler, data)
        except HTTPError as error:
            if error.status_code == 403:
                await _forget(_user_of(handler))
            raise
        if model is None:
            await _forget(_user_of(handler))
        return model

    return checked


def _refreshing(authenticator: Any) -> Callable[..., Any]:
    refresh = authenticator.refresh_user
    refused_before: set[str] = set()

    @wraps(refresh)
    async def checked(user: Any, *args: Any, **kwargs: Any) -> Any:
        model = await _settled(refresh(user, *args, **kwargs))
        if not isinstance(model, dict):
            return model
        if not await refuses(authenticator, user.name, model):
            refused_before.discard(user.name)
            return model
        if user.name not in refused_before:
            refused_before.add(user.name)
            log.warning("The rules refuse %s: checked again at the next refresh", user.name)
            return model
        refused_before.discard(user.name)
        await _forget(user)
        log.warning("%s may no longer log in", user.name)
        return False

    return checked


async def refuses(authenticator: Any, name: str, model: dict[str, Any]) -> bool:
    """Return whether the rules refuse a user; a rule that raises an error refuses nobody."""
    model = {"admin": None, "auth_state": None, **model, "name": name}
    try:
        if not await _settled(authenticator.check_blocked_users(name, model)):
            return True
        allowed = authenticator.allow_all or await _settled(
            authenticator.check_allowed(name, model)
        )
    except HTTPError as error:
        return error.status_code == 403
    except Exception as error:
        log.warning("Whether %s may still log in cannot be determined: %r", name, error)
        return False
    return not allowed


def _user_of(handler: Any) -> Any:
    """Return the user who has logged in at the provider, if the hub knows the name."""
    name = getattr(handler, "name_at_provider", "")
    return handler.find_user(name) if name else None


async def _forget(user: Any) -> None:
    if user is not None and user.encrypted_auth_state:
        await user.save_auth_state(None)
        log.info("Deleted the auth state of %s", user.name)


async def _settled(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer
