"""Mistakes that `check` finds only by starting the hub and its servers, for `mutators`.

Each inserts a key that the file does not have, with a value that a person wrote in an issue or
could have written. `KINDS` needs `check` to run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from . import mistakes
from .page import Keys, Page, Spot

_SCOPES = ("list:users", "read:users", "admin:servers", "servers", "access:servers", "tokens")
_HOOK = ("zzHook: |", "  def zz_hook(spawner):", "      {}",
         "  c.KubeSpawner.pre_spawn_hook = zz_hook")  # fmt: skip
_CODE = ("zzCode: |", "  {}")
_SNIPPETS = ("hub", "extraConfig")


@dataclass(frozen=True)
class Insert:
    """Lines that begin the mapping at `parent`, with a word or a line drawn from `words`.

    The mistake is in the line `offset`.
    """

    parent: Keys
    lines: tuple[str, ...]
    words: Callable[[random.Random], str]
    offset: int = 0

    @property
    def key(self) -> str:
        return self.lines[0].partition(":")[0]

    def spots(self, page: Page) -> Iterator[Spot]:
        """Yield the spot before the first key of the mapping, if the file lacks the key."""
        inside = [e for e in page.entries if e.path[:-1] == self.parent and page.begins(e)]
        if not inside or (*self.parent, self.key) in {entry.path for entry in page.entries}:
            return
        entry = inside[0]
        line, indent = page.lines[entry.line], " " * entry.key.start_mark.column

        def draw(rng: random.Random) -> list[str]:
            word = self.words(rng)
            return [*(indent + text.replace("{}", word) for text in self.lines), line]

        yield Spot((*self.parent, self.key), entry.line, draw, offset=self.offset)


def _one_of(*words: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(words)


INSERTS: dict[str, Insert] = {
    "variable that is not text": Insert(
        ("singleuser",), ("extraEnv:", "  ZZ_VARIABLE: {}"), _one_of("yes", "3", "[a, b]", "1.5"), 1
    ),
    "node selector that is not text": Insert(
        ("singleuser",), ("nodeSelector:", "  zz-pool: {}"), _one_of("5", "true", "[a]", "0.5"), 1
    ),
    "toleration that Kubernetes rejects": Insert(
        ("singleuser",), ("extraTolerations:", "  - key: zz", "    {}"),
        _one_of("effectt: NoSchedule", "effect: NoSchedul", "operator: Equals", "toleration: 5"), 2,
    ),
    "scope that does not exist": Insert(
        ("hub", "loadRoles"), ("zz-role:", "  scopes: ['{}']"),
        lambda rng: mistakes.misspelled(rng.choice(_SCOPES), rng), 1,
    ),
    "role of a service that does not exist": Insert(
        ("hub", "loadRoles"), ("zz-role:", "  scopes: ['list:users']", "  services: [{}]"),
        _one_of("zz-exporter", "zz-culler", "zz-binder"), 2,
    ),
    "field of a service, misspelled": Insert(
        ("hub", "services"), ("zz-service:", "  {}"),
        lambda rng: f"{mistakes.misspelled('command', rng)}: [python3]", 1,
    ),
    "service at an address of the hub pod": Insert(
        ("hub",), ("services:", "  zz-service:", "    url: http://{}"),
        _one_of("127.0.0.1:9999", "localhost:10101", "0.0.0.0:8080", "hub:8081"), 2,
    ),
    "malformed key for encryption": Insert(
        ("hub", "config"), ("CryptKeeper:", "  keys: [{}]"),
        _one_of("abc", "change-me-please", "0123456789abcdef"), 1,
    ),
    "hook that raises": Insert(
        _SNIPPETS, _HOOK,
        _one_of("spawner.zz_name()", "spawner.volumes.zz", "zz_undefined_name", "1 / 0",
                "spawner.environment['ZZ_MISSING']"), 2,
    ),
    "hook that treats a mapping as a list": Insert(
        _SNIPPETS, _HOOK,
        _one_of("spawner.environment.append({'name': 'A'})", "spawner.node_selector += ['a']",
                "spawner.extra_pod_config.append({})"), 2,
    ),
    "hook that configures the hub": Insert(
        _SNIPPETS, _HOOK,
        _one_of("c.KubeSpawner.mem_limit = '2G'", "c.KubeSpawner.image = 'a/b:1'",
                "c.Spawner.environment = {'A': spawner.user.name}"), 2,
    ),
    "address that the chart does not know": Insert(
        _SNIPPETS, _CODE,
        _one_of("c.JupyterHub.base_url = '/zz/'", "c.JupyterHub.hub_bind_url = 'http://:9000'",
                "c.JupyterHub.hub_connect_url = 'http://localhost:8081'",
                "c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:8001'"), 1,
    ),
    "port that has no effect": Insert(
        _SNIPPETS, _CODE,
        _one_of("c.JupyterHub.hub_port = 9000", "c.JupyterHub.port = 80",
                "c.JupyterHub.hub_connect_ip = '10.0.0.1'",
                "c.JupyterHub.bind_url = 'http://:8000/zz'"), 1,
    ),
}  # fmt: skip

KINDS: dict[str, Callable[[Page], Iterator[Spot]]] = {
    kind: partial(Insert.spots, insert) for kind, insert in INSERTS.items()
}
