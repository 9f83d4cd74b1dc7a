"""mnistctl completion."""

import click

__all__ = ["command"]


@click.command(
    "completion", short_help="Print what completes commands and options in a shell."
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print what completes mnistctl's commands, options and choices in a shell.

    For this shell and the ones after it:

    \b
      bash: mnistctl completion bash > ~/.local/share/bash-completion/completions/mnistctl
      zsh:  mnistctl completion zsh > ~/.zfunc/_mnistctl  (a folder of your fpath)
      fish: mnistctl completion fish > ~/.config/fish/completions/mnistctl.fish

    kubectl asks the program kubectl_complete-mnist, which is installed beside
    kubectl-mnist: kubectl's own completion is all that is needed.

    \b
    Example:
      mnistctl completion bash
    """  # noqa: D301, E501 (click's mark for lines that stay as they are)
    from mnist_operator.cli.completions import script  # noqa: PLC0415

    click.echo(script(ctx.find_root().command, shell))
