"""Test that the hub image answers /hub/health and contains what its lock file names."""

import http.server
import os
import subprocess
import threading
from importlib.metadata import entry_points

import installed
import sqlalchemy
from answers import start_and_ask

PROXY_API = 8001

# package: a URL of the database that it supports
DATABASES = {
    "psycopg2": "postgresql+psycopg2://host/name",
    "pymysql": "mysql+pymysql://host/name",
    "sqlalchemy-cockroachdb": "cockroachdb+psycopg2://host/name",
}


class NoRoutes(http.server.BaseHTTPRequestHandler):
    """A substitute for the proxy's API that accepts every route and lists none."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        pass


# authenticator: a package that it needs, and that the slim variant lacks
NEEDS = {"mediawiki": "mwoauth"}
# see images/hub/unused.txt
REMOVED = frozenset({"lark", "rfc3987_syntax"})

assert os.getuid() == os.getgid() == 1000
locked = installed.check(removed=REMOVED)
for authenticator in entry_points(group="jupyterhub.authenticators"):
    if NEEDS.get(authenticator.name, "jupyterhub") in locked:
        authenticator.load()
for package, address in DATABASES.items():
    if package in locked:
        sqlalchemy.create_engine(address)

dev = subprocess.run(["z2jh", "dev"], capture_output=True, text=True)
assert dev.returncode == 2
assert "`z2jh dev` is not part of the hub image" in dev.stderr, dev.stderr

proxy = http.server.ThreadingHTTPServer(("127.0.0.1", PROXY_API), NoRoutes)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
addresses = {
    "HUB_SERVICE_HOST": "127.0.0.1",
    "HUB_SERVICE_PORT": "8081",
    "PROXY_API_SERVICE_HOST": "127.0.0.1",
    "PROXY_API_SERVICE_PORT": str(PROXY_API),
    "PROXY_PUBLIC_SERVICE_HOST": "127.0.0.1",
    "PROXY_PUBLIC_SERVICE_PORT": "80",
    "POD_NAMESPACE": "smoke",
    "CONFIGPROXY_AUTH_TOKEN": "ef" * 32,
}
start_and_ask(
    ["jupyterhub", "--config", "/usr/local/etc/jupyterhub/jupyterhub_config.py"],
    {**os.environ, **addresses},
    "http://127.0.0.1:8081/hub/health",
)
