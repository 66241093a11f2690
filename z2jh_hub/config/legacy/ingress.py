"""The deprecated keys `ingress.host` and `ingress.https`."""

from __future__ import annotations

from ..errors import MISSING
from .rewriting import Rewriting

HOSTS, TLS, ANNOTATIONS = "ingress.hosts", "ingress.tls", ("ingress", "annotations")
ACME = "kubernetes.io/tls-acme"
SECRET = "kubelego-tls-jupyterhub"


def rewrite(r: Rewriting) -> None:
    """Translate both keys."""
    host, https = r.take("ingress.host"), r.take("ingress.https")
    if host is not MISSING:
        r.deprecated("ingress.host", HOSTS)
        r.put(HOSTS, [host] if isinstance(host, str) else host, "ingress.host")
    if https is MISSING:
        return
    is_on = isinstance(https, dict) and bool(https.get("enabled"))
    r.deprecated("ingress.https", TLS)
    hosts = r.get(HOSTS)
    if not is_on or not isinstance(hosts, list) or not hosts:
        return
    r.imply(TLS, [{"hosts": hosts, "secretName": SECRET}], "ingress.https")
    r.imply((*ANNOTATIONS, ACME), "true", "ingress.https")
