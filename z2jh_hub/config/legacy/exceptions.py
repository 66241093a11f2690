"""Deprecated keys that need more than a new name."""

from __future__ import annotations

import re
from typing import Any

from ..errors import MISSING
from .rewriting import Rewriting

EGRESS_RULES = (
    "cloudMetadataServer",
    "dnsPortsCloudMetadataServer",
    "dnsPortsKubeSystemNamespace",
    "dnsPortsPrivateIPs",
    "nonPrivateIPs",
    "privateIPs",
)

# prefers nodes that already run user pods
PACK = {
    "weight": 100,
    "podAffinityTerm": {
        "labelSelector": {
            "matchExpressions": [
                {"key": "component", "operator": "In", "values": ["singleuser-server"]}
            ]
        },
        "topologyKey": "kubernetes.io/hostname",
    },
}


def rewrite(r: Rewriting) -> None:
    """Translate all keys but `hub.extraConfig`; `_egress` is last: it depends on the others."""
    _extra_env(r)
    _database_url(r)
    _chp_command(r)
    _cloud_metadata(r)
    _scheduler_strategy(r)
    _https(r)
    _misplaced_storage(r)
    _admin_services(r)
    _egress(r)


def extra_config(r: Rewriting) -> None:
    """Make a string one snippet. Call this first: other modules may add a snippet."""
    if isinstance(r.get("hub.extraConfig"), str):
        code = r.take("hub.extraConfig")
        r.report(
            "hub.extraConfig",
            "`hub.extraConfig` as text is deprecated; use a mapping of names to Python code",
        )
        r.imply("hub.extraConfig.main", code, "hub.extraConfig")


def _extra_env(r: Rewriting) -> None:
    """Make a mapping of names to values of a list of EnvVar."""
    variables = r.get("hub.extraEnv")
    if not isinstance(variables, list) or not variables or not all(map(_is_variable, variables)):
        return
    r.take("hub.extraEnv")
    r.report(
        "hub.extraEnv",
        "`hub.extraEnv` as a list is deprecated; use a mapping of names to values",
    )
    named = {
        v["name"]: v.get("value", {k: x for k, x in v.items() if k != "name"}) for v in variables
    }
    for name, value in named.items():
        r.imply(("hub", "extraEnv", name), value, "hub.extraEnv")


def _database_url(r: Rewriting) -> None:
    """Replace the scheme `postgres`, which SQLAlchemy no longer supports."""
    for key in ("hub.db.url", "hub.config.JupyterHub.db_url"):
        url = r.explicit(key)
        if isinstance(url, str) and re.match(r"postgres(\+\w+)?://", url):
            scheme = url.partition("://")[0]
            current = scheme.replace("postgres", "postgresql")
            r.replace(key, url.replace("postgres", "postgresql", 1), key)
            r.report(key, f"`{scheme}://` is deprecated; use `{current}://`")


def _is_variable(variable: Any) -> bool:
    return isinstance(variable, dict) and isinstance(variable.get("name"), str)


def _chp_command(r: Rewriting) -> None:
    """Split the proxy's command and its options."""
    words = r.take("proxy.chp.cmd")
    if words is MISSING:
        return
    words = [words] if isinstance(words, str) else words
    if not isinstance(words, list):
        r.report("proxy.chp.cmd", "invalid command", severity="error", given=words,
              expected="a list of strings")  # fmt: skip
        return
    start = next((i for i, word in enumerate(words) if str(word).startswith("-")), len(words))
    r.deprecated("proxy.chp.cmd", "proxy.chp.command", "proxy.chp.extraCommandLineFlags")
    r.put("proxy.chp.command", words[:start], "proxy.chp.cmd")
    if words[start:]:
        r.put("proxy.chp.extraCommandLineFlags", words[start:], "proxy.chp.cmd")


def _cloud_metadata(r: Rewriting) -> None:
    """Allow the metadata server for `true`; for `false`, the default NetworkPolicy blocks it."""
    old = "singleuser.cloudMetadata.enabled"
    enabled = r.take(old)
    if enabled is MISSING:
        return
    rule = "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer"
    r.deprecated(old, rule)
    if not isinstance(enabled, bool):
        r.report(old, "invalid value", severity="error", given=enabled,
              expected="true or false, without quotes")  # fmt: skip
    elif enabled is True:
        r.put("singleuser.cloudMetadata.blockWithIptables", False, old)
        r.put(rule, True, old)
    elif r.explicit(rule) is True:
        r.conflict(rule, old, enabled)


def _scheduler_strategy(r: Rewriting) -> None:
    """Translate `pack` to a pod affinity; `spread` is what the default scheduler does."""
    old, new = "singleuser.schedulerStrategy", "scheduling.userScheduler.enabled"
    strategy = r.take(old)
    if strategy is MISSING:
        return
    r.deprecated(old, new)
    if strategy == "pack":
        affinity = "singleuser.extraPodAffinity.preferred"
        present = r.get(affinity)
        r.replace(affinity, [*(present if isinstance(present, list) else []), PACK], old)
        r.imply(new, True, old)
    elif strategy == "spread":
        r.put(new, False, old)
    else:
        r.report(old, "unknown strategy", severity="error", given=strategy,
              expected="one of spread, pack")  # fmt: skip


def _https(r: Rewriting) -> None:
    """Enable HTTPS if there are hosts, as the charts up to 0.11 did."""
    key = "proxy.https.enabled"
    if r.get("proxy.https.hosts") not in (MISSING, None, []) and r.explicit(key) is MISSING:
        r.imply(key, True, "proxy.https.hosts")
        r.report(
            "proxy.https.hosts",
            f"enabling HTTPS by `proxy.https.hosts` alone is deprecated; set `{key}: true`",
        )


def _misplaced_storage(r: Rewriting) -> None:
    """Report a top-level `storage`, a mistake in the 2018 guide."""
    storage = r.take("storage")
    if storage is MISSING:
        return
    below = next(iter(storage), "") if isinstance(storage, dict) else ""
    key = f"storage.{below}" if below else "storage"
    r.report(key, "unknown key; it has no effect here", severity="error", given=storage,
          hint=f"did you mean singleuser.{key}?", rule="misplaced-key")  # fmt: skip


def _admin_services(r: Rewriting) -> None:
    """Recommend a role instead of `admin: true`, which still works."""
    services = r.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict) and service.get("admin") is True:
            r.report(("hub", "services", name, "admin"), "gives this service every permission",
                  severity="note", given=True,
                  hint="use hub.loadRoles with the scopes that the service needs")  # fmt: skip


def _egress(r: Rewriting) -> None:
    """Replace the egress rules in files for charts up to 0.11; since then, `egress` adds to them.

    The key is the same, so the other keys of the file decide which meaning applies.
    """
    old, rules = "singleuser.networkPolicy.egress", "singleuser.networkPolicy.egressAllowRules"
    if (
        not r.has_removed_keys
        or r.explicit(old) in (MISSING, [])
        or r.explicit(rules) is not MISSING
    ):
        return
    for rule in EGRESS_RULES:
        r.imply(f"{rules}.{rule}", False, old)
    r.report(
        old,
        f"`{old}` replaces the default egress rules in a file with deprecated keys; "
        f"set each rule of `{rules}` to false",
    )
