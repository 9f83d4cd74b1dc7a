"""Completion: the scripts of shells, and what kubectl asks a plugin's neighbour."""

from collections.abc import Iterator, Sequence

import click
from click.shell_completion import ShellComplete, get_completion_class

__all__ = ["answer_kubectl", "script"]

_PROGRAM = "mnistctl"
_VARIABLE = "_MNISTCTL_COMPLETE"
_FILES, _NO_FILES, _FOLDERS = 0, 4, 16
"""What kubectl's shell does besides (cobra's ShellCompDirective): Default, where files
are completed; NoFileComp; and FilterDirs."""


def script(command: click.Command, shell: str) -> str:
    """What a shell has to read: click's own, for the name mnistctl."""
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"{shell} cannot be completed here")
    # Not the class' own source(): bash's would look for the bash of this machine.
    return ShellComplete.source(found(command, {}, _PROGRAM, _VARIABLE)).strip()


def answer_kubectl(command: click.Command, words: Sequence[str]) -> Iterator[str]:
    """The lines that kubectl expects of kubectl_complete-mnist.

    `words` are those after `kubectl mnist`, the last one as far as it is typed. A line
    for each that fits, with its help after a tab, then a colon and a number.
    """
    *before, last = words or [""]
    asked = ShellComplete(command, {}, _PROGRAM, _VARIABLE)
    directive = _NO_FILES
    for each in asked.get_completions(list(before), last):
        match each.type:
            case "file":
                directive = _FILES
            case "dir":
                directive = _FOLDERS
            case _:
                help_text = each.help
                yield f"{each.value}\t{help_text}" if help_text else str(each.value)
    yield f":{directive}"
