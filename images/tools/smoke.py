"""Test an image as a restricted pod would run it; see `images/smoke/`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .engines import Engine

SMOKE = Path(__file__).parents[1] / "smoke"

# user and group of each image, and the folders that it can write to
USERS = {"hub": "1000:1000", "singleuser": "1000:100"}
WRITABLE = {
    "hub": ("/tmp", "/srv/jupyterhub"),
    "singleuser": ("/tmp", "/home/jovyan"),
}

# files that the chart mounts into the hub's pod
HUB_MOUNTS = {
    "values.yaml": """
hub:
  config:
    JupyterHub: {authenticator_class: dummy}
    ConfigurableHTTPProxy: {api_url: "http://127.0.0.1:8001"}
""",
    "hub.config.JupyterHub.cookie_secret": "ab" * 32,
    "hub.config.CryptKeeper.keys": "cd" * 32,
}


def run(engine: Engine, image: str, name: str, lock: Path) -> None:
    """Start the program of the image and request a page. Raises EngineError with its log.

    `lock` is the lock file from which the image was built.
    """
    volumes = [f"{SMOKE}:/smoke:ro", f"{lock}:/smoke-lock/requirements.txt:ro"]
    # folders instead of tmpfs, because podman creates every tmpfs as root
    with tempfile.TemporaryDirectory() as scratch:
        for number, path in enumerate(WRITABLE[name]):
            volumes.append(f"{_folder(scratch, str(number), 0o1777)}:{path}")
        if name == "hub":
            secret = _folder(scratch, "secret", 0o755)
            for file, text in HUB_MOUNTS.items():
                (secret / file).write_text(text)
            volumes.append(f"{secret}:/usr/local/etc/jupyterhub/secret:ro")
        options = [f"--volume={volume}" for volume in volumes]
        engine.run(image, USERS[name], options, "python3", f"/smoke/{name}.py")


def _folder(parent: str, name: str, mode: int) -> Path:
    folder = Path(parent, name)
    folder.mkdir()
    folder.chmod(mode)
    return folder
