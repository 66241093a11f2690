"""Report certificates and keys of `proxy.https.manual` that are unreadable or do not match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import Problem
from ...config.values import Values
from ...masking import HIDDEN
from .. import queries

MANUAL = "proxy.https.manual"
HINT = "paste the whole file, including its BEGIN and END lines, after `|`"


def findings(values: Values) -> Iterator[Problem]:
    """Yield PEM data that OpenSSL cannot read, and a key that belongs to another certificate."""
    if not queries.is_on(values, "proxy.https.enabled"):
        return
    if values.get("proxy.https.type") != "manual":
        return
    key, certificate = values.get(f"{MANUAL}.key"), values.get(f"{MANUAL}.cert")
    public = _public_key(key) if isinstance(key, str) and key else None
    certified = _certified_key(certificate) if isinstance(certificate, str) else None
    if isinstance(key, str) and key and public is None:
        yield _unreadable(values, "key", "a private key in PEM format, without a passphrase")
    if isinstance(certificate, str) and certificate and certified is None:
        yield _unreadable(
            values, "cert", "certificates in PEM format, with the server's certificate first"
        )
    if public and certified and public != certified:
        yield values.problem(
            f"{MANUAL}.key",
            "the key does not belong to the first certificate in proxy.https.manual.cert",
            given=HIDDEN,
            expected="the key that the certificate was issued for",
            hint="put the server's certificate first, before those of its authority",
            rule="pem",
        )


def _unreadable(values: Values, part: str, expected: str) -> Problem:
    return values.problem(
        f"{MANUAL}.{part}",
        "invalid PEM data",
        given=HIDDEN,
        expected=expected,
        hint=HINT,
        rule="pem",
    )


def _public_key(text: str) -> bytes | None:
    """Return the public key of a private key; None if it cannot be read."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return _as_der(load_pem_private_key(text.encode(), None).public_key())
    except Exception:  # many types are raised, and their messages may contain the key
        return None


def _certified_key(text: str) -> bytes | None:
    """Return the public key of the first certificate; None if it cannot be read."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return _as_der(load_pem_x509_certificates(text.encode())[0].public_key())
    except Exception:
        return None


def _as_der(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
