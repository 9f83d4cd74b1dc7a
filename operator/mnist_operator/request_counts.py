"""Calls to pachd and to the API server, by kind: counted, and how long they took."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from mnist_operator.metric_making import harmless, make_counter, make_histogram

__all__ = ["Requests", "resource_of"]


class Requests:
    """Calls to one kind of server, by method and what came of them."""

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._counter = make_counter(registry, f"{service}_requests_total")
        name = f"{service}_request_duration_seconds"
        self._histogram = make_histogram(registry, name)
        # A look makes a dozen calls: finding the series again took most of the time.
        self._counters: dict[tuple[str, ...], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    @harmless
    def pachyderm(self, method: str, code: str, seconds: float | None) -> None:
        """One call to pachd; one that waits for somebody has no duration."""
        self._count((method, code), seconds)

    @harmless
    def kubernetes(self, method: str, path: str, code: str, seconds: float) -> None:
        """One request to the API server."""
        self._count((method, resource_of(path), code), seconds)

    def _count(self, labels: tuple[str, ...], seconds: float | None) -> None:
        counter = self._counters.get(labels)
        if counter is None:
            counter = self._counters[labels] = self._counter.labels(*labels)
        counter.inc()
        if seconds is None:
            return
        method = labels[0]
        histogram = self._histograms.get(method)
        if histogram is None:
            histogram = self._histograms[method] = self._histogram.labels(method)
        histogram.observe(seconds)


def resource_of(path: str) -> str:
    """The plural that a path of the API server is about, without names.

    What is no object's: discovery, or the page's own word, such as version.
    """
    root, *parts = path.strip("/").split("/")
    depth = {"api": 1, "apis": 2}.get(root)
    if depth is None:
        return root
    rest = parts[depth:]
    if rest[:1] == ["namespaces"] and len(rest) > 2:  # noqa: PLR2004 (name and plural)
        rest = rest[2:]
    return rest[0] if rest else "discovery"
