"""Several pods for one model: what is asked for, and the TFJob that comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import runs
from mnist_operator.replicas import count_pods
from mnist_operator.tfjob import build_tfjob
from unit.builders import IMAGE, examples, spec_digest, training
from unit.test_tfjob import a_request

_SERVICE_LIMIT = 63


def replicas(**counts):
    return {"trainer": {"replicas": counts}}


def run_of(**spec):
    return runs.run_spec(training(**spec), default_image=IMAGE)["trainer"]


def specs_of(**counts):
    return build_tfjob(a_request(**replicas(**counts)))["spec"]["tfReplicaSpecs"]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({}, id="nothing-said"),
        pytest.param({"worker": 1}, id="one-worker"),
        pytest.param({"chief": 0, "worker": 1, "ps": 0}, id="all-of-it-said"),
    ],
)
def test_one_worker_is_what_a_run_always_was(asked):
    plain, said = build_tfjob(a_request()), build_tfjob(a_request(**replicas(**asked)))

    assert plain == said
    assert spec_digest() == spec_digest(**replicas(**asked))
    assert "replicas" not in run_of(**replicas(**asked))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"worker": 2}, {"Worker": 2}, id="equal-workers"),
        pytest.param({"chief": 1}, {"Chief": 1, "Worker": 1}, id="chief-and-worker"),
        pytest.param(
            {"chief": 1, "worker": 3}, {"Chief": 1, "Worker": 3}, id="chief-and-workers"
        ),
        pytest.param({"chief": 1, "worker": 0}, {"Chief": 1}, id="a-chief-alone"),
    ],
)
def test_a_tfjob_has_the_pods_that_were_asked_for(asked, expected):
    built = specs_of(**asked)

    assert expected == {role: spec["replicas"] for role, spec in built.items()}
    assert {"Never"} == {spec["restartPolicy"] for spec in built.values()}
    assert sum(expected.values()) == count_pods({"spec": {"tfReplicaSpecs": built}})


def test_every_pod_is_made_alike_with_all_of_the_resources():
    trainer = {
        "replicas": {"chief": 1, "worker": 2},
        "resources": {"requests": {"cpu": "2"}},
    }

    built = build_tfjob(a_request(trainer=trainer))["spec"]["tfReplicaSpecs"]

    assert built["Chief"]["template"] == built["Worker"]["template"]
    [container] = built["Worker"]["template"]["spec"]["containers"]
    assert {"requests": {"cpu": "2"}} == container["resources"]


def test_how_many_train_is_part_of_what_decides_a_run():
    digests = {
        spec_digest(**replicas(chief=chief, worker=worker))
        for chief in (0, 1)
        for worker in (1, 2, 3)
    }

    assert 6 == len(digests)
    assert {"chief": 1, "worker": 2} == run_of(**replicas(chief=1, worker=2))[
        "replicas"
    ]


@examples
@given(
    st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.integers(0, 1),
    st.integers(1, 63),
)
def test_each_pod_has_a_name_that_its_service_can_have_too(name, run, chief, worker):
    spec = replicas(chief=chief, worker=worker)
    built = build_tfjob(a_request(name=name, staging=run, **spec))

    for role, of in built["spec"]["tfReplicaSpecs"].items():
        last = f"{built['metadata']['name']}-{role.lower()}-{of['replicas'] - 1}"
        assert len(last) <= _SERVICE_LIMIT
