"""Estimate what a deployment costs under a pattern of use.

estimate     the monthly cost of a plan: components, range, servers by hour
plan         what an estimate depends on: deployment, prices, pattern, number of users
savings      the settings that would save most, each by computing the estimate again
deployment   what the values say: servers, placeholders, core pods, culling, disks
servers      requests and homes of user servers, as the spawner would create them
plain_servers  the same from the values alone, if the spawner cannot be run
patterns     users by hour of the week: the built-in ones, and those of CSV files
measured     the pattern of a running hub: from its database or from Prometheus
running      servers that run at a time, with those that wait to be culled
nodes        nodes that exist at a time, with those that are not empty yet
packing      nodes for a number of servers, as the scheduler fills them
price_lists  node types and prices, in prices/*.yaml or in your own file
formats      the estimate as text or JSON
reading      text files, up to a maximum size
page         the local page of `z2jh cost --open`
"""

from __future__ import annotations


class CostError(Exception):
    """No estimate is possible; the message says why."""
