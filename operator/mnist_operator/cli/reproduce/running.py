"""Making a model again: open a staging commit, run its TFJob, close it behind that.

The open head of the branch is the lock, as for the operator's own attempts: who asks
for the same model while it is being made joins, who asks for another is told to wait.
Nothing depends on this process: what it began, the next one finds and goes on with.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mnist_operator import runs
from mnist_operator.attempts import read_failure
from mnist_operator.cli.failures import NoAnswerError, RunFailedError, TimedOutError
from mnist_operator.cli.jobs import Jobs, SilentError
from mnist_operator.cli.reproduce import run as staging
from mnist_operator.cli.reproduce.recipes import Recipe, impossible
from mnist_operator.cli.reproduce.run import Run
from mnist_operator.commits import Commit, CommitState
from mnist_operator.errors import (
    AlreadyFinishedError,
    HeadOpenError,
    NotFoundError,
)
from mnist_operator.pachyderm import Change, DeletePath, Pachyderm, PutFile
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.tfjob import RUN_LABEL, Endpoint, Job, JobPhase, read_job

__all__ = ["Reproducer"]

_LOOK_SECONDS = 1.0
_PREPARED_SECONDS = 10.0
"""So long whoever opened a staging commit has to write into it what is to be run."""
_FINISH_SECONDS = 300.0
_LOG_LINES = 10_000
_SHOWN_LINES = 20
_SHOWN_CHARACTERS = 200
_ERROR_LIMIT = 300
_NO_IMAGE = "ImageNotPulled"
_NOT_PULLED = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")


@dataclass(frozen=True, slots=True)
class Reproducer:
    """Makes one model again."""

    client: Pachyderm
    jobs: Jobs
    recipe: Recipe
    namespace: str
    """Where the TFJob is to be."""
    tell: Callable[[str], None]
    """Somebody waits: what goes on."""
    pull_seconds: float
    """So long its image may fail to be pulled."""
    keep: bool = False
    """Whether its TFJob stays when it has ended."""

    async def start(self, endpoint: Endpoint, job: Mapping[str, Any]) -> Run:
        """Start it, or join one that is under way.

        Raises:
            NoAnswerError: Another one is under way, or Kubernetes takes no TFJob.
        """
        run = await self._open() or await self._join() or await self._open()
        if run is None:
            raise NoAnswerError(
                f"{self.recipe.run_branch} changes hands just now: ask again"
            )
        body = staging.build_job(self.recipe, run, endpoint, job)
        try:
            created = await self.jobs.create(run.namespace, body)
        except SilentError:
            raise
        except NoAnswerError as error:
            outcome = Outcome(Verdict.FAILED, "NoTFJob", str(error))
            await self._finish(run, outcome, {}, b"")
            raise
        verb = "created" if created else "is there already: joining it"
        self.tell(f"TFJob {run.namespace}/{run.tfjob} {verb}")
        return run

    async def _open(self) -> Run | None:
        """Open a staging commit and write down what is run; None: one is open."""
        branch, plan = self.recipe.run_branch, self._plan()
        description = staging.describe(self.recipe, self.namespace)
        try:
            commit = await self.client.start_commit(branch, description=description)
        except HeadOpenError:
            return None
        except NotFoundError:
            purpose = "Attempts, logs and ledgers of mnist-operator."
            await self.client.create_repo(branch.repo, purpose)
            commit = await self.client.start_commit(branch, description=description)
        changes: list[Change] = [DeletePath("/"), PutFile(staging.PLAN_FILE, plan)]
        await self.client.modify(branch.repo, commit, changes)
        return staging.read_run(await self._commit(commit))

    def _plan(self) -> bytes:
        """reproduction.json."""
        asked = {
            "version": 1,
            "model": self.recipe.model,
            "lineageSha256": self.recipe.identity,
            "inputCommit": self.recipe.input_commit,
            "spec": self.recipe.spec,
        }
        return runs.canonical(asked)

    async def _join(self) -> Run | None:
        """The run that is under way, if it is this one; None: it is over by now."""
        branch = self.recipe.run_branch
        head = await self.client.head(branch)
        if head is None or head.state is not CommitState.OPEN:
            return None
        run = staging.read_run(head)
        if run is None:
            raise NoAnswerError(
                f"commit {head.id} on {branch} is held open by somebody else: finish"
                f" it with pachctl finish commit {branch}"
            )
        ours = self.recipe.identity, self.recipe.image, self.namespace
        if ours != (run.identity, run.image, run.namespace):
            raise NoAnswerError(
                f"a reproduction of {run.model} with image {run.image} is under way as"
                f" TFJob {run.namespace}/{run.tfjob}: wait for it with the same"
                f" command, or give it up with pachctl finish commit {branch}"
            )
        if await self._is_prepared(run):
            return run
        # Who opened it died, or will find it closed: nothing is lost.
        await self._finish(run, Outcome(Verdict.ABANDONED, "Unprepared"), {}, b"")
        return None

    async def _is_prepared(self, run: Run) -> bool:
        """Whether the staging commit is clean, and says what is to be run."""
        repo = self.recipe.run_branch.repo
        with suppress(TimeoutError):
            async with asyncio.timeout(_PREPARED_SECONDS):
                while True:
                    if await self.client.read(repo, run.staging, staging.PLAN_FILE):
                        return True
                    await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def wait(self, run: Run, seconds: float | None) -> Run:
        """Wait for the end of the TFJob, and close the staging commit behind it.

        Raises:
            RunFailedError: It failed; the end of its log has been told.
            UntrustedRecordError: Its image is not to be had.
            TimedOutError: It has not ended in time; it goes on.
        """
        last: list[str] = ["not seen yet"]
        try:
            async with asyncio.timeout(seconds):
                job = await self._follow(run, last)
        except TimeoutError:
            raise TimedOutError(
                f"timed out after {seconds:g} seconds: TFJob"
                f" {run.namespace}/{run.tfjob} is {last[-1]}; the same command waits"
                " for it again"
            ) from None
        ended = await self._close(run, job)
        if not self.keep:
            await self.jobs.delete(run.namespace, run.tfjob)
        if ended.succeeded:
            return ended
        why = ended.outcome or {"reason": "Closed", "message": "somebody closed it"}
        if why["reason"] == _NO_IMAGE:
            told = f"image {run.image} cannot be pulled ({why['message']})"
            remedy = "put it back, or name another one with --image"
            raise impossible(run.model, f"{told}: {remedy}")
        raise RunFailedError(
            f"run {self.recipe.run_branch.repo}@{run.staging} has failed:"
            f" {why['reason']}: {why['message']}"
        )

    async def _follow(self, run: Run, last: list[str]) -> Job | None:
        """Tell how the TFJob stands until it is over; None when it is gone.

        It is over, too, when its image could not be pulled for too long.
        """
        selector, now = f"{RUN_LABEL}={run.staging}", asyncio.get_running_loop().time
        pulled = now()
        while True:
            try:
                bodies = await self.jobs.tfjobs(run.namespace, selector)
                pods = await self.jobs.pods(run.namespace, selector)
                if not bodies:
                    return None
                job = read_job(bodies[0], pods)
                state = _tell_state(job)
            except SilentError as error:
                job, state = None, f"unknown: {error}"
            if state != last[-1]:
                last.append(state)
                self.tell(f"TFJob {run.namespace}/{run.tfjob} is {state}")
            if job is None or not any(why in job.message for why in _NOT_PULLED):
                pulled = now()
            if job is not None and job.is_terminal:
                return job
            if now() - pulled > self.pull_seconds:
                return job
            await asyncio.sleep(_LOOK_SECONDS)

    async def _close(self, run: Run, job: Job | None) -> Run:
        """Write down how it ended; from then on nothing can be written to it."""
        now = datetime.now(UTC)
        facts = staging.facts_of(job, now) if job else {}
        log = b""
        if job is not None and job.pod:
            log = await self.jobs.tail(run.namespace, job.pod, _LOG_LINES)
        outcome = _judge(job)
        ended = await self._finish(run, outcome, facts, log)
        if not ended.succeeded and log:
            tail = log.decode(errors="replace").splitlines()[-_SHOWN_LINES:]
            self.tell("\n".join(["The end of its log:", *tail]))
        return ended

    async def _finish(
        self, run: Run, outcome: Outcome, facts: Mapping[str, str], log: bytes
    ) -> Run:
        repo = self.recipe.run_branch.repo
        good = outcome.verdict is Verdict.SUCCEEDED
        error = f"{outcome.reason}: {outcome.message}"[:_ERROR_LIMIT]
        description = staging.describe_end(self.recipe, run.namespace, outcome, facts)
        with suppress(AlreadyFinishedError):  # Somebody who waits as well was faster.
            await self.client.modify(repo, run.staging, [PutFile(runs.LOG_FILE, log)])
            await self.client.finish_commit(
                repo,
                run.staging,
                description=description,
                error=None if good else error,
            )
        closed = await self._commit(run.staging, wait=True)
        return staging.read_run(closed) or run

    async def _commit(self, name: str, *, wait: bool = False) -> Commit:
        repo = self.recipe.run_branch.repo
        found = await self.client.commit(
            repo, name, wait_finished=wait, timeout=_FINISH_SECONDS
        )
        if found is None:
            raise NoAnswerError(f"staging commit {repo}@{name} was dropped meanwhile")
        return found


def _tell_state(job: Job) -> str:
    why = " ".join(job.message.split())[:_SHOWN_CHARACTERS]
    return f"{job.phase}{f' ({why})' if why else ''}"


def _judge(job: Job | None) -> Outcome:
    if job is None:
        message = "somebody deleted its TFJob while it ran"
        return Outcome(Verdict.FAILED, "TFJobDeleted", message)
    if job.phase is JobPhase.SUCCEEDED:
        return Outcome(Verdict.SUCCEEDED)
    if not job.is_terminal:
        why = " ".join(job.message.split())
        return Outcome(Verdict.FAILED, _NO_IMAGE, why)
    return read_failure(job, ())
