"""Compute how many nodes of one type exist at each time of the week.

There are as many as the servers need, or as many of those before as are not empty yet: servers end
in any order, so a node stays until its last server ends. The tests compare the result with a
simulation of single users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf

from .running import HOURS, STEPS_PER_HOUR, highest

# how far back nodes may have been started, in hours
LONGEST = 72


def nodes_by_step(
    needed: Callable[[int], int], servers: Sequence[int], minutes: int, leaving: float
) -> list[float]:
    """Return the number of nodes in each step.

    needed   the nodes for a number of servers
    servers  the servers in each step
    minutes  how long an empty node stays
    leaving  share of the servers that end within an hour and are replaced on other nodes; with
             `inf`, servers move to as few nodes as possible at any time
    """
    delay = -(-minutes * STEPS_PER_HOUR // 60)
    needs = [needed(number) for number in highest(servers, delay)]
    if leaving == inf:
        return [float(need) for need in needs]
    lingering = _not_empty_yet(needed, servers, leaving)
    return [max(need, lingering[step // STEPS_PER_HOUR]) for step, need in enumerate(needs)]


def _not_empty_yet(
    needed: Callable[[int], int], servers: Sequence[int], leaving: float
) -> list[float]:
    """Return for each hour how many nodes of earlier hours have a server, on average."""
    hours = [servers[at : at + STEPS_PER_HOUR] for at in range(0, len(servers), STEPS_PER_HOUR)]
    fewest = [min(hour) for hour in hours]
    nodes = [needed(max(hour)) for hour in hours]
    return [_of_hour(at, nodes, fewest, leaving) for at in range(HOURS)]


def _of_hour(hour: int, nodes: Sequence[int], fewest: Sequence[int], leaving: float) -> float:
    best, remaining = 0.0, fewest[hour]
    for back in range(1, LONGEST):
        if not remaining:
            break
        before = nodes[hour - back]
        # the best possible is that none of the nodes is empty
        if before > best:
            old = remaining * exp(-leaving * back)
            best = max(best, before * (1 - exp(-old / before)))
        remaining = min(remaining, fewest[hour - back])
    return best
