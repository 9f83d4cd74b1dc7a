"""What is counted of calls: by kind, never by the name of what they are about."""

import logging

import pytest
from prometheus_client import CollectorRegistry

from mnist_operator.metered import Meter
from mnist_operator.request_counts import Requests, resource_of
from unit.builders import NOW, attempt, observed


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        pytest.param(
            "/apis/mnist-operator.dev/v1/namespaces/team/mnisttrainings/mnist/status",
            "mnisttrainings",
            id="one-training",
        ),
        pytest.param(
            "/apis/mnist-operator.dev/v1/mnisttrainings", "mnisttrainings", id="all"
        ),
        pytest.param("/apis/kubeflow.org/v1/namespaces/a/tfjobs", "tfjobs", id="list"),
        pytest.param("/api/v1/namespaces/team/pods/mnist-0/log", "pods", id="log"),
        pytest.param("/api/v1/namespaces/team/secrets/hush", "secrets", id="secret"),
        pytest.param("/api/v1/namespaces", "namespaces", id="namespaces"),
        pytest.param("/api/v1/namespaces/team", "namespaces", id="a-namespace"),
        pytest.param("/apis/kubeflow.org/v1", "discovery", id="discovery"),
        pytest.param("/version", "version", id="version"),
    ],
)
def test_a_path_names_the_resource_and_nobody(path, resource):
    assert resource == resource_of(path)


def test_requests_are_counted_by_what_came_of_them():
    registry = CollectorRegistry()
    requests = Requests(registry, "kubernetes")
    for code in ("200", "404", "200"):
        requests.kubernetes("GET", "/api/v1/namespaces/team/pods", code, 0.02)

    labels = {"method": "GET", "resource": "pods"}
    name = "mnist_operator_kubernetes_requests_total"
    assert 2 == registry.get_sample_value(name, labels | {"code": "200"})
    assert 1 == registry.get_sample_value(name, labels | {"code": "404"})
    name = "mnist_operator_kubernetes_request_duration_seconds_bucket"
    of = {"method": "GET", "le": "0.01"}
    assert 0 == registry.get_sample_value(name, of)
    assert 3 == registry.get_sample_value(name, of | {"le": "0.025"})


def test_a_call_that_waits_for_others_has_no_duration():
    registry = CollectorRegistry()
    Requests(registry, "pachyderm").pachyderm("SubscribeCommit", "OK", None)

    name = "mnist_operator_pachyderm_request_duration_seconds_count"
    labels = {"method": "SubscribeCommit"}
    assert registry.get_sample_value(name, labels) is None


def test_what_goes_wrong_in_counting_is_logged_and_stops_nobody(caplog):
    caplog.set_level(logging.ERROR)
    Meter().started(observed(), None, NOW)

    [record] = caplog.records
    assert "a metric: internal error" == record.getMessage()
    assert record.exc_info is not None


def test_without_a_place_to_count_nothing_happens():
    meter = Meter()
    with meter.publishing():
        pass
    meter.started(observed(), attempt(), NOW)

    assert 1 == meter.tally.started
