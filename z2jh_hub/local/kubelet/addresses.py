"""An address for each pod.

On Linux all of 127.0.0.0/8 is this machine, so every pod gets an address of its own and can listen
on the port its image always uses. Elsewhere (macOS) only 127.0.0.1 exists: there each pod gets a
free port instead, written into the pod when it is created; KubeSpawner reads it from there.
"""

import hashlib
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Any

SHARED = "127.0.0.1"
FIRST, SIZE = (127 << 24) + (64 << 16), 64 << 16  # 127.64.0.0 to 127.127.255.255

SERVICE_URL = "JUPYTERHUB_SERVICE_URL"


def many_addresses() -> bool:
    """Whether this machine answers on all of 127.0.0.0/8."""
    return can_listen("127.64.0.1", 0)


class Addresses:
    """Who has which address. `seed` keeps two instances on one machine apart."""

    def __init__(self, seed: str, *, single: bool, check: bool = True) -> None:
        self.seed = seed
        self.single = single
        self.check = check
        self.taken: set[str] = set()

    def choose(self, key: str, ports: Iterable[int] = ()) -> str:
        """The address for the pod `key`: the same as before unless another has it.

        Raises OSError when no address is free.
        """
        if self.single:
            return SHARED
        wanted = list(ports)
        for address in self._candidates(key):
            if address not in self.taken and self._free(address, wanted):
                self.taken.add(address)
                return address
        raise OSError("no address in 127.64.0.0/10 is free")

    def reserve(self, address: str) -> None:
        """Mark the address of a pod that was found running."""
        self.taken.add(address)

    def release(self, address: str) -> None:
        self.taken.discard(address)

    def _candidates(self, key: str) -> Iterator[str]:
        digest = hashlib.sha256(f"{self.seed}\0{key}".encode()).digest()
        start = int.from_bytes(digest[:4], "big")
        for step in range(SIZE):
            number = FIRST + (start + step) % SIZE
            if 0 < number & 0xFF < 0xFF:
                yield socket.inet_ntoa(number.to_bytes(4, "big"))

    def _free(self, address: str, ports: list[int]) -> bool:
        return not self.check or all(can_listen(address, port) for port in ports)


def can_listen(address: str, port: int) -> bool:
    """Whether nothing listens on this port of this address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A TCP port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((SHARED, 0))
        port: int = probe.getsockname()[1]
        return port


def bind_to(url: str, ip: str) -> str:
    """A URL that says "listen everywhere", as one that says "listen on `ip`"."""
    return re.sub(r"^(\w+://)(0\.0\.0\.0|\[::\]|\*)?(?=[:/]|$)", rf"\g<1>{ip}", url)


def give_ports(pod: dict[str, Any]) -> None:
    """Admission where all pods share one address: each container port becomes a free one.

    Changes the pod in place, in its ports, probes and what names the port in env and args.
    """
    for container in pod["spec"].get("containers", []):
        for port in container.get("ports", []):
            old, new = port["containerPort"], free_port()
            port["containerPort"] = new
            _change_port(container, old, new)


def _change_port(container: dict[str, Any], old: int, new: int) -> None:
    for variable in container.get("env") or []:
        if variable["name"] == SERVICE_URL and "value" in variable:
            variable["value"] = re.sub(rf":{old}(?=/|$)", f":{new}", variable["value"])
    args = container.get("args") or []
    container["args"] = [re.sub(rf"^(--port=){old}$", rf"\g<1>{new}", arg) for arg in args]
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        for check in ("httpGet", "tcpSocket"):
            target = (container.get(probe) or {}).get(check) or {}
            if target.get("port") == old:
                target["port"] = new
