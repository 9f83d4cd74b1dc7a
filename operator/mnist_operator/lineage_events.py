"""Send OpenLineage events, and never let anybody wait for it.

One queue with an end, one task that empties it. A backend that is slow, broken or
gone costs events, which are counted, and one line in the log; a run is neither
delayed nor failed by it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from mnist_operator.lineage_transport import Transport
from mnist_operator.metrics import Metrics
from mnist_operator.runs import canonical

__all__ = ["Events", "Patience", "sending"]

_LOGGER = logging.getLogger(__name__)
_REMEMBERED = 1000
"""Beginnings and ends that are known to be told."""
_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """What a backend may cost; all times are in seconds."""

    queued: int = 1000
    """Events that wait; one has some 3 kB."""
    answer: float = 5.0
    """For one try."""
    pauses: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0)
    """Between two tries for one event."""
    end: float = 2.0
    """For what is still queued when the operator ends."""


class Events:
    """The queue to one backend."""

    def __init__(
        self,
        transport: Transport,
        metrics: Metrics,
        patience: Patience = Patience(),
    ) -> None:
        self._transport = transport
        self._counter = metrics.lineage_events
        self._patience = patience
        self._queue: asyncio.Queue[Event] = asyncio.Queue(patience.queued)
        self._told: dict[tuple[str, bool], None] = {}
        self._closing = asyncio.Event()
        self._outage = False
        self._lost = 0

    @property
    def namespace(self) -> str:
        """Of all trainings; empty: each is in Kubernetes' own."""
        return self._transport.namespace

    def tell(self, event: Event) -> None:
        """Queue an event; return at once, whatever becomes of it.

        Of a run that is told again only what is new is sent: it begins once, and
        ends once.
        """
        key = event["run"]["runId"], event["eventType"] == "START"
        if key in self._told:
            return
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._count("dropped")

    async def run(self) -> None:
        """Send what is queued, in its order, until cancelled."""
        timeout = aiohttp.ClientTimeout(self._patience.answer)
        # As OpenLineage's own client does, which goes by the proxies' variables.
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            while True:
                event = await self._queue.get()
                try:
                    await self._deliver(session, event)
                except asyncio.CancelledError:
                    self._count("dropped")
                    raise
                except Exception:
                    # A queue that nobody empties would only be noticed when full.
                    _LOGGER.exception("OpenLineage: internal error")
                    self._count("failed")
                finally:
                    self._queue.task_done()

    async def flush(self) -> None:
        """Send what is queued, for a moment; the rest is lost, and counted."""
        self._closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.end):
                await self._queue.join()

    def give_up(self) -> None:
        """Count what is still queued: nobody will send it."""
        for _ in range(self._queue.qsize()):
            self._count("dropped")
        if self._lost:
            _LOGGER.warning(
                "OpenLineage: %d events were not delivered to %s.",
                self._lost,
                self._transport.place,
            )

    async def _deliver(self, session: aiohttp.ClientSession, event: Event) -> None:
        if not self._transport.url:
            _LOGGER.info("OpenLineage: %s", canonical(event).decode())
            self._count("sent")
            return
        for pause in (*self._patience.pauses, None):
            problem, again = await self._post(session, canonical(event))
            if not problem:
                self._count("sent")
                self._recover()
                return
            self._complain(problem)
            if not again or pause is None or self._closing.is_set():
                break
            await self._rest(pause)
        self._count("failed")

    async def _post(
        self, session: aiohttp.ClientSession, body: bytes
    ) -> tuple[str, bool]:
        """Try once: what went wrong, and whether another try may help."""
        headers = {"Content-Type": "application/json"}
        if self._transport.api_key:
            headers["Authorization"] = f"Bearer {self._transport.api_key}"
        try:
            async with session.post(
                self._transport.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except TimeoutError:
            return f"no answer in {self._patience.answer:g} s", True
        except (aiohttp.ClientError, OSError) as error:
            return _name(error), True
        except asyncio.CancelledError:
            # kopf, at its end, cancels tasks that began after it: not this one, but
            # those which the HTTP client has begun for it.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return "the call was cut short", True
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return "", False
        again = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _AGAIN
        return f"HTTP {status}", again

    async def _rest(self, seconds: float) -> None:
        """Wait before the next try; not when there is no time left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    def _count(self, result: str) -> None:
        self._counter.labels(result).inc()
        self._lost += result != "sent"

    def _complain(self, problem: str) -> None:
        """Once, until it goes well again."""
        if self._outage:
            return
        self._outage = True
        _LOGGER.warning(
            "OpenLineage: %s takes no event (%s). Runs go on; %d events are kept, and"
            " those beyond are dropped: see mnist_operator_lineage_events_total.",
            self._transport.place,
            problem,
            self._patience.queued,
        )

    def _recover(self) -> None:
        if self._outage:
            _LOGGER.info(
                "OpenLineage: %s takes events again; %d were lost.",
                self._transport.place,
                self._lost,
            )
        self._outage, self._lost = False, 0


def _name(error: Exception) -> str:
    """The kind of an error and its system's word; its text may hold the whole URL."""
    cause = error.__cause__ or error
    told = getattr(cause, "strerror", None)
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


@asynccontextmanager
async def sending(
    transport: Transport | None,
    metrics: Metrics,
    patience: Patience = Patience(),
) -> AsyncIterator[Events | None]:
    """Send events for as long as this lasts; None where none are asked for."""
    if transport is None:
        yield None
        return
    events = Events(transport, metrics, patience)
    task = asyncio.create_task(events.run(), name="OpenLineage events")
    try:
        yield events
    finally:
        await events.flush()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        events.give_up()
