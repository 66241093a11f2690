"""Simulate single users, servers, the culler and the autoscaler, to compare an estimate with."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from random import Random

STEP = 5  # minutes
WEEK = 168 * 60
EMPTY_FOR = 15  # minutes until an empty node is removed


class Simulation:
    """A cluster with nodes for `per_node` equal servers, and users who come and go."""

    def __init__(self, hours: Sequence[float], users: int, per_node: int, packs: bool):
        self.hours, self.users, self.per_node, self.packs = hours, users, per_node, packs
        self.random = Random(1)
        self.active: set[int] = set()
        self.servers: dict[int, tuple[int, int]] = {}  # user: node, last activity
        self.nodes: dict[int, set[int]] = {}
        self.empty_since: dict[int, int] = {}
        self.last_node = 0

    def monthly(self, turnover: float, timeout: int, every: int) -> tuple[float, float]:
        """Return the hours of nodes and of servers a month, from the second of three weeks on."""
        nodes = servers = 0.0
        for now in range(0, 3 * WEEK, STEP):
            self._come_and_go(ceil(self.hours[now // 60 % 168] * self.users - 1e-9), turnover)
            self._start(now)
            if now % every == 0:
                self._cull(now, timeout)
            self._remove_nodes(now)
            if now >= WEEK:
                nodes += len(self.nodes) * STEP / 60
                servers += len(self.servers) * STEP / 60
        return nodes / 2 / 168 * 730, servers / 2 / 168 * 730

    def _come_and_go(self, wanted: int, turnover: float) -> None:
        ending = 1 - (1 - turnover) ** (STEP / 60)
        others = [user for user in range(self.users) if user not in self.active]
        self.random.shuffle(others)
        self.active = {user for user in self.active if self.random.random() >= ending}
        while len(self.active) < wanted and others:
            self.active.add(others.pop())
        while len(self.active) > wanted:
            self.active.discard(self.random.choice(sorted(self.active)))

    def _start(self, now: int) -> None:
        for user in self.active:
            node = self.servers[user][0] if user in self.servers else self._place(user)
            self.servers[user] = node, now + STEP

    def _place(self, user: int) -> int:
        free = [node for node, users in self.nodes.items() if len(users) < self.per_node]
        choose = max if self.packs else min
        if free:
            node = choose(free, key=lambda each: len(self.nodes[each]))
        else:
            node = self.last_node = self.last_node + 1
            self.nodes[node] = set()
        self.nodes[node].add(user)
        self.empty_since.pop(node, None)
        return node

    def _cull(self, now: int, timeout: int) -> None:
        for user, (node, last) in list(self.servers.items()):
            # activity reaches the hub within five minutes
            if user not in self.active and now - last >= timeout + 5:
                del self.servers[user]
                self.nodes[node].discard(user)
                if not self.nodes[node]:
                    self.empty_since[node] = now

    def _remove_nodes(self, now: int) -> None:
        for node, since in list(self.empty_since.items()):
            if now - since >= EMPTY_FOR:
                del self.nodes[node], self.empty_since[node]
