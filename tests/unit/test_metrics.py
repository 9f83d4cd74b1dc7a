"""What Prometheus reads: all series from the start, and nothing where nobody asks."""

import socket
import urllib.request

import pytest

from local_cluster.ports import HeldPort
from mnist_operator import __version__
from mnist_operator.commits import Repo
from mnist_operator.metrics import Metrics, Sources, exposing
from mnist_operator.settings import SettingError
from mnist_operator.status import Reason
from mnist_operator.troubles import REASONS
from unit.builders import NOW, ago, attempt, entry, observed


@pytest.fixture(name="port")
def _port():
    held = HeldPort("")
    yield held.number
    held.let_go()


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return answer.read().decode()


def test_every_series_is_there_before_anything_is_counted(port):
    metrics = Metrics()
    with exposing(metrics, port):
        before = scrape(port)
        metrics.lineage_events.labels("dropped").inc()
        after = scrape(port)

    for result in ("sent", "failed", "dropped"):
        series = f'mnist_operator_lineage_events_total{{result="{result}"}}'
        assert f"{series} 0.0\n" in before
        assert f"{series} {float(result == 'dropped')}\n" in after
    assert f'version="{__version__}"' in before
    assert "_created" not in before


def test_the_port_is_free_again_afterwards(port):
    for _ in range(2):
        with exposing(Metrics(), port):
            assert "mnist_operator_build_info" in scrape(port)


def test_a_port_that_somebody_has_is_named_with_the_remedy():
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with (
            pytest.raises(SettingError, match=f"METRICS_PORT: cannot listen on {port}"),
            exposing(Metrics(), port),
        ):
            pass


def test_without_a_port_nobody_listens():
    with exposing(Metrics(), 0):
        pass


def series(metrics):
    """The series of all trainings and namespaces, without their values."""
    return {
        (sample.name, *sample.labels.values())
        for family in metrics.registry.collect()
        for sample in family.samples
        if "namespace" in sample.labels
    }


def test_a_training_that_is_gone_leaves_no_series():
    metrics = Metrics()
    for namespace, name in (("team", "a"), ("team", "b"), ("other", "a")):
        meter = metrics.meter(namespace, name)
        meter.started(observed(), attempt(), NOW)
        meter.decided(observed(), [entry()])
        with meter.publishing():
            pass
    for place in (("team", "a"), ("team", "a"), ("nowhere", "a")):
        metrics.forget(*place)
    left = series(metrics)
    metrics.forget("team", "b")
    last = series(metrics)
    metrics.forget("other", "a")

    name = "mnist_operator_runs_started_total"
    assert {("team", "b"), ("other", "a")} == {
        each[1:] for each in left if each[0] == name
    }
    # As long as one is left, what is counted for its namespace goes on.
    assert "team" in {each[1] for each in left}
    assert {"other"} == {each[1] for each in last}
    assert set() == series(metrics)


def test_a_training_that_comes_back_begins_at_zero():
    metrics = Metrics()
    metrics.meter("team", "mnist").decided(observed(), [entry()])
    metrics.forget("team", "mnist")

    assert 0 == metrics.meter("team", "mnist").tally.decided["published"]


def test_a_follower_that_is_begun_anew_goes_on_counting():
    metrics = Metrics()
    metrics.meter("team", "mnist").decided(observed(), [entry()])

    assert 1 == metrics.meter("team", "mnist").tally.decided["published"]


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"mnist_operator_{name}", labels)


def test_what_stands_is_asked_when_somebody_scrapes():
    metrics, standing = Metrics(), {Repo("default", "images"): (False, 3)}
    before = value(metrics, "trainings")
    metrics.ask(Sources(lambda: 4, lambda: 2, lambda: standing, lambda: NOW))
    metrics.meter("team", "mnist").tally.waiting_since = ago(90)
    metrics.meter("team", "idle")
    metrics.meter("team", "early").tally.waiting_since = ago(-90)

    repo = {"project": "default", "repo": "images"}
    age = "oldest_pending_commit_age_seconds"
    assert before is None
    assert 4 == value(metrics, "trainings")
    assert 2 == value(metrics, "queue_depth")
    assert 0 == value(metrics, "feed_connected", **repo)
    assert 3 == value(metrics, "feed_reconnects_total", **repo)
    assert 90 == value(metrics, age, namespace="team", training="mnist")
    assert 0 == value(metrics, age, namespace="team", training="idle")
    assert 0 == value(metrics, age, namespace="team", training="early")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_an_error_is_there_from_the_start(reason):
    metrics = Metrics()
    before = value(metrics, "reconcile_errors_total", reason=reason)
    metrics.failed(Reason(reason))

    assert 0 == before
    assert 1 == value(metrics, "reconcile_errors_total", reason=reason)
