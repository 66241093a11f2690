"""Read certificates from the data of a Secret, without keeping its keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

# traefik's file, in the Secret of autohttps
ACME_FILE = "acme.json"
TLS_FILE = "tls.crt"


@dataclass(frozen=True)
class Certificate:
    """The names in a certificate, and the time at which it ends."""

    names: tuple[str, ...]
    end: datetime

    def covers(self, host: str) -> bool:
        """Return whether the certificate is for this host; `*` is one label."""
        host = host.lower().rstrip(".")
        parent = host.partition(".")[2]
        return any(name.lower() in (host, f"*.{parent}") for name in self.names)


def certificates_in(data: Mapping[str, str]) -> list[bytes] | None:
    """Return the certificates in the base64-encoded `data` of a Secret, in PEM.

    Anything else, such as a key, is dropped. Returns None if the file of traefik is not understood.
    """
    if ACME_FILE in data:
        return _of_traefik(_decoded(data[ACME_FILE]))
    if pem := _decoded(data.get(TLS_FILE) or ""):
        return [_without_keys(pem)]
    for value in data.values():
        pem = _decoded(value)
        if b"-----BEGIN CERTIFICATE-----" in pem:
            return [_without_keys(pem)]
    return []


def parse(pem: bytes) -> Certificate | None:
    """Return the first certificate in `pem`, which is the server's; None if it is invalid."""
    try:
        certificate = x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, IndexError):
        return None
    return Certificate(_names(certificate), certificate.not_valid_after_utc)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*names, *map(str, addresses))


def _of_traefik(content: bytes) -> list[bytes] | None:
    """Return the certificates in traefik's file: {resolver: {Certificates: [{certificate}]}}."""
    try:
        resolvers = json.loads(content)
        return [
            base64.b64decode(entry["certificate"])
            for resolver in resolvers.values()
            for entry in (resolver or {}).get("Certificates") or ()
        ]
    except (ValueError, TypeError, AttributeError, LookupError):
        return None


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value)
    except ValueError:
        return b""


def _without_keys(pem: bytes) -> bytes:
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    parts = pem.split(begin)[1:]
    whole = [begin + part.partition(end)[0] + end + b"\n" for part in parts if end in part]
    return b"".join(whole)
