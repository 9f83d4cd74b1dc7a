"""Publish one run: its files and its record become one commit, once.

The open head of the output branch is the lock. Whoever holds it looks again
whether the model is there already, so two operators, or one that slept for an
hour between its look and its act, cannot publish twice. After a crash the open
commit carries our description: it is adopted, and the stream is sent again, which
changes nothing.
"""

import asyncio
import hashlib
import json
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

from mnist_operator import places, runs
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.decisions import Entry, failure_of
from mnist_operator.errors import (
    AlreadyFinishedError,
    HeadOpenError,
    UpstreamError,
)
from mnist_operator.evidence import (
    LINEAGE_FILE,
    Evidence,
    HashedFile,
    find_fault,
    is_request,
)
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import (
    build_statement,
    describe_model,
    metadata_entries,
    model_of,
    publication_of,
    read_model,
)
from mnist_operator.pachyderm import CopyFile, DeletePath, Pachyderm, PutFile
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, canonical

__all__ = ["Publisher"]

_FINISH_SECONDS = 300.0
_REPORT_LIMIT = 16 * 1024 * 1024
"""Bytes of run.json and its like: more than any trainer has to say."""


class Publisher:
    """Publishes the closed, successful attempts of one training."""

    def __init__(self, client: Pachyderm, training: MnistTraining) -> None:
        self._client = client
        self._training = training
        self._branch: Branch = places.output_branch(training)
        self._runs = places.run_repo(training)

    async def publish(
        self, attempt: Attempt, ledger: Ledger, *, now: datetime
    ) -> Entry:
        """Publish, and say in one ledger entry what came of it.

        Raises:
            HeadOpenError: Somebody else holds the output branch's head open.
            UpstreamError: Pachyderm did not answer; calling again goes on.
        """
        await self._wait_closed(attempt)
        request, manifest = await asyncio.gather(
            self._read(attempt, runs.ATTEMPT_FILE),
            self._read(attempt, runs.manifest_file(self._training.spec.output.path)),
        )
        if not is_request(attempt, _object(request)):
            fault = f"{runs.ATTEMPT_FILE} was changed while the job ran."
            return failure_of(attempt, "OutputInvalid", fault, now=now)
        evidence = Evidence(
            attempt=_object(request),
            facts=attempt.facts,
            manifest=_object(manifest),
            files=await self._hash_files(attempt),
            previous=ledger.published.output if ledger.published else "",
        )
        if fault := find_fault(evidence):
            return failure_of(attempt, "OutputInvalid", fault, now=now)
        commit = await self._open(attempt, evidence, ledger)
        if commit.state is CommitState.OPEN:
            commit = await self._fill(commit, evidence)
        if commit.state is CommitState.ERRORED:
            return failure_of(attempt, "PublishFailed", commit.error, now=now)
        model = read_model(commit)
        if model is None:
            detail = f"commit {commit.id} was given another description"
            raise UpstreamError("pachd", "InspectCommit", detail)
        return publication_of(commit, model)

    async def _wait_closed(self, attempt: Attempt) -> None:
        """Behind the fence: what is read from here on cannot change any more."""
        closed = await self._client.commit(
            self._runs, attempt.staging, wait_finished=True, timeout=_FINISH_SECONDS
        )
        if closed is None:
            detail = f"staging commit {attempt.staging} is gone"
            raise UpstreamError("pachd", "InspectCommit", detail)

    async def _read(self, attempt: Attempt, path: str) -> bytes:
        """A small file of the run; empty when it is missing."""
        content = await self._client.read(
            self._runs, attempt.staging, path, limit=_REPORT_LIMIT
        )
        return content or b""

    async def _hash_files(self, attempt: Attempt) -> list[HashedFile]:
        """Everything that is to be published."""
        staging = attempt.staging
        return [
            HashedFile(item.path, item.size, await self._hash(staging, item.path))
            for item in await self._client.files(self._runs, staging)
            if item.path not in runs.OWN_FILES
        ]

    async def _hash(self, commit: str, path: str) -> str:
        digest = hashlib.sha256()
        chunks = self._client.chunks(self._runs, commit, path)
        async with aclosing(chunks):
            async for chunk in chunks:
                digest.update(chunk)
        return digest.hexdigest()

    async def _open(
        self, attempt: Attempt, evidence: Evidence, ledger: Ledger
    ) -> Commit:
        """The commit to write: ours that a crash left open, or a new one."""
        head = await self._client.head(self._branch)
        if head is not None and head.state is CommitState.OPEN:
            model = model_of(head, self._training.key)
            if model is None:
                detail = f"commit {head.id} is held open by somebody else"
                raise HeadOpenError("pachd", "StartCommit", detail)
            if model.run == attempt.staging:
                return await self._settle_twins(head, attempt, ledger)
            await self._give_up(head, "abandoned by a later run")
        opened = await self._client.start_commit(
            self._branch, description=describe_model(evidence)
        )
        commit = await self._client.commit(self._branch.repo, opened)
        if commit is None:
            detail = f"commit {opened} is gone before it was written"
            raise UpstreamError("pachd", "StartCommit", detail)
        return await self._settle_twins(commit, attempt, ledger)

    async def _settle_twins(
        self, commit: Commit, attempt: Attempt, ledger: Ledger
    ) -> Commit:
        """With the lock in hand: the model of this turn may be there already."""
        until = ledger.published.output if ledger.published else None
        if commit.parent is None or commit.parent == until:
            return commit
        history = self._client.history(commit.repo, commit.parent, until=until)
        async with aclosing(history):
            async for older in history:
                model = model_of(older, self._training.key)
                if (
                    model is not None
                    and model.turn == attempt.turn
                    and older.state is not CommitState.ERRORED
                ):
                    await self._give_up(commit, f"published already as {older.id}")
                    return older
        return commit

    async def give_up(self, commit: str) -> None:
        """Take a commit off the output branch if it is still open."""
        found = await self._client.commit(self._branch.repo, commit)
        if found is not None and found.state is CommitState.OPEN:
            await self._give_up(found, "its run has been decided")

    async def _give_up(self, commit: Commit, why: str) -> None:
        """Take an open commit off the branch.

        Where that is not allowed, it is ended, with nothing but what it inherits.
        """
        try:
            await self._client.drop_commit(commit.repo, commit.id)
        except UpstreamError:
            with suppress(AlreadyFinishedError):
                await self._client.clear_commit(commit.repo, commit.id)
                await self._client.finish_commit(commit.repo, commit.id, error=why)

    async def _fill(self, commit: Commit, evidence: Evidence) -> Commit:
        """Write everything in one stream, finish, and wait for the verdict."""
        statement = canonical(build_statement(evidence))
        sha256 = hashlib.sha256(statement).hexdigest()
        copies = [
            CopyFile(item.path, self._runs, evidence.attempt["staging"], item.path)
            for item in evidence.files
        ]
        record = PutFile(LINEAGE_FILE, statement)
        repo = commit.repo
        with suppress(AlreadyFinishedError):  # Another operator was faster.
            await self._client.modify(
                repo, commit.id, [DeletePath("/"), *copies, record]
            )
            description = describe_model(evidence, statement_sha256=sha256)
            await self._client.finish_commit(repo, commit.id, description=description)
        finished = await self._client.commit(
            repo, commit.id, wait_finished=True, timeout=_FINISH_SECONDS
        )
        if finished is None:
            detail = f"commit {commit.id} was dropped while it was published"
            raise UpstreamError("pachd", "FinishCommit", detail)
        await self._index(finished, evidence, sha256)
        return finished

    async def _index(self, commit: Commit, evidence: Evidence, sha256: str) -> None:
        """The metadata map: an index that pachd 2.10 and later have, best effort."""
        entries = metadata_entries(evidence, statement_sha256=sha256)
        with suppress(UpstreamError):
            await self._client.edit_metadata(commit.repo, commit.id, entries)


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object; empty for what is none."""
    with suppress(ValueError, RecursionError):
        value = json.loads(content)
        return value if isinstance(value, dict) else {}
    return {}
