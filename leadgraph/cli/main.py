"""Command line -> the steps: `leadgraph build | check | explain | links | lsp | new | ...`."""

from __future__ import annotations

from importlib import import_module

import click

from leadgraph.cli.terminal import stand_in
from leadgraph.errors import LeadGraphError

_COMMANDS = {
    "build": "leadgraph.cli.releases",
    "check": "leadgraph.cli.files",
    "explain": "leadgraph.cli.forms",
    "links": "leadgraph.cli.links",
    "lsp": "leadgraph.cli.lsp",
    "new": "leadgraph.cli.forms",
    "query": "leadgraph.cli.query",
    "replay": "leadgraph.cli.replay",
    "reconcile": "leadgraph.cli.reconcile",
    "serve": "leadgraph.cli.server",
    "tidy": "leadgraph.cli.tidy",
}
"""Each command's module, which has it as `build_command`; only the one that is run is imported."""


class _Group(click.Group):
    """A group whose commands end with one clear line and exit code 2 on our own errors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None if there is none."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name]), f"{cmd_name}_command")
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        stand_in()
        try:
            return super().invoke(ctx)
        except LeadGraphError as error:
            click.echo(f"leadgraph: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadgraph", message="LeadGraph %(version)s")
def main() -> None:
    """Check, publish and query what a community knows about its own leadership."""


if __name__ == "__main__":
    main()
