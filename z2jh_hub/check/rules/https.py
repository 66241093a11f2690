"""HTTPS that is switched on but not complete, and an ingress for any host."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import MISSING, Problem
from ...config.values import Values
from .. import queries

HTTPS = "proxy.https"
CONTACT = f"{HTTPS}.letsencrypt.contactEmail"
# type, and the keys without which it serves nothing
NEEDED = (
    ("manual", f"{HTTPS}.manual.key", "the private key, in PEM"),
    ("manual", f"{HTTPS}.manual.cert", "the certificate, in PEM"),
    ("secret", f"{HTTPS}.secret.name", "the name of a Secret of type kubernetes.io/tls"),
)


def findings(values: Values) -> Iterator[Problem]:
    """What is missing for `proxy.https` and `ingress` to serve anybody."""
    yield from _https(values)
    yield from _ingress(values)


def _https(values: Values) -> Iterator[Problem]:
    kind, hosts = values.get(f"{HTTPS}.type"), values.get(f"{HTTPS}.hosts")
    if not queries.is_on(values, f"{HTTPS}.enabled"):
        if hosts and values.get(f"{HTTPS}.enabled") is False:
            yield values.problem(
                f"{HTTPS}.enabled", "hosts are given, but HTTPS is off",
                given=False, expected="true, or no hosts",
                severity="warning", rule="https-incomplete",
            )  # fmt: skip
        return
    # where the ingress ends TLS, this part of the values has nothing to do
    if queries.is_on(values, "ingress.enabled") and values.get("ingress.tls"):
        return
    if kind == "letsencrypt" and not hosts:
        yield values.problem(
            f"{HTTPS}.hosts", "HTTPS is on, but for no host: only plain HTTP is served",
            given=MISSING, expected="a list with the hub's host name",
            severity="warning", rule="https-incomplete",
        )  # fmt: skip
    elif kind == "letsencrypt" and not values.get(CONTACT):
        yield values.problem(
            CONTACT, "nobody is told when the certificate is about to expire", given=MISSING,
            expected="an address that Let's Encrypt writes to",
            severity="warning", rule="https-incomplete",
        )  # fmt: skip
    for needing, key, expected in NEEDED:
        if kind == needing and not values.get(key):
            yield values.problem(
                key, f"{HTTPS}.type is {kind}, which needs it", given=MISSING,
                expected=expected, rule="https-incomplete",
            )  # fmt: skip


def _ingress(values: Values) -> Iterator[Problem]:
    if not queries.is_on(values, "ingress.enabled"):
        return
    hosts = queries.as_list(values.get("ingress.hosts"))
    if not hosts:
        yield values.problem(
            "ingress.hosts", "an ingress without hosts answers for every host name",
            given=MISSING, expected="a list with the hub's host name",
            severity="warning", rule="ingress-host",
        )  # fmt: skip
        return
    for path, tls in queries.mappings(values, "ingress.tls"):
        for index, host in enumerate(queries.as_list(tls.get("hosts"))):
            if host not in hosts and not _covered(str(host), hosts):
                yield values.problem(
                    (*path, "hosts", str(index)), "a certificate for a host that is not served",
                    given=host, expected="one of ingress.hosts", severity="warning",
                    rule="ingress-host",
                )  # fmt: skip


def _covered(host: str, hosts: list[object]) -> bool:
    return host.startswith("*.") and any(str(h).endswith(host[1:]) for h in hosts)
