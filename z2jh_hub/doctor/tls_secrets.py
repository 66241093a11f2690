"""Find the Secrets from which a release serves certificates, and for which hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .snapshot import Snapshot, name_of, pod_spec, spec_of

# traefik's certificates from Let's Encrypt, which the chart calls `[PREFIX]proxy-public-tls-acme`
ACME_SUFFIX = "proxy-public-tls-acme"


@dataclass(frozen=True)
class TlsSecret:
    """A Secret with a certificate, the `Kind/name` that uses it, and its hosts, if known."""

    secret: str
    user: str
    hosts: tuple[str, ...] = ()
    automatic: bool = False  # autohttps creates it


def tls_secrets(snapshot: Snapshot) -> Iterator[TlsSecret]:
    """Yield the Secrets with certificates of Ingresses, of the proxy and of autohttps."""
    for ingress in snapshot.component("ingresses", "ingress"):
        for entry in spec_of(ingress).get("tls") or ():
            if entry.get("secretName"):
                hosts = tuple(entry.get("hosts") or ())
                yield TlsSecret(entry["secretName"], f"Ingress/{name_of(ingress)}", hosts)
    for proxy in snapshot.component("deployments", "proxy"):
        for volume in pod_spec(proxy).get("volumes") or ():
            if volume.get("name") == "tls-secret" and (secret := volume.get("secret")):
                yield TlsSecret(secret["secretName"], f"Deployment/{name_of(proxy)}")
    for autohttps in snapshot.component("deployments", "autohttps"):
        name = f"{name_of(autohttps).removesuffix('autohttps')}{ACME_SUFFIX}"
        yield TlsSecret(name, f"Deployment/{name_of(autohttps)}", automatic=True)


def names_of_tls_secrets(snapshot: Snapshot) -> set[str]:
    """Return the names of these Secrets."""
    return {each.secret for each in tls_secrets(snapshot)}
