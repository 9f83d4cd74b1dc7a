"""Look at the world: everything that one decision may rest on, read anew.

What can be read side by side is; what cannot have changed (a ledger whose branch
has the same head, an output branch likewise) is remembered from the last look.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from mnist_operator import runs
from mnist_operator.access import Access, Door
from mnist_operator.backlog import Backlog
from mnist_operator.commits import Commit, CommitState, Repo
from mnist_operator.kube import Kube
from mnist_operator.ledger import LEDGER_FILE, Entry, Ledger
from mnist_operator.lineage import model_of, publication_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.plan import Observed, Source
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt
from mnist_operator.summary import created_jobs
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL, Job, read_job

__all__ = ["Memory", "Observer", "recall"]

_LEDGER_LIMIT = 256 * 1024 * 1024
_SHOWN = 10


@dataclass(slots=True)
class Memory:
    """What is remembered of one training between two looks; losing it is harmless."""

    backlog: Backlog = field(default_factory=Backlog)
    ledger: Ledger = field(default_factory=Ledger)
    ledger_head: str | None = None
    output_head: str | None = None
    repos_made: bool = False
    created: set[str] = field(default_factory=set)
    """TFJobs that this process created."""
    prepared: set[str] = field(default_factory=set)
    """Staging commits that are known to be clean."""
    waiting: tuple[Observed, Door] | None = None
    """The last look, if all is prepared and only the data is not finished."""


class Observer:
    """Reads Kubernetes and Pachyderm; changes nothing but missing repos."""

    def __init__(self, kube: Kube, access: Access, *, default_image: str) -> None:
        self._kube = kube
        self._access = access
        self._default_image = default_image

    async def observe(
        self, training: MnistTraining, memory: Memory
    ) -> tuple[Observed, Door]:
        """Everything about one training, and the way to act on it."""
        memory.waiting = None
        door = await self._access.open(training)
        client = door.client
        if not memory.repos_made:
            await _make_repos(client, training)
            memory.repos_made = True
        head, ledger, attempt, output, jobs = await asyncio.gather(
            client.head(runs.input_branch(training)),
            _read_ledger(client, training, memory),
            _read_attempt(client, training),
            client.head(runs.output_branch(training)),
            self._jobs(training),
        )
        source, models, bodies = await asyncio.gather(
            _look_at_source(client, training, memory, head, ledger),
            _unrecorded(client, training, memory, output, ledger),
            self._with_pods(training, attempt, jobs),
        )
        spec = runs.run_spec(training, default_image=self._default_image)
        observed = Observed(
            training=training,
            spec=spec,
            spec_digest=runs.digest(spec),
            ledger=ledger,
            source=source,
            attempt=attempt,
            input_commit=await _input_commit(client, training, attempt, source),
            jobs=bodies,
            created=created_jobs(training.status.get("active") or ())
            | frozenset(memory.created),
            unrecorded=models,
            output_holder=_holder(output, training),
            orphan=_orphan(output, training, ledger),
        )
        if _waits_for_data(observed):
            memory.waiting = observed, door
        return observed, door

    async def _jobs(self, training: MnistTraining) -> list[dict[str, Any]]:
        selector = f"{TRAINING_LABEL}={training.name}"
        return await self._kube.list_jobs(training.namespace, selector)

    async def _with_pods(
        self,
        training: MnistTraining,
        attempt: Attempt | None,
        bodies: list[dict[str, Any]],
    ) -> dict[str, Job]:
        """Every TFJob; pods only of the one that is under way."""
        pods: list[dict[str, Any]] = []
        own = attempt.staging if attempt and attempt.is_open else ""
        if any(body["metadata"]["labels"].get(RUN_LABEL) == own for body in bodies):
            selector = f"{TRAINING_LABEL}={training.name},{RUN_LABEL}={own}"
            pods = await self._kube.list_pods(training.namespace, selector)
        jobs = [
            read_job(b, pods if b["metadata"]["labels"].get(RUN_LABEL) == own else ())
            for b in bodies
        ]
        return {job.name: job for job in jobs}


def recall(
    training: MnistTraining, memory: Memory, final: Commit | None
) -> tuple[Observed, Door] | None:
    """The last look again, with the one thing changed that it waited for.

    From a finished commit to its TFJob every call counts, and nothing but the
    commit was missing. What changed besides, somebody else changed: the job that
    is created then cannot reach anything, since its attempt is closed, and the
    next look deletes it. Valid once.
    """
    waiting, memory.waiting = memory.waiting, None
    if waiting is None or final is None or final.state is not CommitState.FINISHED:
        return None
    last, door = waiting
    source, same = last.source, (training.uid, training.spec)
    if last.input_commit is None or final.id != last.input_commit.id:
        return None
    if (last.training.uid, last.training.spec) != same:
        return None
    if source.head is None or source.first is None or source.head.id != final.id:
        return None
    source = replace(source, head=final, first=final)
    return replace(last, training=training, input_commit=final, source=source), door


def _waits_for_data(observed: Observed) -> bool:
    """Whether an attempt is open without a job, since its data is not finished."""
    attempt, commit = observed.attempt, observed.input_commit
    if attempt is None or not attempt.is_open or commit is None:
        return False
    name = runs.job_name(observed.training.name, attempt.staging)
    return name not in observed.jobs and commit.finished is None


async def _make_repos(client: Pachyderm, training: MnistTraining) -> None:
    output = runs.output_branch(training).repo
    for repo, purpose in (
        (output, "Models, one commit each, by mnist-operator."),
        (runs.run_repo(training), "Attempts, logs and ledgers of mnist-operator."),
    ):
        if not await client.repo_exists(repo):
            await client.create_repo(repo, purpose)


async def _read_ledger(
    client: Pachyderm, training: MnistTraining, memory: Memory
) -> Ledger:
    branch = runs.ledger_branch(training)
    head = await client.branch_head_id(branch)
    if head != memory.ledger_head:
        content = b""
        if head is not None:
            content = (
                await client.read(branch.repo, head, LEDGER_FILE, limit=_LEDGER_LIMIT)
                or b""
            )
        memory.ledger, memory.ledger_head = Ledger.parse(content), head
    return memory.ledger


async def _read_attempt(client: Pachyderm, training: MnistTraining) -> Attempt | None:
    commit = await client.head(runs.slot_branch(training))
    return runs.read_attempt(commit) if commit else None


async def _look_at_source(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    head: Commit | None,
    ledger: Ledger,
) -> Source:
    branch = runs.input_branch(training)
    gone = await memory.backlog.look(client, branch, head, ledger)
    commits = memory.backlog.commits
    return Source(
        repo_exists=head is not None or await client.repo_exists(branch.repo),
        head=head,
        start_commit=await _start_commit(client, training, branch.repo, ledger),
        first=commits[0] if commits and not gone else None,
        waiting=tuple(commits[:_SHOWN]),
        pending=len(commits),
        gone=gone,
    )


async def _start_commit(
    client: Pachyderm, training: MnistTraining, repo: Repo, ledger: Ledger
) -> Commit | None:
    asked = training.spec.trigger.start_from
    settled = ledger.start is not None and ledger.start.asked == asked
    if settled or asked in {"Latest", "Next", "Earliest"}:
        return None
    return await client.commit(repo, asked)


async def _input_commit(
    client: Pachyderm,
    training: MnistTraining,
    attempt: Attempt | None,
    source: Source,
) -> Commit | None:
    """The commit of an open attempt, as fresh as the rest of this look."""
    if attempt is None or not attempt.is_open:
        return None
    for known in (source.head, source.first):
        if known is not None and known.id == attempt.commit:
            return known
    return await client.commit(runs.input_branch(training).repo, attempt.commit)


async def _unrecorded(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    head: Commit | None,
    ledger: Ledger,
) -> tuple[Entry, ...]:
    """Models of ours above the last one that the ledger knows, oldest first."""
    until = ledger.published.output if ledger.published else memory.output_head
    if head is None or head.id in {memory.output_head, until}:
        return ()
    found: list[Entry] = []
    history = client.history(head.repo, head.id, until=until or None)
    async with aclosing(history):
        async for commit in history:
            model = model_of(commit, training.key)
            if model is None:
                continue
            if model.run in ledger.runs:
                break
            if commit.state is CommitState.FINISHED:
                found.append(publication_of(commit, model))
    if head.state in {CommitState.FINISHED, CommitState.ERRORED} and not found:
        memory.output_head = head.id
    return tuple(reversed(found))


def _holder(head: Commit | None, training: MnistTraining) -> str:
    """The output branch's open head, when it is not this training's own."""
    if head is None or head.state is not CommitState.OPEN:
        return ""
    return "" if model_of(head, training.key) else head.id


def _orphan(head: Commit | None, training: MnistTraining, ledger: Ledger) -> str:
    """The output branch's open head, when it is ours and its run has been decided.

    A call of an operator that is dead may still have opened it.
    """
    if head is None or head.state is not CommitState.OPEN:
        return ""
    model = model_of(head, training.key)
    return head.id if model and model.run in ledger.runs else ""
