"""Tell lineage tools what becomes of a training's runs, where somebody listens."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from mnist_operator import places
from mnist_operator.access import Door
from mnist_operator.decisions import Decision, Entry
from mnist_operator.errors import OperatorError
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.lineage_events import Events
from mnist_operator.lineage_runs import (
    Run,
    read_run,
    run_of_attempt,
    run_of_entry,
)
from mnist_operator.openlineage import (
    EventType,
    Place,
    build_event,
    end_of,
    namespace_of,
)
from mnist_operator.plan import Observed
from mnist_operator.runs import Attempt, Outcome, Verdict, job_name

__all__ = ["Reporter"]


class Reporter:
    """Tells of one training, as it was observed just now; never fails its work."""

    def __init__(self, events: Events | None, door: Door, observed: Observed) -> None:
        self._events = events
        self._client = door.client
        self._observed = observed
        self._training = observed.training

    def started(self, attempt: Attempt, *, now: datetime) -> None:
        """An attempt's TFJob is there."""
        if self._events is not None:
            run = run_of_attempt(attempt, self._training, self._observed.spec)
            self._tell(EventType.START, run, now)

    def closed(
        self, attempt: Attempt, outcome: Outcome | None, *, now: datetime
    ) -> None:
        """An attempt has ended; None: it was somebody else who closed it.

        What went well is told when it is published. What was given up before it had
        a TFJob never began, so it does not end.
        """
        if self._events is None or outcome is None:
            return
        name = job_name(self._training.name, attempt.staging)
        began = name in self._observed.jobs or name in self._observed.created
        kinds = {Verdict.FAILED: EventType.FAIL}
        if began:
            kinds[Verdict.ABANDONED] = EventType.ABORT
        if (kind := kinds.get(outcome.verdict)) is not None:
            run = run_of_attempt(attempt, self._training, self._observed.spec)
            error = end_of(outcome.reason, outcome.message)
            self._tell(kind, run, now, error)

    async def decided(self, entries: Iterable[Entry]) -> None:
        """Decisions are written down: a model was published, or is not to be.

        A commit that is skipped has no run, or one whose end has been told.
        """
        if self._events is None:
            return
        for entry in entries:
            if entry.decision is Decision.PUBLISHED:
                run = await self._recorded(entry)
                self._tell(EventType.COMPLETE, run, entry.time)
            elif entry.decision is Decision.FAILED and entry.run:
                run = run_of_entry(entry, self._training)
                error = end_of(entry.reason, entry.message)
                self._tell(EventType.FAIL, run, entry.time, error)

    async def _recorded(self, entry: Entry) -> Run:
        """The run as the model's own record tells it, or the ledger at least."""
        repo, found = places.output_branch(self._training).repo, None
        with suppress(OperatorError, ValueError, RecursionError):
            content = await self._client.read(repo, entry.output, LINEAGE_FILE)
            found = read_run(json.loads(content or b"{}"), commit=entry.output)
        return found or run_of_entry(entry, self._training)

    def _tell(self, kind: EventType, run: Run, at: datetime, error: str = "") -> None:
        if self._events is not None:
            address = self._client.connection.address
            place = Place(namespace_of(address), self._events.namespace)
            self._events.tell(build_event(kind, run, place, at=at, error=error))
