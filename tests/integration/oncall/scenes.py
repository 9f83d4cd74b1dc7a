"""Failures on a stage: each is a MnistTraining with repos of its own, gone wrong.

A scene is named like its training. It ends when the conditions say what is wrong; what
whoever is on call then reads is asserted elsewhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integration.oncall.stage import Stage, input_of, labels, output_of
from integration.world import NAMESPACE, until
from local_cluster.faults import Fault

__all__ = ["LAST", "LATER", "SCENES", "Scene"]

_QUOTA = (
    "is forbidden: exceeded quota: team, requested: memory=2Gi, used: memory=8Gi,"
    " limited: memory=8Gi"
)


@dataclass(frozen=True)
class Scene:
    """What happens, and where it leads whoever is on call."""

    play: Callable[[Stage, str], Awaitable[None]]
    alert: str
    reason: str
    """The cause, as the runbook's table has it."""
    says: tuple[str, ...]
    """What names the thing that is to be mended."""
    decided: bool = False
    """Whether a commit was decided, so that `mnistctl explain` tells of it."""


async def _secret_without_key(stage: Stage, name: str) -> None:
    await stage.secret("keyless", password="x")
    await stage.begin(name, "keyless")
    await stage.reason("InvalidSpec", name)


async def _refused_token(stage: Stage, name: str) -> None:
    await stage.secret("outdated", token="a-token-of-last-year")
    await stage.begin(name, "outdated")
    await stage.reason("AccessDenied", name)


async def _taken(stage: Stage, name: str) -> None:
    older = f"older-than-{name}"
    await stage.begin(older)
    made = datetime.now(UTC)

    async def later() -> bool:
        """Ages are told in seconds."""
        return datetime.now(UTC) >= made + timedelta(seconds=1)

    await until(later, "the next second")
    await stage.begin(name, output={"repo": f"{older}-out"})
    await stage.reason("OutputTaken", name)


async def _stopped(stage: Stage, name: str) -> None:
    await stage.begin(name, stopAfterFailures=2)
    for digit in range(3):
        await stage.push(input_of(name), exit=1, say="no", digits=digit)
    await stage.reason("StoppedAfterFailures", name)


async def _no_pachd(stage: Stage, name: str) -> None:
    await stage.begin(name)
    await stage.reason("WaitingForData", name)
    await stage.cluster.pachd.stop()
    await stage.reason("SourceUnreachable", name)
    await stage.until_metric(
        0.0, "feed_connected", project="default", repo=f"{name}-in"
    )


async def _wrong_address(stage: Stage, name: str) -> None:
    wrong = {"secretRef": {"name": "pachyderm"}, "address": "127.0.0.1:1"}
    await stage.begin(name, pachyderm=wrong)
    await stage.reason("SourceUnreachable", name)
    await stage.until_metric(
        0.0, "feed_connected", project="default", repo=f"{name}-in"
    )


async def _no_image(stage: Stage, name: str) -> None:
    await stage.begin(name, trainer={"image": "no/such:image"})
    await stage.push(input_of(name), digits=1)

    async def told() -> bool:
        return "no/such:image" in (await stage.condition(name=name)).get("message", "")

    await until(told, "the words of its pod")
    await stage.give_up(name)


async def _out_of_memory(stage: Stage, name: str) -> None:
    pod = await stage.hold(name)
    await stage.cluster.node.kill_pod(NAMESPACE, pod, reason="OOMKilled")
    await stage.reason("TrainingFailed", name)


async def _evicted(stage: Stage, name: str) -> None:
    pod = await stage.hold(name)
    await stage.cluster.node.evict(NAMESPACE, pod)
    await stage.reason("TrainingFailed", name)


async def _bad_data(stage: Stage, name: str) -> None:
    say = "/data/mnist.npz: x_train is empty: push at least one image a class"
    await stage.fail(name, exit=10, reason="InvalidData", say=say)


async def _last_words(stage: Stage, name: str) -> None:
    await stage.fail(name, exit=1, say="KeyError: 'labels' in /app/train.py")


async def _hangs(stage: Stage, name: str) -> None:
    await stage.hold(name)
    await stage.change(name, activeDeadlineSeconds=1)
    await stage.reason("TrainingFailed", name)


async def _no_model(stage: Stage, name: str) -> None:
    await stage.fail(name, digits=1, leave_out="my_model.h5")


async def _stranger(stage: Stage, name: str) -> None:
    await stage.begin(name)
    await stage.model_of(await stage.push(input_of(name), digits=1), output_of(name))
    await stage.reason("UpToDate", name)
    await stage.push(output_of(name), theirs=1)
    await stage.until_metric(1.0, "models_without_lineage", **labels(name))


async def _busy(stage: Stage, name: str) -> None:
    await stage.begin(name)
    await stage.model_of(await stage.push(input_of(name), digits=1), output_of(name))
    await stage.open_commit(output_of(name), theirs=1)
    await stage.push(input_of(name), digits=2)
    await stage.reason("OutputBusy", name)


async def _quota(stage: Stage, name: str) -> None:
    status = {"kind": "Status", "code": 403, "message": f'pods "{name}" {_QUOTA}'}
    stage.faults.add(Fault("kube.create.pods", (403, status), times=None))
    await stage.begin(name)
    await stage.push(input_of(name), digits=1)

    async def told() -> bool:
        """By the TFJob controller, of the only TFJob that has no pod."""
        events = (await stage.kube.call("GET", stage.core("events")))["items"]
        return any("exceeded quota" in each["message"] for each in events)

    await until(told, "the words of the API server")
    await stage.give_up(name)


STALLED, FAILING = "TrainingStalled", "TrainingFailing"
SCENES: dict[str, Scene] = {
    "secret-without-key": Scene(
        _secret_without_key,
        STALLED,
        "InvalidSpec",
        ("team/keyless", "with key password alone: add key token"),
    ),
    "refused-token": Scene(
        _refused_token, STALLED, "AccessDenied", ("Secret team/outdated", "token")
    ),
    "taken": Scene(
        _taken,
        STALLED,
        "OutputTaken",
        ("team/older-than-taken", "older-than-taken-out"),
    ),
    "stopped": Scene(
        _stopped,
        STALLED,
        "StoppedAfterFailures",
        ("spec.stopAfterFailures", "1 commit waits"),
        decided=True,
    ),
    "no-image": Scene(
        _no_image,
        FAILING,
        "StartupDeadlineExceeded",
        ("no/such:image",),
        decided=True,
    ),
    "out-of-memory": Scene(
        _out_of_memory, FAILING, "TrainerKilled", ("OOMKilled",), decided=True
    ),
    "evicted": Scene(
        _evicted,
        FAILING,
        "TrainerKilled",
        ("Evicted: The node was low on resource: memory",),
        decided=True,
    ),
    "bad-data": Scene(
        _bad_data, FAILING, "InvalidData", ("x_train is empty",), decided=True
    ),
    "last-words": Scene(
        _last_words, FAILING, "TrainerFailed", ("KeyError: 'labels'",), decided=True
    ),
    "hangs": Scene(
        _hangs, FAILING, "DeadlineExceeded", ("activeDeadlineSeconds: 1",), decided=True
    ),
    "no-model": Scene(
        _no_model, FAILING, "OutputInvalid", ("/my_model.h5",), decided=True
    ),
    "wrong-address": Scene(
        _wrong_address,
        "SourceUnreachable",
        "SourceUnreachable",
        ("127.0.0.1:1", "spec.pachyderm.address"),
    ),
    "output-busy": Scene(_busy, "StaleModel", "OutputBusy", ("output-busy-out",)),
    "stranger": Scene(_stranger, "ModelWithoutLineage", "UpToDate", (), decided=True),
}
LATER: dict[str, Scene] = {
    "quota": Scene(
        _quota,
        FAILING,
        "StartupDeadlineExceeded",
        ("exceeded quota: team", "limited: memory=8Gi"),
        decided=True,
    ),
}
"""No pod is made from here on, and so it would disturb the others."""
LAST: dict[str, Scene] = {
    "no-pachd": Scene(
        _no_pachd,
        "SourceUnreachable",
        "SourceUnreachable",
        ("UNAVAILABLE", "spec.pachyderm.address"),
    ),
}
"""From here on nobody can ask Pachyderm."""
