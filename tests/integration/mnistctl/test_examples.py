"""The help of each command has an example, and each example does what it says.

All of them run in one world: MnistTraining default/mnist has trained two commits of
inputrepo@master into outputrepo@master, one after the other was promoted, the
operator is at work, and the newest model
lies in the folder `model` beside the key that its record is signed with.
"""

import shlex

import click
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integration.mnistctl_world import Running, fork_mnistctl
from integration.operators import InProcess
from integration.world import EARLIEST, OUTPUT, World
from mnist_operator.cli.app import SECTIONS, mnistctl
from mnist_operator.commits import Branch, Repo

SERVERS = {"dashboard": "The page is at http://127.0.0.1:"}
_HELD_OUT = Branch(Repo("default", "held_out"), "master")
NAMES = [name for names in SECTIONS.values() for name in names]


class Signing(World):
    """A world where records are signed."""

    namespace = "default"

    @property
    def settings(self):
        key = self.folder / "signing.key"
        return super().settings.model_copy(update={"signing_key_file": key})


@pytest.fixture(name="world")
async def _world(tmp_path):
    write_keys(tmp_path)
    async with Signing(tmp_path) as world, InProcess(world):
        await world.create_repo()
        await world.create_repo(_HELD_OUT)
        await world.push(_HELD_OUT, images="held out")
        images = {"repo": "held_out", "branch": "master"}
        await world.apply(trigger=EARLIEST, promotion={"heldOut": images})
        better = {"counts": "90 0 9 1"}
        commits = [await world.push(digits=each, **better) for each in (1, 2)]
        for each in commits:
            await world.model_of(each)
        await world.shows("UpToDate")
        await download(world, tmp_path / "model")
        yield world


def write_keys(folder):
    key, pem = Ed25519PrivateKey.generate(), serialization.Encoding.PEM
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        pem, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "signing.key").write_bytes(secret)
    (folder / "cosign.pub").write_bytes(public)


async def download(world, folder):
    """The newest model, as `pachctl get file -r` brings it."""
    head = await world.pachyderm.head(OUTPUT)
    for each in await world.pachyderm.files(OUTPUT.repo, head.id):
        path = folder / each.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await world.pachyderm.read(OUTPUT.repo, head.id, each.path))


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


async def test_every_example_does_what_it_says(world):
    where = {
        "KUBECONFIG": str(world.settings.kubeconfig),
        "PACHD_ADDRESS": world.settings.pachd_address,
        "S3_ENDPOINT": world.settings.s3_endpoint,
    }
    failed = {}
    for name in NAMES:
        for _, command in commands(mnistctl.get_command(None, name), name):
            for _, *arguments in examples(command):
                answer = await run(name, arguments, folder=world.folder, **where)
                if answer.status or not answer.out:
                    failed[" ".join(arguments)] = (answer.status, answer.err)

    assert {} == failed
