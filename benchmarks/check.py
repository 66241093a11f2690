"""Measure how long a `z2jh check` process takes.

Checks the given files, or the largest public values file (`Z2JH_SHARED`, or `shared` beside the
checkout), in three ways: `--static`; running Python and querying the authenticator, with nothing
cached but the table of traits; and again with a full cache. Prints the median of several runs, in
seconds of wall-clock time and of CPU time, which depends less on the load of the machine.

    python benchmarks/check.py [FILE …]
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
# like the console script, without the lookup of its entry point
COMMAND = "from z2jh_hub.cli.check import check; check()"


def largest() -> list[Path]:
    """Return the largest public values file."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("Z2JH_SHARED", beside)) / "configs"
    files = sorted(folder.glob("*.yaml"), key=lambda file: file.stat().st_size)
    if not files:
        sys.exit(f"no values files in {folder}: name one, or set Z2JH_SHARED")
    return files[-1:]


def seconds(file: Path, cache: Path, *arguments: str) -> tuple[float, float]:
    """Run `check` once; return wall-clock and CPU seconds."""
    # an installed package has bytecode
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began, used = time.perf_counter(), _cpu()
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "-f", str(file), "--format", "json", *arguments],
        env={**environment, "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode > 1:
        sys.exit(f"check could not run on {file}")
    return time.perf_counter() - began, _cpu() - used


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(file: Path, cache: Path) -> dict[str, list[tuple[float, float]]]:
    """Run `check` in each way; return the times."""
    seconds(file, cache)  # creates the table of traits
    times: dict[str, list[tuple[float, float]]] = {"static": [], "executed": [], "again": []}
    for _ in range(RUNS):
        shutil.rmtree(cache / "z2jh" / "runs", ignore_errors=True)
        times["static"].append(seconds(file, cache, "--static"))
        times["executed"].append(seconds(file, cache))
        times["again"].append(seconds(file, cache))
    return times


def main() -> None:
    """Print the times for each file."""
    for file in [Path(name) for name in sys.argv[1:]] or largest():
        with tempfile.TemporaryDirectory() as name:
            print(f"{file.name}, {file.stat().st_size} bytes:")
            for kind, runs in measured(file, Path(name)).items():
                wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
                print(f"  {kind:<9} {wall:.2f} s ({cpu:.2f} s of CPU)")


if __name__ == "__main__":
    main()
