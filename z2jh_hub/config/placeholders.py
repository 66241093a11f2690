"""Find placeholders copied from an example: `<hostname>`, `YOUR-CLIENT-ID`, `change-me`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..masking import HIDDEN, is_secret
from .errors import Path, Problem
from .values import Values

# Go's templates use the same expressions, so they have no look-around; the group is the placeholder
PLACEHOLDERS = (
    # <hostname>, <output of `openssl rand -hex 32`>
    r"(<[A-Za-z][^<>\n]*>)",
    # YOUR-CLIENT-ID, your_domain, https://your-domain.example
    r"(?:^|[^A-Za-z0-9])((?:YOUR|your|Your)[-_][A-Za-z0-9][A-Za-z0-9_-]*)",
    r"(?i)\b((?:change|replace)[-_]?(?:me|this))\b",
)
_HTML = re.compile(r"</\w|/>|<(?:a|b|br|em|hr|i|p|span|strong)\b", re.IGNORECASE)
# reserved for documentation; certificate authorities refuse it
_EXAMPLE_HOST = re.compile(r"(?:.*[.@])?example\.com", re.IGNORECASE)

# free text and code, where such words may be intended
FREE = frozenset(
    {"custom", "extraConfigMap", "extraConfig", "extraFiles", "templateVars", "template_vars",
     "description", "description_in_choices", "display_name", "display_name_in_choices",
     "validation_message", "validation_regex", "profile_form_template", "custom_html"}
)  # fmt: skip
# a placeholder in these keys is an error; in others, a warning
NEEDED = re.compile(
    r"(ingress|httpRoute|proxy\.https|auth)\..*"
    r"|(hub|singleuser)\.image\.(name|tag)"
    r"|singleuser\.storage\..*"
    r"|hub\.db\.url"
    r"|hub\.config\.\w+\.\w+(\.\d+)?"
)
HOSTS = re.compile(r"proxy\.https\.(hosts\.\d+|letsencrypt\.contactEmail)|ingress\.hosts\.\d+")
# `sections.hub_secrets` checks these
SECRETS = re.compile(
    r"hub\.config\.(JupyterHub\.cookie_secret|CryptKeeper\.keys(\.\d+)?"
    r"|ConfigurableHTTPProxy\.auth_token)|hub\.services\.[^.]+\.(apiToken|api_token)"
)
_VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}")


def placeholder(text: str) -> str:
    """Return the first placeholder in `text`; empty if there is none."""
    if "\n" in text.strip() or _HTML.search(text):
        return ""
    matches = (re.search(pattern, text) for pattern in PLACEHOLDERS)
    return next((match[1] for match in matches if match), "")


def is_example_host(name: str) -> bool:
    """Whether a host name, or the host of an email address, is reserved for documentation."""
    return bool(_EXAMPLE_HOST.fullmatch(name.strip()))


def problems(values: Values) -> Iterator[Problem]:
    """Report placeholders, and host names that are reserved for documentation."""
    for path, text in _texts(values.get(()), ()):
        key = ".".join(path)
        rest = "" if SECRETS.fullmatch(key) else placeholder(text)
        if rest:
            yield values.problem(
                path,
                f"replace the placeholder {'of the example' if is_secret(path) else rest}",
                given=HIDDEN if is_secret(path) else text,
                expected="your own value",
                severity="error" if NEEDED.fullmatch(key) else "warning",
                rule="placeholder",
            )
        elif HOSTS.fullmatch(key) and is_example_host(text) and _is_used(values, path):
            yield values.problem(
                path,
                "example.com is reserved for documentation; nobody can reach this host",
                given=text,
                expected="your own domain",
                rule="placeholder",
            )
        elif _VARIABLE.search(text) and "://" in text:
            yield values.problem(
                path,
                "Helm does not replace ${…} in values",
                given=HIDDEN if is_secret(path) else text,
                expected="the value itself",
                severity="warning",
                rule="placeholder",
            )


def _is_used(values: Values, path: Path) -> bool:
    switch = "ingress.enabled" if path[0] == "ingress" else "proxy.https.enabled"
    return values.get(switch) is True


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if path and path[-1] in FREE:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _texts(item, (*path, str(index)))
    elif isinstance(node, str):
        yield path, node
