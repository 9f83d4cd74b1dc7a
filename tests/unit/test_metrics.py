"""What Prometheus reads: all series from the start, and nothing where nobody asks."""

import socket
import urllib.request

import pytest

from mnist_operator import __version__
from mnist_operator.metrics import Metrics, exposing
from mnist_operator.settings import SettingError


@pytest.fixture(name="port")
def _port():
    with socket.socket() as free:
        free.bind(("", 0))
        return free.getsockname()[1]


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
