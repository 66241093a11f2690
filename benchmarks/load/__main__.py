"""Compare the load that a hub can take with that of a plain JupyterHub with KubeSpawner.

    python -m benchmarks.load [--users N] [--rounds N] [--quick] [--without LEVER,…] [--only LEVER]

Both hubs run the same scenario on an embedded Kubernetes API with fake pods, one after the other
in each round, in alternating order. CPU seconds are those of the hub's process, so a busy machine
changes them little; it does change the seconds until a server is ready. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.load import report
from benchmarks.load.processes import versions
from benchmarks.load.scenario import Load, run


def main() -> None:
    options = _options()
    load = Load(options.users, options.in_flight, idle=options.idle, profile=options.profile)
    print(f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} CPUs, {platform.machine()}; {versions()}")
    print(f"{load}; {options.rounds} rounds; load average {os.getloadavg()[0]:.1f}", flush=True)
    sides = {"plain": ("plain", ()), "ours": ("ours", tuple(options.without))}
    if options.lever:
        sides = {"plain": ("ours", (options.lever,)), "ours": ("ours", ())}
    results: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    for number in range(options.rounds):
        for name in list(sides) if number % 2 == 0 else reversed(sides):
            results[name].append(run(sides[name][0], load, sides[name][1]))
            print(f"  {number + 1}/{options.rounds} {name}", file=sys.stderr, flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    print(report.table(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.load")
    add = parser.add_argument
    add("--users", type=int, default=200)
    add("--in-flight", type=int, default=60, help="starts at the same time")
    add("--rounds", type=int, default=3)
    add("--idle", type=float, default=30.0, help="seconds for which the idle hub is measured")
    add("--without", default="", type=_names, help="levers of hub.speed to switch off")
    add("--lever", default="", help="compare our hub without and with this lever of hub.speed")
    add("--json", type=Path, help="write all figures to this file")
    add("--profile", default="", help="have py-spy profile the starts of our hub into this file")
    add("--quick", action="store_true", help="one round of 60 users")
    options = parser.parse_args()
    if options.quick:
        options.users, options.rounds, options.idle = 60, 1, 5.0
    return options


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


if __name__ == "__main__":
    main()
