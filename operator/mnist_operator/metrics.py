"""What the operator counts, and the port where Prometheus reads it.

A registry of our own rather than the process-wide one, so that each hub of a test
begins at zero. It is answered by a thread: also while the loop is held up, which is
when somebody looks.
"""

import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Info,
    disable_created_metrics,
    start_http_server,
)

from mnist_operator import __version__
from mnist_operator.settings import SettingError

__all__ = ["Metrics", "exposing"]

_RESULTS = ("sent", "failed", "dropped")


class Metrics:
    """All metrics; their names begin with mnist_operator_, their units are base units.

    ``lineage_events`` counts OpenLineage events by ``result``: sent; failed, when the
    backend refused one or did not take it after several tries; dropped, when the
    queue was full or the operator ended first.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        build = Info(
            "mnist_operator_build", "The operator that runs.", registry=self.registry
        )
        build.info({"version": __version__, "python": platform.python_version()})
        self.lineage_events = Counter(
            "mnist_operator_lineage_events",
            "OpenLineage events, by what became of them.",
            ["result"],
            registry=self.registry,
        )
        for result in _RESULTS:  # A series that is not there cannot be alerted on.
            self.lineage_events.labels(result)


@contextmanager
def exposing(metrics: Metrics, port: int) -> Iterator[None]:
    """Answer /metrics on this port; 0 for nobody.

    Raises:
        SettingError: The port cannot be had.
    """
    if not port:
        yield
        return
    # One more series for each counter, of no use here.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    # Where there is IPv6, one socket for both.
    address = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"
    try:
        server, thread = start_http_server(port, address, metrics.registry)
    except OSError as error:
        raise SettingError(
            f"MNIST_OPERATOR_METRICS_PORT: cannot listen on {port}"
            f" ({error.strerror}); name a free port, or 0 for no metrics"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
