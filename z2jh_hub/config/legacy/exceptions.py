"""Old keys that need more than a new name."""

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

# puts users' pods together, without a scheduler of its own
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
    """Read all but `hub.extraConfig`; `_egress` last, which goes by whether there was another."""
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
    """One string is one snippet. To be read first: others may add a snippet."""
    if isinstance(r.get("hub.extraConfig"), str):
        code = r.take("hub.extraConfig")
        r.renamed("hub.extraConfig", "a mapping of names to Python")
        r.imply("hub.extraConfig.main", code, "hub.extraConfig")


def _extra_env(r: Rewriting) -> None:
    """A list of Kubernetes' EnvVar is a mapping of names to values."""
    variables = r.get("hub.extraEnv")
    if not isinstance(variables, list) or not variables or not all(map(_is_variable, variables)):
        return
    r.take("hub.extraEnv")
    r.say("hub.extraEnv", "a list, as in 2018", hint="today: a mapping of names to values")
    named = {
        v["name"]: v.get("value", {k: x for k, x in v.items() if k != "name"}) for v in variables
    }
    for name, value in named.items():
        r.imply(("hub", "extraEnv", name), value, "hub.extraEnv")


def _database_url(r: Rewriting) -> None:
    """SQLAlchemy no longer reads the scheme `postgres`."""
    for key in ("hub.db.url", "hub.config.JupyterHub.db_url"):
        url = r.given(key)
        if isinstance(url, str) and re.match(r"postgres(\+\w+)?://", url):
            scheme = url.partition("://")[0]
            today = scheme.replace("postgres", "postgresql")
            r.replace(key, url.replace("postgres", "postgresql", 1), key)
            r.say(key, f"`{scheme}://` is deprecated; use `{today}://`", hint=f"today: {today}://")


def _is_variable(variable: Any) -> bool:
    return isinstance(variable, dict) and isinstance(variable.get("name"), str)


def _chp_command(r: Rewriting) -> None:
    """The proxy's command, and the options behind it."""
    words = r.take("proxy.chp.cmd")
    if words is MISSING:
        return
    words = [words] if isinstance(words, str) else words
    if not isinstance(words, list):
        r.say("proxy.chp.cmd", "not a command", severity="error", given=words,
              expected="a list of words")  # fmt: skip
        return
    start = next((i for i, word in enumerate(words) if str(word).startswith("-")), len(words))
    today = "proxy.chp.command and proxy.chp.extraCommandLineFlags"
    r.renamed("proxy.chp.cmd", today, "proxy.chp.command")
    r.put("proxy.chp.command", words[:start], "proxy.chp.cmd")
    if words[start:]:
        r.put("proxy.chp.extraCommandLineFlags", words[start:], "proxy.chp.cmd")


def _cloud_metadata(r: Rewriting) -> None:
    """`false` blocks the metadata server, as the default's NetworkPolicy does; `true` does not."""
    old = "singleuser.cloudMetadata.enabled"
    enabled = r.take(old)
    if enabled is MISSING:
        return
    rule = "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer"
    r.renamed(old, rule, rule)
    if not isinstance(enabled, bool):
        r.say(old, "not what this key takes", severity="error", given=enabled,
              expected="true or false, without quotes")  # fmt: skip
    elif enabled is True:
        r.put("singleuser.cloudMetadata.blockWithIptables", False, old)
        r.put(rule, True, old)
    elif r.given(rule) is True:
        r.conflict(rule, old, enabled)


def _scheduler_strategy(r: Rewriting) -> None:
    """`pack` needs no scheduler of its own; `spread` is what Kubernetes' own does."""
    old, new = "singleuser.schedulerStrategy", "scheduling.userScheduler.enabled"
    strategy = r.take(old)
    if strategy is MISSING:
        return
    r.renamed(old, new, new)
    if strategy == "pack":
        affinity = "singleuser.extraPodAffinity.preferred"
        there = r.get(affinity)
        r.replace(affinity, [*(there if isinstance(there, list) else []), PACK], old)
        r.imply(new, True, old)
    elif strategy == "spread":
        r.put(new, False, old)
    else:
        r.say(old, "not a strategy", severity="error", given=strategy,
              expected="one of spread, pack")  # fmt: skip


def _https(r: Rewriting) -> None:
    """Hosts alone switched HTTPS on."""
    key = "proxy.https.enabled"
    if r.get("proxy.https.hosts") not in (MISSING, None, []) and r.given(key) is MISSING:
        r.imply(key, True, "proxy.https.hosts")
        r.say("proxy.https.hosts", "HTTPS is switched on by its hosts, as in 2018",
              hint=f"today: {key}: true")  # fmt: skip


def _misplaced_storage(r: Rewriting) -> None:
    """The guide printed `storage` at the top level by mistake."""
    storage = r.take("storage")
    if storage is MISSING:
        return
    below = next(iter(storage), "") if isinstance(storage, dict) else ""
    key = f"storage.{below}" if below else "storage"
    r.say(key, "nothing reads this key here", severity="error", given=storage,
          hint=f"did you mean singleuser.{key}?", rule="misplaced-key")  # fmt: skip


def _admin_services(r: Rewriting) -> None:
    """An administrator's token still is one; a role says better what it is for."""
    services = r.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict) and service.get("admin") is True:
            r.say(("hub", "services", name, "admin"), "this token may do everything",
                  severity="note", given=True,
                  hint="today: hub.loadRoles, with the scopes that the service needs")  # fmt: skip


def _egress(r: Rewriting) -> None:
    """In a file of 2018 the list was all that is allowed; today it adds to other rules.

    The key's name is the same, so that other old keys decide which of them it is.
    """
    old, rules = "singleuser.networkPolicy.egress", "singleuser.networkPolicy.egressAllowRules"
    if not r.is_of_2018 or r.given(old) in (MISSING, []) or r.given(rules) is not MISSING:
        return
    for rule in EGRESS_RULES:
        r.imply(f"{rules}.{rule}", False, old)
    r.say(old, "all that user servers may reach, as in 2018",
          hint=f"today: {rules}, each of them false")  # fmt: skip
