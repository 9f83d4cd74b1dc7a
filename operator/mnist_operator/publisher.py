"""Publish one run: its files and its record become one commit, once.

An open head is the lock; of which branch, and how readers come to see the commit, is
the outlet's affair. Whoever holds the lock looks again whether the model is there
already, so two operators, or one that slept for an hour between its look and its
act, cannot publish twice. After a crash the open commit is adopted, and the stream
is sent again, which changes nothing.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mnist_operator import outlet, places, runs
from mnist_operator.commits import Commit, CommitState, File
from mnist_operator.decisions import Entry, failure_of
from mnist_operator.errors import (
    AlreadyFinishedError,
    ConflictError,
    InputGoneError,
    TooLargeError,
    UpstreamError,
)
from mnist_operator.evidence import (
    BUNDLE_FILE,
    LINEAGE_FILE,
    Evidence,
    HashedFile,
    find_fault,
    is_request,
    with_verdict,
)
from mnist_operator.foreign import read_json
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import (
    build_statement,
    describe_model,
    metadata_entries,
    model_of,
    publication_of,
    read_model,
)
from mnist_operator.outlet import FINISH_SECONDS, Outlet
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.outlet_plain import PlainOutlet
from mnist_operator.pachyderm import Change, CopyFile, DeletePath, Pachyderm, PutFile
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, canonical
from mnist_operator.signing import read_key, sign_statement
from mnist_operator.test_result import PROMOTION_FILE
from mnist_operator.trial import REPORT

__all__ = ["Publisher"]

_REPORT_LIMIT = 4 * 1024 * 1024
"""Bytes of run.json: more than any trainer has to say; a record has most of it."""
_MOST_FILES = 10_000
"""Each is read, and has a line in the record: this many take pachd a minute or two."""


class Publisher:
    """Publishes the closed, successful attempts of one training."""

    def __init__(
        self,
        client: Pachyderm,
        training: MnistTraining,
        *,
        key_file: Path | None = None,
    ) -> None:
        self._client = client
        self._training = training
        self._key_file = key_file
        self._runs = places.run_repo(training)
        native = training.spec.output.is_native
        self._outlet: Outlet = (PinnedOutlet if native else PlainOutlet)(
            client, training
        )

    async def publish(
        self, attempt: Attempt, ledger: Ledger, *, now: datetime
    ) -> Entry:
        """Publish, and say in one ledger entry what came of it.

        Raises:
            HeadOpenError: Somebody else holds the output branch's head open.
            PinDeniedError: Native provenance, and the token may not pin the input.
            SigningKeyError: Records are to be signed, and the key cannot be used.
            UpstreamError: Pachyderm did not answer; calling again goes on.
        """
        evidence, fault = await self._gather(attempt)
        if fault:
            return failure_of(attempt, "OutputInvalid", fault, now=now)
        # Before anything is opened: a key that cannot be used must hold nobody up.
        key = read_key(self._key_file) if self._key_file is not None else None
        try:
            place = await self._outlet.open(attempt, evidence, ledger)
        except InputGoneError as error:
            return failure_of(attempt, "InputGone", error.detail, now=now)
        commit = place.commit
        if commit.state is CommitState.OPEN:
            previous = await self._previous(commit, ledger)
            evidence = replace(evidence, previous=previous)
            commit = await self._fill(commit, evidence, key)
        if commit.state is CommitState.ERRORED:
            return failure_of(attempt, "PublishFailed", commit.error, now=now)
        if not place.is_shown:
            await self._outlet.show(commit)
        model = read_model(commit)
        if model is None:
            detail = f"commit {commit.id} was given another description"
            raise UpstreamError("pachd", "InspectCommit", detail)
        return publication_of(commit, model)

    async def _gather(self, attempt: Attempt) -> tuple[Evidence, str]:
        """What is known of a run, and what is wrong with it; empty for a good one."""
        await self._wait_closed(attempt)
        found = Evidence({}, attempt.facts, {}, (), previous="")
        try:
            path = self._training.spec.output.path
            listed = await self._list(attempt)
            request, manifest, report = await asyncio.gather(
                self._read(attempt, listed.get(runs.ATTEMPT_FILE)),
                self._read(attempt, listed.get(runs.manifest_file(path))),
                self._read_report(attempt, listed, path),
            )
        except TooLargeError as error:  # It will be no smaller the next time.
            return found, f"It wrote more than can be published: {error.detail}."
        known = {runs.manifest_file(path): manifest}
        found = replace(
            found,
            attempt=_object(request),
            manifest=_object(manifest),
            files=[
                await self._hash(attempt, item, known.get(item.path))
                for item in listed.values()
                if item.path not in runs.OWN_FILES
            ],
        )
        if not is_request(attempt, found.attempt):
            return found, f"{runs.ATTEMPT_FILE} was changed while the job ran."
        fault = find_fault(found)
        if fault or attempt.trial is None:
            return found, fault
        return with_verdict(found, attempt.trial, report), ""

    async def _wait_closed(self, attempt: Attempt) -> None:
        """Behind the fence: what is read from here on cannot change any more."""
        closed = await self._client.commit(
            self._runs, attempt.staging, wait_finished=True, timeout=FINISH_SECONDS
        )
        if closed is None:
            detail = f"staging commit {attempt.staging} is gone"
            raise UpstreamError("pachd", "InspectCommit", detail)

    async def _read(self, attempt: Attempt, item: File | None) -> bytes:
        """A small file of the run; empty when it is missing."""
        if item is None:
            return b""
        if item.size > _REPORT_LIMIT:
            detail = f"{item.path} has {item.size} bytes, more than {_REPORT_LIMIT}"
            raise TooLargeError("pachd", "GetFile", detail)
        return b"".join([chunk async for chunk in self._chunks(attempt, item)])

    async def _read_report(
        self, attempt: Attempt, listed: Mapping[str, File], path: str
    ) -> bytes:
        """What the trainer counted; empty where it had nothing to count."""
        if attempt.trial is None:
            return b""
        return await self._read(attempt, listed.get(runs.beside(path, REPORT)))

    async def _list(self, attempt: Attempt) -> dict[str, File]:
        """Everything that is there, by path."""
        staging = attempt.staging
        files = await self._client.files(self._runs, staging, limit=_MOST_FILES)
        return {item.path: item for item in files}

    def _chunks(self, attempt: Attempt, item: File) -> AsyncGenerator[bytes]:
        # The commit is closed: what it was listed with is what it has.
        return self._client.chunks(
            self._runs, attempt.staging, item.path, size=item.size
        )

    async def _hash(
        self, attempt: Attempt, item: File, content: bytes | None
    ) -> HashedFile:
        """Its digest; of what was read already, if it was."""
        digest = hashlib.sha256(content or b"")
        if content is None:
            async with aclosing(self._chunks(attempt, item)) as chunks:
                async for chunk in chunks:
                    digest.update(chunk)
        return HashedFile(item.path, item.size, digest.hexdigest())

    async def _previous(self, commit: Commit, ledger: Ledger) -> str:
        """This training's newest model below a commit, wherever its branch was moved.

        It follows from the commit alone, so whoever fills it writes the same record.
        """
        known = ledger.published.output if ledger.published else ""
        if commit.parent is None or commit.parent == known:
            return commit.parent or ""
        async with aclosing(self._client.history(commit.repo, commit.parent)) as walk:
            async for older in walk:
                is_ours = model_of(older, self._training.key) is not None
                if is_ours and older.state is CommitState.FINISHED:
                    return older.id
        return ""

    async def give_up(self, commit: str) -> None:
        """Take a commit of the output repo off its branch if it is still open."""
        repo = places.output_branch(self._training).repo
        found = await self._client.commit(repo, commit)
        if found is not None and found.state is CommitState.OPEN:
            await outlet.give_up(self._client, found, "its run has been decided")

    async def _fill(
        self, commit: Commit, evidence: Evidence, key: bytes | None
    ) -> Commit:
        """Write everything in one stream, finish, and wait for the verdict."""
        statement = canonical(build_statement(evidence))
        sha256 = hashlib.sha256(statement).hexdigest()
        copies = [
            CopyFile(item.path, self._runs, evidence.attempt["staging"], item.path)
            for item in evidence.files
            if item.path != PROMOTION_FILE
        ]
        record: list[Change] = [PutFile(LINEAGE_FILE, statement)]
        if evidence.promotion:
            record.append(PutFile(PROMOTION_FILE, evidence.promotion))
        if key is not None:
            record.append(PutFile(BUNDLE_FILE, sign_statement(statement, key)))
        repo = commit.repo
        with suppress(AlreadyFinishedError):  # Another operator was faster.
            await self._client.modify(
                repo, commit.id, [DeletePath("/"), *copies, *record]
            )
            description = describe_model(evidence, statement_sha256=sha256)
            await self._outlet.confirm(commit)
            await self._client.finish_commit(repo, commit.id, description=description)
        finished = await outlet.wait_final(self._client, commit)
        if finished is None:
            detail = f"commit {commit.id} was dropped while it was published"
            raise UpstreamError("pachd", "FinishCommit", detail)
        if finished.error.startswith(outlet.GIVEN_UP):
            # Another operator took it for a stray one: the run is as good as it was.
            raise ConflictError("pachd", "FinishCommit", finished.error)
        await self._index(finished, evidence, sha256)
        return finished

    async def _index(self, commit: Commit, evidence: Evidence, sha256: str) -> None:
        """The metadata map: an index that pachd 2.10 and later have, best effort."""
        entries = metadata_entries(evidence, statement_sha256=sha256)
        with suppress(UpstreamError):
            await self._client.edit_metadata(commit.repo, commit.id, entries)


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object; empty for what is none."""
    value = read_json(content)
    return value if isinstance(value, dict) else {}
