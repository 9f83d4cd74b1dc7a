"""Deliver things by HTTP, and never let anybody wait for it.

One queue with an end, one task that empties it. A backend that is slow, broken or
gone costs what is queued, which is counted, and one line in the log; a run is neither
delayed nor failed by it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import aiohttp
from prometheus_client import Counter

from mnist_operator.complaints import hide, read_complaint, read_secrets
from mnist_operator.delivery import PATIENT, Answer, Patience, read_answer, show_place

__all__ = ["Outbox", "Target"]

_LOGGER = logging.getLogger(__name__)
_T = TypeVar("_T")
_REMEMBERED = 1000
"""Things that are known to be told."""
_BODY_LIMIT = 64 * 1024
"""Bytes of an answer that are read."""


def _all_taken(_body: bytes) -> tuple[int, str]:
    return 0, ""


@dataclass(frozen=True, slots=True)
class Target(Generic[_T]):
    """Where things go, and in whose words."""

    name: str
    """Of the backend, for the log."""
    thing: str
    """One of what it takes; more have an s."""
    url: str
    """Empty: the log itself."""
    key: Callable[[_T], Hashable]
    """What is the same thing: it is told once."""
    encode: Callable[[Sequence[_T]], bytes]
    """JSON of some of them."""
    again: Callable[[int], bool]
    """Whether a status may be another the next time."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Also those that sign in; never shown."""
    refused: Callable[[bytes], tuple[int, str]] = _all_taken
    """How many a backend refused that took the others, by its answer, and why."""
    batch: int = 1
    """Most of them in one call."""


class Outbox(Generic[_T]):
    """The queue to one backend."""

    def __init__(
        self, target: Target[_T], counter: Counter, patience: Patience = PATIENT
    ) -> None:
        self._target = target
        self._counter = counter
        self._patience = patience
        self._secrets = read_secrets(target.url, target.headers)
        self._queue: asyncio.Queue[_T] = asyncio.Queue(patience.queued)
        self._told: dict[Hashable, None] = {}
        self._closing = asyncio.Event()
        self._outage = False
        self._lost = 0

    def tell(self, thing: _T) -> None:
        """Queue a thing, unless it was told; return at once, whatever becomes of it."""
        key = self._target.key(thing)
        if key in self._told:
            return
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        try:
            self._queue.put_nowait(thing)
        except asyncio.QueueFull:
            self._count("dropped")

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Send what is told for as long as this lasts."""
        task = asyncio.create_task(self._run(), name=self._target.name)
        try:
            yield
        finally:
            await self._flush()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._give_up()

    async def _run(self) -> None:
        """Send what is queued, in its order, until cancelled."""
        timeout = aiohttp.ClientTimeout(self._patience.answer)
        # As the standards' own clients do, which go by the proxies' variables.
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            while True:
                things = [await self._queue.get()]
                while len(things) < self._target.batch and not self._queue.empty():
                    things.append(self._queue.get_nowait())
                await self._handle(session, things)

    async def _handle(
        self, session: aiohttp.ClientSession, things: Sequence[_T]
    ) -> None:
        try:
            await self._deliver(session, things)
        except asyncio.CancelledError:
            self._count("dropped", len(things))
            raise
        except Exception:
            # A queue that nobody empties would only be noticed when full.
            _LOGGER.exception("%s: internal error", self._target.name)
            self._count("failed", len(things))
        finally:
            for _ in things:
                self._queue.task_done()

    async def _flush(self) -> None:
        """Send what is queued, for a moment; the rest is lost, and counted."""
        self._closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.end):
                await self._queue.join()

    def _give_up(self) -> None:
        """Count what is still queued: nobody will send it."""
        self._count("dropped", self._queue.qsize())
        if self._lost:
            _LOGGER.warning(
                "%s: %d %ss were not delivered to %s.",
                self._target.name,
                self._lost,
                self._target.thing,
                show_place(self._target.url),
            )

    async def _deliver(
        self, session: aiohttp.ClientSession, things: Sequence[_T]
    ) -> None:
        target, body = self._target, self._target.encode(things)
        if not target.url:
            _LOGGER.info("%s: %s", target.name, body.decode())
            self._count("sent", len(things))
            return
        for pause in (*self._patience.pauses, None):
            answer = await self._post(session, body)
            if not answer.problem:
                self._take(answer, len(things))
                return
            self._complain(answer.problem, read_complaint(answer.body))
            if not answer.again or pause is None or self._closing.is_set():
                break
            await self._rest(max(pause, min(answer.after, self._patience.longest)))
        self._count("failed", len(things))

    def _take(self, answer: Answer, told: int) -> None:
        """It was taken; perhaps not all of it, and that is not to be tried again."""
        refused, why = self._target.refused(answer.body)
        refused = min(refused, told)
        self._count("sent", told - refused)
        self._count("failed", refused)
        if refused or why:
            self._complain(f"{refused} of {told} refused", why)
        else:
            self._recover()

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> Answer:
        """Try once: what went wrong, and whether another try may help."""
        headers = {**self._target.headers, "content-type": "application/json"}
        try:
            async with session.post(
                self._target.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                said = await _read(answer.content)
                again = self._target.again(answer.status)
                return read_answer(answer.status, answer.headers, said, again=again)
        except TimeoutError:
            return Answer(f"no answer in {self._patience.answer:g} s", again=True)
        except (aiohttp.ClientError, OSError) as error:
            return Answer(_name(error), again=True)
        except asyncio.CancelledError:
            # kopf, at its end, cancels tasks that began after it: not this one, but
            # those which the HTTP client has begun for it.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return Answer("the call was cut short", again=True)

    async def _rest(self, seconds: float) -> None:
        """Wait before the next try; not when there is no time left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    def _count(self, result: str, how_many: int = 1) -> None:
        self._counter.labels(result).inc(how_many)
        self._lost += how_many if result != "sent" else 0

    def _complain(self, problem: str, words: str = "") -> None:
        """Once, until it goes well again; words: the backend's own."""
        if self._outage:
            return
        self._outage = True
        said = hide(words, self._secrets)
        target = self._target
        _LOGGER.warning(
            "%s: %s takes no %s (%s). Runs go on; %d %ss are kept, and those beyond"
            " are dropped: see %s_total.",
            target.name,
            show_place(target.url),
            target.thing,
            f"{problem}: {said}" if said else problem,
            self._patience.queued,
            target.thing,
            next(iter(self._counter.describe())).name,
        )

    def _recover(self) -> None:
        if self._outage:
            _LOGGER.info(
                "%s: %s takes %ss again; %d were lost.",
                self._target.name,
                show_place(self._target.url),
                self._target.thing,
                self._lost,
            )
        self._outage, self._lost = False, 0


async def _read(content: aiohttp.StreamReader) -> bytes:
    """The beginning of an answer: what one says about a call is short."""
    said = b""
    while len(said) < _BODY_LIMIT and (chunk := await content.read(_BODY_LIMIT)):
        said += chunk
    return said[:_BODY_LIMIT]


def _name(error: Exception) -> str:
    """The kind of an error and its system's word; its text may hold the whole URL."""
    cause = error.__cause__ or error
    told = getattr(cause, "strerror", None)
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
