"""The rules about who may log in are applied again at each refresh."""

from __future__ import annotations

from typing import Any

import pytest
from jupyterhub.auth import Authenticator
from tornado.web import HTTPError

from z2jh_hub.hub import refused_users


class Campus(Authenticator):
    """An authenticator that raises what a test sets."""

    error: Exception | None = None
    model: Any = True

    async def refresh_user(self, user: Any, handler: Any = None) -> Any:
        return self.model

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        if self.error:
            raise self.error
        return bool(super().check_allowed(username, authentication))


class User:
    """A user with a stored auth state."""

    name = "ada"
    encrypted_auth_state: bytes | None = b"state"

    async def save_auth_state(self, state: None) -> None:
        self.encrypted_auth_state = state


async def refresh(authenticator: Campus) -> tuple[Any, bool]:
    """Return the result of the second refresh, and whether the auth state remains."""
    user = User()
    refused_users.watch(authenticator)
    assert await authenticator.refresh_user(user) == authenticator.model
    return await authenticator.refresh_user(user), user.encrypted_auth_state is not None


@pytest.mark.parametrize(
    ("traits", "remains"),
    [
        ({"allow_all": True}, True),
        ({"allowed_users": {"ada"}}, True),
        ({"allowed_users": {"eve"}}, False),
        ({"allow_all": True, "blocked_users": {"ada"}}, False),
    ],
)
async def test_rules_decide(traits: dict[str, Any], remains: bool) -> None:
    campus = Campus(**traits)
    campus.model = {"auth_state": {"token": "new"}}
    result, state = await refresh(campus)
    assert (bool(result), state) == (remains, remains)


@pytest.mark.parametrize(
    ("error", "remains"),
    [(HTTPError(403), False), (HTTPError(502), True), (KeyError("admin"), True)],
)
async def test_an_error_refuses_nobody(error: Exception, remains: bool) -> None:
    campus = Campus(allowed_users={"ada"})
    campus.model, campus.error = {"groups": []}, error
    assert await refresh(campus) == (campus.model if remains else False, remains)


async def test_an_error_of_the_provider_that_looks_like_a_refusal_logs_nobody_out() -> None:
    campus, user = Campus(allowed_users={"ada"}), User()
    campus.model = {"groups": []}
    refused_users.watch(campus)
    for _ in range(3):
        campus.allowed_users = {"eve"}
        assert await campus.refresh_user(user)
        campus.allowed_users = {"ada"}
        assert await campus.refresh_user(user)
    assert user.encrypted_auth_state
    campus.allowed_users = {"eve"}
    assert [bool(await campus.refresh_user(user)) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("model", [True, False])
async def test_without_new_data_nothing_is_decided(model: bool) -> None:
    campus = Campus()
    campus.model = model
    assert await refresh(campus) == (model, True)
