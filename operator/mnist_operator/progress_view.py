"""Shows how far the runs of one training are, between two looks and beside them.

What is shown is written on top of the status that the last look left, and only where
nobody has written since: so it takes nothing back, whichever of the two comes last.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import Any

from mnist_operator import announce, lanes, progress, runs
from mnist_operator.errors import ConflictError
from mnist_operator.kube import Kube, put_on_top
from mnist_operator.plan import Observed
from mnist_operator.post import post
from mnist_operator.progress_lane import Lane, Run
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt
from mnist_operator.sight import Sight
from mnist_operator.status import Progress
from mnist_operator.tfjob import JobPhase

__all__ = ["ProgressView"]


class ProgressView:
    """What is known of how far the runs of one training are."""

    def __init__(self, kube: Kube, lane: Lane, sight: Sight) -> None:
        self._kube = kube
        self._lane = lane
        self._sight = sight
        self._training: MnistTraining | None = None
        self._key = ""
        self._attempts: Mapping[str, Attempt] = {}
        """Those that run, by staging commit."""
        self._known: dict[str, Progress] = {}
        self._written_at = -math.inf

    def saw(self, observed: Observed) -> None:
        """That is what a look has seen: from now on these runs are read."""
        training = observed.training
        if self._training is None:  # As an earlier operator left it.
            shown = training.status.get("active")
            self._known = progress.recall_progress(shown)
        self._training, self._key = training, f"{training.key} {training.uid}"
        running = dict(_running(observed))
        self._attempts = {
            each.staging: each for each in observed.attempts if each.staging in running
        }
        self._known = {k: v for k, v in self._known.items() if k in running}
        self._lane.follow(self._key, running, self._hear)

    def close(self) -> None:
        """Nothing of it is to be read any more."""
        self._attempts, self._training = {}, None
        self._lane.follow(self._key, {}, self._hear)

    def dress(self, status: Mapping[str, Any]) -> dict[str, Any]:
        """A status with what is known."""
        return progress.dress(status, self._known)

    async def _hear(self, run: Run, said: Progress) -> None:
        training, attempt = self._training, self._attempts.get(run.staging)
        if training is None or attempt is None:
            return
        is_first = run.staging not in self._known
        self._known[run.staging] = said
        await self._show(training)
        if is_first:
            told = announce.tell_progress(attempt, run.pod, run.node)
            await post(self._kube, training, told, now=self._kube.clock.now())

    async def _show(self, training: MnistTraining) -> None:
        """Write what has changed, now and then."""
        sight, now = self._sight, asyncio.get_running_loop().time()
        before, version = sight.shown, sight.version
        shown = self.dress(before) if before else before
        if shown == before or now - self._written_at < self._lane.seconds / 2:
            return
        self._written_at = now
        place = training.namespace, training.name
        try:
            active = {"active": shown["active"]}
            written = await put_on_top(self._kube, *place, version, active)
        except ConflictError:
            return  # A look is on its way, or follows.
        if sight.shown is before:
            sight.shown = shown
        if sight.version == version:
            sight.version = written


def _running(observed: Observed) -> list[tuple[str, Run]]:
    """The runs that there is something to read of, by staging commit."""
    training, found = observed.training, []
    for attempt in lanes.live(observed):
        job = observed.jobs.get(runs.job_name(training.name, attempt.staging))
        if attempt.outcome is None and job and job.phase is JobPhase.RUNNING:
            run = Run(training.namespace, attempt.staging, job.pod, job.node)
            found += [(attempt.staging, run)] * bool(job.pod)
    return found
