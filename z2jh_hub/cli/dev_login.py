"""Describe who may log in to the hub of `z2jh dev`, and where the password is."""

from __future__ import annotations

from collections.abc import Iterator

from ..config.values import Values

# classes whose login form is a name and a password, by their entry point
CLASSES = {"dummy": "DummyAuthenticator", "shared-password": "SharedPasswordAuthenticator"}
# keys of the password that all users share, and of the one that all administrators share
PASSWORDS = (
    "hub.config.DummyAuthenticator.password",
    "hub.config.SharedPasswordAuthenticator.user_password",
)
ADMIN_PASSWORD = "hub.config.SharedPasswordAuthenticator.admin_password"


def how_to_log_in(values: Values) -> str:
    """Describe how the administrator and users log in, without the password itself."""
    name = values.get("hub.config.JupyterHub.authenticator_class", "dummy")
    admins = " or ".join(_names(values, name, "admin_users"))
    if name not in CLASSES:
        log_in = f"log in with {name}"
        return f"{log_in}; the administrator is {admins}" if admins else log_in
    users = list(_names(values, name, "allowed_users"))
    who = f"one of {', '.join(users)}" if users else "anyone"
    password = _password(values, PASSWORDS)
    if not admins:
        return f"log in as {who} {password}"
    if name == "shared-password":
        admin_password = _password(values, (ADMIN_PASSWORD,))
        return f"log in as {admins} (administrator) {admin_password}, or as {who} {password}"
    return f"log in as {admins} (administrator) or {who} {password}"


def _names(values: Values, name: str, trait: str) -> Iterator[str]:
    """Yield the user names that a trait lists, for the class or for any authenticator."""
    for cls in (CLASSES.get(name, ""), "Authenticator", "JupyterHub"):
        listed = values.get(f"hub.config.{cls}.{trait}") if cls else None
        if isinstance(listed, list) and listed:
            yield from map(str, listed)
            return


def _password(values: Values, keys: tuple[str, ...]) -> str:
    for key in keys:
        if values.has(key):
            return f"with the password at {values.origin(key)}"
    return "with any password"
