"""`z2jh cull`: what the culler will do, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..chores import ChoreError
from ..chores.cull import Answer, Server, Told, explain
from ..chores.running import run
from ..config.errors import ConfigError
from ..config.paths import config_root
from ..config.values import Values, from_files, from_mounts
from . import options
from .chores import told

# JupyterHub.last_activity_interval and JUPYTERHUB_ACTIVITY_INTERVAL, both by default
HEARD = "5 minutes"
RULES = {"idle": "idle for {} s", "age": "{} s after its start"}


@click.group("cull")
def cull() -> None:
    """The culler, which stops servers that nobody uses."""


@cull.command("explain")
@click.option("--user", required=True, help="Whose servers.")
@click.option("--server", help="One named server; '' is the default server. Else all that run.")
@options.values_files(required=False)
@click.option("--hub-url", metavar="URL", help="The hub, or its API; else the one the culler asks.")
@click.option(
    "--token",
    envvar="JUPYTERHUB_API_TOKEN",
    help="One that may read the user's activity and servers; else the culler's own.",
)
@options.form
@told
def command(
    user: str,
    server: str | None,
    files: tuple[Path, ...],
    hub_url: str | None,
    token: str | None,
    form: str,
) -> None:
    """Say when a user's servers are culled, by which rule, and what activity was last seen.

    Run it in the hub's pod (kubectl exec deploy/hub -- z2jh cull explain --user NAME) or beside
    z2jh dev: it looks at the culler that runs there. Elsewhere give -f, --hub-url and --token.
    Changes nothing. Exits 1 where the hub cannot be asked, or has no such user or server.
    """
    answer = run(explain(user, server, _values(files), hub_url, token))
    if form == "json":
        click.echo(json.dumps(_as_json(answer), indent=2))
    else:
        click.echo("\n".join(_lines(answer)))


def _values(files: tuple[Path, ...]) -> Values | None:
    """The values of the files, or of the mounts; None where there are neither."""
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
        yield "The hub was not asked about activity: that takes --hub-url and --token."
    elif not answer.servers:
        yield f"{answer.user} has no server that runs."
    for culler in answer.cullers:
        if culler.config:
            yield f"The culler also reads {culler.config}, which may decide otherwise."
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
        yield f"  pending        {server.pending}: it is not culled before that is done"
    for rule in server.rules:
        limit = RULES[rule.rule].format(rule.limit)
        if rule.never:
            yield f"  {rule.key:<22} never: {rule.never}"
        else:
            yield f"  {rule.key:<22} {limit}: due {_when(answer, rule.due)}"
    yield f"  The proxy tells the hub of traffic, and the server of itself, within {HEARD}: later"
    yield "  activity may not be known yet, and puts off what counts idle time."


def _verdict(answer: Answer, rule: Told, verb: str) -> str:
    if rule.never or rule.due is None:
        return f"is never {verb}: {rule.never}" + (f" ({rule.key})" if rule.key else "")
    unless = ", unless there is activity before" if rule.rule == "idle" else ""
    if rule.at:
        when = f"at {_when(answer, rule.at)}"
    else:
        when = f"within {rule.every} s after {_when(answer, rule.due)}"
    return f"is {verb} {when}{unless} ({rule.key}; it looks every {rule.every} s)"


def _inside_lines(answer: Answer) -> Iterator[str]:
    if answer.inside is None:
        yield "Whether servers end kernels themselves is in the values, which -f gives."
    for setting in answer.inside or ():
        yield f"In the server: {setting.name} = {setting.value}, {setting.effect} ({setting.where})"
    if answer.inside == []:
        yield "In the server: the values set no culling of kernels; the image may."


def _when(answer: Answer, moment: datetime | None) -> str:
    """A time, and how far it is from now."""
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
                "nextLook": _iso(culler.look_from(answer.at)),
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


def _rule(rule: Told) -> dict[str, Any]:
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
