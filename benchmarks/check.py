"""How long `z2jh check` takes, from the start of its process to its end.

The largest of the real deployments' files (`Z2JH_SHARED`, or `shared` beside the checkout),
or the files named; wall-clock seconds of some runs, the first of them apart: it reads
everything from the disk.

    python benchmarks/check.py [FILE …]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 10
# what the console script does, without its lookup
COMMAND = "from z2jh_hub.cli.check import check; check()"


def largest() -> list[Path]:
    """The largest values file there is."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("Z2JH_SHARED", beside)) / "configs"
    files = sorted(folder.glob("*.yaml"), key=lambda file: file.stat().st_size)
    if not files:
        sys.exit(f"no values files in {folder}: name one, or set Z2JH_SHARED")
    return files[-1:]


def seconds(file: Path) -> float:
    """Wall-clock seconds of one run."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "-f", str(file), "--format", "json"],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode > 1:
        sys.exit(f"check could not run on {file}")
    return time.perf_counter() - began


def main() -> None:
    """Print the time for each file."""
    for file in [Path(name) for name in sys.argv[1:]] or largest():
        first, *others = [seconds(file) for _ in range(RUNS)]
        print(
            f"{file.name}: {statistics.median(others):.2f} s "
            f"(first {first:.2f} s, slowest {max(others):.2f} s, {file.stat().st_size} bytes)"
        )


if __name__ == "__main__":
    main()
