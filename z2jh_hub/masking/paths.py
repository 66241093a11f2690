"""Decide whether the value at a path is a secret, by the schema, the trait, or the names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from ..chart.schema import Schema, chart_schema, member
from .names import is_secret_name

Path = tuple[str, ...]

#: marks a value in the schema, and everything below it, as a secret
MARK = "x-secret"
# traits that are not secret, although their names suggest it
SHOWN_TRAITS = frozenset(
    {"auth_state_groups_key", "auth_refresh_age", "claim_groups_key", "cookie_host_prefix_enabled",
     "cookie_max_age_days", "cookie_options", "exclude_tokens", "google_service_account_keys",
     "oauth_token_expires_in", "request_otp", "revoke_tokens_on_logout", "ssl_key",
     "token_expires_in_default", "token_expires_in_max_seconds", "token_params", "token_url",
     "trust_user_provided_tokens", "user_auth_state_key", "userdata_from_id_token",
     "userdata_token_method", "username_claim", "username_key"}
)  # fmt: skip
# mappings whose keys are secrets
SECRET_KEYS = frozenset({"api_tokens", "service_tokens"})

# keys that hold names of Secrets, which are not secret
_NAMES_OF_SECRETS = frozenset(
    {"existingSecret", "secretName", "imagePullSecrets", "pullSecrets", "image_pull_secrets",
     "image_pull_secret", "automountServiceAccountToken", "automount_service_account_token"}
)  # fmt: skip
# mappings of the Kubernetes API that refer to a Secret, and the fields of such a reference
_REFERENCE = re.compile(r"secret|\w*[sS]ecret(Key)?Ref|\w*secret_(key_)?ref|configMapKeyRef"
                        r"|serviceAccountToken|service_account_token|sources")  # fmt: skip
REFERENCE_FIELDS = frozenset(
    {"name", "namespace", "key", "optional", "items", "path", "mode", "defaultMode", "secretName",
     "secret_name", "default_mode", "audience", "expirationSeconds", "expiration_seconds", "crt"}
)  # fmt: skip
# mappings of labels and annotations, which are not secret
_LABELS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "extraLabels",
                     "extraAnnotations", "extra_labels", "extra_annotations", "node_selector",
                     "selector", "podSelector"})  # fmt: skip
_CHECKSUM = re.compile(r"checksum/")
# lists of the Kubernetes API whose `key` names a label, a field or a taint
_SELECTORS = re.compile(r"\w*[tT]olerations|matchExpressions|match_expressions|matchFields"
                        r"|match_fields|taints|topologySpreadConstraints|items")  # fmt: skip
SELECTOR = "matchExpressions"
_SELECTOR_FIELDS = frozenset({"operator", "effect", "values", "tolerationSeconds"})
_SIMILAR = 0.8


def is_secret(path: Sequence[str]) -> bool:
    """Return whether the value at `path` (of the values, or `(CLASS, TRAIT, …)`) is a secret."""
    path = tuple(map(str, path))
    if path[:2] == ("hub", "config"):
        return _of_trait(path, 3)
    if path and path[0][:1].isupper() and len(path) > 1:
        return _of_trait(path, 1)
    schema: Mapping[str, Any] = _schema().root
    if not path or path[0] not in schema.get("properties", {}):
        return _of_names(path, 0)
    for depth, part in enumerate(path):
        inner = _child(schema, part)
        if inner is None:
            return _is_nearly_secret(schema, part) or _of_names(path, depth)
        schema = inner
        if schema.get(MARK):
            return True
    return False


def step(path: Path, key: str, siblings: Mapping[str, Any]) -> Path:
    """Return the path of `key` in a mapping at `path`, including the name of a variable."""
    if key in ("value", "valueFrom") and isinstance(siblings.get("name"), str):
        return (*path, siblings["name"], key)
    if key == "key" and not _SELECTOR_FIELDS.isdisjoint(siblings):
        return (*path, SELECTOR, key)
    return (*path, key)


def _of_trait(path: Path, at: int) -> bool:
    """Decide by the trait, which is the part `at` of the path, and by the names below it."""
    trait = path[at] if len(path) > at else ""
    if trait in SHOWN_TRAITS:
        return False
    if trait in SECRET_KEYS:
        return len(path) == at + 1
    return _of_names(path, at)


def _of_names(path: Path, start: int) -> bool:
    """Decide by the names from part `start` on."""
    for at in range(start, len(path)):
        part, below = path[at], [name for name in path[at + 1 :] if not name.isdigit()]
        if part in _LABELS and below:
            return bool(_CHECKSUM.match(below[0]))
        if part in _NAMES_OF_SECRETS:
            return False
        if _REFERENCE.fullmatch(part) and below and REFERENCE_FIELDS.issuperset(below):
            return False
        if part in ("key", "topologyKey") and _is_selector(path[:at]):
            continue
        if is_secret_name(part):
            # a variable with a value from a Secret or a field
            return below[:1] not in (["valueFrom"], ["value_from"])
    return False


def _is_selector(above: Path) -> bool:
    names = [name for name in above if not name.isdigit()]
    return bool(names) and bool(_SELECTORS.fullmatch(names[-1]))


def _is_nearly_secret(schema: Mapping[str, Any], part: str) -> bool:
    """Return whether `part` is probably a misspelled key of a secret."""
    properties = schema.get("properties", {})
    marked = [key for key, inner in properties.items() if _schema().resolved(inner).get(MARK)]
    return bool(get_close_matches(part, marked, 1, _SIMILAR))


@cache
def _schema() -> Schema:
    try:
        return chart_schema()
    except FileNotFoundError:
        return Schema({})


def _child(schema: Mapping[str, Any], part: str) -> Mapping[str, Any] | None:
    """Return the schema of `part`; None if the schema leaves it to the administrator."""
    inner = member(schema, part)
    is_named = inner is not schema.get("items") and inner is not schema.get("additionalProperties")
    if isinstance(inner, dict) and (is_named or _is_specific(inner)):
        return _schema().resolved(inner)
    return None


def _is_specific(schema: Mapping[str, Any]) -> bool:
    return "object" not in str(schema.get("type", "")) or "properties" in schema
