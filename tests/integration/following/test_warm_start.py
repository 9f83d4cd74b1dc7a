"""warmStart: each run begins from the newest model, and the record names it.

Told four times: by the TFJob, by attempt.json, by the trainer and by the record.
"""

from integration.following.scenes import allow, at_rest, open_all, reached, states
from integration.operators import InProcess
from integration.stories import settled
from integration.world import EARLIEST, INPUT, OUTPUT, RUNS, environment, until
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.tfjob import RUN_LABEL

WARM = {"warmStart": True}
IN_ORDER = {"trigger": EARLIEST, "trainer": WARM}


async def beginnings(world):
    """The model that each model began from, oldest first; empty: it began anew."""
    return [await beginning(world, model) for model in await world.models()]


async def beginning(world, model):
    """The same of one; all that tell of it must agree."""
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    definition = record["predicate"]["buildDefinition"]
    told = definition["internalParameters"]["warmStart"]
    found = {each["name"]: each for each in definition["resolvedDependencies"]}
    attempt = await world.content(RUNS, model.run, "/attempt.json")
    given = await given_to(world, model.run)
    offered = told["offered"]
    assert offered == attempt.get("warmStart", {}).get("commit", "")
    assert given == ((f"{offered}.master.outputrepo", "my_model.h5") if offered else ())
    if told["from"]:
        said = await world.content(OUTPUT.repo, model.commit, "/run.json")
        assert said["warmStart"]["sha256"] == found["warmStart"]["digest"]["sha256"]
        assert found["warmStart"]["uri"].endswith(f"@{told['from']}")
    else:
        assert "warmStart" not in found
    return told["from"]


async def given_to(world, run):
    """Bucket and file of a model that a TFJob names; nothing where it names none."""
    [job] = [
        each
        for each in await world.jobs()
        if each["metadata"]["labels"][RUN_LABEL] == run
    ]
    told = environment(job)
    names = ("WARM_START_BUCKET", "WARM_START_FILE")
    return tuple(told[name]["value"] for name in names if name in told)


async def push_each(world, *digits, **data):
    """One commit after the other, each when the one before it has its model."""
    models = []
    for each in digits:
        commit = await world.push(digits=each, **data)
        models.append((await world.model_of(commit)).commit)
    return models


async def test_each_model_begins_from_the_one_before_it(world, operator):
    await world.apply(**IN_ORDER)
    models = await push_each(world, 0, 1, 2)
    status = await settled(world, (await world.models())[-1].input_commit)

    assert ["", *models[:-1]] == await beginnings(world)
    assert models[-1] == status["lastModelCommit"]


async def test_without_it_each_begins_anew_and_nothing_tells_of_it(world, operator):
    await world.apply(trigger=EARLIEST)
    await push_each(world, 0, 1)

    for model in await world.models():
        record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
        assert "warmStart" not in str(record)
        assert () == await given_to(world, model.run)


async def test_runs_side_by_side_begin_from_the_same_model(world, operator, gates):
    await world.apply(**allow(2, trainer=WARM))
    [first] = await push_each(world, 0)
    pushed = [
        await world.push(digits=9, wait_for=str(gates[0])),
        await world.push(digits=8, wait_for=str(gates[1])),
    ]
    await reached(*gates[:2])
    open_all(gates)
    await world.model_of(pushed[1])
    await push_each(world, 7)

    models = [each.commit for each in await world.models()]
    assert ["", first, first, models[2]] == await beginnings(world)


async def test_another_attempt_begins_where_the_first_one_did(world, operator, gate):
    failing = {"exit": 137, "unless": str(gate)}
    late = {"limit": 3, "backoffSeconds": 3600}
    await world.apply(**IN_ORDER, attempts=late)
    [first] = await push_each(world, 0)
    commit = await world.push(digits=1, **failing)
    await states(world, "Retrying")
    await world.change(concurrencyPolicy="Allow", maxParallel=2)
    await world.ask("now", (await world.models())[0].input_commit)
    await until(lambda: _count(world, 2), "the model that was asked for")
    gate.open()
    await world.change(attempts={"limit": 3, "backoffSeconds": 0})
    model = await world.model_of(commit)

    assert (2, first) == (model.attempt, await beginning(world, model))
    assert ["", first, first] == await beginnings(world)


async def _count(world, number):
    return len(await world.models()) == number


async def test_what_was_decided_at_the_opening_holds_for_another_operator(world, gate):
    async with InProcess(world):
        await world.apply(**allow(2, trainer=WARM))
        first = await world.push(digits=0, wait_for=str(gate))
        await gate.reached()
        second = await world.open_commit(digits=1)
        await states(world, "Running", "Opened")
        gate.open()
        await world.shows(lastTrainedCommit=first)
    async with InProcess(world):
        await world.pachyderm.finish_commit(INPUT.repo, second)
        await at_rest(world, first, second)

    assert ["", ""] == await beginnings(world)


async def test_whoever_moves_the_branch_back_goes_on_from_there(world, operator):
    await world.apply(**IN_ORDER)
    older, _ = await push_each(world, 0, 1)
    await world.pachyderm.create_branch(OUTPUT, older)
    model = await world.model_of(await world.push(digits=2))

    assert older == await beginning(world, model)


async def test_a_commit_that_is_no_model_is_passed_over(world, operator):
    await world.apply(**IN_ORDER)
    [first] = await push_each(world, 0)
    await world.put({"/README.md": "by hand"}, OUTPUT)
    model = await world.model_of(await world.push(digits=1))

    assert first == await beginning(world, model)


async def test_a_model_at_another_path_is_none_to_begin_from(world, operator):
    await world.apply(**IN_ORDER, output={"path": "other.h5"})
    await push_each(world, 0)
    await world.delete()
    await world.apply(**IN_ORDER)
    model = await world.model_of(await world.push(digits=1))

    assert "" == await beginning(world, model)


async def test_a_trainer_that_begins_anew_all_the_same_is_believed(world, operator):
    await world.apply(**IN_ORDER)
    await push_each(world, 0)
    await push_each(world, 1, begin="anew")

    assert ["", ""] == await beginnings(world)


async def test_a_trainer_that_began_elsewhere_is_not_published(world, operator):
    await world.apply(**IN_ORDER)
    [first] = await push_each(world, 0)
    commit = await world.push(digits=1, begin="master.elsewhere")
    entry = await world.decision(commit)

    assert "OutputInvalid" == entry.reason
    assert (
        "/run.json does not agree with what was asked: it began from"
        f" master.elsewhere/my_model.h5, and was given {first}.master.outputrepo"
    ) in entry.message
