"""The command line: which commands there are, in which order help shows them.

Each command imports its answer when it is asked: gRPC and Kubernetes' client take
half a second and more, and nobody should wait for the one that is not asked.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

__all__ = ["SECTIONS", "mnistctl", "run"]

SECTIONS: Mapping[str, Sequence[str]] = {
    "Ask Pachyderm": (
        "lineage",
        "verify",
        "history",
        "explain",
        "runs",
        "diff",
        "export",
    ),
    "Ask Kubernetes": ("get", "watch", "logs", "plan", "dashboard"),
    "Act": (
        *("retrain", "release", "suspend", "resume", "promote", "rollback"),
        *("reproduce", "ledger"),
    ),
    "Set up": ("completion",),
}
"""The commands, by what they need: each is a module of `cli.commands`."""


class Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all of them, in the order in which help shows them."""
        del ctx
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one; None for a name that is no command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"mnist_operator.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List them in their sections."""
        for title, names in SECTIONS.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            width = formatter.width - 6 - max(map(len, names))
            rows = [(n, c.get_short_help_str(width)) for n, c in found if c is not None]
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def mnistctl() -> None:
    """Ask which data made a model, what became of every commit, and what goes on.

    \b
    Exit status: 0 done, 1 no answer, 2 usage, 3 not found or ambiguous,
    4 a record is not to be trusted, 5 a run failed, 6 timed out, 130 Ctrl-C.
    """  # noqa: D301 (click's mark for lines that stay as they are)


def run() -> None:
    """Read the command line, answer, and exit."""
    plugin = Path(sys.argv[0]).name == "kubectl-mnist"
    mnistctl(prog_name="kubectl mnist" if plugin else None)
