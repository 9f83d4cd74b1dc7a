"""Close an attempt: why it ended, where it ran and the end of its log, then the fence.

From the moment that its staging commit is closed no job reaches it any more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from mnist_operator import places, runs
from mnist_operator.announce import Announcement
from mnist_operator.errors import AlreadyFinishedError, NotFoundError
from mnist_operator.foreign import plain, word
from mnist_operator.kube import Kube
from mnist_operator.pachyderm import Pachyderm, PutFile
from mnist_operator.peers import PEER_LOST
from mnist_operator.plan import CloseAttempt
from mnist_operator.post import post
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.status import Reason, timestamp
from mnist_operator.tfjob import CONTAINER, Job

__all__ = ["Closer"]

_LOG_LINES = 10_000
_ERROR_LIMIT = 300


class Closer:
    """Closes the attempts of one training."""

    def __init__(
        self,
        kube: Kube,
        client: Pachyderm,
        training: MnistTraining,
        now: Callable[[], datetime],
    ) -> None:
        self._kube = kube
        self._client = client
        self._training = training
        self._now = now

    async def close(self, action: CloseAttempt) -> tuple[Outcome, str] | None:
        """Write the end into the staging commit, then close it: the fence.

        Returns the end and the description that says it; None where somebody else
        had closed it.
        """
        attempt, outcome, job = action.attempt, action.outcome, action.job
        repo = places.run_repo(self._training)
        if outcome.verdict is Verdict.FAILED:
            outcome = await self._explain(outcome, job)
        failed = outcome.verdict is not Verdict.SUCCEEDED
        said = plain(f"{outcome.reason}: {outcome.message}", _ERROR_LIMIT)
        error = said if failed else None
        facts = self._facts(attempt, job)
        record = runs.canonical({"version": 1, **outcome.to_json(), **facts})
        description = runs.describe_outcome(attempt, outcome, facts)
        try:
            await self._client.modify(repo, attempt.staging, [
                PutFile(runs.RECORD_FILE, record),
                PutFile(runs.LOG_FILE, await self._log(job)),
            ])  # fmt: skip
            await self._client.finish_commit(
                repo,
                attempt.staging,
                description=description,
                error=error,
            )
        except (AlreadyFinishedError, NotFoundError):
            return None
        if outcome.verdict is Verdict.FAILED:
            message = (
                f"Attempt {attempt.number} for input commit {attempt.commit}:"
                f" {outcome.reason}: {outcome.message}"
            )
            told = Announcement(
                Reason.ATTEMPT_FAILED, message, attempt.staging, warning=True
            )
            await post(self._kube, self._training, told, now=self._now())
        return outcome, description

    def _facts(self, attempt: Attempt, job: Job | None) -> dict[str, str]:
        """Where and when an attempt ran."""
        started = job.started or job.created if job else attempt.opened
        ended = job.ended if job and job.ended else self._now()
        others = job.other_images if job else ""
        told = {"otherImages": others} if others else {}
        if job and job.traced:
            told["createdAt"] = job.traced.isoformat()
        return told | {
            "tfjob": runs.job_name(self._training.name, attempt.staging),
            "tfjobUid": job.uid if job else "",
            "pod": job.pod if job else "",
            "node": job.node if job else "",
            "imageID": job.image_id if job else "",
            "inputBucket": job.source if job else "",
            "startedAt": timestamp(started),
            "endedAt": timestamp(ended),
        }

    async def _log(self, job: Job | None) -> bytes:
        if job is None or not job.pod:
            return b""
        return await self._kube.read_log(
            self._training.namespace, job.pod, CONTAINER, limit=_LOG_LINES
        )

    async def _explain(self, outcome: Outcome, job: Job | None) -> Outcome:
        """Without an exit code, Kubernetes' own Events know more than the pod.

        And where all that a pod knows is that it lost another.
        """
        if job is None or outcome.exit_code not in {None, PEER_LOST}:
            return outcome
        names = [job.name, *([job.pod] if job.pod else [])]
        said: dict[str, None] = {}
        for name in names:
            events = await self._kube.list_events(self._training.namespace, name)
            said |= dict.fromkeys(_warnings(events, job.message))
        message = " ".join([outcome.message, *list(said)[-3:]])
        return replace(outcome, message=message[:900])


def _warnings(events: list[dict[str, Any]], known: str) -> list[str]:
    """What Warnings say, but for those that only repeat what the pod says itself."""
    words = known.partition(": ")[2]
    return [
        f"{word(event.get('reason'))}: {word(event.get('message'))}"[:300]
        for event in events
        if event.get("type") == "Warning"
        and not (words and words in word(event.get("message")))
    ]
