"""Carry out a plan's actions, one by one; each may be the last before a crash.

Every action can be done again: names, descriptions and open heads are the locks.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, assert_never

from mnist_operator import __version__, announce, runs
from mnist_operator.access import Door
from mnist_operator.announce import Announcement
from mnist_operator.commits import CommitState
from mnist_operator.errors import (
    AlreadyFinishedError,
    HeadOpenError,
    NotFoundError,
    UpstreamError,
)
from mnist_operator.kube import Kube
from mnist_operator.ledger import LEDGER_FILE, Entry, to_lines
from mnist_operator.observer import Memory
from mnist_operator.pachyderm import Change, DeletePath, PutFile
from mnist_operator.plan import (
    Action,
    CloseAttempt,
    CreateJob,
    DeleteJob,
    GiveUp,
    Observed,
    OpenAttempt,
    Publish,
    Record,
)
from mnist_operator.publisher import Publisher
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.status import Reason, timestamp
from mnist_operator.tfjob import CONTAINER, Job, JobRequest, build_tfjob

__all__ = ["Performer", "post"]

_LOGGER = logging.getLogger(__name__)
_LOG_LINES = 10_000
_ERROR_LIMIT = 300
_REQUEST_LIMIT = 1024 * 1024


class Performer:
    """Acts on one training, as it was observed just now."""

    def __init__(
        self,
        kube: Kube,
        door: Door,
        observed: Observed,
        memory: Memory,
        now: Callable[[], datetime],
    ) -> None:
        self._kube = kube
        self._client = door.client
        self._endpoint = door.endpoint
        self._observed = observed
        self._training = observed.training
        self._memory = memory
        self._now = now

    async def perform(self, action: Action) -> None:
        """Do one thing. A race that was lost is no error: the next look tells."""
        _LOGGER.debug("%s: %s", self._training.key, type(action).__name__)
        match action:
            case OpenAttempt():
                await self._open(action)
            case CreateJob():
                await self._create_job(action.attempt)
            case CloseAttempt():
                await self._close(action)
            case DeleteJob():
                await self._delete_job(action.name)
            case Publish():
                await self._publish(action.attempt)
            case GiveUp():
                await Publisher(self._client, self._training).give_up(action.commit)
            case Record():
                await self._record(*action.entries)
            case _:
                assert_never(action)

    async def _open(self, action: OpenAttempt) -> None:
        commit, digest = action.commit, self._observed.spec_digest
        description = runs.describe_attempt(
            self._training, commit.id, action.number, digest
        )
        try:
            staging = await self._client.start_commit(
                runs.slot_branch(self._training), description=description
            )
        except HeadOpenError:
            return  # Another operator was faster; its attempt is ours too.
        attempt = Attempt(
            staging=staging,
            training=self._training.key,
            uid=self._training.uid,
            commit=commit.id,
            number=action.number,
            digest=digest,
            opened=self._now(),
            generation=self._training.generation,
            operator=__version__,
        )
        await self._prepare(attempt)
        if commit.state is CommitState.FINISHED:
            await self._create_job(attempt)

    async def _prepare(self, attempt: Attempt) -> None:
        """Clear what the staging commit inherits, and write down what is asked."""
        request = runs.build_request(attempt, self._observed.spec)
        changes: list[Change] = [
            DeletePath("/"),
            PutFile(runs.ATTEMPT_FILE, runs.canonical(request)),
        ]
        repo = runs.run_repo(self._training)
        await self._client.modify(repo, attempt.staging, changes)
        self._memory.prepared.add(attempt.staging)

    async def _is_prepared(self, attempt: Attempt) -> bool:
        if attempt.staging not in self._memory.prepared:
            repo, path = runs.run_repo(self._training), runs.ATTEMPT_FILE
            found = await self._client.read(
                repo, attempt.staging, path, limit=_REQUEST_LIMIT
            )
            asked = runs.build_request(attempt, self._observed.spec)
            if found != runs.canonical(asked):
                return False
            self._memory.prepared.add(attempt.staging)
        return True

    async def _create_job(self, attempt: Attempt) -> None:
        """Create the TFJob, in a staging commit that is known to be clean.

        When it is not, whoever opened it died before it was prepared. The call that
        prepares it may still be under way, and would take away what a job wrote
        until then; so the attempt is given up, and that call finds it closed.
        """
        if not await self._is_prepared(attempt):
            message = "Whoever opened it did not come to prepare it."
            outcome = Outcome(Verdict.ABANDONED, "Unprepared", message)
            await self._close(CloseAttempt(attempt, outcome))
            return
        request = JobRequest(
            name=runs.job_name(self._training.name, attempt.staging),
            namespace=self._training.namespace,
            training=self._training.name,
            uid=self._training.uid,
            commit=attempt.commit,
            staging=attempt.staging,
            slot=runs.slot_branch(self._training).name,
            attempt=attempt.number,
            spec=self._observed.spec,
            run_repo=self._training.spec.run_repo,
            endpoint=self._endpoint,
        )
        created = await self._kube.create_job(request.namespace, build_tfjob(request))
        self._memory.created.add(request.name)
        if created:
            message = (
                f"TFJob {request.name} trains on input commit {attempt.commit},"
                f" attempt {attempt.number}."
            )
            await self._announce(
                Announcement(Reason.RUN_STARTED, message, attempt.staging)
            )

    async def _close(self, action: CloseAttempt) -> None:
        """Write the end into the staging commit, then close it: the fence."""
        attempt, outcome, job = action.attempt, action.outcome, action.job
        repo = runs.run_repo(self._training)
        if outcome.verdict is Verdict.FAILED:
            outcome = await self._explain(outcome, job)
        failed = outcome.verdict is not Verdict.SUCCEEDED
        error = (
            f"{outcome.reason}: {outcome.message}"[:_ERROR_LIMIT] if failed else None
        )
        facts = self._facts(attempt, job)
        record = runs.canonical({"version": 1, **outcome.to_json(), **facts})
        try:
            await self._client.modify(repo, attempt.staging, [
                PutFile(runs.RECORD_FILE, record),
                PutFile(runs.LOG_FILE, await self._log(job)),
            ])  # fmt: skip
            await self._client.finish_commit(
                repo,
                attempt.staging,
                description=runs.describe_outcome(attempt, outcome, facts),
                error=error,
            )
        except (AlreadyFinishedError, NotFoundError):
            return
        if outcome.verdict is Verdict.FAILED:
            message = (
                f"Attempt {attempt.number} for input commit {attempt.commit}:"
                f" {outcome.reason}: {outcome.message}"
            )
            await self._announce(
                Announcement(
                    Reason.ATTEMPT_FAILED, message, attempt.staging, warning=True
                )
            )

    def _facts(self, attempt: Attempt, job: Job | None) -> dict[str, str]:
        """Where and when an attempt ran."""
        started = job.started or job.created if job else attempt.opened
        ended = job.ended if job and job.ended else self._now()
        return {
            "tfjob": runs.job_name(self._training.name, attempt.staging),
            "tfjobUid": job.uid if job else "",
            "pod": job.pod if job else "",
            "node": job.node if job else "",
            "imageID": job.image_id if job else "",
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
        """Without an exit code, Kubernetes' own Events know more than the pod."""
        if job is None or outcome.exit_code is not None:
            return outcome
        names = [job.name, *([job.pod] if job.pod else [])]
        said: dict[str, None] = {}
        for name in names:
            events = await self._kube.list_events(self._training.namespace, name)
            said |= dict.fromkeys(_warnings(events, job.message))
        message = " ".join([outcome.message, *list(said)[-3:]])
        return Outcome(
            outcome.verdict, outcome.reason, message[:900], outcome.retryable
        )

    async def _delete_job(self, name: str) -> None:
        """Delete a job behind its fence, which another operator may just have moved.

        Jobs and attempts were read side by side, so the job may belong to an
        attempt that was opened in between: only a fresh look tells.
        """
        job = self._observed.jobs.get(name)
        head = await self._client.head(runs.slot_branch(self._training))
        attempt = runs.read_attempt(head) if head else None
        if job and attempt and attempt.is_open and attempt.staging == job.staging:
            return
        await self._kube.delete_job(self._training.namespace, name)

    async def _publish(self, attempt: Attempt) -> None:
        publisher = Publisher(self._client, self._training)
        entry = await publisher.publish(attempt, self._observed.ledger, now=self._now())
        await self._record(entry)

    async def _record(self, *entries: Entry) -> None:
        branch = runs.ledger_branch(self._training)
        await self._client.append(branch, LEDGER_FILE, to_lines(entries))
        for entry in entries:
            announcement = announce.tell_entry(entry)
            if announcement is not None:
                await self._announce(announcement)

    async def _announce(self, announcement: Announcement) -> None:
        await post(self._kube, self._training, announcement, now=self._now())


async def post(
    kube: Kube, training: MnistTraining, announcement: Announcement, *, now: datetime
) -> None:
    """Post an Event; losing one changes nothing, so it never stops the work."""
    _LOGGER.info("%s: %s", training.key, announcement.message)
    event = announce.build_event(training, announcement, now=now)
    try:
        await kube.create_event(training.namespace, event)
    except UpstreamError as error:
        _LOGGER.warning("%s: Event not posted: %s", training.key, error)


def _warnings(events: list[dict[str, Any]], known: str) -> list[str]:
    """What Warnings say, but for those that only repeat what the pod says itself."""
    words = known.partition(": ")[2]
    return [
        f"{event.get('reason', '')}: {event.get('message', '')}"[:300]
        for event in events
        if event.get("type") == "Warning"
        and not (words and words in event.get("message", ""))
    ]
