"""A TFJob that is part of a trace; `spans` has the trace."""

from dataclasses import replace

from mnist_operator.orders import order_job
from mnist_operator.spans import parent_of
from mnist_operator.tfjob import Endpoint, build_tfjob, read_job
from unit.builders import NOW, ago, attempt, observed, training

_PLAIN = Endpoint("pachd.pachyderm:30600")


def values(built):
    template = built["spec"]["tfReplicaSpecs"]["Worker"]["template"]
    [container] = template["spec"]["containers"]
    return {each["name"]: each.get("value") for each in container["env"]}


def test_its_pods_know_the_span_that_they_work_in():
    order = order_job(observed(), attempt(), _PLAIN, traced_at=NOW)

    assert parent_of(attempt()) == values(build_tfjob(order))["TRACEPARENT"]


def test_a_trace_of_the_users_own_is_left_alone():
    mine = {"name": "TRACEPARENT", "value": "00-mine"}
    of = training(trainer={"env": [mine]})
    order = order_job(observed(training=of), attempt(), _PLAIN, traced_at=NOW)

    assert "00-mine" == values(build_tfjob(order))["TRACEPARENT"]


def test_it_knows_when_it_was_created_to_the_microsecond():
    now = NOW.replace(microsecond=123456)
    order = order_job(observed(), attempt(), _PLAIN, traced_at=now)
    built = build_tfjob(order)

    built["metadata"] |= {"creationTimestamp": "2026-01-01T12:00:00Z"}
    assert now == read_job(built, []).traced


def test_the_users_annotations_stay_beside_it():
    order = order_job(observed(), attempt(), _PLAIN, traced_at=NOW)
    order = replace(order, job={"annotations": {"note": "a"}})

    found = build_tfjob(order)["metadata"]["annotations"]
    assert ["mnist-operator.dev/created-at", "note"] == sorted(found)


def test_without_traces_it_knows_of_none():
    built = build_tfjob(order_job(observed(), attempt(), _PLAIN))

    assert "TRACEPARENT" not in values(built)
    assert "annotations" not in built["metadata"]


def test_two_that_create_it_tell_its_pods_the_same():
    """And the run's own digest knows nothing of traces."""
    orders = [
        order_job(observed(), attempt(), _PLAIN, traced_at=each)
        for each in (NOW, ago(1), None)
    ]
    first, second, without = orders

    assert first.traceparent == second.traceparent
    assert first.spec == without.spec
