"""Several pods of one TFJob, told as one: who speaks, since when they run, and what."""

import pytest

from mnist_operator.tfjob import JobPhase, read_job
from unit.tfjob_bodies import DIGEST, STARTED, a_pod, conditions

_LABEL = "training.kubeflow.org/"
_TOLD = {"reason": "Unschedulable", "message": "0/3 nodes are available."}
_NO_NODE = [{"type": "PodScheduled", "status": "False", **_TOLD}]
_TAINTED = {"reason": "DeletionByTaintManager", "message": "node-2 is gone."}


def at(second):
    return f"2026-01-01T11:01:{second:02}Z"


def a_peer(place, *, going=None, grace=0, image=DIGEST, **status):
    """The pod at a place: chief-0, worker-1; `going`: when its end was asked for."""
    pod = a_pod(f"mnist-a-{place}", **status)
    kind, _, index = place.partition("-")
    labels = {"replica-type": kind, "replica-index": index}
    if kind == "chief":
        labels["job-role"] = "master"
    pod["metadata"]["labels"] = {
        f"{_LABEL}{key}": value for key, value in labels.items()
    }
    if going is not None:
        pod["metadata"]["deletionTimestamp"] = at(going + grace)
        pod["metadata"]["deletionGracePeriodSeconds"] = grace
    for container in pod["status"].get("containerStatuses", ()):
        container["imageID"] = image
    return pod


def runs(place, since=STARTED, **fields):
    state = {"running": {"startedAt": since}}
    return a_peer(place, phase="Running", state=state, **fields)


def ends(place, code, second=0, words="", **fields):
    end = {"exitCode": code, "message": words, "startedAt": STARTED}
    end |= {"reason": "Error" if code else "Completed", "finishedAt": at(second)}
    phase = "Failed" if code else "Succeeded"
    return a_peer(place, phase=phase, state={"terminated": end}, **fields)


def waits(place, **status):
    return a_peer(place, phase="Pending", **status)


def a_job(*held, chief=1, worker=2):
    roles = {"Chief": chief, "Worker": worker}
    specs = {role: {"replicas": count} for role, count in roles.items() if count}
    return conditions(*held) | {"spec": {"tfReplicaSpecs": specs}}


FIRST_TO_FAIL = pytest.mark.parametrize(
    ("pods", "place", "code"),
    [
        pytest.param(
            [ends("chief-0", 176, 5), ends("worker-0", 137, 9), runs("worker-1")],
            "worker-0",
            137,
            id="who-lost-a-peer-is-not-the-cause-whenever-it-says-so",
        ),
        pytest.param(
            [ends("chief-0", 1, 9), ends("worker-0", 10, 5), ends("worker-1", 143, 9)],
            "worker-0",
            10,
            id="the-first-of-several",
        ),
        pytest.param(
            [ends("chief-0", 10, 5), ends("worker-0", 143, 5, going=5)],
            "chief-0",
            10,
            id="whoever-was-told-to-go-in-the-same-second-comes-after",
        ),
        pytest.param(
            [ends("chief-0", 176, 5), runs("worker-0", going=5, grace=30)],
            "chief-0",
            176,
            id="whoever-still-runs-when-told-to-go-knows-of-nothing",
        ),
        pytest.param(
            [ends("chief-0", 176, 6), runs("worker-0", going=5, grace=30)],
            "worker-0",
            None,
            id="a-worker-that-a-user-deleted-before",
        ),
        pytest.param(
            [ends("chief-0", 1, 5), ends("worker-0", 137, 5)],
            "worker-0",
            137,
            id="whoever-was-killed-in-the-same-second-comes-before",
        ),
        pytest.param(
            [
                ends("chief-0", 143, 5, going=5),
                runs("worker-0", going=4, grace=30),
                ends("worker-1", 143, 5, going=5),
            ],
            "worker-0",
            None,
            id="a-worker-whose-node-is-drained-was-told-to-go-first",
        ),
        pytest.param(
            [
                ends("chief-0", 1, 8),
                runs("worker-0"),
                a_peer(
                    "worker-1",
                    going=9,
                    grace=0,
                    phase="Running",
                    conditions=[
                        {"type": "PodScheduled", "status": "True"},
                        {
                            "type": "DisruptionTarget",
                            "status": "True",
                            "lastTransitionTime": at(3),
                            **_TAINTED,
                        },
                    ],
                ),
            ],
            "worker-1",
            None,
            id="a-worker-whose-node-was-lost-before-its-deletion",
        ),
        pytest.param(
            [ends("chief-0", 176, 5), a_peer("worker-0", phase="Failed", **_TAINTED)],
            "worker-0",
            None,
            id="a-worker-that-is-gone-without-a-time",
        ),
        pytest.param(
            [ends("chief-0", 176, 5), ends("worker-0", 176, 4), runs("worker-1")],
            "worker-0",
            176,
            id="all-of-them-lost-somebody",
        ),
        pytest.param(
            [runs("chief-0"), ends("worker-0", 0, 3), ends("worker-1", 3, 7)],
            "worker-1",
            3,
            id="a-worker-that-is-done-is-none",
        ),
    ],
)


@FIRST_TO_FAIL
def test_a_failure_is_explained_by_the_pod_that_failed_first(pods, place, code):
    for order in (pods, pods[::-1]):
        job = read_job(a_job("Failed"), order)

        assert (f"mnist-a-{place}", code) == (job.pod, job.exit_code)


def test_after_success_the_chief_speaks_and_not_a_worker_that_was_killed_then():
    killed = ends("worker-0", 143, 2, going=1, image="docker.io/other")

    job = read_job(a_job("Succeeded"), [killed, ends("chief-0", 0, 1)])

    assert ("mnist-a-chief-0", 0, DIGEST) == (job.pod, job.exit_code, job.image_id)
    assert "" == job.message


def test_without_a_chief_the_first_worker_speaks():
    pods = [ends("worker-10", 0), ends("worker-2", 0), ends("worker-0", 0)]

    assert "mnist-a-worker-0" == read_job(a_job("Succeeded", chief=0), pods).pod


def test_it_runs_when_the_last_of_its_pods_has_begun():
    late = "2026-01-01T11:00:15Z"
    pods = [runs("chief-0"), runs("worker-0", late), runs("worker-1")]

    job = read_job(a_job("Created", "Running"), pods)

    assert (JobPhase.RUNNING, late) == (
        job.phase,
        job.started.isoformat().replace("+00:00", "Z"),
    )
    assert ("mnist-a-chief-0", 3, 3) == (job.pod, job.pods, job.pods_there)


@pytest.mark.parametrize("end", ["Succeeded", "Failed"])
def test_when_it_is_over_it_began_with_those_that_are_left(end):
    job = read_job(a_job("Created", end), [ends("chief-0", 0, 5)])

    assert STARTED == job.started.isoformat().replace("+00:00", "Z")


WAITING = pytest.mark.parametrize(
    ("pods", "place", "message"),
    [
        pytest.param(
            [
                runs("chief-0"),
                waits("worker-0"),
                waits("worker-1", conditions=_NO_NODE),
            ],
            "mnist-a-worker-1",
            "Pod mnist-a-worker-1: Unschedulable: 0/3 nodes are available.",
            id="the-one-that-says-why-it-waits",
        ),
        pytest.param(
            [runs("chief-0"), runs("worker-0"), waits("worker-1")],
            "mnist-a-worker-1",
            "",
            id="the-one-that-waits-in-silence",
        ),
        pytest.param(
            [runs("chief-0"), runs("worker-0")], "", "", id="one-that-is-not-there"
        ),
        pytest.param(
            [runs("chief-0"), waits("worker-0")], "", "", id="one-and-one-in-silence"
        ),
        pytest.param([], "", "", id="none"),
    ],
)


@WAITING
def test_as_long_as_one_is_missing_that_is_the_pod_to_look_at(pods, place, message):
    job = read_job(a_job("Created", "Running"), pods)

    assert (JobPhase.CREATED, None) == (job.phase, job.started)
    assert (place, message) == (job.pod, job.message)
    assert job.is_silent is (not message)
    assert len(pods) == job.pods_there


def _reading(place, bucket):
    pod = runs(place)
    variable = {"name": "INPUT_BUCKET", "value": bucket}
    pod["spec"]["containers"] = [{"name": "tensorflow", "env": [variable]}]
    return pod


def test_what_they_read_is_named_once_unless_one_was_told_otherwise():
    alike = [_reading("chief-0", "a.master.in"), _reading("worker-0", "a.master.in")]
    other = _reading("worker-1", "master.other")

    assert "a.master.in" == read_job(a_job("Failed"), alike).source
    assert "a.master.in, master.other" == read_job(a_job(), [*alike, other]).source


def test_images_are_compared_by_their_digests():
    mirrored = DIGEST.replace("docker.io", "mirror.example.com")
    older = "docker.io/trainer@sha256:0011"
    pods = [
        runs("chief-0"),
        runs("worker-0", image=mirrored),
        runs("worker-1", image=older),
        runs("worker-2", image=""),
    ]

    job = read_job(a_job(worker=3), pods)

    assert (DIGEST, older) == (job.image_id, job.other_images)
    assert "" == read_job(a_job(worker=1), pods[:2]).other_images
    assert "" == read_job(a_job(worker=3), [waits("worker-0"), *pods[2:]]).other_images
