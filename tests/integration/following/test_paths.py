"""A filter on paths: what changes no file under it trains nothing, and says so."""

import pytest

from integration.stories import assert_one_story, decisions, settled
from integration.world import DATA_PATH, EARLIEST

README = "/README.md"
DATA_ONLY = EARLIEST | {"paths": ["data/**"]}


async def following(world, **trigger):
    """A training with a filter and one model; returns the commit of that."""
    await world.apply(trigger=DATA_ONLY | trigger)
    first = await world.put({DATA_PATH: {"digits": 1}, README: "one"})
    await settled(world, first)
    return first


async def test_a_readme_trains_nothing_and_this_is_told(world, operator):
    first = await following(world)
    model = await world.model_of(first)
    readme = await world.put({README: "two"})
    status = await settled(world, readme)
    ready = await world.condition()
    (event,) = [e for e in await world.events() if e["reason"] == "CommitSkipped"]

    why = f"No file under data/** differs from input commit {first}, which made model"
    assert ("True", 1) == (ready["status"], len(await world.jobs()))
    assert "PathsUnchanged" in ready["message"]
    assert (
        "Normal",
        f"Input commit {readme}: PathsUnchanged: {why} {model.commit}.",
    ) == (
        event["type"],
        event["message"],
    )
    assert (readme, "Skipped", "PathsUnchanged") == tuple(
        status["history"][0][name] for name in ("commit", "decision", "reason")
    )
    assert {first} == {status["lastAttemptedCommit"], status["lastTrainedCommit"]}
    await assert_one_story(world)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({DATA_PATH: {"digits": 2}}, id="changed"),
        pytest.param({DATA_PATH: {"digits": 2}, README: "two"}, id="with-a-readme"),
        pytest.param({"/data/more/labels.json": {}}, id="added-below"),
    ],
)
async def test_data_is_trained_whatever_comes_with_it(world, operator, files):
    first = await following(world)
    readme = await world.put({README: "something else"})
    second = await world.put(files)
    await settled(world, second)

    assert [first, second] == await world.trained()
    assert (readme, "PathsUnchanged") in await decisions(world)
    await assert_one_story(world)


async def test_a_file_that_was_deleted_is_a_change(world, operator):
    await world.apply(trigger=DATA_ONLY)
    first = await world.put({DATA_PATH: {"digits": 1}, "/data/extra.json": {}})
    await settled(world, first)
    second = await world.put({"/data/extra.json": None})
    await settled(world, second)

    assert [first, second] == await world.trained()
    await assert_one_story(world)


async def test_each_of_several_globs_counts(world, operator):
    await world.apply(trigger=EARLIEST | {"paths": ["data/*.npz", "labels/**/*.json"]})
    trained = [await world.put({DATA_PATH: {"digits": 1}})]
    await settled(world, trained[-1])
    passed = [
        await world.put({"/data/deeper/mnist.npz": {}}),
        await world.put({"/labels/readme.txt": {}}),
    ]
    await settled(world, passed[-1])
    for change in ({"/labels/a.json": {}}, {"/labels/deeper/b.json": {}}):
        trained.append(await world.put(change))
        await settled(world, trained[-1])

    assert trained == await world.trained()
    for commit in passed:
        assert (commit, "PathsUnchanged") in await decisions(world)
    await assert_one_story(world)


async def test_data_superseded_by_a_readme_is_trained_with_it(world, operator, gate):
    await world.apply(trigger=DATA_ONLY | {"mode": "LatestOnly"})
    first = await world.put({DATA_PATH: {"wait_for": str(gate)}, README: "one"})
    await gate.reached()
    data = await world.put({DATA_PATH: {"digits": 2}})
    readme = await world.put({README: "two"})
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, readme)

    assert [
        (first, "Published"),
        (data, "Superseded"),
        (readme, "Published"),
    ] == await decisions(world)
    await assert_one_story(world)


@pytest.mark.parametrize("mode", ["EveryCommit", "LatestOnly"])
async def test_a_readme_after_the_data_that_is_trained_waits_for_its_model(
    world, operator, gate, mode
):
    await world.apply(trigger=DATA_ONLY | {"mode": mode})
    data = await world.put({DATA_PATH: {"wait_for": str(gate)}})
    await gate.reached()
    readme = await world.put({README: "two"})
    await world.shows(pendingCommits=2)
    gate.open()
    await settled(world, readme)

    assert [(data, "Published"), (readme, "PathsUnchanged")] == await decisions(world)
    assert [data] == await world.trained()
    await assert_one_story(world)


async def test_a_readme_after_data_that_failed_tries_the_data_again(
    world, operator, gate
):
    first = await following(world)
    data = await world.put({DATA_PATH: {"exit": 1, "unless": str(gate)}})
    await settled(world, data, "TrainingFailed")
    gate.open()
    readme = await world.put({README: "two"})
    await settled(world, readme)

    assert [first, readme] == await world.trained()
    await assert_one_story(world)


async def test_a_first_commit_without_any_file_that_counts_trains_nothing(
    world, operator
):
    await world.apply(trigger=DATA_ONLY)
    readme = await world.put({README: "one"})
    await settled(world, readme)
    data = await world.put({DATA_PATH: {"digits": 1}})
    await settled(world, data)

    assert [(readme, "PathsUnchanged"), (data, "Published")] == await decisions(world)
    assert 1 == len(await world.jobs())
    await assert_one_story(world)


async def test_another_filter_counts_from_the_next_look_on(world, operator):
    first = await following(world)
    passed = await world.put({README: "two"})
    await settled(world, passed)
    await world.change(trigger={"paths": ["*.md"]})
    taken = await world.put({README: "three"})
    await settled(world, taken)

    assert [first, taken] == await world.trained()
    await assert_one_story(world)
