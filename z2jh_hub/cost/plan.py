"""What an estimate depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from . import CostError
from .deployment import Deployment
from .packing import Packing, Pod, described, fits
from .patterns import Pattern
from .price_lists import NodeType, PriceList
from .servers import Server


@dataclass(frozen=True)
class Plan:
    """A deployment on nodes with prices, and how it is used."""

    deployment: Deployment
    prices: PriceList
    pattern: Pattern
    users: int
    #: the node type of user servers; default: that of the prices
    node: str | None = None
    spot: bool = False

    @cached_property
    def pools(self) -> Sequence[Packing]:
        """The groups of user nodes, one for each node type. Raises CostError."""
        deployment = self.deployment
        kinds: dict[str, list[Server]] = {}
        for server in deployment.servers:
            kinds.setdefault(self._type_for(server.pod, server.node).name, []).append(server)
        always = [deployment.placeholder] * deployment.placeholders if (
            deployment.placeholder and deployment.placeholders > 0
        ) else []  # fmt: skip
        home = self._type_for(always[0], None).name if always else None
        if home:
            kinds.setdefault(home, [])
        return [
            Packing(
                self.prices.node(name), [s.pod for s in several], always if name == home else []
            )
            for name, several in kinds.items()
        ]

    @cached_property
    def default_node(self) -> NodeType:
        """The node type of servers that fit on it."""
        return self.prices.node(self.node or self.prices.user)

    @cached_property
    def moved(self) -> Mapping[str, str]:
        """The node types of servers that do not fit on the default one, by their names."""
        types = {s.name: self._type_for(s.pod, s.node).name for s in self.deployment.servers}
        return {name: node for name, node in types.items() if node != self.default_node.name}

    def _type_for(self, pod: Pod, named: str | None) -> NodeType:
        """Return the named node type, the default one, or the cheapest one with enough room."""
        preferred = self.prices.by_name.get(named or "") or self.default_node
        if fits(preferred, pod):
            return preferred
        large = [node for node in self.prices.nodes if fits(node, pod)]
        if not large:
            raise CostError(
                "no node type of the prices has room for a server of "
                f"{pod.name}, which requests {described(pod.requests)}: "
                "add one with --nodes FILE (`z2jh cost --show-prices` prints a file to start from)"
            )
        return min(large, key=lambda node: node.hour)
