"""Command line -> the steps: `leadgraph check | build | query | serve`."""

from __future__ import annotations

import click

from leadgraph.cli import files, releases, server
from leadgraph.errors import LeadGraphError


class _Group(click.Group):
    """A group whose commands end with one clear line and exit code 2 on our own errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LeadGraphError as error:
            click.echo(f"leadgraph: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadgraph", message="LeadGraph %(version)s")
def main() -> None:
    """Check, publish and query what a community knows about its own leadership."""


main.add_command(files.check_command)
main.add_command(releases.build_command)
main.add_command(releases.query_command)
main.add_command(server.serve_command)

if __name__ == "__main__":
    main()
