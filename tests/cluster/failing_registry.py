"""A registry on the node that serves no image; each repository fails for another reason.

containerd uses plain HTTP for 127.0.0.1, and the node of the tests' cluster shares their network.
The answers follow the OCI distribution specification.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
# an image for an architecture that no test cluster has
ELSEWHERE = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            {
                "mediaType": MANIFEST,
                "digest": "sha256:" + "0" * 64,
                "size": 100,
                "platform": {"architecture": "s390x", "os": "linux"},
            }
        ],
    }
).encode()
# repository → status and error code
ERRORS = {
    "missing": (404, "MANIFEST_UNKNOWN"),
    "private": (401, "UNAUTHORIZED"),
    "busy": (429, "TOOMANYREQUESTS"),
    "broken": (500, "UNKNOWN"),
}


class Registry(http.server.BaseHTTPRequestHandler):
    """`/v2/REPOSITORY/manifests/TAG`; see ERRORS. The repository `elsewhere` has an image."""

    def do_GET(self) -> None:
        repository = self.path.removeprefix("/v2/").partition("/")[0]
        if repository == "elsewhere":
            self._answer(200, ELSEWHERE, INDEX)
            return
        status, code = ERRORS.get(repository, (404, "NAME_UNKNOWN"))
        errors = {"errors": [{"code": code, "message": f"{code.lower()} of the tests"}]}
        self._answer(status, json.dumps(errors).encode(), "application/json")

    do_HEAD = do_GET

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(body).hexdigest()}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def registry() -> Iterator[str]:
    """Run the registry; yield its address, the first part of the names of its images."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
