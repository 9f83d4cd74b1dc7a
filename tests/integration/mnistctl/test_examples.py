"""The help of each command has an example, and each example does what it says.

All of them run in one world: MnistTraining default/mnist has trained two commits of
inputrepo@master into outputrepo@master, one after the other was promoted, the
operator is at work, and the newest model lies in the folder `model` beside the key
that its record is signed with. But what is held has a world of its own.
"""

import re
import shlex

import click
import pytest

from integration.gated import begin, held, push
from integration.mnistctl_world import Running, fork_mnistctl
from integration.operators import InProcess
from integration.signed import SigningWorld, download, where_is, write_keys
from integration.stories import settled
from integration.world import EARLIEST
from mnist_operator.cli.app import SECTIONS, mnistctl
from mnist_operator.commits import Branch, Repo

HELD = "release"
SERVERS = {"dashboard": "The page is at http://127.0.0.1:"}
_HELD_OUT = Branch(Repo("default", "held_out"), "master")
NAMES = [name for names in SECTIONS.values() for name in names]


class Signing(SigningWorld):
    namespace = "default"


@pytest.fixture(name="signing")
async def _signing(tmp_path):
    write_keys(tmp_path)
    async with Signing(tmp_path) as world, InProcess(world):
        await world.create_repo()
        yield world


@pytest.fixture(name="where")
def _where(signing):
    return where_is(signing)


@pytest.fixture(name="world")
async def _world(signing):
    await signing.create_repo(_HELD_OUT)
    await signing.push(_HELD_OUT, images="held out")
    images = {"repo": "held_out", "branch": "master"}
    await signing.apply(trigger=EARLIEST, promotion={"heldOut": images})
    better = {"counts": "90 0 9 1"}
    commits = [await signing.push(digits=each, **better) for each in (1, 2)]
    for each in commits:
        await signing.model_of(each)
    await signing.shows("UpToDate")
    await download(signing, signing.folder / "model")
    return signing


def commands(command, name):
    """A command, and those below it."""
    yield name, command
    if isinstance(command, click.Group):
        for below in command.list_commands(None):
            found = command.get_command(None, below)
            yield from commands(found, f"{name} {below}")


def examples(command):
    """The command lines of the example block, as the shell would take them apart."""
    _, found, block = (command.help or "").partition("Example")
    lines = (line.strip() for line in block.splitlines()) if found else ()
    return [shlex.split(line) for line in lines if line.startswith("mnistctl ")]


@pytest.mark.parametrize("name", NAMES)
def test_the_help_ends_with_an_example(name):
    for full, command in commands(mnistctl.get_command(None, name), name):
        lines = examples(command)

        assert lines, full
        assert all(line[1 : 1 + full.count(" ") + 1] == full.split() for line in lines)


async def run(name, arguments, **how):
    """To its end; a server has none of its own, so until it says where it is."""
    if name not in SERVERS:
        return await fork_mnistctl(*arguments, **how)
    async with Running(*arguments, **how) as process:
        await process.line(SERVERS[name])
        process.interrupt()
        return await process.end()


async def test_every_example_does_what_it_says(world, where):
    failed = {}
    for name in [each for each in NAMES if each != HELD]:
        for _, command in commands(mnistctl.get_command(None, name), name):
            for _, *arguments in examples(command):
                answer = await run(name, arguments, folder=world.folder, **where)
                if answer.status or not answer.out:
                    failed[" ".join(arguments)] = (answer.status, answer.err)

    assert {} == failed


async def test_what_is_held_is_answered_by_the_examples_of_release(signing, where):
    await begin(signing)
    for number, (_, *arguments) in enumerate(
        examples(mnistctl.get_command(None, HELD))
    ):
        commit = await push(signing, [1 - number % 2] * 10, more=number)
        await held(signing, commit)
        given = [
            commit[:8] if re.fullmatch("[0-9a-f]{8}", each) else each
            for each in arguments
        ]
        answer = await fork_mnistctl(*given, **where)
        await settled(signing, commit)

        assert (0, "") == (answer.status, answer.err)
