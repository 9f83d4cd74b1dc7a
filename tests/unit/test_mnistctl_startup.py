"""Nobody waits for what a question does not need."""

import subprocess
import sys

import pytest

CLIENTS = {"grpc", "kopf", "kubernetes", "python_pachyderm.proto"}
SLOW = CLIENTS | {"aiohttp", "asyncio", "cryptography", "pydantic", "rich", "yaml"}
HELP = """
import sys
from mnist_operator.cli import main
sys.argv[0] = "mnistctl"
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["lineage", "--help"], ["plan", "-h"]], ids=" ".join
)
def test_help_imports_the_command_line_and_nothing_that_takes_time(arguments):
    imported = run("-c", HELP, *arguments).stderr.split()

    assert set() == SLOW & set(imported)
    ours = [each for each in imported if each.startswith("mnist_operator.")]
    light = ("mnist_operator.cli.commands.", "mnist_operator.cli.options")
    assert {"mnist_operator.cli", "mnist_operator.cli.app"} == {
        each
        for each in ours
        if not each.startswith(light) and each != "mnist_operator.cli.commands"
    }


def test_one_command_is_imported_without_the_others():
    imported = run("-c", HELP, "get", "--help").stderr.split()

    commands = [each for each in imported if ".cli.commands." in each]
    assert ["mnist_operator.cli.commands.get"] == commands


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        pytest.param(
            "lineage.answer", {"grpc", "python_pachyderm.proto"}, id="ask-pachyderm"
        ),
        pytest.param("get.trainings", {"kubernetes"}, id="ask-kubernetes"),
        pytest.param("act.answer", {"kubernetes"}, id="act"),
        pytest.param("plan.answer", CLIENTS - {"kopf"}, id="plan"),
        pytest.param("completions", set(), id="complete"),
    ],
)
def test_only_the_client_that_is_asked_is_imported(module, needed):
    script = f"import sys, mnist_operator.cli.{module}; print(*sys.modules)"

    imported = run("-c", script).stdout.split()

    assert needed == CLIENTS & set(imported)
