"""`z2jh show`: show the effective values or traits, and where each was set."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from ..check import CannotRead, SetError
from ..check.files import read
from ..config.errors import ConfigError, display
from ..inspect import show as shown
from ..masking import printable
from . import options
from .progress import progress

SUFFIXES = (".yaml", ".yml", ".json")


@click.command("show")
@options.values_option
@options.sets
@click.option("--traits", is_flag=True, help="Show the traits that the hub sets, not the values.")
@click.option("--given", "without_defaults", is_flag=True, help="Omit the chart's defaults.")
@options.run_anyway
@options.form
@click.argument("words", nargs=-1, metavar="[FILE]... [PREFIX]...")
def show(
    files: tuple[Path, ...], sets: tuple[str, ...], traits: bool, without_defaults: bool,
    run_anyway: bool, form: str, words: tuple[str, ...],
) -> None:  # fmt: skip
    """Show the effective values (or traits), and where each was set.

    PREFIX selects a part: `singleuser.storage`, or `KubeSpawner` with --traits. Secrets
    are hidden. FILE is the same as -f FILE.

    Exits 2 if the files cannot be read, the hub would not start, or PREFIX does not exist.
    """
    more, prefixes = _files_and_prefixes(words, bool(files))
    files += more
    if not files:
        raise options.no_file()
    try:
        values = read(files, sets)
        if traits:
            with progress("Configuring a hub …"):
                settings = shown.traits_of(values, run_anyway=run_anyway)
        else:
            settings = shown.values_of(values)
    except (CannotRead, SetError, ConfigError, shown.NotShown, OSError) as error:
        options.report(f"z2jh show: {error}")
        sys.exit(options.COULD_NOT_RUN)
    try:
        settings = shown.below(settings, prefixes)
    except shown.UnknownPrefix as error:
        options.report(f"z2jh show: {error}")
        sys.exit(options.COULD_NOT_RUN)
    if without_defaults:
        settings = [setting for setting in settings if setting.source != shown.CHART]
    if form == "json":
        kind = "traits" if traits else "values"
        click.echo(json.dumps({kind: [setting.as_json() for setting in settings]}, indent=2))
        return
    for setting in settings:
        # secrets are already hidden
        text = display((), setting.value, 100)
        name = printable(setting.name)
        click.echo(f"{name}: {text}  {click.style(f'# {setting.source}', dim=True)}")


def _files_and_prefixes(
    words: tuple[str, ...], has_files: bool
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Sort the arguments into files and prefixes: a key names no file, directory or suffix.

    A directory may be named like a key, so it counts as a file only if no file is specified.
    """
    files = [word for word in words if _is_file_name(word)]
    if not files and not has_files:
        files = [word for word in words if Path(word).exists()]
    return tuple(map(Path, files)), tuple(word for word in words if word not in files)


def _is_file_name(word: str) -> bool:
    return Path(word).is_file() or os.sep in word or Path(word).suffix in SUFFIXES
