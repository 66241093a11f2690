"""Report values copied from an example and not replaced: `<hostname>`, `YOUR-CLIENT-ID`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..masking import HIDDEN, is_secret
from .errors import Path, Problem
from .placeholders import is_example_host, placeholder
from .values import Values

# free text and code, in which such words may be meant
FREE = frozenset(
    {"custom", "extraConfigMap", "extraConfig", "extraFiles", "templateVars", "template_vars",
     "description", "display_name", "profile_form_template", "custom_html"}
)  # fmt: skip
# the keys that nothing works with while a placeholder is there; elsewhere it is a warning
NEEDED = re.compile(
    r"(ingress|httpRoute|proxy\.https|auth)\..*"
    r"|(hub|singleuser)\.image\.(name|tag)"
    r"|singleuser\.storage\..*"
    r"|hub\.db\.url"
    r"|hub\.config\.\w+\.\w+(\.\d+)?"
)
HOSTS = re.compile(r"proxy\.https\.(hosts\.\d+|letsencrypt\.contactEmail)|ingress\.hosts\.\d+")
# checked with their form by `sections.hub_secrets`
SECRETS = re.compile(
    r"hub\.config\.(JupyterHub\.cookie_secret|CryptKeeper\.keys(\.\d+)?"
    r"|ConfigurableHTTPProxy\.auth_token)|hub\.services\.[^.]+\.(apiToken|api_token)"
)
_VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}")


def problems(values: Values) -> Iterator[Problem]:
    """One for each text that still holds a placeholder, or a host name of the documentation."""
    for path, text in _texts(values.get(()), ()):
        key = ".".join(path)
        rest = "" if SECRETS.fullmatch(key) else placeholder(text)
        if rest:
            yield values.problem(
                path,
                f"the placeholder {rest if not is_secret(path) else 'of an example'} "
                "was not replaced",
                given=HIDDEN if is_secret(path) else text,
                expected="a value of your own",
                severity="error" if NEEDED.fullmatch(key) else "warning",
                rule="placeholder",
            )
        elif HOSTS.fullmatch(key) and is_example_host(text) and _is_used(values, path):
            yield values.problem(
                path,
                "example.com is reserved for documentation: nobody can reach this host",
                given=text,
                expected="a domain of your own",
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
