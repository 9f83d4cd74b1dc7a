"""Send spans to a collector, and never let anybody wait for it; see `outbox`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TypeAlias

from mnist_operator import __version__
from mnist_operator.delivery import Patience
from mnist_operator.metrics import Metrics
from mnist_operator.otel_settings import Collector
from mnist_operator.otlp import encode_spans, read_refused
from mnist_operator.outbox import Outbox, Target
from mnist_operator.spans import Span

__all__ = ["Traces", "exporting"]

Traces: TypeAlias = Outbox[Span]

_AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""OTLP's own list; all else is not to be sent again."""
_QUEUED, _BATCH = 2048, 512
"""As OpenTelemetry's own batch processor has them."""


@asynccontextmanager
async def exporting(
    collector: Collector | None, metrics: Metrics, patience: Patience | None = None
) -> AsyncIterator[Traces | None]:
    """Send spans for as long as this lasts; None where none are asked for."""
    if collector is None:
        yield None
        return
    meant = patience or Patience(queued=_QUEUED)
    meant = replace(meant, answer=collector.seconds)
    traces = Outbox(_target(collector), metrics.trace_spans, meant)
    async with traces.working():
        yield traces


def _target(collector: Collector) -> Target[Span]:
    resource = {"service.version": __version__, **collector.resource}
    return Target(
        name="Traces",
        thing="span",
        url=collector.url,
        key=_key,
        encode=partial(_encode, resource),
        again=_AGAIN.__contains__,
        headers=collector.headers,
        refused=read_refused,
        batch=_BATCH,
    )


def _key(span: Span) -> tuple[str, str]:
    return span.trace, span.id


def _encode(resource: dict[str, str], spans: Sequence[Span]) -> bytes:
    return encode_spans(spans, resource)
