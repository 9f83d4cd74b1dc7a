"""mnistctl completion: in a real bash, and as kubectl's own completion asks for it."""

import asyncio
import os
import shlex
import sys

import pytest

from integration.mnistctl_world import DEADLINE_SECONDS, fork_mnistctl

COMPLETE = """
source {script}
COMP_WORDS=({words})
COMP_CWORD={last}
_mnistctl_completion mnistctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(name="programs")
def _programs(tmp_path):
    """A folder with the programs that an installation has, by their names."""
    for name, function in (
        ("mnistctl", "main"),
        ("kubectl_complete-mnist", "complete"),
    ):
        code = f"import sys; sys.argv[0] = {name!r}\n"
        code += f"from mnist_operator.cli import {function}; {function}()"
        python = shlex.join([sys.executable, "-W", "ignore", "-c", code])
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        program.chmod(0o755)
    return tmp_path


@pytest.fixture(name="run")
def _run(programs):
    """Run a program of that folder, or one that finds it."""
    paths = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = {"PATH": paths, "PYTHONPATH": os.pathsep.join(sys.path)}

    async def _start(*command):
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(DEADLINE_SECONDS):
            out, err = await process.communicate()
        assert (0, b"") == (process.returncode, err)
        return out.decode()

    return _start


@pytest.fixture(name="press_tab")
async def _press_tab(programs, run):
    script = programs / "completion.bash"
    script.write_text((await fork_mnistctl("completion", "bash")).out)
    assert "" == await run("bash", "-n", str(script))

    async def _complete(*words):
        asked = COMPLETE.format(
            script=script, words=shlex.join(words), last=len(words) - 1
        )
        return (await run("bash", "--norc", "-c", asked)).split()

    return _complete


async def test_bash_completes_commands_options_and_choices(press_tab):
    assert ["lineage"] == await press_tab("mnistctl", "lin")
    assert ["suspend"] == await press_tab("mnistctl", "su")
    assert ["--all-namespaces"] == await press_tab("mnistctl", "get", "--all")
    assert ["json", "yaml"] == await press_tab("mnistctl", "plan", "mnist", "-o", "")


async def test_kubectl_completes_its_plugin(run):
    program = "kubectl_complete-mnist"

    commands = await run(program, "lin")
    choices = await run(program, "completion", "")

    assert commands.startswith("lineage\t")
    assert commands.endswith("\n:4\n")
    assert "bash\nzsh\nfish\n:4\n" == choices


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_each_script_names_the_program(shell):
    answer = await fork_mnistctl("completion", shell)

    assert (0, "") == (answer.status, answer.err)
    assert "mnistctl" in answer.out


async def test_another_shell_is_a_usage_error():
    assert 2 == (await fork_mnistctl("completion", "cmd")).status
