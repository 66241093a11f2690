"""The address of each pod.

On Linux all of 127.0.0.0/8 belongs to this machine, so every pod has its own address and listens on
the usual port of its image. On macOS only 127.0.0.1 exists, so each pod gets a free port instead.
It is written into the pod when the pod is created; KubeSpawner reads it there.
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
    """Return whether this machine accepts connections on all of 127.0.0.0/8."""
    return can_listen("127.64.0.1", 0)


class Addresses:
    """The addresses in use. `seed`: makes two instances on one machine choose other addresses."""

    def __init__(self, seed: str, *, single: bool, check: bool = True) -> None:
        self.seed = seed
        self.single = single
        self.check = check
        self.taken: set[str] = set()

    def choose(self, key: str, ports: Iterable[int] = ()) -> str:
        """Return an address for the pod `key`: the same as before, unless it is in use.

        Raises OSError if no address is free.
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
        """Mark the address of an adopted pod as in use."""
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
    """Return whether this process can listen on this port of this address."""
    return listen_error(address, port) is None


def listen_error(address: str, port: int) -> OSError | None:
    """Return why this process cannot listen there; None if it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error
    return None


def free_port() -> int:
    """Return a TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((SHARED, 0))
        port: int = probe.getsockname()[1]
        return port


def bind_to(url: str, ip: str) -> str:
    """Return `url` with `ip` as its host, if its host means all addresses."""
    return re.sub(r"^(\w+://)(0\.0\.0\.0|\[::\]|\*)?(?=[:/]|$)", rf"\g<1>{ip}", url)


def give_ports(pod: dict[str, Any]) -> None:
    """Replace each container port by a free one, where all pods share one address.

    Changes the ports, probes, environment and arguments of the pod in place.
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
