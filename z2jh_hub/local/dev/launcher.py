"""How each process of `dev` is started."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...config.values import Values
from . import children, hub, proxy
from .children import API, Child
from .layout import HOST, Layout, Ports

NAMES = (API, "proxy", "hub")


@dataclass(frozen=True)
class Options:
    """What the command line told: the public port, rules for images, and whether pods are
    pretended (ready after `fake` seconds)."""

    port: int
    images: Sequence[str] = ()
    fake: float | None = None


class Launcher:
    """Starts processes by name, one of `NAMES`; `install` comes first."""

    def __init__(self, layout: Layout, ports: Ports, options: Options) -> None:
        self.layout, self.ports, self.options = layout, ports, options
        self._script: Path | None = None

    def install(self) -> None:
        """Have the proxy's program, which takes a while the first time."""
        self._script = proxy.install()

    def start(self, name: str, values: Values) -> Child:
        """Start one of them for these values."""
        commands = {API: self._api, "proxy": self._proxy, "hub": self._hub}
        return children.start(
            self.layout,
            name,
            commands[name](values),
            hub.environment(values, self.layout),
            hub_url=f"http://{HOST}:{self.ports.hub}/" if name == "hub" else "",
        )

    def _api(self, values: Values) -> list[str]:
        self.layout.api_ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "z2jh_hub.local", f"--state={self.layout.root}"]
        command += [f"--ready-file={self.layout.api_ready}", f"--namespace={hub.NAMESPACE}"]
        rules = [*self.options.images, *hub.image_rules(values)]
        command += [f"--image={rule}" for rule in rules]
        if self.options.fake is not None:
            command.append(f"--fake={self.options.fake}")
        return command

    def _proxy(self, values: Values) -> list[str]:
        assert self._script, "install comes first"
        return proxy.command(
            self._script,
            port=self.options.port,
            api_port=self.ports.proxy_api,
            hub_port=self.ports.hub,
            errors=self.layout.records / "proxy-errors",
        )

    def _hub(self, values: Values) -> list[str]:
        return hub.command(values, self.layout, self.ports)
