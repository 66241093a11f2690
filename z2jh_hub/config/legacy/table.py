"""Deprecated keys that were renamed, and keys that no longer have an effect.

The chart's templates have the same table for the keys that they read (`jupyterhub.moved`), and a
test compares `docs/legacy-keys.md` with this one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A deprecated key and the current keys that replace it."""

    old: str
    new: tuple[str, ...]


def _row(old: str, *new: str) -> Move:
    return Move(old, new)


MOVES = (
    _row("auth.whitelist.users", "hub.config.Authenticator.allowed_users"),
    _row("auth.blacklist.users", "hub.config.Authenticator.blocked_users"),
    _row("auth.admin.users", "hub.config.Authenticator.admin_users"),
    _row("auth.admin.access", "hub.config.JupyterHub.admin_access"),
    _row("auth.state.enabled", "hub.config.Authenticator.enable_auth_state"),
    _row("hub.cookieSecret", "hub.config.JupyterHub.cookie_secret"),
    _row("hub.extraConfigMap", "custom"),
    _row("hub.fsGid", "hub.podSecurityContext.fsGroup"),
    _row("hub.imagePullPolicy", "hub.image.pullPolicy"),
    _row("hub.publicURL", "hub.config.JupyterHub.public_url"),
    _row("hub.uid", "hub.containerSecurityContext.runAsUser"),
    _row("imagePullSecret.enabled", "imagePullSecret.create"),
    _row("prePuller.enabled", "prePuller.hook.enabled"),
    _row("proxy.networkPolicy", "proxy.chp.networkPolicy", "proxy.traefik.networkPolicy"),
    _row("proxy.nodeSelector", "proxy.chp.nodeSelector", "proxy.traefik.nodeSelector"),
    _row("proxy.pdb", "proxy.chp.pdb", "proxy.traefik.pdb"),
    _row("proxy.secretToken", "hub.config.ConfigurableHTTPProxy.auth_token"),
    _row(
        "rbac.enabled",
        "rbac.create",
        "hub.serviceAccount.create",
        "proxy.traefik.serviceAccount.create",
        "scheduling.userScheduler.serviceAccount.create",
        "prePuller.hook.serviceAccount.create",
        "prePuller.hook.serviceAccountImagePuller.create",
        "prePuller.continuous.serviceAccount.create",
    ),
    _row("singleuser.imagePullPolicy", "singleuser.image.pullPolicy"),
)

# deprecated key, hint
IGNORED = (
    ("proxy.nginx", "use `proxy.traefik`"),
    ("scheduling.userScheduler.policy", "use `scheduling.userScheduler.plugins`"),
    ("proxy.lego", "use `proxy.https.letsencrypt` and `proxy.traefik`"),
)
