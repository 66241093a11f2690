"""`z2jh dev`: the hub of a config.yaml on this machine, without a cluster."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from ..check import CannotRead, Report, make_report
from ..check.report import formats as check_formats
from ..config.errors import ranked
from ..config.suggestions import did_you_mean
from ..config.values import Values, from_files
from ..local.dev import hub
from ..local.dev.launcher import Options
from ..local.dev.layout import Layout
from ..local.dev.proxy import ProxyMissing
from ..local.dev.supervisor import DevError, Supervisor
from ..local.kubelet.images import parse_rule
from ..local.state import StateError
from . import options
from .dev_login import how_to_log_in
from .dev_state import ps, reset, state_option, stop
from .dev_terminal import Terminal
from .options import COULD_NOT_RUN


class _FilesOrCommand(click.Group):
    """A group whose arguments are values files, unless one of them is the name of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if any(word in self.commands for word in args):
            return super().parse_args(ctx, args)
        ctx.allow_interspersed_args = True
        words = click.Command.parse_args(self, ctx, args)
        ctx.params["files"] += tuple(map(Path, words))
        ctx.args = []
        return []

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [FILE]...")
        formatter.write_usage(ctx.command_path, "[OPTIONS] COMMAND [ARGS]...")


@click.group("dev", cls=_FilesOrCommand, invoke_without_command=True)
@options.values_option
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="The port of the hub on 127.0.0.1.",
)
@state_option
@click.option("--open", "browse", is_flag=True, help="Open the hub in a browser.")
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="PATTERN=COMMAND",
    help="Run COMMAND for images that match PATTERN; see docs/dev.md.",
)
@click.option(
    "--fake",
    type=float,
    metavar="SECONDS",
    help="Simulate user servers that are ready after this time, for load tests.",
)
@click.pass_context
def dev(
    ctx: click.Context,
    files: tuple[Path, ...],
    port: int,
    state: Path,
    browse: bool,
    images: tuple[str, ...],
    fake: float | None,
) -> None:
    """Run the hub of a config.yaml on this machine: no cluster, no containers.

    FILE is the same as -f FILE. Ctrl-C stops the hub and all servers. Users and their files stay
    in the state directory.

    Exits 0 after it was stopped, 1 if the values have errors, 2 if it could not run.
    """
    if ctx.invoked_subcommand:
        return
    if not files:
        raise options.no_file()
    for file in files:
        hint = "" if file.exists() else did_you_mean(str(file), ctx.command.commands)  # type: ignore[attr-defined]
        if hint:
            raise click.UsageError(f"There is no file or command {file}; {hint}")
    try:
        for rule in images:
            parse_rule(rule)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--image") from None
    try:
        passes = _passes(files)
    except CannotRead as error:
        click.echo(f"z2jh dev: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    if not passes:
        sys.exit(1)
    _run(files, Layout(state), Options(port, images, fake), browse)


for command in (ps, stop, reset):
    dev.add_command(command)


def _passes(files: tuple[Path, ...]) -> bool:
    """Check the values, print the problems as `check` does, and return whether they can run."""
    report = make_report(files, run=False)  # the hub runs the Python code in the values
    problems = list(report.problems)
    if not report.failed:
        problems = ranked([*problems, *hub.image_problems(from_files(files))])
    shown = Report(list(report.documents.values()), [p for p in problems if p.severity != "note"])
    if shown.problems:
        click.echo(check_formats.text(shown, options.style()))
    return not shown.failed


def _run(files: tuple[Path, ...], layout: Layout, options: Options, browse: bool) -> None:
    terminal = Terminal()
    try:
        layout.take()
        ports = layout.ports()
        values = hub.values_for(files, layout, ports)
        for difference in hub.differences(values):
            terminal.say(f"In z2jh dev: {difference}")

        def ready(url: str) -> None:
            terminal.ready(url, how_to_log_in(values))
            if browse:
                webbrowser.open(url)

        stamps = _stamps(files)

        def changed() -> Values | None:
            nonlocal stamps
            before, stamps = stamps, _stamps(files)
            if stamps == before:
                return None
            try:
                if _passes(files):
                    return hub.values_for(files, layout, ports)
            except (CannotRead, OSError) as error:
                click.echo(f"z2jh dev: {error}", err=True)
            terminal.say("The hub keeps the previous values.")
            return None

        Supervisor(layout, values, ports, options, terminal).run(ready, changed)
    except (StateError, DevError, ProxyMissing, OSError) as error:
        terminal.quiet()
        click.echo(f"z2jh dev: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    finally:
        terminal.quiet()
        layout.release()
    terminal.say("Stopped. Users and their files are kept.")


def _stamps(files: tuple[Path, ...]) -> list[tuple[int, int] | None]:
    """Return the modification time and size of each file; None for a missing one."""
    stats = (file.stat() if file.exists() else None for file in files)
    return [stat and (stat.st_mtime_ns, stat.st_size) for stat in stats]
