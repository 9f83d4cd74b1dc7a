"""What was read before and says the same: of one training, and not read again. Pure.

A commit's whole life takes a dozen looks, and most of what each of them finds is as it
was: the spec, the attempts in their slots, the TFJobs that have ended. To compare costs
a tenth of reading. Losing it is harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mnist_operator import runs
from mnist_operator.commits import Commit
from mnist_operator.resource import MnistTraining, Spec, bare_training, parse_training
from mnist_operator.runs import Attempt
from mnist_operator.tfjob import RUN_LABEL, Job, read_job

__all__ = ["Familiar"]

_Body = Mapping[str, Any]
_Version = tuple[str, str]


@dataclass(slots=True)
class Familiar:
    """The last reading of each, beside what it was read from."""

    _spec: tuple[Any, Spec] | None = None
    _run: tuple[Spec, str, dict[str, Any], str] | None = None
    _attempts: dict[int, tuple[Commit, Attempt | None]] = field(default_factory=dict)
    _below: dict[int, Commit] = field(default_factory=dict)
    _jobs: dict[str, tuple[tuple[_Version, ...], Job]] = field(default_factory=dict)

    def training(self, body: _Body) -> MnistTraining:
        """Read a MnistTraining; one whose spec is as it was shares that.

        Raises:
            InvalidSpecError: As `parse_training` does.
        """
        written = body.get("spec")
        if self._spec is not None and self._spec[0] == written:
            return bare_training(body, spec=self._spec[1])
        read = parse_training(body)
        self._spec = written, read.spec
        return read

    def run(self, training: MnistTraining, image: str) -> tuple[dict[str, Any], str]:
        """Everything that decides a run, and its digest; not to be changed."""
        known = self._run
        if known is None or known[0] is not training.spec or known[1] != image:
            run = runs.run_spec(training, default_image=image)
            known = self._run = training.spec, image, run, runs.digest(run)
        return known[2], known[3]

    def attempts(self, heads: Sequence[Commit | None]) -> tuple[Attempt, ...]:
        """The attempts in these slots, in their order."""
        found = (self._attempt(head, slot) for slot, head in enumerate(heads) if head)
        return tuple(each for each in found if each is not None)

    def _attempt(self, head: Commit, slot: int) -> Attempt | None:
        known = self._attempts.get(slot)
        if known is None or known[0] != head:
            if known is not None and known[0].id == head.parent:
                self._below[slot] = known[0]
            read = runs.read_attempt(head)
            known = head, replace(read, slot=slot) if read else None
            self._attempts[slot] = known
        return known[1]

    def below(self, attempt: Attempt) -> Commit | str | None:
        """What an attempt was opened upon, if it was seen closed, or its ID."""
        parent = self._attempts[attempt.slot][0].parent
        seen = self._below.get(attempt.slot)
        is_it = seen is not None and seen.id == parent and seen.finishing is not None
        return seen if is_it else parent

    def jobs(
        self, bodies: Sequence[_Body], pods: Mapping[str, Sequence[_Body]]
    ) -> list[Job]:
        """Read TFJobs, with the pods of each by its staging commit."""
        kept: dict[str, tuple[tuple[_Version, ...], Job]] = {}
        found = [self._job(body, pods.get(run_of(body), ()), kept) for body in bodies]
        self._jobs = kept
        return found

    def _job(
        self,
        body: _Body,
        pods: Sequence[_Body],
        kept: dict[str, tuple[tuple[_Version, ...], Job]],
    ) -> Job:
        versions = tuple(_version(each) for each in (body, *pods))
        known = self._jobs.get(body["metadata"]["name"])
        told = all(all(each) for each in versions)
        if told and known is not None and known[0] == versions:
            job = known[1]
        else:
            job = read_job(body, pods)
        if told:
            kept[job.name] = versions, job
        return job


def run_of(body: _Body) -> str:
    """The staging commit that a TFJob names."""
    return str(body["metadata"]["labels"].get(RUN_LABEL, ""))


def _version(body: _Body) -> _Version:
    """What is another one whenever the object has changed."""
    meta = body["metadata"]
    return meta.get("uid", ""), meta.get("resourceVersion", "")
