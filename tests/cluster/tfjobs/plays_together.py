"""Lives of a TFJob with several pods, to be given on any controller; see `plays`."""

from cluster.tfjobs.pods import Pod
from cluster.tfjobs.stage import Stage

__all__ = ["TOGETHER"]

_NO_NODE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient cpu.",
}


async def _together(stage: Stage, **roles: int) -> dict[str, Pod]:
    """All pods of a TFJob with several, and they run."""
    await stage.create(roles=roles)
    pods = await stage.peers(sum(roles.values()))
    for pod in pods.values():
        await pod.run()
    await stage.holds("Created", "Running")
    return pods


async def _tell_of(stage: Stage, *pods: Pod) -> None:
    """Wait until it is said of pods that they have ended."""
    for pod in pods:
        await stage.tells("ExitedWithCode", pod.name)


async def has_a_chief_that_succeeds_while_its_workers_run(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=2)
    await pods["chief-0"].end(0)
    await stage.holds("Created", "Succeeded")


async def has_a_chief_that_succeeds_after_its_workers(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=1)
    await pods["worker-0"].end(0)
    await _tell_of(stage, pods["worker-0"])
    await pods["chief-0"].end(0)
    await stage.holds("Created", "Succeeded")


async def has_a_chief_that_waits_while_its_workers_end(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=2)
    for place in ("worker-0", "worker-1"):
        await pods[place].end(0)
    await _tell_of(stage, pods["worker-0"], pods["worker-1"])


async def has_a_chief_that_fails(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=1)
    await pods["chief-0"].end(10)
    await stage.holds("Created", "Failed")


async def has_a_worker_that_fails(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=2)
    await pods["worker-1"].end(137, "OOMKilled")
    await stage.holds("Created", "Failed")


async def has_a_worker_that_loses_its_node(stage: Stage) -> None:
    pods = await _together(stage, Chief=1, Worker=1)
    await pods["worker-0"].delete()
    await stage.holds("Created", "Failed")


async def has_a_worker_without_a_node(stage: Stage) -> None:
    await stage.create(roles={"Chief": 1, "Worker": 2})
    pods = await stage.peers(3)
    for place in ("chief-0", "worker-0"):
        await pods[place].run()
    await pods["worker-1"].report("Pending", conditions=[_NO_NODE])
    await stage.holds("Created", "Running")


async def has_two_workers_of_which_the_first_succeeds(stage: Stage) -> None:
    pods = await _together(stage, Worker=2)
    await pods["worker-0"].end(0)
    await stage.holds("Created", "Succeeded")


async def has_two_workers_of_which_the_second_is_done(stage: Stage) -> None:
    pods = await _together(stage, Worker=2)
    await pods["worker-1"].end(0)
    await _tell_of(stage, pods["worker-1"])


async def has_two_workers_of_which_the_second_fails(stage: Stage) -> None:
    pods = await _together(stage, Worker=2)
    await pods["worker-1"].end(3)
    await stage.holds("Created", "Failed")


async def has_pods_at_a_port_of_their_own(stage: Stage) -> None:
    port = {"name": "tfjob-port", "containerPort": 4444}
    await stage.create(roles={"Chief": 1, "Worker": 1}, ports=[port])
    await stage.peers(2)


async def has_a_chief_alone(stage: Stage) -> None:
    pods = await _together(stage, Chief=1)
    await pods["chief-0"].end(0)
    await stage.holds("Created", "Succeeded")


async def is_suspended_with_all_its_pods(stage: Stage) -> None:
    await _together(stage, Chief=1, Worker=2)
    await stage.change(runPolicy={"suspend": True})
    await stage.holds("Created", "Suspended")


TOGETHER = (
    has_a_chief_that_succeeds_while_its_workers_run,
    has_a_chief_that_succeeds_after_its_workers,
    has_a_chief_that_waits_while_its_workers_end,
    has_a_chief_that_fails,
    has_a_worker_that_fails,
    has_a_worker_that_loses_its_node,
    has_a_worker_without_a_node,
    has_two_workers_of_which_the_first_succeeds,
    has_two_workers_of_which_the_second_is_done,
    has_two_workers_of_which_the_second_fails,
    has_pods_at_a_port_of_their_own,
    has_a_chief_alone,
    is_suspended_with_all_its_pods,
)
