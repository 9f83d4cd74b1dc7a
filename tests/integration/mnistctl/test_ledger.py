"""mnistctl ledger: shown, made anew, and an operator that notices nothing."""

import json

import pytest

from integration.mnistctl_world import INPUT, OUTPUT, TRAINING, fork_mnistctl
from integration.operators import InProcess
from integration.stories import decisions, push_some, settled
from integration.world import EARLIEST, World
from mnist_operator import places
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.ledger.writing import write_ledger
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import failure_of, to_lines
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.runs import Outcome, Verdict

LEDGER = places.ledger_branch(TRAINING)
OTHER = "6" * 32
INVALID = Outcome(Verdict.FAILED, "DataInvalid", "x_train is missing")


async def content(client, branch=LEDGER):
    head = await client.branch_head_id(branch)
    return await client.read(branch.repo, head, LEDGER_FILE)


async def failed(world, commit=OTHER):
    """A run that failed; gives back the ledger's entry."""
    closed = await world.close(await world.open(commit), INVALID)
    return failure_of(closed, INVALID.reason, INVALID.message, now=closed.closed)


async def test_its_lines_are_shown_as_they_are(world, ask):
    await world.publish()
    await world.remember(await failed(world))

    answer = await ask("ledger", "show", "mnist")
    unknown = await ask("ledger", "show", "other")

    assert (await content(world.client)).decode() == answer.out
    assert ["Published", "Failed"] == [
        json.loads(line)["decision"] for line in answer.out.splitlines()
    ]
    assert (3, "") == (unknown.status, unknown.out)


async def test_what_would_change_is_told_and_nothing_is_written(world, ask):
    model = await world.publish(remember=False)
    newer = await world.publish(input_commit=OTHER)
    before = await world.client.branch_head_id(LEDGER)

    answer = await ask("ledger", "rebuild", "mnist")
    as_json = await ask("ledger", "rebuild", "mnist", "-o", "json")

    assert (0, "") == (answer.status, answer.err)
    assert "Nothing is written yet: ask again with --yes" in answer.out
    assert [("Started", INPUT, None), ("Published", INPUT, model.output)] == [
        (each["decision"], each["inputCommit"], each["modelCommit"])
        for each in as_json.json["changes"]
    ]
    assert (1, None) == (as_json.json["kept"], as_json.json["written"])
    assert newer.output in (await content(world.client)).decode()
    assert before == await world.client.branch_head_id(LEDGER)


async def test_with_yes_it_is_written_as_one_commit_and_then_it_is_whole(world, ask):
    first = await world.publish()
    lost = await failed(world, "7" * 32)
    await world.publish(input_commit=OTHER)
    await world.client.replace(LEDGER, LEDGER_FILE, b"what?\n")
    before = await world.client.branch_head_id(LEDGER)

    written = await ask("ledger", "rebuild", "mnist", "--yes", "-o", "json")
    again = await ask("ledger", "rebuild", "mnist", "--yes")
    history = await ask("history", "mnist", "-o", "json")

    head = await world.client.head(LEDGER)
    assert (head.id, before) == (written.json["written"], head.parent)
    assert "It is as it should be: nothing is to be written" in again.out
    assert head.id == await world.client.branch_head_id(LEDGER)
    assert [OTHER, lost.commit, first.commit] == [
        each["inputCommit"] for each in history.json["decisions"]
    ]
    assert b"what?" in await world.client.read(LEDGER.repo, before, LEDGER_FILE)


async def test_a_ledger_that_never_was_is_made(world, ask):
    model = await world.publish(remember=False)

    written = await ask("ledger", "rebuild", "mnist", "--yes", "--start-from", "Next")

    first, second = map(json.loads, (await content(world.client)).splitlines())
    assert (0, "") == (written.status, written.err)
    assert ("Next", INPUT, "default/inputrepo@master") == (
        first["start"]["asked"],
        first["start"]["commit"],
        first["start"]["source"],
    )
    assert model.output == second["output"]


async def test_a_training_that_never_was_is_said(world, ask):
    await world.client.create_branch(OUTPUT)

    unknown = await ask("ledger", "rebuild", "other", "--yes")
    wrong = await ask("ledger", "rebuild", "mnist", "--start-from", "Yesterday")

    assert [3, 2] == [unknown.status, wrong.status]
    assert "knows nothing of a MnistTraining default/other" in unknown.err
    assert not await world.client.branch_exists(Branch(LEDGER.repo, "default_other_0"))


class TestRaces:
    async def test_what_was_written_before_stops_it(self, world):
        await world.remember(await failed(world))
        read = await world.client.branch_head_id(LEDGER)
        old = await content(world.client)
        await world.remember(await failed(world, INPUT))

        with pytest.raises(NoAnswerError, match="was written to while it was read"):
            await write_ledger(world.client, LEDGER, before=read, old=old, new=b"{}\n")

        assert (await content(world.client)).startswith(old)

    async def test_what_is_written_at_the_same_time_is_added_again(self, world):
        class Racing:
            """A client whose operator is a moment faster, and then once more."""

            def __getattr__(self, name):
                return getattr(world.client, name)

            async def replace(self, *arguments):
                await world.client.append(LEDGER, LEDGER_FILE, to_lines([early]))
                await world.client.replace(*arguments)
                await world.client.append(LEDGER, LEDGER_FILE, to_lines([late]))

        await world.remember(await failed(world))
        read = await world.client.branch_head_id(LEDGER)
        old = await content(world.client)
        early, late = await failed(world, INPUT), await failed(world, "7" * 32)

        written = await write_ledger(
            Racing(), LEDGER, before=read, old=old, new=b"{}\n"
        )

        assert b"{}\n" + to_lines([late, early]) == await content(world.client)
        assert 1 == written.again
        assert b"{}\n" == await world.client.read(
            LEDGER.repo, written.commit, LEDGER_FILE
        )

    async def test_what_did_not_arrive_is_not_said_to_be_written(self, world):
        class Deaf:
            """A client of a pachd whose branch somebody moves back at once."""

            def __getattr__(self, name):
                return getattr(world.client, name)

            async def replace(self, *arguments):
                pass

        await world.remember(await failed(world))
        read, old = await world.client.branch_head_id(LEDGER), b""

        with pytest.raises(NoAnswerError, match="does not hold what was written"):
            await write_ledger(Deaf(), LEDGER, before=read, old=old, new=b"{}\n")

    async def test_a_head_that_is_held_open_stops_it(self, world):
        await world.remember(await failed(world))
        opened = await world.client.start_commit(LEDGER, description="")

        with pytest.raises(NoAnswerError, match=f"held open by commit {opened}"):
            await write_ledger(
                world.client, LEDGER, before=opened, old=b"", new=b"{}\n"
            )

        await world.client.finish_commit(LEDGER.repo, opened)


async def rebuild(world, *arguments):
    address = world.cluster.pachd_address
    answer = await fork_mnistctl(
        "ledger", "rebuild", "team/mnist", *arguments, PACHD_ADDRESS=address
    )
    assert (0, "") == (answer.status, answer.err)
    return answer


@pytest.mark.parametrize(
    ("lost", "start", "last"),
    [
        pytest.param("all", "Latest", "good", id="all-of-it"),
        pytest.param("all", "Latest", "bad", id="all-of-it-and-the-newest-failed"),
        pytest.param("end", "Earliest", "good", id="all-but-the-start"),
    ],
)
async def test_an_operator_goes_on_after_it_as_if_nothing_had_happened(
    tmp_path, lost, start, last
):
    """Nothing is published twice, nothing is tried again, and nothing is left out."""
    branch = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
    async with World(tmp_path) as world:
        await world.create_repo()
        async with InProcess(world):
            await world.apply(trigger={"startFrom": start})
            await world.shows("WaitingForData")
            await push_some(world, 1)
            bad = await world.push(exit=1, reason="DataInvalid")
            await settled(world, bad, "TrainingFailed")
            if last == "good":
                await settled(world, *await push_some(world, 2))
        done = await world.trained()
        waiting = await push_some(world, 3, 4)
        whole = await content(world.pachyderm, branch)
        left = b"" if lost == "all" else whole[: whole.index(b"\n") + 1]
        await world.pachyderm.replace(branch, LEDGER_FILE, left)

        await rebuild(world, "--yes", "--start-from", start)
        async with InProcess(world):
            await settled(world, waiting[-1])

        trained = [*done, *waiting]
        told = [(each, "Published") for each in trained]
        told.insert(1, (bad, "DataInvalid"))
        assert trained == await world.trained()
        assert told == await decisions(world)
        assert len(told) == len(await world.jobs())


async def test_an_operator_that_runs_reads_it_anew(tmp_path):
    branch = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
    async with World(tmp_path) as world, InProcess(world):
        await world.create_repo()
        [first] = await push_some(world, 1)
        await world.apply(trigger=EARLIEST)
        await settled(world, first)
        whole = await content(world.pachyderm, branch)
        await world.pachyderm.append(branch, LEDGER_FILE, b"what?\n")

        await rebuild(world, "--yes")
        [second] = await push_some(world, 2)
        await settled(world, second)

        assert (await content(world.pachyderm, branch)).startswith(whole)
        assert [first, second] == await world.trained()
