"""Tell of a training's runs as spans, where somebody listens."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime

from mnist_operator import lanes, places
from mnist_operator.access import Door
from mnist_operator.decisions import ENDS, Entry
from mnist_operator.errors import OperatorError
from mnist_operator.plan import Observed
from mnist_operator.runs import Attempt, read_attempt
from mnist_operator.spans import Span, spans_of_attempt, spans_of_end
from mnist_operator.tallies import finished_at
from mnist_operator.trace_export import Traces

__all__ = ["Tracer"]

_LOGGER = logging.getLogger(__name__)


class Tracer:
    """Tells of one training, as it was observed just now; never fails its work."""

    def __init__(self, traces: Traces | None, door: Door, observed: Observed) -> None:
        self._traces = traces
        self._client = door.client
        self._observed = observed

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return self._traces is not None

    def saw(self) -> None:
        """Tell of attempts that are closed, and whose run goes on."""
        if self._traces is None:
            return
        with _harmless():
            for attempt in self._observed.attempts:
                if not lanes.is_decided(self._observed, attempt):
                    self._tell(self._spans_of(attempt))

    async def decided(self, entries: Iterable[Entry]) -> None:
        """Tell of the runs that came to their end with these lines of the ledger."""
        if self._traces is None:
            return
        known = {each.staging: each for each in self._observed.attempts}
        with _harmless():
            for entry in entries:
                attempt = known.get(entry.run)
                if attempt is None or entry.decision not in ENDS:
                    continue
                if spans := self._spans_of(attempt):
                    begun = await self._begin_of(attempt)
                    self._tell((*spans, *spans_of_end(entry, attempt, begun)))

    def _spans_of(self, attempt: Attempt) -> tuple[Span, ...]:
        return spans_of_attempt(attempt, finished_at(self._observed, attempt.commit))

    def _tell(self, spans: Iterable[Span]) -> None:
        if self._traces is not None:
            for span in spans:
                self._traces.tell(span)

    async def _begin_of(self, attempt: Attempt) -> datetime:
        """When its run began: with its commit, or, where one asked, an attempt."""
        if not attempt.request:
            return finished_at(self._observed, attempt.commit) or attempt.opened
        if attempt.number == 1:
            return attempt.opened
        try:
            return await self._first_opened(attempt)
        except OperatorError as error:
            _LOGGER.debug("%s: its first attempt: %s", attempt.staging, error)
            return attempt.opened

    async def _first_opened(self, attempt: Attempt) -> datetime:
        """A retry is in the slot of the attempt before it, so that is its parent."""
        repo, opened = places.run_repo(self._observed.training), attempt.opened
        async with aclosing(self._client.history(repo, attempt.staging)) as walk:
            async for commit in walk:
                earlier = read_attempt(commit)
                if earlier is None or earlier.turn != attempt.turn:
                    break
                opened = earlier.opened
        return opened


@contextmanager
def _harmless() -> Iterator[None]:
    """A training goes on, whatever its spans meet."""
    try:
        yield
    except Exception:
        _LOGGER.exception("Traces: internal error")
