"""Old TFJobs: as many are kept as the spec says, none goes before it is recorded."""

import grpc

from integration.following.scenes import allow, reached, states
from integration.operators import InProcess
from integration.stories import decisions
from integration.world import EARLIEST, OUTPUT, PODS, RUNS, until
from local_cluster.faults import Fault
from mnist_operator.tfjob import COMMIT_LABEL


async def kept(world):
    """The input commits whose TFJobs are still there."""
    return {job["metadata"]["labels"][COMMIT_LABEL] for job in await world.jobs()}


async def keeps(world, *commits):
    async def look():
        return await kept(world) == set(commits)

    await until(look, "the TFJobs that are to be kept, and no others")


async def test_of_runs_that_ended_well_the_newest_stay(world, operator, watch):
    await world.apply(trigger=EARLIEST, successfulRunsHistoryLimit=1)
    pushed = [await world.push(digits=digits) for digits in range(3)]
    await world.model_of(pushed[-1])
    await keeps(world, pushed[-1])

    history = (await world.shows("UpToDate", pendingCommits=0))["history"]
    assert pushed == watch.commits
    assert pushed == await world.trained()
    assert pushed == [each["commit"] for each in reversed(history)]
    assert 3 == len(await world.told("ModelPublished"))


async def test_of_runs_that_failed_none_stays_where_none_is_wanted(
    world, operator, watch
):
    await world.apply(trigger=EARLIEST, failedRunsHistoryLimit=0)
    failed = await world.push(exit=1, say="no digits")
    sound = await world.push(digits=1)
    await world.decision(sound)
    await keeps(world, sound)

    (first, _) = await world.entries()
    log = await world.pachyderm.read(RUNS, first.run, "/log.txt")
    assert [failed, sound] == watch.commits
    assert b"no digits" in log
    assert [(failed, "TrainerFailed"), (sound, "Published")] == await decisions(world)


async def test_failed_attempts_count_each(world, operator, watch):
    await world.apply(
        attempts={"limit": 3, "backoffSeconds": 0}, failedRunsHistoryLimit=1
    )
    commit = await world.push(exit=137)
    await world.decision(commit)

    async def one_left():
        return 1 == len(await world.jobs())

    await until(one_left, "the last of three TFJobs")
    (job,) = await world.jobs()
    (entry,) = await world.entries()
    assert (entry.tfjob, 3) == (job["metadata"]["name"], entry.attempt)
    assert [commit] * 3 == watch.commits


async def test_a_tfjob_and_its_pod_go_together(world, operator):
    await world.apply(successfulRunsHistoryLimit=0)
    await world.model_of(await world.push(digits=1))
    await keeps(world)

    async def no_pods():
        return not (await world.kube.call("GET", PODS))["items"]

    await until(no_pods, "the end of the pod")


async def test_none_goes_while_somebody_else_holds_the_output_branch(world, operator):
    await world.apply(successfulRunsHistoryLimit=0)
    await world.reason("WaitingForData")
    foreign = await world.pachyderm.start_commit(OUTPUT, description="mine")
    commit = await world.push(digits=1)
    await world.reason("OutputBusy")
    before = await kept(world), await world.entries()
    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    await world.model_of(commit)
    await keeps(world)

    assert ({commit}, []) == before
    assert [commit] == [entry.commit for entry in await world.entries()]


async def test_none_goes_before_its_line_is_in_the_ledger(world, gate):
    """Whatever fails on the way to the ledger, the TFJob is there to tell of itself."""
    refused = (grpc.StatusCode.UNKNOWN, "pg: deadlock detected")
    async with InProcess(world):
        await world.apply(successfulRunsHistoryLimit=0, failedRunsHistoryLimit=0)
        commit = await world.push(digits=1, wait_for=str(gate))
        await gate.reached()
        await world.reason("Training")
        world.faults.add(Fault("pfs.CreateBranch", refused, times=None))
        gate.open()
        await world.reason("SourceUnreachable")
        before = await kept(world), await world.entries()
        world.faults.clear()
        await world.model_of(commit)
        await keeps(world)

    assert ({commit}, []) == before


async def test_a_model_that_waits_for_its_turn_keeps_its_tfjob(world, operator, gates):
    await world.apply(
        **allow(2), successfulRunsHistoryLimit=0, failedRunsHistoryLimit=0
    )
    pushed = [
        await world.push(digits=1, wait_for=str(gates[0])),
        await world.push(exit=1, wait_for=str(gates[1])),
    ]
    await reached(*gates[:2])
    gates[1].open()
    await states(world, "Running", "Failed")
    before = await kept(world)
    gates[0].open()
    await world.decision(pushed[1])
    await keeps(world)

    assert set(pushed) == before


async def test_a_lower_limit_lets_go_of_what_was_kept_so_far(world, operator):
    await world.apply(trigger=EARLIEST)
    pushed = [await world.push(digits=digits) for digits in range(3)]
    await world.model_of(pushed[-1])
    await world.reason("UpToDate")
    before = await kept(world)
    await world.change(successfulRunsHistoryLimit=2)
    await keeps(world, *pushed[1:])

    assert set(pushed) == before
    assert pushed == await world.trained()


async def test_limits_hold_while_another_run_is_under_way(world, operator, gate):
    await world.apply(trigger=EARLIEST, successfulRunsHistoryLimit=1)
    pushed = [await world.push(digits=digits) for digits in range(2)]
    await world.model_of(pushed[-1])
    running = await world.push(digits=9, wait_for=str(gate))
    await gate.reached()

    await keeps(world, pushed[1], running)


async def test_a_suspended_training_lets_go_of_old_tfjobs_as_well(world, operator):
    await world.apply()
    await world.model_of(await world.push(digits=1))
    await world.reason("UpToDate")
    await world.change(suspend=True, successfulRunsHistoryLimit=0)
    await keeps(world)


async def test_tfjobs_of_other_trainings_are_left_alone(world, operator):
    await world.apply("other", output={"repo": "second"})
    await world.apply(successfulRunsHistoryLimit=0)
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await world.reason("UpToDate", name="other")

    async def others():
        labels = [job["metadata"]["labels"] for job in await world.jobs()]
        return ["other"] == [each["mnist-operator.dev/training"] for each in labels]

    await until(others, "the TFJob of the other training alone")
