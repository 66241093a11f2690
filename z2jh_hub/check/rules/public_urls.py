"""Report paths of the Ingress and addresses of OAuth that do not fit the hub's own URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import queries

PATH_TYPE, SUFFIX = "ingress.pathType", "ingress.pathSuffix"
ANNOTATIONS: Path = ("ingress", "annotations")
REWRITE = "nginx.ingress.kubernetes.io/rewrite-target"
# controllers for which a path without a wildcard matches only itself, unless its type is Prefix
EXACT_CONTROLLERS = ("gce", "gce-internal", "alb")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
# what serves the hub to users → its names
HOSTS = {
    "ingress.enabled": "ingress.hosts",
    "httpRoute.enabled": "httpRoute.hostnames",
    "proxy.https.enabled": "proxy.https.hosts",
}
MISSING_HUB = "/hub is missing; logins return only because the hub redirects them"
# what the hub answers, after its base URL
CALLBACK = "/hub/oauth_callback"


def findings(values: Values) -> Iterator[Problem]:
    """Yield paths and addresses at which the hub or its log-in page does not answer."""
    yield from _host_names(values)
    if queries.is_on(values, "ingress.enabled"):
        yield from _path_type(values)
        yield from _rewriting(values)
        for index, entry in enumerate(queries.as_list(values.get("ingress.tls"))):
            if isinstance(entry, dict) and isinstance(entry.get("hosts"), str):
                yield values.problem(
                    ("ingress", "tls", str(index), "hosts"), "Kubernetes rejects the Ingress",
                    expected="a list", hint=f"write [{entry['hosts']}]", rule="ingress-path",
                )  # fmt: skip
    for name, section in queries.mapping(values, "hub.config").items():
        url = queries.as_mapping(section).get("oauth_callback_url")
        if isinstance(url, str) and name.endswith("OAuthenticator"):
            yield from _callback(values, ("hub", "config", name, "oauth_callback_url"), url)


def base_path(values: Values) -> str:
    """Return the path of the hub, without a slash at its end."""
    own = values.get("hub.config.JupyterHub.base_url")
    path = own if isinstance(own, str) else values.get("hub.baseUrl")
    stripped = path.strip("/") if isinstance(path, str) else ""
    return f"/{stripped}" if stripped else ""


def _host_names(values: Values) -> Iterator[Problem]:
    for switch, key in HOSTS.items():
        hosts = queries.as_list(values.get(key)) if queries.is_on(values, switch) else []
        for index, host in enumerate(hosts):
            if isinstance(host, str) and ("/" in host or ":" in host):
                name = urlsplit(host if "//" in host else f"//{host}").hostname
                yield values.problem(
                    f"{key}.{index}", "this is not the name of a host",
                    expected="a name without https://, port or path",
                    hint=f"write {name}" if name else "", rule="ingress-path",
                )  # fmt: skip


def _path_type(values: Values) -> Iterator[Problem]:
    kind, suffix = values.get(PATH_TYPE), values.get(SUFFIX) or ""
    path = f"{base_path(values)}/{suffix}"
    own = values.get(("ingress", "annotations", CLASS_ANNOTATION))
    if kind == "Exact":
        yield values.problem(
            PATH_TYPE, f"the Ingress matches only {path}, and no other page of the hub",
            expected="Prefix", rule="ingress-path",
        )  # fmt: skip
    elif isinstance(suffix, str) and re.search(r"[A-Za-z]", suffix):
        right = f"{base_path(values)}/{suffix.strip('/')}"
        yield values.problem(
            SUFFIX, f"the Ingress leads to the hub only below {path}, where the hub has no pages",
            expected="a wildcard such as *, or nothing",
            hint=f"to serve the hub at {right}/, set hub.baseUrl: {right}/",
            severity="warning", rule="ingress-path",
        )  # fmt: skip
    elif kind == "Prefix" and "*" in str(suffix):
        yield values.problem(
            SUFFIX, f"with pathType: Prefix, controllers take the * of {path} literally",
            expected="no pathSuffix, or pathType: ImplementationSpecific",
            severity="warning", rule="ingress-path",
        )  # fmt: skip
    elif kind == "ImplementationSpecific" and not suffix and (
        values.get("ingress.ingressClassName") or own
    ) in EXACT_CONTROLLERS:  # fmt: skip
        yield values.problem(
            PATH_TYPE, f"this controller matches only {path}, and no other page of the hub",
            expected="Prefix, or ingress.pathSuffix: '*'",
            severity="warning", rule="ingress-path",
        )  # fmt: skip


def _rewriting(values: Values) -> Iterator[Problem]:
    target, prefix = values.get((*ANNOTATIONS, REWRITE)), base_path(values)
    if not isinstance(target, str):
        return
    message = ""
    if "$" not in target:
        message = f"every request becomes a request for {target}, so no other page can be reached"
    elif not target.startswith(f"{prefix}/"):
        message = f"removes {prefix} from requests, but the hub expects the whole path"
    if message:
        yield values.problem(
            (*ANNOTATIONS, REWRITE), message, expected="no rewriting",
            hint="remove this annotation; hub.baseUrl sets the path of the hub",
            severity="warning", rule="ingress-path",
        )  # fmt: skip


def _callback(values: Values, path: Path, url: str) -> Iterator[Problem]:
    name, prefix, parts = path[2], base_path(values), urlsplit(url)
    # a placeholder for an address that the file does not have; no host is in .invalid (RFC 2606)
    if not parts.netloc or "{" in url or "<" in url or (parts.hostname or "").endswith(".invalid"):
        return
    hosts = _hosts(values)
    mistakes = list(_callback_mistakes(values, name, parts, prefix, hosts))
    if not mistakes:
        return
    wrong_host = hosts and not any(_same_host(parts.hostname or "", host) for host in hosts)
    scheme = "https" if wrong_host or _has_tls(values) else parts.scheme
    path_is_wrong = any(part == "path" for _, part, _ in mistakes)
    page = f"{prefix}{CALLBACK}" if path_is_wrong else parts.path
    names = hosts[:2] if wrong_host else [parts.netloc]
    yield values.problem(
        path, "; ".join(message for _, _, message in mistakes),
        expected=" or ".join(f"{scheme}://{name}{page}" for name in names),
        severity="error" if any(fatal for fatal, _, _ in mistakes) else "warning",
        rule="callback-url",
    )  # fmt: skip


def _callback_mistakes(
    values: Values, name: str, parts: SplitResult, prefix: str, hosts: list[str]
) -> Iterator[tuple[bool, str, str]]:
    """Yield (whether no login returns, part of the URL, message) for each mistake."""
    path, page = parts.path, "/oauth_callback"
    # several authenticators in one hub have paths of their own, such as /hub/google/oauth_callback
    if not path.startswith(f"{prefix}/"):
        yield True, "path", f"the hub is at {prefix}/, so logins cannot return to this address"
    elif path.rstrip("/").endswith(page) and path.endswith("/"):
        yield True, "path", "the hub has no page with a slash at the end of this address"
    elif (
        path.endswith(page)
        and path != f"{prefix}{CALLBACK}"
        and queries.is_only_login(values, name)
    ):
        yield (True, "path", f"{name} has no page at this address") if path.startswith(
            f"{prefix}/hub/") else (False, "path", MISSING_HUB)  # fmt: skip
    elif not path.endswith(page):
        yield False, "path", "logins do not return to the hub's own page for them"
    elif not path.startswith(f"{prefix}/hub/"):
        yield False, "path", MISSING_HUB
    if hosts and not any(_same_host(parts.hostname or "", host) for host in hosts):
        yield False, "host", "logins return to a host that is not one of the hub's"
    if parts.scheme == "http" and _has_tls(values):
        yield (False, "scheme",
               "logins return over http, although the hub is served over https")  # fmt: skip


def _hosts(values: Values) -> list[str]:
    lists = [
        queries.as_list(values.get(key))
        for switch, key in HOSTS.items()
        if queries.is_on(values, switch)
    ]
    return list(dict.fromkeys(host for hosts in lists for host in hosts if isinstance(host, str)))


def _same_host(host: str, pattern: str) -> bool:
    known = pattern.lower()
    return host == known or (known.startswith("*.") and host.endswith(known[1:]))


def _has_tls(values: Values) -> bool:
    ingress = queries.is_on(values, "ingress.enabled") and values.get("ingress.tls")
    https = queries.is_on(values, "proxy.https.enabled")
    return bool(ingress or (https and values.get("proxy.https.hosts", MISSING)))
