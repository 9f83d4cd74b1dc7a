"""concurrencyPolicy Replace: the newest commit stops the run that is under way."""

from functools import partial

from integration.following import scenes
from integration.following.scenes import allow, push_all, reached
from integration.operators import InProcess
from integration.stories import decisions
from integration.world import DATA_PATH, EARLIEST, INPUT, OUTPUT, PODS, RUNS, until
from mnist_operator.decisions import Decision
from mnist_operator.runs import Verdict, read_attempt

REPLACE = {"concurrencyPolicy": "Replace", "trigger": EARLIEST}
PATIENT = {"attempts": {"backoffSeconds": 3600}}
at_rest = partial(scenes.at_rest, with_jobs=False)


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply(**{**REPLACE, **spec})
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    return commit


async def attempt_of(world, entry):
    """The attempt that a line of the ledger names, as it was closed."""
    return read_attempt(await world.pachyderm.commit(RUNS, entry.run))


async def test_a_newer_commit_stops_the_run_and_the_record_says_which(
    world, operator, watch, gate
):
    stopped = await running(world, gate)
    newest = await world.push(digits=1)
    await at_rest(world, stopped, newest)

    entry, published = await world.entries()
    closed = await attempt_of(world, entry)
    (job,) = await world.jobs()
    assert (Decision.SKIPPED, "Superseded", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert f"Input commit {newest} took its place." in entry.message
    assert "Attempt 1 was stopped for it." in entry.message
    assert (Verdict.ABANDONED, "Superseded") == (
        closed.outcome.verdict,
        closed.outcome.reason,
    )
    assert newest in closed.outcome.message
    assert entry.tfjob != published.tfjob == job["metadata"]["name"]
    assert [stopped, newest] == watch.commits
    assert ([newest], 1) == (await world.trained(), watch.most)


async def test_what_is_stopped_leaves_no_pod_and_reaches_no_model(
    world, operator, gate
):
    stopped = await running(world, gate)
    newest = await world.push(digits=1)
    await at_rest(world, stopped, newest)
    gate.open()

    async def pods():
        found = (await world.kube.call("GET", PODS))["items"]
        owners = {each["metadata"]["ownerReferences"][0]["name"] for each in found}
        return owners == {model.tfjob for model in await world.models()}

    await until(pods, "the end of the pod that was stopped")
    (model,) = await world.models()
    written = await world.pachyderm.read(OUTPUT.repo, model.commit, "/my_model.h5")
    assert b'"digits": 1' in written


async def test_each_newer_commit_takes_the_place_of_the_run_before_it(
    world, operator, watch, gates
):
    first = await running(world, gates[0])
    second = await world.push(digits=1, wait_for=str(gates[1]))
    await gates[1].reached()
    third = await world.push(digits=2)
    await at_rest(world, first, second, third)

    before, after, _ = await world.entries()
    assert second in before.message
    assert third in after.message
    assert [1, 1] == [before.attempt, after.attempt]
    assert [first, second, third] == watch.commits
    assert ([third], 1) == (await world.trained(), watch.most)


async def test_a_burst_of_pushes_is_superseded_at_once_and_only_one_was_stopped(
    world, watch, gate
):
    async with InProcess(world):
        stopped = await running(world, gate)
    burst = [await world.push(digits=digits) for digits in range(1, 5)]
    async with InProcess(world):
        await at_rest(world, stopped, *burst)

    entries = await world.entries()
    assert ["Superseded"] * 4 == [entry.reason for entry in entries[:-1]]
    assert [1, 0, 0, 0] == [entry.attempt for entry in entries[:-1]]
    assert all(burst[-1] in entry.message for entry in entries[:-1])
    assert [stopped, burst[-1]] == watch.commits


async def test_a_commit_that_is_still_written_stops_nothing(world, operator, gate):
    first = await running(world, gate)
    late = await world.open_commit(digits=1)
    await world.shows(head=late, pendingCommits=2)
    gate.open()
    await world.model_of(first)
    await world.pachyderm.finish_commit(INPUT.repo, late)
    await at_rest(world, first, late)

    assert [first, late] == await world.trained()


async def test_a_readme_stops_no_run_under_way(world, operator, watch, gate):
    paths = {"trigger": {**EARLIEST, "paths": ["data/**"]}}
    first = await running(world, gate, **paths)
    readme = await world.put({"/README.md": "digits, drawn by hand"})
    await world.shows("Training", head=readme, pendingCommits=2)
    gate.open()
    await at_rest(world, first, readme)

    assert [(first, "Published"), (readme, "PathsUnchanged")] == await decisions(world)
    assert [first] == watch.commits


async def test_data_behind_a_readme_stops_the_run(world, operator, watch, gate):
    paths = {"trigger": {**EARLIEST, "paths": ["data/**"]}}
    first = await running(world, gate, **paths)
    readme = await world.put({"/README.md": "digits, drawn by hand"})
    await world.shows(head=readme, pendingCommits=2)
    data = await world.put({DATA_PATH: {"digits": 1}})
    await at_rest(world, first, readme, data)

    assert ["Superseded", "Superseded", "Published"] == [
        reason for _, reason in await decisions(world)
    ]
    assert [first, data] == watch.commits


async def test_a_suspended_training_replaces_nothing(world, operator, gate):
    first = await running(world, gate)
    await world.change(suspend=True)
    await world.shows(observedGeneration=2)
    second = await world.push(digits=1)
    await world.shows("Training", pendingCommits=2)
    gate.open()
    await world.model_of(first)
    await world.shows("Suspended", pendingCommits=1)
    await world.change(suspend=False)
    await at_rest(world, first, second)

    assert [first, second] == await world.trained()


async def test_resuming_replaces_the_run_that_went_on_meanwhile(world, operator, gate):
    first = await running(world, gate)
    await world.change(suspend=True)
    await world.shows(observedGeneration=2)
    second = await world.push(digits=1)
    await world.shows("Training", pendingCommits=2)
    await world.change(suspend=False)
    await at_rest(world, first, second)

    assert [second] == await world.trained()


async def test_a_run_that_has_just_ended_well_is_published_all_the_same(world, gate):
    async with InProcess(world):
        first = await running(world, gate)
    gate.open()
    await until(lambda: has_succeeded(world), "the end of the TFJob")
    second = await world.push(digits=1)
    async with InProcess(world):
        await at_rest(world, first, second)

    assert [first, second] == await world.trained()


async def has_succeeded(world):
    (job,) = await world.jobs()
    conditions = job.get("status", {}).get("conditions", [])
    return any(each["type"] == "Succeeded" for each in conditions)


async def test_a_model_that_waits_for_the_output_branch_is_not_replaced(
    world, operator, gate
):
    first = await running(world, gate)
    foreign = await world.pachyderm.start_commit(OUTPUT, description="mine")
    gate.open()
    await world.reason("OutputBusy")
    second = await world.push(digits=1)
    queue = [
        {"commit": first, "state": "Publishing"},
        {"commit": second, "state": "Waiting"},
    ]
    await world.shows("OutputBusy", queue=queue)
    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    await world.decision(second)

    assert [first, second] == await world.trained()


async def test_a_second_attempt_gives_way_to_a_newer_commit(world, operator, watch):
    await world.apply(**REPLACE, **PATIENT)
    first = await world.push(exit=137)
    await world.reason("Retrying")
    second = await world.push(digits=1)
    await at_rest(world, first, second)

    entry = (await world.entries())[0]
    assert ("Superseded", 1) == (entry.reason, entry.attempt)
    assert f"Attempt 1 failed, and {second} takes its place." == entry.message
    assert [first, second] == watch.commits


async def test_a_pod_that_never_starts_gives_way_to_a_newer_commit(world, operator):
    await world.apply(**REPLACE, trainer={"image": "late:image"})
    first = await world.push(digits=0)
    await world.reason("Starting")
    await until(world.jobs, "the TFJob")
    await world.change(trainer={"image": None})
    await world.shows(observedGeneration=2)
    second = await world.push(digits=1)
    await at_rest(world, first, second)

    entry = (await world.entries())[0]
    assert ("Superseded", 1) == (entry.reason, entry.attempt)


async def test_a_run_that_somebody_asked_for_is_not_replaced(world, operator, gate):
    await world.apply(**REPLACE)
    old = await world.push(digits=0)
    await world.model_of(old)
    held = await world.push(exit=1, wait_for=str(gate))
    await gate.reached()
    gate.open()
    await world.decision(held)
    gate.shut()
    await world.ask("noon", held)
    await gate.reached()
    newest = await world.push(digits=2)
    await world.shows("Training", pendingCommits=1, lastHandledRequestAt="noon")
    gate.open()
    await at_rest(world, old, held, held, newest)

    assert ["", "", "noon", ""] == [entry.request for entry in await world.entries()]


async def test_allow_from_the_middle_on_replaced_keeps_the_newest_run(
    world, operator, watch, gates
):
    await world.apply(**allow(3))
    pushed = await push_all(world, gates[:3])
    await reached(*gates[:3])
    await world.change(concurrencyPolicy="Replace")
    await world.shows(pendingCommits=1)
    gates[2].open()
    await at_rest(world, *pushed)

    entries = await world.entries()
    assert [1, 1, 1] == [entry.attempt for entry in entries]
    assert all("was stopped for it" in entry.message for entry in entries[:2])
    assert ([pushed[2]], pushed) == (await world.trained(), watch.commits)


async def test_what_was_stopped_is_named_also_when_a_run_was_asked_for_meanwhile(
    world, operator, watch, gates
):
    await world.apply(**REPLACE)
    old = await world.push(digits=9)
    await world.model_of(old)
    first = await world.push(digits=0, wait_for=str(gates[0]))
    await gates[0].reached()
    await world.ask("noon", old)
    newest = await world.push(digits=1, wait_for=str(gates[1]))
    gates[1].open()
    await at_rest(world, old, first, old, newest)

    stopped = (await world.entries())[1]
    assert ("Superseded", 1) == (stopped.reason, stopped.attempt)
    assert [old, first, old, newest] == watch.commits
