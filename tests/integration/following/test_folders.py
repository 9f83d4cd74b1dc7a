"""spec.input.path names a folder: every archive below it is data, and counts."""

import pytest

from integration.following.scenes import at_rest
from integration.stories import decisions, settled
from integration.world import EARLIEST, OUTPUT
from mnist_operator.lineage import LINEAGE_FILE

A, B, NOTES = "/data/a.npz", "/data/more/b.npz", "/data/notes.txt"


async def read_by(world, commit):
    """The files that the model of a commit was trained on, as its record has them."""
    model = await world.model_of(commit)
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    definition = record["predicate"]["buildDefinition"]
    [data] = [e for e in definition["resolvedDependencies"] if e["name"] == "input"]
    return [each["path"] for each in data["annotations"]["files"]]


@pytest.mark.parametrize("path", ["data/", "data"])
async def test_every_archive_in_the_folder_is_named_in_the_record(
    world, operator, path
):
    await world.apply(trigger=EARLIEST, input={"path": path})
    commit = await world.put({B: {"digits": 1}, A: {"digits": 2}, NOTES: "new"})

    assert [A, B] == await read_by(world, commit)


@pytest.mark.parametrize("paths", [[], ["data/"], ["data/**/*.npz"]])
async def test_a_change_of_any_archive_in_it_is_trained_and_no_change_is_not(
    world, operator, paths
):
    await world.apply(trigger=EARLIEST | {"paths": paths}, input={"path": "data/"})
    first = await world.put({A: {"digits": 1}, B: {"digits": 1}})
    await world.model_of(first)
    changed = await world.put({B: {"digits": 2}})
    added = await world.put({"/data/more/c.npz": {"digits": 3}})
    removed = await world.put({A: None})
    await world.model_of(removed)
    same = await world.put({B: {"digits": 2}})
    await settled(world, same)

    why = "PathsUnchanged" if paths else "ContentUnchanged"
    assert [first, changed, added, removed] == await world.trained()
    assert (same, why) == (await decisions(world))[-1]
    assert [B, "/data/more/c.npz"] == await read_by(world, removed)
    await at_rest(world, first, changed, added, removed, same)
