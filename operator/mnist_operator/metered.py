"""The hands that count: what a follower and its performer tell of one training."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import CollectorRegistry

from mnist_operator.decisions import Decision, Entry
from mnist_operator.metric_making import harmless, make_histogram
from mnist_operator.plan import CloseAttempt, Observed
from mnist_operator.runs import Attempt, Outcome, job_name
from mnist_operator.status import Status
from mnist_operator.tallies import (
    End,
    Tally,
    end_of_close,
    ends_of_entries,
    outcome_of,
    read_status,
    since_commit,
    written,
)

__all__ = ["Meter", "Spans"]


class Spans:
    """How long things take, by namespace: a histogram has 15 series."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.to_job = make_histogram(registry, "commit_to_job_seconds")
        self.to_model = make_histogram(registry, "commit_to_model_seconds")
        self.run = make_histogram(registry, "run_duration_seconds")
        self.publish = make_histogram(registry, "publish_duration_seconds")

    def forget(self, namespace: str) -> None:
        """The namespace has no training any more."""
        for each in (self.to_job, self.to_model, self.run, self.publish):
            each.remove_by_labels({"namespace": namespace})


class Meter:
    """Counts for one training; without arguments for nobody.

    What is to be counted once must also be when the answer to a call is lost. So the
    calls that change something are made within `starting`, `closing` and `recording`:
    where one fails, the next look tells whether it took effect.
    """

    def __init__(self, namespace: str = "", spans: Spans | None = None) -> None:
        self.tally = Tally()
        self._doubt: Callable[[Observed], None] | None = None
        """Of the last thing that was done; a look follows whatever fails."""
        self._namespace = namespace
        self._spans = spans

    @harmless
    def saw(self, observed: Observed, unexplained: int) -> None:
        """A look is over; above the newest model so many commits have no record."""
        settle, self._doubt = self._doubt, None
        if settle is not None:
            settle(observed)
        self.tally.see(observed.source.waiting)
        self.tally.unexplained = unexplained

    @harmless
    def showed(self, status: Status) -> None:
        """The status says this."""
        self.tally.shown = read_status(status)

    @harmless
    def started(self, observed: Observed, attempt: Attempt, now: datetime) -> None:
        """A TFJob was created, by this process."""
        self.tally.started += 1
        if attempt.number == 1 and not attempt.request:  # Else it says how old it is.
            seconds = since_commit(observed, attempt.commit, now)
            if seconds is not None and self._spans is not None:
                self._spans.to_job.labels(self._namespace).observe(seconds)

    @harmless
    def closed(
        self,
        observed: Observed,
        action: CloseAttempt,
        outcome: Outcome | None,
        now: datetime,
    ) -> None:
        """An attempt was closed; without an outcome by somebody else."""
        end = end_of_close(observed, action, outcome, now)
        if end is not None:
            self._end(end)

    @harmless
    def decided(self, observed: Observed, entries: Collection[Entry]) -> None:
        """These lines were appended to the ledger."""
        for entry in entries:
            self.tally.decided[entry.decision.lower()] += 1
            if entry.decision is Decision.PUBLISHED and not entry.request:
                seconds = since_commit(observed, entry.commit, entry.time)
                if seconds is not None and self._spans is not None:
                    self._spans.to_model.labels(self._namespace).observe(seconds)
        for end in ends_of_entries(entries, observed.attempts):
            self._end(end)

    @contextmanager
    def starting(self, of: Observed, attempt: Attempt, now: datetime) -> Iterator[None]:
        """A TFJob is created; whoever knows that it was says so with `started`."""

        def settle(later: Observed) -> None:
            if job_name(later.training.name, attempt.staging) in later.jobs:
                self.started(of, attempt, now)

        with self._doubting(settle):
            yield

    @contextmanager
    def closing(
        self, of: Observed, action: CloseAttempt, now: datetime
    ) -> Iterator[None]:
        """An attempt is closed; whoever knows that it was says so with `closed`."""

        def settle(later: Observed) -> None:
            found = outcome_of(later.attempts, action.attempt.staging)
            self.closed(of, action, found, now)

        with self._doubting(settle):
            yield

    @contextmanager
    def recording(self, of: Observed, entries: Collection[Entry]) -> Iterator[None]:
        """Lines are appended to the ledger."""
        with self._doubting(
            lambda later: self.decided(of, written(entries, later.ledger))
        ):
            yield
        self.decided(of, entries)

    @contextmanager
    def _doubting(self, settle: Callable[[Observed], None]) -> Iterator[None]:
        """Where this fails, let the next look settle whether it took effect."""
        try:
            yield
        except Exception:
            self._doubt = settle
            raise

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """A publication; one that is cut off by an error takes no time."""
        began = time.monotonic()
        yield
        self._published(time.monotonic() - began)

    @harmless
    def _published(self, seconds: float) -> None:
        if self._spans is not None:
            self._spans.publish.labels(self._namespace).observe(seconds)

    def _end(self, end: End) -> None:
        self.tally.finished[end.result] += 1
        if end.seconds is not None and self._spans is not None:
            labels = self._namespace, end.result.value
            self._spans.run.labels(*labels).observe(end.seconds)
