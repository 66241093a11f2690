"""`z2jh diff`: compare two configurations, and show the effects of the change."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..check import CannotRead, SetError
from ..check.files import read
from ..config.errors import MISSING, ConfigError, display
from ..inspect import diff as differing
from ..inspect import show
from ..inspect.diff.effects import KINDS
from ..masking import name_of, one_line
from . import options
from .progress import progress

COLOURS = {"home-unreachable": "red", "logs-out": "red", "reloads": "green", "new-servers": "green"}
WIDTH = 60


@click.command("diff")
@click.argument("files", nargs=-1, metavar="OLD NEW", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--values",
    "common",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A values file that both files override. Repeatable.",
)
@click.option(
    "--accept-home-loss",
    is_flag=True,
    help="Accept that users lose access to their existing homes.",
)
@click.option("--chart", type=click.Path(path_type=Path), help="Directory of the chart.")
@options.run_anyway
@options.form
def diff(
    files: tuple[Path, ...], common: tuple[Path, ...], accept_home_loss: bool, chart: Path | None,
    run_anyway: bool, form: str,
) -> None:  # fmt: skip
    """Compare the values files OLD and NEW: traits, objects, user pods and effects.

    Exits 1 if users would lose access to their files (unless --accept-home-loss), 2 if the
    files cannot be compared, or a server that starts today would not start, else 0.
    """
    if len(files) != 2:
        raise click.UsageError(
            "Specify two values files: z2jh diff OLD NEW. -f adds a file that both override"
        )
    try:
        before, after = (read([*common, file]) for file in files)
        with progress("Configuring and comparing both hubs …"):
            difference = differing.compare(before, after, chart, run_anyway=run_anyway)
    except (CannotRead, SetError, ConfigError, show.NotShown, OSError) as error:
        options.report(f"z2jh diff: {error}")
        sys.exit(options.COULD_NOT_RUN)
    if form == "json":
        click.echo(json.dumps(_as_json(difference), indent=2))
    else:
        click.echo("\n".join(_text(difference)))
    if difference.loses_homes and not accept_home_loss:
        sys.exit(1)
    sys.exit(options.COULD_NOT_RUN if difference.is_incomplete else 0)


def _text(difference: differing.Difference) -> Iterator[str]:
    if difference.is_empty:
        yield "No differences in what was compared." if difference.notes else "No differences."
    for kind, words in KINDS.items():
        whys = [effect.why for effect in difference.effects if effect.kind == kind]
        if whys:
            yield click.style(f"{words[0].upper()}{words[1:]}:", fg=COLOURS.get(kind, "yellow"))
            yield from (f"  - {one_line(why)}" for why in whys)
    for title, changes in _sections(difference):
        if changes:
            yield f"\n{click.style(title, bold=True)}"
            yield from (_line(difference, change, title) for change in changes)
    yield from (f"note: {one_line(difference.mask.text(note))}" for note in difference.notes)


def _sections(difference: differing.Difference) -> Iterator[tuple[str, list[differing.Change]]]:
    yield "Values", difference.values
    yield "Traits", difference.traits
    for name, changes in difference.objects.items():
        yield name, changes
    for slug, changes in difference.pods.items():
        yield f"User pod{f' of {slug}' if slug else ''}", changes


def _line(difference: differing.Difference, change: differing.Change, where: str) -> str:
    old, new = (
        "" if value is MISSING else display((), value, WIDTH)
        for value in difference.shown(change, where)
    )
    name = one_line(name_of(change.path))
    if change.old is MISSING:
        return click.style(f"  + {name}: {new}", fg="green")
    if change.new is MISSING:
        return click.style(f"  - {name}: {old}", fg="red")
    return f"  ~ {name}: {old} → {new}"


def _as_json(difference: differing.Difference) -> dict[str, Any]:
    def of(changes: list[differing.Change], where: str = "") -> list[dict[str, Any]]:
        return [_change(difference, change, where) for change in changes]

    return {
        "effects": [{"kind": e.kind, "why": e.why} for e in difference.effects],
        "values": of(difference.values),
        "traits": of(difference.traits),
        "objects": {name: of(changes, name) for name, changes in difference.objects.items()},
        "pods": {slug: of(changes) for slug, changes in difference.pods.items()},
        "notes": [difference.mask.text(note) for note in difference.notes],
    }


def _change(
    difference: differing.Difference, change: differing.Change, where: str
) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": name_of(change.path)}
    for side, value in zip(("old", "new"), difference.shown(change, where), strict=True):
        if value is not MISSING:
            shown[side] = value
    return shown
