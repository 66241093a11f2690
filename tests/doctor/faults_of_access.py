"""Faults of addresses, certificates and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from doctor.faults_of_pods import hub_crashes
from doctor.worlds import NOW, World, ago, fails


def certificate(days: float, host: str = "hub.example.org") -> bytes:
    """Return a self-signed certificate that ends in `days`, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    end = NOW + timedelta(days=days)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    )  # fmt: skip
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def no_address(world: World) -> None:
    world.get("services", "proxy-public")["status"] = {"loadBalancer": {}}


def wrong_selector(world: World) -> None:
    world.get("services", "hub")["spec"]["selector"] = {"app": "another"}


def no_endpoints(world: World) -> None:
    world.get("endpoints", "proxy-api-1")["endpoints"] = []


def no_tls_secret(world: World) -> None:
    world.objects["secrets"].pop()
    world.certificates.clear()


def expired(world: World) -> None:
    world.certificates = {name: [certificate(-1)] for name in world.certificates}


def ends_soon(world: World) -> None:
    world.certificates = {name: [certificate(5)] for name in world.certificates}


def other_host(world: World) -> None:
    world.certificates = {"hub-tls": [certificate(60, "other.example.org")]}


def no_certificate_in(world: World) -> None:
    world.certificates = {name: [b"nothing"] for name in world.certificates}


def not_issued(world: World) -> None:
    world.certificates = {name: [] for name in world.certificates}


def ingress_class(world: World) -> None:
    world.objects["ingressclasses"] = []


def ingress_address(world: World) -> None:
    world.objects["ingresses"][0]["status"] = {}


def only_inside(world: World) -> None:
    world.objects["ingresses"].clear()


def no_secret(world: World) -> None:
    world.remove("secrets", "hub")
    message = 'secret "hub" not found'
    fails(world.pod("proxy"), waiting="CreateContainerConfigError", message=message)


def other_token(world: World) -> None:
    for container in world.get("deployments", "proxy")["spec"]["template"]["spec"]["containers"]:
        for variable in container["env"]:
            if variable["name"] == "CONFIGPROXY_AUTH_TOKEN":
                variable.pop("valueFrom")
                variable["value"] = "0123456789abcdef0123456789abcdef"


def token_refused(world: World) -> None:
    hub_crashes(world)
    world.logs["hub-0"] = "File jupyterhub/proxy.py\ntornado: HTTP 403: Forbidden"


def secret_changed(world: World) -> None:
    world.get("secrets", "hub")["metadata"]["managedFields"][0]["time"] = ago(minutes=5)
