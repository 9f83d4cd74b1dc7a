"""Why a TFJob waits or failed: what its conditions and its pods say of themselves."""

import pytest

from mnist_operator.pod_state import read_trouble
from mnist_operator.tfjob import read_job
from unit.tfjob_bodies import (
    EVICTED,
    RUNNING,
    STARTED,
    a_job,
    a_part,
    a_pod,
    conditions,
    ended,
)

_UNSCHEDULABLE = a_pod(
    phase="Pending",
    conditions=[
        {"type": "Initialized", "status": "True"},
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient memory.",
        },
    ],
)
_NO_IMAGE = a_pod(
    state={"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling."}}
)

_messages = pytest.mark.parametrize(
    ("body", "pods", "expected"),
    [
        pytest.param(a_job(), [], "", id="nothing-to-say"),
        pytest.param(a_job(), [a_pod()], "", id="a-pod-without-containers"),
        pytest.param(conditions("Created"), [], "", id="created"),
        pytest.param(
            conditions("Created", "Running"), [RUNNING], "", id="a-pod-that-runs"
        ),
        pytest.param(
            a_job(),
            [a_pod(state={"waiting": {"reason": "ContainerCreating"}})],
            "",
            id="a-container-in-the-making",
        ),
        pytest.param(
            a_job(), [_NO_IMAGE], "ImagePullBackOff: Back-off pulling.", id="no-image"
        ),
        pytest.param(
            a_job(),
            [_UNSCHEDULABLE],
            "Unschedulable: 0/3 nodes are available: 3 Insufficient memory.",
            id="no-node-has-room",
        ),
        pytest.param(
            conditions("Failed"),
            [EVICTED],
            "Evicted: The node was low on disk.",
            id="evicted",
        ),
        pytest.param(
            conditions("Failed"),
            [
                a_pod(
                    phase="Running",
                    state={"running": {"startedAt": STARTED}},
                    conditions=[
                        {"type": "PodScheduled", "status": "True"},
                        {
                            "type": "DisruptionTarget",
                            "status": "True",
                            "reason": "DeletionByTaintManager",
                            "message": "Taint manager: deleting due to NoExecute taint",
                        },
                    ],
                )
            ],
            "DeletionByTaintManager: Taint manager: deleting due to NoExecute taint",
            id="its-node-was-lost",
        ),
        pytest.param(
            conditions("Failed"), [ended(137, "OOMKilled")], "OOMKilled", id="no-memory"
        ),
        pytest.param(
            conditions("Failed"),
            [ended(2, message="bad data\n")],
            "Error: bad data",
            id="the-trainers-last-words",
        ),
        pytest.param(
            conditions("Succeeded"), [ended(0, "Completed")], "", id="a-good-end"
        ),
        pytest.param(
            conditions("Failed"),
            [],
            "TFJob mnist is failed.",
            id="no-pod-left-to-ask-but-the-tfjob-knows",
        ),
        pytest.param(
            conditions("Created", "Suspended"),
            [_NO_IMAGE],
            "TFJob mnist is suspended.",
            id="suspended",
        ),
        pytest.param(conditions("!Suspended"), [], "", id="no-longer-suspended"),
        pytest.param(
            a_job(),
            [
                a_pod(
                    state={"waiting": {"reason": "PodInitializing"}},
                    initContainerStatuses=[
                        a_part(
                            "fetch", terminated={"reason": "Completed", "exitCode": 0}
                        ),
                        a_part("unpack", waiting={"reason": "ErrImagePull"}),
                    ],
                )
            ],
            "Container unpack: ErrImagePull",
            id="an-init-container-without-an-image",
        ),
        pytest.param(
            conditions("Failed"),
            [
                a_pod(
                    phase="Failed",
                    state={"waiting": {"reason": "PodInitializing"}},
                    initContainerStatuses=[
                        a_part(
                            "fetch",
                            terminated={
                                "reason": "Error",
                                "exitCode": 3,
                                "message": "no such file",
                            },
                        )
                    ],
                )
            ],
            "Container fetch, exit code 3: Error: no such file",
            id="an-init-container-that-failed",
        ),
        pytest.param(
            a_job(),
            [
                a_pod(
                    state={"running": {"startedAt": STARTED}},
                    beside=[
                        a_part(waiting={"reason": "CrashLoopBackOff", "message": "10s"})
                    ],
                )
            ],
            "Container proxy: CrashLoopBackOff: 10s",
            id="a-sidecar-that-cannot-stay",
        ),
        pytest.param(
            a_job(),
            [ended(0, "Completed")],
            "SidecarsLeft: the trainer has ended, and still running: proxy",
            id="a-sidecar-that-does-not-end",
        ),
    ],
)


@_messages
def test_why_it_waits_or_failed_is_told_in_kubernetes_own_words(body, pods, expected):
    assert expected == read_job(body, pods).message


def _event(second, kind="Warning", reason="FailedCreatePod", message="exceeded quota"):
    return {
        "metadata": {"name": f"mnist-a.{second:x}"},
        "lastTimestamp": f"2026-01-01T11:00:{second:02}Z",
        "type": kind,
        "reason": reason,
        "message": message,
    }


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], "", id="none"),
        pytest.param([_event(1)], "FailedCreatePod: exceeded quota", id="a-warning"),
        pytest.param(
            [_event(1), _event(2, "Normal", "SuccessfulCreatePod")],
            "",
            id="a-warning-that-was-got-over",
        ),
        pytest.param(
            [_event(3, message="forbidden"), _event(2), _event(1)],
            "FailedCreatePod: forbidden",
            id="several-warnings",
        ),
        pytest.param(
            [
                _event(1)
                | {"lastTimestamp": None, "eventTime": "2026-01-01T11:00:09Z"},
                _event(2, "Normal"),
            ],
            "FailedCreatePod: exceeded quota",
            id="a-warning-of-the-newer-kind",
        ),
    ],
)
def test_events_tell_what_a_job_without_a_pod_waits_for(events, expected):
    assert expected == read_trouble(events)
