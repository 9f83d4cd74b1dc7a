"""One look at everything: what has changed, of all trainings, in a few requests.

Each round lists the metadata of all MnistTrainings and of all their TFJobs, page by
page. Whoever is not as its follower saw it last is woken; so a lost event costs one
round, and a training with nothing new costs nothing but its place in a list.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from mnist_operator.kube import Kube, Mark
from mnist_operator.settings import Settings
from mnist_operator.tfjob import TRAINING_LABEL

__all__ = ["Key", "Round", "Rounds"]

Key = tuple[str, str]
"""Namespace and name of a MnistTraining."""
_TRUST = 2.5
"""A round is good for so many periods."""
_FIRST_SECONDS = 20.0
"""So long do first looks wait for the first round."""


@dataclass(frozen=True, slots=True)
class Round:
    """What there was to see."""

    began: float
    """By the loop's time; everything listed is at least as new."""
    trainings: Mapping[Key, Mark] = field(default_factory=dict)
    jobs: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    """The resourceVersion of each TFJob, by name, by training."""


class Rounds:
    """Makes rounds, and knows how good the last one is."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube = kube
        self._settings = settings
        self._expected: asyncio.Event | None = None
        self._began = -math.inf
        self._jobs_seen: Mapping[Key, Mapping[str, str]] = {}

    def expect(self) -> None:
        """There will be rounds from now on; so first looks wait for the first."""
        self._expected = asyncio.Event()

    async def go(self) -> Round:
        """List everything.

        Raises:
            UpstreamError: It could not be listed, or not to its end.
        """
        began = _now()
        trainings: dict[Key, Mark] = {}
        jobs: dict[Key, dict[str, str]] = {}
        try:
            async for page in self._trainings():
                trainings |= {(each.namespace, each.name): each for each in page}
            async for page in self._jobs():
                for job in page:
                    key = job.namespace, job.labels[TRAINING_LABEL]
                    jobs.setdefault(key, {})[job.name] = job.version
            self._began, self._jobs_seen = began, jobs
        finally:
            if self._expected is not None:
                self._expected.set()
        return Round(began, trainings, jobs)

    @property
    def is_fresh(self) -> bool:
        """Whether rounds are made, so that whoever has nothing to do may sleep long."""
        age = _now() - self._began
        return age < _TRUST * self._settings.resync_seconds

    async def has_no_jobs(self, namespace: str, name: str) -> bool:
        """Whether the last round found no TFJob of this training; waits for the first.

        False where that is not known.
        """
        return await self.jobs_of(namespace, name) == {}

    async def jobs_of(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """The TFJobs of a training, as the last round found them: name and version.

        Waits for the first round; None where none is known.
        """
        if self._expected is None:
            return None
        if not self._expected.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_SECONDS):
                    await self._expected.wait()
        return self._jobs_seen.get((namespace, name), {}) if self.is_fresh else None

    async def _trainings(self) -> AsyncIterator[list[Mark]]:
        for namespace in self._settings.served or [""]:
            async with aclosing(self._kube.mark_trainings(namespace)) as pages:
                async for page in pages:
                    yield page

    async def _jobs(self) -> AsyncIterator[list[Mark]]:
        for namespace in self._settings.served or [""]:
            marks = self._kube.mark_jobs(namespace, TRAINING_LABEL)
            async with aclosing(marks) as pages:
                async for page in pages:
                    yield page


def _now() -> float:
    return asyncio.get_running_loop().time()
