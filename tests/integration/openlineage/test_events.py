"""What an OpenLineage backend is told of the runs of a real operator."""

import logging

from integration.world import EARLIEST


def runs(backend):
    """Every event of each run, in the order in which the runs were told first."""
    found = {}
    for each in backend.events:
        found.setdefault(each["run"]["runId"], []).append(each)
    return list(found.values())


def version(dataset):
    return dataset["facets"]["version"]["datasetVersion"]


async def test_a_model_is_a_start_and_the_event_that_export_writes(
    world, operator, backend, export, caplog
):
    caplog.set_level(logging.DEBUG)
    await world.apply()
    commit = await world.push(digits=1)
    model = await world.model_of(commit)
    start, complete = await backend.told(2)

    answer = await export(model.commit, "--format", "openlineage")

    assert ["START", "COMPLETE"] == backend.kinds()
    assert start["run"]["runId"] == complete["run"]["runId"]
    assert [commit] == [version(each) for each in start["inputs"]]
    assert [commit] == [version(each) for each in complete["inputs"]]
    assert [model.commit] == [version(each) for each in complete["outputs"]]
    assert ("team", "mnist") == (
        complete["job"]["namespace"],
        complete["job"]["name"],
    )
    assert (0, "") == (answer.status, answer.err)
    assert complete == answer.json
    assert {"Bearer a-key-to-look-for"} == {
        headers["Authorization"] for _, headers in backend.headers
    }
    assert "a-key-to-look-for" not in caplog.text


async def test_each_attempt_that_fails_is_a_run_that_says_why(world, operator, backend):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 0})
    commit = await world.push(exit=137, say="out of memory")
    await world.decision(commit)
    await backend.told(4)

    first, second = runs(backend)
    for told in (first, second):
        assert ["START", "FAIL"] == [each["eventType"] for each in told]
        error = told[1]["run"]["facets"]["errorMessage"]["message"]
        assert error.startswith("TrainerKilled: Exit code 137")
        assert "out of memory" in error
        assert [commit] == [version(each) for each in told[1]["inputs"]]


async def test_a_run_whose_output_cannot_be_published_has_failed(
    world, operator, backend
):
    await world.apply()
    commit = await world.push(leave_out="my_model.h5")
    await world.decision(commit)
    _, fail = await backend.told(2)

    assert ["START", "FAIL"] == backend.kinds()
    error = fail["run"]["facets"]["errorMessage"]["message"]
    assert error.startswith("OutputInvalid: ")


async def test_a_run_that_a_newer_commit_stops_is_aborted(
    world, operator, backend, tmp_path
):
    gate = tmp_path / "gate"
    await world.apply(concurrencyPolicy="Replace", trigger=EARLIEST)
    await world.push(digits=0, wait_for=str(gate))
    await backend.told(1)
    newest = await world.push(digits=1)
    await world.model_of(newest)
    await backend.told(4)
    gate.touch()

    stopped, done = runs(backend)
    assert ["START", "ABORT"] == [each["eventType"] for each in stopped]
    assert ["START", "COMPLETE"] == [each["eventType"] for each in done]
    error = stopped[1]["run"]["facets"]["errorMessage"]["message"]
    assert f"Input commit {newest} takes its place." in error


async def test_what_is_told_last_is_sent_before_the_operator_ends(
    world, operator, backend
):
    await world.apply()
    commit = await world.push(digits=1)
    # Not the ledger's line: what is told of it is told a moment later.
    await world.shows("UpToDate", lastTrainedCommit=commit)
    await operator.stop()

    assert ["START", "COMPLETE"] == backend.kinds()
