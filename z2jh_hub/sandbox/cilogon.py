"""Simulate what CILogon answers about a user: the identity provider, and the claim of the name."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any


def claims(idps: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, str]:
    """Return `idp` and the claim from which its users get their name, for a name or an address.

    Without an identity provider that fits the name, the first answers.
    """
    idp = next((idp for idp, entry in idps.items() if _fits(entry, name)), next(iter(idps), ""))
    if not idp:
        return {}
    derivation = idps[idp].get("username_derivation", {})
    return {"idp": idp, derivation.get("username_claim", "sub"): _claim(derivation, name)}


def _fits(entry: Mapping[str, Any], name: str) -> bool:
    """Return whether the hub could give `name` to a user of this provider."""
    derivation = entry.get("username_derivation", {})
    domain = name.rpartition("@")[2].lower() if "@" in name else ""
    if name.startswith(_prefix(derivation)) and _prefix(derivation):
        return True
    if derivation.get("action") == "strip_idp_domain":
        return domain in ("", str(derivation.get("domain", "")).lower())
    return any(fnmatch(domain, str(each).lower()) for each in entry.get("allowed_domains", ()))


def _claim(derivation: Mapping[str, Any], name: str) -> str:
    """Undo what the hub does with the claim."""
    if derivation.get("action") == "strip_idp_domain" and "@" not in name:
        return f"{name}@{derivation.get('domain', '')}"
    return name.removeprefix(_prefix(derivation))


def _prefix(derivation: Mapping[str, Any]) -> str:
    return f"{derivation.get('prefix', '')}:" if derivation.get("action") == "prefix" else ""
