"""The commands of mnistctl on the pages: each does what its page promises.

They run as they stand; an ID that a page made up is that of a true commit here. One
world serves nearly all: MnistTraining team/mnist has two models and a failure between
them, all signed, the newest model lies in the folder `model`, and default/mnist follows
the same data.
"""

import re
import shutil

import pytest

from documents.blocks import commands, masked, simple, transcript
from documents.registry import blocks_of
from integration.following.conftest import Gate
from integration.gated import begin, held, push
from integration.mnistctl_world import Running, fork_mnistctl
from integration.operators import InProcess
from integration.signed import SigningWorld, download, where_is, write_keys
from integration.stories import settled
from integration.world import IMAGE, NEXT_IMAGE
from mnist_operator.commits import Branch, Repo

_HERE = "integration/mnistctl/test_documented_commands.py"
ONCE = f"{_HERE}::test_every_command_does_what_its_page_promises"
HELD = f"{_HERE}::test_what_is_held_is_released_or_discarded_as_the_pages_say"
QUEUE = f"{_HERE}::test_the_queue_is_held_and_goes_on_with_the_words_of_the_page"
HELD_OUT = Branch(Repo("default", "held_out"), "master")
ENDLESS = {
    "mnistctl dashboard --all-namespaces": "The page is at http://127.0.0.1:8765/",
    "mnistctl watch team/mnist": "Ready True",
}
"""What goes on until Ctrl-C, and what it says before."""
PROMISED = {
    "mnistctl diff inputrepo@master^ inputrepo@master": "The data differ",
    "mnistctl explain team/mnist": "team/mnist follows default/inputrepo@master, from",
    "mnistctl explain team/mnist 4a80bf84": "  outcome     failed",
    "mnistctl export outputrepo@master --format model-card --to README.md": "",
    "mnistctl get -A": "NAMESPACE  NAME   READY",
    "mnistctl get mnist -n team": "MnistTraining team/mnist",
    "mnistctl history mnist": "Published",
    "mnistctl history team/mnist --diff ^1 ^0": "Models of team/mnist",
    "mnistctl history team/mnist --limit 100 --models": "Published",
    "mnistctl ledger rebuild team/mnist": "Ledger default/outputrepo_runs@team_mnist_",
    "mnistctl ledger rebuild team/mnist --yes": "  changes     0 lines",
    "mnistctl ledger show team/mnist": '"decision":"Failed"',
    "mnistctl lineage --up": "└─ made by run default/outputrepo_runs@",
    "mnistctl lineage 3843c589 --up": "learned from commit default/inputrepo@",
    "mnistctl lineage inputrepo@master --down": "commit default/inputrepo@",
    "mnistctl lineage inputrepo@master^ --down": "commit default/inputrepo@",
    "mnistctl lineage outputrepo@master": "Trained on",
    "mnistctl logs team/mnist": "epoch 1/1",
    "mnistctl plan team/mnist": "",
    "mnistctl plan team/mnist -o yaml": "",
    "mnistctl promote team/mnist": "in production",
    "mnistctl promote team/mnist 3843c589 --force 'agreed with the field team'": (
        "in production"
    ),
    "mnistctl reproduce outputrepo@master": ": identical bytes",
    "mnistctl reproduce outputrepo@master --image registry.example.org/trainer:0.2.0": (
        "which was named by hand"
    ),
    "mnistctl retrain team/mnist --commit inputrepo@master^2 --wait": "Published",
    "mnistctl rollback team/mnist": "RolledBack",
    "mnistctl runs team/mnist": "TIME  ",
    "mnistctl verify --all --key operator-2025.pub --key operator-2026.pub": " models",
    "mnistctl verify --all --key operator.pub": " models",
    "mnistctl verify model --key operator.pub": "Valid; not known: copies, pachyderm",
    "mnistctl verify outputrepo@master --key operator.pub": "Valid",
    "mnistctl verify outputrepo@master --key operator.pub --deep": "\nValid\n",
    'mnistctl watch team/mnist --until-ready --timeout 600 || echo "no model: $?"': (
        "Ready True"
    ),
}
"""Each command, with something that its page promises."""


@pytest.fixture(name="world")
async def _world(tmp_path):
    write_keys(tmp_path)
    public = tmp_path / "cosign.pub"
    for name in ("operator.pub", "operator-2026.pub"):
        shutil.copy(public, tmp_path / name)
    (tmp_path / "other").mkdir()
    write_keys(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "cosign.pub", tmp_path / "operator-2025.pub")
    async with SigningWorld(tmp_path) as world, InProcess(world):
        await world.create_repo()
        yield world


@pytest.fixture(name="where")
def _where(world):
    return where_is(world)


@pytest.fixture(name="names")
async def _names(world):
    """The story that the pages ask about; what stands for the IDs on them."""
    await world.create_repo(HELD_OUT)
    await world.push(HELD_OUT, images="held out")
    images = {"repo": HELD_OUT.repo.name, "branch": HELD_OUT.name}
    await world.apply(promotion={"heldOut": images}, attempts={"limit": 1})
    await _follow_as_default(world)
    await world.reason("WaitingForData")
    good = {"counts": "90 0 9 1"}
    first = await world.push(digits=1, **good)
    await world.model_of(first)
    failed = await world.push(exit=1, say="no such digit")
    await settled(world, failed, "TrainingFailed")
    last = await world.push(digits=2, **good)
    model = await world.model_of(last)
    await settled(world, last)
    await download(world, world.folder / "model")
    return {
        "3843c589": model.commit[:8],
        "4a80bf84": failed[:8],
        "registry.example.org/trainer:0.2.0": NEXT_IMAGE,
    }


async def _follow_as_default(world):
    """The same under the name that the pages have where they name no namespace."""
    body = {
        "apiVersion": "mnist-operator.dev/v1alpha1",
        "kind": "MnistTraining",
        "metadata": {"name": "mnist"},
        "spec": {"output": {"branch": "default"}, "attempts": {"limit": 1}},
    }
    path = world.trainings.replace("/team/", "/default/")
    await world.kube.call("POST", path, body)


def named(text, names):
    """A line of a page, with what is true here."""
    for made_up, true in names.items():
        text = text.replace(made_up, true)
    return text


def ours(line):
    """The words for mnistctl in a line of a shell."""
    [*found] = (words for words in simple(line) if words[0] == "mnistctl")
    [(_, *arguments)] = found
    return arguments


async def answer(line, world, where, names):
    """What the command of a line says, and how it ends."""
    arguments = ours(named(line, names))
    if line not in ENDLESS:
        return await fork_mnistctl(*arguments, folder=world.folder, **where)
    async with Running(*arguments, folder=world.folder, **where) as process:
        await process.line(ENDLESS[line])
        process.interrupt()
        return await process.end()


async def test_every_command_does_what_its_page_promises(world, where, names):
    blocks = blocks_of(ONCE)
    lines = [line for block in blocks for line in commands(block)]
    said = {}
    for line in dict.fromkeys(lines):
        said[line] = await answer(line, world, where, names)
    card = (world.folder / "README.md").read_text()

    assert PROMISED.keys() | ENDLESS.keys() == set(lines)
    assert {} == {line: each for line, each in said.items() if not kept(line, each)}
    assert "# Model of `team/mnist`" in card
    for line, printed in [each for block in blocks for each in transcript(block)]:
        if "--all" not in line:  # There somebody has meddled with the models.
            assert shape(printed) == shape(said[line].out)


def kept(line, said):
    """Whether an answer is what was promised."""
    if line in ENDLESS:
        return said.status in {0, 130} and ENDLESS[line] in said.out
    return said.status == 0 and PROMISED[line] in said.out


def shape(printed):
    """What stays the same whatever the training, its image and its files are.

    Of the training of the page no gate is asked.
    """
    text = re.sub(r"\d+ files?", "N files", masked(printed))
    text = re.sub(r"^  promotion .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("images.example.org/mnist-operator/trainer:0.1.0", IMAGE)
    return text.replace("default/mnist", "team/mnist")


async def test_what_is_held_is_released_or_discarded_as_the_pages_say(world, where):
    await begin(world)
    lines = [line for block in blocks_of(HELD) for line in commands(block)]
    told, trained = {}, 0
    for number, line in enumerate(lines):
        commit = await push(world, [1 - trained] * 10, more=number)
        await held(world, commit)
        said = await answer(line, world, where, {"5fd8aa47": commit[:8]})
        told[line] = said.status, masked(said.out)
        if "release" not in line:
            await fork_mnistctl("release", "team/mnist", commit, "--discard", **where)
        elif "--discard" not in line:
            trained = 1 - trained
        await settled(world, commit)

    assert {0} == {status for status, _ in told.values()}
    assert "DataGateHeld" in told["mnistctl get team/mnist"][1]
    for block in blocks_of(HELD):
        if block.language == "console":
            for line, printed in transcript(block):
                assert masked(printed) == told[line][1]


async def test_the_queue_is_held_and_goes_on_with_the_words_of_the_page(
    world, where, tmp_path
):
    [block] = blocks_of(QUEUE)
    (hold, held_), (again, held_already), (go_on, goes_on) = transcript(block)
    gate = Gate(tmp_path / "gate")
    await world.apply(trigger={"startFrom": "Earliest"})
    first = await world.push(wait_for=str(gate))
    await gate.reached()
    others = [await world.push(digits=each) for each in (1, 2)]
    await world.shows("Training", pendingCommits=3)
    told = [await answer(line, world, where, {}) for line in (hold, again)]
    gate.open()
    await world.model_of(first)
    await world.shows("Suspended", pendingCommits=2, active=[])
    told.append(await answer(go_on, world, where, {}))

    assert (0, masked_job(held_)) == (told[0].status, masked_job(told[0].out))
    assert (0, masked_job(held_already)) == (told[1].status, masked_job(told[1].out))
    assert (0, goes_on) == (told[2].status, told[2].out)
    assert others == [(await world.model_of(each)).input_commit for each in others]


def masked_job(text):
    return re.sub(r"mnist-[0-9a-f]{12}", "mnist-ID", text)
