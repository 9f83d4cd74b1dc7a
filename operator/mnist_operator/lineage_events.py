"""Send OpenLineage events, and never let anybody wait for it; see `outbox`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from mnist_operator.delivery import PATIENT, Patience
from mnist_operator.lineage_transport import Transport
from mnist_operator.metrics import Metrics
from mnist_operator.outbox import Outbox, Target
from mnist_operator.runs import canonical

__all__ = ["Events", "sending"]

_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

Event = Mapping[str, Any]


class Events:
    """The queue to one backend."""

    def __init__(
        self,
        transport: Transport,
        metrics: Metrics,
        patience: Patience = PATIENT,
    ) -> None:
        self.namespace = transport.namespace
        """Of all trainings; empty: each is in Kubernetes' own."""
        self.outbox = Outbox(_target(transport), metrics.lineage_events, patience)

    def tell(self, event: Event) -> None:
        """Queue an event; return at once, whatever becomes of it.

        Of a run that is told again only what is new is sent: it begins once, and
        ends once.
        """
        self.outbox.tell(event)


def _target(transport: Transport) -> Target[Event]:
    key = transport.api_key
    return Target(
        name="OpenLineage",
        thing="event",
        url=transport.url,
        key=lambda event: (event["run"]["runId"], event["eventType"] == "START"),
        encode=_encode,
        again=_may_change,
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )


def _encode(events: Sequence[Event]) -> bytes:
    """A call takes one event."""
    [event] = events
    return canonical(event)


def _may_change(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _AGAIN


@asynccontextmanager
async def sending(
    transport: Transport | None,
    metrics: Metrics,
    patience: Patience = PATIENT,
) -> AsyncIterator[Events | None]:
    """Send events for as long as this lasts; None where none are asked for."""
    if transport is None:
        yield None
        return
    events = Events(transport, metrics, patience)
    async with events.outbox.working():
        yield events
