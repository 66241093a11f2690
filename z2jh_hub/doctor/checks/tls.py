"""Report certificates that are missing, invalid or about to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..certificates import Certificate, parse
from ..commands import kubectl
from ..findings import Finding
from ..snapshot import Snapshot, name_of
from ..tls_secrets import TlsSecret, tls_secrets

SOON = 14  # days
# seconds that Let's Encrypt, or the controller of certificates, may take
GRACE = 600.0
NO_HTTPS = "Browsers warn users, or refuse to connect."


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    for each in tls_secrets(snapshot):
        certificates = snapshot.certificates.get(each.secret)
        if certificates is None:
            yield from _absent(snapshot, each)
        elif not certificates:
            yield from _empty(snapshot, each)
        else:
            yield from _ends(snapshot, each, certificates)


def _absent(snapshot: Snapshot, each: TlsSecret) -> Iterator[Finding]:
    # a Secret that exists, and cannot be read, is listed as not examined
    if not snapshot.knows("secrets") or snapshot.named("secrets", each.secret):
        return
    if each.automatic:
        yield from _empty(snapshot, each)
        return
    yield Finding(
        "tls-secret-missing",
        "error",
        f"Secret/{each.secret}",
        f"{each.user} serves the certificate of this Secret, which does not exist",
        NO_HTTPS if each.user.startswith("Ingress/") else "The proxy does not start.",
        "Create it: "
        + kubectl(snapshot, "create", "secret", "tls", each.secret, "--cert=FILE", "--key=FILE")
        + ". If cert-manager creates it, look at its Certificate: "
        + kubectl(snapshot, "describe", "certificate"),
    )


def _empty(snapshot: Snapshot, each: TlsSecret) -> Iterator[Finding]:
    if not each.automatic:
        yield _invalid(each)
        return
    deployments = snapshot.component("deployments", "autohttps")
    if any(snapshot.age(deployment) > GRACE for deployment in deployments):
        logs = kubectl(snapshot, "logs", f"deployment/{name_of(deployments[0])}", "-c", "traefik")
        yield Finding(
            "no-certificate",
            "error",
            f"Secret/{each.secret}",
            "Let's Encrypt has not issued a certificate",
            NO_HTTPS,
            "The name in proxy.https.hosts must resolve to the external address, and port 80 must "
            f"be reachable from the internet: {logs}",
        )


def _invalid(each: TlsSecret) -> Finding:
    return Finding(
        "certificate-invalid",
        "error",
        f"Secret/{each.secret}",
        f"{each.user} uses this Secret, which contains no valid certificate",
        NO_HTTPS,
        "Replace it with the certificate and its chain in PEM.",
    )


def _ends(snapshot: Snapshot, each: TlsSecret, pems: Sequence[bytes]) -> Iterator[Finding]:
    certificates = [certificate for pem in pems if (certificate := parse(pem))]
    if not certificates:
        yield _invalid(each)
        return
    for certificate in certificates:
        yield from _end(snapshot, each, certificate)
    others = [host for host in each.hosts if not any(cert.covers(host) for cert in certificates)]
    if others:
        yield Finding(
            "certificate-of-another-host",
            "error",
            f"Secret/{each.secret}",
            f"the certificate does not cover {', '.join(others)}",
            NO_HTTPS,
            "Request a certificate with all names of ingress.tls.",
            (f"the certificate is for {', '.join(certificates[0].names) or 'no name'}",),
        )


def _end(snapshot: Snapshot, each: TlsSecret, certificate: Certificate) -> Iterator[Finding]:
    days = (certificate.end - snapshot.now).total_seconds() / 86400
    if days > SOON:
        return
    over = days <= 0
    yield Finding(
        "certificate-expired" if over else "certificate-ends-soon",
        "error" if over else "warning",
        f"Secret/{each.secret}",
        "the certificate has expired" if over else f"the certificate ends in {days:.0f} days",
        NO_HTTPS if over else f"Then: {NO_HTTPS}",
        _renewal(snapshot, each),
        (f"for {', '.join(certificate.names)}, until {certificate.end:%Y-%m-%d %H:%M} UTC",),
    )


def _renewal(snapshot: Snapshot, each: TlsSecret) -> str:
    if each.automatic:
        logs = kubectl(snapshot, "logs", "deployment/autohttps", "-c", "traefik")
        return f"traefik should have renewed it: {logs}"
    return (
        "Replace the certificate (proxy.https.manual, or the Secret), or check why cert-manager "
        "has not renewed it."
    )
