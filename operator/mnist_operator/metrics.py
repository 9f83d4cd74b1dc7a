"""What the operator counts, and the port where Prometheus reads it.

A registry of our own rather than the process-wide one, so that each hub of a test
begins at zero. It is answered by a thread: also while the loop is held up, which is
when somebody looks. docs/metrics.md has every name, and what to do with it.
"""

import platform
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Info,
    disable_created_metrics,
    start_http_server,
)

from mnist_operator import __version__
from mnist_operator.metered import Meter, Spans
from mnist_operator.metric_families import FAMILIES, PREFIX
from mnist_operator.metric_making import harmless, make_counter, make_histogram
from mnist_operator.metric_series import Key, Series, Sources
from mnist_operator.request_counts import Requests
from mnist_operator.settings import SettingError
from mnist_operator.status import Reason
from mnist_operator.tallies import Tally
from mnist_operator.troubles import REASONS

__all__ = ["Metrics", "Sources", "exposing"]

_RESULTS = ("sent", "failed", "dropped")


class Metrics:
    """All metrics; their names begin with mnist_operator_, their units are base units.

    ``lineage_events`` counts OpenLineage events by ``result``: sent; failed, when the
    backend refused one or did not take it after several tries; dropped, when the
    queue was full or the operator ended first. ``trace_spans`` counts spans likewise.
    """

    def __init__(self) -> None:
        # One more series for each counter, of no use here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        build = Info(f"{PREFIX}build", FAMILIES["build_info"].says, registry=registry)
        build.info({"version": __version__, "python": platform.python_version()})
        self.lineage_events = make_counter(registry, "lineage_events_total")
        self.trace_spans = make_counter(registry, "trace_spans_total")
        self.looks = make_histogram(registry, "reconcile_duration_seconds")
        self.pachyderm = Requests(registry, "pachyderm")
        self.kubernetes = Requests(registry, "kubernetes")
        self._errors = make_counter(registry, "reconcile_errors_total")
        self._spans = Spans(registry)
        self._meters: dict[Key, Meter] = {}
        self._crowds: Counter[str] = Counter()
        """How many trainings each namespace has."""
        self._series = Series(self._tallies)
        registry.register(self._series)
        # A series that is not there cannot be alerted on.
        for result in _RESULTS:
            self.lineage_events.labels(result)
            self.trace_spans.labels(result)
        for reason in REASONS:
            self._errors.labels(reason)

    def meter(self, namespace: str, name: str) -> Meter:
        """What counts for one training, from now on or still."""
        key = namespace, name
        if key not in self._meters:
            self._meters[key] = Meter(namespace, self._spans)
            self._crowds[namespace] += 1
        return self._meters[key]

    @harmless
    def forget(self, namespace: str, name: str) -> None:
        """A training is followed no more; its namespace may have no other."""
        if self._meters.pop((namespace, name), None) is None:
            return
        self._crowds[namespace] -= 1
        if not self._crowds[namespace]:
            del self._crowds[namespace]
            self._spans.forget(namespace)

    @harmless
    def failed(self, reason: Reason) -> None:
        """A look at a training ended in an error."""
        self._errors.labels(reason).inc()

    def ask(self, sources: Sources) -> None:
        """From now on, ask them how things stand."""
        self._series.sources = sources

    def _tallies(self) -> dict[Key, Tally]:
        return {key: each.tally for key, each in list(self._meters.items())}


@contextmanager
def exposing(metrics: Metrics, port: int) -> Iterator[None]:
    """Answer /metrics on this port; 0 for nobody.

    Raises:
        SettingError: The port cannot be had.
    """
    if not port:
        yield
        return
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
