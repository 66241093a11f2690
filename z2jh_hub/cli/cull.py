"""`z2jh cull`: explain when and why a server will be culled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..chores import ChoreError
from ..chores.cull import Answer, Forecast, Server, explain
from ..chores.running import run
from ..config.errors import ConfigError
from ..config.paths import config_root
from ..config.values import Values, from_files, from_mounts
from . import options
from .chores import reports_chore_errors

# JupyterHub.last_activity_interval and JUPYTERHUB_ACTIVITY_INTERVAL, both by default
ACTIVITY_DELAY = "5 minutes"
RULES = {"idle": "idle for {} s", "age": "{} s after its start"}


@click.group("cull")
def cull() -> None:
    """Explain when the culler will stop idle servers."""


@cull.command("explain")
@click.option("--user", required=True, help="Name of the user.")
@click.option(
    "--server", help="A named server; '' is the default server. Default: all running servers."
)
@options.values_files(required=False)
@click.option(
    "--hub-url",
    metavar="URL",
    help="URL of the hub. Default: the hub of the culler that runs on this machine.",
)
@click.option(
    "--token",
    envvar="JUPYTERHUB_API_TOKEN",
    help="API token with the scopes read:users:activity and read:servers.",
)
@options.form
@reports_chore_errors
def command(
    user: str,
    server: str | None,
    files: tuple[Path, ...],
    hub_url: str | None,
    token: str | None,
    form: str,
) -> None:
    """Show when and by which rule a user's servers will be culled, and their last activity.

    Create a token on the hub's page /hub/token. In the hub's pod, and on the machine that runs
    z2jh dev, the command finds the hub and the culler's settings; on any other machine, pass -f
    and --hub-url too. The command changes nothing. It exits 1 if the hub does not answer, or if
    the user or server does not exist.
    """
    answer = run(explain(user, server, _values(files), hub_url, token))
    if form == "json":
        click.echo(json.dumps(_as_json(answer), indent=2))
    else:
        click.echo("\n".join(_lines(answer)))


def _values(files: tuple[Path, ...]) -> Values | None:
    """Return the values of the files or of the mounts; None without either."""
    try:
        if files:
            return from_files(files)
        return from_mounts() if config_root().is_dir() else None
    except ConfigError as error:
        raise ChoreError(f"the values cannot be read:\n{error}") from None


def _lines(answer: Answer) -> Iterator[str]:
    if not answer.cullers:
        yield "Nothing is culled: cull.enabled is false."
    for server in answer.servers or ():
        yield from _server_lines(answer, server)
    if answer.servers is None:
        yield "To show activity, pass --hub-url and --token."
    elif not answer.servers:
        yield f"{answer.user} has no running server."
    for culler in answer.cullers:
        if culler.config:
            yield f"The culler also reads {culler.config}, which may change the result."
    if answer.account is not None:
        yield f"The user {_verdict(answer, answer.account, 'deleted')}"
    yield from _inside_lines(answer)


def _server_lines(answer: Answer, server: Server) -> Iterator[str]:
    name = (
        f"The server {server.name} of {answer.user}" if server.name else answer.user + "'s server"
    )
    yield f"{name} {_verdict(answer, server.first, 'stopped')}"
    yield f"  started        {_when(answer, server.started)}"
    yield f"  last activity  {_when(answer, server.last_activity)}" + (
        ", its start" if server.last_activity == server.started else ""
    )
    if server.pending:
        yield f"  pending        {server.pending}; it is not culled until that is finished"
    for rule in server.rules:
        limit = RULES[rule.rule].format(rule.limit)
        if rule.never:
            yield f"  {rule.key:<22} never: {rule.never}"
        else:
            yield f"  {rule.key:<22} {limit}: due {_when(answer, rule.due)}"
    yield f"  Activity reaches the hub within {ACTIVITY_DELAY}. More recent activity may be"
    yield "  unknown, and postpones the limit on idle time."


def _verdict(answer: Answer, rule: Forecast, verb: str) -> str:
    if rule.never or rule.due is None:
        return f"is never {verb}: {rule.never}" + (f" ({rule.key})" if rule.key else "")
    unless = ", unless there is new activity" if rule.rule == "idle" else ""
    if rule.at:
        when = f"at {_when(answer, rule.at)}"
    else:
        when = f"within {rule.every} s after {_when(answer, rule.due)}"
    return f"is {verb} {when}{unless} ({rule.key}; the culler checks every {rule.every} s)"


def _inside_lines(answer: Answer) -> Iterator[str]:
    if answer.inside is None:
        yield "To show which kernels Jupyter Server stops itself, pass values files with -f."
    for setting in answer.inside or ():
        yield f"In the server: {setting.name} = {setting.value}, {setting.effect} ({setting.where})"
    if answer.inside == []:
        yield "In the server: the values do not cull kernels; the image may do so."


def _when(answer: Answer, moment: datetime | None) -> str:
    """Return a time, and its distance from now."""
    if moment is None:
        return "unknown"
    seconds = round((moment - answer.at).total_seconds())
    amount = f"{abs(seconds)} s" if abs(seconds) < 120 else f"{abs(seconds) // 60} min"
    distance = f"in {amount}" if seconds >= 0 else f"{amount} ago"
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC ({distance})"


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
        "user": answer.user,
        "now": _iso(answer.at),
        "cullers": [
            {
                "timeout": culler.timeout,
                "every": culler.every,
                "maxAge": culler.max_age,
                "started": _iso(culler.started),
                "nextCheck": _iso(culler.next_check(answer.at)),
                "config": culler.config,
            }
            for culler in answer.cullers
        ],
        "servers": None
        if answer.servers is None
        else [
            {
                "name": server.name,
                "started": _iso(server.started),
                "lastActivity": _iso(server.last_activity),
                "pending": server.pending or None,
                "culled": _rule(server.first),
                "rules": [_rule(rule) for rule in server.rules],
            }
            for server in answer.servers
        ],
        "deleted": _rule(answer.account) if answer.account else None,
        "inside": None if answer.inside is None else [asdict(each) for each in answer.inside],
    }


def _rule(rule: Forecast) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "key": rule.key or None,
        "seconds": rule.limit or None,
        "due": _iso(rule.due),
        "earliest": _iso(rule.at or rule.due),
        "latest": _iso(rule.latest),
        "never": rule.never or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
