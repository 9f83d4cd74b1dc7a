"""A TFJob that came back: its phase, its times, and what ran where."""

import pytest

from mnist_operator.tfjob import JobPhase, read_job
from unit.builders import staging_id
from unit.tfjob_bodies import (
    CHANGED,
    CREATED,
    DIGEST,
    EVICTED,
    RUNNING,
    STARTED,
    a_job,
    a_pod,
    conditions,
    ended,
)

_BUCKET = {"name": "INPUT_BUCKET", "value": "master.inputrepo"}

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
            conditions("Created"), [RUNNING], JobPhase.RUNNING, id="a-pod-runs-already"
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
            [RUNNING],
            JobPhase.RUNNING,
            id="what-is-no-longer-true-does-not-count",
        ),
        pytest.param(
            conditions("Created", "Suspended"), [], JobPhase.SUSPENDED, id="suspended"
        ),
        pytest.param(
            conditions("Created") | {"spec": {"runPolicy": {"suspend": True}}},
            [],
            JobPhase.SUSPENDED,
            id="suspended-before-its-controller-says-so",
        ),
        pytest.param(
            conditions("Created", "!Running", "Suspended"),
            [RUNNING],
            JobPhase.SUSPENDED,
            id="suspended-while-its-pod-still-runs",
        ),
        pytest.param(
            conditions("Suspended", "Failed"),
            [],
            JobPhase.FAILED,
            id="over-all-the-same",
        ),
        pytest.param(
            conditions("Created", "!Suspended"), [], JobPhase.CREATED, id="resumed"
        ),
        pytest.param(
            conditions("Created", "!Suspended", "Running"),
            [RUNNING],
            JobPhase.RUNNING,
            id="resumed-and-running",
        ),
    ],
)


@_phases
def test_a_tfjob_is_over_only_when_a_condition_says_so(body, pods, expected):
    job = read_job(body, pods)

    assert expected is job.phase
    assert job.is_terminal is (expected in {JobPhase.SUCCEEDED, JobPhase.FAILED})


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        pytest.param([], None, id="no-pod"),
        pytest.param([RUNNING], None, id="still-running"),
        pytest.param([ended(0)], 0, id="a-good-end"),
        pytest.param([ended(143)], 143, id="a-bad-end"),
        pytest.param([EVICTED], None, id="evicted-before-it-could-end"),
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

    assert ("mnist-a-worker-0", "node-1", DIGEST) == (job.pod, job.node, job.image_id)
    assert '{"a": 1}' == job.last_words
    assert STARTED == job.started.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        pytest.param([], "", id="no-containers"),
        pytest.param([{"name": "tensorflow"}], "", id="without-variables"),
        pytest.param([{"name": "proxy", "env": [_BUCKET]}], "", id="another-container"),
        pytest.param(
            [{"name": "tensorflow", "env": [{"name": "A", "value": "1"}, _BUCKET]}],
            "master.inputrepo",
            id="the-trainer",
        ),
    ],
)
def test_what_a_pod_reads_is_what_its_trainer_was_told(containers, expected):
    pod = a_pod()
    pod["spec"]["containers"] = containers

    assert expected == read_job(a_job(), [pod]).source


def test_a_pod_that_no_node_has_taken_has_no_node():
    bare = {"metadata": {"name": "p", "creationTimestamp": CREATED}}

    job = read_job(a_job(), [bare])

    assert ("p", "", None) == (job.pod, job.node, job.started)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(a_job(), None, id="no-status-yet"),
        pytest.param(conditions("Created"), None, id="never-suspended"),
        pytest.param(conditions("Suspended"), None, id="suspended"),
        pytest.param(conditions("Created", "!Suspended"), CHANGED, id="resumed"),
    ],
)
def test_it_was_admitted_when_its_suspension_ended(body, expected):
    admitted = read_job(body, []).admitted

    assert expected == (admitted and admitted.isoformat().replace("+00:00", "Z"))


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
    assert read_job(a_job(deletionTimestamp=CREATED), []).deleting
