"""The command line, `z2jh COMMAND`: one module per command, imported when it is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from .. import __version__
from ..config.suggestions import did_you_mean

# command: module:object, and its line in the list of commands
COMMANDS = {
    "dev": ("dev:dev", "Run the hub on this machine, without a cluster."),
    "check": ("check:check", "Find mistakes in values files, without a cluster."),
    "show": ("show:show", "Show effective values and traits, with where each came from."),
    "diff": ("diff:diff", "Compare two values files, and show the effects of the change."),
    "preview": ("preview:command", "Print the pod and the PVC that a user would get."),
    "explain": ("explain:command", "Describe a key of the values."),
    "schema": ("schema:command", "Print the JSON Schema of the values, for editors."),
    "migrate": ("migrate:migrate", "Replace deprecated keys in a values file."),
    "doctor": ("doctor:command", "Find out what is wrong with a release on a live cluster."),
    "cost": ("cost:command", "Estimate what a deployment costs under a pattern of use."),
    "secrets": ("secrets:secrets", "Create, print and rotate the hub's secrets."),
    "homes": ("homes:homes", "List and decide which PVC belongs to which user."),
    "cull": ("cull:cull", "Explain when and why a server will be culled."),
    "images": ("images:images", "Wait until the images of user servers are pulled."),
    "acme": ("acme:acme", "Save and restore traefik's certificates."),
    "db": ("db:db", "Back up, check, upgrade and restore the hub's database."),
}

# command: the extra of the package that installs its dependencies
EXTRAS = {"dev": "dev"}

_PACKAGE = __name__.partition(".")[0]


class _ExtraMissing(click.ClickException):
    """A package that only this command needs is not installed, or the hub image omits it."""

    exit_code = 2

    def __init__(self, command: str, package: str) -> None:
        reason = f"needs the package {package}, which is not installed. Install it"
        if package.startswith(f"{_PACKAGE}."):
            reason = "is not part of the hub image. Install it on another machine"
        super().__init__(f"`z2jh {command}` {reason}: pip install 'z2jh-hub[{EXTRAS[command]}]'")


class _Commands(click.Group):
    """A group that imports a command's module only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(import_module(f".{module}", __package__), name)
        except ModuleNotFoundError as error:
            if cmd_name not in EXTRAS:
                raise
            raise _ExtraMissing(cmd_name, str(error.name)) from None
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            advice = f"did you mean `z2jh check {name}`?" if Path(name).is_file() else (
                did_you_mean(name, COMMANDS) or "`z2jh --help` lists all commands"
            )  # fmt: skip
            raise click.UsageError(f"There is no command {name}; {advice}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group("z2jh", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Run, check and operate JupyterHub on Kubernetes from one config.yaml."""
