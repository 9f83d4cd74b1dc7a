"""Carry out a plan's actions, one by one; each may be the last before a crash.

Every action can be done again: names, descriptions and open heads are the locks.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import assert_never

from mnist_operator import announce, foresight, lanes, places, runs
from mnist_operator.access import Door
from mnist_operator.announce import Announcement
from mnist_operator.closing import Closer
from mnist_operator.commits import Branch, CommitState, Repo
from mnist_operator.decisions import Entry, to_lines
from mnist_operator.errors import HeadOpenError, TooLargeError
from mnist_operator.failures import given_up
from mnist_operator.gate_readings import Comparer
from mnist_operator.kube import Kube
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.listeners import NOBODY, Listeners
from mnist_operator.metered import Meter
from mnist_operator.orders import order_job
from mnist_operator.pachyderm import Change, DeletePath, PutFile
from mnist_operator.plan import (
    Action,
    CloseAttempt,
    CompareData,
    CreateJob,
    DeleteJob,
    GiveUp,
    Observed,
    OpenAttempt,
    OwnJob,
    Promote,
    Publish,
    Record,
)
from mnist_operator.post import post
from mnist_operator.promoter import promote
from mnist_operator.publisher import Publisher
from mnist_operator.readings import Memory
from mnist_operator.reporter import Reporter
from mnist_operator.runs import Attempt
from mnist_operator.tfjob import build_tfjob, owner_of, read_job
from mnist_operator.tracer import Tracer

__all__ = ["Performer"]

_LOGGER = logging.getLogger(__name__)
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
        *,
        meter: Meter | None = None,
        listeners: Listeners = NOBODY,
        key_file: Path | None = None,
        comparer: Comparer | None = None,
    ) -> None:
        self._kube = kube
        self._client = door.client
        self._endpoint = door.endpoint
        self._observed = observed
        self._training = observed.training
        self._memory = memory
        self._now = now
        self._meter = meter or Meter()
        self._publisher = Publisher(door.client, observed.training, key_file=key_file)
        self._closer = Closer(kube, door.client, observed.training, now)
        self._reporter = Reporter(listeners.events, door, observed)
        self._tracer = Tracer(listeners.traces, door, observed)
        self._comparer = comparer or Comparer()
        self.foreseen: Observed | None = None
        """What the next look would see; None where only that look can tell."""

    async def perform(self, action: Action) -> None:
        """Do one thing. A race that was lost is no error: the next look tells."""
        _LOGGER.debug("%s: %s", self._training.key, type(action).__name__)
        self._tracer.saw()
        match action:
            case OpenAttempt():
                await self._open(action)
            case CompareData():
                await self._compare(action)
            case CloseAttempt():
                await self._close(action)
            case CreateJob() | DeleteJob() | OwnJob():
                await self._handle_job(action)
            case Publish():
                await self._publish(action.attempt)
            case Promote() | GiveUp() | Record():
                await self._write(action)
            case _:
                assert_never(action)

    async def _write(self, action: Promote | GiveUp | Record) -> None:
        match action:
            case Promote():
                entry, memory = action.entry, self._memory
                if await promote(self._client, self._training, memory, entry):
                    await self._record(entry)
            case GiveUp():
                await self._publisher.give_up(action.commit)
            case Record():
                await self._record(*action.entries)
            case _:
                assert_never(action)

    async def _handle_job(self, action: CreateJob | DeleteJob | OwnJob) -> None:
        match action:
            case CreateJob():
                await self._create_job(action.attempt, self._observed)
            case DeleteJob():
                await self._delete_job(action.name)
            case OwnJob():
                await self._own_job(action)
            case _:
                assert_never(action)

    async def _close(self, action: CloseAttempt) -> None:
        with self._meter.closing(self._observed, action, self._now()):
            closed = await self._closer.close(action)
        now, outcome = self._now(), closed[0] if closed else None
        self._meter.closed(self._observed, action, outcome, now)
        self._reporter.closed(action.attempt, outcome, now=now)
        if closed is not None:
            self.foreseen = foresight.with_closed(
                self._observed, action.attempt, closed[1], now
            )

    async def _open(self, action: OpenAttempt) -> None:
        task, training = action.task, self._training
        self._memory.slots = max(self._memory.slots, action.slot + 1)
        wanted = runs.new_attempt(
            training,
            task.commit.id,
            action.number,
            self._observed.spec_digest,
            opened=self._now(),
            request=task.request,
            slot=action.slot,
            begins_from=action.begins_from,
            gate=action.gate,
            trial=action.trial,
        )
        branch = places.slot_branch(training, action.slot)
        try:
            staging = await self._client.start_commit(
                branch, description=runs.describe_attempt(wanted)
            )
        except HeadOpenError as error:
            await self._find_stranger(branch, error)
            return  # Another operator was faster; its attempt is ours too.
        attempt = replace(wanted, staging=staging)
        await self._prepare(attempt)
        opened = foresight.with_attempt(self._observed, attempt, task.commit)
        if task.commit.state is CommitState.FINISHED:
            await self._create_job(attempt, opened)
        else:
            self.foreseen = opened

    async def _compare(self, action: CompareData) -> None:
        repo, (base, commit) = self._input, (action.base, action.commit)
        found = await self._comparer.compare(
            self._client, repo, base, commit, action.path
        )
        if found is not None:
            self._memory.learn((base, commit, action.path), found)

    @property
    def _input(self) -> Repo:
        return places.input_branch(self._training).repo

    async def _find_stranger(self, branch: Branch, error: HeadOpenError) -> None:
        """Raise a HeadOpenError where what is open in a slot is no attempt at all."""
        head = await self._client.head(branch)
        if head is None or head.state is not CommitState.OPEN:
            return
        if runs.read_attempt(head) is None:
            detail = f"{head.held_open(branch)}, and training goes on"
            raise HeadOpenError(error.service, error.call, detail) from error

    async def _prepare(self, attempt: Attempt) -> None:
        """Clear what the staging commit inherits, and write down what is asked."""
        request = runs.build_request(attempt, self._observed.spec)
        changes: list[Change] = [
            DeletePath("/"),
            PutFile(runs.ATTEMPT_FILE, runs.canonical(request)),
        ]
        repo = places.run_repo(self._training)
        await self._client.modify(repo, attempt.staging, changes)
        self._memory.prepared.add(attempt.staging)

    async def _is_prepared(self, attempt: Attempt) -> bool:
        if attempt.staging not in self._memory.prepared:
            repo, path = places.run_repo(self._training), runs.ATTEMPT_FILE
            found: bytes | None = None
            with suppress(TooLargeError):
                found = await self._client.read(
                    repo, attempt.staging, path, limit=_REQUEST_LIMIT
                )
            asked = runs.build_request(attempt, self._observed.spec)
            if found != runs.canonical(asked):
                return False
            self._memory.prepared.add(attempt.staging)
        return True

    async def _create_job(self, attempt: Attempt, seen: Observed) -> None:
        """Create the TFJob, in a staging commit that is known to be clean.

        When it is not, whoever opened it died before it was prepared. The call that
        prepares it may still be under way, and would take away what a job wrote
        until then; so the attempt is given up, and that call finds it closed.
        """
        if not await self._is_prepared(attempt):
            message = "Whoever opened it did not come to prepare it."
            outcome = given_up("Unprepared", message)
            await self._closer.close(CloseAttempt(attempt, outcome))
            return
        traced_at = self._now() if self._tracer.is_on else None
        request = order_job(
            self._observed, attempt, self._endpoint, traced_at=traced_at
        )
        with self._meter.starting(self._observed, attempt, self._now()):
            body = build_tfjob(request)
            created = await self._kube.create_job(request.namespace, body)
        self._memory.created.add(request.name)
        self._reporter.started(attempt, now=self._now())
        if created is not None:
            self._meter.started(self._observed, attempt, self._now())
            await self._announce(announce.tell_run(attempt, request.name))
            version = created["metadata"].get("resourceVersion", "")
            self._memory.jobs[request.name] = version
            self.foreseen = foresight.with_job(seen, read_job(created, ()))

    async def _delete_job(self, name: str) -> None:
        """Delete a job behind its fence, which another operator may just have moved.

        Jobs and attempts were read side by side, so the job may belong to an
        attempt that was opened in between: only a fresh look tells.
        """
        job = self._observed.jobs.get(name)
        if job is not None and job.staging and await self._is_open(job.staging):
            self._memory.slots = 0  # It may be in one that was not there then.
            return
        await self._kube.delete_job(self._training.namespace, name)

    async def _is_open(self, staging: str) -> bool:
        commit = await self._client.commit(places.run_repo(self._training), staging)
        return commit is not None and commit.state is CommitState.OPEN

    async def _own_job(self, action: OwnJob) -> None:
        owners = [owner_of(self._training.name, self._training.uid)]
        await self._kube.set_owners(
            self._training.namespace, action.name, owners if action.owned else []
        )

    async def _publish(self, attempt: Attempt) -> None:
        with self._meter.publishing():
            entry = await self._publisher.publish(
                attempt, self._observed.ledger, now=self._now()
            )
        await self._record(entry)

    async def _record(self, *decided: Entry) -> None:
        entries = lanes.in_order(self._observed, decided)
        branch = places.ledger_branch(self._training)
        with self._meter.recording(self._observed, entries):
            await self._client.append(branch, LEDGER_FILE, to_lines(entries))
        for announcement in announce.tell_entries(entries):
            await self._announce(announcement)
        await self._reporter.decided(entries)
        await self._tracer.decided(entries)

    async def _announce(self, announcement: Announcement) -> None:
        await post(self._kube, self._training, announcement, now=self._now())
