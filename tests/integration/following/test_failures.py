"""Runs that fail for good: what is recorded, and what reaches nobody."""

from functools import partial

import aiohttp

from integration.world import (
    DATA_PATH,
    EARLIEST,
    OUTPUT,
    PODS,
    RUNS,
    environment,
    until,
)
from mnist_operator.decisions import Decision


async def record(world, entry, name="/record.json"):
    """What is written down in the run repo about the attempt of a ledger entry."""
    return await world.content(RUNS, entry.run, name)


async def test_an_exit_code_that_is_final_is_recorded_after_one_attempt(
    world, operator
):
    await world.apply()
    commit = await world.push(exit=10, reason="DataInvalid", say="x_train is empty")
    entry = await world.decision(commit)
    ready = await world.reason("TrainingFailed")
    kept = await record(world, entry)
    log = await world.pachyderm.read(RUNS, entry.run, "/log.txt")

    assert (Decision.FAILED, "DataInvalid", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert "x_train is empty" in entry.message
    assert "x_train is empty" in ready["message"]
    assert ("False", 1) == (ready["status"], len(await world.jobs()))
    assert ("Failed", 10, False) == (
        kept["verdict"],
        kept["exitCode"],
        kept["retryable"],
    )
    assert b"epoch 1/1\nx_train is empty\n" == log


async def test_a_failure_leaves_nothing_on_the_output_branch(world, operator):
    await world.apply()
    commit = await world.push(exit=1)
    await world.decision(commit)

    assert [] == await world.commits(OUTPUT)


async def test_the_commit_after_a_failure_is_trained_and_ready_is_true_again(
    world, operator
):
    await world.apply()
    failed = await world.push(exit=1)
    before = await world.reason("TrainingFailed")
    sound = await world.push(digits=1)

    await world.model_of(sound)
    after = await world.reason("UpToDate")
    history = (await world.status())["history"]

    assert ("False", "True") == (before["status"], after["status"])
    assert [(sound, "Published"), (failed, "Failed")] == [
        (each["commit"], each["decision"]) for each in history
    ]


async def test_every_attempt_leaves_its_own_record(world, operator):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 0})
    commit = await world.push(exit=137, say="out of memory")
    entry = await world.decision(commit)
    last = await world.pachyderm.commit(RUNS, entry.run)

    for run in (last.parent, entry.run):
        kept = await world.content(RUNS, run, "/record.json")
        asked = await world.content(RUNS, run, "/attempt.json")
        assert (137, "Failed") == (kept["exitCode"], kept["verdict"])
        assert commit == asked["input"]["commit"]
        assert run == asked["staging"]


async def test_a_run_past_its_deadline_is_stopped_for_good(world, operator, gate):
    await world.apply(activeDeadlineSeconds=2)
    commit = await world.push(digits=1, wait_for=str(gate))
    entry = await world.decision(commit)

    async def no_pod_left():
        return not (await world.kube.call("GET", PODS))["items"]

    await until(no_pod_left, "the end of the pod")
    kept = await record(world, entry)

    assert (Decision.FAILED, "DeadlineExceeded", 1) == (
        entry.decision,
        entry.reason,
        entry.attempt,
    )
    assert "DeadlineExceeded" == kept["reason"]
    assert "activeDeadlineSeconds: 2" in kept["message"]
    assert [] == await world.jobs()
    assert [] == await world.commits(OUTPUT)


async def test_what_writes_after_its_deadline_reaches_nothing(world, operator, gate):
    await world.apply()
    late = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    (job,) = await world.jobs()
    bucket = environment(job)["OUTPUT_BUCKET"]["value"]
    url = f"http://{world.cluster.s3_endpoint}/{bucket}/my_model.h5"

    async with aiohttp.ClientSession() as zombie:
        early = await zombie.put(url, data=b"in time")
        await world.change(activeDeadlineSeconds=1)
        entry = await world.decision(late)
        refused = await zombie.put(url, data=b"too late")
    await world.change(activeDeadlineSeconds=3600)
    sound = await world.push(digits=2)
    model = await world.model_of(sound)

    assert 200 == early.status
    assert 400 <= refused.status
    assert b"in time" == await world.pachyderm.read(RUNS, entry.run, "/my_model.h5")
    assert [model] == await world.models()
    assert 1 == len(await world.commits(OUTPUT))


async def waits_for_its_image(world):
    """Whether the node has said of a pod that its image cannot be had."""
    pods = (await world.kube.call("GET", PODS))["items"]
    return any(
        "pull" in each["state"].get("waiting", {}).get("reason", "").lower()
        for pod in pods
        for each in pod.get("status", {}).get("containerStatuses", ())
    )


async def test_a_pod_that_does_not_start_is_given_up_with_its_own_reason(
    world, operator
):
    await world.apply(trainer={"image": "no/such:image"}, attempts={"limit": 1})
    commit = await world.push(digits=1)
    await until(partial(waits_for_its_image, world), "a pod without its image")
    await world.change(startupDeadlineSeconds=1)
    entry = await world.decision(commit)

    assert (Decision.FAILED, "StartupDeadlineExceeded") == (
        entry.decision,
        entry.reason,
    )
    assert "within 1 s (spec.startupDeadlineSeconds)" in entry.message
    # The pod's word for it, or that of an Event which came an instant before.
    assert "pull" in entry.message.lower()
    assert "no/such:image" in entry.message


async def test_success_without_a_model_is_a_failure(world, operator):
    await world.apply(trigger=EARLIEST)
    empty = await world.push(digits=1, leave_out="my_model.h5")
    sound = await world.push(digits=2)
    entry = await world.decision(empty)
    await world.model_of(sound)

    assert (Decision.FAILED, "OutputInvalid") == (entry.decision, entry.reason)
    assert "/my_model.h5" in entry.message
    assert 1 == len(await world.jobs()) - 1
    assert 1 == len(await world.commits(OUTPUT))


async def test_an_output_branch_that_somebody_holds_open_is_waited_for(world, operator):
    await world.apply()
    await world.reason("WaitingForData")
    foreign = await world.open_commit(OUTPUT, theirs=1)
    commit = await world.push(digits=1)
    busy = await world.reason("OutputBusy")
    nothing_yet = await world.models()

    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    model = await world.model_of(commit)
    commits = await world.commits(OUTPUT)
    paths = await world.paths(OUTPUT.repo, model.commit)

    assert f"pachctl finish commit outputrepo@{foreign}" in busy["message"]
    assert [] == nothing_yet
    assert [foreign, model.commit] == [each.id for each in commits]
    assert DATA_PATH not in paths


async def test_so_is_one_on_which_a_commit_is_still_being_finished(world, operator):
    await world.apply()
    await world.reason("WaitingForData")
    foreign = await world.open_commit(OUTPUT, theirs=1)
    world.cluster.pachd.hold_finishing(OUTPUT.repo.name)
    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    commit = await world.push(digits=1)
    busy = await world.reason("OutputBusy")

    world.cluster.pachd.hold_finishing(None)
    model = await world.model_of(commit)
    commits = await world.commits(OUTPUT)

    assert busy["message"] == (
        f"The output branch is busy: Pachyderm still finishes commit {foreign} on"
        f" {OUTPUT}; then the model is published."
    )
    assert [foreign, model.commit] == [each.id for each in commits]
