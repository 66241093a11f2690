"""Public names that lead to servers of a test, with certificates that hub and browser trust.

The values under test keep the addresses of the providers: only where these lead to is changed.
"""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# read by the hub as `jupyterhub_config.d/internet.py`; JupyterHub uses curl for its requests
ROUTES = """\
import pycurl
from tornado.curl_httpclient import CurlAsyncHTTPClient

prepare = CurlAsyncHTTPClient._curl_setup_request


def prepare_with_routes(self, curl, *arguments):
    prepare(self, curl, *arguments)
    curl.setopt(pycurl.CONNECT_TO, {routes!r})
    curl.setopt(pycurl.CAINFO, {authority!r})


CurlAsyncHTTPClient._curl_setup_request = prepare_with_routes
"""


@dataclass
class Internet:
    """The port on this machine for each public name, and the certificate for all of them."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    plain: dict[str, int] = field(default_factory=dict)  # names whose servers speak HTTP

    def issue(self, names: Iterable[str]) -> None:
        """Make the certificate, which is its own authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.certificate.write_bytes(_signed(key, names).public_bytes(serialization.Encoding.PEM))

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def route(self, names: Iterable[str], port: int) -> None:
        """Let the names lead to a port of this machine."""
        self.ports.update(dict.fromkeys(names, port))

    def connect_hub(self, mounts: Path) -> None:
        """Let the hub that reads `mounts` reach the names."""
        routes = [f"{name}:443:127.0.0.1:{port}" for name, port in self.ports.items()]
        text = ROUTES.format(routes=routes, authority=str(self.certificate))
        folder = mounts / "jupyterhub_config.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "internet.py").write_text(text)


def _signed(key: ec.EllipticCurvePrivateKey, names: Iterable[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "z2jh tests")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
