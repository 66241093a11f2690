"""configurable-http-proxy serves HTTPS with a certificate from the values."""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path

import pytest
from cluster_support import Release
from namespaces import Namespace, run

HOST = "hub.example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Create a key and a certificate for HOST and for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "tls.key", folder / "tls.crt"
    names = f"subjectAltName=DNS:{HOST},IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run(*command, "-subj", f"/CN={HOST}", "-addext", names, "-keyout", str(key), "-out", str(cert))
    return key, cert


def test_manual_https_is_served_with_the_given_certificate(
    release: Release, namespace: Namespace, certificate: tuple[Path, Path]
) -> None:
    key, cert = certificate
    manual = {"key": key.read_text(), "cert": cert.read_text()}
    https = {"enabled": True, "hosts": [HOST], "type": "manual", "manual": manual}
    release.upgrade({"proxy": {"https": https}})
    trusting = ssl.create_default_context(cafile=str(cert))
    with namespace.forward("svc/proxy-public", "https") as address:
        url = f"https://{address}/hub/health"
        with urllib.request.urlopen(url, context=trusting, timeout=30) as answer:
            assert answer.status == 200


def test_http_is_redirected_to_https(namespace: Namespace) -> None:
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    opener = urllib.request.build_opener(NoRedirect)
    with namespace.forward("svc/proxy-public", "http") as address:
        request = urllib.request.Request(f"http://{address}/hub/", headers={"Host": HOST})
        with pytest.raises(urllib.error.HTTPError) as error, opener.open(request, timeout=30):
            pass
        with error.value:
            assert error.value.headers["Location"].startswith(f"https://{HOST}")


def test_the_key_is_in_no_secret_that_the_hub_reads(
    namespace: Namespace, certificate: tuple[Path, Path]
) -> None:
    command = ["exec", "deployment/hub", "--", "sh", "-c"]
    values = namespace.kubectl(*command, "cat /usr/local/etc/jupyterhub/secret/*")
    assert "PRIVATE KEY" not in values
