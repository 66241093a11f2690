"""Report an incomplete HTTPS configuration, and an ingress without hosts."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import MISSING, Problem
from ...config.values import Values
from .. import queries

HTTPS = "proxy.https"
CONTACT = f"{HTTPS}.letsencrypt.contactEmail"
# type, a key that it requires, and what the key holds
NEEDED = (
    ("manual", f"{HTTPS}.manual.key", "the private key, in PEM"),
    ("manual", f"{HTTPS}.manual.cert", "the certificate, in PEM"),
    ("secret", f"{HTTPS}.secret.name", "the name of a Secret of type kubernetes.io/tls"),
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield what is missing in `proxy.https` and `ingress`."""
    yield from _https(values)
    yield from _both(values)
    yield from _ingress(values)


def _https(values: Values) -> Iterator[Problem]:
    kind, hosts = values.get(f"{HTTPS}.type"), values.get(f"{HTTPS}.hosts")
    if not queries.is_on(values, f"{HTTPS}.enabled"):
        if hosts and values.get(f"{HTTPS}.enabled") is False:
            yield values.problem(
                f"{HTTPS}.enabled", "hosts are set, but HTTPS is disabled",
                given=False, expected="true, or no hosts",
                severity="warning", rule="https-incomplete",
            )  # fmt: skip
        return
    # the ingress terminates TLS, so proxy.https is not needed
    if queries.is_on(values, "ingress.enabled") and values.get("ingress.tls"):
        return
    if kind == "letsencrypt" and not hosts:
        yield values.problem(
            f"{HTTPS}.hosts", "HTTPS is enabled without a host, so only plain HTTP is served",
            given=MISSING, expected="a list with the hub's host name",
            severity="warning", rule="https-incomplete",
        )  # fmt: skip
    elif kind == "letsencrypt" and not values.get(CONTACT):
        yield values.problem(
            CONTACT, "nobody is notified before the certificate expires", given=MISSING,
            expected="an email address for notices from Let's Encrypt",
            severity="warning", rule="https-incomplete",
        )  # fmt: skip
    for needing, key, expected in NEEDED:
        if kind == needing and not values.get(key):
            yield values.problem(
                key, f"{HTTPS}.type: {kind} requires this key", given=MISSING,
                expected=expected, rule="https-incomplete",
            )  # fmt: skip


def _both(values: Values) -> Iterator[Problem]:
    """Report a host whose traffic goes to the Ingress and not to the chart's ACME client."""
    if not queries.is_on(values, "ingress.enabled") or values.get(f"{HTTPS}.enabled") is False:
        return
    hosts = queries.as_list(values.get(f"{HTTPS}.hosts"))
    ingress = queries.as_list(values.get("ingress.hosts"))
    shared = [host for host in hosts if host in ingress or not ingress]
    if values.get(f"{HTTPS}.type") == "letsencrypt" and shared:
        yield values.problem(
            f"{HTTPS}.hosts",
            f"requests for {shared[0]} reach the Ingress, so Let's Encrypt cannot validate the "
            "host at proxy-public, and no certificate is issued there",
            expected="one place that serves HTTPS for a host",
            hint="with an Ingress, set proxy.https.enabled: false, and get the certificate for "
            "ingress.tls from cert-manager",
            severity="warning", rule="https-incomplete",
        )  # fmt: skip


def _ingress(values: Values) -> Iterator[Problem]:
    if not queries.is_on(values, "ingress.enabled"):
        return
    annotation = ("ingress", "annotations", "kubernetes.io/ingress.class")
    if values.get(annotation) and values.get("ingress.ingressClassName"):
        yield values.problem(
            annotation, "Kubernetes rejects an Ingress with this annotation and an "
            "ingressClassName", expected="ingress.ingressClassName alone",
            hint="remove the annotation, which is deprecated", rule="ingress-host",
        )  # fmt: skip
    hosts = queries.as_list(values.get("ingress.hosts"))
    if not hosts:
        yield values.problem(
            "ingress.hosts", "an ingress without hosts matches every host name",
            given=MISSING, expected="a list with the hub's host name",
            severity="note", rule="ingress-host",
        )  # fmt: skip
        return
    entries = queries.mappings(values, "ingress.tls")
    named = [host for _, tls in entries for host in queries.as_list(tls.get("hosts"))]
    for index, host in enumerate(hosts if named else ()):
        if host not in named and not any(_covered(str(one), [host]) for one in named):
            yield values.problem(
                f"ingress.hosts.{index}", "no entry of ingress.tls has this host, so browsers "
                "warn of its certificate", expected="a host of ingress.tls", severity="warning",
                rule="ingress-host",
            )  # fmt: skip
    for path, tls in entries:
        for index, host in enumerate(queries.as_list(tls.get("hosts"))):
            if host not in hosts and not _covered(str(host), hosts):
                yield values.problem(
                    (*path, "hosts", str(index)),
                    "this host has a certificate but is not in ingress.hosts",
                    given=host, expected="one of ingress.hosts", severity="warning",
                    rule="ingress-host",
                )  # fmt: skip


def _covered(host: str, hosts: list[object]) -> bool:
    return host.startswith("*.") and any(str(h).endswith(host[1:]) for h in hosts)
