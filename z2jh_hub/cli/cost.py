"""`z2jh cost`: estimate what a deployment costs under a pattern of use."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from ..check import CannotRead, SetError
from ..check.files import read
from ..config.errors import ConfigError
from ..cost import CostError, deployment, formats, measured, patterns, price_lists
from ..cost.estimate import estimate
from ..cost.plan import Plan
from ..cost.savings import savings
from . import options
from .progress import progress


def _shares(_: click.Context, __: click.Parameter, options: tuple[str, ...]) -> dict[str, float]:
    """Return the shares of `PROFILE=NUMBER`. Raises BadParameter."""
    shares: dict[str, float] = {}
    for option in options:
        name, _equals, number = option.rpartition("=")
        try:
            share = float(number)
        except ValueError:
            share = -1
        if not name or not 0 <= share < float("inf"):
            raise click.BadParameter(
                f"{option!r} is not of the form PROFILE=NUMBER, as in small=70"
            )
        shares[name] = share
    if shares and not sum(shares.values()):
        raise click.BadParameter("at least one share must be more than 0")
    return shares


def _print_prices(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(price_lists.text_of(context.params.get("provider") or "gcp"), nl=False)
        context.exit()


@click.command("cost")
@options.values_files(required=True)
@options.sets
@click.option(
    "--users",
    type=click.IntRange(1, patterns.MOST_USERS),
    metavar="N",
    help="Number of users who have a home. Default: 200, or that of the pattern.",
)
@click.option(
    "--pattern",
    default="class",
    show_default=True,
    metavar="NAME|FILE.csv",
    help="Users by hour of the week: class, research, always, or a CSV file.",
)
@click.option(
    "--from-usage",
    "usage",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Measured pattern: a copy of the hub's SQLite database, or an answer of Prometheus.",
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="PROFILE=NUMBER",
    callback=_shares,
    help="Share of the users who start a profile. Repeatable. Default: custom.cost.shares.",
)
@click.option(
    "--provider",
    type=click.Choice(price_lists.PROVIDERS),
    default="gcp",
    show_default=True,
    is_eager=True,
    help="The cloud whose prices are used.",
)
@click.option(
    "--nodes",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own node types and prices, in place of those of a provider.",
)
@click.option("--node", metavar="TYPE", help="Node type of user servers.")
@click.option("--spot", is_flag=True, help="Run user servers on spot nodes.")
@click.option("--open", "opened", is_flag=True, help="Open a page on which you draw the pattern.")
@click.option(
    "--show-prices",
    is_flag=True,
    callback=_print_prices,
    expose_value=False,
    help="Print the prices of --provider as a file for --nodes.",
)
@options.run_anyway
@options.form
def command(
    files: tuple[Path, ...], sets: tuple[str, ...], users: int | None, pattern: str,
    usage: Path | None, shares: dict[str, float], provider: str, nodes: Path | None,
    node: str | None, spot: bool, opened: bool, run_anyway: bool, form: str,
) -> None:  # fmt: skip
    """Estimate what a deployment costs a month, by component and for each user.

    Requests come from the pods that the spawner would create. Prices are list prices with a date,
    not quotes. The three settings that would save most are computed one by one.

    FILE is the same as -f FILE.

    Exits 2 if a file cannot be used, or if a server fits on no node type.
    """
    _refuse_together("pattern", "usage")
    _refuse_together("provider", "nodes")
    try:
        prices = price_lists.of_file(nodes) if nodes else price_lists.of_provider(provider)
        if node:
            prices.node(node)
        use = measured.read(usage) if usage else patterns.read(pattern)
        total = use.total(users)
        values = read(files, sets)
        with progress("Creating a pod of each profile …"):
            deployed = deployment.read(values, shares, run_anyway=run_anyway)
        plan = Plan(deployed, prices, use, total, node, spot)
        if opened:
            _open(plan)
            return
        answer = estimate(plan), savings(plan)
    except (CannotRead, SetError, CostError, OSError) as error:
        options.report(f"z2jh cost: {error}")
        sys.exit(options.COULD_NOT_RUN)
    except ConfigError as error:
        options.report(f"{error}\nz2jh cost: no estimate is possible")
        sys.exit(options.COULD_NOT_RUN)
    if form == "json":
        click.echo(formats.as_json(plan, *answer), nl=False)
    else:
        click.echo(formats.text(plan, *answer, options.style()), nl=False)


def _refuse_together(*names: str) -> None:
    """Raise UsageError if two options are used of which only one has an effect."""
    context = click.get_current_context()
    used = [
        param.opts[0]
        for param in context.command.params
        if param.name in names
        and context.get_parameter_source(param.name) is not ParameterSource.DEFAULT
    ]
    if len(used) > 1:
        raise click.UsageError(f"{' and '.join(used)} exclude each other: use one of them")


def _open(plan: Plan) -> None:
    """Serve the page until Ctrl-C."""
    from ..cost import page

    page.serve(plan, lambda url: click.echo(f"{url}\nPress Ctrl-C to stop.", err=True))
