"""Measure how many single mistakes `z2jh check` reports, and on which line.

Makes one mistake at a time in the public values files (`Z2JH_SHARED`, or `shared` beside the
checkout), with a fixed seed. A mistake is reported if there is an error or a warning that the
file did not have before, and right if its line is that of the mistake. Equal lines of several
files count as one spot. Lines with a finding are not used. Most kinds are checked with `--static`;
mistakes that only a trial can find are made, fewer of each, in files without errors.

    python benchmarks/mutations.py [--seed N] [--each N] [--each-executed N] [--missed]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mutating.mutators import EXECUTED, KINDS
from mutating.page import Page, Spot

from z2jh_hub.check import check
from z2jh_hub.config.errors import Problem

SEED = 20261125
Finding = tuple[str, str, str]


@dataclass
class Trial:
    """A mistake, and the lines of the findings that `check` adds."""

    kind: str
    file: str
    line: int
    text: str
    reported: bool
    right: bool
    lines: list[int]


def pages() -> list[Page]:
    """Return the public values files."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("Z2JH_SHARED", beside)) / "configs"
    files = sorted(folder.glob("*.yaml"))
    if not files:
        sys.exit(f"no values files in {folder}: set Z2JH_SHARED")
    return [Page(file) for file in files]


def findings(file: Path, run: bool) -> dict[Finding, int]:
    """Return errors and warnings, each with its line."""
    return {
        (p.severity, p.key, p.message): _line(p)
        for p in check([file], run=run)
        if p.severity != "note"
    }


def _line(problem: Problem) -> int:
    return (problem.origin.line or 0) if problem.origin else 0


def drawn(kind: str, all_pages: list[Page], rng: random.Random, each: int) -> Iterator[
    tuple[Page, Spot, list[str]]
]:  # fmt: skip
    """Yield `each` mistakes of a kind; use every distinct spot once before any spot twice."""
    spots = {}
    for page in rng.sample(all_pages, len(all_pages)):
        for spot in KINDS[kind](page):
            spots.setdefault((spot.path, page.lines[spot.line]), (page, spot))
    order = rng.sample(sorted(spots), len(spots))
    used: set[tuple[object, ...]] = set()
    for key in order * 10:
        page, spot = spots[key]
        if len(used) == each:
            return
        new, run = spot.draw(rng), kind in EXECUTED
        if new and (*key, *new) not in used and _is_usable(page, spot, run):
            used.add((*key, *new))
            yield page, spot, new


@cache
def _before(page: Page, run: bool) -> dict[Finding, int]:
    return findings(page.file, run)


def _is_usable(page: Page, spot: Spot, run: bool) -> bool:
    """Return whether the line has no finding, and a file that is run no error."""
    if run and any(severity == "error" for severity, _, _ in _before(page, False)):
        return False
    before = _before(page, run)
    return spot.line + 1 not in before.values() and not (
        run and any(severity == "error" for severity, _, _ in before)
    )


def tried(kind: str, page: Page, spot: Spot, new: list[str], folder: Path) -> Trial:
    """Make a mistake and run `check`."""
    file = folder / page.file.name
    file.write_text(page.with_mistake(spot, new), "utf-8")
    run = kind in EXECUTED
    before = _before(page, run)
    lines = sorted({line for key, line in findings(file, run).items() if key not in before})
    line = spot.line + spot.offset + 1
    text = new[spot.offset].strip()
    return Trial(kind, page.file.name, line, text, bool(lines), line in lines, lines)


def table(trials: list[Trial]) -> Iterator[str]:
    """Yield the lines of a Markdown table with the shares by kind."""
    yield "| mistake | tried | reported | on the right line |"
    yield "|---|---|---|---|"
    for kind in [*KINDS, "all"]:
        mine = [trial for trial in trials if kind in (trial.kind, "all")]
        if mine:
            reported, right = (100 * sum(column) / len(mine) for column in
                           ([t.reported for t in mine], [t.right for t in mine]))  # fmt: skip
            yield f"| {kind} | {len(mine)} | {reported:.1f} % | {right:.1f} % |"


def main() -> None:
    """Print the table, or every trial as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=60, help="mistakes of each kind")
    parser.add_argument("--each-executed", type=int, default=12,
                        help="mistakes of each kind that only a trial can find")  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only mistakes of this kind")
    parser.add_argument(
        "--missed",
        action="store_true",
        help="list mistakes that were not reported on the right line",
    )
    arguments = parser.parse_args()
    all_pages, trials = pages(), []
    with tempfile.TemporaryDirectory() as name:
        for kind in arguments.kind or KINDS:
            # a generator for each kind, so that changing one does not change the others
            rng = random.Random(f"{arguments.seed} {kind}")
            each = arguments.each_executed if kind in EXECUTED else arguments.each
            for page, spot, new in drawn(kind, all_pages, rng, each):
                trials.append(tried(kind, page, spot, new, Path(name)))
    if arguments.format == "json":
        print(json.dumps([asdict(trial) for trial in trials], indent=2))
        return
    print("\n".join(table(trials)))
    for trial in trials if arguments.missed else ():
        if not trial.right:
            print(
                f"{trial.kind}: {trial.file}:{trial.line}: {trial.text}  reported at {trial.lines}"
            )


if __name__ == "__main__":
    main()
