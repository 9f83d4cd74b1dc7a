"""What a shell is given to complete mnistctl, and what kubectl hears of its plugin."""

import click
import pytest

from mnist_operator.cli.completions import answer_kubectl, script


@click.group()
def group():
    """Stands for mnistctl: a command, an option with choices, and a file."""


@group.command()
@click.argument("name")
@click.option("-o", "--output", type=click.Choice(["json", "yaml"]), help="For all.")
@click.option("--token-file", type=click.Path(dir_okay=False))
@click.option("--folder", type=click.Path(file_okay=False))
def lineage(name, output, token_file, folder):
    """Show what made a model."""


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("bash", "complete -o nosort -F _mnistctl_completion mnistctl"),
        ("zsh", "#compdef mnistctl"),
        ("fish", "complete --no-files --command mnistctl"),
    ],
)
def test_each_shell_gets_its_own_script(shell, said):
    text = script(group, shell)

    assert said in text
    assert "_MNISTCTL_COMPLETE" in text


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param(["lin"], ["lineage\tShow what made a model.", ":4"], id="command"),
        pytest.param(["nothing"], [":4"], id="nothing"),
        pytest.param(["lineage", "--out"], ["--output\tFor all.", ":4"], id="option"),
        pytest.param(["lineage", "-o", ""], ["json", "yaml", ":4"], id="choices"),
        pytest.param(["lineage", "--token-file", "x"], [":0"], id="files"),
        pytest.param(["lineage", "--folder", ""], [":16"], id="folders"),
        pytest.param(["lineage", ""], [":4"], id="a-name"),
    ],
)
def test_kubectl_hears_what_may_follow_and_a_directive(words, answer):
    assert answer == list(answer_kubectl(group, words))


def test_without_a_word_kubectl_hears_all_commands():
    assert ["lineage\tShow what made a model.", ":4"] == list(answer_kubectl(group, []))
