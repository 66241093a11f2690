"""Count the nodes that a number of servers needs, placed as the scheduler places them.

Servers are placed one after the other, each on the fullest node that has room (the scoring
strategy `MostAllocated` of the chart's user scheduler), or on a new node. What counts are requests,
and the pods and volumes that a node can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from ..config.quantities import readable
from .price_lists import Amounts, NodeType

# a guard against rounding errors of sums of floats
_EPSILON = 1e-9
# servers that are placed one by one; further ones need the same nodes again
BLOCK = 1000
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Pod:
    """What one pod requests, by resource: cores, bytes, and numbers of volumes and devices."""

    name: str
    requests: Amounts
    share: float = 1.0

    @property
    def needs(self) -> dict[str, float]:
        """The requests, with the pod itself."""
        return {name: amount for name, amount in self.requests.items() if amount > 0} | {"pods": 1}


def fits(node: NodeType, pod: Pod) -> bool:
    """Return whether an empty node has room for a pod."""
    return _has_room(dict(node.room), pod.needs)


def per_node(node: NodeType, pod: Pod) -> tuple[int, str]:
    """Return how many such pods fit on one node, and the resource of which it has too little."""
    numbers = {
        name: int(node.room.get(name, 0) / amount + _EPSILON) for name, amount in pod.needs.items()
    }
    scarce = min(numbers, key=lambda name: numbers[name])
    return numbers[scarce], scarce


def described(requests: Amounts) -> str:
    """Return requests in words: `1 GiB of memory, 0.5 CPU`."""
    parts = [
        _in_words(name, amount)
        for name, amount in requests.items()
        if amount and name not in ("pods", "volumes")
    ]
    return ", ".join(parts) or "nothing"


def _in_words(name: str, amount: float) -> str:
    if name == "memory":
        return f"{readable(amount, UNITS, 3)} of memory"
    return f"{amount:.3g} {'CPU' if name == 'cpu' else name}"


@dataclass
class Packing:
    """Nodes of one type, filled with `always`, and then with pods of `kinds` by their shares.

    The n-th server is always of the same kind and on the same node, so that more servers never
    need fewer nodes.
    """

    node: NodeType
    kinds: Sequence[Pod]
    always: Sequence[Pod] = ()
    _free: list[dict[str, float]] = field(default_factory=list)
    _nodes: list[int] = field(default_factory=list)
    _opened: int = 0

    def __post_init__(self) -> None:
        self._next = interleaved([kind.share for kind in self.kinds])
        for pod in self.always:
            self._place(pod)
        self._nodes.append(self._opened)

    def nodes(self, servers: int) -> int:
        """Return the number of nodes for `always` and a number of servers."""
        if not self.kinds:
            return self._opened
        blocks, servers = divmod(servers, BLOCK)
        while len(self._nodes) <= (BLOCK if blocks else servers):
            self._place(self.kinds[next(self._next)])
            self._nodes.append(self._opened)
        return (
            blocks * (self._nodes[BLOCK] - self._nodes[0] if blocks else 0) + self._nodes[servers]
        )

    def _place(self, pod: Pod) -> None:
        needs = pod.needs
        candidates = [free for free in self._free if _has_room(free, needs)]
        if candidates:
            chosen = max(candidates, key=self._allocated)
        else:
            chosen = dict(self.node.room)
            self._free.append(chosen)
            self._opened += 1
        for name, amount in needs.items():
            chosen[name] = chosen.get(name, 0) - amount
        # a full node would only be tried again
        if not any(_has_room(chosen, kind.needs) for kind in (*self.kinds, *self.always)):
            self._free.remove(chosen)

    def _allocated(self, free: Mapping[str, float]) -> float:
        room = self.node.room
        return sum(1 - free[name] / room[name] for name in ("cpu", "memory") if room[name])


def _has_room(free: Mapping[str, float], needs: Amounts) -> bool:
    return all(free.get(name, 0) * (1 + _EPSILON) >= amount for name, amount in needs.items())


def interleaved(shares: Sequence[float]) -> Iterator[int]:
    """Yield indexes so that each index occurs by its share in every prefix (Webster's method)."""
    counts = [0] * len(shares)
    for _ in count():
        chosen = max(range(len(shares)), key=lambda at: shares[at] / (counts[at] + 0.5))
        counts[chosen] += 1
        yield chosen
