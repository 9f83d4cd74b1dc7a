"""Lives of a TFJob, to be given on any controller; each ends in a state that stays."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from cluster.tfjobs.plays_together import TOGETHER
from cluster.tfjobs.pods import Pod
from cluster.tfjobs.stage import Stage

__all__ = ["PLAYS", "Play"]

Play: TypeAlias = Callable[[Stage], Awaitable[object]]
_EVICTED = {"reason": "Evicted", "message": "The node was low on resource: memory."}
_NO_NODE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient cpu.",
}


async def _running(stage: Stage, restart: str = "Never", clean: str = "Running") -> Pod:
    await stage.create(restart, cleanPodPolicy=clean)
    pod = await stage.pod()
    await pod.run()
    await stage.holds("Created", "Running")
    return pod


async def _run_again(stage: Stage, first: Pod) -> None:
    second = await stage.pod(after=first.uid)
    await second.run()
    await stage.holds("Created", "Running")
    await second.end(0)
    await stage.holds("Created", "Succeeded")


async def succeeds(stage: Stage) -> None:
    await (await _running(stage)).end(0)
    await stage.holds("Created", "Succeeded")


async def succeeds_before_it_runs(stage: Stage) -> None:
    await stage.create()
    await (await stage.pod()).end(0)
    await stage.holds("Created", "Succeeded")


async def fails(stage: Stage) -> None:
    await (await _running(stage)).end(3, message="no data")
    await stage.holds("Created", "Failed")


async def is_killed(stage: Stage) -> None:
    await (await _running(stage)).end(137, "OOMKilled")
    await stage.holds("Created", "Failed")


async def is_evicted(stage: Stage) -> None:
    await (await _running(stage)).report("Failed", **_EVICTED)
    await stage.holds("Created", "Failed")


async def is_evicted_and_may_restart(stage: Stage) -> None:
    pod = await _running(stage, "OnFailure")
    await pod.report("Failed", **_EVICTED)
    await _run_again(stage, pod)


async def is_killed_and_may_restart(stage: Stage) -> None:
    pod = await _running(stage, "ExitCode")
    await pod.end(137)
    await _run_again(stage, pod)


async def fails_for_good_and_may_restart(stage: Stage) -> None:
    await (await _running(stage, "ExitCode")).end(1)
    await stage.holds("Created", "Failed")


async def loses_its_node(stage: Stage) -> Pod:
    pod = await _running(stage)
    await pod.delete()
    await stage.holds("Created", "Failed")
    return pod


async def loses_its_node_for_good(stage: Stage) -> None:
    await (await loses_its_node(stage)).delete(force=True)


async def loses_its_node_and_may_restart(stage: Stage) -> None:
    await (await _running(stage, "OnFailure")).delete()
    await stage.holds("Created", "Failed")


async def waits_and_is_deleted(stage: Stage) -> None:
    await stage.create()
    pod = await stage.pod()
    await pod.delete()
    await stage.pod(after=pod.uid)


async def has_no_image(stage: Stage) -> None:
    await stage.create()
    await (await stage.pod()).wait("ImagePullBackOff", 'Back-off pulling image "no"')


async def has_no_node(stage: Stage) -> None:
    await stage.create()
    await (await stage.pod()).report("Pending", conditions=[_NO_NODE])


async def has_no_pod(stage: Stage) -> None:
    wrong = {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}
    await stage.create(resources=wrong)
    await stage.tells("FailedCreatePod")


async def passes_its_deadline(stage: Stage) -> None:
    await _running(stage)
    await stage.change(runPolicy={"activeDeadlineSeconds": 0})
    await stage.holds("Created", "Failed")


async def passes_its_deadline_and_keeps_its_pod(stage: Stage) -> None:
    pod = await _running(stage, clean="None")
    await stage.change(runPolicy={"activeDeadlineSeconds": 0})
    await stage.holds("Created", "Failed")
    await pod.end(0)


async def is_suspended(stage: Stage) -> None:
    await _running(stage)
    await stage.change(runPolicy={"suspend": True})
    await stage.holds("Created", "Suspended")


async def is_suspended_from_the_start(stage: Stage) -> None:
    await stage.create(suspend=True)
    await stage.holds("Created", "Suspended")


async def is_suspended_and_resumed(stage: Stage) -> None:
    pod = await _running(stage)
    await stage.change(runPolicy={"suspend": True})
    await stage.holds("Created", "Suspended")
    await pod.delete(force=True)
    await stage.rests()
    await stage.change(runPolicy={"suspend": False})
    await _run_again(stage, pod)


async def is_resumed_before_its_pod_is_gone(stage: Stage) -> None:
    await _running(stage)
    await stage.change(runPolicy={"suspend": True})
    await stage.holds("Created", "Suspended")
    await stage.change(runPolicy={"suspend": False})
    await stage.holds("Created", "Failed")


async def is_said_to_have_both_ends(stage: Stage) -> None:
    await (await _running(stage)).end(0)
    await stage.holds("Created", "Succeeded")
    await stage.say("Failed")
    await stage.holds("Created", "Succeeded", "Failed")


PLAYS: tuple[Play, ...] = (
    succeeds,
    succeeds_before_it_runs,
    fails,
    is_killed,
    is_evicted,
    is_evicted_and_may_restart,
    is_killed_and_may_restart,
    fails_for_good_and_may_restart,
    loses_its_node,
    loses_its_node_for_good,
    loses_its_node_and_may_restart,
    waits_and_is_deleted,
    has_no_image,
    has_no_node,
    has_no_pod,
    passes_its_deadline,
    passes_its_deadline_and_keeps_its_pod,
    is_suspended,
    is_suspended_from_the_start,
    is_suspended_and_resumed,
    is_resumed_before_its_pod_is_gone,
    is_said_to_have_both_ends,
    *TOGETHER,
)
