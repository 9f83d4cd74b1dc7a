"""A TFJob that came back: its phase, and what its pods say about the reason.

Input: the API server's JSON, as training-operator 1.9.4 and a kubelet write it.
"""

import pytest

from mnist_operator.tfjob import JobPhase, read_job
from unit.builders import staging_id

_CREATED = "2026-01-01T11:00:00Z"
_STARTED = "2026-01-01T11:00:10Z"
_DIGEST = "docker.io/trainer@sha256:00ff"


def conditions(*held, **meta):
    """A TFJob whose conditions of these types are True; a leading ! means False."""
    listed = [
        {
            "type": each.lstrip("!"),
            "status": "False" if each.startswith("!") else "True",
            "message": f"TFJob mnist is {each.lower()}.",
        }
        for each in held
    ]
    return a_job({"conditions": listed}, **meta)


def a_job(status=None, **meta):
    wanted = {"name": "mnist-a", "uid": "j1", "creationTimestamp": _CREATED}
    body = {"metadata": wanted | meta}
    return body if status is None else body | {"status": status}


def a_pod(name="mnist-a-worker-0", created=_CREATED, container="tensorflow", **status):
    state = status.pop("state", None)
    if state is not None:
        one = {"name": container, "state": state, "imageID": _DIGEST}
        sidecar = {"name": "istio-proxy", "state": {"running": {"startedAt": _CREATED}}}
        status["containerStatuses"] = [sidecar, one]
    return {
        "metadata": {"name": name, "creationTimestamp": created},
        "spec": {"nodeName": "node-1"},
        "status": status,
    }


def ended(code, reason="Error", message=""):
    end = {"exitCode": code, "reason": reason, "startedAt": _STARTED}
    return a_pod(state={"terminated": end | {"message": message}})


_RUNNING = a_pod(state={"running": {"startedAt": _STARTED}})

_phases = pytest.mark.parametrize(
    ("body", "pods", "expected"),
    [
        pytest.param(a_job(), [], JobPhase.CREATED, id="no-status-yet"),
        pytest.param(a_job({}), [], JobPhase.CREATED, id="an-empty-status"),
        pytest.param(conditions("Created"), [], JobPhase.CREATED, id="created"),
        pytest.param(
            conditions("Created"), [a_pod()], JobPhase.CREATED, id="a-pod-is-pending"
        ),
        pytest.param(
            conditions("Created"), [_RUNNING], JobPhase.RUNNING, id="a-pod-runs-already"
        ),
        pytest.param(
            conditions("Created", "Running"),
            [],
            JobPhase.CREATED,
            id="running-without-a-pod",
        ),
        pytest.param(
            conditions("Running"), [ended(0)], JobPhase.RUNNING, id="a-pod-just-ended"
        ),
        pytest.param(
            conditions("Created", "!Running", "Succeeded"),
            [ended(0)],
            JobPhase.SUCCEEDED,
            id="succeeded",
        ),
        pytest.param(
            conditions("Created", "!Running", "Failed"),
            [ended(1)],
            JobPhase.FAILED,
            id="failed",
        ),
        pytest.param(
            conditions("Succeeded", "Failed"), [], JobPhase.FAILED, id="both-is-failed"
        ),
        pytest.param(
            conditions("Created", "!Restarting", "!Failed", "Running"),
            [_RUNNING],
            JobPhase.RUNNING,
            id="what-is-no-longer-true-does-not-count",
        ),
    ],
)


@_phases
def test_a_tfjob_is_over_only_when_a_condition_says_so(body, pods, expected):
    job = read_job(body, pods)

    assert expected is job.phase
    assert job.is_terminal is (expected in {JobPhase.SUCCEEDED, JobPhase.FAILED})


_EVICTED = a_pod(phase="Failed", reason="Evicted", message="The node was low on disk.")
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
        pytest.param(a_job(), [_RUNNING], "", id="a-pod-that-runs"),
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
            [_EVICTED],
            "Evicted: The node was low on disk.",
            id="evicted",
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
    ],
)


@_messages
def test_why_it_waits_or_failed_is_told_in_kubernetes_own_words(body, pods, expected):
    assert expected == read_job(body, pods).message


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        pytest.param([], None, id="no-pod"),
        pytest.param([_RUNNING], None, id="still-running"),
        pytest.param([ended(0)], 0, id="a-good-end"),
        pytest.param([ended(143)], 143, id="a-bad-end"),
        pytest.param([_EVICTED], None, id="evicted-before-it-could-end"),
        pytest.param(
            [a_pod(container="sidecar", state={"terminated": {"exitCode": 3}})],
            None,
            id="another-container-ended",
        ),
    ],
)
def test_the_exit_code_is_the_trainers(pods, expected):
    assert expected == read_job(conditions("Created"), pods).exit_code


def test_of_two_pods_the_newer_one_counts():
    old = a_pod("old", "2026-01-01T11:00:00Z", reason="Evicted")
    new = a_pod("new", "2026-01-01T11:05:00Z", state={"running": {}})

    for pods in ([old, new], [new, old]):
        assert ("new", "") == (
            read_job(a_job(), pods).pod,
            read_job(a_job(), pods).message,
        )


def test_what_ran_and_where_is_taken_from_the_pod():
    job = read_job(conditions("Succeeded"), [ended(0, "Completed", '{"a": 1}\n')])

    assert ("mnist-a-worker-0", "node-1", _DIGEST) == (job.pod, job.node, job.image_id)
    assert '{"a": 1}' == job.last_words
    assert _STARTED == job.started.isoformat().replace("+00:00", "Z")


def test_a_pod_that_no_node_has_taken_has_no_node():
    bare = {"metadata": {"name": "p", "creationTimestamp": _CREATED}}

    job = read_job(a_job(), [bare])

    assert ("p", "", None) == (job.pod, job.node, job.started)


def test_whose_it_is_is_taken_from_owner_and_labels():
    job = read_job(
        a_job(
            ownerReferences=[{"uid": "uid-1"}],
            labels={"mnist-operator.dev/run": staging_id()},
        ),
        [],
    )

    assert ("uid-1", staging_id()) == (job.owner_uid, job.staging)
    assert ("mnist-a", "j1") == (job.name, job.uid)
    assert not job.deleting


def test_a_tfjob_of_somebody_elses_has_neither():
    job = read_job(a_job(), [])

    assert ("", "") == (job.owner_uid, job.staging)


def test_a_tfjob_that_is_being_deleted_says_so():
    assert read_job(a_job(deletionTimestamp=_CREATED), []).deleting
